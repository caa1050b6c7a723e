import Foundation
import GRDB
import TestSupport
import Testing

@testable import Ledger

@Suite("Durability")
struct DurabilityTests {
    let temporary: TemporaryLedger

    init() throws { temporary = try TemporaryLedger() }

    @Test("waits for the disk at every commit")
    func synchronous() throws {
        #expect(try temporary.ledger.synchronousLevel() == 2)
        #expect(try temporary.reopened().ledger.synchronousLevel() == 2)
    }

    @Test("leaves long pauses between checkpoints, and deletes what it deletes")
    func pragmas() async throws {
        let (mode, secureDelete) = try await temporary.ledger.read { db in
            (
                try String.fetchOne(db, sql: "PRAGMA journal_mode"),
                try Int.fetchOne(db, sql: "PRAGMA secure_delete")
            )
        }
        #expect(mode == "wal")
        #expect(secureDelete == 1)
        let pages = try await temporary.ledger.write { transaction in
            try Int.fetchOne(transaction.db, sql: "PRAGMA wal_autocheckpoint")
        }
        #expect(pages == 20_000)
    }

    @Test("lengthens the log ahead of the commits, and reads it up to the last one")
    func roomInLog() async throws {
        try await temporary.ledger.append([.sample(0)], to: "a")
        try await temporary.ledger.append([.sample(1)], to: "a")
        let length = try temporary.folder.bytes(of: "daybook.sqlite-wal").count
        #expect(length > 256 << 10)
        try await temporary.ledger.append([.sample(2)], to: "a")
        let crashed = try copyOfFiles()
        #expect(try crashed.folder.bytes(of: "daybook.sqlite-wal").count == length)
        let ledger = try SQLiteLedger(
            path: crashed.path,
            key: .test,
            environment: .test(clock: temporary.clock)
        )
        #expect(try await ledger.events(of: "a").map(\.revision) == [1, 2, 3])
    }

    @Test("lengthens the log ahead up to 96 MB, and leaves a longer one as it is")
    func mostRoomInLog() throws {
        let path = temporary.folder.path("long.sqlite")
        func keepRoom(after length: off_t) throws -> Int {
            try Data().write(to: URL(filePath: path + "-wal"))
            var reserve = LogReserve(path: path)
            reserve.keep()
            #expect(truncate(path + "-wal", length) == 0)
            reserve.keep()
            return try #require(
                FileManager.default.attributesOfItem(atPath: path + "-wal")[.size] as? Int
            )
        }
        #expect(try keepRoom(after: 96 << 20 - 4_096) == 104 << 20 - 4_096)
        #expect(try keepRoom(after: 96 << 20) == 96 << 20)
    }

    @Test("has room in the log again after the log was cut off")
    func roomInCutLog() async throws {
        for number in 0..<3 {
            for sample in 0..<3 {
                try await temporary.ledger.append([.sample(3 * number + sample)], to: "a")
            }
            #expect(try temporary.folder.bytes(of: "daybook.sqlite-wal").count > 256 << 10)
            _ = try await temporary.ledger.scrubFiles()
            #expect(try temporary.folder.bytes(of: "daybook.sqlite-wal").isEmpty)
        }
        #expect(try await temporary.ledger.verify().events == 9)
    }

    @Test("moves the log on into the file long before a commit would have to")
    func drain() async throws {
        let before = try temporary.folder.bytes(of: "daybook.sqlite").count
        // 3,000 pages, of the 20,000 after which SQLite does it.
        for number in 0..<12 {
            let data = String(repeating: "x", count: 1_000_000)
            try await temporary.ledger.append([.sample(number, data: data)], to: "a")
        }
        try temporary.ledger.drain.close()
        let after = try temporary.folder.bytes(of: "daybook.sqlite").count
        #expect(after > before + 7_000_000)
        // Without it appending goes on.
        try await temporary.ledger.append([.sample(12)], to: "a")
        #expect(try await temporary.ledger.verify().events == 13)
    }

    @Test("refuses to append after it was closed")
    func closed() async throws {
        try await temporary.ledger.append([.sample(0)], to: "a")
        try temporary.ledger.close()
        await #expect(throws: LedgerError.self) {
            try await temporary.ledger.append([.sample(1)], to: "a")
        }
    }

    @Test("has everything after it was closed and opened")
    func reopening() async throws {
        try await temporary.fillWithSample()
        let (head, events) = try await everything(temporary.ledger)
        let again = try temporary.reopened()
        let found = try await everything(again.ledger)
        #expect(found.head == head && found.events == events)
        #expect(try await again.ledger.cursor("reader") == 5)
        let next = try await again.ledger.append([.sample(100)], to: "a", expecting: .exactly(6))
        #expect(next == [Appended(position: 13, revision: 7, isNew: true)])
    }

    /// What is left when the process ends between two instructions: the file, and its log.
    @Test("has everything after a crash that left the log behind")
    func crash() async throws {
        try await temporary.fillWithSample()
        let (head, events) = try await everything(temporary.ledger)
        let crashed = try copyOfFiles()
        #expect(try crashed.folder.bytes(of: "daybook.sqlite-wal").isEmpty == false)
        let ledger = try SQLiteLedger(
            path: crashed.path,
            key: .test,
            environment: .test(clock: temporary.clock)
        )
        let found = try await everything(ledger)
        #expect(found.head == head && found.events == events)
        #expect(try await ledger.verify().isSound)
    }

    /// A power cut may leave any beginning of what was being written to the log.
    @Test("is sound, and has no half of an append, wherever its log was cut", arguments: 1...25)
    func cutLog(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        try await appendPairs()
        let crashed = try copyOfFiles()
        let log = try crashed.folder.bytes(of: "daybook.sqlite-wal")
        // The zeros behind what was written hold nothing that a cut could take.
        let kept = generator.number(0...WriteAheadLog(log).end - 1)
        try Data(log.prefix(kept)).write(to: URL(filePath: crashed.path + "-wal"))
        try await expectWholePairs(crashed.path, fewerThan: 10)
    }

    /// A disk writes less than a page at once: the half that came too late holds what was there.
    @Test(
        "is sound, and has no half of an append, where its log has a torn page",
        arguments: 1...25
    )
    func tornLog(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        try await appendPairs()
        let crashed = try copyOfFiles()
        var bytes = try crashed.folder.bytes(of: "daybook.sqlite-wal")
        let log = WriteAheadLog(bytes)
        // The last page, and one of those before it.
        let torn = seed == 1 ? log.frames.suffix(1) : [generator.any(log.frames)]
        for place in torn.flatMap(log.secondHalf) {
            bytes[place] = UInt8(truncatingIfNeeded: generator.next())
        }
        try Data(bytes).write(to: URL(filePath: crashed.path + "-wal"))
        try await expectWholePairs(crashed.path, fewerThan: 10)
    }

    /// Appends ten times two events.
    private func appendPairs() async throws {
        for number in 0..<10 {
            try await temporary.ledger.append(
                [.sample(2 * number), .sample(2 * number + 1)],
                to: "a"
            )
        }
    }

    /// A file holds the first appends of the ledger, each of them whole.
    private func expectWholePairs(_ path: String, fewerThan pairs: Int64) async throws {
        let ledger = try SQLiteLedger(
            path: path,
            key: .test,
            environment: .test(clock: temporary.clock)
        )
        let report = try await ledger.verify()
        #expect(report.isSound, "\(report.problems)")
        #expect(report.events.isMultiple(of: 2) && report.events < 2 * pairs)
        let whole = try await temporary.ledger.events(after: 0, limit: 100)
        #expect(
            try await ledger.events(after: 0, limit: 100) == Array(whole.prefix(Int(report.events)))
        )
    }

    @Test("lets two processes write, each knowing what the other did")
    func twoProcesses() async throws {
        let other = try temporary.openedAgain()
        for number in 0..<10 {
            try await temporary.ledger.append([.sample(2 * number)], to: "a")
            try await other.ledger.append([.sample(2 * number + 1)], to: "a")
        }
        let events = try await temporary.ledger.events(of: "a")
        #expect(events.map(\.revision) == Array(1...20))
        #expect(events.map(\.id) == (0..<20).map { NewEvent.sample($0).id })
        #expect(try await other.ledger.verify().isSound)
    }

    private func everything(
        _ ledger: SQLiteLedger
    ) async throws -> (head: LedgerHead, events: [StoredEvent]) {
        (try await ledger.head(), try await ledger.events(after: 0, limit: 1_000))
    }

    private func copyOfFiles() throws -> (folder: TemporaryFolder, path: String) {
        let folder = try TemporaryFolder()
        for name in ["daybook.sqlite", "daybook.sqlite-wal"] {
            try FileManager.default.copyItem(
                atPath: temporary.folder.path(name),
                toPath: folder.path(name)
            )
        }
        return (folder, folder.path("daybook.sqlite"))
    }
}
