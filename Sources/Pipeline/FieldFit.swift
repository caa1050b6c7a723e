import Domain

/// Whether a field of an org can take what a rule of the settings writes.
struct FieldFit {
    /// When a rule writes its field.
    enum Use {
        /// When a record is made.
        case creation
        /// When a record is there.
        case change
        /// Whichever it is.
        case both
    }

    /// Something that does not fit.
    struct Miss {
        /// Whether nothing can ever be written.
        var isError: Bool
        /// What the org has, without a full stop.
        var found: String
        /// What to do, in a sentence.
        var remedy: String
    }

    private let rule: FieldRule
    private let use: Use
    private let object: ObjectName
    private let schema: OrgSchema

    init(_ rule: FieldRule, _ use: Use, on object: ObjectName, of schema: OrgSchema) {
        (self.rule, self.use, self.object, self.schema) = (rule, use, object, schema)
    }

    /// What does not fit: the first thing that makes writing impossible, or all that is doubtful.
    var misses: [Miss] {
        guard let fields = schema.objects[object]?.fields else { return [hiddenObject] }
        guard let field = fields[rule.field] else { return [missingField(among: fields.keys)] }
        if let miss = accessMiss(field), miss.isError { return [miss] }
        if let miss = typeMiss(field) ?? targetMiss(field) { return [miss] }
        return [accessMiss(field), choiceMiss(field), lengthMiss(field)].compactMap { $0 }
    }

    private var name: String { "\(object.rawValue).\(rule.field.rawValue)" }

    private var hiddenObject: Miss {
        Miss(
            isError: true,
            found: "the integration user cannot see \(object.rawValue)",
            remedy: "Give its profile or permission set access to the object."
        )
    }

    private func missingField(among names: some Collection<FieldName>) -> Miss {
        let twin = names.first { $0.rawValue.lowercased() == rule.field.rawValue.lowercased() }
        return Miss(
            isError: true,
            found: "\(object.rawValue) has no field '\(rule.field.rawValue)'",
            remedy: twin.map { "Write it as the org does: '\($0.rawValue)'." }
                ?? "Create the field, make it visible to the integration user, or correct the name."
        )
    }

    private func accessMiss(_ field: FieldDescription) -> Miss? {
        let grant = "Give the integration user edit access, or choose another field."
        switch (field.isCreateable, field.isUpdateable, use) {
        case (false, false, _):
            return Miss(isError: true, found: "\(name) cannot be written", remedy: grant)
        case (true, false, .change):
            return Miss(
                isError: true,
                found: "\(name) can be set only when the record is created",
                remedy: grant
            )
        case (false, true, .creation):
            return Miss(
                isError: true,
                found: "\(name) cannot be set when the record is created",
                remedy: grant
            )
        case (true, false, .both):
            return Miss(
                isError: false,
                found: "\(name) can be set only when the record is created",
                remedy:
                    "Later bookings will hold it back; give edit access if they shall change it."
            )
        case (false, true, .both):
            return Miss(
                isError: false,
                found: "\(name) cannot be set when the record is created",
                remedy: "New records will hold it back; choose another field if they shall have it."
            )
        case (true, true, _), (true, false, .creation), (false, true, .change):
            return nil
        }
    }

    private func typeMiss(_ field: FieldDescription) -> Miss? {
        guard !rule.type.orgTypes.contains(field.type), !rule.type.orgTypes.isEmpty else {
            return nil
        }
        return Miss(
            isError: true,
            found: "\(name) is of type \(field.type), not \(rule.type.rawValue)",
            remedy: "Change the type in the settings, or choose another field."
        )
    }

    private func targetMiss(_ field: FieldDescription) -> Miss? {
        let target: ObjectName? =
            switch rule.type {
            case .userLookup: .user
            case .accountLookup: .account
            default: nil
            }
        guard let target, !field.referenceTo.contains(target) else { return nil }
        let targets = field.referenceTo.map(\.rawValue).joined(separator: ", ")
        return Miss(
            isError: true,
            found:
                "\(name) looks up \(targets.isEmpty ? "nothing" : targets), not \(target.rawValue)",
            remedy: "Choose a field that looks up \(target.rawValue)."
        )
    }

    /// A fixed value that the picklist does not have is told now, not with the first booking.
    private func choiceMiss(_ field: FieldDescription) -> Miss? {
        guard ["picklist", "multipicklist"].contains(field.type), !field.activeValues.isEmpty,
            let text = fixedText
        else { return nil }
        let values =
            field.type == "picklist"
            ? [text] : text.split(separator: ";").map { $0.trimmingWhitespace() }
        guard let unknown = values.first(where: { !field.activeValues.contains($0) }) else {
            return nil
        }
        return Miss(
            isError: false,
            found: "'\(unknown)' is no active value of \(name)",
            remedy: "The field will be held back until the value is added; active are "
                + field.activeValues.prefix(8).joined(separator: ", ") + "."
        )
    }

    private func lengthMiss(_ field: FieldDescription) -> Miss? {
        guard let text = fixedText, field.length > 0, text.count > field.length else { return nil }
        return Miss(
            isError: false,
            found: "the text has \(text.count) characters, and \(name) takes \(field.length)",
            remedy: "It will be cut; shorten it, or choose a longer field."
        )
    }

    /// The value, where it is the same for every booking.
    private var fixedText: String? {
        guard case .template(let text) = rule.value, !text.isEmpty, !text.contains("{") else {
            return nil
        }
        return text
    }
}

extension FieldType {
    /// The describe types that take such values; empty for any.
    fileprivate var orgTypes: Set<String> {
        let texts: Set<String> = [
            "string", "textarea", "phone", "email", "url", "combobox", "picklist",
            "encryptedstring",
        ]
        return switch self {
        case .text, .textarea: texts
        case .phone: ["phone", "string", "textarea"]
        case .date: ["date"]
        case .datetime: ["datetime"]
        case .checkbox: ["boolean"]
        case .picklist: ["picklist", "string", "combobox"]
        case .multipicklist: ["multipicklist"]
        case .userLookup, .accountLookup: ["reference"]
        case .custom: []
        }
    }
}
