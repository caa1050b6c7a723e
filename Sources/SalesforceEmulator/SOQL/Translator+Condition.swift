import GRDB

/// What a condition chooses from; its arguments are kept apart.
enum ConditionPlace {
    case rows
    case groups
}

extension Translator {
    /// Translates a condition.
    ///
    /// SQL's third truth value has no place in queries: a comparison with a null is
    /// false, and its negation true. Negations are therefore pushed down to the
    /// comparisons, which say what becomes of nulls.
    mutating func sql(
        _ condition: Query.Condition,
        isNegated: Bool,
        in place: ConditionPlace
    ) throws(APIError) -> String {
        switch condition {
        case .not(let inner):
            return try sql(inner, isNegated: !isNegated, in: place)
        case .all(let terms):
            return try joined(terms, isNegated ? " OR " : " AND ", isNegated, place)
        case .any(let terms):
            try checkNoSubqueries(terms)
            return try joined(terms, isNegated ? " AND " : " OR ", isNegated, place)
        case .comparison(let operand, let comparison, let value):
            return try compare(operand, comparison, value, isNegated, place)
        case .isIn(let operand, let isNot, let values):
            return try membership(operand, values, isNegated: isNot != isNegated, place)
        case .isInQuery(let operand, let isNot, let query):
            return try membership(operand, in: query, isNegated: isNot != isNegated)
        case .includes(let operand, let isNot, let values):
            return try inclusion(operand, values, isNegated: isNot != isNegated, place)
        }
    }

    private mutating func joined(
        _ terms: [Query.Condition],
        _ separator: String,
        _ isNegated: Bool,
        _ place: ConditionPlace
    ) throws(APIError) -> String {
        var parts: [String] = []
        for term in terms { parts.append(try sql(term, isNegated: isNegated, in: place)) }
        return "(\(parts.joined(separator: separator)))"
    }

    private func checkNoSubqueries(_ terms: [Query.Condition]) throws(APIError) {
        for term in terms {
            guard case .isInQuery(let operand, _, _) = term else { continue }
            throw diagnostics.error(
                "MALFORMED_QUERY",
                "Semi join sub-selects are not allowed with the 'OR' operator",
                at: operand.offset
            )
        }
    }

    /// The column of an operand that a condition may use.
    private mutating func filterColumn(_ operand: Query.Operand) throws(APIError) -> Column {
        let column = try self.column(of: operand)
        guard column.field.isFilterable else {
            throw diagnostics.error(
                "INVALID_FIELD",
                "field '\(column.field.name)' can not be filtered in a query call",
                at: operand.offset
            )
        }
        return column
    }

    mutating func bind(_ value: DatabaseValue, _ place: ConditionPlace) -> String {
        switch place {
        case .rows: result.conditionArguments.append(value)
        case .groups: result.havingArguments.append(value)
        }
        return "?"
    }

    private mutating func compare(
        _ operand: Query.Operand,
        _ comparison: Query.Comparison,
        _ value: Query.Value,
        _ isNegated: Bool,
        _ place: ConditionPlace
    ) throws(APIError) -> String {
        let column = try filterColumn(operand)
        if comparison == .like { return try like(column, value, isNegated, place) }
        if case .null = value.kind {
            return try compareToNull(column, comparison, value, isNegated)
        }
        if case .dateLiteral(let name, let count) = value.kind {
            let days = DateLiteral.days(name, count: count, today: context.today)
            return try compare(column, comparison, days, value, isNegated, place)
        }
        let stored = try self.value(value, for: column.field)
        let effective = isNegated ? comparison.opposite ?? comparison : comparison
        return switch effective {
        case .equal: "\(column.sql) = \(bind(stored, place))"
        case .notEqual: "\(column.sql) IS NOT \(bind(stored, place))"
        default:
            orNull(isNegated, column, "\(column.sql) \(effective.rawValue) \(bind(stored, place))")
        }
    }

    /// A negated comparison also holds for nulls.
    private func orNull(_ isNegated: Bool, _ column: Column, _ sql: String) -> String {
        isNegated ? "(\(sql) OR \(column.sql) IS NULL)" : sql
    }

    private func compareToNull(
        _ column: Column,
        _ comparison: Query.Comparison,
        _ value: Query.Value,
        _ isNegated: Bool
    ) throws(APIError) -> String {
        guard comparison == .equal || comparison == .notEqual else {
            throw diagnostics.error(
                "INVALID_QUERY_FILTER_OPERATOR",
                "invalid operator",
                at: value.offset
            )
        }
        let isNull = (comparison == .equal) != isNegated
        if column.field.type == .boolean {
            // Flags are never null; null stands for false.
            return "ifnull(\(column.sql), 0) = \(isNull ? 0 : 1)"
        }
        return "\(column.sql) IS \(isNull ? "" : "NOT ")NULL"
    }

    private mutating func like(
        _ column: Column,
        _ value: Query.Value,
        _ isNegated: Bool,
        _ place: ConditionPlace
    ) throws(APIError) -> String {
        guard case .string(let literal) = value.kind else { throw wrongType(column.field, value) }
        guard column.field.type.isText else {
            throw diagnostics.error(
                "INVALID_QUERY_FILTER_OPERATOR",
                "invalid operator on \(column.field.type.rawValue) field",
                at: value.offset
            )
        }
        let pattern = bind(literal.pattern.databaseValue, place)
        let escape = literal.pattern.contains("\\") ? " ESCAPE '\\'" : ""
        let sql = "\(column.sql) \(isNegated ? "NOT " : "")LIKE \(pattern)\(escape)"
        return orNull(isNegated, column, sql)
    }

    /// Compares with a span of days: equal means inside, less before it, greater after it.
    private mutating func compare(
        _ column: Column,
        _ comparison: Query.Comparison,
        _ days: Range<CalendarDay>,
        _ value: Query.Value,
        _ isNegated: Bool,
        _ place: ConditionPlace
    ) throws(APIError) -> String {
        guard let start = bound(days.lowerBound, column.field.type),
            let end = bound(days.upperBound, column.field.type)
        else { throw wrongType(column.field, value) }
        let effective = isNegated ? comparison.opposite ?? comparison : comparison
        let sql = column.sql
        switch effective {
        case .equal: return "(\(sql) >= \(bind(start, place)) AND \(sql) < \(bind(end, place)))"
        case .notEqual:
            let outside = "\(sql) < \(bind(start, place)) OR \(sql) >= \(bind(end, place))"
            return "(\(outside) OR \(sql) IS NULL)"
        case .less: return orNull(isNegated, column, "\(sql) < \(bind(start, place))")
        case .greaterOrEqual: return orNull(isNegated, column, "\(sql) >= \(bind(start, place))")
        case .greater: return orNull(isNegated, column, "\(sql) >= \(bind(end, place))")
        case .lessOrEqual, .like: return orNull(isNegated, column, "\(sql) < \(bind(end, place))")
        }
    }

    private func bound(_ day: CalendarDay, _ type: FieldType) -> DatabaseValue? {
        switch type {
        case .date: day.text.databaseValue
        case .datetime: context.calendar.start(of: day).milliseconds.databaseValue
        default: nil
        }
    }
}
