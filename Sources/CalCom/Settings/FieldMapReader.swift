import Domain

/// Reads a map from field names to entries `{value, fieldType, whenToWrite}`.
///
/// Older maps have a bare text (text, every booking) or a bare Boolean (checkbox) instead.
struct FieldMapReader {
    private let place: String
    /// What was read otherwise than it stands there.
    private(set) var notes: [String] = []

    init(key: SettingsKey) { place = key.rawValue }

    init(place: String) { self.place = place }

    mutating func rules(_ members: [JSON.Member]) throws(SettingsImportError) -> [FieldRule] {
        var rules: [FieldRule] = []
        for member in members {
            guard let rule = try rule(member) else { continue }
            // Of two members with one name the last counts, as it does in Cal.com.
            rules.removeAll { $0.field == rule.field }
            rules.append(rule)
        }
        return rules
    }

    private mutating func rule(_ member: JSON.Member) throws(SettingsImportError) -> FieldRule? {
        let field = member.name.trimmingWhitespace()
        guard !field.isEmpty else {
            throw .unknownValue(key: place, found: member.name, expected: "a field's name")
        }
        let entry = Entry(key: "\(place).\(member.name)", json: member.value)
        let type = try entry.type()
        let value = try entry.value()
        if case .string(let text) = value, text.allSatisfy(\.isWhitespace) {
            notes.append("Dropped `\(entry.key)`: its value is empty.")
            return nil
        }
        return rule(entry, FieldName(field), type, value, when: try entry.policy())
    }

    private mutating func rule(
        _ entry: Entry,
        _ field: FieldName,
        _ type: FieldType?,
        _ value: JSON,
        when: WritePolicy
    ) -> FieldRule {
        switch value {
        case .bool(let flag):
            if let type, type != .checkbox {
                notes.append("`\(entry.key)` is true or false, so it is taken as a checkbox.")
            }
            return FieldRule(field: field, type: .checkbox, value: .flag(flag), when: when)
        default:
            let text = value.string ?? ""
            let type = type ?? .text
            let source = source(text, type)
            return FieldRule(field: field, type: type, value: source, when: when)
        }
    }

    /// The named sources count in any type but `custom`, which Cal.com always forms as text.
    private func source(_ text: String, _ type: FieldType) -> ValueSource {
        switch (text, type) {
        case (_, .custom): .template(text)
        case ("booking_start_date", _): .bookingStartDate
        case ("booking_created_date", _): .bookingCreatedDate
        case ("booking_cancel_date", _): .bookingCancelDate
        case ("booking_organizer", .userLookup): .bookingOrganizer
        case ("matched_account", .accountLookup): .matchedAccount
        case (_, .checkbox) where text.lowercased() == "true": .flag(true)
        case (_, .checkbox) where text.lowercased() == "false": .flag(false)
        default: .template(text)
        }
    }
}

/// One entry of a map, in any of its three shapes.
private struct Entry {
    let key: String
    let json: JSON

    func value() throws(SettingsImportError) -> JSON {
        switch json {
        case .string, .bool: return json
        case .object: break
        default: throw .wrongType(key: key, expected: "a text, true or false, or an entry")
        }
        guard let value = json.present("value") else { throw .missing(key: key + ".value") }
        switch value {
        case .string, .bool: return value
        default: throw .wrongType(key: key + ".value", expected: "a text, true or false")
        }
    }

    func type() throws(SettingsImportError) -> FieldType? {
        guard let word = try word("fieldType") else { return nil }
        switch word {
        case "string": return .text
        case "boolean": return .checkbox
        case "user_lookup": return .userLookup
        case "account_lookup": return .accountLookup
        case "date": return .date
        case "datetime": return .datetime
        case "phone": return .phone
        case "custom": return .custom
        case "picklist": return .picklist
        case "multipicklist": return .multipicklist
        case "textarea": return .textarea
        default:
            throw .unknownValue(
                key: key + ".fieldType",
                found: word,
                expected: "a field type of Cal.com, for example string or picklist"
            )
        }
    }

    func policy() throws(SettingsImportError) -> WritePolicy {
        switch try word("whenToWrite") {
        case nil, "every_booking": return .always
        case "field_empty": return .whenEmpty
        case let other?:
            throw .unknownValue(
                key: key + ".whenToWrite",
                found: other,
                expected: "every_booking or field_empty"
            )
        }
    }

    private func word(_ name: String) throws(SettingsImportError) -> String? {
        guard let value = json.present(name) else { return nil }
        guard let word = value.string else {
            throw .wrongType(key: "\(key).\(name)", expected: "a text")
        }
        return word
    }
}
