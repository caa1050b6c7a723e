import Foundation

/// Changes a ledger behind Daybook's back, as somebody with a shell can.
///
/// Asks the SQLite that is linked into this process already; `sqlite3` need not be installed.
enum SQLiteFile {
    private typealias Open =
        @convention(c) (UnsafePointer<CChar>, UnsafeMutablePointer<OpaquePointer?>) -> Int32
    private typealias Execute =
        @convention(c) (
            OpaquePointer?, UnsafePointer<CChar>, TakeRow?, UnsafeMutableRawPointer?, OpaquePointer?
        ) -> Int32
    private typealias Texts = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private typealias TakeRow =
        @convention(c) (UnsafeMutableRawPointer?, Int32, Texts?, Texts?) -> Int32
    private typealias Close = @convention(c) (OpaquePointer?) -> Int32

    /// Something in SQLite went wrong.
    struct Failure: Error {
        let step: String
        let code: Int32
    }

    /// Runs statements on a file.
    static func execute(_ sql: String, on path: String) throws { _ = try texts(sql, on: path) }

    /// Runs statements on a file, and gives the first column of their rows.
    static func texts(_ sql: String, on path: String) throws -> [String] {
        let (open, execute, close) = (
            try function("sqlite3_open", Open.self), try function("sqlite3_exec", Execute.self),
            try function("sqlite3_close", Close.self)
        )
        var connection: OpaquePointer?
        try check(open(path, &connection), "open")
        var found: [String] = []
        let code = withUnsafeMutablePointer(to: &found) { found in
            execute(connection, sql, takeRow, found, nil)
        }
        try check(close(connection), "close")
        try check(code, sql)
        return found
    }

    /// Puts the first column of a row into the texts that it is called with.
    private static let takeRow: TakeRow = { found, _, texts, _ in
        let text = texts?[0].map { String(cString: $0) } ?? ""
        found?.assumingMemoryBound(to: [String].self).pointee.append(text)
        return 0
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
