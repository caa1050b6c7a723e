import Domain

/// Goes through the app-data object once and notes what it does.
struct SettingsImporter {
    let source: SettingsSource
    let app: AppData
    var settings = SyncSettings()
    var notes: [String] = []

    init(_ source: SettingsSource) {
        self.source = source
        app = AppData(json: source.app)
    }

    mutating func imported() throws(SettingsImportError) -> ImportedSettings {
        try noteWhetherEnabled()
        try readAttendeeRecord()
        try readConditionalSwitches()
        try readWrites()
        try readCancellation()
        try readOwnerChange()
        try readNoShow()
        try readOwnerRouting()
        try readAccountWrites()
        try readFallback()
        try readAccountMatching()
        try noteWhatIsShownOnly()
        noteUnknownKeys()
        return ImportedSettings(eventType: source.eventType, settings: settings, notes: notes)
    }

    private mutating func noteWhetherEnabled() throws(SettingsImportError) {
        guard app.present(.enabled) != nil, try !app.isOn(.enabled) else { return }
        notes.append(
            "Warning: the Salesforce app is switched off for this event type in Cal.com. "
                + "Applied here, these settings take effect."
        )
    }

    private mutating func readAttendeeRecord() throws(SettingsImportError) {
        let chosen = try app.text(.createEventOn)
        switch chosen {
        case nil, "Contact": settings.attendeeRecord = .contact
        case "Lead": settings.attendeeRecord = .lead
        case "Account": settings.attendeeRecord = .contactUnderAccount
        case "Event":
            settings.attendeeRecord = .contact
            notes.append(
                "`createEventOn` is Event, which Cal.com never acted on; taken as Contact."
            )
        case let other?:
            throw .unknownValue(
                key: SettingsKey.createEventOn.rawValue,
                found: other,
                expected: "Contact, Lead or Account"
            )
        }
        notes.append("Attendees are looked up as \(settings.attendeeRecord.inWords).")
    }

    private mutating func readConditionalSwitches() throws(SettingsImportError) {
        settings.ignoreGuests = try app.isOn(.ignoreGuests)
        settings.skipContactCreation = try isOn(.skipContactCreation, for: [.contact])
        settings.checkForExistingContact = try isOn(
            .createEventOnLeadCheckForContact,
            for: [.lead]
        )
        settings.createContactUnderAccount = try isOn(
            .createNewContactUnderAccount,
            for: [.lead, .contactUnderAccount]
        )
        settings.createLeadIfNoAccount = try isOn(
            .createLeadIfAccountNull,
            for: [.contactUnderAccount]
        )
    }

    /// A switch that Cal.com shows for certain attendee records only, and ignores otherwise.
    mutating func isOn(
        _ key: SettingsKey,
        for records: [SyncSettings.AttendeeRecord]
    ) throws(SettingsImportError) -> Bool {
        guard try app.isOn(key) else { return false }
        if records.contains(settings.attendeeRecord) { return true }
        notes.append(
            "Dropped `\(key.rawValue)`: it is on, but Cal.com hides this switch when attendees are "
                + "\(settings.attendeeRecord.inWords)."
        )
        return false
    }

    private mutating func readWrites() throws(SettingsImportError) {
        settings.eventRecordOnBooking = try rules(
            .onBookingWriteToEventObjectMap,
            behind: .onBookingWriteToEventObject
        )
        settings.attendeeOnBooking = try rules(
            .onBookingWriteToRecordFields,
            behind: .onBookingWriteToRecord
        )
        settings.attendeeOnCancellation = try rules(
            .onCancelWriteToRecordFields,
            behind: .onCancelWriteToRecord
        )
    }

    private mutating func readCancellation() throws(SettingsImportError) {
        let written = try rules(
            .onCancelWriteToEventRecordFields,
            behind: .onCancelWriteToEventRecord
        )
        if try app.isOn(.onCancelWriteToEventRecord) {
            settings.onCancellation = .keep(written)
            notes.append("The event record is kept when a booking is cancelled.")
        } else {
            notes.append("The event record is deleted when a booking is cancelled.")
        }
    }

    /// The rules of a map; none, and a note, unless its switch is on.
    mutating func rules(
        _ map: SettingsKey,
        behind toggle: SettingsKey
    ) throws(SettingsImportError) -> [FieldRule] {
        let members = try app.members(map)
        guard try app.isOn(toggle) else {
            if !members.isEmpty {
                notes.append("Dropped `\(map.rawValue)`: `\(toggle.rawValue)` is off.")
            }
            return []
        }
        var reader = FieldMapReader(key: map)
        let rules = try reader.rules(members)
        notes += reader.notes
        let count = "\(rules.count) field\(rules.count == 1 ? "" : "s")"
        notes.append("Took \(count) from `\(map.rawValue)`.")
        return rules
    }

    private mutating func readOwnerChange() throws(SettingsImportError) {
        let isOn = try app.isOn(.onBookingChangeRecordOwner)
        let name = try app.text(.onBookingChangeRecordOwnerName)
        switch (isOn, name) {
        case (true, let name?):
            settings.ownerChange = OwnerChange(target: .organizer, onlyIfOwnedBy: [name])
            notes.append(
                "The owner becomes the organizer only if it is exactly \"\(name)\" now. Cal.com "
                    + "changes the owner even when it is somebody else."
            )
        case (true, nil):
            notes.append(
                "Dropped `onBookingChangeRecordOwner`: it has no effect without "
                    + "`onBookingChangeRecordOwnerName`."
            )
        case (false, .some):
            notes.append(
                "Dropped `onBookingChangeRecordOwnerName`: `onBookingChangeRecordOwner` is off."
            )
        case (false, nil): break
        }
    }

    private mutating func readNoShow() throws(SettingsImportError) {
        let field = try app.text(.sendNoShowAttendeeDataField)
        guard try app.isOn(.sendNoShowAttendeeData) else {
            if field != nil {
                notes.append(
                    "Dropped `sendNoShowAttendeeDataField`: `sendNoShowAttendeeData` is off."
                )
            }
            return
        }
        guard let field else {
            notes.append(
                "Dropped `sendNoShowAttendeeData`: no field is named in "
                    + "`sendNoShowAttendeeDataField`."
            )
            return
        }
        settings.noShowField = FieldName(field.trimmingWhitespace())
        notes.append("No-shows are written to `\(field)` of the event record.")
    }

    private mutating func readOwnerRouting() throws(SettingsImportError) {
        guard try app.isOn(.roundRobinLeadSkip) else { return }
        if source.isRoundRobin == false {
            notes.append(
                "Dropped `roundRobinLeadSkip`: the event type is not round robin, so Cal.com "
                    + "hides it."
            )
            return
        }
        let lookUp = try routingLookUp()
        let fallsBack = try app.isOn(.roundRobinSkipFallbackToLeadOwner)
        if fallsBack, lookUp != .contact {
            notes.append(
                "Dropped `roundRobinSkipFallbackToLeadOwner`: it counts only for contacts."
            )
        }
        var routing = OwnerRouting(
            lookUp: lookUp,
            skipFreeMail: try app.isOn(.ifFreeEmailDomainSkipOwnerCheck),
            fallBackToLead: fallsBack && lookUp == .contact
        )
        routing.rules = try routingRules()
        settings.ownerRouting = routing
        notes.append("Bookings go to the owner of the attendee's \(lookUp.rawValue).")
    }

    private func routingLookUp() throws(SettingsImportError) -> OwnerRouting.LookUp {
        switch try app.text(.roundRobinSkipCheckRecordOn) {
        case nil, "Contact": return .contact
        case "Lead": return .lead
        case "Account": return .account
        case let other?:
            throw .unknownValue(
                key: SettingsKey.roundRobinSkipCheckRecordOn.rawValue,
                found: other,
                expected: "Contact, Lead or Account"
            )
        }
    }

    private mutating func noteUnknownKeys() {
        let unknown = (source.app.members ?? []).map(\.name)
            .filter { SettingsKey(rawValue: $0) == nil }
        for key in unknown { notes.append("Passed over `\(key)`: this key is not known.") }
    }
}

extension SyncSettings.AttendeeRecord {
    fileprivate var inWords: String {
        switch self {
        case .contact: "contacts"
        case .lead: "leads"
        case .contactUnderAccount: "contacts of an account"
        }
    }
}
