extension Translator {
    /// Translates a query whose rows are groups.
    ///
    /// Grouped fields keep their name without its path, aggregates without an alias are
    /// called `expr0`, `expr1` and so on.
    mutating func translateGroups() throws(APIError) {
        result.isAggregate = true
        result.shape = RecordShape(type: nil, idColumn: nil)
        var groups: Set<String> = []
        for operand in try groupOperands() {
            let column = try groupColumn(operand)
            groups.insert(column.sql)
            result.groupBy.append(column.sql)
        }
        var unnamed = 0
        for item in query.select {
            guard case .operand(let operand, let alias) = item else {
                throw diagnostics.error(
                    "MALFORMED_QUERY",
                    "Grouped queries select only grouped fields and aggregates",
                    at: query.object.offset
                )
            }
            try select(operand, alias: alias, groups: groups, unnamed: &unnamed)
        }
        if let having = query.having {
            result.having = try sql(having, isNegated: false, in: .groups)
        }
    }

    /// What is grouped by, out of ROLLUP and CUBE, whose sets of groups are noted.
    private mutating func groupOperands() throws(APIError) -> [Query.Operand] {
        guard case .function(let name, let fields)? = query.groupBy.first,
            ["ROLLUP", "CUBE"].contains(name.text.uppercased())
        else { return query.groupBy }
        guard query.groupBy.count == 1, (1...3).contains(fields.count) else {
            throw diagnostics.error(
                "MALFORMED_QUERY",
                "\(name.text) takes one to three fields and stands alone",
                at: name.offset
            )
        }
        let all = Array(fields.indices)
        result.groupingSets =
            name.text.uppercased() == "ROLLUP"
            ? (0...fields.count).map { Set(all.dropLast($0)) }
            : (0..<(1 << fields.count)).reversed().map { bits in
                Set(all.filter { bits & (1 << $0) != 0 })
            }
        return fields
    }

    private mutating func groupColumn(_ operand: Query.Operand) throws(APIError) -> Column {
        let column = try self.column(of: operand)
        guard column.field.isGroupable else {
            throw diagnostics.error(
                "MALFORMED_QUERY",
                "field '\(column.field.name)' can not be grouped in a query call",
                at: operand.offset
            )
        }
        return column
    }

    private mutating func select(
        _ operand: Query.Operand,
        alias: String?,
        groups: Set<String>,
        unnamed: inout Int
    ) throws(APIError) {
        let column = try self.column(of: operand)
        let isGrouped = groups.contains(column.sql)
        guard isGrouped || isAggregate(operand) else {
            throw diagnostics.error(
                "MALFORMED_QUERY",
                "Field must be grouped or aggregated: \(column.field.name)",
                at: operand.offset
            )
        }
        let key: String
        if let alias {
            key = alias
            aliases[alias.lowercased()] = column
        } else if case .field = operand {
            key = column.field.name
        } else {
            key = "expr\(unnamed)"
            unnamed += 1
        }
        result.shape.set(key, .value(column: position(of: column.sql), column.field.type))
    }

    private func isAggregate(_ operand: Query.Operand) -> Bool {
        guard case .function(let name, _) = operand else { return false }
        return AggregateFunction(rawValue: name.text.uppercased()) != nil
    }
}
