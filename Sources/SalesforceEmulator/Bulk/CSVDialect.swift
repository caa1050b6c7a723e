/// How the columns and lines of a bulk file are kept apart.
///
/// Source: `facts/salesforce-api.md` 4.1.
struct CSVDialect: Hashable, Sendable {
    var delimiter = Delimiter.comma
    var lineEnding = LineEnding.lineFeed

    /// The characters between columns, under the names that jobs use.
    enum Delimiter: String, Sendable {
        case backquote = "BACKQUOTE"
        case caret = "CARET"
        case comma = "COMMA"
        case pipe = "PIPE"
        case semicolon = "SEMICOLON"
        case tab = "TAB"

        var character: Character {
            switch self {
            case .backquote: "`"
            case .caret: "^"
            case .comma: ","
            case .pipe: "|"
            case .semicolon: ";"
            case .tab: "\t"
            }
        }
    }

    /// The characters after each line, under the names that jobs use.
    enum LineEnding: String, Sendable {
        case lineFeed = "LF"
        case carriageReturnLineFeed = "CRLF"

        var text: String { self == .lineFeed ? "\n" : "\r\n" }
    }

    /// A line of values, each in quotes as results have them, with its ending.
    func line(_ values: some Sequence<String>) -> String {
        values.map { "\"\($0.escaping(["\"": "\"\""]))\"" }
            .joined(separator: String(delimiter.character)) + lineEnding.text
    }
}

/// Why a bulk file cannot be read; the job as a whole fails with this message.
struct CSVError: Error, Hashable {
    let message: String
}

/// Reads the rows of a bulk file, one by one.
///
/// Values stand in quotes where they hold a delimiter, a quote (doubled) or a line's end.
/// Lines without anything are skipped. Spaces are part of values.
struct CSVReader {
    private let bytes: [UInt8]
    private let dialect: CSVDialect
    private let delimiter: UInt8
    private var position = 0

    private static let quote = UInt8(ascii: "\"")
    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    init(_ bytes: [UInt8], _ dialect: CSVDialect) {
        self.bytes = bytes
        self.dialect = dialect
        delimiter = dialect.delimiter.character.asciiValue ?? UInt8(ascii: ",")
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    }

    /// The values of the next row; nil after the last.
    ///
    /// - Throws: ``CSVError`` at a line that ends otherwise than the job says, or a quote
    ///   that is not closed where it should be.
    mutating func next() throws(CSVError) -> [String]? {
        while position < bytes.count {
            let row = try row()
            if row != [""] { return row }
        }
        return nil
    }

    private mutating func row() throws(CSVError) -> [String] {
        var values: [String] = []
        while true {
            values.append(try value())
            guard position < bytes.count else { return values }
            guard bytes[position] == delimiter else {
                try endLine()
                return values
            }
            position += 1
        }
    }

    private mutating func value() throws(CSVError) -> String {
        guard position < bytes.count, bytes[position] == Self.quote else { return plainValue() }
        position += 1
        var value: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte != Self.quote {
                value.append(byte)
            } else if position < bytes.count, bytes[position] == Self.quote {
                value.append(byte)
                position += 1
            } else {
                return String(decoding: value, as: UTF8.self)
            }
        }
        throw CSVError(message: "InvalidBatch : Failed to parse CSV. A quote is not closed.")
    }

    private mutating func plainValue() -> String {
        let start = position
        while position < bytes.count, !isEnd(bytes[position]) { position += 1 }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private func isEnd(_ byte: UInt8) -> Bool {
        byte == delimiter || byte == Self.lineFeed || byte == Self.carriageReturn
    }

    private mutating func endLine() throws(CSVError) {
        guard isEnd(bytes[position]) else {
            throw CSVError(
                message: "InvalidBatch : Failed to parse CSV. Text follows a closing quote."
            )
        }
        let hasReturn = bytes[position] == Self.carriageReturn
        let feed = hasReturn ? position + 1 : position
        guard hasReturn == (dialect.lineEnding == .carriageReturnLineFeed),
            feed < bytes.count, bytes[feed] == Self.lineFeed
        else {
            throw CSVError(
                message: """
                    ClientInputError : LineEnding is invalid on user data. Current LineEnding \
                    setting is \(dialect.lineEnding.rawValue)
                    """
            )
        }
        position = feed + 1
    }
}
