extension QueryParser {
    /// Reads the items between SELECT and FROM.
    mutating func selectItems(isNested: Bool) throws(APIError) -> [Query.SelectItem] {
        var items: [Query.SelectItem] = []
        repeat { items.append(try selectItem(isNested: isNested)) } while take(",")
        return items
    }

    private mutating func selectItem(isNested: Bool) throws(APIError) -> Query.SelectItem {
        if current.kind == .symbol("(") {
            advance()
            let query = try query(isNested: true)
            try expect(")")
            return .children(query)
        }
        if current.isWord("TYPEOF") { return .typeof(try typeOf()) }
        if current.isWord("FIELDS"), tokens[position + 1].kind == .symbol("(") {
            return try fieldGroup()
        }
        let operand = try operand()
        return .operand(operand, alias: try selectAlias())
    }

    private mutating func selectAlias() throws(APIError) -> String? {
        guard case .word(let text) = current.kind, !Self.reserved.contains(text.uppercased()) else {
            return nil
        }
        // Fields of a search target may be followed by their order at once.
        guard !current.isWord("ORDER") || !tokens[position + 1].isWord("BY") else { return nil }
        advance()
        return text
    }

    private mutating func fieldGroup() throws(APIError) -> Query.SelectItem {
        let offset = current.offset
        advance()
        try expect("(")
        let word = try name()
        guard let group = Query.FieldGroup(rawValue: word.text.uppercased()) else {
            throw diagnostics.error(
                "MALFORMED_QUERY",
                "unexpected token: '\(word.text)'",
                at: word.offset
            )
        }
        try expect(")")
        return .allFields(group, offset: offset)
    }

    private mutating func typeOf() throws(APIError) -> Query.TypeOf {
        advance()
        let relation = try name()
        var cases: [(Query.Name, [Query.Name])] = []
        while take(word: "WHEN") {
            let type = try name()
            try expect(word: "THEN")
            cases.append((type, try names()))
        }
        let otherwise = take(word: "ELSE") ? try names() : []
        try expect(word: "END")
        guard !cases.isEmpty else { throw unexpected() }
        return Query.TypeOf(relation: relation, cases: cases, otherwise: otherwise)
    }

    private mutating func names() throws(APIError) -> [Query.Name] {
        var names = [try name()]
        while take(",") { names.append(try name()) }
        return names
    }

    /// Reads a field or a function call.
    mutating func operand() throws(APIError) -> Query.Operand {
        let name = try name()
        guard take("(") else { return .field(name) }
        var arguments: [Query.Operand] = []
        if !take(")") {
            repeat { arguments.append(try operand()) } while take(",")
            try expect(")")
        }
        return .function(name, arguments)
    }
}
