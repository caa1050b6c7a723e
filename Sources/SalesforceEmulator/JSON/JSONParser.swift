/// Why a text is not JSON, in the words that the real service uses.
struct JSONSyntaxError: Error {
    /// What is wrong and where, as `… at [line:1, column:18]`.
    let message: String
}

/// Reads one JSON text.
///
/// Nesting is limited to 512 levels, so that no body can exhaust the stack.
struct JSONParser {
    private let bytes: [UInt8]
    private var position = 0
    private var depth = 0

    private init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Reads a whole text; anything but white space after the value is an error.
    static func parse(_ bytes: [UInt8]) throws(JSONSyntaxError) -> JSON {
        var parser = JSONParser(bytes)
        parser.skipSpace()
        let value = try parser.value()
        parser.skipSpace()
        guard parser.position == bytes.count else {
            throw parser.unexpected("expected end of input")
        }
        return value
    }

    private mutating func value() throws(JSONSyntaxError) -> JSON {
        depth += 1
        defer { depth -= 1 }
        guard depth <= 512 else { throw unexpected("nested too deeply") }
        switch peek ?? 0 {
        case UInt8(ascii: "{"): return .object(try object())
        case UInt8(ascii: "["): return .array(try array())
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default:
            throw unexpected(
                "expected a valid value (number, String, array, object, 'true', 'false' or 'null')"
            )
        }
    }

    private mutating func object() throws(JSONSyntaxError) -> JSONObject {
        var result = JSONObject()
        position += 1
        skipSpace()
        if take("}") { return result }
        while true {
            skipSpace()
            guard peek == UInt8(ascii: "\"") else {
                throw unexpected("was expecting double-quote to start field name")
            }
            let key = try string()
            skipSpace()
            guard take(":") else {
                throw unexpected("was expecting a colon to separate field name and value")
            }
            skipSpace()
            result.append(key, try value())
            skipSpace()
            if take("}") { return result }
            guard take(",") else {
                throw unexpected("was expecting comma to separate OBJECT entries")
            }
        }
    }

    private mutating func array() throws(JSONSyntaxError) -> [JSON] {
        var result: [JSON] = []
        position += 1
        skipSpace()
        if take("]") { return result }
        while true {
            skipSpace()
            result.append(try value())
            skipSpace()
            if take("]") { return result }
            guard take(",") else {
                throw unexpected("was expecting comma to separate ARRAY entries")
            }
        }
    }

    private mutating func word(
        _ word: StaticString,
        _ value: JSON
    ) throws(JSONSyntaxError) -> JSON {
        let end = position + word.utf8CodeUnitCount
        guard end <= bytes.count, word.description.utf8.elementsEqual(bytes[position..<end]) else {
            throw unexpected("was expecting 'true', 'false' or 'null'")
        }
        position = end
        return value
    }

    private mutating func number() throws(JSONSyntaxError) -> JSON {
        let start = position
        while let byte = peek, Self.isPartOfNumber(byte) { position += 1 }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if let value = Int(text) { return .integer(value) }
        guard let value = Double(text), value.isFinite else {
            position = start
            throw unexpected("expected a number")
        }
        return .number(value)
    }

    private static func isPartOfNumber(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"),
            UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"):
            true
        default:
            false
        }
    }

    private mutating func string() throws(JSONSyntaxError) -> String {
        position += 1
        var text: [UInt8] = []
        while let byte = peek {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): text += try escape()
            case 0..<0x20:
                position -= 1
                throw unexpected("control characters must be escaped")
            default: text.append(byte)
            }
        }
        throw unexpected("was expecting closing quote for a string value")
    }

    private mutating func escape() throws(JSONSyntaxError) -> [UInt8] {
        guard let byte = peek else { throw unexpected("in character escape sequence") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"): return Array(String(try unicodeScalar()).utf8)
        default:
            position -= 1
            throw unexpected("unrecognized character escape")
        }
    }

    /// Reads the digits after `\u`, and the second half of a surrogate pair if there is one.
    private mutating func unicodeScalar() throws(JSONSyntaxError) -> Character {
        let first = try hexadecimal()
        if let scalar = Unicode.Scalar(first) { return Character(scalar) }
        let isPair =
            position + 1 < bytes.count && bytes[position] == UInt8(ascii: "\\")
            && bytes[position + 1] == UInt8(ascii: "u")
        guard (0xD800..<0xDC00).contains(first), isPair else { return "\u{FFFD}" }
        let before = position
        position += 2
        let second = try hexadecimal()
        guard (0xDC00..<0xE000).contains(second),
            let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + second - 0xDC00)
        else {
            // No second half: it is a character of its own.
            position = before
            return "\u{FFFD}"
        }
        return Character(scalar)
    }

    private mutating func hexadecimal() throws(JSONSyntaxError) -> UInt32 {
        let end = position + 4
        guard end <= bytes.count, bytes[position..<end].allSatisfy({ $0 != UInt8(ascii: "+") }),
            let code = UInt32(String(decoding: bytes[position..<end], as: UTF8.self), radix: 16)
        else { throw unexpected("expected a hex-digit for character escape sequence") }
        position = end
        return code
    }

    private var peek: UInt8? {
        position < bytes.count ? bytes[position] : nil
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard let peek, UInt32(peek) == character.value else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            position += 1
        }
    }

    private func unexpected(_ expectation: String) -> JSONSyntaxError {
        let before = bytes[..<position]
        let line = before.count { $0 == 0x0A } + 1
        let column = position - (before.lastIndex(of: 0x0A) ?? -1)
        let place = "at [line:\(line), column:\(column)]"
        guard let byte = peek else {
            return JSONSyntaxError(message: "Unexpected end-of-input: \(expectation) \(place)")
        }
        let character = String(decoding: [byte], as: UTF8.self)
        return JSONSyntaxError(
            message: "Unexpected character ('\(character)' (code \(byte))): \(expectation) \(place)"
        )
    }
}
