import Foundation
import GRDB
import TestSupport
import Testing

@testable import Ledger

@Suite("Verification")
struct VerificationTests {
    let temporary: TemporaryLedger

    init() throws { temporary = try TemporaryLedger() }

    @Test("finds nothing in a ledger that nobody changed")
    func unchanged() async throws {
        try await temporary.fillWithSample()
        let report = try await temporary.ledger.verify()
        #expect(report.problems.isEmpty)
        #expect(report.events == 12)
        #expect(report.root == (try await temporary.ledger.head().root))
        let reopened = try temporary.reopened().ledger
        #expect(try await reopened.verify() == report)
        for size in 1...13 as ClosedRange<Int64> {
            #expect(try await reopened.verify(rangeSize: size) == report)
        }
    }

    @Test("finds nothing in an empty ledger")
    func empty() async throws {
        let report = try await temporary.ledger.verify()
        #expect(report.isSound && report.events == 0 && report.root == .emptyRoot)
    }

    @Test("keeps a backup that was changed, or is none, out of the ledger's place")
    func backups() async throws {
        let signed = try TemporaryLedger(isSigned: true)
        try await signed.fillWithSample()
        let (copy, letter) = (signed.folder.path("copy"), signed.folder.path("letter.txt"))
        try await signed.ledger.backup(to: copy)
        let taken = await #expect(throws: LedgerError.self) {
            try await signed.ledger.backup(to: copy)
        }
        #expect("\(try #require(taken))".contains("is not overwritten. Name another"))
        let raw = try DatabaseQueue(path: copy)
        try await raw.write { db in try db.execute(sql: "UPDATE ledger SET position = 99") }
        try raw.close()
        try Data(String(repeating: "Dear Ada, ", count: 500).utf8).write(to: URL(filePath: letter))
        let place = signed.folder.path("place.sqlite")
        for backup in [copy, letter] {
            let error = await #expect(throws: LedgerError.self) {
                try await SQLiteLedger.restore(backup, to: place, key: .test)
            }
            #expect("\(try #require(error))".hasPrefix("The backup does not verify"))
            #expect(!FileManager.default.fileExists(atPath: place))
        }
    }

    /// A change behind the ledger's back, and words of what has to be found.
    struct Tampering: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var finding: String
        var change: @Sendable (Database) throws -> Void

        init(
            _ description: String,
            finds finding: String,
            _ change: @escaping @Sendable (Database) throws -> Void
        ) {
            (testDescription, self.finding, self.change) = (description, finding, change)
        }

        init(_ description: String, finds finding: String, sql: String) {
            self.init(description, finds: finding) { db in
                try db.execute(sql: sql)
                // A row that changed nothing would prove nothing.
                try #require(db.totalChangesCount > 0)
            }
        }
    }

    static let columns = [
        Tampering(
            "the id of an event",
            finds: "columns of event 3 differ",
            sql: "UPDATE event SET eventID = randomblob(16) WHERE position = 3"
        ),
        Tampering(
            "the stream of an event",
            finds: "columns of event 7 differ",
            sql: """
                UPDATE event SET stream = (SELECT id FROM stream WHERE name = 'c')
                WHERE position = 7
                """
        ),
        Tampering(
            "the stream of an event to none",
            finds: "columns of event 7 differ",
            sql: "UPDATE event SET stream = 99 WHERE position = 7"
        ),
        Tampering(
            "the revision of an event",
            finds: "columns of event 3 differ",
            sql: "UPDATE event SET revision = 99 WHERE position = 3"
        ),
        Tampering(
            "the type of an event",
            finds: "columns of event 3 differ",
            sql: """
                UPDATE event SET type = (SELECT id FROM eventType WHERE name = 'sample.ended')
                WHERE position = 3
                """
        ),
        Tampering(
            "when an event happened",
            finds: "columns of event 3 differ",
            sql: "UPDATE event SET occurred = occurred + 1 WHERE position = 3"
        ),
        Tampering(
            "when an event was recorded",
            finds: "columns of event 3 differ",
            sql: "UPDATE event SET recorded = recorded + 1 WHERE position = 3"
        ),
        Tampering("the last byte of a leaf", finds: "event 3 does not have the hash") { db in
            try changeLeaf(3, db) { $0[$0.count - 1] ^= 1 }
        },
        Tampering("the contents of an event", finds: "event 3 does not have the hash") { db in
            try rewriteLeaf(3, db) { $0.data = Array(#"{"number":4}"#.utf8) }
        },
        Tampering("a leaf to nothing", finds: "leaf of event 3 cannot be decoded") { db in
            try changeLeaf(3, db) { $0 = [] }
        },
        Tampering("a leaf to another event's", finds: "columns of event 3 differ") { db in
            try db.execute(
                sql: """
                    UPDATE event SET leaf = (SELECT leaf FROM event WHERE position = 4)
                    WHERE position = 3
                    """
            )
        },
        Tampering("a revision to one without successor", finds: "out of order in its stream") {
            db in
            try rewriteLeaf(3, db) { $0.revision = .max }
            try db.execute(
                sql: "UPDATE event SET revision = ? WHERE position = 3",
                arguments: [Int64.max]
            )
        },
        Tampering("a revision in the leaf alone", finds: "columns of event 3 differ") { db in
            try rewriteLeaf(3, db) { $0.revision = .max }
        },
        Tampering(
            "the name of an event type",
            finds: "columns of event 4 differ",
            sql: "UPDATE eventType SET name = 'sample.begun' WHERE name = 'sample.ended'"
        ),
        Tampering(
            "the name of a stream",
            finds: "columns of event 9 differ",
            sql: "UPDATE stream SET name = 'd' WHERE name = 'c'"
        ),
        Tampering(
            "the last revision of a stream",
            finds: "last revision differs",
            sql: "UPDATE stream SET revision = revision + 1 WHERE name = 'c'"
        ),
        Tampering(
            "the position of the head to less",
            finds: "head row is 11",
            sql: "UPDATE ledger SET position = 11"
        ),
        Tampering(
            "the position of the head to more",
            finds: "head row is 13",
            sql: "UPDATE ledger SET position = 13"
        ),
        Tampering(
            "a cursor to beyond the end",
            finds: "cursor points beyond",
            sql: "UPDATE cursor SET position = 13"
        ),
        Tampering(
            "a cursor to before the beginning",
            finds: "cursor points beyond",
            sql: "UPDATE cursor SET position = -1"
        ),
        Tampering(
            "the hash of a leaf's node",
            finds: "event 3 does not have the hash",
            sql: "UPDATE node SET hash = zeroblob(32) WHERE number = 3"
        ),
        Tampering(
            "the hash of an inner node",
            finds: "tree node 1/1",
            sql: "UPDATE node SET hash = zeroblob(32) WHERE number = 5"
        ),
        Tampering(
            "the nonce of a sealed part",
            finds: "'booker' of event 1 was changed",
            sql: "UPDATE sealed SET nonce = zeroblob(12) WHERE position = 1 AND part = 'booker'"
        ),
        Tampering(
            "the ciphertext of a sealed part",
            finds: "'booker' of event 1 was changed",
            sql: """
                UPDATE sealed SET ciphertext = zeroblob(length(ciphertext))
                WHERE position = 1 AND part = 'booker'
                """
        ),
        Tampering(
            "the name of a sealed part",
            finds: "'booker' of event 1 is gone",
            sql: "UPDATE sealed SET part = 'other' WHERE position = 1 AND part = 'booker'"
        ),
        Tampering(
            "the event of a sealed part",
            finds: "'booker' of event 1 is gone",
            sql: "UPDATE sealed SET position = 2 WHERE position = 1 AND part = 'booker'"
        ),
        Tampering(
            "a person's wrapped key",
            finds: "key that sealed a part of event 1",
            sql: "UPDATE subjectKey SET wrapped = zeroblob(60) WHERE subject = 'ada'"
        ),
        Tampering(
            "a person's key to another one's",
            finds: "key that sealed a part of event 1",
            sql: """
                UPDATE subjectKey
                SET wrapped = (SELECT wrapped FROM subjectKey WHERE subject = 'bo')
                WHERE subject = 'ada'
                """
        ),
        Tampering(
            "the number of a person's key",
            finds: "key that sealed a part of event 1",
            sql: "UPDATE subjectKey SET revision = 2 WHERE subject = 'ada'"
        ),
        Tampering(
            "the person of a key",
            finds: "key that sealed a part of event 1",
            sql: "UPDATE subjectKey SET subject = 'cy' WHERE subject = 'ada'"
        ),
    ]

    static let rows = [
        Tampering("the first event gone", finds: "position 1 is missing") { db in
            try db.execute(sql: "DELETE FROM event WHERE position = 1")
        },
        Tampering("an event in the middle gone", finds: "position 6 is missing") { db in
            try db.execute(sql: "DELETE FROM event WHERE position = 6")
        },
        Tampering("the last event gone", finds: "head row is 12") { db in
            try db.execute(sql: "DELETE FROM event WHERE position = 12")
        },
        Tampering("the last event gone, and the head moved", finds: "number of tree nodes") { db in
            try db.execute(
                sql: """
                    DELETE FROM event WHERE position = 12;
                    UPDATE ledger SET position = 11;
                    UPDATE stream SET revision = revision - 1 WHERE name = 'b';
                    """
            )
        },
        Tampering("all events gone", finds: "head row is 12") { db in
            try db.execute(sql: "DELETE FROM event")
        },
        Tampering("the head gone", finds: "head row is -1") { db in
            try db.execute(sql: "DELETE FROM ledger")
        },
        Tampering("one event more", finds: "head row is 12") { db in
            try db.execute(
                sql: """
                    INSERT INTO event SELECT 13, randomblob(16), stream, 99, type, occurred,
                        recorded, leaf FROM event WHERE position = 12
                    """
            )
        },
        Tampering("two events exchanged", finds: "event 3 does not have the hash") { db in
            try exchange(3, 6, db)
        },
        Tampering("two events exchanged that differ in little", finds: "does not have the hash") {
            db in try exchange(11, 12, db)
        },
        Tampering("an event at position 0", finds: "no position 0") { db in
            try db.execute(sql: "UPDATE event SET position = 0 WHERE position = 12")
        },
        Tampering("an event at a negative position", finds: "no position -9") { db in
            try db.execute(sql: "UPDATE event SET position = -9 WHERE position = 12")
        },
        Tampering("an event at the last position there can be", finds: "12 is missing") { db in
            try db.execute(
                sql: "UPDATE event SET position = 9223372036854775807 WHERE position = 12"
            )
        },
        Tampering("an event at the first position there can be", finds: "can be no position") {
            db in
            try db.execute(
                sql: "UPDATE event SET position = -9223372036854775808 WHERE position = 12"
            )
        },
        Tampering("a node gone", finds: "tree node 1/1") { db in
            try db.execute(sql: "DELETE FROM node WHERE number = 5")
        },
        Tampering("one node more", finds: "number of tree nodes") { db in
            try db.execute(sql: "INSERT INTO node VALUES (99, zeroblob(32))")
        },
        Tampering("two nodes exchanged", finds: "event 1 does not have the hash") { db in
            try db.execute(
                sql: """
                    UPDATE node SET number = -1 WHERE number = 0;
                    UPDATE node SET number = 0 WHERE number = 1;
                    UPDATE node SET number = 1 WHERE number = -1;
                    """
            )
        },
        Tampering("a sealed part gone", finds: "'guest' of event 5 is gone") { db in
            try db.execute(sql: "DELETE FROM sealed WHERE position = 5")
        },
        Tampering("one sealed part more", finds: "number of sealed parts") { db in
            try db.execute(sql: "INSERT INTO sealed VALUES (2, 'booker', x'00', x'00')")
        },
        Tampering("two sealed parts exchanged", finds: "'booker' of event 1 was changed") { db in
            try db.execute(
                sql: """
                    UPDATE sealed SET part = 'third' WHERE position = 1 AND part = 'booker';
                    UPDATE sealed SET part = 'booker' WHERE position = 1 AND part = 'guest';
                    UPDATE sealed SET part = 'guest' WHERE position = 1 AND part = 'third';
                    """
            )
        },
        Tampering("a person's key gone", finds: "key that sealed a part of event 1") { db in
            try db.execute(sql: "DELETE FROM subjectKey WHERE subject = 'ada'")
        },
        Tampering("a stream gone", finds: "columns of event 9 differ") { db in
            try db.execute(sql: "DELETE FROM stream WHERE name = 'c'")
        },
        Tampering("one stream more", finds: "last revision differs") { db in
            try db.execute(sql: "INSERT INTO stream (name, revision) VALUES ('d', 1)")
        },
        Tampering("an event type gone", finds: "columns of event 4 differ") { db in
            try db.execute(sql: "DELETE FROM eventType WHERE name = 'sample.ended'")
        },
    ]

    static let indexes = [
        Tampering("an index of events that lacks one", finds: "'eventByType' leads to 11 rows") {
            try replace("eventByType", by: "event (type) WHERE position <> 3", $0)
        },
        Tampering("an index of events with another one", finds: "'eventByType' leads to other") {
            try replace("eventByType", by: "event ((type + 1))", $0)
        },
        Tampering("an index of events out of order", finds: "'eventByType' is out of order") {
            try replace("eventByType", by: "event (type DESC)", $0)
        },
        Tampering("an index of events as it was once", finds: "eventByType") { db in
            try db.execute(
                sql: "DROP INDEX eventByType; CREATE INDEX eventByType ON event (type, position)"
            )
            try replace("eventByType", by: "event (type, (position + 1))", db)
        },
        Tampering("two events of one number", finds: "'sqlite_autoindex_event_2' repeats") {
            try replace("sqlite_autoindex_event_2", by: "event (stream, (1))", $0)
        },
        Tampering("an index of streams that lacks one", finds: "_stream_1' leads to 2 rows") {
            try replace("sqlite_autoindex_stream_1", by: "stream (name) WHERE id <> 2", $0)
        },
        Tampering("an index of streams with another", finds: "_stream_1' leads to other rows") {
            try replace("sqlite_autoindex_stream_1", by: "stream ((name || '!'))", $0)
        },
    ]

    @Test("finds", arguments: indexes)
    func changedIndex(tampering: Tampering) async throws { try await check(tampering) }

    @Test("finds a change of", arguments: columns)
    func changedColumn(tampering: Tampering) async throws { try await check(tampering) }

    @Test("finds", arguments: rows)
    func changedRows(tampering: Tampering) async throws { try await check(tampering) }

    private func check(_ tampering: Tampering) async throws {
        try await temporary.fillWithSample()
        try temporary.tamper(tampering.change)
        let report = try await temporary.ledger.verify()
        #expect(!report.isSound)
        #expect(
            report.problems.contains { $0.contains(tampering.finding) },
            "found: \(report.problems)"
        )
        try await expectSameInRanges(report)
    }

    /// Ranges that are verified beside each other find the same, in the same order.
    private func expectSameInRanges(_ report: VerificationReport) async throws {
        for size in [1, 4, 5] as [Int64] {
            #expect(try await temporary.ledger.verify(rangeSize: size) == report)
        }
    }

    @Test("finds any bit that flipped in what is stored", arguments: 1...60)
    func flippedBit(seed: UInt64) async throws {
        try await temporary.fillWithSample()
        let flip = try flipOneBit(seed: seed)
        let report = try await temporary.ledger.verify()
        #expect(!report.isSound, "\(flip)")
        try await expectSameInRanges(report)
    }

    /// The half of a page that came too late for the disk holds anything.
    private func tear(_ table: String) throws {
        try temporary.ledger.close()
        let raw = try DatabaseQueue(path: temporary.path)
        let (page, size) = try raw.writeWithoutTransaction { db in
            // What stands in the log would count in place of the page.
            _ = try db.checkpoint(.truncate)
            return (
                try Int.fetchOne(
                    db,
                    sql: "SELECT rootpage FROM sqlite_schema WHERE name = ?",
                    arguments: [table]
                ) ?? 1,
                try Int.fetchOne(db, sql: "PRAGMA page_size") ?? 0
            )
        }
        try raw.close()
        var bytes = try temporary.folder.bytes(of: "daybook.sqlite")
        var generator = SeededGenerator(seed: UInt64(page))
        for place in page * size - size / 2..<page * size {
            bytes[place] = UInt8(truncatingIfNeeded: generator.next())
        }
        try Data(bytes).write(to: URL(filePath: temporary.path))
    }

    @Test(
        "finds a torn page",
        arguments: [
            "event", "eventByType", "node", "sealed", "subjectKey", "stream", "eventType", "cursor",
        ]
    )
    func tornPage(table: String) async throws {
        try await temporary.fillWithSample()
        try tear(table)
        let report = try await temporary.reopened().ledger.verify()
        #expect(
            report.problems.contains { $0.hasPrefix("the database file is damaged: ") },
            "found: \(report.problems)"
        )
        #expect(!report.problems.contains { $0.contains("\n") })
    }

    @Test("names a table that cannot be read to its end")
    func unreadableTable() async throws {
        try await temporary.fillWithSample()
        try tear("stream")
        #expect(
            try await temporary.reopened().ledger.verify().problems.contains(
                "the database file is damaged: 'stream' cannot be read to its end"
            )
        )
    }

    @Test(
        "of a file that cannot be opened for a torn page leads to a backup",
        arguments: ["ledger", "none"]
    )
    func unopenable(table: String) async throws {
        try await temporary.fillWithSample()
        try tear(table)
        let error = #expect(throws: LedgerError.self) { try temporary.reopened() }
        #expect("\(try #require(error))".contains("'daybook ledger restore FILE'"))
    }

    @Test("names no more than twenty problems")
    func manyProblems() async throws {
        try await temporary.ledger.fill(100)
        try temporary.tamper { db in try db.execute(sql: "UPDATE event SET occurred = 0") }
        #expect(try await temporary.ledger.verify().problems.count == 20)
    }

    @Test("tells how far it is, after every thousand events")
    func progress() async throws {
        try await temporary.ledger.fill(2_500)
        let steps = Steps()
        let report = try await temporary.ledger.verify { steps.add($0) }
        #expect(report.isSound && report.events == 2_500)
        #expect(steps.all == [1_000, 2_000])
        let stepsInRanges = Steps()
        let again = try await temporary.ledger.verify(rangeSize: 1_000) { stepsInRanges.add($0) }
        #expect(again == report)
        #expect(stepsInRanges.all == [1_000, 2_000])
    }

    // MARK: Changing the file

    /// Puts the entries of another index in the place of one's own.
    private static func replace(_ index: String, by other: String, _ db: Database) throws {
        let version = try #require(try Int.fetchOne(db, sql: "PRAGMA schema_version"))
        try db.execute(
            sql: """
                CREATE INDEX other ON \(other);
                PRAGMA writable_schema = ON;
                UPDATE sqlite_schema
                SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = 'other')
                WHERE name = '\(index)';
                DELETE FROM sqlite_schema WHERE name = 'other';
                PRAGMA schema_version = \(version + 2);
                """
        )
    }

    private static func changeLeaf(
        _ position: Int64,
        _ db: Database,
        _ change: (inout [UInt8]) -> Void
    ) throws {
        let sql = "SELECT leaf FROM event WHERE position = ?"
        var leaf = Array(try #require(try Data.fetchOne(db, sql: sql, arguments: [position])))
        change(&leaf)
        try db.execute(
            sql: "UPDATE event SET leaf = ? WHERE position = ?",
            arguments: [Data(leaf), position]
        )
    }

    private static func rewriteLeaf(
        _ position: Int64,
        _ db: Database,
        _ change: (inout StoredEvent) -> Void
    ) throws {
        try changeLeaf(position, db) { leaf in
            guard var event = Leaf.decode(leaf, position: position) else { return }
            change(&event)
            leaf = Leaf.encode(event)
        }
    }

    private static func exchange(_ first: Int64, _ second: Int64, _ db: Database) throws {
        for (from, to) in [(first, 1_000), (second, first), (1_000, second)] {
            try db.execute(
                sql: "UPDATE event SET position = ? WHERE position = ?",
                arguments: [to, from]
            )
        }
    }

    /// Flips one bit somewhere, and tells where.
    private func flipOneBit(seed: UInt64) throws -> String {
        var generator = SeededGenerator(seed: seed)
        let columns = [
            ("event", "leaf"), ("event", "eventID"), ("node", "hash"), ("sealed", "nonce"),
            ("sealed", "ciphertext"), ("subjectKey", "wrapped"),
        ]
        let (table, column) = columns[Int(seed) % columns.count]
        let (row, bit) = (generator.next(), generator.next())
        try temporary.tamper { db in
            let key = table == "sealed" || table == "subjectKey" ? "\(column)" : "rowid"
            let rows = try Row.fetchAll(
                db,
                sql: "SELECT \(key), \(column) FROM \(table) ORDER BY 1"
            )
            let chosen = rows[Int(row % UInt64(rows.count))]
            var bytes = Array(chosen[1] as Data)
            let place = Int(bit % UInt64(bytes.count * 8))
            bytes[place / 8] ^= 1 << UInt8(place % 8)
            try db.execute(
                sql: "UPDATE \(table) SET \(column) = ? WHERE \(key) = ?",
                arguments: [Data(bytes), chosen[0] as DatabaseValue]
            )
        }
        return "\(table).\(column)"
    }
}
