import Domain
import TestSupport

@testable import Journal
@testable import Ledger

extension StoredFact {
    /// The stored form with surrogates that can be followed.
    init(golden fact: BookingFact) throws {
        try self.init(fact, delivery: GoldenFact.delivery, subject: GoldenFact.person)
    }

    /// The parts as golden rows spell them.
    var partTexts: [String] {
        parts.map { "\($0.name) of \($0.subject): \(String(decoding: $0.content, as: UTF8.self))" }
    }

    /// The event as the ledger gives it back.
    var event: StoredEvent {
        StoredEvent(
            position: 1,
            id: EventID(milliseconds: 0, random: []),
            stream: "booking-bk-1",
            revision: 1,
            type: type,
            schemaVersion: StoredFact.version,
            occurred: 0,
            recorded: 0,
            correlation: "bk-1",
            causation: nil,
            actor: "calcom",
            data: data.bytes,
            commitments: [],
            parts: parts
        )
    }
}
