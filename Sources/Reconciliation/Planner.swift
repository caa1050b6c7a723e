public import Domain

/// Compares what is wanted with what is there, and plans the fewest writes that close the
/// difference.
///
/// Pure: the same input gives the same plan, byte for byte.
public struct Planner: Sendable {
    var input: PlanningInput
    let digest: @Sendable (String) -> ValueDigest

    /// Creates a planner.
    ///
    /// - Parameters:
    ///   - input: Everything the plan is made from.
    ///   - digest: Gives the digest under which claims remember a canonical text.
    public init(_ input: PlanningInput, digest: @escaping @Sendable (String) -> ValueDigest) {
        (self.input, self.digest) = (input, digest)
    }

    /// The operations, people before the event records that refer to them.
    public func plan() -> [PlanOperation] {
        // Places are sorted, because moving the records themselves takes longer than comparing them.
        let people = input.people.indices.sorted { input.people[$0].key < input.people[$1].key }
        // One record is never in two operations: of several people that turn out to be one record,
        // and of several ways to look for one person, the first writes, and the others share it.
        var taken: [SalesforceID: PersonRecordKey] = [:]
        var made: [NewRecord: PersonRecordKey] = [:]
        var operations: [PlanOperation] = []
        var resolved: [PersonRecordKey: RecordReference] = [:]
        var newLeads: Set<PersonRecordKey> = []
        operations.reserveCapacity(people.count + input.events.count)
        for place in people {
            let person = input.people[place]
            let operation = plan(person)
            let new =
                operation.kind == .create
                ? NewRecord(object: operation.object, email: person.email) : nil
            if let other = operation.record.flatMap({ taken[$0] }) ?? new.flatMap({ made[$0] }) {
                resolved[person.key] = resolved[other]
                operations.append(operation.sharing())
                continue
            }
            if let record = operation.record { taken[record] = person.key }
            if let new { made[new] = person.key }
            let isComing = operation.kind != .create || !input.isWaiting(operation)
            resolved[person.key] = isComing ? reference(operation) : nil
            if operation.kind == .create, operation.object == .lead { newLeads.insert(person.key) }
            operations.append(operation)
        }
        let accounts = AccountPlanner(planner: self, people: resolved)
        operations += accounts.plan()
        let events = EventPlanner(
            planner: self,
            people: resolved,
            newLeads: newLeads,
            former: operations.former
        )
        for event in input.events.sorted(by: { $0.appointment < $1.appointment }) {
            operations += events.plan(event)
        }
        operations += FallbackPlanner(planner: self, accounts: accounts).plan()
        operations += OrphanPlanner(planner: self).plan(beside: operations)
        return operations
    }

    /// A record that a plan makes, as far as it must not make another.
    private struct NewRecord: Hashable {
        var object: ObjectName
        var email: EmailAddress
    }

    private func reference(_ operation: PlanOperation) -> RecordReference? {
        if operation.kind == .create { return .created(by: operation.id) }
        return operation.record.map(RecordReference.record)
    }
}

extension SalesforceID {
    /// Stands for a record that does not exist yet, inside the planner only.
    static var none: Self { Self.placeholder }

    private static let placeholder: Self = {
        guard let id = SalesforceID("000000000000000AAA") else {
            preconditionFailure("eighteen letters and digits are an id")
        }
        return id
    }()
}

extension FieldValue {
    /// Whether the field can still be filled.
    ///
    /// A checkbox is never empty, but unchecked it says no more than an empty field.
    var isBlank: Bool { isEmpty || self == .flag(false) }
}

extension DesiredPersonRecord {
    /// An assertion of Daybook's own about the record, behind the newest event that has a say.
    func ownAssertion(_ value: WishedValue, rule: String) -> Assertion? {
        Assertion(
            value: value,
            cause: cause,
            version: fields.first?.assertions.last?.version ?? SettingsVersion(0),
            rule: rule,
            policy: .whenEmpty,
            isLive: true,
            isPersonal: false
        )
    }
}

extension [PlanOperation] {
    /// The record that was linked before, for each one that took its place by merging or converting.
    fileprivate var former: [SalesforceID: SalesforceID] {
        reduce(into: [:]) { former, operation in
            guard let first = operation.moves.first, let last = operation.moves.last else { return }
            former[last.into] = former[last.into] ?? first.from
        }
    }
}

extension PlanOperation {
    /// The operation with kind and reason as its fields make them.
    ///
    /// Changes nothing where the record itself was decided about.
    public func settled() -> Self {
        guard kind == .unchanged, record != nil else { return self }
        var settled = self
        // By place, because a field is long to copy.
        if let first = fields.indices.first(where: { fields[$0].outcome == .write }) {
            (settled.kind, settled.reason) = (.update, fields[first].reason)
        } else if let held = fields.indices.first(where: { fields[$0].outcome == .hold }) {
            (settled.kind, settled.reason) = (.hold, fields[held].reason)
        }
        return settled
    }

    /// The operation of somebody whose record another operation of the plan already writes.
    func sharing() -> Self {
        var shared = self
        (shared.kind, shared.reason) = (.unchanged, .agreed)
        shared.fields = []
        // What an earlier write of this one did is not forgotten.
        if evidence == nil { shared.inherited = [:] }
        shared.detail = "another operation writes the same record"
        return shared
    }
}
