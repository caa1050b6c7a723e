package import GRDB
import GRDBSQLite

/// A statement that is bound, run and read through SQLite's own interface.
///
/// GRDB prepares and keeps it. What GRDB does beyond that, wrapping each value, gathering the
/// values in an array and copying rows, takes as long for the statements of an append as SQLite's
/// work itself. For statements that run for every event; the others are easier to read without.
///
/// Not for connections on which GRDB's observations run: they do not hear of it.
package struct RawStatement {
    /// Keeps the statement alive.
    private let statement: Statement
    private let connection: SQLiteConnection?

    /// Takes the statement that the connection keeps for a text.
    ///
    /// - Throws: A database error.
    package init(_ sql: String, _ db: Database) throws {
        statement = try db.cachedStatement(sql: sql)
        connection = db.sqliteConnection
    }

    /// Runs the statement to its end, inside a transaction.
    ///
    /// - Parameter bind: Adds the arguments, in their order.
    /// - Throws: A database error.
    package func run(_ bind: (inout Arguments) -> Void) throws {
        // After some errors SQLite ends the transaction by itself; what follows must not be written
        // outside of it.
        guard sqlite3_get_autocommit(connection) == 0 else { throw error(SQLITE_ABORT) }
        try bound(bind) { while try step() {} }
    }

    /// Reads the first row; nil if there is none.
    ///
    /// - Parameters:
    ///   - bind: Adds the arguments, in their order.
    ///   - read: Takes what it needs from the row, which is gone afterwards.
    /// - Returns: What `read` returned.
    /// - Throws: A database error, or what `read` throws.
    package func first<Value>(
        _ bind: (inout Arguments) -> Void,
        _ read: (ResultRow) throws -> Value
    ) throws -> Value? {
        try bound(bind) {
            guard try step() else { return nil }
            return try read(ResultRow(statement: statement.sqliteStatement))
        }
    }

    private func bound<Value>(
        _ bind: (inout Arguments) -> Void,
        _ body: () throws -> Value
    ) throws -> Value {
        // An open statement would hold the transaction open; its result is that of the last step.
        defer { sqlite3_reset(statement.sqliteStatement) }
        var arguments = Arguments(statement: statement.sqliteStatement)
        bind(&arguments)
        guard arguments.code == SQLITE_OK else { throw error(arguments.code) }
        return try body()
    }

    /// Steps once; returns whether there is a row.
    private func step() throws -> Bool {
        switch sqlite3_step(statement.sqliteStatement) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw error(code)
        }
    }

    private func error(_ code: CInt) -> DatabaseError {
        DatabaseError(
            resultCode: ResultCode(rawValue: code),
            message: sqlite3_errmsg(connection).map { String(cString: $0) },
            sql: statement.sql
        )
    }

    /// The arguments of a statement, in their order.
    package struct Arguments {
        fileprivate let statement: SQLiteStatement
        private var index: CInt = 0
        fileprivate private(set) var code = SQLITE_OK

        fileprivate init(statement: SQLiteStatement) { self.statement = statement }

        /// SQLite's sign for bytes that it has to copy.
        private static var copied: sqlite3_destructor_type {
            unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        }

        /// Adds an integer.
        package mutating func add(_ value: Int64) {
            note(sqlite3_bind_int64(statement, next(), value))
        }

        /// Adds an integer, or NULL.
        package mutating func add(_ value: Int64?) {
            guard let value else { return note(sqlite3_bind_null(statement, next())) }
            add(value)
        }

        /// Adds a text.
        package mutating func add(_ text: String) {
            // Without an address SQLite would take it for NULL.
            guard !text.isEmpty else {
                return note(sqlite3_bind_text(statement, next(), "", 0, Self.copied))
            }
            var text = text
            let (place, count) = (next(), CInt(text.utf8.count))
            note(
                text.withUTF8 { bytes in
                    bytes.withMemoryRebound(to: CChar.self) { bytes in
                        sqlite3_bind_text(statement, place, bytes.baseAddress, count, Self.copied)
                    }
                }
            )
        }

        /// Adds a text, or NULL.
        package mutating func add(_ text: String?) {
            guard let text else { return note(sqlite3_bind_null(statement, next())) }
            add(text)
        }

        /// Adds bytes, or NULL.
        package mutating func add(_ bytes: [UInt8]?) {
            guard let bytes else { return note(sqlite3_bind_null(statement, next())) }
            add(bytes)
        }

        /// Adds bytes.
        package mutating func add(_ bytes: [UInt8]) { bytes.withUnsafeBytes { add($0) } }

        /// Adds bytes.
        mutating func add(_ bytes: UnsafeRawBufferPointer) {
            // Without an address SQLite would take them for NULL.
            guard let start = bytes.baseAddress, !bytes.isEmpty else {
                return note(sqlite3_bind_zeroblob(statement, next(), 0))
            }
            note(sqlite3_bind_blob(statement, next(), start, CInt(bytes.count), Self.copied))
        }

        private mutating func next() -> CInt {
            index += 1
            return index
        }

        private mutating func note(_ result: CInt) {
            if code == SQLITE_OK { code = result }
        }
    }

    /// The row that a statement stands at.
    package struct ResultRow {
        fileprivate let statement: SQLiteStatement

        /// The integer in a column.
        package func integer(_ column: CInt) -> Int64 { sqlite3_column_int64(statement, column) }

        /// The integer in a column; nil for NULL.
        package func integerIfAny(_ column: CInt) -> Int64? {
            sqlite3_column_type(statement, column) == SQLITE_NULL ? nil : integer(column)
        }

        /// The text in a column; empty for NULL.
        package func text(_ column: CInt) -> String {
            let start = sqlite3_column_text(statement, column)
            let count = Int(sqlite3_column_bytes(statement, column))
            return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
        }

        /// A copy of the bytes in a column.
        package func bytes(_ column: CInt) -> [UInt8] {
            let start = sqlite3_column_blob(statement, column)
            let count = Int(sqlite3_column_bytes(statement, column))
            return Array(UnsafeRawBufferPointer(start: start, count: count))
        }
    }
}
