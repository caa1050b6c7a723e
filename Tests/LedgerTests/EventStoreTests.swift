import Ledger
import TestSupport
import Testing

@Suite("In-memory event store")
struct InMemoryEventStoreTests {
    @Test("keeps the promises of every event store", arguments: EventStoreConformance.promises)
    func conformance(promise: EventStoreConformance.Promise) async throws {
        try await promise.check(InMemoryEventStore(environment: .test(clock: ManualClock())))
    }
}

@Suite("Ledger in a file, as an event store")
struct SQLiteEventStoreTests {
    let temporary: TemporaryLedger

    init() throws { temporary = try TemporaryLedger() }

    @Test("keeps the promises of every event store", arguments: EventStoreConformance.promises)
    func conformance(promise: EventStoreConformance.Promise) async throws {
        try await promise.check(temporary.ledger)
        let report = try await temporary.ledger.verify()
        #expect(report.problems.isEmpty)
    }
}
