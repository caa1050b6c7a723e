/// A search, read from its text or its parameters.
struct Search {
    /// The text as it was sent.
    let text: String

    /// What is looked for; nil finds nothing.
    var term: SearchTerm?

    /// Where they are looked for: `ALL`, `NAME`, `EMAIL`, `PHONE` or `SIDEBAR`.
    var scope = "ALL"

    /// The types asked for, with the fields to show; empty means all.
    var targets: [Query] = []

    /// The most records in all.
    var limit: Int?

    /// Reads `FIND {term} IN … FIELDS RETURNING …`.
    init(sosl text: String) throws(APIError) {
        self.text = text
        guard let start = text.firstIndex(of: "{"), let end = Self.closing(text, after: start)
        else {
            throw APIError(
                400,
                "MALFORMED_SEARCH",
                "No search term found. The search term must be enclosed in braces."
            )
        }
        term = try SearchTerm(String(text[text.index(after: start)..<end]), in: text)
        let rest = String(text[text.index(after: end)...])
        var parser = QueryParser(
            tokens: try Tokenizer.tokens(of: rest),
            diagnostics: SOQLDiagnostics(text: rest)
        )
        try readClauses(&parser)
    }

    /// Takes the members of a parameterized search.
    init(parameters: JSONObject) throws(APIError) {
        text = parameters["q"]?.text ?? ""
        term = try SearchTerm(text, in: text)
        limit = parameters["overallLimit"]?.integer
        scope = parameters["in"]?.text?.uppercased() ?? "ALL"
        let common = parameters["fields"]?.array ?? ["Id"]
        for target in parameters["sobjects"]?.array ?? [] {
            guard let name = target["name"]?.text else { continue }
            let fields = (target["fields"]?.array ?? common).compactMap(\.text)
            // Conditions and orders are texts in the grammar of queries.
            var soql = "SELECT \(fields.joined(separator: ",")) FROM \(name)"
            if let condition = target["where"]?.text { soql += " WHERE \(condition)" }
            if let order = target["orderBy"]?.text { soql += " ORDER BY \(order)" }
            var query = try QueryParser.parse(soql)
            query.limit = target["limit"]?.integer ?? parameters["defaultLimit"]?.integer
            targets.append(query)
        }
    }

    /// The brace that ends the term, skipping escaped ones.
    private static func closing(_ text: String, after start: String.Index) -> String.Index? {
        var index = text.index(after: start)
        while index < text.endIndex {
            if text[index] == "}" { return index }
            if text[index] == "\\", text.index(after: index) < text.endIndex {
                index = text.index(after: index)
            }
            index = text.index(after: index)
        }
        return nil
    }

    private mutating func readClauses(_ parser: inout QueryParser) throws(APIError) {
        if parser.take(word: "IN") {
            scope = try parser.name().text.uppercased()
            try parser.expect(word: "FIELDS")
        }
        if parser.take(word: "RETURNING") {
            repeat { targets.append(try Self.target(&parser)) } while parser.take(",")
        }
        while parser.take(word: "WITH") {
            while case .word = parser.current.kind { parser.advance() }
        }
        if parser.take(word: "LIMIT"), case .number(let text) = parser.current.kind {
            limit = Int(text)
            parser.advance()
        }
        guard parser.current.kind == .end else { throw parser.unexpected() }
    }

    /// Reads `Contact(Id, Name WHERE … LIMIT n)`.
    private static func target(_ parser: inout QueryParser) throws(APIError) -> Query {
        let name = try parser.name()
        var query = Query(
            select: [.operand(.field(.init(text: "Id", offset: 0)), alias: nil)],
            object: name
        )
        guard parser.take("(") else { return query }
        query.select = try parser.selectItems(isNested: true)
        if parser.take(word: "WHERE") { query.condition = try parser.condition() }
        try parser.readOrderAndPaging(&query)
        try parser.expect(")")
        return query
    }
}
