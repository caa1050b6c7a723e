/// JSON documents that were checked as a whole, and whose values are read where they lie.
///
/// ``JSON`` copies every name and value into texts and lists of its own. Where of each of a million
/// documents a few members are asked for once, that takes longer than anything else. A tape keeps
/// the bytes, and beside them one flat list of where each value begins and ends; a text is made when
/// it is asked for. It takes the same documents as ``JSON`` does, and refuses the others with the
/// same error.
///
/// A tape holds any number of documents, and used again after ``removeAll()`` it allocates nothing.
public struct JSONTape: Sendable {
    /// A value on the tape; of use only with the tape that gave it, until that is emptied.
    public struct Node: Hashable, Sendable {
        fileprivate var place: Int
    }

    fileprivate enum Kind: UInt8 {
        case null, yes, no, number, string, array, object
    }

    /// One value.
    ///
    /// What a list or an object contains stands behind it, names as strings.
    fileprivate struct Entry {
        var kind: Kind
        /// Whether a string has escapes, so that its bytes are not its text.
        var isEscaped = false
        /// The bytes of a number, or those of a string between its quotes.
        var start: Int
        var end: Int
        /// The place of the first entry that is not inside.
        var next: Int
    }

    private var bytes: ContiguousArray<UInt8> = []
    private var entries: ContiguousArray<Entry> = []

    /// Creates an empty tape.
    public init() {}

    /// Forgets all documents, and keeps the memory for others.
    public mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        entries.removeAll(keepingCapacity: true)
    }

    /// Checks one JSON document that takes up all the bytes, and adds it.
    ///
    /// - Parameter document: UTF-8; a byte order mark is passed over.
    /// - Returns: The value of the document.
    /// - Throws: ``JSONError`` at the first byte that does not fit RFC 8259; then the tape is of no
    ///   use until it is emptied.
    public mutating func append(_ document: some Collection<UInt8>) throws(JSONError) -> Node {
        let (start, place) = (bytes.count, entries.count)
        let isCopied: Bool? = document.withContiguousStorageIfAvailable { document in
            copy(document)
            return true
        }
        if isCopied == nil { bytes.append(contentsOf: document) }
        let failure = bytes.withUnsafeBufferPointer { bytes -> JSONError? in
            var scanner = TapeScanner(bytes, from: start, onto: entries)
            entries = []
            defer { entries = scanner.entries }
            do throws(JSONError) { try scanner.document() } catch { return error }
            return nil
        }
        if let failure { throw failure }
        return Node(place: place)
    }

    /// Bytes that lie together are copied at once.
    ///
    /// ``append(_:)`` is not compiled anew for each kind of list that other modules have, and would
    /// take them one by one.
    private mutating func copy(_ document: UnsafeBufferPointer<UInt8>) {
        bytes.append(contentsOf: document)
    }

    // MARK: Values

    /// The value of a member, or nil if there is none or this is no object.
    ///
    /// Of several members with one name the last counts, as in ``JSON``.
    ///
    /// - Parameters:
    ///   - name: The name, in ASCII.
    ///   - node: The object.
    /// - Returns: The value.
    public func member(_ name: StaticString, of node: Node) -> Node? {
        precondition(node.place < entries.count, "a node of another tape, or of an emptied one")
        return entries.withUnsafeBufferPointer { entries in
            let object = entries[node.place]
            guard object.kind == .object else { return nil }
            var (place, found) = (node.place + 1, Node?.none)
            while place < object.next {
                if isText(entries[place], name) { found = Node(place: place + 1) }
                place = entries[place + 1].next
            }
            return found
        }
    }

    /// The text of a string; nil for any other value.
    public func string(_ node: Node) -> String? {
        let entry = entries[node.place]
        return entry.kind == .string ? text(entry) : nil
    }

    /// The value of a Boolean; nil for any other value.
    public func bool(_ node: Node) -> Bool? {
        switch entries[node.place].kind {
        case .yes: true
        case .no: false
        default: nil
        }
    }

    /// The value of a whole number; nil for any other value, and for one beyond 64 bits.
    public func int(_ node: Node) -> Int? {
        let entry = entries[node.place]
        guard entry.kind == .number else { return nil }
        let isNegative = bytes[entry.start] == UInt8(ascii: "-")
        var value = 0
        for byte in bytes[(isNegative ? entry.start + 1 : entry.start)..<entry.end] {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            let (tens, isTooBig) = value.multipliedReportingOverflow(by: 10)
            let digit = Int(byte - UInt8(ascii: "0"))
            let (sum, isBeyond) =
                isNegative
                ? tens.subtractingReportingOverflow(digit) : tens.addingReportingOverflow(digit)
            guard !isTooBig, !isBeyond else { return nil }
            value = sum
        }
        return value
    }

    /// The elements of a list, in order; nil for any other value.
    public func elements(of node: Node) -> [Node]? {
        let list = entries[node.place]
        guard list.kind == .array else { return nil }
        var (place, found) = (node.place + 1, [Node]())
        while place < list.next {
            found.append(Node(place: place))
            place = entries[place].next
        }
        return found
    }

    /// The members of an object, in order; nil for any other value.
    public func members(of node: Node) -> [(name: String, value: Node)]? {
        let object = entries[node.place]
        guard object.kind == .object else { return nil }
        var (place, found) = (node.place + 1, [(name: String, value: Node)]())
        while place < object.next {
            found.append((text(entries[place]), Node(place: place + 1)))
            place = entries[place + 1].next
        }
        return found
    }

    private func isText(_ entry: Entry, _ name: StaticString) -> Bool {
        guard !entry.isEscaped else { return text(entry) == "\(name)" }
        guard entry.end - entry.start == name.utf8CodeUnitCount else { return false }
        return bytes.withUnsafeBufferPointer { bytes in
            name.withUTF8Buffer { bytes[entry.start..<entry.end].elementsEqual($0) }
        }
    }

    private func text(_ entry: Entry) -> String {
        bytes.withUnsafeBufferPointer { bytes in
            let content = UnsafeBufferPointer(rebasing: bytes[entry.start..<entry.end])
            return entry.isEscaped
                ? JSONEscape.text(of: content) : String(decoding: content, as: UTF8.self)
        }
    }
}

/// Texts with escapes that were checked before.
private enum JSONEscape {
    static func text(of content: UnsafeBufferPointer<UInt8>) -> String {
        var (text, index) = (ContiguousArray<UInt8>(), 0)
        text.reserveCapacity(content.count)
        while index < content.count {
            guard content[index] == UInt8(ascii: "\\") else {
                text.append(content[index])
                index += 1
                continue
            }
            let kind = content[index + 1]
            index += 2
            switch kind {
            case UInt8(ascii: "b"): text.append(0x08)
            case UInt8(ascii: "f"): text.append(0x0C)
            case UInt8(ascii: "n"): text.append(0x0A)
            case UInt8(ascii: "r"): text.append(0x0D)
            case UInt8(ascii: "t"): text.append(0x09)
            case UInt8(ascii: "u"):
                text.append(contentsOf: String(Character(scalar(content, &index))).utf8)
            default: text.append(kind)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The scalar of one or, for a surrogate pair, two escapes; U+FFFD for a lone surrogate.
    private static func scalar(
        _ content: UnsafeBufferPointer<UInt8>,
        _ index: inout Int
    ) -> Unicode.Scalar {
        let first = unit(content, index)
        index += 4
        guard (0xD800..<0xDC00).contains(first), index + 6 <= content.count,
            content[index] == UInt8(ascii: "\\"), content[index + 1] == UInt8(ascii: "u")
        else { return Unicode.Scalar(first) ?? "\u{FFFD}" }
        let second = unit(content, index + 2)
        guard (0xDC00..<0xE000).contains(second) else { return "\u{FFFD}" }
        index += 6
        return Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + second - 0xDC00) ?? "\u{FFFD}"
    }

    private static func unit(_ content: UnsafeBufferPointer<UInt8>, _ start: Int) -> UInt32 {
        content[start..<start + 4].reduce(0) { $0 << 4 | UInt32(JSONEscape.digit($1) ?? 0) }
    }

    /// The value of a hexadecimal digit; nil for any other byte.
    static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

/// Checks RFC 8259 strictly, one pass over the bytes, as the reader of ``JSON`` does.
private struct TapeScanner {
    private let bytes: UnsafeBufferPointer<UInt8>
    /// Where the document begins.
    private let origin: Int
    private var index: Int
    var entries: ContiguousArray<JSONTape.Entry>

    init(
        _ bytes: UnsafeBufferPointer<UInt8>,
        from origin: Int,
        onto entries: ContiguousArray<JSONTape.Entry>
    ) {
        (self.bytes, self.origin, self.entries) = (bytes, origin, entries)
        let hasMark = bytes[origin...].starts(with: [0xEF, 0xBB, 0xBF])
        index = hasMark ? origin + 3 : origin
    }

    mutating func document() throws(JSONError) {
        try value(depth: 0)
        skipSpace()
        guard index == bytes.count else { throw error("text after the document") }
    }

    /// The byte at the place; 0, which stands nowhere between values, at the end.
    private var peek: UInt8 { index < bytes.count ? bytes[index] : 0 }

    private var isAtEnd: Bool { index >= bytes.count }

    private func error(_ reason: String) -> JSONError {
        JSONError(reason: reason, offset: index - origin)
    }

    private mutating func skipSpace() {
        while index < bytes.count {
            switch bytes[index] {
            case 0x20, 0x09, 0x0A, 0x0D: index += 1
            default: return
            }
        }
    }

    private mutating func add(_ kind: JSONTape.Kind, from start: Int, to end: Int) {
        let next = entries.count + 1
        entries.append(JSONTape.Entry(kind: kind, start: start, end: end, next: next))
    }

    private mutating func value(depth: Int) throws(JSONError) {
        guard depth < JSON.deepest else { throw error("nesting too deep") }
        skipSpace()
        switch peek {
        case UInt8(ascii: "\""): try string()
        case UInt8(ascii: "{"): try container(.object, until: UInt8(ascii: "}"), depth: depth)
        case UInt8(ascii: "["): try container(.array, until: UInt8(ascii: "]"), depth: depth)
        case UInt8(ascii: "t"): try literal("true", .yes)
        case UInt8(ascii: "f"): try literal("false", .no)
        case UInt8(ascii: "n"): try literal("null", .null)
        default:
            guard !isAtEnd else { throw error("the document ends too early") }
            try number()
        }
    }

    private mutating func literal(
        _ word: StaticString,
        _ kind: JSONTape.Kind
    ) throws(JSONError) {
        let matches = word.withUTF8Buffer { bytes[index...].starts(with: $0) }
        guard matches else { throw error("an unknown word") }
        add(kind, from: index, to: index)
        index += word.utf8CodeUnitCount
    }

    private mutating func container(
        _ kind: JSONTape.Kind,
        until end: UInt8,
        depth: Int
    ) throws(JSONError) {
        let place = entries.count
        add(kind, from: index, to: index)
        index += 1
        skipSpace()
        if peek == end, !isAtEnd {
            index += 1
            return
        }
        repeat {
            if kind == .object { try name() }
            try value(depth: depth + 1)
        } while try more(until: end)
        entries[place].next = entries.count
    }

    private mutating func name() throws(JSONError) {
        skipSpace()
        guard peek == UInt8(ascii: "\"") else { throw error("a member without a name") }
        try string()
        skipSpace()
        guard peek == UInt8(ascii: ":") else { throw error("a name without a value") }
        index += 1
    }

    private mutating func more(until end: UInt8) throws(JSONError) -> Bool {
        skipSpace()
        guard !isAtEnd else { throw error("the document ends too early") }
        let next = bytes[index]
        guard next == UInt8(ascii: ",") || next == end else { throw error("a missing comma") }
        index += 1
        return next != end
    }

    private mutating func number() throws(JSONError) {
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
        add(.number, from: start, to: index)
    }

    private mutating func digits() throws(JSONError) -> Int {
        let start = index
        while peek >= UInt8(ascii: "0"), peek <= UInt8(ascii: "9") { index += 1 }
        guard index > start else { throw error("no value") }
        return index - start
    }

    private mutating func string() throws(JSONError) {
        index += 1
        let start = index
        // Tells whether all bytes are ASCII, which need not be validated.
        var (union, isEscaped): (UInt8, Bool) = (0, false)
        while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
            let byte = bytes[index]
            guard byte >= 0x20 else { throw error("a control character in a text") }
            if byte == UInt8(ascii: "\\") {
                isEscaped = true
                try escape()
            } else {
                union |= byte
                index += 1
            }
        }
        guard !isAtEnd else { throw error("the document ends too early") }
        // An escape stands for whole characters: what is valid with it is valid without it.
        guard union < 0x80 || isValid(start..<index) else {
            throw error("a text that is not UTF-8")
        }
        add(.string, from: start, to: index)
        entries[entries.count - 1].isEscaped = isEscaped
        index += 1
    }

    private func isValid(_ content: Range<Int>) -> Bool {
        let content = UnsafeBufferPointer(rebasing: bytes[content])
        return String(validating: content, as: UTF8.self) != nil
    }

    private mutating func escape() throws(JSONError) {
        index += 1
        guard !isAtEnd else { throw error("the document ends too early") }
        let kind = bytes[index]
        index += 1
        switch kind {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
            UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return
        case UInt8(ascii: "u"):
            guard index + 4 <= bytes.count,
                bytes[index..<index + 4].allSatisfy({ JSONEscape.digit($0) != nil })
            else { throw error("an unfinished escape") }
            index += 4
        default: throw error("an unknown escape")
        }
    }
}
