/// A SOQL query that people wrote, restricted to what is safe to send.
///
/// One `SELECT`, nothing that locks, marks or changes records, and values of the person only as
/// bound literals: `{email}`, `{domain}` or the identifier of an answer, as in
///
/// ```sql
/// SELECT Sales_Rep__c FROM Territory__c WHERE Domain__c = {domain} ORDER BY Name LIMIT 1
/// ```
///
/// A token may stand alone, where it becomes a quoted text, or inside a quoted text, where its
/// letters are escaped. After `LIKE`, wild cards in it stand for themselves.
public struct OwnerQuery: Hashable, Sendable {
    /// A part of the query.
    public enum Piece: Hashable, Sendable {
        /// Text that is sent as it is.
        case text(String)
        /// A value that becomes a quoted text.
        case value(String)
        /// A value inside a quoted text; after `LIKE`, its wild cards are escaped too.
        case inside(String, isPattern: Bool)
    }

    /// The most characters a query may have.
    public static let mostCharacters = 2_000

    /// The query as it was written, without white space around it.
    public let text: String
    /// The query taken apart.
    public let pieces: [Piece]

    /// Checks a query.
    ///
    /// - Parameter text: The query.
    /// - Throws: ``Fault``, with what stands against it.
    public init(_ text: String) throws(Fault) {
        let text = text.trimmingWhitespace()
        guard text.count <= Self.mostCharacters else {
            throw Fault("it has more than \(Self.mostCharacters) characters")
        }
        var scanner = OwnerQueryScanner(text)
        try scanner.scan()
        try Self.check(scanner.words, outer: scanner.outerWords)
        (self.text, pieces) = (text, scanner.pieces)
    }

    /// What stands against a query.
    public struct Fault: Error, Hashable, Sendable {
        /// The reason, as the rest of a sentence about the query.
        public var reason: String

        init(_ reason: String) { self.reason = reason }
    }

    /// The tokens, in order.
    public var tokens: [String] {
        pieces.compactMap { piece in
            switch piece {
            case .text: nil
            case .value(let token), .inside(let token, _): token
            }
        }
    }

    /// Words that lock, mark or reveal more than a look-up needs, each with what follows it.
    private static let refused: [(first: String, second: String?)] = [
        ("for", nil), ("update", nil), ("all", "rows"), ("insert", nil), ("delete", nil),
        ("merge", nil), ("upsert", nil), ("undelete", nil), ("find", nil),
    ]

    private static func check(_ words: [String], outer: [String]) throws(Fault) {
        guard outer.first == "select", words.first == "select" else {
            throw Fault("it does not begin with SELECT")
        }
        guard outer.count(where: { $0 == "select" }) == 1 else {
            throw Fault("it is more than one SELECT")
        }
        guard outer.contains("from") else { throw Fault("it has no FROM") }
        for (place, word) in words.enumerated() {
            let next = place + 1 < words.count ? words[place + 1] : nil
            let isRefused = refused.contains { first, second in
                word == first && (second == nil || second == next)
            }
            if isRefused {
                throw Fault("it contains \(word.uppercased()); only reading is allowed")
            }
        }
    }
}

/// Takes a query apart into words, quoted texts and tokens: by scalars, as Salesforce does, to whom a
/// quote that a mark follows is a quote.
private struct OwnerQueryScanner {
    private let scalars: [Unicode.Scalar]
    private var place = 0
    private var plain = ""
    private var parentheses = 0
    private(set) var pieces: [OwnerQuery.Piece] = []
    /// The words outside quotes, lower case, in order.
    private(set) var words: [String] = []
    /// Those of them that stand in no parentheses.
    private(set) var outerWords: [String] = []

    init(_ text: String) { scalars = Array(text.unicodeScalars) }

    mutating func scan() throws(OwnerQuery.Fault) {
        while place < scalars.count {
            switch scalars[place] {
            case "'": try scanQuoted()
            case "{": pieces.append(.value(try scanToken()))
            case let scalar where scalar.properties.isAlphabetic || scalar == "_": scanWord()
            default: try scanSign()
            }
        }
        guard parentheses == 0 else { throw .init("its parentheses do not match") }
        flush()
    }

    private mutating func flush() {
        if !plain.isEmpty { pieces.append(.text(plain)) }
        plain = ""
    }

    private mutating func scanWord() {
        var word = ""
        while place < scalars.count, Self.isPartOfWord(scalars[place]) {
            word.unicodeScalars.append(scalars[place])
            place += 1
        }
        words.append(word.lowercased())
        if parentheses == 0 { outerWords.append(word.lowercased()) }
        plain += word
    }

    private static func isPartOfWord(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isAlphabetic || scalar.properties.numericType != nil || scalar == "_"
            || scalar == "."
    }

    /// A sign, a digit or a space; what could begin another statement or a comment is refused.
    private mutating func scanSign() throws(OwnerQuery.Fault) {
        let sign = scalars[place]
        if ";}\"`\\".unicodeScalars.contains(sign) {
            throw .init("it contains \(sign) outside a quoted text")
        }
        let next = place + 1 < scalars.count ? scalars[place + 1] : " "
        if (sign == "-" && next == "-") || (sign == "/" && next == "*") {
            throw .init("it contains a comment")
        }
        if sign == "(" { parentheses += 1 }
        if sign == ")" { parentheses -= 1 }
        guard parentheses >= 0 else { throw .init("its parentheses do not match") }
        plain.unicodeScalars.append(sign)
        place += 1
    }

    private mutating func scanQuoted() throws(OwnerQuery.Fault) {
        let isPattern = words.last == "like"
        plain.append("'")
        place += 1
        while place < scalars.count {
            let scalar = scalars[place]
            if scalar == "{" {
                pieces.append(.inside(try scanToken(), isPattern: isPattern))
                continue
            }
            plain.unicodeScalars.append(scalar)
            place += 1
            if scalar == "'" { return }
            if scalar == "\\", place < scalars.count {
                plain.unicodeScalars.append(scalars[place])
                place += 1
            }
        }
        throw .init("a quoted text has no end")
    }

    /// The name between braces; what stands before it becomes a piece of its own.
    private mutating func scanToken() throws(OwnerQuery.Fault) -> String {
        flush()
        place += 1
        var name = ""
        while place < scalars.count, scalars[place] != "}" {
            name.unicodeScalars.append(scalars[place])
            place += 1
        }
        guard place < scalars.count else { throw .init("a brace has no partner") }
        place += 1
        name = name.trimmingWhitespace()
        let signs = "{'\"\\\n\r\u{0B}\u{0C}\u{85}\u{2028}\u{2029}".unicodeScalars
        guard !name.isEmpty, !name.unicodeScalars.contains(where: signs.contains) else {
            throw .init("a token in braces has no name")
        }
        return name
    }
}
