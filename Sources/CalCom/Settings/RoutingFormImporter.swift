import Domain

/// Takes over what stands with a routing form instead of an event type: the options of a route, and
/// what is written when a form was answered and no booking came of it.
///
/// Such a document is only a part of the settings: the rest stays as it is.
///
/// Source: `facts/calcom.md` 5.2 (below the table), 5.8.10 and 5.12.
struct RoutingFormImporter {
    private let options: JSON
    private var settings: SyncSettings
    private var notes: [String] = []

    /// Creates an importer; nil if the document holds nothing of a routing form.
    init?(_ json: JSON, onto base: SyncSettings) {
        let nested = json["attributeRoutingConfig"]?["salesforce"] ?? json["salesforce"] ?? json
        guard let members = nested.members,
            members.contains(where: { Self.keys.contains($0.name) })
        else { return nil }
        (options, settings) = (nested, base)
    }

    private static let keys: Set<String> = [
        "rrSkipToAccountLookupField", "rrSKipToAccountLookupFieldName", "rrSkipToCustomSoql",
        "customSoqlQuery", "tiebreaker", "writeToRecordObject",
    ]

    mutating func imported() throws(SettingsImportError) -> ImportedSettings {
        try readLookUpField()
        try readQuery()
        try readTieBreaker()
        try readIncompleteBooking()
        for member in options.members ?? [] where !Self.keys.contains(member.name) {
            notes.append("Passed over `\(member.name)`: this key is not known.")
        }
        return ImportedSettings(eventType: nil, settings: settings, notes: notes)
    }

    private func isOn(_ key: String) throws(SettingsImportError) -> Bool {
        guard let value = options.present(key) else { return false }
        guard let flag = value.bool else { throw .wrongType(key: key, expected: "true or false") }
        return flag
    }

    private func text(_ key: String, of json: JSON) throws(SettingsImportError) -> String? {
        guard let value = json.present(key) else { return nil }
        guard let text = value.string else { throw .wrongType(key: key, expected: "a text") }
        let trimmed = text.trimmingWhitespace()
        return trimmed.isEmpty ? nil : trimmed
    }

    private mutating func routing() -> OwnerRouting {
        if let routing = settings.ownerRouting { return routing }
        notes.append("`ownerRouting` was off; beside the route's options the account is asked.")
        return OwnerRouting(lookUp: .account)
    }

    private mutating func readLookUpField() throws(SettingsImportError) {
        let (toggle, key) = ("rrSkipToAccountLookupField", "rrSKipToAccountLookupFieldName")
        let name = try text(key, of: options)
        guard try isOn(toggle) else {
            if name != nil { notes.append("Dropped `\(key)`: `\(toggle)` is off.") }
            return
        }
        guard let name else {
            return notes.append("Dropped `\(toggle)`: no field is named in `\(key)`.")
        }
        guard OwnerRouting.isPath(name) else {
            throw .unknownValue(
                key: key,
                found: name,
                expected: "letters, digits and _, joined by dots"
            )
        }
        var routing = routing()
        routing.accountUserField = name
        settings.ownerRouting = routing
        notes.append("Bookings go to the user in `\(name)` of the attendee's account.")
    }

    private mutating func readQuery() throws(SettingsImportError) {
        let (toggle, key) = ("rrSkipToCustomSoql", "customSoqlQuery")
        let query = try text(key, of: options)
        guard try isOn(toggle) else {
            if query != nil { notes.append("Dropped `\(key)`: `\(toggle)` is off.") }
            return
        }
        guard let query else {
            return notes.append("Dropped `\(toggle)`: there is no query in `\(key)`.")
        }
        var routing = routing()
        do {
            routing.query = try OwnerQuery(query)
        } catch {
            throw .unknownValue(
                key: key,
                found: "a query",
                expected: "one SELECT that only reads, but \(error.reason)"
            )
        }
        settings.ownerRouting = routing
        notes.append(
            "Bookings go to the user whom `customSoqlQuery` names. Values of the person stand in "
                + "it as {email}, {domain} or {identifier of an answer}."
        )
    }

    private mutating func readTieBreaker() throws(SettingsImportError) {
        guard let tie = options.present("tiebreaker") else { return }
        guard tie.members != nil else { throw .wrongType(key: "tiebreaker", expected: "an object") }
        var place = BookerPlaceSource()
        place.subRegionField = try text("subRegionFieldName", of: tie).map(FieldName.init)
        place.subRegion = try text("bookerSubRegionFieldId", of: tie)
        place.country = try text("bookerCountryFieldId", of: tie)
        place.state = try text("bookerStateFieldId", of: tie)
        place.zip = try text("bookerZipFieldId", of: tie)
        settings.accounts.bookerPlace = place
        if [place.subRegion, place.country, place.state, place.zip].contains(where: { $0 != nil }) {
            notes.append(
                "Cal.com names the questions of `tiebreaker` by the ids of form fields; deliveries "
                    + "name them by identifier. Put the identifiers into `accounts.bookerPlace`."
            )
        }
        if tie["useIpGeoFallback"]?.bool == true {
            notes.append(
                "Dropped `useIpGeoFallback`: deliveries do not tell the booker's network address."
            )
        }
        if let rules = tie.present("rules") {
            guard let list = rules.array else {
                throw .wrongType(key: "tiebreaker.rules", expected: "a list")
            }
            settings.accounts.tieBreakers = try TieBreakerReader.read(list, key: "tiebreaker.rules")
        }
    }

    private mutating func readIncompleteBooking() throws(SettingsImportError) {
        let key = "writeToRecordObject"
        guard let map = options.present(key) else { return }
        guard let members = map.members else {
            throw .wrongType(key: key, expected: "an object of fields")
        }
        var reader = FieldMapReader(place: key)
        settings.forms.abandoned = try reader.rules(members)
        notes += reader.notes
        notes.append(
            "Took \(settings.forms.abandoned.count) from `\(key)`. Daybook learns of such forms from "
                + "Cal.com's webhook trigger FORM_SUBMITTED_NO_EVENT; subscribe to it. Accept these "
                + "settings with --default: a form belongs to no event type."
        )
    }
}
