import TestSupport
import Testing

@testable import Salesforce

@Suite("CSV")
struct CSVTests {
    static let values: [(value: String, spelled: String)] = [
        ("plain", "plain"),
        ("a, b", "\"a, b\""),
        ("say \"no\"", "\"say \"\"no\"\"\""),
        ("two\nlines", "\"two\nlines\""),
        ("two\r\nlines", "\"two\r\nlines\""),
        (" edge", "\" edge\""),
        ("edge ", "\"edge \""),
        ("größer 会议 👩🏽‍💻", "größer 会议 👩🏽‍💻"),
        ("", ""),
        ("#N/A", "#N/A"),
        ("=1+1", "=1+1"),
    ]

    @Test("spells and reads a value among others", arguments: values)
    func value(value: String, spelled: String) throws {
        var bytes: [UInt8] = []
        CSV.append(["a", value, "z"], to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == "a,\(spelled),z\n")
        #expect(try CSV.rows(in: bytes) == [["a", value, "z"]])
    }

    static let texts: [(text: String, rows: [[String]])] = [
        ("", []),
        ("a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
        ("a,b\r\n1,2", [["a", "b"], ["1", "2"]]),
        ("\u{FEFF}a\n1\n", [["a"], ["1"]]),
        ("\"a\",\"b\"\n\"\",\"x\"\"y\"\n", [["a", "b"], ["", "x\"y"]]),
        ("a,b\n,\n", [["a", "b"], ["", ""]]),
        ("a\n\"\"\n", [["a"], [""]]),
    ]

    @Test("reads what Salesforce and other writers send", arguments: texts)
    func reading(text: String, rows: [[String]]) throws {
        #expect(try CSV.rows(in: Array(text.utf8)) == rows)
    }

    static let broken: [(text: String, reason: String)] = [
        ("a,b\n1\n", "row 2"), ("a\n1,2\n", "row 2"), ("a\nx\"y\n", "row 2"),
        ("a\n\"x\"y\n", "row 2"), ("a\n\"x", "row 2"), ("a\r1\n", "row 1"),
    ]

    @Test("refuses a text that breaks a rule, and names the row", arguments: broken)
    func refusal(text: String, reason: String) throws {
        #expect {
            try CSV.rows(in: Array(text.utf8))
        } throws: { error in
            guard case .unexpectedAnswer(let words)? = error as? SalesforceError else {
                return false
            }
            return words.contains(reason)
        }
    }

    @Test("gives back any rows that went in", arguments: 0..<200)
    func roundTrip(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let alphabet = ["a", "\"", ",", "\n", "\r\n", "\r", " ", "é", "", "#N/A"]
        let columns = Int.random(in: 1...4, using: &generator)
        let rows = (0..<Int.random(in: 1...5, using: &generator)).map { _ in
            (0..<columns).map { _ in
                (0..<Int.random(in: 0...5, using: &generator))
                    .map { _ in alphabet.randomElement(using: &generator) ?? "" }.joined()
            }
        }
        var bytes: [UInt8] = []
        for row in rows { CSV.append(row, to: &bytes) }
        #expect(try CSV.rows(in: bytes) == rows, "seed \(seed)")
    }
}
