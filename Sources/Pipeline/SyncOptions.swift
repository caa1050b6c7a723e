public import Domain
public import Reconciliation

/// How a run behaves.
public struct SyncOptions: Sendable {
    /// The field of event records that holds Daybook's key.
    public var keyField = OrgSchema.keyField
    /// The thresholds of the mass-change guard.
    public var changeGuard = ChangeGuard()
    /// Lets a plan pass the mass-change guard.
    public var allowsLargeChange = false
    /// Lets a replay overwrite values that were there before, or that people edited.
    public var replayOverwrites = false
    /// How many API calls may be used.
    public var budget = APIBudget()
    /// How many appointments a replay walks through at a time; up to four times as many that the
    /// same people have further on are in memory with them.
    public var replayWindow = 1_000
    /// Fields that are left alone, as `<object>.<field>`: neither written nor reported as drift.
    public var ignored: Set<String> = []
    /// Told what a run is doing, for people; never holds personal data.
    public var progress: @Sendable (String) -> Void = { _ in }

    /// Creates the usual options.
    public init() {}

    /// Whether a field is left alone: the one answer for writing and for reporting.
    ///
    /// - Parameters:
    ///   - object: The object.
    ///   - field: The field, in any letter case.
    /// - Returns: True for a field that is ignored.
    func ignores(_ object: ObjectName, _ field: FieldName) -> Bool {
        let name = "\(object.rawValue).\(field.rawValue)".lowercased()
        return ignored.contains { $0.lowercased() == name }
    }
}
