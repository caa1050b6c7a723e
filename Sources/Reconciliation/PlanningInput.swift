public import Domain

/// Everything a plan is made from.
public struct PlanningInput: Sendable {
    /// The event records that appointments call for.
    public var events: [DesiredEventRecord] = []
    /// The records that people's bookings call for.
    public var people: [DesiredPersonRecord] = []
    /// What people's bookings call for in their accounts.
    public var accounts: [DesiredAccountRecord] = []
    /// The records that tell of bookings nobody was routed to.
    public var fallbacks: [DesiredFallbackRecord] = []
    /// The appointments that wait for each person's record.
    public var waiting: [PersonRecordKey: [AppointmentID]] = [:]
    /// What was fetched.
    public var directory = Directory()
    /// Which records stand for which subjects.
    public var links: [RecordSubject: RecordLink] = [:]
    /// Records that stand for something already, among those of ``Directory/fallbacks``.
    public var linked: Set<SalesforceID> = []
    /// Records whose making has a receipt, among those of ``Directory/made``.
    public var withReceipt: Set<SalesforceID> = []
    /// What is remembered of fields, by record.
    public var claims: [SalesforceID: [FieldName: Claim]] = [:]
    /// What the org says about its objects.
    public var schema = OrgSchema()
    /// The field that holds Daybook's key.
    public var keyField = OrgSchema.keyField
    /// Lets a replay overwrite values that were there before, or that people edited.
    public var replayOverwrites = false
    /// Writes that were begun and of whose outcome nothing is known.
    public var begun: [OperationID: BegunWrite] = [:]
    /// The user under whose name we write, as far as that was asked.
    public var ownUser: SalesforceID?
    /// Whether an operation failed before and waits, so that nothing can refer to what it makes.
    public var isWaiting: @Sendable (PlanOperation) -> Bool = { _ in false }

    /// Creates an empty input.
    public init() {}
}
