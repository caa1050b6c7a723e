import GRDB

extension Translator {
    /// Translates IN and NOT IN with a list of values.
    ///
    /// A long list travels as one JSON argument, because SQLite limits the number of
    /// arguments; an index serves both forms.
    mutating func membership(
        _ operand: Query.Operand,
        _ values: [Query.Value],
        isNegated: Bool,
        _ place: ConditionPlace
    ) throws(APIError) -> String {
        let column = try column(of: operand)
        guard column.field.isFilterable else {
            throw diagnostics.error(
                "INVALID_FIELD",
                "field '\(column.field.name)' can not be filtered in a query call",
                at: operand.offset
            )
        }
        var stored: [DatabaseValue] = []
        var hasNull = false
        for value in values {
            if case .null = value.kind {
                hasNull = true
            } else {
                stored.append(try self.value(value, for: column.field))
            }
        }
        let list = list(stored, column.field, place)
        guard isNegated else {
            return hasNull
                ? "(\(column.sql) IN \(list) OR \(column.sql) IS NULL)"
                : "\(column.sql) IN \(list)"
        }
        return hasNull
            ? "(\(column.sql) NOT IN \(list) AND \(column.sql) IS NOT NULL)"
            : "(\(column.sql) NOT IN \(list) OR \(column.sql) IS NULL)"
    }

    private mutating func list(
        _ values: [DatabaseValue],
        _ field: Field,
        _ place: ConditionPlace
    ) -> String {
        guard values.count > 50 else {
            return "(\(values.map { bind($0, place) }.joined(separator: ", ")))"
        }
        let json = JSON.array(values.map { FieldValue.json($0, type: plainType(field.type)) })
        return "(SELECT value FROM json_each(\(bind(json.serialized.databaseValue, place))))"
    }

    /// Instants and flags stay the numbers that their columns hold.
    private func plainType(_ type: FieldType) -> FieldType {
        type == .datetime || type == .boolean ? .int : type
    }

    /// Translates IN and NOT IN with a query for ids.
    mutating func membership(
        _ operand: Query.Operand,
        in query: Query,
        isNegated: Bool
    ) throws(APIError) -> String {
        let column = try column(of: operand)
        guard column.field.type.isIdentifier else {
            throw diagnostics.error(
                "INVALID_QUERY_FILTER_OPERATOR",
                "The left operand of a semi join must be an id or a reference field",
                at: operand.offset
            )
        }
        try checkInner(query)
        var inner = context
        inner.includesDeleted = context.includesDeleted
        let translation = try Translator.translate(query, inner)
        guard let selected = try innerColumn(query, translation) else {
            throw diagnostics.error(
                "MALFORMED_QUERY",
                "The inner select of a semi join selects exactly one id or reference field",
                at: query.object.offset
            )
        }
        result.conditionArguments += translation.conditionArguments
        let list =
            "(SELECT \(selected) FROM \(translation.from.sql()) "
            + "WHERE (\(translation.condition)) AND \(selected) IS NOT NULL)"
        return isNegated
            ? "(\(column.sql) NOT IN \(list) OR \(column.sql) IS NULL)"
            : "\(column.sql) IN \(list)"
    }

    private static let withoutSemiJoin: Set<String> = [
        "activityhistory", "attachments", "event", "eventattendee", "note", "openactivity",
        "tags", "task",
    ]

    private func checkInner(_ query: Query) throws(APIError) {
        let object = query.object
        guard !Self.withoutSemiJoin.contains(object.text.lowercased()) else {
            throw diagnostics.error(
                "MALFORMED_QUERY",
                "Entity '\(object.text)' is not supported for semi join inner selects",
                at: object.offset
            )
        }
        guard query.limit == nil, query.order.isEmpty else {
            throw diagnostics.error(
                "MALFORMED_QUERY",
                "ORDER BY and LIMIT are not allowed in semi join inner selects",
                at: object.offset
            )
        }
        if let condition = query.condition, containsSubquery(condition) {
            throw diagnostics.error(
                "MALFORMED_QUERY",
                "Nesting of semi join sub-selects is not supported",
                at: object.offset
            )
        }
    }

    private func containsSubquery(_ condition: Query.Condition) -> Bool {
        switch condition {
        case .all(let terms), .any(let terms): terms.contains(where: containsSubquery)
        case .not(let inner): containsSubquery(inner)
        case .isInQuery: true
        case .comparison, .isIn, .includes: false
        }
    }

    private func innerColumn(
        _ query: Query,
        _ translation: Translation
    ) throws(APIError) -> String? {
        guard query.select.count == 1, case .operand(.field(let name), _)? = query.select.first
        else { return nil }
        var from = translation.from
        let column = try from.column(name)
        guard column.field.type.isIdentifier else { return nil }
        return column.sql
    }

    /// Translates INCLUDES and EXCLUDES: any of the values, each a set that must be there.
    mutating func inclusion(
        _ operand: Query.Operand,
        _ values: [Query.Value],
        isNegated: Bool,
        _ place: ConditionPlace
    ) throws(APIError) -> String {
        let column = try column(of: operand)
        guard column.field.type == .multipicklist else {
            throw diagnostics.error(
                "INVALID_QUERY_FILTER_OPERATOR",
                "invalid operator on \(column.field.type.rawValue) field",
                at: operand.offset
            )
        }
        var alternatives: [String] = []
        for value in values {
            guard case .string(let literal) = value.kind else {
                throw wrongType(column.field, value)
            }
            var parts: [String] = []
            for part in literal.value.split(separator: ";") {
                let bound = bind(";\(part);".lowercased().databaseValue, place)
                parts.append("instr(lower(';' || \(column.sql) || ';'), \(bound)) > 0")
            }
            alternatives.append("(\(parts.joined(separator: " AND ")))")
        }
        let any = "ifnull(\(alternatives.joined(separator: " OR ")), 0)"
        return isNegated ? "NOT \(any)" : any
    }
}
