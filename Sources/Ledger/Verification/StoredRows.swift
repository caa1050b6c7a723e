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

    /// Which kind of value there is: `SQLITE_NULL` and its like.
    func type(_ column: Int32) -> Int32 {
        sqlite3_column_type(statement.sqliteStatement, column)
    }

    /// Whether there is no value.
    func isNull(_ column: Int32) -> Bool { type(column) == SQLITE_NULL }

    /// An integer; 0 for NULL.
    func integer(_ column: Int32) -> Int64 {
        sqlite3_column_int64(statement.sqliteStatement, column)
    }

    /// A number; 0 for NULL.
    func real(_ column: Int32) -> Double {
        sqlite3_column_double(statement.sqliteStatement, column)
    }

    /// The bytes of a blob or of a text in UTF-8; none for NULL.
    func bytes(_ column: Int32) -> UnsafeRawBufferPointer {
        let start = sqlite3_column_blob(statement.sqliteStatement, column)
        let count = sqlite3_column_bytes(statement.sqliteStatement, column)
        return UnsafeRawBufferPointer(start: start, count: Int(count))
    }

    /// Adds a value with its kind to a hash.
    func hash(_ column: Int32, into hasher: inout Hasher) {
        let type = type(column)
        hasher.combine(type)
        switch type {
        case SQLITE_NULL: break
        case SQLITE_INTEGER: hasher.combine(integer(column))
        case SQLITE_FLOAT: hasher.combine(real(column))
        default:
            let bytes = bytes(column)
            hasher.combine(bytes.count)
            hasher.combine(bytes: bytes)
        }
    }
}
