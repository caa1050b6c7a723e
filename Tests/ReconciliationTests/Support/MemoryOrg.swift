import Domain
import Reconciliation

/// An org of records in memory, with the ledger's memory of links and claims beside it.
///
/// Keeps values as Salesforce would: normalises phone numbers, and has an automation that rewrites
/// notes. The rules for links and claims are those of the pipeline and the journal.
struct MemoryOrg {
    var records: [SalesforceID: ObservedRecord] = [:]
    var links: [RecordSubject: RecordLink] = [:]
    var claims: [SalesforceID: [FieldName: Claim]] = [:]
    /// Subjects whose record somebody deleted.
    var deletedByPeople: Set<RecordSubject> = []
    private var clock = Instant.minute(0)
    private var made = 100

    var now: Instant { clock }

    mutating func wait(minutes: Int) {
        clock = clock.advanced(byMilliseconds: Int64(minutes) * 60_000)
    }

    // MARK: What people do

    /// Somebody writes a field.
    mutating func edit(_ id: SalesforceID, _ field: FieldName, _ value: FieldValue) {
        store(id, [field: value])
    }

    /// Somebody deletes a record.
    mutating func delete(_ id: SalesforceID) {
        records[id] = nil
        deletedByPeople.formUnion(links.filter { $0.value.record == id }.keys)
    }

    mutating func add(_ record: ObservedRecord) { records[record.id] = record }

    // MARK: What a plan sees

    var directory: Directory {
        var directory = Directory()
        directory.asked = Set(links.values.map(\.record))
        directory.records = records
        directory.deleted = directory.asked.subtracting(records.keys)
        for record in records.values.sorted(by: { $0.id < $1.id }) {
            if let email = record.text("Email").flatMap(EmailAddress.init) {
                switch record.object {
                case .contact: directory.contacts[email, default: []].append(record)
                case .lead: directory.leads[email, default: []].append(record)
                default: break
                }
            }
            if let key = record.text(OrgSchema.keyField) { directory.eventsByKey[key] = record }
        }
        directory.users[.host] = [.user(1)]
        directory.accountsByHost["acme.example"] = [.sample(.account(1))]
        return directory
    }

    // MARK: What a plan does

    mutating func apply(_ plan: [PlanOperation]) {
        var known: [OperationID: SalesforceID] = [:]
        for operation in plan {
            wait(minutes: 1)
            let record = write(operation, known)
            if let record { known[operation.id] = record }
            remember(operation, record, known)
        }
    }

    private mutating func write(
        _ operation: PlanOperation,
        _ known: [OperationID: SalesforceID]
    ) -> SalesforceID? {
        var values: [FieldName: FieldValue] = [:]
        for planned in operation.written {
            values[planned.field] = planned.desired?.resolved(known)
        }
        switch operation.kind {
        case .create:
            made += 1
            let id = SalesforceID.sample(made, prefixes[operation.object] ?? "003")
            records[id] = ObservedRecord(
                id: id,
                object: operation.object,
                fields: ["OwnerId": .reference(.user(9)), "Vip__c": .flag(false)],
                created: clock
            )
            if case .event(let uid) = operation.subject {
                let key = EventKey.value(for: AppointmentID(root: uid))
                values[OrgSchema.keyField] = .text(key)
            }
            store(id, values)
            return id
        case .update:
            if let id = operation.record { store(id, values) }
            return operation.record
        case .delete:
            if let id = operation.record { records[id] = nil }
            return operation.record
        case .hold, .unchanged:
            return operation.record
        }
    }

    private let prefixes: [ObjectName: String] = [
        .contact: "003", .lead: "00Q", .eventRecord: "00U",
    ]

    private mutating func store(_ id: SalesforceID, _ values: [FieldName: FieldValue]) {
        for (field, value) in values { records[id]?.fields[field] = Self.kept(field, value) }
        records[id]?.lastModified = clock
        records[id]?.stamp = clock
    }

    /// What the org makes of a value.
    private static func kept(_ field: FieldName, _ value: FieldValue) -> FieldValue {
        guard case .text(let text) = value else { return value }
        switch field {
        case "Phone": return .text(text.filter { $0.isNumber || $0 == "+" })
        case "Note__c": return .text(text.uppercased())
        default: return text.isEmpty ? .empty : value
        }
    }

    // MARK: What is remembered

    private mutating func remember(
        _ operation: PlanOperation,
        _ record: SalesforceID?,
        _ known: [OperationID: SalesforceID]
    ) {
        switch operation.kind {
        case .delete:
            for (subject, link) in links where link.record == record {
                links[subject]?.state = .deleted
            }
        case .hold where operation.reason == .deletedByOther,
            .unchanged where operation.reason == .deletedByOther:
            let gone = operation.record ?? operation.candidates.first
            for (subject, link) in links where link.record == gone {
                links[subject]?.state = .deletedByOther
            }
        default:
            if let record, operation.reason != .alreadyGone {
                links[operation.subject] = RecordLink(
                    subject: operation.subject,
                    object: operation.object,
                    record: record,
                    isOurs: operation.isOurs
                )
            }
        }
        guard let record, operation.kind != .delete else { return }
        for planned in operation.fields { claim(planned, on: record, operation, known) }
    }

    private mutating func claim(
        _ planned: PlannedField,
        on record: SalesforceID,
        _ operation: PlanOperation,
        _ known: [OperationID: SalesforceID]
    ) {
        let live = records[record]?.value(planned.field) ?? .empty
        switch planned.outcome {
        case .write:
            let sent = planned.desired?.resolved(known) ?? .empty
            note(planned, record, sent: sent, seen: live, at: clock)
        case .adopt:
            note(planned, record, sent: planned.live, seen: planned.live, at: operation.stamp)
        case .hold:
            note(planned, record)
        case .unchanged:
            if planned.isNews { note(planned, record) }
        }
    }

    /// Without a value sent, what was known of earlier writes stays; a value that may still come was
    /// not considered.
    private mutating func note(
        _ planned: PlannedField,
        _ record: SalesforceID,
        sent: FieldValue? = nil,
        seen: FieldValue = .empty,
        at seenAt: Instant? = nil
    ) {
        let never = Cause(
            position: .start,
            occurred: Instant(milliseconds: 0),
            recorded: Instant(milliseconds: 0)
        )
        let old = claims[record]?[planned.field]
        let isOpen = sent == nil && planned.reason.mayStillCome
        claims[record, default: [:]][planned.field] = Claim(
            sent: sent.map { digest($0, planned.field) } ?? old?.sent,
            seen: sent.map { _ in digest(seen, planned.field) } ?? old?.seen,
            seenIsEmpty: sent.map { _ in seen.isEmpty } ?? old?.seenIsEmpty ?? true,
            seenAt: sent == nil ? old?.seenAt : seenAt,
            considered: isOpen ? old?.considered ?? never : planned.considered,
            outcome: planned.reason
        )
    }

    private func digest(_ value: FieldValue, _ field: FieldName) -> ValueDigest {
        PlanningInput.digest(CanonicalForm.text(of: value, Self.descriptions[field]))
    }

    /// Fields of one name are alike in every object.
    private static let descriptions = OrgSchema.sample().objects.values.map(\.fields)
        .reduce(into: [:]) { $0.merge($1) { first, _ in first } }
}

extension OutgoingValue {
    fileprivate func resolved(_ known: [OperationID: SalesforceID]) -> FieldValue {
        func id(_ reference: RecordReference) -> SalesforceID? {
            switch reference {
            case .record(let id): id
            case .created(let operation): known[operation]
            }
        }
        switch self {
        case .value(let value): return value
        case .record(let reference): return id(reference).map(FieldValue.reference) ?? .empty
        case .records(let references): return .references(references.compactMap(id))
        }
    }
}
