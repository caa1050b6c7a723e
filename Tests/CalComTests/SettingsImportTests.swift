import CalCom
import Domain
import Testing

@Suite("Import of Cal.com's settings")
struct SettingsImportTests {
    private func imported(_ text: String) throws -> ImportedSettings {
        try CalComSettings.import(.parsed(text))
    }

    @Test("takes over the fullest settings")
    func full() throws {
        let imported = try CalComSettings.import(Sample.json("salesforce_app_settings_full.json"))
        let settings = imported.settings
        #expect(imported.eventType == nil)
        #expect(settings.attendeeRecord == .lead)
        #expect(settings.checkForExistingContact)
        #expect(settings.createContactUnderAccount)
        #expect(!settings.createLeadIfNoAccount)
        #expect(!settings.skipContactCreation)
        #expect(!settings.ignoreGuests)
        #expect(
            settings.ownerChange
                == OwnerChange(target: .organizer, onlyIfOwnedBy: ["Inbound Queue"])
        )
        #expect(settings.noShowField == "No_Show__c")
        #expect(settings.ownerRouting?.lookUp == .account)
        #expect(settings.ownerRouting?.skipFreeMail == true)
        #expect(settings.ownerRouting?.fallBackToLead == false)
        #expect(settings.notYetSupported == [])
    }

    @Test("takes over every field of the fullest settings, in order")
    func fullFields() throws {
        let settings =
            try CalComSettings
            .import(Sample.json("salesforce_app_settings_full.json")).settings
        #expect(
            settings.eventRecordOnBooking == [
                rule("Booking_Uid__c", .text, .template("{booking_uid}")),
                rule("Demo_Type__c", .picklist, .template("{team-size}")),
                rule("Is_Demo__c", .checkbox, .flag(true)),
                rule("Booked_On__c", .datetime, .bookingCreatedDate),
                rule("Legacy_Source__c", .text, .template("Cal.com")),
                rule("Legacy_Flag__c", .checkbox, .flag(true)),
            ]
        )
        #expect(
            settings.attendeeOnBooking == [
                rule("Company", .custom, .template("{company}")),
                rule("LeadSource", .picklist, .template("Cal.com"), .whenEmpty),
                rule("UTM_Campaign__c", .text, .template("{utm:campaign}")),
                rule("Routing_Size__c", .custom, .template("{form:company-size}")),
                rule("Assignment_Reason__c", .textarea, .template("{assignmentReason}")),
                rule("Last_Demo__c", .date, .bookingStartDate),
                rule("Demo_Owner__c", .userLookup, .bookingOrganizer),
            ]
        )
        #expect(
            settings.onCancellation
                == .keep([
                    rule("Booking_Status__c", .picklist, .template("Cancelled")),
                    rule("Cancelled_At__c", .datetime, .bookingCancelDate),
                ])
        )
        #expect(
            settings.attendeeOnCancellation == [
                rule("Last_Booking_Status__c", .text, .template("Cancelled")),
                rule("Last_Cancel_Date__c", .date, .bookingCancelDate),
            ]
        )
    }

    @Test("finds the settings in an event type, with or without the envelope around it")
    func eventTypes() throws {
        let envelope = try Sample.json("api_v2_event_type.json")
        let bare = try #require(envelope["data"])
        let alone = try CalComSettings.import(Sample.json("salesforce_app_settings_full.json"))
        for document in [envelope, bare] {
            let imported = try CalComSettings.import(document)
            #expect(imported.eventType == EventTypeID(88231))
            #expect(imported.settings == alone.settings)
        }
    }

    @Test("reads maps from the time before types")
    func legacy() throws {
        let imported =
            try CalComSettings
            .import(Sample.json("salesforce_app_settings_legacy_minimal.json"))
        #expect(
            imported.settings.eventRecordOnBooking == [
                rule("Source__c", .text, .template("Cal.com")),
                rule("Company_Size__c", .text, .template("{team-size}")),
            ]
        )
        #expect(imported.settings.attendeeRecord == .contact)
        #expect(imported.settings.onCancellation == .delete)
    }

    @Test(
        "can be written and read as a document",
        arguments: [
            "salesforce_app_settings_full.json", "salesforce_app_settings_legacy_minimal.json",
        ]
    )
    func document(file: String) throws {
        let settings = try CalComSettings.import(Sample.json(file)).settings
        let json = SettingsDocument.encode(settings)
        #expect(try SettingsDocument.decodeSettings(json) == settings)
    }

    struct HiddenRow: CustomTestStringConvertible, Sendable {
        let toggle: String
        let record: String
        let counts: Bool
        var testDescription: String {
            "\(toggle) \(counts ? "counts" : "is hidden") for \(record)"
        }
    }

    static let hidden = [
        HiddenRow(toggle: "skipContactCreation", record: "Contact", counts: true),
        HiddenRow(toggle: "skipContactCreation", record: "Lead", counts: false),
        HiddenRow(toggle: "skipContactCreation", record: "Account", counts: false),
        HiddenRow(toggle: "createEventOnLeadCheckForContact", record: "Contact", counts: false),
        HiddenRow(toggle: "createEventOnLeadCheckForContact", record: "Lead", counts: true),
        HiddenRow(toggle: "createEventOnLeadCheckForContact", record: "Account", counts: false),
        HiddenRow(toggle: "createNewContactUnderAccount", record: "Contact", counts: false),
        HiddenRow(toggle: "createNewContactUnderAccount", record: "Lead", counts: true),
        HiddenRow(toggle: "createNewContactUnderAccount", record: "Account", counts: true),
        HiddenRow(toggle: "createLeadIfAccountNull", record: "Contact", counts: false),
        HiddenRow(toggle: "createLeadIfAccountNull", record: "Lead", counts: false),
        HiddenRow(toggle: "createLeadIfAccountNull", record: "Account", counts: true),
    ]

    @Test("leaves out switches that Cal.com hides, and says so", arguments: hidden)
    func hiddenSwitches(row: HiddenRow) throws {
        let imported = try imported(
            #"{"createEventOn": "\#(row.record)", "\#(row.toggle)": true}"#
        )
        let settings = imported.settings
        let isOn = [
            "skipContactCreation": settings.skipContactCreation,
            "createEventOnLeadCheckForContact": settings.checkForExistingContact,
            "createNewContactUnderAccount": settings.createContactUnderAccount,
            "createLeadIfAccountNull": settings.createLeadIfNoAccount,
        ][row.toggle]
        #expect(isOn == row.counts)
        let isNoted = imported.notes.contains { $0.hasPrefix("Dropped `\(row.toggle)`") }
        #expect(isNoted != row.counts)
    }

    @Test(
        "leaves out what has no effect in Cal.com, and says so",
        arguments: [
            (
                "onBookingWriteToEventObjectMap",
                #"{"onBookingWriteToEventObjectMap": {"A__c": "x"}}"#
            ),
            (
                "onBookingWriteToRecordFields",
                #"{"onBookingWriteToRecord": false, "onBookingWriteToRecordFields": {"A__c": "x"}}"#
            ),
            (
                "onCancelWriteToEventRecordFields",
                #"{"onCancelWriteToEventRecordFields": {"A__c": "x"}}"#
            ),
            ("onCancelWriteToRecordFields", #"{"onCancelWriteToRecordFields": {"A__c": "x"}}"#),
            ("onBookingChangeRecordOwner", #"{"onBookingChangeRecordOwner": true}"#),
            ("onBookingChangeRecordOwnerName", #"{"onBookingChangeRecordOwnerName": "Q"}"#),
            ("sendNoShowAttendeeData", #"{"sendNoShowAttendeeData": true}"#),
            ("sendNoShowAttendeeDataField", #"{"sendNoShowAttendeeDataField": "A__c"}"#),
            ("enableFuzzyDomainMatching", #"{"enableFuzzyDomainMatching": true}"#),
        ]
    )
    func withoutEffect(key: String, document: String) throws {
        let imported = try imported(document)
        #expect(imported.settings == SyncSettings())
        #expect(imported.notes.contains { $0.hasPrefix("Dropped `\(key)`") })
    }

    @Test("keeps the event record when Cal.com does, also without fields")
    func keptEventRecord() throws {
        let imported = try imported(#"{"onCancelWriteToEventRecord": true}"#)
        #expect(imported.settings.onCancellation == .keep([]))
    }

    @Test("drops owner routing of an event type that is not round robin")
    func notRoundRobin() throws {
        let document = """
            {"id": 7, "schedulingType": "collective",
             "metadata": {"apps": {"salesforce": {"roundRobinLeadSkip": true}}}}
            """
        let imported = try imported(document)
        #expect(imported.settings.ownerRouting == nil)
        #expect(imported.notes.contains { $0.contains("not round robin") })
    }

    @Test("warns when the app was switched off")
    func switchedOff() throws {
        let imported = try imported(#"{"enabled": false, "createEventOn": "Event"}"#)
        #expect(imported.notes.contains { $0.hasPrefix("Warning") })
        #expect(imported.settings.attendeeRecord == .contact)
    }

    @Test(
        "reads entries of every shape",
        arguments: [
            (#""x""#, FieldType.text, ValueSource.template("x"), WritePolicy.always),
            ("false", .checkbox, .flag(false), .always),
            (#"{"value": "x"}"#, .text, .template("x"), .always),
            (#"{"value": true}"#, .checkbox, .flag(true), .always),
            (
                #"{"value": "x", "fieldType": "multipicklist", "whenToWrite": "field_empty"}"#,
                .multipicklist, .template("x"), .whenEmpty
            ),
            (#"{"value": true, "fieldType": "string"}"#, .checkbox, .flag(true), .always),
            (#"{"value": "False", "fieldType": "boolean"}"#, .checkbox, .flag(false), .always),
            (
                #"{"value": "{consent}", "fieldType": "boolean"}"#, .checkbox,
                .template("{consent}"),
                .always
            ),
            (
                #"{"value": "booking_start_date", "fieldType": "string"}"#, .text,
                .bookingStartDate,
                .always
            ),
            (
                #"{"value": "booking_start_date", "fieldType": "custom"}"#, .custom,
                .template("booking_start_date"), .always
            ),
            (
                #"{"value": "matched_account", "fieldType": "account_lookup"}"#, .accountLookup,
                .matchedAccount, .always
            ),
        ]
    )
    func entries(entry: String, type: FieldType, value: ValueSource, when: WritePolicy) throws {
        let imported = try imported(
            """
            {"onBookingWriteToRecord": true, "onBookingWriteToRecordFields": {"A__c": \(entry)}}
            """
        )
        #expect(
            imported.settings.attendeeOnBooking
                == [FieldRule(field: "A__c", type: type, value: value, when: when)]
        )
    }

    @Test(
        "refuses what it cannot be sure of, and names the key",
        arguments: [
            ("[]", "no JSON object"),
            (#"{"data": []}"#, "a list"),
            (#"{"status": "success", "data": {"id": 1, "metadata": {}}}"#, "no Salesforce app"),
            (#"{"foo": 1}"#, "none of its keys is known"),
            (#"{"createEventOn": "Opportunity"}"#, "`createEventOn` is `Opportunity`"),
            (#"{"ignoreGuests": "yes"}"#, "`ignoreGuests` is not true or false"),
            (
                #"{"onBookingWriteToRecord": true, "onBookingWriteToRecordFields": {"A__c": {}}}"#,
                "`onBookingWriteToRecordFields.A__c.value` is missing"
            ),
            (
                #"{"onBookingWriteToRecord": true, "onBookingWriteToRecordFields": ["A__c"]}"#,
                "`onBookingWriteToRecordFields` is not an object"
            ),
            (
                """
                {"onBookingWriteToEventObject": true,
                 "onBookingWriteToEventObjectMap": {"A__c": {"value": 5}}}
                """,
                "`onBookingWriteToEventObjectMap.A__c.value` is not a text"
            ),
            (
                """
                {"onBookingWriteToEventObject": true,
                 "onBookingWriteToEventObjectMap": {"A__c": {"value": "x", "fieldType": "blob"}}}
                """,
                "`onBookingWriteToEventObjectMap.A__c.fieldType` is `blob`"
            ),
            (#"{"tiebreakerRules": 5}"#, "`tiebreakerRules` is not a list"),
        ]
    )
    func refusals(document: String, message: String) throws {
        let json = try JSON.parsed(document)
        let error = #expect(throws: SettingsImportError.self) {
            try CalComSettings.import(json)
        }
        #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
    }

    private func rule(
        _ field: FieldName,
        _ type: FieldType,
        _ value: ValueSource,
        _ when: WritePolicy = .always
    ) -> FieldRule {
        FieldRule(field: field, type: type, value: value, when: when)
    }
}
