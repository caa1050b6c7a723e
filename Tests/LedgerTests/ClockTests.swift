import Ledger
import TestSupport
import Testing

/// Clocks of machines are set back, and ledgers go on.
@Suite("A clock that goes backwards")
struct ClockTests {
    @Test("changes neither the order of events nor that all can be verified")
    func backwards() async throws {
        let temporary = try TemporaryLedger(isSigned: true)
        for number in 1...6 {
            try await temporary.ledger.append([.sample(number)], to: "a", expecting: .any)
            try await temporary.ledger.makeCheckpoint()
            temporary.clock.advance(bySeconds: -7_200)
        }
        let events = try await temporary.ledger.events(after: 0, limit: 10)
        #expect(events.map(\.position) == [1, 2, 3, 4, 5, 6])
        #expect(events.map(\.recorded) == events.map(\.recorded).sorted(by: >))
        #expect(try await temporary.ledger.verify().isSound)
        let again = try temporary.reopened()
        #expect(again.ledger.setBack == nil)
        #expect(try await again.ledger.verify().isSound)
    }
}
