extension QueryParser {
    /// Reads a condition.
    ///
    /// AND and OR side by side need parentheses: `a AND b OR c` is refused at the OR.
    mutating func condition() throws(APIError) -> Query.Condition {
        let first = try term()
        if current.isWord("AND") { return .all(try joined(first, by: "AND", not: "OR")) }
        if current.isWord("OR") { return .any(try joined(first, by: "OR", not: "AND")) }
        return first
    }

    private mutating func joined(
        _ first: Query.Condition,
        by word: String,
        not other: String
    ) throws(APIError) -> [Query.Condition] {
        var terms = [first]
        while take(word: word) { terms.append(try term()) }
        guard !current.isWord(other) else { throw unexpected() }
        return terms
    }

    private mutating func term() throws(APIError) -> Query.Condition {
        try descend()
        defer { depth -= 1 }
        if take(word: "NOT") { return .not(try term()) }
        guard take("(") else { return try comparison() }
        let condition = try condition()
        try expect(")")
        return condition
    }

    private mutating func comparison() throws(APIError) -> Query.Condition {
        let operand = try operand()
        if take(word: "NOT") {
            try expect(word: "IN")
            return try membership(of: operand, isNegated: true)
        }
        if take(word: "IN") { return try membership(of: operand, isNegated: false) }
        if take(word: "INCLUDES") {
            return .includes(operand, isNegated: false, try values())
        }
        if take(word: "EXCLUDES") {
            return .includes(operand, isNegated: true, try values())
        }
        let comparison = try comparisonOperator()
        return .comparison(operand, comparison, try value())
    }

    private mutating func comparisonOperator() throws(APIError) -> Query.Comparison {
        if take(word: "LIKE") { return .like }
        guard case .symbol(let symbol) = current.kind,
            let comparison = Query.Comparison(rawValue: symbol == "<>" ? "!=" : symbol)
        else { throw unexpected() }
        advance()
        return comparison
    }

    private mutating func membership(
        of operand: Query.Operand,
        isNegated: Bool
    ) throws(APIError) -> Query.Condition {
        guard current.kind == .symbol("(") else { throw unexpected() }
        guard tokens[position + 1].isWord("SELECT") else {
            return .isIn(operand, isNegated: isNegated, try values())
        }
        advance()
        let query = try query(isNested: true)
        try expect(")")
        return .isInQuery(operand, isNegated: isNegated, query)
    }

    private mutating func values() throws(APIError) -> [Query.Value] {
        try expect("(")
        var values = [try value()]
        while take(",") { values.append(try value()) }
        try expect(")")
        return values
    }

    private mutating func value() throws(APIError) -> Query.Value {
        let token = current
        let kind: Query.Value.Kind
        switch token.kind {
        case .string(let literal): kind = .string(literal)
        case .number(let text): kind = .number(text)
        case .date(let text): kind = .date(text)
        case .word(let word): kind = try wordValue(word)
        case .symbol, .end: throw unexpected()
        }
        advance()
        return Query.Value(kind: kind, offset: token.offset)
    }

    private mutating func wordValue(_ word: String) throws(APIError) -> Query.Value.Kind {
        switch word.uppercased() {
        case "TRUE": return .bool(true)
        case "FALSE": return .bool(false)
        case "NULL": return .null
        case let literal where DateLiteral.isName(literal):
            return .dateLiteral(literal, try dateLiteralCount(of: literal))
        default: throw unexpected()
        }
    }

    /// Reads the `:n` after a date literal, if it takes one.
    private mutating func dateLiteralCount(of literal: String) throws(APIError) -> Int? {
        guard DateLiteral.takesCount(literal) else { return nil }
        advance()
        guard current.kind == .symbol(":") else { throw unexpected() }
        advance()
        guard case .number(let text) = current.kind, let count = Int(text), count >= 0 else {
            throw unexpected()
        }
        return count
    }
}
