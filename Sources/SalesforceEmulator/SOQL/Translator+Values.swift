import GRDB

extension Translator {
    /// The stored form of a value in a condition on a field.
    ///
    /// - Throws: `INVALID_FIELD` if the kind of value does not fit the field,
    ///   `INVALID_QUERY_FILTER_OPERATOR` if it should be an id and is none.
    func value(_ value: Query.Value, for field: Field) throws(APIError) -> DatabaseValue {
        switch (field.type, value.kind) {
        case (.boolean, .bool(let flag)): return flag.databaseValue
        case (.date, .date(let text)):
            guard let day = CalendarDay(text) else { throw wrongType(field, value) }
            return day.text.databaseValue
        case (.datetime, .date(let text)):
            guard let instant = Instant(text) else { throw wrongType(field, value) }
            return instant.milliseconds.databaseValue
        case (_, .number(let text)) where field.type.isNumber:
            guard let number = Double(text) else { throw wrongType(field, value) }
            return number.databaseValue
        case (_, .string(let literal)):
            return try string(literal, for: field, value)
        default: throw wrongType(field, value)
        }
    }

    private func string(
        _ literal: StringLiteral,
        for field: Field,
        _ value: Query.Value
    ) throws(APIError) -> DatabaseValue {
        guard !literal.hasWildcardEscape else {
            throw diagnostics.error(
                "MALFORMED_QUERY",
                "Invalid string literal: illegal escape sequence",
                at: value.offset
            )
        }
        guard literal.value.count <= 4000 else {
            throw diagnostics.error(
                "MALFORMED_QUERY",
                "A string literal has at most 4000 characters",
                at: value.offset
            )
        }
        if field.type.isIdentifier { return try identifier(literal.value, value) }
        guard field.type.isText else { throw wrongType(field, value) }
        return literal.value.databaseValue
    }

    private func identifier(_ text: String, _ value: Query.Value) throws(APIError) -> DatabaseValue
    {
        if text.isEmpty { return .null }
        guard let id = RecordID.normalized(text) else {
            throw diagnostics.error(
                "INVALID_QUERY_FILTER_OPERATOR",
                "invalid ID field: \(text)",
                at: value.offset
            )
        }
        return id.databaseValue
    }

    /// A value of a kind that the field cannot have.
    func wrongType(_ field: Field, _ value: Query.Value) -> APIError {
        let isQuoted = field.type.isText || field.type.isIdentifier
        return diagnostics.error(
            "INVALID_FIELD",
            """
            value of filter criterion for field '\(field.name)' must be of type \
            \(field.type.isIdentifier ? "ID" : field.type.filterName) and should \
            \(isQuoted ? "" : "not ")be enclosed in quotes
            """,
            at: value.offset
        )
    }
}
