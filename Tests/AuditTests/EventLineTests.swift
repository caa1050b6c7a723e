import Audit
import Domain
import TestSupport
import Testing

@Suite("List of events")
struct EventLineTests {
    let ledger: AuditedLedger

    init() throws { ledger = try AuditedLedger() }

    @Test("goes on after a position, and takes one type only when asked")
    func pages() async throws {
        try await ledger.acceptSettings()
        for number in 1...3 {
            try await ledger.record(.confirmed(.sample("bk-\(number)")), minute: number)
        }
        let audit = ledger.audit
        let first = try await audit.events(after: .start, limit: 2)
        #expect(first.map(\.position.rawValue) == [1, 2])
        let rest = try await audit.events(after: LedgerPosition(2), limit: 10)
        #expect(rest.map(\.position.rawValue) == [3, 4])
        let settings = try await audit.events(after: .start, limit: 10, type: "settings.changed")
        #expect(settings.map(\.stream) == ["settings-default"])
        #expect(try await audit.events(after: .start, limit: 10, type: "no.such").isEmpty)
    }

    @Test("leaves personal data sealed")
    func sealed() async throws {
        try await ledger.record(.confirmed(.sample()))
        let events = try await ledger.audit.events(after: .start, limit: 10)
        let line = try #require(events.first)
        #expect(line.stream == "booking-bk-1")
        #expect(line.data["uid"] == .string("bk-1"))
        #expect(!line.json.text.lowercased().contains("ada"))
        #expect(line.text.hasPrefix("       1  2026-11-03T14:00:00Z  booking.confirmed"))
    }
}
