/// The smallest parts of a query.
struct Token: Hashable, Sendable {
    /// What kind of part it is, with its meaning.
    enum Kind: Hashable, Sendable {
        /// A name or keyword, with the dots of a path.
        case word(String)
        /// A quoted text.
        case string(StringLiteral)
        /// A number, as written.
        case number(String)
        /// A day or an instant, as written.
        case date(String)
        /// Punctuation or an operator.
        case symbol(String)
        /// After the last part.
        case end
    }

    let kind: Kind

    /// Where it begins, in characters from the start of the query.
    let offset: Int

    /// The part as it is shown in messages.
    var text: String {
        switch kind {
        case .word(let text), .number(let text), .date(let text), .symbol(let text): text
        case .string(let literal): "'\(literal.value)'"
        case .end: "<EOF>"
        }
    }

    /// Whether it is a given keyword, whatever its case.
    func isWord(_ keyword: String) -> Bool {
        guard case .word(let text) = kind else { return false }
        return text.lowercased() == keyword.lowercased()
    }
}

/// A quoted text after its escapes were read.
struct StringLiteral: Hashable, Sendable {
    /// The text that is meant.
    var value: String

    /// The same as a pattern for LIKE, in which `\` keeps `%`, `_` and `\` literal.
    var pattern: String

    /// Whether `\%` or `\_` occurs, which only LIKE allows.
    var hasWildcardEscape = false
}
