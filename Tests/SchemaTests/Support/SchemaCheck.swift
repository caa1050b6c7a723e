import Domain

/// Compares a value with a JSON Schema, as far as the schemas of this repository go.
///
/// Knows `$ref`, `type`, `properties`, `required`, `additionalProperties`, `items`, `enum`, `const`
/// and the `description` of every property. Anything else is passed over.
struct SchemaCheck {
    /// The document that `#` refers to.
    let root: JSON
    /// Further documents, by file name.
    var files: [String: JSON] = [:]

    /// What does not fit, each with its place.
    func problems(_ value: JSON, _ schema: JSON, at place: String = "") -> [String] {
        let (schema, base) = resolved(schema)
        let here = SchemaCheck(root: base, files: files)
        return here.typeProblems(value, schema, place) + here.choiceProblems(value, schema, place)
            + here.memberProblems(value, schema, place)
            + (value.array ?? []).enumerated().flatMap { index, element in
                schema["items"].map { here.problems(element, $0, at: "\(place)/\(index)") } ?? []
            }
    }

    private func resolved(_ schema: JSON) -> (schema: JSON, root: JSON) {
        guard let reference = schema["$ref"]?.string else { return (schema, root) }
        let parts = reference.split(separator: "#", omittingEmptySubsequences: false)
        let document = parts[0].isEmpty ? root : files[String(parts[0])] ?? .null
        let target = parts[1].split(separator: "/").reduce(document) { $0[String($1)] ?? .null }
        return (target, document)
    }

    private func typeProblems(_ value: JSON, _ schema: JSON, _ place: String) -> [String] {
        if schema == .null { return ["\(place): its schema is missing"] }
        guard let type = schema["type"] else { return [] }
        let allowed = type.array?.compactMap(\.string) ?? [type.string ?? ""]
        let isAllowed = allowed.contains { name in
            switch (name, value) {
            case ("object", .object), ("array", .array), ("string", .string), ("boolean", .bool),
                ("null", .null), ("number", .number):
                true
            case ("integer", .number): value.int != nil
            default: false
            }
        }
        return isAllowed ? [] : ["\(place): is no \(allowed.joined(separator: " or "))"]
    }

    private func choiceProblems(_ value: JSON, _ schema: JSON, _ place: String) -> [String] {
        let choices = schema["enum"]?.array ?? schema["const"].map { [$0] }
        guard let choices, !choices.contains(value) else { return [] }
        return ["\(place): is none of its choices"]
    }

    private func memberProblems(_ value: JSON, _ schema: JSON, _ place: String) -> [String] {
        guard let members = value.members else { return [] }
        let required = schema["required"]?.array?.compactMap(\.string) ?? []
        let missing = required.filter { value[$0] == nil }.map { "\(place)/\($0): is missing" }
        return missing
            + members.flatMap { member -> [String] in
                let place = "\(place)/\(member.name)"
                if let own = schema["properties"]?[member.name] {
                    return problems(member.value, own, at: place)
                }
                switch schema["additionalProperties"] {
                case .bool(false): return ["\(place): is not in the schema"]
                case let other? where other.members != nil:
                    return problems(member.value, other, at: place)
                default: return []
                }
            }
    }

    /// The properties that say nothing of what they mean, anywhere in a schema.
    static func undocumented(_ schema: JSON, at place: String = "") -> [String] {
        let nested = (schema.members ?? []).flatMap { member -> [String] in
            switch member.name {
            case "properties", "$defs":
                (member.value.members ?? []).flatMap { property -> [String] in
                    let place = "\(place)/\(property.name)"
                    let isKnown =
                        property.value["description"] != nil || property.value["$ref"] != nil
                    return (isKnown ? [] : [place]) + undocumented(property.value, at: place)
                }
            case "items", "additionalProperties": undocumented(member.value, at: place)
            default: []
            }
        }
        return nested
    }
}
