import Foundation
import GRDB
import GRDBSQLite

/// Reads a ledger's file and its log from the beginning, so that those who look for single pages
/// find them in memory.
///
/// SQLite asks for pages one by one, and those of a table lie between those of others: a disk that
/// reads a thousand megabytes a second then gives less than two hundred. Reads through SQLite's own
/// descriptor: to open and close another one would end the locks of all connections.
/// https://www.sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_
enum ReadAhead {
    /// How much is read at once, in bytes.
    private static let step = 1 << 20

    /// Reads the file and its log.
    ///
    /// - Parameters:
    ///   - db: A connection that nobody else uses meanwhile.
    ///   - most: How many bytes are read of each at most.
    /// - Throws: A database error if they cannot be read.
    static func run(_ db: Database, most: Int64) throws {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: step, alignment: 4_096)
        defer { buffer.deallocate() }
        for file in [SQLITE_FCNTL_FILE_POINTER, SQLITE_FCNTL_JOURNAL_POINTER] {
            try read(file, db, into: buffer, most: most)
        }
    }

    private static func read(
        _ which: Int32,
        _ db: Database,
        into buffer: UnsafeMutableRawBufferPointer,
        most: Int64
    ) throws {
        var found: UnsafeMutablePointer<sqlite3_file>?
        try check(sqlite3_file_control(db.sqliteConnection, "main", which, &found))
        // A file without methods is not open: there is no log where SQLite needs none.
        guard let file = found, let methods = file.pointee.pMethods?.pointee,
            let size = methods.xFileSize, let read = methods.xRead
        else { return }
        var bytes: sqlite3_int64 = 0
        try check(size(file, &bytes))
        let end = min(bytes, most)
        for offset in stride(from: 0, to: end, by: step) {
            let count = Int32(min(Int64(step), end - offset))
            let code = read(file, buffer.baseAddress, count, offset)
            // The log may have become shorter since.
            if ResultCode(rawValue: code) == .SQLITE_IOERR_SHORT_READ { return }
            try check(code)
        }
    }

    private static func check(_ code: Int32) throws {
        if code != SQLITE_OK { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
    }
}
