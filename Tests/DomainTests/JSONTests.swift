import Domain
import TestSupport
import Testing

@Suite("JSON")
struct JSONTests {
    @Test(
        "is written as it was read, but for space",
        arguments: [
            "null", "true", "false", "0", "-0", "1.50", "2e3", "1E-7", "-12.5e+10",
            "123456789012345678901234567890", #""""#, #""text""#, "[]", "{}", "[1,[2,[3]]]",
            #"{"b":1,"a":2}"#, #"{"a":{"b":[null,true,"x"]}}"#, #"{"":0}"#, #"{"a":1,"a":2}"#,
            #""line\nbreak\ttab\rreturn \"quoted\" back\\slash""#, #""\u0000\u0001\u001f""#,
            #""grüße 🦄 漢字 é""#, #""/""#,
        ]
    )
    func roundTrip(text: String) throws {
        let json = try JSON(parsing: text)
        #expect(json.text == text)
        #expect(try JSON(parsing: json.prettyText) == json)
    }

    @Test("passes over white space, and a byte order mark")
    func space() throws {
        let spaced = " \t\r\n{ \"a\" : [ 1 , 2 ] ,\n\"b\" : { } } \n"
        #expect(try JSON(parsing: spaced).text == #"{"a":[1,2],"b":{}}"#)
        #expect(try JSON(parsing: [0xEF, 0xBB, 0xBF] + Array("1".utf8)) == .number("1"))
    }

    @Test(
        "reads escapes",
        arguments: [
            (#""\u0041""#, "A"), (#""\u00e9\u00E9""#, "éé"), (#""\ud83e\udd84""#, "🦄"),
            (#""\/\b\f""#, "/\u{8}\u{C}"), (#""a\"b\\c""#, #"a"b\c"#),
            (#""\ud83e""#, "\u{FFFD}"), (#""\udd84""#, "\u{FFFD}"), (#""\ud83ex""#, "\u{FFFD}x"),
            (#""\ud83e\n""#, "\u{FFFD}\n"), (#""\ud83e\ud83e\udd84""#, "\u{FFFD}🦄"),
            (#""x\u0000y""#, "x\u{0}y"),
        ]
    )
    func escapes(text: String, value: String) throws {
        #expect(try JSON(parsing: text) == .string(value))
    }

    @Test(
        "refuses",
        arguments: [
            "", " ", "nul", "nulll", "True", "NaN", "Infinity", "undefined", "'a'", "\"a", "\"a\\",
            "[", "]", "{", "}", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "{\"a\"}", "{\"a\":}",
            "{\"a\":1,}", "{a:1}", "{\"a\" 1}", "{\"a\":1 \"b\":2}", "{1:2}", "{,}", "01", "-",
            "-a",
            "+1", ".5", "1.", "1.e3", "1e", "1e+", "00", "-01", "0x10", "1_000", "1 2", "{} {}",
            "[]x", "// note\n1", "/**/1", "\"\t\"", "\"\n\"", "\"\u{0}\"", #""\x""#, #""\u12""#,
            #""\u12G4""#, #""\u+123""#, #""\u""#, "\u{FEFF}\u{FEFF}1", "\u{A0}1",
        ]
    )
    func refuses(text: String) { #expect(throws: JSONError.self) { try JSON(parsing: text) } }

    @Test(
        "refuses bytes that are no UTF-8",
        arguments: [[0xFF], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80]]
    )
    func invalidText(bytes: [UInt8]) {
        let quote = UInt8(ascii: "\"")
        #expect(throws: JSONError.self) { try JSON(parsing: [quote] + bytes + [quote]) }
        let escaped = [quote] + Array(#"\n"#.utf8) + bytes + [quote]
        #expect(throws: JSONError.self) { try JSON(parsing: escaped) }
    }

    @Test("says what was found, and where, without the text")
    func errors() throws {
        let error = #expect(throws: JSONError.self) { try JSON(parsing: #"{"secret":tru}"#) }
        #expect(error?.offset == 10)
        #expect(error?.description.contains("secret") == false)
    }

    /// Nested as deep as allowed, and one level more.
    @Test("reads to a depth that no stack minds", arguments: [("[", "]"), (#"{"a":"#, "}")])
    func depth(open: String, close: String) throws {
        func nested(_ levels: Int) -> String {
            String(repeating: open, count: levels) + "1" + String(repeating: close, count: levels)
        }
        #expect(try JSON(parsing: nested(127)).text == nested(127))
        #expect(throws: JSONError.self) { try JSON(parsing: nested(128)) }
        #expect(throws: JSONError.self) { try JSON(parsing: nested(1_000_000)) }
        #expect(throws: JSONError.self) {
            try JSON(parsing: String(repeating: open, count: 1_000_000))
        }
    }

    @Test("gives the last of several members with one name, and none for null where asked")
    func members() throws {
        let json = try JSON(parsing: #"{"a":1,"b":null,"a":2}"#)
        #expect(json["a"]?.int == 2)
        #expect(json["b"] == .null)
        #expect(json.present("b") == nil)
        #expect(json["c"] == nil)
        #expect(JSON.string("a")["a"] == nil)
        #expect(json.members?.map(\.name) == ["a", "b", "a"])
    }

    @Test(
        "takes whole numbers for numbers, and nothing else",
        arguments: [
            ("1", 1), ("-7", -7), ("9223372036854775807", .max), ("9223372036854775808", nil),
            ("1.0", nil), ("1e2", nil), (#""1""#, nil), ("true", nil),
        ] as [(String, Int?)]
    )
    func integers(text: String, value: Int?) throws {
        #expect(try JSON(parsing: text).int == value)
    }

    @Test("finds the elements of a list to the byte")
    func elementRanges() throws {
        let text = #" [ {"a": 1} , 2,"x,]" ] "#
        let bytes = Array(text.utf8)
        let ranges = try #require(try JSON.elementRanges(of: bytes))
        let elements = ranges.map { String(decoding: bytes[$0], as: UTF8.self) }
        #expect(elements == [#"{"a": 1}"#, "2", #""x,]""#])
        #expect(try JSON.elementRanges(of: Array("[]".utf8)) == [])
        #expect(try JSON.elementRanges(of: Array("{}".utf8)) == nil)
        for broken in ["[1", "[1,]", "[1] 2", "[1 2]"] {
            #expect(throws: JSONError.self) { try JSON.elementRanges(of: Array(broken.utf8)) }
        }
    }

    @Test("is read as it was written, whatever it is", arguments: 1...60)
    func anyValue(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let json = JSON.random(depth: 5, using: &generator)
        #expect(try JSON(parsing: json.bytes) == json)
        #expect(try JSON(parsing: json.prettyText) == json)
    }

    @Test("with any byte changed is read or refused, and never a crash", arguments: 1...60)
    func fuzz(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var bytes = JSON.random(depth: 4, using: &generator).bytes
        for _ in 0..<3 {
            let place = Int.random(in: bytes.indices, using: &generator)
            bytes[place] = UInt8.random(in: .min ... .max, using: &generator)
            do throws(JSONError) {
                let json = try JSON(parsing: bytes)
                #expect((try? JSON(parsing: json.bytes)) == json)
            } catch {
                #expect((0...bytes.count).contains(error.offset))
            }
        }
    }
}

extension JSON {
    fileprivate static func random(depth: Int, using generator: inout SeededGenerator) -> Self {
        let texts = ["", "a", "\"\\/", "\n\t\u{1}", "é🦄", "\u{FFFD}", "key", "null"]
        switch Int.random(in: 0...(depth > 0 ? 6 : 4), using: &generator) {
        case 0: return .null
        case 1: return .bool(.random(using: &generator))
        case 2: return .integer(Int64.random(in: .min ... .max, using: &generator))
        case 3:
            return .number(["0", "-0.5", "1e5", "12E-3"].randomElement(using: &generator) ?? "0")
        case 4: return .string(texts.randomElement(using: &generator) ?? "")
        case 5:
            let count = Int.random(in: 0...4, using: &generator)
            return .array((0..<count).map { _ in random(depth: depth - 1, using: &generator) })
        default:
            let count = Int.random(in: 0...4, using: &generator)
            return .object(
                (0..<count).map { _ in
                    Member(
                        texts.randomElement(using: &generator) ?? "",
                        random(depth: depth - 1, using: &generator)
                    )
                }
            )
        }
    }
}
