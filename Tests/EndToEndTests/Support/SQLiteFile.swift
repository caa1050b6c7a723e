import Foundation

/// Changes a ledger behind Daybook's back, as somebody with a shell can.
///
/// Asks the SQLite that is linked into this process already; `sqlite3` need not be installed.
enum SQLiteFile {
    private typealias Open =
        @convention(c) (UnsafePointer<CChar>, UnsafeMutablePointer<OpaquePointer?>) -> Int32
    private typealias Execute =
        @convention(c) (
            OpaquePointer?, UnsafePointer<CChar>, OpaquePointer?, OpaquePointer?, OpaquePointer?
        ) -> Int32
    private typealias Close = @convention(c) (OpaquePointer?) -> Int32

    /// Something in SQLite went wrong.
    struct Failure: Error {
        let step: String
        let code: Int32
    }

    /// Runs statements on a file.
    static func execute(_ sql: String, on path: String) throws {
        let (open, execute, close) = (
            try function("sqlite3_open", Open.self), try function("sqlite3_exec", Execute.self),
            try function("sqlite3_close", Close.self)
        )
        var connection: OpaquePointer?
        try check(open(path, &connection), "open")
        let code = execute(connection, sql, nil, nil, nil)
        try check(close(connection), "close")
        try check(code, sql)
    }

    private static func check(_ code: Int32, _ step: String) throws {
        guard code == 0 else { throw Failure(step: step, code: code) }
    }

    private static func function<F>(_ name: String, _: F.Type) throws -> F {
        guard let symbol = dlsym(dlopen(nil, RTLD_NOW), name) else {
            throw Failure(step: name, code: -1)
        }
        return unsafeBitCast(symbol, to: F.self)
    }
}
