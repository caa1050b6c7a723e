import Domain

// Accounts: what is written to them, who gets them, and which of several is meant.
extension SettingsImporter {
    mutating func readAccountWrites() throws(SettingsImportError) {
        settings.accountOnBooking = try rules(
            .onBookingWriteToAccountRecordFields,
            behind: .onBookingWriteToAccountRecord
        )
        guard try app.isOn(.onBookingChangeAccountOwner) else { return }
        guard let guarded = settings.ownerChange else {
            // Without a guard every account would change hands with every booking.
            notes.append(
                "Dropped `onBookingChangeAccountOwner`: Cal.com names no owner from whom an "
                    + "account may be taken. Say so in `accountOwnerChange.onlyIfOwnedBy`."
            )
            return
        }
        settings.accountOwnerChange = guarded
        let owners = guarded.onlyIfOwnedBy.map { "\"\($0)\"" }.joined(separator: ", ")
        notes.append(
            "The account's owner becomes the organizer, too, only if it is exactly \(owners) now."
        )
    }

    mutating func readAccountMatching() throws(SettingsImportError) {
        settings.accounts.excludedRecordTypes = try texts(.excludeAccountRecordTypes)
        if !settings.accounts.excludedRecordTypes.isEmpty {
            let names = settings.accounts.excludedRecordTypes.joined(separator: ", ")
            notes.append("Accounts of these record types never count: \(names).")
        }
        if try isOn(.enableFuzzyDomainMatching, for: [.lead, .contactUnderAccount]) {
            settings.accounts.matchesSimilarDomains = true
            notes.append("Accounts whose website differs in its ending only count, too.")
        }
        guard let rules = try app.elements(.tiebreakerRules) else {
            if settings.looksForAccounts {
                settings.accounts.tieBreakers = TieBreaker.allCases
                notes.append(
                    "`tiebreakerRules` is not there, which is Cal.com's standard order of "
                        + "tie-breakers."
                )
            }
            return
        }
        settings.accounts.tieBreakers = try TieBreakerReader.read(
            rules,
            key: SettingsKey.tiebreakerRules.rawValue
        )
        let names = settings.accounts.tieBreakers.map(\.rawValue).joined(separator: ", ")
        notes.append(
            names.isEmpty
                ? "Tie-breakers are off: of several accounts the oldest is taken."
                : "Several accounts are told apart by: \(names)."
        )
    }

    private func texts(_ key: SettingsKey) throws(SettingsImportError) -> [String] {
        var texts: [String] = []
        for element in try app.elements(key) ?? [] {
            guard let text = element.string else {
                throw .wrongType(key: key.rawValue, expected: "a list of texts")
            }
            let name = text.trimmingWhitespace()
            if !name.isEmpty { texts.append(name) }
        }
        return texts
    }

    mutating func noteWhatIsShownOnly() throws(SettingsImportError) {
        if try app.isOn(.showCrmOwnerBanner) {
            notes.append("Passed over `showCrmOwnerBanner`: it is about Cal.com's booking page.")
        }
        guard let error = app.present(.lastSyncError) else { return }
        let code = error["errorCode"]?.string.map { " (\($0))" } ?? ""
        notes.append(
            "Passed over `lastSyncError`: it tells of an error that Cal.com had\(code)."
        )
    }
}

/// Reads `[{id, enabled}]`; a rule that does not say whether it is on is on.
enum TieBreakerReader {
    static func read(_ rules: [JSON], key: String) throws(SettingsImportError) -> [TieBreaker] {
        var chosen: [TieBreaker] = []
        for rule in rules {
            guard let id = rule["id"]?.string else { throw .missing(key: key + ".id") }
            guard let breaker = TieBreaker(calcom: id) else {
                throw .unknownValue(
                    key: key + ".id",
                    found: id,
                    expected: "a tie-breaker of Cal.com, for example P9_CreatedDate_MIN"
                )
            }
            if rule.present("enabled")?.bool ?? true { chosen.append(breaker) }
        }
        return TieBreaker.allCases.filter(chosen.contains)
    }
}

extension TieBreaker {
    /// Source: `facts/calcom.md` 5.8.9.
    fileprivate init?(calcom id: String) {
        switch id {
        case "P1_SubRegion": self = .subRegion
        case "P2_Country_State_Zip": self = .countryStateAndZip
        case "P3_Country_State": self = .countryAndState
        case "P4_Country": self = .country
        case "P5_ChildAccounts_MAX": self = .mostChildAccounts
        case "P6_Opportunities_MAX": self = .mostOpportunities
        case "P7_Contacts_MAX": self = .mostContacts
        case "P8_LastActivity_MAX": self = .latestActivity
        case "P9_CreatedDate_MIN": self = .oldest
        default: return nil
        }
    }
}

extension SyncSettings {
    /// Whether a booking or a question of routing may ask for the account of a mail domain.
    fileprivate var looksForAccounts: Bool {
        let rules =
            eventRecordOnBooking + attendeeOnBooking + attendeeOnCancellation + fallback.attendee
            + fallback.create.flatMap(\.fields)
        return PersonLookUp(self).needsAccount || ownerRouting?.lookUp == .account
            || !accountOnBooking.isEmpty || accountOwnerChange != nil
            || rules.contains { $0.value == .matchedAccount }
    }
}
