import Domain
import Journal
import Ledger
import TestSupport
import Testing

@Suite("Rows of jobs")
struct BulkRowTests {
    let temporary: TemporaryJournal
    private let record = SalesforceID.sample(1, prefix: "00U")
    private let operation = PlanOperation.sample(.create)

    init() throws { temporary = try TemporaryJournal() }

    private var journal: Journal { temporary.journal }

    private var row: BulkRow {
        BulkRow(operation: operation.id, kind: .create, identity: ValueDigest([1, 2, 3]))
    }

    private func keep() async throws {
        try await journal.intend([operation], run: "r1")
        try await journal.keep(job: "7505e000002XXXXAA0", rows: [row])
    }

    @Test("are kept with the intent, over a restart")
    func kept() async throws {
        try await keep()
        let again = try temporary.reopened()
        #expect(try await again.journal.openJobs() == ["7505e000002XXXXAA0": [row]])
    }

    @Test("go with the receipt, and stay when the outcome is unknown")
    func receipts() async throws {
        try await keep()
        let unknown = OperationResult(operation: operation, outcome: .unknown, record: nil)
        try await journal.receive([unknown], run: "r1")
        #expect(try await journal.openJobs().count == 1)
        let written = OperationResult(
            operation: operation,
            outcome: .written(record, wasCreated: true, stamp: nil),
            record: record
        )
        try await journal.receive([written], run: "r1")
        #expect(try await journal.openJobs().isEmpty)
    }

    @Test("link the record that the job made, once, and leave the intent to be looked up")
    func release() async throws {
        try await keep()
        let finding = BulkFinding(operation: operation.id, record: record, object: .eventRecord)
        for _ in 0..<2 {
            try await journal.release(
                job: "7505e000002XXXXAA0",
                findings: [finding],
                run: "r2"
            )
        }
        #expect(try await journal.openJobs().isEmpty)
        #expect(try await journal.openIntents() == [operation.id: .create])
        let links = try await journal.links(to: record)
        #expect(links.map(\.subject) == [operation.subject])
        #expect(links.map(\.isOurs) == [true])
        let types = try await journal.ledger.events(after: 0, limit: 100).map(\.type)
        #expect(types == ["write.intended", "record.created"])
    }
}
