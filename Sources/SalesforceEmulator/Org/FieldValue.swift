import GRDB

/// Translates between the values of answers and bodies and those of columns.
enum FieldValue {
    /// The column value of a JSON value, after the checks that concern it alone.
    ///
    /// Text is trimmed, and empty text is null. Instants of fields other than the
    /// system's lose their milliseconds.
    static func stored(_ json: JSON, for field: Field) throws(APIError) -> DatabaseValue {
        if json == .null {
            guard field.type != .boolean else { throw wrongType(json, field) }
            return .null
        }
        switch field.type {
        case .boolean: return try boolean(json, field)
        case .int, .double, .currency, .percent: return try number(json, field)
        case .date: return try day(json, field)
        case .datetime: return try instant(json, field)
        case .id, .reference: return try identifier(json, field)
        default: return try text(json, field)
        }
    }

    private static func boolean(_ json: JSON, _ field: Field) throws(APIError) -> DatabaseValue {
        if let value = json.bool { return value.databaseValue }
        switch json.text?.lowercased() {
        case "true": return true.databaseValue
        case "false": return false.databaseValue
        default: throw wrongType(json, field)
        }
    }

    private static func number(_ json: JSON, _ field: Field) throws(APIError) -> DatabaseValue {
        guard let value = json.double ?? json.text.flatMap(Double.init) else {
            throw wrongType(json, field)
        }
        let digits = max(field.precision - field.scale, 1)
        guard value.magnitude < Self.powerOfTen(digits) else {
            throw APIError(
                400,
                "NUMBER_OUTSIDE_VALID_RANGE",
                "\(field.label): value outside of valid range on numeric field: \(json.serialized)",
                fields: [field.name]
            )
        }
        guard field.type == .int else { return value.databaseValue }
        return Int(value.rounded()).databaseValue
    }

    private static func powerOfTen(_ digits: Int) -> Double {
        (0..<digits).reduce(1) { power, _ in power * 10 }
    }

    private static func day(_ json: JSON, _ field: Field) throws(APIError) -> DatabaseValue {
        guard let text = json.text else { throw cannotDeserialize("date", json) }
        if text.isEmpty { return .null }
        guard let day = CalendarDay(text) ?? Instant(text)?.day else {
            throw cannotDeserialize("date", json)
        }
        return day.text.databaseValue
    }

    private static func instant(_ json: JSON, _ field: Field) throws(APIError) -> DatabaseValue {
        guard let text = json.text else { throw cannotDeserialize("datetime", json) }
        if text.isEmpty { return .null }
        guard let instant = Instant(text) else { throw cannotDeserialize("datetime", json) }
        return instant.wholeSeconds.milliseconds.databaseValue
    }

    private static func cannotDeserialize(_ type: String, _ json: JSON) -> APIError {
        let kind = json.text == nil ? "VALUE_NUMBER" : "VALUE_STRING"
        return APIError(
            400,
            "JSON_PARSER_ERROR",
            """
            Cannot deserialize instance of \(type) from \(kind) value \(json.text ?? "") or \
            request may be missing a required field at [line:1, column:1]
            """
        )
    }

    private static func identifier(_ json: JSON, _ field: Field) throws(APIError) -> DatabaseValue {
        guard let text = json.text else { throw malformedID(json.serialized, field) }
        if text.isEmpty { return .null }
        guard let id = RecordID.normalized(text) else { throw malformedID(text, field) }
        return id.databaseValue
    }

    /// A reference to something that is no id, or an id of the wrong type.
    static func malformedID(_ text: String, _ field: Field) -> APIError {
        APIError(
            400,
            "MALFORMED_ID",
            "\(field.label): id value of incorrect type: \(text)",
            fields: [field.name]
        )
    }

    private static func text(_ json: JSON, _ field: Field) throws(APIError) -> DatabaseValue {
        let raw: String
        switch json {
        case .string(let text): raw = text
        case .integer(let value): raw = String(value)
        case .number(let value): raw = String(value)
        default: throw wrongType(json, field)
        }
        let text = raw.trimmed
        if text.isEmpty { return .null }
        try TextRules.check(text, field)
        return text.databaseValue
    }

    private static func wrongType(_ json: JSON, _ field: Field) -> APIError {
        APIError(
            400,
            "INVALID_TYPE_ON_FIELD_IN_RECORD",
            "\(field.label): value not of required type: \(json.text ?? json.serialized)",
            fields: [field.name]
        )
    }

    /// The JSON value of a column value.
    static func json(_ value: DatabaseValue, type: FieldType) -> JSON {
        switch value.storage {
        case .null: type == .boolean ? .bool(false) : .null
        case .int64(let number): json(Int(number), type: type)
        case .double(let number): .number(number)
        case .string(let text): .string(text)
        case .blob: .null
        }
    }

    private static func json(_ number: Int, type: FieldType) -> JSON {
        switch type {
        case .boolean: .bool(number != 0)
        case .datetime: .string(Instant(milliseconds: number).text)
        case .double, .currency, .percent: .number(Double(number))
        default: .integer(number)
        }
    }
}

extension String {
    /// The text without white space at its ends.
    var trimmed: String {
        let scalars = unicodeScalars
        guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return "" }
        return String(scalars[first...last])
    }
}
