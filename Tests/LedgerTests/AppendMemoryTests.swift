import GRDB
import TestSupport
import Testing

@testable import Ledger

@Suite("What an append knows from the one before")
struct AppendMemoryTests {
    let temporary: TemporaryLedger
    var ledger: SQLiteLedger { temporary.ledger }
    /// The same file, opened as another process would.
    let other: SQLiteLedger

    init() throws {
        temporary = try TemporaryLedger()
        other = try temporary.openedAgain().ledger
    }

    private static func parts(_ subjects: String...) -> [PersonalPart] {
        subjects.map { subject in
            PersonalPart(name: subject, subject: subject, content: Array("of \(subject)".utf8))
        }
    }

    /// What all parts say, by the one who did not write them.
    private func contents() async throws -> [[String]] {
        let reader = try temporary.openedAgain().ledger
        let events = try await reader.events(after: 0, limit: 100)
        return events.map { event in
            event.parts.map { String(decoding: $0.content, as: UTF8.self) }
        }
    }

    @Test("gives way to what another process committed")
    func takingTurns() async throws {
        for number in 0..<8 {
            let writer = number.isMultiple(of: 3) ? ledger : other
            try await writer.append([.sample(number, parts: Self.parts("ada", "bo"))], to: "s")
        }
        #expect(try await contents() == Array(repeating: ["of ada", "of bo"], count: 8))
        #expect(try await ledger.verify().isSound)
        let keys = try await ledger.read { db in
            try Int.fetchOne(db, sql: "SELECT count(*) FROM subjectKey")
        }
        #expect(keys == 2)
    }

    @Test("seals nothing more of a person whom another process erased")
    func erasedElsewhere() async throws {
        try await ledger.append([.sample(1, parts: Self.parts("ada", "bo"))], to: "s")
        try await other.write { transaction in
            _ = try transaction.erase(
                Erasure(subject: "bo", blind: nil, redactions: [], deliveries: 0, actor: "operator")
            )
        }
        try await ledger.append([.sample(2, parts: Self.parts("ada", "bo"))], to: "s")
        #expect(try await contents() == [["of ada"], [], ["of ada"]])
        #expect(try await ledger.verify().isSound)
    }

    @Test("seals nothing more of a person whose erasure another process brought in from outside")
    func erasedOutside() async throws {
        try await ledger.append([.sample(1, parts: Self.parts("ada", "bo"))], to: "s")
        // As it does with an older copy, before it follows.
        try await other.pool.write { db in
            try db.execute(sql: "INSERT INTO erasure (subject) VALUES ('bo')")
        }
        try await ledger.append([.sample(2, parts: Self.parts("ada", "bo"))], to: "s")
        #expect(try await contents() == [["of ada"], ["of ada"]])
        let sealed = try await ledger.events(after: 1, limit: 1).flatMap(\.commitments)
        #expect(sealed.map(\.subject) == ["ada"])
    }

    @Test("holds nothing of a transaction that was undone")
    func undone() async throws {
        struct Undone: Error {}
        try await ledger.append([.sample(1, parts: Self.parts("ada"))], to: "s")
        await #expect(throws: Undone.self) {
            try await ledger.write { transaction in
                try transaction.append([.sample(2, parts: Self.parts("bo"))], to: "s")
                throw Undone()
            }
        }
        try await ledger.append([.sample(3, parts: Self.parts("ada", "bo"))], to: "s")
        #expect(try await contents() == [["of ada"], ["of ada", "of bo"]])
        #expect(try await ledger.verify().isSound)
    }
}
