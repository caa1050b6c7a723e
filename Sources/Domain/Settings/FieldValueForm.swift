/// How a fixed value is written in a settings document.
///
/// | written as                           | means                                  |
/// |--------------------------------------|----------------------------------------|
/// | a text, `true`, `false`, a number    | itself                                 |
/// | a list of texts                      | values of a multi-select picklist      |
/// | `{date: "2026-11-03"}`               | a day                                  |
/// | `{datetime: "2026-11-03T14:00:00Z"}` | a moment                               |
/// | `{record: "003…"}`                   | a reference to a record                |
/// | `{records: ["003…", …]}`             | references to several                  |
/// | `null`                               | an empty field                         |
enum FieldValueForm {
    static func decode(_ node: DocumentNode) throws(SettingsDocumentError) -> FieldValue {
        switch node.value {
        case .null: return .empty
        case .bool(let flag): return .flag(flag)
        case .number(let digits): return .number(digits)
        case .string(let text): return .text(text)
        case .array: return .choices(try node.texts())
        case .object: return try decodeObject(node)
        }
    }

    private static func decodeObject(
        _ node: DocumentNode
    ) throws(SettingsDocumentError) -> FieldValue {
        let object = try node.object(keys: ["date", "datetime", "record", "records"])
        guard let (key, value) = object.members.first, object.members.count == 1 else {
            throw node.wrongType("exactly one of `date`, `datetime`, `record`, `records`")
        }
        switch key {
        case "date":
            return .date(
                try parse(value, "a day, for example 2026-11-03") {
                    CalendarDate(iso8601: $0)
                }
            )
        case "datetime":
            return .instant(
                try parse(value, "a moment with its zone") {
                    Instant(rfc3339: $0)
                }
            )
        case "record": return .reference(try record(value))
        default:
            var records: [SalesforceID] = []
            for element in try value.elements() { records.append(try record(element)) }
            return .references(records)
        }
    }

    private static func record(
        _ node: DocumentNode
    ) throws(SettingsDocumentError) -> SalesforceID {
        try parse(node, "a record id of 15 or 18 characters") { SalesforceID($0) }
    }

    private static func parse<Value>(
        _ node: DocumentNode,
        _ expected: String,
        _ read: (String) -> Value?
    ) throws(SettingsDocumentError) -> Value {
        let text = try node.text()
        guard let value = read(text) else {
            throw .invalidValue(path: node.path, found: text, expected: expected)
        }
        return value
    }

    static func encode(_ value: FieldValue) -> JSON {
        switch value {
        case .empty: .null
        case .text(let text): .string(text)
        case .flag(let flag): .bool(flag)
        case .number(let digits): .number(digits)
        case .date(let date): member("date", .string(date.iso8601))
        case .instant(let instant): member("datetime", .string(instant.rfc3339))
        case .choices(let choices): .array(choices.map(JSON.string))
        case .reference(let id): member("record", .string(id.rawValue))
        case .references(let ids): member("records", .array(ids.map { .string($0.rawValue) }))
        }
    }

    private static func member(_ name: String, _ value: JSON) -> JSON {
        .object([.init(name, value)])
    }
}
