import Domain

// What settings say of owners, accounts and routing, against what an org has.
extension SettingsCheck {
    /// Two settings that would both set the owner of one record.
    static func ownerConflicts(_ settings: SyncSettings) -> [Finding] {
        let attendee = settings.places.filter { place in
            place.path.hasSuffix("/attendee") || place.path.hasPrefix("onForm/")
        }
        let account = settings.places.filter { $0.path == "onBooking/account" }
        return conflicts(attendee, with: settings.ownerChange, "ownerChange")
            + conflicts(account, with: settings.accountOwnerChange, "accountOwnerChange")
    }

    private static func conflicts(
        _ places: [SettingsPart],
        with change: OwnerChange?,
        _ name: String
    ) -> [Finding] {
        guard change != nil else { return [] }
        return places.filter { $0.rules.contains { $0.field == "OwnerId" } }.map { place in
            Finding(
                isError: true,
                setting: "\(place.path)/OwnerId",
                found: "the rule and '\(name)' would both set the owner of one record",
                remedy:
                    "Remove the rule, or remove '\(name)'; only the latter asks who owns it now."
            )
        }
    }

    static func routingFindings(_ settings: SyncSettings, _ schema: OrgSchema) -> [Finding] {
        guard let routing = settings.ownerRouting else { return [] }
        var objects: [ObjectName] =
            switch routing.lookUp {
            case .contact: [.contact]
            case .lead: [.lead]
            case .account: [.account]
            }
        if routing.fallBackToLead, routing.lookUp != .lead { objects.append(.lead) }
        let rules = routing.rules.flatMap { rule in
            objects.compactMap { object in
                missing(
                    rule.field,
                    of: object,
                    schema,
                    at: "ownerRouting/rules/\(rule.field.rawValue)"
                )
            }
        }
        return rules + [pathFinding(routing, schema)].compactMap { $0 }
    }

    /// Only the first step of a path can be told from the description of the account.
    ///
    /// A warning, because the settings do what they say without it: the next way to find the owner
    /// is gone.
    private static func pathFinding(_ routing: OwnerRouting, _ schema: OrgSchema) -> Finding? {
        guard let path = routing.accountUserField else { return nil }
        let steps = path.split(separator: ".").map(String.init)
        let first = steps.count == 1 ? steps[0] : fieldName(ofRelation: steps[0])
        let setting = "ownerRouting/accountUserField"
        if var miss = missing(FieldName(first), of: .account, schema, at: setting) {
            miss.isError = false
            return miss
        }
        let targets = schema.objects[.account]?.fields[FieldName(first)]?.referenceTo ?? []
        guard steps.count == 1, !targets.contains(.user) else { return nil }
        return Finding(
            isError: false,
            setting: setting,
            found: "Account.\(first) does not look up User",
            remedy: "Choose a field that looks up User, or a path that ends with one."
        )
    }

    /// The field behind the name of a relation: `Region__c` for `Region__r`, `ParentId` for `Parent`.
    private static func fieldName(ofRelation name: String) -> String {
        name.hasSuffix("__r") ? "\(name.dropLast(3))__c" : "\(name)Id"
    }

    private static func missing(
        _ field: FieldName,
        of object: ObjectName,
        _ schema: OrgSchema,
        at setting: String
    ) -> Finding? {
        guard let fields = schema.objects[object]?.fields, fields[field] == nil else { return nil }
        let twin = fields.keys.first { $0.rawValue.lowercased() == field.rawValue.lowercased() }
        return Finding(
            isError: true,
            setting: setting,
            found: "\(object.rawValue) has no field '\(field.rawValue)'",
            remedy: twin.map { "Write it as the org does: '\($0.rawValue)'." }
                ?? "Create the field, make it visible to the integration user, or correct the name."
        )
    }

    static func accountFindings(_ settings: SyncSettings, _ schema: OrgSchema) -> [Finding] {
        let (matching, place) = (settings.accounts, settings.accounts.bookerPlace)
        var findings: [Finding] = []
        if let field = place.subRegionField {
            var miss = missing(
                field,
                of: .account,
                schema,
                at: "accounts/bookerPlace/subRegionField"
            )
            miss?.isError = false
            findings += [miss].compactMap { $0 }
        }
        for breaker in matching.orderedTieBreakers {
            guard let missing = place.missing(for: breaker) else { continue }
            findings.append(
                Finding(
                    isError: false,
                    setting: "accounts/tieBreakers/\(breaker.rawValue)",
                    found: "'accounts.bookerPlace' does not name \(missing)",
                    remedy: "Name it there; until then this tie-breaker decides nothing."
                )
            )
        }
        if matching.tieBreakers.contains(.mostOpportunities), schema.objects[.opportunity] == nil {
            findings.append(
                Finding(
                    isError: false,
                    setting: "accounts/tieBreakers/mostOpportunities",
                    found: "the integration user cannot see Opportunity",
                    remedy: "Give it access; until then this tie-breaker decides nothing."
                )
            )
        }
        return findings
    }
}

extension BookerPlaceSource {
    /// What a tie-breaker needs and is not named; nil when all is there.
    fileprivate func missing(for breaker: TieBreaker) -> String? {
        switch breaker {
        case .subRegion:
            subRegionField == nil ? "'subRegionField'" : subRegion == nil ? "'subRegion'" : nil
        case .countryStateAndZip:
            country == nil ? "'country'" : state == nil ? "'state'" : zip == nil ? "'zip'" : nil
        case .countryAndState: country == nil ? "'country'" : state == nil ? "'state'" : nil
        case .country: country == nil ? "'country'" : nil
        case .mostChildAccounts, .mostOpportunities, .mostContacts, .latestActivity, .oldest: nil
        }
    }
}

extension SyncSettings {
    /// The objects that are dealt with besides event records, people and accounts.
    var furtherObjects: [ObjectName] {
        fallback.create.map(\.object)
            + (accounts.tieBreakers.contains(.mostOpportunities) ? [.opportunity] : [])
    }

    /// The parts that write to accounts, that follow when nobody's owner was found, and that
    /// follow answers to forms.
    var furtherPlaces: [SettingsPart] {
        let owner = FieldRule(
            field: "OwnerId",
            type: .userLookup,
            value: .bookingOrganizer,
            when: .always
        )
        let created = fallback.create.map { record in
            SettingsPart(
                path: "onFallback/create/\(record.name)",
                rules: record.fields,
                objects: [record.object],
                use: .creation
            )
        }
        return [
            SettingsPart(
                path: "onBooking/account",
                rules: accountOnBooking,
                objects: [.account],
                use: .change
            ),
            SettingsPart(
                path: "accountOwnerChange",
                rules: accountOwnerChange == nil ? [] : [owner],
                objects: [.account],
                use: .change
            ),
            SettingsPart(
                path: "onFallback/attendee",
                rules: fallback.attendee,
                objects: attendeeObjects,
                use: .both
            ),
            SettingsPart(
                path: "onForm/submitted",
                rules: forms.submitted,
                objects: [.contact, .lead],
                use: .change
            ),
            SettingsPart(
                path: "onForm/abandoned",
                rules: forms.abandoned,
                objects: [.contact, .lead],
                use: .change
            ),
        ] + created
    }
}
