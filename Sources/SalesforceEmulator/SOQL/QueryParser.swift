/// Reads a query by recursive descent.
///
/// The grammar is that of the SOQL reference; clauses have a fixed order, keywords any
/// case. Every refusal is `MALFORMED_QUERY` and names the part that was not expected.
struct QueryParser {
    var tokens: [Token]
    var position = 0
    /// How many conditions and queries the current one stands inside of.
    var depth = 0
    let diagnostics: SOQLDiagnostics

    /// The deepest nesting that is read: more would take a stack that no thread has.
    static let deepest = 200

    /// Most characters of a statement.
    static let longestStatement = 100_000

    /// Reads a whole query.
    static func parse(_ text: String) throws(APIError) -> Query {
        guard text.utf8.count <= longestStatement else {
            throw APIError(
                400,
                "MALFORMED_QUERY",
                "SOQL statements cannot be longer than \(longestStatement) characters."
            )
        }
        var parser = QueryParser(
            tokens: try Tokenizer.tokens(of: text),
            diagnostics: SOQLDiagnostics(text: text)
        )
        let query = try parser.query(isNested: false)
        guard parser.current.kind == .end else { throw parser.unexpected() }
        return query
    }

    var current: Token { tokens[position] }

    func unexpected() -> APIError { diagnostics.unexpected(current) }

    mutating func advance() {
        if position < tokens.count - 1 { position += 1 }
    }

    /// Goes one level deeper; whoever called it comes back up.
    mutating func descend() throws(APIError) {
        guard depth < Self.deepest else { throw unexpected() }
        depth += 1
    }

    /// Skips a keyword, if it comes next.
    mutating func take(word: String) -> Bool {
        guard current.isWord(word) else { return false }
        advance()
        return true
    }

    /// Skips a symbol, if it comes next.
    mutating func take(_ symbol: String) -> Bool {
        guard current.kind == .symbol(symbol) else { return false }
        advance()
        return true
    }

    mutating func expect(word: String) throws(APIError) {
        guard take(word: word) else { throw unexpected() }
    }

    mutating func expect(_ symbol: String) throws(APIError) {
        guard take(symbol) else { throw unexpected() }
    }

    /// Reads a name; keywords that begin a clause are none.
    mutating func name() throws(APIError) -> Query.Name {
        guard case .word(let text) = current.kind, !Self.reserved.contains(text.uppercased()) else {
            throw unexpected()
        }
        let name = Query.Name(text: text, offset: current.offset)
        advance()
        return name
    }

    /// The words that can be neither names nor aliases.
    static let reserved: Set<String> = [
        "AND", "ASC", "DESC", "EXCLUDES", "FROM", "HAVING", "IN", "INCLUDES", "LIKE", "LIMIT",
        "NOT", "NULL", "NULLS", "OR", "SELECT", "USING", "WHERE", "WITH",
    ]

    /// Reads a query, up to its end or the parenthesis after it.
    mutating func query(isNested: Bool) throws(APIError) -> Query {
        try descend()
        defer { depth -= 1 }
        try expect(word: "SELECT")
        let items = try selectItems(isNested: isNested)
        try expect(word: "FROM")
        var query = Query(select: items, object: try name())
        query.alias = try alias()
        while take(",") { query.relationAliases.append(try relationAlias()) }
        try scope(&query)
        if take(word: "WHERE") { query.condition = try condition() }
        try skipSecurity()
        try grouping(&query)
        try readOrderAndPaging(&query)
        try skipUsage()
        return query
    }

    /// Reads the clauses that queries and the targets of searches end with.
    mutating func readOrderAndPaging(_ query: inout Query) throws(APIError) {
        try ordering(&query)
        query.limit = try count(after: "LIMIT")
        query.offset = try count(after: "OFFSET")
    }

    private mutating func relationAlias() throws(APIError) -> Query.RelationAlias {
        let path = try name()
        guard let alias = try alias() else { throw unexpected() }
        return Query.RelationAlias(alias: alias, path: path)
    }

    private static let clauseStarts: Set<String> = [
        "GROUP", "ORDER", "OFFSET", "FOR", "UPDATE", "ALL",
    ]

    private mutating func alias() throws(APIError) -> String? {
        _ = take(word: "AS")
        guard case .word(let text) = current.kind, !Self.reserved.contains(text.uppercased()),
            !Self.clauseStarts.contains(text.uppercased())
        else { return nil }
        advance()
        return text
    }

    private mutating func scope(_ query: inout Query) throws(APIError) {
        guard take(word: "USING") else { return }
        try expect(word: "SCOPE")
        query.isScopedToUser = try name().text.lowercased() == "mine"
    }

    private mutating func skipSecurity() throws(APIError) {
        guard take(word: "WITH") else { return }
        guard
            take(word: "SECURITY_ENFORCED") || take(word: "USER_MODE") || take(word: "SYSTEM_MODE")
        else { throw unexpected() }
    }

    private mutating func skipUsage() throws(APIError) {
        while take(word: "FOR") || take(word: "UPDATE") {
            guard case .word = current.kind else { throw unexpected() }
            advance()
        }
    }

    private mutating func count(after keyword: String) throws(APIError) -> Int? {
        guard take(word: keyword) else { return nil }
        guard case .number(let text) = current.kind, let count = Int(text), count >= 0 else {
            throw unexpected()
        }
        advance()
        return count
    }

    private mutating func grouping(_ query: inout Query) throws(APIError) {
        guard take(word: "GROUP") else { return }
        try expect(word: "BY")
        repeat { query.groupBy.append(try operand()) } while take(",")
        if take(word: "HAVING") { query.having = try condition() }
    }

    private mutating func ordering(_ query: inout Query) throws(APIError) {
        guard take(word: "ORDER") else { return }
        try expect(word: "BY")
        repeat {
            let operand = try operand()
            let isDescending = take(word: "DESC")
            if !isDescending { _ = take(word: "ASC") }
            query.order.append(
                .init(operand: operand, isDescending: isDescending, nullsLast: try nullsLast())
            )
        } while take(",")
    }

    private mutating func nullsLast() throws(APIError) -> Bool {
        guard take(word: "NULLS") else { return false }
        if take(word: "LAST") { return true }
        try expect(word: "FIRST")
        return false
    }
}
