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
    /// - Parameter settings: The settings that are to be checked; they may name further objects.
    /// - Returns: The id of the org, and its schema.
    /// - Throws: ``SalesforceError``, ``LedgerError`` or ``RunRefusal/otherOrg(expected:found:)``.
    public func observe(
        for settings: [SyncSettings] = []
    ) async throws -> (org: String, schema: OrgSchema) {
        try await view.observeSchema(Set(settings.flatMap(\.furtherObjects)))
    }

    /// Compares settings with an org.
    ///
    /// | finding                                             | severity                           |
    /// |-----------------------------------------------------|------------------------------------|
    /// | object or field is not there, or cannot be written  | error, if it fits no other object  |
    /// | type or look-up target does not fit                 | error, if it fits no other object  |
    /// | field can be set on creation only, or later only    | warning; error on cancellation     |
    /// | fixed value is no active choice, or too long        | warning                            |
    /// | a required field of a new record gets no value      | warning                            |
    /// | an owner is set by a rule and by a change of owner  | error                              |
    /// | a field of a routing rule is not there              | error                              |
    /// | what finds an owner or an account is not there      | warning                            |
    ///
    /// - Parameters:
    ///   - settings: The settings.
    ///   - schema: What the org has.
    /// - Returns: What does not fit, errors first.
    public static func findings(_ settings: SyncSettings, _ schema: OrgSchema) -> [Finding] {
        var findings: [Finding] = []
        for place in settings.places {
            for rule in place.rules {
                let fits = place.objects.map { FieldFit(rule, place.use, on: $0, of: schema) }
                findings += Self.findings(fits, at: "\(place.path)/\(rule.field.rawValue)")
            }
        }
        findings += defaultFindings(settings, schema) + ownerFindings(settings, schema)
        findings += requiredFindings(settings, schema) + ownerConflicts(settings)
        findings += routingFindings(settings, schema) + accountFindings(settings, schema)
        return findings.filter(\.isError) + findings.filter { !$0.isError }
    }

    /// A rule has to fit one of the objects it may meet; where it misses another, that is said.
    private static func findings(_ fits: [FieldFit], at setting: String) -> [Finding] {
        let isLostEverywhere = fits.allSatisfy { $0.misses.contains(where: \.isError) }
        return fits.flatMap(\.misses).map { miss in
            Finding(
                isError: miss.isError && isLostEverywhere,
                setting: setting,
                found: miss.found,
                remedy: miss.remedy
            )
        }
    }

    private static func defaultFindings(
        _ settings: SyncSettings,
        _ schema: OrgSchema
    ) -> [Finding] {
        settings.creationDefaults.sorted { $0.key < $1.key }.flatMap { object, values in
            values.sorted { $0.key < $1.key }.flatMap { field, value -> [Finding] in
                let rule = FieldRule(
                    field: field,
                    type: .custom,
                    value: value.source,
                    when: .always
                )
                return findings(
                    [FieldFit(rule, .creation, on: object, of: schema)],
                    at: "creationDefaults/\(object.rawValue)/\(field.rawValue)"
                )
            }
        }
    }

    private static func ownerFindings(
        _ settings: SyncSettings,
        _ schema: OrgSchema
    ) -> [Finding] {
        guard settings.ownerChange != nil else { return [] }
        let rule = FieldRule(
            field: "OwnerId",
            type: .userLookup,
            value: .bookingOrganizer,
            when: .always
        )
        let fits = settings.attendeeObjects.map { FieldFit(rule, .change, on: $0, of: schema) }
        return findings(fits, at: "ownerChange")
    }

    /// Fields without which the org refuses every new record, and that nothing fills.
    private static func requiredFindings(
        _ settings: SyncSettings,
        _ schema: OrgSchema
    ) -> [Finding] {
        settings.createdObjects.flatMap { object -> [Finding] in
            let rules = settings.places.filter { $0.use != .change && $0.objects.contains(object) }
                .flatMap(\.rules).map(\.field)
            let filled = Set(rules).union((settings.creationDefaults[object] ?? [:]).keys)
            let required = (schema.objects[object]?.fields ?? [:]).values
                .filter { $0.isRequiredByCustomer && !filled.contains($0.name) }
            return required.sorted { $0.name < $1.name }.map { field in
                Finding(
                    isError: false,
                    setting: "creationDefaults/\(object.rawValue)/\(field.name.rawValue)",
                    found:
                        "\(object.rawValue).\(field.name.rawValue) is required, and nothing sets it",
                    remedy:
                        "Give it a value there, or every new \(object.rawValue) will be refused."
                )
            }
        }
    }
}

/// A part of the settings that writes fields.
struct SettingsPart {
    /// Where it stands, for example `onBooking/attendee`.
    var path: String
    /// What it writes.
    var rules: [FieldRule]
    /// The objects that it may meet.
    var objects: [ObjectName]
    /// When it writes.
    var use: FieldFit.Use
}

extension SyncSettings {
    /// The parts that write fields.
    var places: [SettingsPart] {
        let kept: [FieldRule] = if case .keep(let rules) = onCancellation { rules } else { [] }
        let noShow = noShowField.map {
            FieldRule(field: $0, type: .checkbox, value: .flag(true), when: .always)
        }
        let (meeting, people) = ([ObjectName.eventRecord], attendeeObjects)
        return [
            SettingsPart(
                path: "onBooking/eventRecord",
                rules: eventRecordOnBooking,
                objects: meeting,
                use: .both
            ),
            SettingsPart(
                path: "onCancellation/eventRecord",
                rules: kept,
                objects: meeting,
                use: .change
            ),
            SettingsPart(
                path: "onBooking/attendee",
                rules: attendeeOnBooking,
                objects: people,
                use: .both
            ),
            SettingsPart(
                path: "onCancellation/attendee",
                rules: attendeeOnCancellation,
                objects: people,
                use: .change
            ),
            SettingsPart(
                path: "noShow",
                rules: noShow.map { [$0] } ?? [],
                objects: meeting,
                use: .change
            ),
        ] + furtherPlaces
    }

    /// The objects that an attendee's record may be of.
    var attendeeObjects: [ObjectName] {
        switch attendeeRecord {
        case .contact: [.contact]
        case .lead: [.lead, .contact]
        case .contactUnderAccount: createLeadIfNoAccount ? [.contact, .lead] : [.contact]
        }
    }

    /// The objects of which records are created.
    var createdObjects: [ObjectName] {
        let people: [ObjectName] =
            switch attendeeRecord {
            case .contact: skipContactCreation ? [] : [.contact]
            case .lead: createContactUnderAccount ? [.lead, .contact] : [.lead]
            case .contactUnderAccount:
                (createContactUnderAccount ? [.contact] : [])
                    + (createLeadIfNoAccount ? [.lead] : [])
            }
        return [.eventRecord] + people + Set(fallback.create.map(\.object)).sorted()
    }
}

extension FieldValue {
    /// The value as a rule would name it.
    fileprivate var source: ValueSource {
        switch self {
        case .text(let text), .number(let text): .template(text)
        case .flag(let flag): .flag(flag)
        default: .template("")
        }
    }
}

extension FieldDescription {
    /// Whether an administrator made the field required.
    fileprivate var isRequiredByCustomer: Bool {
        name.rawValue.hasSuffix("__c") && !isNillable && !isDefaultedOnCreate && isCreateable
    }
}
