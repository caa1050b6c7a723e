import Testing

@testable import SalesforceEmulator

@Suite("Bulk file")
struct CSVTests {
    /// A file, how its columns and lines are kept apart, and its rows.
    struct Row: Sendable {
        let text: String
        var dialect = CSVDialect()
        let rows: [[String]]
    }

    private static let twoByTwo = [["A", "B"], ["1", "2"]]

    static let readable = [
        Row(text: "", rows: []),
        Row(text: "Id\n", rows: [["Id"]]),
        Row(text: "A,B\n1,2", rows: [["A", "B"], ["1", "2"]]),
        Row(text: "A,B\n,\n\n x ,\"\"\n", rows: [["A", "B"], ["", ""], [" x ", ""]]),
        Row(text: "A\n\"a \"\"b\"\", c\r\nd\"\n", rows: [["A"], ["a \"b\", c\r\nd"]]),
        Row(text: "\u{FEFF}A\nä\n", rows: [["A"], ["ä"]]),
        Row(
            text: "A|B\r\n1,0|\"2|3\"\r\n",
            dialect: CSVDialect(delimiter: .pipe, lineEnding: .carriageReturnLineFeed),
            rows: [["A", "B"], ["1,0", "2|3"]]
        ),
        Row(text: "A\tB\n1\t2", dialect: .init(delimiter: .tab), rows: [["A", "B"], ["1", "2"]]),
        Row(text: "A;B\n1;2", dialect: .init(delimiter: .semicolon), rows: twoByTwo),
        Row(text: "A^B\n1^2", dialect: .init(delimiter: .caret), rows: twoByTwo),
        Row(text: "A`B\n1`2", dialect: .init(delimiter: .backquote), rows: twoByTwo),
    ]

    @Test("is read row by row", arguments: readable)
    func reading(row: Row) throws {
        #expect(try Self.rows(row.text, row.dialect) == row.rows)
    }

    @Test(
        "is refused when its lines or quotes end otherwise than said",
        arguments: [
            ("A\r\n1\r\n", CSVDialect.LineEnding.lineFeed, "LineEnding setting is LF"),
            ("A\n1\n", .carriageReturnLineFeed, "LineEnding setting is CRLF"),
            ("A\n\"1", .lineFeed, "A quote is not closed"),
            ("A\n\"1\"2\n", .lineFeed, "Text follows a closing quote"),
        ]
    )
    func refusal(text: String, ending: CSVDialect.LineEnding, reason: String) {
        let error = #expect(throws: CSVError.self) {
            try Self.rows(text, CSVDialect(lineEnding: ending))
        }
        #expect(error?.message.contains(reason) == true)
    }

    @Test("is written so that it can be read again")
    func writing() throws {
        let values = ["a", "", "b \"c\"", "d,e", "f\ng", "\"\u{301}"]
        let line = CSVDialect().line(values)
        #expect(line == "\"a\",\"\",\"b \"\"c\"\"\",\"d,e\",\"f\ng\",\"\"\"\u{301}\"\n")
        #expect(try Self.rows(line, CSVDialect()) == [values])
    }

    private static func rows(_ text: String, _ dialect: CSVDialect) throws -> [[String]] {
        var reader = CSVReader(Array(text.utf8), dialect)
        var rows: [[String]] = []
        while let row = try reader.next() { rows.append(row) }
        return rows
    }
}
