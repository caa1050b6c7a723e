import Domain

/// What templates are filled with.
typealias TemplateValues = [String: any Sendable]

extension JSON {
    /// The value as templates take it; nil for `null`, which a template treats as absent.
    var templateValue: (any Sendable)? {
        switch self {
        case .null: nil
        case .bool(let flag): flag
        case .number(let digits): digits
        case .string(let text): text
        case .array(let elements): elements.compactMap(\.templateValue)
        case .object: templateValues
        }
    }

    /// The members of an object as templates take them.
    var templateValues: TemplateValues {
        var values: TemplateValues = [:]
        for member in members ?? [] { values[member.name] = member.value.templateValue }
        return values
    }

    /// The elements of a member that is an array.
    func list(_ name: String) -> [JSON] { self[name]?.array ?? [] }

    /// A moment as people read it: `2026-11-03 14:02:11 UTC`.
    func moment(_ name: String) -> String? {
        self[name]?.string.map { "\($0.prefix(10)) \($0.dropFirst(11).prefix(8)) UTC" }
    }

    /// A value as people read it: text without quotation marks, nothing as `(empty)`.
    var reading: String {
        switch self {
        case .null: "(empty)"
        case .string(let text): text.isEmpty ? "(empty)" : text
        case .object where self["digest"] != nil: "(hidden)"
        default: text
        }
    }
}

extension Instant {
    /// The moment as people read it: `2026-11-03 14:02:11 UTC`.
    var spoken: String {
        let text = rfc3339
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(8)) UTC"
    }
}
