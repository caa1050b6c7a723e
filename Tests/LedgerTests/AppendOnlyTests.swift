import GRDB
import Ledger
import TestSupport
import Testing

@Suite("Append-only ledger")
struct AppendOnlyTests {
    let temporary: TemporaryLedger

    init() throws { temporary = try TemporaryLedger(isSigned: true) }

    /// Everything that changes or removes a row, tried with the triggers in place.
    static let attempts = [
        "UPDATE event SET occurred = 0 WHERE position = 3",
        "UPDATE event SET leaf = x'00' WHERE position = 3",
        "UPDATE event SET position = 99 WHERE position = 3",
        "UPDATE OR REPLACE event SET position = 2 WHERE position = 3",
        "UPDATE OR IGNORE event SET recorded = 0",
        "DELETE FROM event WHERE position = 12",
        "DELETE FROM event",
        "REPLACE INTO event SELECT * FROM event WHERE position = 3",
        """
        INSERT OR REPLACE INTO event
        SELECT position, eventID, stream, revision, type, 0, recorded, leaf FROM event
        WHERE position = 3
        """,
        """
        INSERT OR REPLACE INTO event
        SELECT 99, eventID, stream, 99, type, occurred, recorded, leaf FROM event
        WHERE position = 3
        """,
        """
        INSERT OR REPLACE INTO event
        SELECT 99, randomblob(16), stream, revision, type, occurred, recorded, leaf FROM event
        WHERE position = 3
        """,
        """
        INSERT INTO event SELECT * FROM event WHERE position = 3
        ON CONFLICT (position) DO UPDATE SET occurred = 0
        """,
        "UPDATE node SET hash = zeroblob(32) WHERE number = 4",
        "DELETE FROM node WHERE number = 4",
        "DELETE FROM node",
        "REPLACE INTO node VALUES (4, zeroblob(32))",
        "INSERT INTO node VALUES (4, x'00') ON CONFLICT (number) DO UPDATE SET hash = x'00'",
        "UPDATE checkpoint SET note = 'other'",
        "DELETE FROM checkpoint",
        "REPLACE INTO checkpoint VALUES (12, 'other', 0)",
        "UPDATE sealed SET ciphertext = x'00'",
        "UPDATE sealed SET part = 'other'",
        "DELETE FROM sealed WHERE part = 'booker'",
        "DELETE FROM sealed",
        "REPLACE INTO sealed SELECT position, part, x'00', ciphertext FROM sealed",
    ]

    @Test("refuses", arguments: attempts)
    func refuses(sql: String) async throws {
        try await temporary.fillWithSample()
        try await temporary.ledger.makeCheckpoint()
        let raw = try temporary.rawConnection()
        let contents = try raw.read(Self.contents)
        await #expect(throws: DatabaseError.self) {
            try await raw.write { db in try db.execute(sql: sql) }
        }
        #expect(try raw.read(Self.contents) == contents)
        let report = try await temporary.ledger.verify()
        #expect(report.isSound)
    }

    private static func contents(_ db: Database) throws -> [Row] {
        try ["event", "node", "checkpoint", "sealed"].flatMap { table in
            try Row.fetchAll(db, sql: "SELECT * FROM \(table) ORDER BY 1, 2")
        }
    }
}
