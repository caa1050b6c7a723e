import Domain
import TestSupport
import Testing

@Suite("A JSON tape")
struct JSONTapeTests {
    /// What a document is read as: its value, or the error.
    private enum Reading: Equatable {
        case value(JSON)
        case error(JSONError)
    }

    private func tree(_ bytes: [UInt8]) -> Reading {
        do throws(JSONError) { return .value(try JSON(parsing: bytes)) } catch {
            return .error(error)
        }
    }

    /// Reads a document behind another one, as the parts of an event stand one behind the other.
    private func tape(_ bytes: [UInt8]) -> Reading {
        var tape = JSONTape()
        do throws(JSONError) {
            _ = try tape.append(Array(#"{"before":[1,2,"\n"]}"#.utf8))
            return .value(json(try tape.append(bytes), tape))
        } catch {
            return .error(error)
        }
    }

    /// The value as a tree; the spelling of numbers that are not whole is not on offer.
    private func json(_ node: JSONTape.Node, _ tape: JSONTape) -> JSON {
        if let text = tape.string(node) { return .string(text) }
        if let flag = tape.bool(node) { return .bool(flag) }
        if let number = tape.int(node) { return .integer(number) }
        if let elements = tape.elements(of: node) {
            return .array(elements.map { json($0, tape) })
        }
        if let members = tape.members(of: node) {
            return .object(members.map { JSON.Member($0.name, json($0.value, tape)) })
        }
        return .null
    }

    /// A tree without what a tape does not give: numbers that are not whole are `null` there.
    private func withoutSpelling(_ json: JSON) -> JSON {
        switch json {
        case .number: json.int.map { .integer($0) } ?? .null
        case .array(let elements): .array(elements.map(withoutSpelling))
        case .object(let members):
            .object(members.map { JSON.Member($0.name, withoutSpelling($0.value)) })
        case .null, .bool, .string: json
        }
    }

    private func expectSame(_ bytes: [UInt8]) {
        let expected = tree(bytes)
        let text = String(decoding: bytes, as: UTF8.self)
        if case .value(let json) = expected {
            #expect(tape(bytes) == .value(withoutSpelling(json)), "\(text)")
        } else {
            #expect(tape(bytes) == expected, "\(text)")
        }
    }

    @Test(
        "reads and refuses what a tree does, with the same error",
        arguments: [
            "", " ", "null", "true", "false", "nul", "0", "-0", "-1", "1.5", "2e3", "01", "-", "1.",
            "1e",
            "9223372036854775807", "-9223372036854775808", "9223372036854775808",
            "-9223372036854775809", "[]", "{}", "[1,[2,[3]]]", "[1,]", "[1 2]", "[", "{", "]", "}",
            #"{"a":{"b":[null,true,"x"]},"a":2}"#, #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, "{a:1}",
            #"{"a" 1}"#, #"{"a":1 "b":2}"#, "1 2", "\u{FEFF}1", "\u{FEFF}\u{FEFF}1", "\"\u{0}\"",
            "\u{0}", "[\u{0}]", "{\u{0}}", #""grüße 🦄 漢字 é""#, #""\u0041\u00e9\ud83e\udd84""#,
            #""\ud83e""#, #""\udd84""#, #""\ud83ex""#, #""\ud83e\n""#, #""\ud83e\ud83e\udd84""#,
            #""\ud83e\u12""#, #""\/\b\f\n\r\t\"\\""#, #""\x""#, #""\u12""#, #""\u12G4""#,
            #""\u+123""#,
            #""\u""#, "\"a", "\"a\\", "\"\t\"", " \t\r\n{ \"a\" : [ 1 , 2 ] ,\n\"b\" : { } } \n",
        ]
    )
    func sameAsTree(text: String) {
        expectSame(Array(text.utf8))
        expectSame(Array(text.utf8.dropLast()))
        expectSame(Array(text.utf8) + [0xC3])
    }

    @Test("reads what it read before when it is emptied and used again")
    func usedAgain() throws {
        var tape = JSONTape()
        for number in 0..<3 {
            tape.removeAll()
            let node = try tape.append(
                Array(#"{"n\u0061me":"x","n":\#(number),"n":-\#(number)}"#.utf8)
            )
            #expect(tape.member("name", of: node).flatMap { tape.string($0) } == "x")
            #expect(
                tape.member("n", of: node).flatMap { tape.int($0) } == -number,
                "the last counts"
            )
            #expect(tape.member("m", of: node) == nil)
            #expect(throws: JSONError.self) { try tape.append([0x5B]) }
        }
    }

    @Test("refuses nesting as deep as a tree does", arguments: [127, 128, 129])
    func deepest(depth: Int) {
        expectSame(Array(repeating: 0x5B, count: depth) + Array(repeating: 0x5D, count: depth))
    }

    @Test(
        "agrees with a tree on any document, whole or damaged",
        arguments: 0..<40 as Range<UInt64>
    )
    func anyDocument(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<50 {
            var bytes = Self.document(&generator, depth: 0).bytes
            expectSame(bytes)
            for _ in 0..<generator.number(1...3) where !bytes.isEmpty {
                let place = generator.number(0...bytes.count - 1)
                switch generator.number(0...2) {
                case 0: bytes[place] = generator.any(Self.oddBytes)
                case 1: bytes.remove(at: place)
                default: bytes.insert(generator.any(Self.oddBytes), at: place)
                }
            }
            expectSame(bytes)
        }
    }

    private static let oddBytes =
        Array("\\\"u{}[]:,0-1.eE+ntf \n".utf8) + [0, 0x1F, 0x80, 0xC3, 0xF0]

    private static func document(_ generator: inout SeededGenerator, depth: Int) -> JSON {
        switch generator.number(0...(depth < 4 ? 7 : 5)) {
        case 0: return .null
        case 1: return .bool(generator.oneIn(2))
        case 2: return .integer(generator.number(-1_000...1_000))
        case 3: return .number(generator.any(["1.5", "-2e7", "99999999999999999999", "0"]))
        case 4, 5: return .string(text(&generator))
        case 6:
            return .array(
                (0..<generator.number(0...4)).map { _ in document(&generator, depth: depth + 1) }
            )
        default:
            return .object(
                (0..<generator.number(0...4)).map { _ in
                    JSON.Member(text(&generator), document(&generator, depth: depth + 1))
                }
            )
        }
    }

    private static func text(_ generator: inout SeededGenerator) -> String {
        let pieces = [
            "a", "uid", "\"", "\\", "\n", "\u{1}", "é", "e\u{301}", "🦄", "\u{7F}", " ", "/",
        ]
        return (0..<generator.number(0...6)).map { _ in generator.any(pieces) }.joined()
    }
}
