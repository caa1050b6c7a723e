import GRDB
import Ledger
import TestSupport
import Testing

@Suite("Sealed parts")
struct SealedPartTests {
    let temporary: TemporaryLedger

    init() throws { temporary = try TemporaryLedger() }

    static let secret = "the quick brown Zebulon 4711"

    private func part(_ name: String = "booker", of subject: String = "p1") -> PersonalPart {
        PersonalPart(name: name, subject: subject, content: Array(Self.secret.utf8))
    }

    @Test("leave nothing to read in the database, in its log or beside them")
    func noPlaintext() async throws {
        // The control: what is not sealed can be found by the same search.
        let open = NewEvent.sample(1, data: #"{"a":"in the open"}"#, parts: [part()])
        try await temporary.ledger.append([open], to: "a")
        try await temporary.ledger.append([.sample(2, parts: [part("guest")])], to: "a")
        #expect(try temporary.bytesOnDisk().contains(text: "in the open"))
        #expect(try temporary.bytesOnDisk().contains(text: Self.secret) == false)
        #expect(try temporary.bytesOnDisk().contains(text: "Zebulon") == false)
        _ = try temporary.reopened()
        #expect(try temporary.bytesOnDisk().contains(text: "in the open"))
        #expect(try temporary.bytesOnDisk().contains(text: "Zebulon") == false)
    }

    @Test("of equal content are different, also under one key")
    func differentCiphertexts() async throws {
        try await temporary.ledger.append(
            [.sample(1, parts: [part("a"), part("b")]), .sample(2, parts: [part("a")])],
            to: "a"
        )
        let events = try await temporary.ledger.events(of: "a")
        let hashes = events.flatMap { $0.commitments.map(\.ciphertextHash) }
        #expect(Set(hashes).count == 3)
        #expect(Set(events.flatMap { $0.commitments.map(\.keyFingerprint) }).count == 1)
    }

    @Test("of two people have two keys")
    func keyPerPerson() async throws {
        let parts = [part("a", of: "p1"), part("b", of: "p2"), part("c", of: "p1")]
        try await temporary.ledger.append([.sample(1, parts: parts)], to: "a")
        let commitments = try await temporary.ledger.events(of: "a")[0].commitments
        #expect(commitments[0].keyFingerprint == commitments[2].keyFingerprint)
        #expect(commitments[0].keyFingerprint != commitments[1].keyFingerprint)
        #expect(commitments.map(\.keyRevision) == [1, 1, 1])
    }

    @Test(
        "open again after the file was closed, of any length",
        arguments: [0, 1, 15, 16, 100_000]
    )
    func roundTrip(length: Int) async throws {
        var generator = SeededGenerator(seed: UInt64(length))
        let content = generator.bytes(length)
        let part = PersonalPart(name: "values", subject: "p1", content: content)
        try await temporary.ledger.append([.sample(1, parts: [part])], to: "a")
        let again = try temporary.reopened()
        #expect(try await again.ledger.events(of: "a")[0].parts == [part])
    }

    @Test("do not open with another key, and the file says so at once")
    func wrongKey() async throws {
        try await temporary.fillWithSample()
        let error = #expect(throws: LedgerError.self) { try temporary.reopened(key: .otherTest) }
        guard case .key(let reason) = error else {
            Issue.record("threw \(String(describing: error))")
            return
        }
        #expect(reason.contains("does not belong to this file"))
        #expect(LedgerKey(bytes: Array(repeating: 0, count: 31)) == nil)
        #expect(LedgerKey(bytes: Array(repeating: 0, count: 33)) == nil)
    }

    /// Changes that a reader has to notice even if nobody runs a verification.
    static let damages = [
        "UPDATE sealed SET ciphertext = zeroblob(length(ciphertext))",
        "UPDATE sealed SET ciphertext = x''",
        "UPDATE sealed SET nonce = zeroblob(12)",
        "UPDATE sealed SET nonce = x''",
        "UPDATE subjectKey SET wrapped = zeroblob(60)",
        "UPDATE subjectKey SET wrapped = x''",
        """
        UPDATE subjectKey SET wrapped = (SELECT wrapped FROM subjectKey WHERE subject = 'p2')
        WHERE subject = 'p1'
        """,
    ]

    @Test("that were changed are unreadable, and never something else", arguments: damages)
    func damagedPart(sql: String) async throws {
        try await temporary.ledger.append([.sample(1, parts: [part()])], to: "a")
        try await temporary.ledger.append([.sample(2, parts: [part(of: "p2")])], to: "b")
        try temporary.tamper { db in try db.execute(sql: sql) }
        await #expect {
            try await temporary.ledger.events(of: "a")
        } throws: { error in
            if case LedgerError.unreadable(position: 1, _) = error { true } else { false }
        }
    }

    @Test("moved to another event do not open there")
    func movedPart() async throws {
        try await temporary.ledger.append([.sample(1, parts: [part()])], to: "a")
        try await temporary.ledger.append([.sample(2, parts: [part()])], to: "a")
        try temporary.tamper { db in
            try db.execute(
                sql: """
                    UPDATE sealed SET position = -1 WHERE position = 1;
                    UPDATE sealed SET position = 1 WHERE position = 2;
                    UPDATE sealed SET position = 2 WHERE position = -1;
                    """
            )
        }
        await #expect(throws: LedgerError.self) { try await temporary.ledger.events(of: "a") }
    }

    @Test("are left out where key or body is gone, and the event can still be read")
    func erasedPart() async throws {
        let parts = [part("a", of: "p1"), part("b", of: "p2")]
        try await temporary.ledger.append([.sample(1, parts: parts)], to: "a")
        try temporary.tamper { db in
            try db.execute(sql: "DELETE FROM subjectKey WHERE subject = 'p1'")
        }
        #expect(try await temporary.ledger.events(of: "a")[0].parts == [parts[1]])
        try temporary.tamper { db in try db.execute(sql: "DELETE FROM sealed") }
        #expect(try await temporary.ledger.events(of: "a")[0].parts.isEmpty)
        #expect(
            try await temporary.ledger.events(of: "a")[0].commitments.map(\.name) == ["a", "b"]
        )
    }

    @Test("belong to a surrogate that says nothing, one for each address")
    func surrogates() async throws {
        let subjects = try await temporary.ledger.write { transaction in
            try ["ada@acme.example", "bo@acme.example", "ada@acme.example"]
                .map { try transaction.subject(forEmail: $0) }
        }
        #expect(subjects[0] == subjects[2])
        #expect(subjects[0] != subjects[1])
        #expect(subjects.allSatisfy { $0.count == 24 && $0.allSatisfy(\.isHexDigit) })
        #expect(try temporary.bytesOnDisk().contains(text: "acme") == false)
        let again = try await temporary.reopened().ledger.write { transaction in
            try transaction.subject(forEmail: "ada@acme.example")
        }
        #expect(again == subjects[0])
    }
}

@Suite("Ledger key")
struct LedgerKeyTests {
    @Test("gives equal texts equal digests, and other keys other ones")
    func blindIndex() {
        #expect(LedgerKey.test.blind("a@b.example") == LedgerKey.test.blind("a@b.example"))
        #expect(LedgerKey.test.blind("a@b.example") != LedgerKey.test.blind("b@b.example"))
        #expect(LedgerKey.test.blind("a@b.example") != LedgerKey.otherTest.blind("a@b.example"))
        #expect(LedgerKey.test.blind("a@b.example").count == 32)
    }

    @Test("opens what it sealed, for the same purpose only")
    func seal() throws {
        let nonce = Array(repeating: UInt8(7), count: 12)
        let sealed = try LedgerKey.test.seal([1, 2, 3], purpose: "one", nonce: nonce)
        #expect(try LedgerKey.test.open(sealed, purpose: "one") == [1, 2, 3])
        #expect(throws: (any Error).self) { try LedgerKey.test.open(sealed, purpose: "two") }
        #expect(throws: (any Error).self) { try LedgerKey.otherTest.open(sealed, purpose: "one") }
        for place in sealed.indices {
            var changed = sealed
            changed[place] ^= 1
            #expect(throws: (any Error).self) { try LedgerKey.test.open(changed, purpose: "one") }
        }
        #expect(throws: (any Error).self) { try LedgerKey.test.open([], purpose: "one") }
    }
}
