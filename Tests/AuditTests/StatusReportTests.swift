import Audit
import Domain
import Journal
import TestSupport
import Testing

@Suite("A report on where everything stands")
struct StatusReportTests {
    private let ledger: AuditedLedger

    init() throws { ledger = try AuditedLedger() }

    private func delivery(
        _ number: UInt8,
        _ verdict: DeliveryVerdict,
        _ trigger: String?,
        _ note: String,
        minute: Int
    ) -> IncomingDelivery {
        IncomingDelivery(
            body: [number],
            headers: [:],
            arrived: .minute(minute),
            source: "webhook",
            digest: Array(repeating: number, count: 32),
            trigger: trigger,
            verdict: verdict,
            note: note,
            facts: []
        )
    }

    private func status() async throws -> StatusReport {
        try await ledger.audit.status(budget: APIBudget())
    }

    @Test("says of an empty ledger what to type")
    func empty() async throws {
        let text = try await status().text
        #expect(text.contains("none yet: run 'daybook ingest FILE', or 'daybook serve'"))
        #expect(text.contains("none yet: run 'daybook doctor'"))
        #expect(!text.contains("not understood"))
        #expect(!text.hasSuffix("\n"))
    }

    @Test("gathers what was not understood by its reason, the newest first")
    func notUnderstood() async throws {
        try await ledger.journal.record([
            delivery(1, .unrecognised, "OOO_CREATED", "a trigger that is not known", minute: 1),
            delivery(2, .unrecognised, "OOO_CREATED", "a trigger that is not known", minute: 2),
            delivery(3, .rejected, nil, "it is no JSON", minute: 3),
            delivery(4, .noted, "PING", "a test", minute: 4),
        ])
        let report = try await status()
        let notes = try #require(report.json["notUnderstood"]?.array)
        #expect(notes.map { $0["count"]?.int } == [1, 2])
        #expect(notes.map { $0["trigger"]?.string } == [nil, "OOO_CREATED"])
        let lines = report.text.split(separator: "\n").suffix(3)
        #expect(
            Array(lines) == [
                "Kept, and not understood:",
                "  1 rejected      no trigger: it is no JSON (newest \(Instant.minute(3).rfc3339Seconds))",
                "  2 unrecognised  OOO_CREATED: a trigger that is not known (newest \(Instant.minute(2).rfc3339Seconds))",
            ]
        )
    }

    @Test("counts what waits in whole words")
    func waiting() async throws {
        try await ledger.record(.confirmed(.sample()))
        let text = try await status().text
        #expect(text.contains("no: 1 appointment to look at; run 'daybook plan'"))
    }
}
