import GRDB
import GRDBSQLite
import Synchronization

/// Moves what commits wrote to the write-ahead log on into the file, while others commit.
///
/// SQLite does this inside a commit, and whoever shares that commit waits until megabytes are
/// copied and flushed. Here a connection of its own does it, which holds up neither readers nor
/// writers. A log that was moved on in full is written from its beginning again: a flush then
/// changes neither its length nor its blocks, and is done sooner.
///
/// What is durable does not depend on it. If it falls behind, SQLite does it in a commit after all,
/// once the log has the pages of `PRAGMA wal_autocheckpoint`.
final class LogDrain: Sendable {
    private let path: String
    /// After how many written pages the log is moved on.
    private let pages: Int
    private let state = Mutex(State())

    private struct State {
        var connection: DatabaseQueue?
        /// Pages that commits wrote since the log was last moved on.
        var written = 0
        var isRunning = false
        var isClosed = false
    }

    /// Creates a drain for a file; it is opened once more when there is something to do.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - pages: After how many written pages its log is moved on; 8 MB if not told. With fewer
    ///     the pages that every commit writes are copied more often, with more a flush of the file
    ///     holds up the flushes of commits for longer.
    init(path: String, pages: Int = 2_000) { (self.path, self.pages) = (path, pages) }

    /// Takes note of commits, and has the log moved on when that is due.
    ///
    /// - Parameter db: The writing connection, outside of a transaction.
    func noteCommit(_ db: Database) {
        let count = Self.takeWrittenPages(db)
        guard let connection = connectionIfDue(adding: count) else { return }
        connection.asyncWriteWithoutTransaction { [self] db in moveOn(db) }
    }

    private func connectionIfDue(adding count: Int) -> DatabaseQueue? {
        state.withLock { state in
            state.written += count
            guard state.written >= pages, !state.isRunning else { return nil }
            do {
                let connection = try connection(&state)
                (state.written, state.isRunning) = (0, true)
                return connection
            } catch {
                // The next commit tries again, and SQLite's own way remains.
                return nil
            }
        }
    }

    private func moveOn(_ db: Database) {
        defer { state.withLock { $0.isRunning = false } }
        do {
            try db.checkpoint(.passive)
        } catch {
            // Nobody waits for it, and a failure loses nothing: the log keeps everything, and the
            // next time has to move on more.
        }
    }

    private func connection(_ state: inout State) throws -> DatabaseQueue {
        if let connection = state.connection { return connection }
        guard !state.isClosed else { throw DatabaseError(resultCode: .SQLITE_MISUSE) }
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        configuration.prepareDatabase { db in
            // The log may be written over only when the file is on disk.
            try db.execute(sql: "PRAGMA synchronous = FULL")
        }
        let connection = try DatabaseQueue(path: path, configuration: configuration)
        state.connection = connection
        return connection
    }

    /// How many pages the connection wrote since it was last asked.
    private static func takeWrittenPages(_ db: Database) -> Int {
        guard let connection = db.sqliteConnection else { return 0 }
        var (pages, unused): (CInt, CInt) = (0, 0)
        sqlite3_db_status(connection, SQLITE_DBSTATUS_CACHE_WRITE, &pages, &unused, 1)
        return Int(pages)
    }

    /// Moves everything on and cuts the log off.
    ///
    /// Waits for what is under way: SQLite refuses to do it twice at the same time.
    ///
    /// - Throws: A database error; `SQLITE_BUSY` if a reader or another process needs the log.
    func empty() throws {
        try state.withLock { try connection(&$0) }.writeWithoutTransaction { db in
            _ = try db.checkpoint(.truncate)
        }
    }

    /// Ends what is under way and closes the file.
    ///
    /// - Throws: A database error.
    func close() throws {
        let connection = state.withLock { state in
            state.isClosed = true
            defer { state.connection = nil }
            return state.connection
        }
        try connection?.close()
    }
}
