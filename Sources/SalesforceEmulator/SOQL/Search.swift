/// A search, read from its text or its parameters.
struct Search {
    /// The text as it was sent.
    let text: String

    /// The words looked for, as LIKE patterns.
    var words: [String] = []

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
        words = Self.words(String(text[text.index(after: start)..<end]))
        let rest = String(text[text.index(after: end)...])
        var parser = QueryParser(
            tokens: try Tokenizer.tokens(of: rest),
            diagnostics: SOQLDiagnostics(text: rest)
        )
        try readClauses(&parser)
    }

    /// Takes the members of a parameterized search.
    init(parameters: JSONObject) {
        text = parameters["q"]?.text ?? ""
        words = Self.words(text)
        limit = parameters["overallLimit"]?.integer
        scope = parameters["in"]?.text?.uppercased() ?? "ALL"
        let common = parameters["fields"]?.array ?? ["Id"]
        targets = (parameters["sobjects"]?.array ?? []).compactMap { target in
            guard let name = target["name"]?.text else { return nil }
            let fields = (target["fields"]?.array ?? common).compactMap(\.text)
            var query = Query(
                select: fields.map { .operand(.field(.init(text: $0, offset: 0)), alias: nil) },
                object: .init(text: name, offset: 0)
            )
            query.limit = target["limit"]?.integer ?? parameters["defaultLimit"]?.integer
            return query
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

    /// The words of a term as patterns: `*` and `?` become wildcards, operators go.
    private static func words(_ term: String) -> [String] {
        var words: [String] = []
        for raw in term.split(whereSeparator: { $0.isWhitespace || $0 == "\"" }) {
            guard !["AND", "OR", "NOT"].contains(raw.uppercased()) else { continue }
            words.append("%\(pattern(raw))%")
        }
        return words
    }

    private static func pattern(_ word: Substring) -> String {
        var pattern = ""
        var isEscaped = false
        for character in word {
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
        return pattern
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
