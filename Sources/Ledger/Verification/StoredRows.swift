import GRDB
import GRDBSQLite

/// The rows of a query, each read where it lies in SQLite's memory.
///
/// A verification reads every byte of a file: a copy of each value would take longer than hashing
/// it. What is returned is valid until the next row.
struct StoredRows {
    private let statement: Statement
    private let db: Database

    /// Begins a query.
    ///
    /// - Throws: A database error.
    init(_ db: Database, sql: String, arguments: StatementArguments = StatementArguments()) throws {
        self.db = db
        statement = try db.makeStatement(sql: sql)
        try statement.setArguments(arguments)
    }

    /// Moves to the next row, and tells whether there is one.
    ///
    /// - Throws: A database error.
    func next() throws -> Bool {
        switch sqlite3_step(statement.sqliteStatement) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code:
            throw DatabaseError(
                resultCode: ResultCode(rawValue: code),
                message: String(cString: sqlite3_errmsg(db.sqliteConnection))
            )
        }
    }

    /// Whether there is no value.
    func isNull(_ column: Int32) -> Bool {
        sqlite3_column_type(statement.sqliteStatement, column) == SQLITE_NULL
    }

    /// A value whose kind is not known before.
    func value(_ column: Int32) -> StoredValue {
        StoredValue(sqlite3_column_value(statement.sqliteStatement, column))
    }

    /// An integer; 0 for NULL.
    func integer(_ column: Int32) -> Int64 {
        sqlite3_column_int64(statement.sqliteStatement, column)
    }

    /// The bytes of a blob or of a text in UTF-8; none for NULL.
    func bytes(_ column: Int32) -> UnsafeRawBufferPointer {
        let start = sqlite3_column_blob(statement.sqliteStatement, column)
        let count = sqlite3_column_bytes(statement.sqliteStatement, column)
        return UnsafeRawBufferPointer(start: start, count: Int(count))
    }
}

/// A value of a row where it lies in SQLite's memory, valid until the next row.
struct StoredValue {
    private let value: OpaquePointer?
    /// Which kind of value it is: `SQLITE_NULL` and its like.
    let type: Int32

    /// Takes a value.
    ///
    /// Only the thread that steps through the rows may read it.
    /// https://www.sqlite.org/c3ref/column_blob.html
    fileprivate init(_ value: OpaquePointer?) {
        (self.value, type) = (value, sqlite3_value_type(value))
    }

    /// The integer; 0 for NULL.
    var integer: Int64 { sqlite3_value_int64(value) }

    /// The number; 0 for NULL.
    var real: Double { sqlite3_value_double(value) }

    /// The bytes of a blob or of a text in UTF-8; none for NULL.
    var bytes: UnsafeRawBufferPointer {
        let start = sqlite3_value_blob(value)
        return UnsafeRawBufferPointer(start: start, count: Int(sqlite3_value_bytes(value)))
    }
}
