import Foundation
import GRDB
import TestSupport
import Testing

@testable import Ledger

@Suite("Erasure")
struct ErasureTests {
    let temporary: TemporaryLedger
    var ledger: SQLiteLedger { temporary.ledger }

    init() throws { temporary = try TemporaryLedger(isSigned: true) }

    /// Erases a person of the sample; 'bo' is named in a part about 'ada', unless told otherwise.
    @discardableResult
    private func erase(
        _ subject: String = "bo",
        redacting places: [PartPlace] = [PartPlace(1, "booker")]
    ) async throws -> Erased {
        let erased = try await ledger.write { transaction in
            try transaction.erase(
                Erasure(
                    subject: subject,
                    blind: Array(subject.utf8),
                    redactions: places.map {
                        .init($0, subject: "ada", content: Array("Ada [erased]".utf8))
                    },
                    deliveries: 0,
                    actor: "operator"
                )
            )
        }
        try await ledger.scrubFiles()
        return erased
    }

    @Test("takes away the person's parts and keys, and leaves the others'")
    func takesAway() async throws {
        try await temporary.fillWithSample()
        let erased = try await erase()
        #expect(erased.position == 13 && erased.fence.parts == 2)
        let parts = try await ledger.events(after: 0, limit: 100).flatMap { event in
            event.parts.map { part in
                "\(event.position) \(part.name) \(String(decoding: part.content, as: UTF8.self))"
            }
        }
        #expect(
            parts == [
                "1 booker Ada [erased]", "7 booker Ada Park",
                "13 redacted/1/booker Ada [erased]",
            ]
        )
        let keys = try await ledger.read { db in
            try String.fetchAll(db, sql: "SELECT subject FROM subjectKey")
        }
        #expect(keys == ["ada"])
    }

    @Test("leaves of what events say what it leaves of whole events", arguments: [false, true])
    func contents(isErased: Bool) async throws {
        try await temporary.fillWithSample()
        // Not in the order in which their rows stand.
        let parts = ["zeta", "alpha"].map { name in
            PersonalPart(name: name, subject: "ada", content: Array(name.utf8))
        }
        try await ledger.append([.sample(99, parts: parts)], to: "z")
        if isErased { try await erase() }
        let whole = try await ledger.events(after: 0, limit: 100)
        let order = whole.map(\.position).reversed() + [99, 1]
        let read = try await ledger.read { [ledger] db in
            var read: [EventContent] = []
            let reader = try EventReader(db, key: ledger.key, memory: ledger.keys)
            try reader.contents(at: Array(order)) { read.append($0) }
            return read
        }
        #expect(read == (whole.reversed() + [whole[0]]).map { EventContent($0) })
        #expect(read.contains { !$0.missing.isEmpty } == isErased)
        #expect(read.contains { $0.parts.count > 0 })
    }

    @Test("keeps every proof and checkpoint from before true, and the ledger verifies")
    func keepsProofs() async throws {
        try await temporary.fillWithSample()
        let before = try #require(try await ledger.makeCheckpoint())
        let proofs = try await (1...12).asyncMap { try await ledger.prove(Int64($0)) }
        try await erase()
        try await ledger.makeCheckpoint()
        let log = try #require(ledger.keeper).signer.verifier
        for (proof, leaf) in proofs { _ = try proof.verify(leaf: leaf, log: log) }
        let file = try await ledger.consistency(from: 12)
        _ = try file.verify(old: TrustedCheckpoint(before, log: log), log: log)
        let report = try await ledger.verify()
        #expect(report.problems.isEmpty)
        #expect(try await temporary.reopened().ledger.verify().isSound)
    }

    @Test("leaves no byte of what was sealed, nor of the keys, in any file")
    func leavesNoByte() async throws {
        // Many people, so that pages of the tables were split and moved before the erasure.
        for number in 1...300 {
            let part = PersonalPart(
                name: "booker",
                subject: "person-\(number)",
                content: Array(repeating: UInt8(number % 256), count: 40 + number % 90)
            )
            try await ledger.append([StreamAppend(to: "s", [.sample(number, parts: [part])])])
        }
        for number in [3, 150, 299] {
            let subject = "person-\(number)"
            let secrets = try await ledger.read { db in
                try Data.fetchAll(
                    db,
                    sql: "SELECT wrapped FROM subjectKey WHERE subject = ?",
                    arguments: [subject]
                )
                    + Data.fetchAll(
                        db,
                        sql: "SELECT ciphertext FROM sealed WHERE position = ?",
                        arguments: [number]
                    )
            }
            #expect(secrets.count == 2)
            #expect(try secrets.allSatisfy { try isOnDisk($0) }, "the control")
            try await erase(subject, redacting: [])
            for secret in secrets { #expect(try !isOnDisk(secret)) }
            // Nor a part of it: pages move cells, and could leave the end of one behind.
            for secret in secrets { #expect(try !isOnDisk(secret.suffix(16))) }
        }
    }

    @Test("empties the log also while it is being moved on into the file")
    func emptiesBusyLog() async throws {
        try await temporary.fillWithSample()
        let wrapped = "SELECT wrapped FROM subjectKey WHERE subject = 'bo'"
        let secret = try #require(
            try await ledger.read { db in try Data.fetchOne(db, sql: wrapped) }
        )
        #expect(try isOnDisk(secret), "the control")
        // Enough for the log to be moved on, which takes until after the erasure's commit.
        try await ledger.write { transaction in
            try transaction.db.execute(
                sql: """
                    CREATE TABLE filler (content BLOB);
                    INSERT INTO filler VALUES (zeroblob(60000000));
                    """
            )
        }
        try await erase()
        #expect(try temporary.folder.bytes(of: "daybook.sqlite-wal").isEmpty)
        #expect(try !isOnDisk(secret))
    }

    private func isOnDisk(_ bytes: Data) throws -> Bool {
        try Data(temporary.bytesOnDisk()).range(of: bytes) != nil
    }

    @Test("removes the copies that were made on migration")
    func removesCopies() async throws {
        try await temporary.fillWithSample()
        for name in ["daybook.sqlite.before-ledger-9", "daybook.sqlite.before-x-wal", "other"] {
            try Data([1]).write(to: URL(filePath: temporary.folder.path(name)))
        }
        try await erase()
        let names = try temporary.folder.names()
        #expect(names.allSatisfy { !$0.contains(".before-") } && names.contains("other"))
    }

    @Test("is refused the second time, also when both come at once")
    func twice() async throws {
        try await temporary.fillWithSample()
        let results = await withTaskGroup(of: Bool.self) { group in
            for _ in 1...2 {
                group.addTask {
                    do {
                        try await erase(redacting: [])
                        return true
                    } catch {
                        return false
                    }
                }
            }
            return await group.reduce(into: [Bool]()) { $0.append($1) }
        }
        #expect(results.count { $0 } == 1)
        #expect(try await ledger.head().position == 13)
        #expect(try await ledger.verify().isSound)
    }

    @Test("gives the address another surrogate, also within the transaction that erases")
    func startsAfresh() async throws {
        let found = try await ledger.write { transaction in
            let first = try transaction.subject(forEmail: "quill@secret.example")
            let before = try transaction.hasErasures()
            let repeated = try transaction.subject(forEmail: "quill@secret.example")
            _ = try transaction.erase(
                Erasure(
                    subject: first,
                    blind: [1],
                    redactions: [],
                    deliveries: 0,
                    actor: "operator"
                )
            )
            let again = try transaction.subject(forEmail: "quill@secret.example")
            return (first, repeated, again, before, try transaction.hasErasures())
        }
        #expect(found.0 == found.1)
        #expect(found.0 != found.2)
        #expect(!found.3 && found.4)
    }

    @Test("seals nothing more for the person, and lets a retried append be")
    func sealsNothing() async throws {
        try await temporary.fillWithSample()
        try await erase()
        let part = PersonalPart(name: "guest", subject: "bo", content: [1])
        let event = NewEvent.sample(20, parts: [part])
        let first = try await ledger.append([StreamAppend(to: "a", [event])])
        let second = try await ledger.append([StreamAppend(to: "a", [event])])
        #expect(first.first?.position == second.first?.position && second.first?.isNew == false)
        #expect(try await ledger.events(after: 13, limit: 1).first?.commitments.isEmpty == true)
        let old = NewEvent.sample(
            5,
            parts: [PersonalPart(name: "guest", subject: "bo", content: Array("Bo Lund".utf8))]
        )
        #expect(try await ledger.append([StreamAppend(to: "b", [old])]).first?.isNew == false)
        #expect(try await ledger.verify().isSound)
    }

    @Test(
        "cannot be had, undone or pretended with SQL alone",
        arguments: [
            "DELETE FROM sealed WHERE position = 7", "DELETE FROM subjectKey WHERE subject = 'ada'",
            "DELETE FROM erasure", "UPDATE erasure SET position = 1", "DELETE FROM erasedPart",
            "UPDATE erasedPart SET fence = 1",
            "INSERT INTO subjectKey VALUES ('bo', 2, x'00')",
        ]
    )
    func triggers(sql: String) async throws {
        try await temporary.fillWithSample()
        try await erase()
        let raw = try temporary.rawConnection()
        #expect(throws: DatabaseError.self) { try raw.write { try $0.execute(sql: sql) } }
        try raw.close()
    }

    @Test(
        "is noticed when something of it was changed",
        arguments: [
            ("INSERT INTO sealed VALUES (5, 'guest', x'00', x'00')", "was erased and is back"),
            ("INSERT INTO subjectKey VALUES ('bo', 1, x'00')", "key of an erased person is back"),
            ("DELETE FROM erasure", "table of erased people differs"),
            ("UPDATE erasure SET position = 12", "table of erased people differs"),
            ("DELETE FROM erasedPart WHERE position = 5", "number of erased parts"),
            ("DELETE FROM sealed WHERE position = 7", "of event 7 is gone"),
            ("DELETE FROM sealed WHERE position = 13", "of event 13 is gone"),
        ]
    )
    func noticed(sql: String, finding: String) async throws {
        try await temporary.fillWithSample()
        try await erase()
        try temporary.tamper { try $0.execute(sql: sql) }
        let problems = try await ledger.verify().problems
        #expect(problems.contains { $0.contains(finding) }, "\(problems)")
    }

    @Test("is remembered beside the file, so that an older copy shows nothing of the person")
    func olderCopy() async throws {
        try await temporary.fillWithSample()
        let old = temporary.folder.path("old")
        try await ledger.backup(to: old)
        try await erase()
        try await ledger.makeCheckpoint()
        try ledger.close()
        for suffix in ["", "-wal", "-shm"] { unlink(temporary.path + suffix) }
        _ = try await SQLiteLedger.restore(old, to: temporary.path, key: .test)
        let restored = try temporary.openedAgain().ledger
        #expect(restored.setBack != nil)
        let parts = try await restored.events(after: 0, limit: 100).flatMap(\.parts)
        #expect(!parts.isEmpty && parts.allSatisfy { $0.subject == "ada" })
        let pending = try await restored.read(LedgerTables.pendingErasures)
        #expect(pending == ["bo": Array("bo".utf8)])
        try restored.close()
    }
}

extension Sequence {
    fileprivate func asyncMap<Result>(
        _ transform: (Element) async throws -> Result
    ) async rethrows -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try await transform(element)) }
        return results
    }
}
