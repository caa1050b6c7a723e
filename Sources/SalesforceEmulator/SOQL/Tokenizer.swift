/// Splits a query into its parts.
struct Tokenizer {
    private let characters: [Unicode.Scalar]
    private let diagnostics: SOQLDiagnostics
    private var position = 0

    /// The parts of a query, with an end mark.
    ///
    /// - Throws: `MALFORMED_QUERY` at a character that begins no part, an unknown
    ///   escape, or a quote that is not closed.
    static func tokens(of text: String) throws(APIError) -> [Token] {
        var tokenizer = Tokenizer(text)
        var tokens: [Token] = []
        while let token = try tokenizer.next() { tokens.append(token) }
        tokens.append(Token(kind: .end, offset: tokenizer.characters.count))
        return tokens
    }

    private init(_ text: String) {
        characters = Array(text.unicodeScalars)
        diagnostics = SOQLDiagnostics(text: text)
    }

    private mutating func next() throws(APIError) -> Token? {
        while let space = peek, space.properties.isWhitespace { position += 1 }
        guard let first = peek else { return nil }
        let start = position
        let kind: Token.Kind =
            if first == "'" {
                .string(try string())
            } else if Self.isDigit(first) || isSign(first) {
                numberOrDate()
            } else if Self.isWordStart(first) {
                .word(take { Self.isWordPart($0) || $0 == "." })
            } else {
                .symbol(try symbol())
            }
        return Token(kind: kind, offset: start)
    }

    private var peek: Unicode.Scalar? {
        position < characters.count ? characters[position] : nil
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

    /// Whether a sign belongs to a number that follows at once.
    private func isSign(_ scalar: Unicode.Scalar) -> Bool {
        guard scalar == "-" || scalar == "+" || scalar == "." else { return false }
        return position + 1 < characters.count && Self.isDigit(characters[position + 1])
    }

    private static func isWordStart(_ scalar: Unicode.Scalar) -> Bool {
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || scalar == "_"
    }

    private static func isWordPart(_ scalar: Unicode.Scalar) -> Bool {
        isWordStart(scalar) || isDigit(scalar)
    }

    private mutating func take(while condition: (Unicode.Scalar) -> Bool) -> String {
        var text = String.UnicodeScalarView()
        while let scalar = peek, condition(scalar) {
            text.append(scalar)
            position += 1
        }
        return String(text)
    }

    /// Days and instants begin with a digit and contain `-` between digits.
    private mutating func numberOrDate() -> Token.Kind {
        let text = take { scalar in
            Self.isDigit(scalar) || scalar == "-" || scalar == "+" || scalar == "." || scalar == ":"
                || ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
        }
        let isDate = text.dropFirst().contains("-") && text.count >= 8 && !text.contains("e-")
        return isDate ? .date(text) : .number(text)
    }

    private mutating func symbol() throws(APIError) -> String {
        guard let first = peek else { return "" }
        position += 1
        if let second = peek {
            let pair = String(first) + String(second)
            if ["<=", ">=", "!=", "<>"].contains(pair) {
                position += 1
                return pair
            }
        }
        guard "(),=<>:{}".unicodeScalars.contains(first) else {
            throw diagnostics.error(
                "MALFORMED_QUERY",
                "line 1:\(position - 1) no viable alternative at character '\(first)'",
                at: position - 1
            )
        }
        return String(first)
    }

    private mutating func string() throws(APIError) -> StringLiteral {
        let start = position
        position += 1
        var literal = StringLiteral(value: "", pattern: "")
        while let scalar = peek {
            position += 1
            switch scalar {
            case "'": return literal
            case "\\": try escape(into: &literal)
            default:
                literal.value.unicodeScalars.append(scalar)
                literal.pattern.unicodeScalars.append(scalar)
            }
        }
        throw diagnostics.error(
            "MALFORMED_QUERY",
            "line 1:\(start) mismatched character '<EOF>' expecting '''",
            at: start
        )
    }

    private mutating func escape(into literal: inout StringLiteral) throws(APIError) {
        guard let scalar = peek else { return }
        position += 1
        switch scalar {
        case "%", "_":
            literal.hasWildcardEscape = true
            literal.value.unicodeScalars.append(scalar)
            literal.pattern += "\\\(scalar)"
        case "\\":
            literal.value += "\\"
            literal.pattern += "\\\\"
        case "u", "U": add(try unicode(), to: &literal)
        default: add(try simpleEscape(scalar), to: &literal)
        }
    }

    private func add(_ scalar: Unicode.Scalar, to literal: inout StringLiteral) {
        literal.value.unicodeScalars.append(scalar)
        literal.pattern.unicodeScalars.append(scalar)
    }

    private func simpleEscape(_ scalar: Unicode.Scalar) throws(APIError) -> Unicode.Scalar {
        switch scalar {
        case "'", "\"": return scalar
        case "n", "N": return "\n"
        case "r", "R": return "\r"
        case "t", "T": return "\t"
        case "b", "B": return "\u{8}"
        case "f", "F": return "\u{C}"
        default: throw invalidEscape()
        }
    }

    private mutating func unicode() throws(APIError) -> Unicode.Scalar {
        let digits = characters.dropFirst(position).prefix(4).map(Character.init)
        guard digits.count == 4, let code = UInt32(String(digits), radix: 16),
            let scalar = Unicode.Scalar(code)
        else { throw invalidEscape() }
        position += 4
        return scalar
    }

    private func invalidEscape() -> APIError {
        diagnostics.error(
            "MALFORMED_QUERY",
            "Invalid string literal: illegal escape sequence",
            at: position - 2
        )
    }
}
