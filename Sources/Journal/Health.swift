public import Domain
import Foundation
import GRDB
public import Ledger

extension Journal {
    /// Writes and flushes a row that means nothing, to see whether the ledger takes writes.
    ///
    /// - Parameter now: The time.
    /// - Throws: ``LedgerError`` if it does not.
    public func probeWrite(now: Instant) async throws(LedgerError) {
        try await writing { transaction in
            try transaction.db.execute(
                sql: """
                    INSERT INTO heartbeat (id, written) VALUES (1, ?1)
                    ON CONFLICT (id) DO UPDATE SET written = ?1
                    """,
                arguments: [now.milliseconds]
            )
        }
    }

    /// How large the database and its write-ahead log are, and how much of the database is empty,
    /// in bytes.
    ///
    /// - Throws: ``LedgerError/storage(_:)``.
    public func sizes() async throws(LedgerError) -> (database: Int64, free: Int64, log: Int64) {
        try await reading { db in
            let pages = try Int64.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            let size = try Int64.fetchOne(db, sql: "PRAGMA page_size") ?? 0
            let file = try String.fetchOne(db, sql: "SELECT file FROM pragma_database_list")
            let free = try Int64.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0
            return (pages * size, free * size, file.map { Self.size(of: "\($0)-wal") } ?? 0)
        }
    }

    /// A file that is not there has no bytes.
    private static func size(of path: String) -> Int64 {
        do {
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            return (attributes[.size] as? NSNumber)?.int64Value ?? 0
        } catch {
            return 0
        }
    }

    /// How many threads wait for each projector: those of meetings, and those of routing forms.
    ///
    /// - Throws: ``LedgerError/storage(_:)``.
    public func waitingCounts() async throws(LedgerError) -> (appointments: Int, forms: Int) {
        try await reading { db in
            let row = try Row.fetchOne(
                db,
                sql: "SELECT count(*), count(*) FILTER (WHERE root GLOB 'form/*') FROM dirty"
            )
            let (all, forms) = (row?[0] as Int? ?? 0, row?[1] as Int? ?? 0)
            return (all - forms, forms)
        }
    }

    /// How many events no signed checkpoint covers yet.
    ///
    /// - Throws: ``LedgerError/storage(_:)``.
    public func unsignedEvents() async throws(LedgerError) -> Int64 {
        try await reading { db in
            try Int64.fetchOne(
                db,
                sql: """
                    SELECT coalesce((SELECT max(position) FROM event), 0)
                        - coalesce((SELECT max(size) FROM checkpoint), 0)
                    """
            ) ?? 0
        }
    }

    /// How far what Salesforce has is behind what the ledger knows.
    ///
    /// - Parameter now: The time.
    /// - Returns: The events since the oldest change that waits, and its age in milliseconds; zeros
    ///   where nothing waits.
    /// - Throws: ``LedgerError/storage(_:)``.
    public func lag(now: Instant) async throws(LedgerError) -> (events: Int64, milliseconds: Int64)
    {
        try await reading { db in
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT position, recorded, (SELECT max(position) FROM event) FROM event
                    WHERE position = (SELECT min(position) FROM dirty WHERE position > 0)
                    """
            )
            guard let row else { return (0, 0) }
            let (oldest, recorded, newest) = (row[0] as Int64, row[1] as Int64, row[2] as Int64)
            return (newest - oldest + 1, max(0, now.milliseconds - recorded))
        }
    }
}
