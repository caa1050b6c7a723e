/// How a field rule is written in a settings document.
///
/// | written as                                   | means                                         |
/// |----------------------------------------------|-----------------------------------------------|
/// | `"some text"`                                | text, always                                  |
/// | `true`, `false`                              | checkbox, always                              |
/// | `{value: …, type: …, when: …}`               | as stated; `when` is `always` if left out     |
///
/// and `value` in the last form as
///
/// | value                                        | means                                         |
/// |----------------------------------------------|-----------------------------------------------|
/// | a text                                       | a template                                    |
/// | the name of a source, with a type that fits  | the source, for example `booking_start_date`  |
/// | `true`, `false`                              | a checkbox value                              |
/// | `{from: booking_start_date}`                 | the source, whatever the type                 |
/// | `{text: booking_start_date}`                 | these letters, whatever the type              |
enum FieldRuleForm {
    private static let sources: [(name: String, source: ValueSource)] = [
        ("booking_start_date", .bookingStartDate),
        ("booking_created_date", .bookingCreatedDate),
        ("booking_cancel_date", .bookingCancelDate),
        ("booking_organizer", .bookingOrganizer),
        ("matched_account", .matchedAccount),
    ]

    static func decode(
        _ node: DocumentNode,
        field: FieldName
    ) throws(SettingsDocumentError) -> FieldRule {
        switch node.value {
        case .bool(let flag):
            return FieldRule(field: field, type: .checkbox, value: .flag(flag), when: .always)
        case .string:
            let value = try source(node, type: nil)
            return FieldRule(field: field, type: .text, value: value, when: .always)
        case .object: return try decodeObject(node, field: field)
        case .null, .number, .array:
            throw node.wrongType("a text, true or false, or an object with `value`")
        }
    }

    private static func decodeObject(
        _ node: DocumentNode,
        field: FieldName
    ) throws(SettingsDocumentError) -> FieldRule {
        let object = try node.object(keys: ["value", "type", "when"])
        let type = try object["type"]?.choice(FieldType.self)
        let value = try source(object.required("value"), type: type)
        var isFlag = false
        if case .flag = value { isFlag = true }
        return FieldRule(
            field: field,
            type: type ?? (isFlag ? .checkbox : .text),
            value: value,
            when: try object["when"]?.choice(WritePolicy.self) ?? .always
        )
    }

    private static func source(
        _ node: DocumentNode,
        type: FieldType?
    ) throws(SettingsDocumentError) -> ValueSource {
        switch node.value {
        case .bool(let flag): return .flag(flag)
        case .string(let text): return try source(text, at: node, type: type)
        case .object: return try explicitSource(node)
        case .null, .number, .array:
            throw node.wrongType("a text, true or false, or the source of the value")
        }
    }

    private static func source(
        _ text: String,
        at node: DocumentNode,
        type: FieldType?
    ) throws(SettingsDocumentError) -> ValueSource {
        guard let named = source(named: text) else { return .template(text) }
        if let type {
            if named.fits(type) { return named }
            if !type.takesSources { return .template(text) }
        }
        let types = FieldType.allCases.filter(named.fits).map { "type: \($0.rawValue)" }
        throw .invalidValue(
            path: node.path,
            found: text,
            expected: "it only together with " + Spelling.list(types)
        )
    }

    private static func explicitSource(
        _ node: DocumentNode
    ) throws(SettingsDocumentError) -> ValueSource {
        let object = try node.object(keys: ["from", "text"])
        if let text = object["text"] {
            guard let letters = text.value.string else { throw text.wrongType("a text") }
            return .template(letters)
        }
        let from = try object.required("from")
        guard let source = source(named: try from.text()) else {
            throw .invalidValue(
                path: from.path,
                found: try from.text(),
                expected: "one of " + Spelling.list(sources.map(\.name))
            )
        }
        return source
    }

    private static func source(named name: String) -> ValueSource? {
        sources.first { $0.name == name }?.source
    }

    static func encode(_ rule: FieldRule) -> JSON {
        switch (rule.value, rule.type, rule.when) {
        case (.template(let text), .text, .always) where source(named: text) == nil: .string(text)
        case (.flag(let flag), .checkbox, .always): .bool(flag)
        default:
            .compact([
                ("value", encode(rule.value, type: rule.type)),
                ("type", .string(rule.type.rawValue)),
                ("when", rule.when == .always ? nil : .string(rule.when.rawValue)),
            ])
        }
    }

    private static func encode(_ value: ValueSource, type: FieldType) -> JSON {
        switch value {
        case .flag(let flag): return .bool(flag)
        case .template(let text):
            let isMistakable = source(named: text) != nil && type.takesSources
            return isMistakable ? .object([.init("text", .string(text))]) : .string(text)
        default:
            let name = JSON.text(sources.first { $0.source == value }?.name)
            return value.fits(type) ? name : .object([.init("from", name)])
        }
    }
}

extension FieldType {
    /// Whether a field of this type can be filled from a source that has a name.
    fileprivate var takesSources: Bool {
        switch self {
        case .date, .datetime, .userLookup, .accountLookup: true
        case .text, .phone, .checkbox, .picklist, .multipicklist, .textarea, .custom: false
        }
    }
}

extension ValueSource {
    /// Whether the name of the source alone says what is meant in a field of this type.
    fileprivate func fits(_ type: FieldType) -> Bool {
        switch self {
        case .bookingStartDate, .bookingCreatedDate, .bookingCancelDate:
            type == .date || type == .datetime
        case .bookingOrganizer: type == .userLookup
        case .matchedAccount: type == .accountLookup
        case .template, .flag: false
        }
    }
}
