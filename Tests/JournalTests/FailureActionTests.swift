import Domain
import Journal
import Ledger
import TestSupport
import Testing

@Suite("Decisions about failures")
struct FailureActionTests {
    private let temporary: TemporaryJournal
    private var journal: Journal { temporary.journal }
    private let operation = PlanOperation.sample(.create)
    private let record = SalesforceID.sample(1, prefix: "00U")

    init() throws { temporary = try TemporaryJournal() }

    private func fail(
        _ note: FailureNote,
        fields: [FieldName: FailureNote] = [:]
    ) async throws {
        try await temporary.record(.confirmed(.sample()))
        var written = OperationResult(
            operation: operation,
            outcome: .written(record, wasCreated: true, stamp: nil),
            record: record
        )
        written.fieldFailures = fields
        let failed = OperationResult(operation: operation, outcome: .failed(note), record: nil)
        try await journal.receive([written, failed], run: "r1")
        try await temporary.settleAll()
    }

    private func acted() async throws -> [JSON] {
        try await journal.sealedEvents(after: .start, limit: .max, type: "operator.acted")
            .map { try JSON(parsing: $0.data) }
    }

    @Test("to try again make it due, wake its appointment, and are recorded")
    func retry() async throws {
        try await fail(.sample("STRING_TOO_LONG"), fields: ["Subject": .sample()])
        try await journal.ignore([operation.id], actor: "operator")
        let done = try await journal.retry([operation.id], actor: "operator")
        #expect(done == [operation.id, operation.id.field("Subject")])
        let kept = try await journal.keptFailures()
        #expect(kept.map(\.note.nextTry) == [temporary.clock.now, temporary.clock.now])
        #expect(kept.map(\.state) == [.waiting, .waiting])
        #expect(try await temporary.dirtyRoots() == ["bk-1"])
        let actions = try await acted().map { $0["action"]?.string }
        #expect(actions == ["ignore", "ignore", "retry", "retry"])
    }

    @Test("to leave it alone keep it in the list, and no time makes it due")
    func ignore() async throws {
        try await fail(.sample(nextTry: .minute(5)))
        try await journal.ignore([operation.id], actor: "operator")
        try await journal.wakeDueFailures(now: .minute(1_000_000))
        try await journal.release([operation.id], now: .minute(1_000_000))
        #expect(try await temporary.dirtyRoots().isEmpty)
        let kept = try await journal.keptFailures()
        #expect(kept.map(\.state) == [.ignored])
        #expect(kept.first?.note.nextTry == nil)
    }

    @Test("about something that did not fail change nothing, and are not recorded")
    func unknown() async throws {
        let name = OperationID("event/never-heard-of")
        #expect(try await journal.retry([name], actor: "operator").isEmpty)
        #expect(try await journal.ignore([name], actor: "operator").isEmpty)
        let link = RecordLink(
            subject: .event(.sample("never-heard-of")),
            object: .eventRecord,
            record: record,
            isOurs: false
        )
        #expect(try await journal.bind(link, actor: "operator") == 0)
        #expect(try await acted().isEmpty)
    }

    @Test("that name a record link it, end the failure, and wake the appointment")
    func bind() async throws {
        try await fail(.sample("DUPLICATE_VALUE"))
        try await journal.intend([operation], run: "r2")
        #expect(try await journal.keptFailures().map(\.state) == [.unclear])
        let other = SalesforceID.sample(2, prefix: "00U")
        let link = RecordLink(
            subject: operation.subject,
            object: .eventRecord,
            record: other,
            isOurs: false
        )
        #expect(try await journal.bind(link, actor: "operator") == 1)
        #expect(try await journal.links(of: [operation.subject])[operation.subject] == link)
        #expect(try await journal.keptFailures().isEmpty)
        #expect(try await journal.openIntents().isEmpty)
        #expect(try await temporary.dirtyRoots() == ["bk-1"])
        #expect(try await journal.subjects(everLinkedTo: other) == [operation.subject])
    }

    @Test("of a person's forms end when the record of the person's bookings is written")
    func forms() async throws {
        func result(_ key: PersonRecordKey, _ outcome: OperationResult.Outcome) -> OperationResult {
            let operation = PlanOperation.sample(.update) { $0.subject = .person(key) }
            return OperationResult(operation: operation, outcome: outcome, record: record)
        }
        let written = OperationResult.Outcome.written(record, wasCreated: false, stamp: nil)
        let forms = PersonRecordKey(formsOf: PersonID("ada"))
        var partly = result(forms, written)
        partly.fieldFailures = ["Size__c": FailureNote.sample("STRING_TOO_LONG")]
        let failed = result(forms, .failed(.sample()))
        let other = PersonRecordKey(person: PersonID("bo"), policy: .contact)
        try await journal.receive([partly, failed, result(other, written)], run: "r1")
        #expect(try await journal.keptFailures().map(\.field) == [nil, "Size__c"])
        let bookings = PersonRecordKey(person: PersonID("ada"), policy: .contact)
        try await journal.receive([result(bookings, written)], run: "r2")
        #expect(try await journal.keptFailures().isEmpty)
    }

    @Test("are kept apart for a record and its fields, until each is written")
    func fields() async throws {
        try await fail(.sample(), fields: ["Subject": .sample("STRING_TOO_LONG")])
        #expect(try await journal.keptFailures().map(\.field) == [nil, "Subject"])
        let written = OperationResult(
            operation: operation,
            outcome: .written(record, wasCreated: false, stamp: nil),
            record: record
        )
        try await journal.receive([written], run: "r2")
        #expect(try await journal.keptFailures().isEmpty)
    }

    @Test("leave a field's failure while the field is held because of it")
    func heldField() async throws {
        try await fail(.sample(), fields: ["Subject": .sample("STRING_TOO_LONG")])
        let held = PlanOperation.sample(
            .hold,
            reason: .refusedBySalesforce,
            record: record,
            fields: [.sample("Subject", .hold, reason: .refusedBySalesforce)]
        )
        let result = OperationResult(operation: held, outcome: .settled, record: record)
        try await journal.receive([result], run: "r2")
        #expect(try await journal.keptFailures().map(\.field) == ["Subject"])
    }

    @Test("are asked for where several records match, with the records")
    func review() async throws {
        try await temporary.record(.confirmed(.sample()))
        let candidates = [SalesforceID.sample(1), .sample(2)]
        let question = PlanOperation.sample(
            .hold,
            reason: .ambiguous,
            fields: [],
            change: { $0.candidates = candidates }
        )
        let result = OperationResult(operation: question, outcome: .settled, record: nil)
        try await journal.receive([result], run: "r1")
        let kept = try #require(try await journal.keptFailures().first)
        #expect(kept.state == .review)
        #expect(kept.note.candidates == candidates)
        #expect(kept.entry.remedy.contains("failures bind"))
    }

    @Test("remember what the org said of its allowance")
    func allowance() async throws {
        #expect(try await journal.allowance() == nil)
        let known = APIAllowance(used: 7, allowed: 15_000, observed: .minute(1))
        try await journal.keep(known)
        #expect(try await journal.allowance() == known)
        try await journal.keep(known.paused(at: .minute(2)))
        #expect(try await journal.allowance()?.pausedUntil == .minute(7))
    }
}
