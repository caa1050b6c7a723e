/// What a search looks for: words, phrases, and how they are joined.
///
/// Side by side means AND; `AND NOT` binds first, then AND, then OR. Words may hold the
/// wildcards `*` and `?`. Source: `facts/salesforce-api.md` 8.8.
indirect enum SearchTerm: Hashable, Sendable {
    /// A word or a phrase, as a LIKE pattern.
    case pattern(String)
    case all([SearchTerm])
    case any([SearchTerm])
    case not(SearchTerm)

    /// The longest search that finds anything, and the longest whose operators count.
    private static let longest = 10_000
    private static let longestWithOperators = 4_000

    /// Reads the text between the braces; nil if it looks for nothing, or is too long.
    ///
    /// - Throws: `MALFORMED_SEARCH` for operators and parentheses that join nothing.
    init?(_ text: String, in search: String) throws(APIError) {
        guard search.count <= Self.longest else { return nil }
        var parser = SearchTermParser(text)
        if search.count > Self.longestWithOperators { parser.dropOperators() }
        guard let term = try parser.whole() else { return nil }
        self = term
    }

    /// The condition that a record fulfils whose fields hold what is looked for.
    func condition(in fields: [String]) -> Query.Condition {
        switch self {
        case .pattern(let pattern):
            .any(
                fields.map { field in
                    .comparison(
                        .field(.init(text: field, offset: 0)),
                        .like,
                        .init(kind: .string(.init(value: pattern, pattern: pattern)), offset: 0)
                    )
                }
            )
        case .all(let terms): .all(terms.map { $0.condition(in: fields) })
        case .any(let terms): .any(terms.map { $0.condition(in: fields) })
        case .not(let term): .not(term.condition(in: fields))
        }
    }
}

/// Reads the text of a search by recursive descent.
private struct SearchTermParser {
    /// One part of the text.
    private enum Part: Hashable {
        case word(String)
        case and, or, not, open, close
    }

    private var parts: [Part] = []
    private var position = 0

    init(_ text: String) {
        var rest = text[...]
        while let first = rest.first {
            if first.isWhitespace {
                rest.removeFirst()
            } else if first == "(" || first == ")" {
                parts.append(first == "(" ? .open : .close)
                rest.removeFirst()
            } else if first == "\"" {
                rest.removeFirst()
                parts.append(.word(Self.pattern(&rest) { $0 == "\"" }))
                rest = rest.dropFirst()
            } else {
                let start = rest
                let pattern = Self.pattern(&rest) { $0.isWhitespace || "()\"".contains($0) }
                parts.append(Self.part(start[..<rest.startIndex], pattern))
            }
        }
    }

    private static func part(_ raw: Substring, _ pattern: String) -> Part {
        switch raw.uppercased() {
        case "AND": .and
        case "OR": .or
        case "NOT": .not
        default: .word(pattern)
        }
    }

    /// Reads up to an end that is not escaped, with wildcards turned into those of LIKE.
    private static func pattern(_ rest: inout Substring, until isEnd: (Character) -> Bool) -> String
    {
        var pattern = ""
        var isEscaped = false
        while let character = rest.first, isEscaped || !isEnd(character) {
            rest.removeFirst()
            switch (isEscaped, character) {
            case (false, "\\"):
                isEscaped = true
                continue
            case (false, "*"): pattern += "%"
            case (false, "?"): pattern += "_"
            case (_, "%"), (_, "_"): pattern += "\\\(character)"
            default: pattern.append(character)
            }
            isEscaped = false
        }
        return "%\(pattern)%"
    }

    /// Leaves only the words, which then have to be there all.
    mutating func dropOperators() {
        parts = parts.filter { if case .word = $0 { true } else { false } }
    }

    /// Reads the whole text; nil if there is nothing in it.
    mutating func whole() throws(APIError) -> SearchTerm? {
        guard !parts.isEmpty else { return nil }
        let term = try disjunction()
        guard position == parts.count else { throw malformed }
        return term
    }

    private var malformed: APIError {
        APIError(400, "MALFORMED_SEARCH", "The search term cannot be understood.")
    }

    private var current: Part? { position < parts.count ? parts[position] : nil }

    private mutating func take(_ part: Part) -> Bool {
        guard current == part else { return false }
        position += 1
        return true
    }

    private mutating func disjunction() throws(APIError) -> SearchTerm {
        var terms = [try conjunction()]
        while take(.or) { terms.append(try conjunction()) }
        return terms.count == 1 ? terms[0] : .any(terms)
    }

    private mutating func conjunction() throws(APIError) -> SearchTerm {
        var terms = [try atom()]
        while let next = current, next != .or, next != .close {
            _ = take(.and)
            terms.append(take(.not) ? .not(try atom()) : try atom())
        }
        return terms.count == 1 ? terms[0] : .all(terms)
    }

    private mutating func atom() throws(APIError) -> SearchTerm {
        switch current {
        case .word(let pattern):
            position += 1
            return .pattern(pattern)
        case .open:
            position += 1
            let term = try disjunction()
            guard take(.close) else { throw malformed }
            return term
        default: throw malformed
        }
    }
}
