public import Domain

/// A write that was about to be made when its run was interrupted.
///
/// Nobody knows whether it took hold. If the record was changed since, and by nobody but us, then it
/// did; and where a value is not as it was sent, Salesforce gave it another form: a flow formatted a
/// phone number, for example. Without this rule our own value would look like one that was there
/// before us, and the field would be held for ever.
///
/// Source: `facts/ledger-and-reconciliation.md` 5.6.
public struct BegunWrite: Sendable {
    /// What one field held before, and what was to be written; texts that are equal for equal values.
    public struct Field: Hashable, Sendable {
        /// What it held before.
        public var before: String
        /// What was to be written.
        public var wish: String
        /// Whether the texts are digests, because the values come from a person.
        public var isPersonal: Bool

        /// Creates a field.
        public init(before: String, wish: String, isPersonal: Bool) {
            (self.before, self.wish, self.isPersonal) = (before, wish, isPersonal)
        }
    }

    /// What was to be done.
    public var kind: PlanOperation.Kind
    /// Why; nil if that is not known.
    public var reason: Reason?
    /// The object.
    public var object: ObjectName
    /// The record; nil for one that was to be made.
    public var record: SalesforceID?
    /// The appointments that waited for it.
    public var appointments: [AppointmentID]
    /// The event behind it.
    public var cause: Cause
    /// The address of the person whose record was to be made, as far as it is not forgotten.
    public var email: EmailAddress?
    /// When the meeting begins whose event record was to be made.
    public var start: Instant?
    /// When it was planned, by our clock.
    public var planned: Instant
    /// The newest change of the record before the write, by the org's clock; for a record that was
    /// to be made, when that was planned, by ours.
    public var since: Instant
    /// The fields that were to be written.
    public var fields: [FieldName: Field]
    /// The newest event that was considered for each of the ``fields``.
    public var considered: [FieldName: Cause] = [:]
    /// The records that ``fields`` were to name, for those that waited for one to be made first.
    public var awaited: [FieldName: [RecordReference]] = [:]
    /// The operations of whose records nobody knew yet when this write was sent.
    public var learnedLater: Set<OperationID> = []
    /// Whether the ledger learned of a record of its subject after it was intended.
    ///
    /// The results of a job named what it made then; a link from before is to what it was to replace.
    public var isLinkedSince = false
    /// Gives the texts by which fields are compared, formed like those of ``fields``.
    public var form: @Sendable (PlannedField) -> Field

    /// Creates a write.
    public init(
        kind: PlanOperation.Kind,
        object: ObjectName,
        record: SalesforceID?,
        appointments: [AppointmentID],
        cause: Cause,
        planned: Instant,
        since: Instant,
        fields: [FieldName: Field],
        form: @escaping @Sendable (PlannedField) -> Field
    ) {
        (self.kind, self.object, self.record) = (kind, object, record)
        (self.appointments, self.cause, self.since) = (appointments, cause, since)
        (self.planned, self.fields, self.form) = (planned, fields, form)
    }

    /// Whether a record shows that the write took hold, and that nobody changed it since.
    func tookHold(on record: ObservedRecord, ownUser: SalesforceID) -> Bool {
        guard record.lastModifiedBy == ownUser else { return false }
        guard kind == .create else { return record.stamp.map { $0 > since } ?? false }
        return made(record, ownUser: ownUser)
    }

    /// Whether the write made a record, whatever became of it since.
    func made(_ record: ObservedRecord, ownUser: SalesforceID) -> Bool {
        guard kind == .create, record.createdBy == ownUser else { return false }
        return record.created.map { $0 >= earliestCreation } ?? false
    }

    /// Whether a record holds what was to be written, as far as that can be compared.
    ///
    /// Salesforce spells numbers, moments and choices its own way, and may hide a field by now.
    func isHeld(by record: ObservedRecord) -> Bool {
        fields.allSatisfy { field, intended in
            switch record.fields[field] {
            case nil, .number?, .instant?, .choices?: true
            case let live?:
                form(standing(field, live, .adopt, .confirmedLate)).before == intended.wish
            }
        }
    }

    /// When the record can have been made at the earliest, by the org's clock.
    ///
    /// A day too early does no harm: a person's record that was there before would have been taken
    /// instead of making another, or its making has a receipt; and any other record stands for
    /// something in the ledger.
    public var earliestCreation: Instant { Self.earliestCreation(after: since) }

    /// When a record can have been made at the earliest, by the org's clock, that was called for at
    /// a time by ours.
    ///
    /// Our own clock may have been ahead then, and was set right since.
    ///
    /// - Parameter cause: When it was called for.
    /// - Returns: A day before that.
    public static func earliestCreation(after cause: Instant) -> Instant {
        cause.advanced(byMilliseconds: -clockError)
    }

    /// How far ahead our own clock may have been: milliseconds.
    private static let clockError: Int64 = 86_400_000

    /// A field that was to be written, as it stands in Salesforce now.
    func standing(
        _ field: FieldName,
        _ live: FieldValue,
        _ outcome: PlannedField.Outcome,
        _ reason: Reason
    ) -> PlannedField {
        PlannedField(
            field: field,
            outcome: outcome,
            reason: reason,
            live: live,
            desired: .value(live),
            cause: cause,
            version: nil,
            rule: "",
            isPersonal: fields[field]?.isPersonal ?? true
        )
    }
}
