/// A JSON value that keeps the order of members and the spelling of numbers.
///
/// Order is kept so that what was read can be written again byte for byte, and so that our own
/// stored forms are deterministic without sorting.
public enum JSON: Hashable, Sendable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A number as it was spelled, for example `3`, `1.50` or `2e3`.
    case number(String)
    /// A text.
    case string(String)
    /// A list.
    case array([JSON])
    /// Members in the order in which they stand.
    case object([Member])

    /// One member of an object.
    public struct Member: Hashable, Sendable {
        /// The name.
        public let name: String
        /// The value.
        public let value: JSON

        /// Pairs a name with a value.
        public init(_ name: String, _ value: JSON) { (self.name, self.value) = (name, value) }
    }

    /// A whole number.
    public static func integer(_ value: some BinaryInteger) -> JSON { .number(String(value)) }

    /// A text, or `null` for nil.
    public static func text(_ value: String?) -> JSON { value.map(JSON.string) ?? .null }

    /// An object of the members whose value is not nil.
    public static func compact(_ members: [(String, JSON?)]) -> JSON {
        .object(members.compactMap { name, value in value.map { Member(name, $0) } })
    }

    /// The value of a member, or nil if there is none or this is no object.
    ///
    /// Of several members with one name the last counts, as in most readers.
    public subscript(name: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.name == name }?.value
    }

    /// The member, unless it is missing or `null`.
    public func present(_ name: String) -> JSON? {
        guard let value = self[name], value != .null else { return nil }
        return value
    }

    /// The text of a string.
    public var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The value of a Boolean.
    public var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The value of a whole number.
    public var int: Int? {
        if case .number(let digits) = self { Int(digits) } else { nil }
    }

    /// The elements of a list.
    public var array: [JSON]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    /// The members of an object.
    public var members: [Member]? {
        if case .object(let members) = self { members } else { nil }
    }
}

/// A reason why bytes are not JSON.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was found instead, without any of the text itself.
    public let reason: String
    /// Where, in bytes from the start.
    public let offset: Int

    /// The reason and the place.
    public var description: String { "\(reason) at byte \(offset)" }
}

extension JSON {
    /// The deepest nesting that is read; more is an attack or a mistake.
    static let deepest = 128

    /// Reads one JSON document that takes up all the bytes.
    ///
    /// - Parameter bytes: UTF-8; a byte order mark is passed over.
    /// - Throws: ``JSONError`` at the first byte that does not fit RFC 8259.
    public init(parsing bytes: some Collection<UInt8>) throws(JSONError) {
        let copy = ContiguousArray(bytes)
        var reader = JSONReader(copy)
        self = try reader.document()
    }

    /// Reads one JSON document from text.
    ///
    /// - Parameter text: The document.
    /// - Throws: ``JSONError`` at the first byte that does not fit RFC 8259.
    public init(parsing text: String) throws(JSONError) { try self.init(parsing: text.utf8) }

    /// The ranges of the bytes of each element of a top-level array, or nil if the document is
    /// no array.
    ///
    /// - Parameter bytes: The whole document, UTF-8.
    /// - Returns: Offsets from the first byte, without the white space around the elements.
    /// - Throws: ``JSONError`` at the first byte that does not fit RFC 8259.
    public static func elementRanges(
        of bytes: some Collection<UInt8>
    ) throws(JSONError) -> [Range<Int>]? {
        var reader = JSONReader(ContiguousArray(bytes))
        return try reader.topLevelElements()
    }

    /// The shortest text of the value, as UTF-8; equal values give equal bytes.
    public var bytes: [UInt8] {
        var writer = JSONWriter()
        writer.write(self)
        return writer.bytes
    }

    /// The shortest text of the value.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The value over several lines, two spaces a level, for people.
    public var prettyText: String {
        var writer = JSONWriter()
        writer.writePretty(self, level: 0)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}

/// Reads RFC 8259 strictly, one pass over the bytes.
private struct JSONReader {
    private let bytes: ContiguousArray<UInt8>
    private var index = 0

    init(_ bytes: ContiguousArray<UInt8>) {
        self.bytes = bytes
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { index = 3 }
    }

    mutating func document() throws(JSONError) -> JSON {
        let value = try value(depth: 0)
        skipSpace()
        guard index == bytes.count else { throw error("text after the document") }
        return value
    }

    mutating func topLevelElements() throws(JSONError) -> [Range<Int>]? {
        skipSpace()
        guard peek == UInt8(ascii: "[") else { return nil }
        index += 1
        var ranges: [Range<Int>] = []
        skipSpace()
        if peek == UInt8(ascii: "]") {
            index += 1
        } else {
            repeat {
                skipSpace()
                let start = index
                _ = try value(depth: 1)
                ranges.append(start..<index)
            } while try more(until: UInt8(ascii: "]"))
        }
        skipSpace()
        guard index == bytes.count else { throw error("text after the document") }
        return ranges
    }

    private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

    private func error(_ reason: String) -> JSONError { JSONError(reason: reason, offset: index) }

    private mutating func skipSpace() {
        while index < bytes.count {
            switch bytes[index] {
            case 0x20, 0x09, 0x0A, 0x0D: index += 1
            default: return
            }
        }
    }

    private mutating func value(depth: Int) throws(JSONError) -> JSON {
        guard depth < JSON.deepest else { throw error("nesting too deep") }
        skipSpace()
        switch peek {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        case nil: throw error("the document ends too early")
        default: return .number(try number())
        }
    }

    private mutating func literal(_ word: StaticString, _ value: JSON) throws(JSONError) -> JSON {
        let matches = word.withUTF8Buffer { bytes[index...].starts(with: $0) }
        guard matches else { throw error("an unknown word") }
        index += word.utf8CodeUnitCount
        return value
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSON {
        index += 1
        var members: [JSON.Member] = []
        members.reserveCapacity(8)
        skipSpace()
        if peek == UInt8(ascii: "}") {
            index += 1
            return .object(members)
        }
        repeat {
            skipSpace()
            guard peek == UInt8(ascii: "\"") else { throw error("a member without a name") }
            let name = try string()
            skipSpace()
            guard peek == UInt8(ascii: ":") else { throw error("a name without a value") }
            index += 1
            members.append(JSON.Member(name, try value(depth: depth + 1)))
        } while try more(until: UInt8(ascii: "}"))
        return .object(members)
    }

    private mutating func array(depth: Int) throws(JSONError) -> JSON {
        index += 1
        var elements: [JSON] = []
        skipSpace()
        if peek == UInt8(ascii: "]") {
            index += 1
            return .array(elements)
        }
        repeat {
            elements.append(try value(depth: depth + 1))
        } while try more(until: UInt8(ascii: "]"))
        return .array(elements)
    }

    private mutating func more(until end: UInt8) throws(JSONError) -> Bool {
        skipSpace()
        guard let next = peek else { throw error("the document ends too early") }
        guard next == UInt8(ascii: ",") || next == end else { throw error("a missing comma") }
        index += 1
        return next != end
    }

    private mutating func number() throws(JSONError) -> String {
        let start = index
        if peek == UInt8(ascii: "-") { index += 1 }
        let whole = try digits()
        guard whole == 1 || bytes[index - whole] != UInt8(ascii: "0") else {
            throw error("a number with a leading zero")
        }
        if peek == UInt8(ascii: ".") {
            index += 1
            _ = try digits()
        }
        if peek == UInt8(ascii: "e") || peek == UInt8(ascii: "E") {
            index += 1
            if peek == UInt8(ascii: "+") || peek == UInt8(ascii: "-") { index += 1 }
            _ = try digits()
        }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    private mutating func digits() throws(JSONError) -> Int {
        let start = index
        while let byte = peek, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { index += 1 }
        guard index > start else { throw error("no value") }
        return index - start
    }

    private mutating func string() throws(JSONError) -> String {
        index += 1
        let start = index
        // Tells whether all bytes are ASCII, which need not be validated.
        var union: UInt8 = 0
        while let byte = peek, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
            guard byte >= 0x20 else { throw error("a control character in a text") }
            union |= byte
            index += 1
        }
        guard peek == UInt8(ascii: "\\") else {
            return try closeString(bytes[start..<index], isASCII: union < 0x80)
        }
        var buffer = ContiguousArray(bytes[start..<index])
        while let byte = peek, byte != UInt8(ascii: "\"") {
            guard byte >= 0x20 else { throw error("a control character in a text") }
            if byte == UInt8(ascii: "\\") {
                try escape(into: &buffer)
            } else {
                buffer.append(byte)
                index += 1
            }
        }
        return try closeString(buffer[...], isASCII: false)
    }

    private mutating func closeString(
        _ content: ArraySlice<UInt8>,
        isASCII: Bool
    ) throws(JSONError) -> String {
        guard peek != nil else { throw error("the document ends too early") }
        let text: String? = content.withUnsafeBufferPointer { content in
            isASCII
                ? String(decoding: content, as: UTF8.self)
                : String(validating: content, as: UTF8.self)
        }
        guard let text else { throw error("a text that is not UTF-8") }
        index += 1
        return text
    }

    private mutating func escape(into buffer: inout ContiguousArray<UInt8>) throws(JSONError) {
        index += 1
        guard let kind = peek else { throw error("the document ends too early") }
        index += 1
        switch kind {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): buffer.append(kind)
        case UInt8(ascii: "b"): buffer.append(0x08)
        case UInt8(ascii: "f"): buffer.append(0x0C)
        case UInt8(ascii: "n"): buffer.append(0x0A)
        case UInt8(ascii: "r"): buffer.append(0x0D)
        case UInt8(ascii: "t"): buffer.append(0x09)
        case UInt8(ascii: "u"): buffer.append(contentsOf: try unicodeEscape())
        default: throw error("an unknown escape")
        }
    }

    /// Reads one or, for a surrogate pair, two `\u` escapes; a lone surrogate becomes U+FFFD.
    private mutating func unicodeEscape() throws(JSONError) -> String.UTF8View {
        let first = try hexadecimal()
        let isHigh = (0xD800..<0xDC00).contains(first)
        let pairFollows =
            index + 1 < bytes.count && bytes[index] == UInt8(ascii: "\\")
            && bytes[index + 1] == UInt8(ascii: "u")
        if isHigh, pairFollows {
            let mark = index
            index += 2
            let second = try hexadecimal()
            if (0xDC00..<0xE000).contains(second),
                let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + second - 0xDC00)
            {
                return String(Character(scalar)).utf8
            }
            index = mark
        }
        return String(Character(Unicode.Scalar(first) ?? "\u{FFFD}")).utf8
    }

    private mutating func hexadecimal() throws(JSONError) -> UInt32 {
        guard index + 4 <= bytes.count, bytes[index] != UInt8(ascii: "+"),
            bytes[index] != UInt8(ascii: "-"),
            let code = UInt32(String(decoding: bytes[index..<index + 4], as: UTF8.self), radix: 16)
        else { throw error("an unfinished escape") }
        index += 4
        return code
    }
}

/// Writes JSON; escapes only what RFC 8259 demands.
private struct JSONWriter {
    var bytes: [UInt8] = []

    mutating func write(_ value: JSON) {
        switch value {
        case .null: append("null")
        case .bool(let flag): append(flag ? "true" : "false")
        case .number(let digits): bytes.append(contentsOf: digits.utf8)
        case .string(let text): write(text)
        case .array(let elements):
            append("[")
            for (place, element) in elements.enumerated() {
                if place > 0 { append(",") }
                write(element)
            }
            append("]")
        case .object(let members):
            append("{")
            for (place, member) in members.enumerated() {
                if place > 0 { append(",") }
                write(member.name)
                append(":")
                write(member.value)
            }
            append("}")
        }
    }

    mutating func writePretty(_ value: JSON, level: Int) {
        switch value {
        case .array(let elements) where !elements.isEmpty:
            writeBlock("[", "]", level, elements) { writer, element in
                writer.writePretty(element, level: level + 1)
            }
        case .object(let members) where !members.isEmpty:
            writeBlock("{", "}", level, members) { writer, member in
                writer.write(member.name)
                writer.append(": ")
                writer.writePretty(member.value, level: level + 1)
            }
        default: write(value)
        }
    }

    private mutating func writeBlock<Item>(
        _ open: StaticString,
        _ close: StaticString,
        _ level: Int,
        _ items: [Item],
        _ body: (inout Self, Item) -> Void
    ) {
        append(open)
        for (place, item) in items.enumerated() {
            append(place > 0 ? ",\n" : "\n")
            indent(level + 1)
            body(&self, item)
        }
        append("\n")
        indent(level)
        append(close)
    }

    private mutating func indent(_ level: Int) {
        bytes.append(contentsOf: repeatElement(0x20, count: level * 2))
    }

    private mutating func append(_ text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    private mutating func write(_ text: String) {
        append("\"")
        var text = text
        text.withUTF8 { content in
            // Piece by piece: hardly any text has a character that needs an escape.
            var start = 0
            for (place, byte) in content.enumerated() where Self.needsEscape(byte) {
                bytes.append(contentsOf: content[start..<place])
                writeEscape(byte)
                start = place + 1
            }
            bytes.append(contentsOf: content[start...])
        }
        append("\"")
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func writeEscape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): append("\\\"")
        case UInt8(ascii: "\\"): append("\\\\")
        case 0x0A: append("\\n")
        case 0x0D: append("\\r")
        case 0x09: append("\\t")
        default:
            append("\\u00")
            let digits = Array("0123456789abcdef".utf8)
            bytes.append(digits[Int(byte >> 4)])
            bytes.append(digits[Int(byte & 15)])
        }
    }
}
