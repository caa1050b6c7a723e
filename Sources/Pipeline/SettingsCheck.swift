public import Domain
public import Journal
import Ledger
public import Salesforce

/// Checks settings against what an org says of its objects, before they are accepted.
public struct SettingsCheck: Sendable {
    /// Something that does not fit.
    public struct Finding: Hashable, Sendable {
        /// Whether the settings cannot be accepted as they are.
        public var isError: Bool
        /// Where in the settings, for example `onBooking/eventRecord/Demo_Type__c`.
        public var setting: String
        /// What the org has instead.
        public var found: String
        /// What to do.
        public var remedy: String

        /// The finding in one line.
        public var text: String { "\(setting): \(found). \(remedy)" }

        /// The finding as JSON.
        public var json: JSON {
            .compact([
                ("severity", .string(isError ? "error" : "warning")),
                ("setting", .string(setting)),
                ("found", .string(found)),
                ("remedy", .string(remedy)),
            ])
        }
    }

    private let view: OrgView

    /// Creates a check.
    ///
    /// - Parameters:
    ///   - journal: Where descriptions are remembered.
    ///   - gateway: The org.
    ///   - keyField: The field for Daybook's key.
    ///   - now: The time.
    public init(
        journal: Journal,
        gateway: any SalesforceGateway,
        keyField: FieldName = OrgSchema.keyField,
        now: @escaping @Sendable () -> Instant
    ) {
        view = OrgView(journal: journal, gateway: gateway, keyField: keyField, now: now)
    }

    /// Asks the org anew what it has.
    ///
    /// - Returns: The id of the org, and its schema.
    /// - Throws: ``SalesforceError``, ``LedgerError`` or ``RunRefusal/otherOrg(expected:found:)``.
    public func observe() async throws -> (org: String, schema: OrgSchema) {
        try await view.observeSchema()
    }

    /// Compares settings with an org.
    ///
    /// - Parameters:
    ///   - settings: The settings.
    ///   - schema: What the org has.
    /// - Returns: What does not fit, errors first.
    public static func findings(_ settings: SyncSettings, _ schema: OrgSchema) -> [Finding] {
        var findings: [Finding] = []
        let people = settings.possibleObjects
        let kept: [FieldRule] =
            if case .keep(let rules) = settings.onCancellation { rules } else { [] }
        let places: [(String, [FieldRule], [ObjectName])] = [
            ("onBooking/eventRecord", settings.eventRecordOnBooking, [.eventRecord]),
            ("onCancellation/eventRecord", kept, [.eventRecord]),
            ("onBooking/attendee", settings.attendeeOnBooking, people),
            ("onCancellation/attendee", settings.attendeeOnCancellation, people),
        ]
        for (place, rules, objects) in places {
            for rule in rules {
                findings += check(rule, "\(place)/\(rule.field.rawValue)", objects, schema)
            }
        }
        if let field = settings.noShowField {
            let rule = FieldRule(field: field, type: .checkbox, value: .flag(true), when: .always)
            findings += check(rule, "noShow/field", [.eventRecord], schema)
        }
        return findings.sorted { $0.isError && !$1.isError }
    }

    /// A rule has to fit one of the objects it may meet; where it misses another, that is said.
    private static func check(
        _ rule: FieldRule,
        _ setting: String,
        _ objects: [ObjectName],
        _ schema: OrgSchema
    ) -> [Finding] {
        let misses = objects.compactMap { object in
            miss(rule, object, schema).map { (object, $0) }
        }
        let fitsSomewhere = misses.count < objects.count
        return misses.map { _, miss in
            Finding(
                isError: miss.isError && !fitsSomewhere,
                setting: setting,
                found: miss.found,
                remedy: miss.remedy
            )
        }
    }

    private typealias Miss = (isError: Bool, found: String, remedy: String)

    private static func miss(
        _ rule: FieldRule,
        _ object: ObjectName,
        _ schema: OrgSchema
    ) -> Miss? {
        guard let fields = schema.objects[object]?.fields else {
            return (
                true, "the integration user cannot see \(object.rawValue)",
                "Give its profile or permission set access to the object."
            )
        }
        guard let field = fields[rule.field] else {
            let twin = fields.keys.first {
                $0.rawValue.lowercased() == rule.field.rawValue.lowercased()
            }
            let remedy =
                twin.map { "Write it as the org does: '\($0.rawValue)'." }
                ?? "Create the field, make it visible to the integration user, or correct the name."
            return (true, "\(object.rawValue) has no field '\(rule.field.rawValue)'", remedy)
        }
        guard field.isUpdateable || field.isCreateable else {
            return (
                true, "\(object.rawValue).\(rule.field.rawValue) cannot be written",
                "Give the integration user edit access, or choose another field."
            )
        }
        return typeMiss(rule, field, object) ?? valueMiss(rule, field, object)
    }

    private static func typeMiss(
        _ rule: FieldRule,
        _ field: FieldDescription,
        _ object: ObjectName
    ) -> Miss? {
        guard !rule.type.orgTypes.contains(field.type), !rule.type.orgTypes.isEmpty else {
            return nil
        }
        return (
            true,
            "\(object.rawValue).\(field.name.rawValue) is of type \(field.type), not \(rule.type.rawValue)",
            "Change the type in the settings, or choose another field."
        )
    }

    /// A fixed value that the picklist does not have is told now, not with the first booking.
    private static func valueMiss(
        _ rule: FieldRule,
        _ field: FieldDescription,
        _ object: ObjectName
    ) -> Miss? {
        guard ["picklist", "multipicklist"].contains(field.type), !field.activeValues.isEmpty,
            case .template(let text) = rule.value, !text.contains("{")
        else { return nil }
        let values =
            field.type == "picklist"
            ? [text] : text.split(separator: ";").map { $0.trimmingWhitespace() }
        guard let unknown = values.first(where: { !field.activeValues.contains($0) }) else {
            return nil
        }
        return (
            false,
            "'\(unknown)' is no active value of \(object.rawValue).\(field.name.rawValue)",
            "The field will be held back until the value is added; active are "
                + field.activeValues.prefix(8).joined(separator: ", ") + "."
        )
    }
}

extension SyncSettings {
    /// The objects that an attendee's record may be of.
    fileprivate var possibleObjects: [ObjectName] {
        switch attendeeRecord {
        case .contact: [.contact]
        case .lead: [.lead, .contact]
        case .contactUnderAccount: createLeadIfNoAccount ? [.contact, .lead] : [.contact]
        }
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
