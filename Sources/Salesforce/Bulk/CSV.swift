/// Text in rows and columns, RFC 4180, as Bulk API 2.0 takes and gives it.
///
/// UTF-8, comma, LF; a row is a list of texts, and the first row names the columns.
///
/// Source: `facts/salesforce-api.md` 4.2.
enum CSV {
    /// Appends a row.
    ///
    /// A value is quoted where it holds a comma, a quote or a line break, or begins or ends with a
    /// space, so that it comes back as it went. A row of one empty value is quoted, too: as an empty
    /// line it would not be a row.
    static func append(_ row: [String], to bytes: inout [UInt8]) {
        for (column, value) in row.enumerated() {
            if column > 0 { bytes.append(comma) }
            if needsQuotes(value) || row.count == 1 && value.isEmpty {
                bytes.append(quote)
                for byte in value.utf8 {
                    if byte == quote { bytes.append(quote) }
                    bytes.append(byte)
                }
                bytes.append(quote)
            } else {
                bytes.append(contentsOf: value.utf8)
            }
        }
        bytes.append(lineFeed)
    }

    /// Reads all rows.
    ///
    /// Takes LF and CRLF, and a byte order mark; nothing else that RFC 4180 does not know.
    ///
    /// - Parameter bytes: The text.
    /// - Returns: The rows, the header first; all as long as the header.
    /// - Throws: ``SalesforceError/unexpectedAnswer(_:)`` with the number of the row that breaks a
    ///   rule: a quote inside a plain value, text after a closing quote, a quote that is not closed,
    ///   or a row of another length.
    static func rows(in bytes: [UInt8]) throws(SalesforceError) -> [[String]] {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let start = bytes.starts(with: mark) ? mark.count : 0
        var reader = Reader(bytes: bytes, place: start)
        var rows: [[String]] = []
        while let row = try reader.next(row: rows.count + 1) {
            guard row.count == rows.first?.count ?? row.count else {
                throw Reader.broken(rows.count + 1, "has another number of columns than the first")
            }
            rows.append(row)
        }
        return rows
    }

    private static func needsQuotes(_ value: String) -> Bool {
        let bytes = value.utf8
        let hasEdge = bytes.first == space || bytes.last == space
        return hasEdge
            || bytes.contains {
                $0 == comma || $0 == quote || $0 == lineFeed || $0 == carriageReturn
            }
    }

    fileprivate static let comma = UInt8(ascii: ",")
    fileprivate static let quote = UInt8(ascii: "\"")
    fileprivate static let space = UInt8(ascii: " ")
    fileprivate static let lineFeed = UInt8(ascii: "\n")
    fileprivate static let carriageReturn = UInt8(ascii: "\r")
}

/// Reads one row after the other.
private struct Reader {
    let bytes: [UInt8]
    var place: Int

    /// The next row, or nil at the end.
    mutating func next(row: Int) throws(SalesforceError) -> [String]? {
        guard place < bytes.count else { return nil }
        var values: [String] = []
        while true {
            values.append(try value(row: row))
            guard place < bytes.count else { return values }
            let byte = bytes[place]
            place += 1
            switch byte {
            case CSV.comma: continue
            case CSV.lineFeed: return values
            case CSV.carriageReturn:
                guard place < bytes.count, bytes[place] == CSV.lineFeed else {
                    throw Self.broken(row, "ends with half a line break")
                }
                place += 1
                return values
            default: throw Self.broken(row, "goes on after a closing quote")
            }
        }
    }

    /// A value; leaves the place at what follows it.
    private mutating func value(row: Int) throws(SalesforceError) -> String {
        if place < bytes.count, bytes[place] == CSV.quote {
            place += 1
            return try quoted(row: row)
        }
        let start = place
        while place < bytes.count {
            let byte = bytes[place]
            if byte == CSV.comma || byte == CSV.lineFeed || byte == CSV.carriageReturn { break }
            if byte == CSV.quote { throw Self.broken(row, "has a quote inside a plain value") }
            place += 1
        }
        return String(decoding: bytes[start..<place], as: UTF8.self)
    }

    private mutating func quoted(row: Int) throws(SalesforceError) -> String {
        var value: [UInt8] = []
        while place < bytes.count {
            let byte = bytes[place]
            place += 1
            guard byte == CSV.quote else {
                value.append(byte)
                continue
            }
            guard place < bytes.count, bytes[place] == CSV.quote else {
                return String(decoding: value, as: UTF8.self)
            }
            value.append(CSV.quote)
            place += 1
        }
        throw Self.broken(row, "ends inside a quoted value")
    }

    static func broken(_ row: Int, _ reason: String) -> SalesforceError {
        .unexpectedAnswer("row \(row) of a CSV answer \(reason)")
    }
}
