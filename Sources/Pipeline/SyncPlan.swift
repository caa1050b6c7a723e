public import Domain
import Journal
import Ledger
import Reconciliation
public import Salesforce

/// What a run would do, and what that was decided on.
public struct SyncPlan: Sendable {
    /// The org it is for.
    public var org: String
    /// The name of the ledger that it is made from.
    var ledger: String
    /// The end of the ledger when it was made.
    var head: LedgerHead
    /// The settings that were in force.
    var settings: [SettingsRevision]
    /// The appointments it looked at.
    public var appointments: [AppointmentID]
    /// What is done with each record.
    public var operations: [PlanOperation]
    /// The person under whose key an appointment's values are sealed.
    var bookers: [AppointmentID: PersonID]
    /// What the org says about its objects.
    var schema: OrgSchema
    /// Operations that failed before.
    var failures: [OperationID: FailureNote]
    /// Operations that were begun and whose outcome nobody knows.
    var unsettled: [OperationID: PlanOperation.Kind]
    /// Those of them of which is known what was to be written.
    var begun: [OperationID: BegunWrite] = [:]
    /// How many linked records of an object are not shown at all, and of how many.
    var vanished: [ObjectName: (count: Int, outOf: Int)] = [:]
    /// The field for Daybook's key.
    var keyField: FieldName
    /// The API calls made so far, and what the org last said of its allowance.
    public var usage: APIUsage
    /// What carrying it out takes.
    public var cost = PlanCost()
    /// What is known of the org's allowance.
    public var allowance: APIAllowance?
    /// How much of it may be used.
    public var budget = APIBudget()
    /// What it is a plan of.
    public internal(set) var basis = PlanBasis.changes
    /// Operations that were left out, because an interrupted run may have written to their records.
    ///
    /// A run that looks at all fields finds out what became of that: `daybook reconcile --all`.
    public internal(set) var leftOut: [OperationID] = []
    /// Operations that were counted and left out, because they change nothing.
    var omitted = RunSummary()
    /// How many appointments belong to what was asked for.
    var included = 0

    init(
        org: String,
        ledger: String,
        head: LedgerHead,
        settings: [SettingsRevision],
        appointments: [AppointmentID],
        operations: [PlanOperation],
        bookers: [AppointmentID: PersonID],
        schema: OrgSchema,
        failures: [OperationID: FailureNote],
        unsettled: [OperationID: PlanOperation.Kind],
        keyField: FieldName,
        usage: APIUsage
    ) {
        (self.org, self.ledger, self.head, self.settings) = (org, ledger, head, settings)
        (self.appointments, self.operations, self.bookers) = (appointments, operations, bookers)
        (self.schema, self.failures, self.unsettled) = (schema, failures, unsettled)
        (self.keyField, self.usage) = (keyField, usage)
    }

    /// The field by which records of an object are upserted; nil for an object without it.
    func upsertField(for object: ObjectName) -> FieldName? {
        schema.hasKeyField(keyField, on: object) ? keyField : nil
    }

    /// The operations counted.
    public var summary: RunSummary {
        var summary = omitted
        for operation in operations { summary.count(operation) }
        summary.apiCalls = cost.total
        return summary
    }

    /// How long a plan file may be applied: milliseconds.
    static let validity: Int64 = 24 * 3_600_000

    /// A text that changes when the settings change.
    var settingsDigest: String { Self.digest(of: settings) }

    /// A text that changes when settings are accepted.
    static func digest(of settings: [SettingsRevision]) -> String {
        settings.map { "\($0.version.rawValue)@\($0.position.rawValue)" }.joined(separator: ",")
    }

    /// The plan as a document; `Schemas/plan.schema.json` describes it.
    ///
    /// - Parameters:
    ///   - now: The time.
    ///   - isRevealed: Whether values that come from people are shown. Without, a plan can be
    ///     shared: such values stand as keyed digests.
    ///   - digest: Gives the keyed digest of a text.
    /// - Returns: The document.
    func document(
        now: Instant,
        isRevealed: Bool,
        digest: (String) -> ValueDigest
    ) -> JSON {
        let operations = operations.map { $0.document(isRevealed, digest) }
        let body = head(now: now) + [("operations", .array(operations))]
        let seal = digest(JSON.compact(body).text).hexadecimal
        return .compact([("id", .string(seal))] + body)
    }

    /// What stands in a plan before its operations.
    func head(now: Instant) -> [(String, JSON?)] {
        [
            ("format", .string("daybook.plan/1")),
            ("created", .string(now.rfc3339)),
            (
                "expires",
                .string(now.advanced(byMilliseconds: Self.validity).rfc3339)
            ),
            ("org", .string(org)),
            (
                "ledger",
                .compact([
                    ("name", .string(ledger)), ("position", .integer(head.position)),
                    ("root", .string(head.root.description)),
                ])
            ),
            ("settings", .string(settingsDigest)),
            ("basis", basis.document),
            (
                "leftOut",
                leftOut.isEmpty ? nil : .array(leftOut.map { .string($0.rawValue) })
            ),
            ("summary", summary.json),
            (
                "cost",
                .compact([
                    ("reads", .integer(cost.reads)), ("writes", .integer(cost.writes)),
                    ("jobs", .integer(cost.jobs)),
                    ("left", .integer(budget.left(allowance, made: 0))),
                    ("reserve", allowance.flatMap(budget.reserve).map { .integer($0) }),
                ])
            ),
        ]
    }
}

extension PlanBasis {
    /// The basis inside a plan, from which it can be made again; nil for the usual one.
    fileprivate var document: JSON? {
        switch self {
        case .changes: nil
        case .replay(let request, let isAccepted): replay(request, isAccepted)
        case .drift(let action, let places):
            .compact([
                ("kind", .string(action.rawValue)),
                ("places", .array(places.map { .string($0.name) })),
            ])
        case .undo(let run): .compact([("kind", .string("undo")), ("run", .string(run))])
        }
    }

    private func replay(_ request: ReplayRequest, _ isAccepted: Bool) -> JSON {
        let (version, document): (Int?, JSON?) =
            switch request.settings {
            case .inForce: (nil, nil)
            case .version(let version): (version.rawValue, nil)
            case .document(let document): (nil, SettingsDocument.encode(document))
            }
        return .compact([
            ("kind", .string("replay")),
            ("version", version.map { .integer($0) }),
            ("document", document),
            ("since", request.since.map { .string($0.rfc3339) }),
            ("eventType", request.eventType.map { .integer($0.rawValue) }),
            ("only", .array(request.fields.sorted().map { .string($0.rawValue) })),
            ("overwrites", .bool(request.overwrites)),
            ("accepted", .bool(isAccepted)),
        ])
    }
}

extension PlanOperation {
    /// The operation as it stands in a plan.
    func document(_ isRevealed: Bool, _ digest: (String) -> ValueDigest) -> JSON {
        .compact([
            ("operation", .string(id.rawValue)),
            ("kind", .string(kind.rawValue)),
            ("reason", .string(reason.rawValue)),
            ("object", .string(object.rawValue)),
            ("record", record.map { .string($0.rawValue) }),
            ("detail", detail.isEmpty ? nil : .string(detail)),
            ("stamp", stamp.map { .string($0.rfc3339) }),
            ("moves", moves.isEmpty ? nil : .array(moves.map(\.document))),
            (
                "candidates",
                candidates.count > 1 ? .array(candidates.map { .string($0.rawValue) }) : nil
            ),
            (
                "appointments",
                .array(appointments.map { .string($0.root.rawValue) })
            ),
            ("cause", cause.document),
            ("decision", .string(decision(digest))),
            ("fields", .array(fields.map { $0.document(isRevealed, digest) })),
        ])
    }
}

extension PlannedField {
    fileprivate func document(_ isRevealed: Bool, _ digest: (String) -> ValueDigest) -> JSON {
        .compact([
            ("field", .string(field.rawValue)),
            ("outcome", .string(outcome.rawValue)),
            ("reason", .string(reason.rawValue)),
            ("live", shown(live.json, isRevealed, digest)),
            ("desired", desired.map { shown($0.document, isRevealed, digest) }),
            ("rule", .string(rule)),
            ("version", version.map { .integer($0.rawValue) }),
            ("cause", cause.document),
            ("considered", considered == cause ? nil : considered.document),
            ("detail", detail.isEmpty ? nil : .string(detail)),
        ])
    }

    /// What stands in a plan for the value before and for the wished one.
    func comparableForm(_ digest: (String) -> ValueDigest) -> BegunWrite.Field {
        let wish = desired.map { shown($0.document, false, digest) } ?? .null
        return BegunWrite.Field(
            before: shown(live.json, false, digest).text,
            wish: wish.text,
            isPersonal: isPersonal
        )
    }

    /// A value, or its digest where it comes from a person and is not to be shown.
    private func shown(
        _ value: JSON,
        _ isRevealed: Bool,
        _ digest: (String) -> ValueDigest
    ) -> JSON {
        guard isPersonal, !isRevealed, value != .null else { return value }
        return .object([JSON.Member("digest", .string(digest(value.text).hexadecimal))])
    }
}

extension OutgoingValue {
    fileprivate var document: JSON {
        switch self {
        case .value(let value): value.json
        case .record, .records: .string(comparableText)
        }
    }
}

extension RecordMove {
    fileprivate var document: JSON {
        .compact([
            ("kind", .string(kind.rawValue)), ("from", .string(from.rawValue)),
            ("into", .string(into.rawValue)),
        ])
    }
}

extension Cause {
    fileprivate var document: JSON {
        .compact([
            ("position", .integer(position.rawValue)), ("occurred", .string(occurred.rfc3339)),
        ])
    }
}

/// What was counted in a plan or a run.
public struct RunSummary: Hashable, Sendable {
    /// Records made.
    public var create = 0
    /// Records changed.
    public var update = 0
    /// Records deleted.
    public var delete = 0
    /// Records of which something was held back.
    public var hold = 0
    /// Records that were as they should be.
    public var unchanged = 0
    /// Records whose write failed.
    public var failed = 0
    /// Fields that were held back, whatever became of the rest of their record.
    public var heldFields = 0
    /// Fields that were looked at and did not have to be written.
    public var writesAvoided = 0
    /// API calls made.
    public var apiCalls = 0
    /// Records left for a later run, because the budget of API calls was used up.
    public var postponed = 0

    /// Creates an empty summary.
    public init() {}

    /// Counts an operation as planned.
    mutating func count(_ operation: PlanOperation) {
        switch operation.kind {
        case .create: create += 1
        case .update: update += 1
        case .delete: delete += 1
        case .hold: hold += 1
        case .unchanged: unchanged += 1
        }
        countFields(operation)
    }

    /// Counts the fields of an operation that were not written.
    mutating func countFields(_ operation: PlanOperation) {
        heldFields += operation.fields.count { $0.outcome == .hold }
        writesAvoided += operation.fields.count { $0.outcome == .adopt || $0.outcome == .unchanged }
    }

    /// Whether anything would be, or was, written.
    public var hasWrites: Bool { create + update + delete > 0 }

    /// The counts as JSON.
    public var json: JSON {
        .compact([
            ("create", .integer(create)), ("update", .integer(update)),
            ("delete", .integer(delete)), ("hold", .integer(hold)),
            ("unchanged", .integer(unchanged)), ("failed", .integer(failed)),
            ("apiCalls", .integer(apiCalls)), ("heldFields", .integer(heldFields)),
            ("writesAvoided", .integer(writesAvoided)),
            ("postponed", postponed == 0 ? nil : .integer(postponed)),
        ])
    }
}

/// What a run did.
public struct RunReport: Sendable {
    /// The run.
    public var run: String
    /// The operations counted by what became of them.
    public var summary = RunSummary()
    /// What was done with each record, in order; of a large run only the beginning.
    public private(set) var operations: [PlanOperation] = []

    /// How many operations a report keeps; the stored plan has all.
    static let mostOperations = 1_000

    mutating func add(_ operation: PlanOperation) {
        if operations.count < Self.mostOperations { operations.append(operation) }
    }

    /// Writes that failed, with Salesforce's code.
    public var failures: [(operation: OperationID, object: ObjectName, note: String)] = []
    /// Operations of a plan file that would be different now and were left out.
    public var stale: [OperationID] = []
    /// Records that wait for a person.
    public var reviews = 0
    /// Fields that Salesforce refused and that were left out.
    public var refusedFields = 0
    /// Writes whose outcome is not known so far.
    var unclear: [OperationID: PlanOperation.Kind] = [:]

    /// The API calls that the gateway had made before the run.
    let callsBefore: Int

    /// Creates a report.
    init(run: String, callsBefore: Int = 0) { (self.run, self.callsBefore) = (run, callsBefore) }

    /// Whether some records failed or wait for review.
    public var needsAttention: Bool { summary.failed > 0 || reviews > 0 || !stale.isEmpty }
}
