import CalCom
import Domain
import Testing

@Suite("Import of Cal.com's newest settings")
struct NewestSettingsImportTests {
    private func imported(
        _ text: String,
        onto base: SyncSettings = SyncSettings()
    ) throws -> ImportedSettings {
        try CalComSettings.import(.parsed(text), onto: base)
    }

    @Test("takes over what the fullest settings say of accounts, routing and fallback")
    func full() throws {
        let settings =
            try CalComSettings
            .import(Sample.json("salesforce_app_settings_full.json")).settings
        #expect(
            settings.accountOnBooking == [
                FieldRule(
                    field: "Last_Meeting__c",
                    type: .date,
                    value: .bookingStartDate,
                    when: .always
                )
            ]
        )
        #expect(settings.accountOwnerChange == nil)
        #expect(
            settings.ownerRouting?.rules == [
                RoutingRule(field: "Type", value: "Partner", action: .ignore),
                RoutingRule(field: "Region__c", value: "EMEA", action: .require),
            ]
        )
        #expect(settings.accounts.excludedRecordTypes == ["Partner", "Vendor"])
        #expect(settings.accounts.matchesSimilarDomains)
        #expect(settings.accounts.tieBreakers == [.country, .mostOpportunities, .oldest])
        let record = try #require(settings.fallback.create.first)
        #expect(record.name == "fb-1")
        #expect(record.object == "Routing_Miss__c")
        #expect(record.skipIfHostOwnsAccount)
        #expect(record.fields.map(\.field) == ["Account__c", "Booking__c", "Rep__c"])
        #expect(
            record.fields.map(\.value) == [
                .matchedAccount, .template("{booking_uid}"), .bookingOrganizer,
            ]
        )
        #expect(settings.fallback.attendee == [])
    }

    @Test("gives an account to the organizer only with the guard of the record's owner")
    func accountOwner() throws {
        let change = #""onBookingChangeRecordOwner": true, "onBookingChangeRecordOwnerName": "Q""#
        let both = try imported(#"{\#(change), "onBookingChangeAccountOwner": true}"#)
        #expect(
            both.settings.accountOwnerChange
                == OwnerChange(target: .organizer, onlyIfOwnedBy: ["Q"])
        )
        let alone = try imported(#"{"onBookingChangeAccountOwner": true}"#)
        #expect(alone.settings.accountOwnerChange == nil)
        #expect(alone.notes.contains { $0.hasPrefix("Dropped `onBookingChangeAccountOwner`") })
    }

    private static let routing = #""roundRobinLeadSkip": true, "#

    @Test(
        "leaves out what follows a missed owner where nobody is looked for",
        arguments: ["onFallbackWriteToRecord", "onFallbackCreateRecord"]
    )
    func fallbackWithoutRouting(key: String) throws {
        let document = """
            "\(key)": true, "onFallbackWriteToRecordFields": {"A__c": "x"}, \
            "onFallbackCreateRecords": [{"objectName": "X__c", "fields": {"B__c": "y"}}]
            """
        let without = try imported("{\(document)}")
        #expect(without.settings == SyncSettings())
        #expect(without.notes.contains { $0.hasPrefix("Dropped `\(key)`") })
        let with = try imported("{\(Self.routing)\(document)}").settings.fallback
        #expect(with.attendee.isEmpty == (key == "onFallbackCreateRecord"))
        #expect(with.create.isEmpty == (key == "onFallbackWriteToRecord"))
    }

    @Test("names fallback records by Cal.com's id, or by number")
    func fallbackNames() throws {
        let fallback = try imported(
            """
            {\(Self.routing)"onFallbackCreateRecord": true, "onFallbackCreateRecords": [
              {"objectName": "A__c"}, {"id": "x y", "objectName": "B__c"},
              {"id": "third", "objectName": "C__c"}, {"id": "third", "objectName": "D__c"}]}
            """
        ).settings.fallback
        #expect(fallback.create.map(\.name) == ["record-1", "record-2", "third", "record-4"])
    }

    @Test(
        "takes a missing list of tie-breakers for the standard order, where accounts are looked for"
    )
    func standardTieBreakers() throws {
        let accounts = try imported(#"{"createEventOn": "Account"}"#)
        #expect(accounts.settings.accounts.tieBreakers == TieBreaker.allCases)
        #expect(accounts.notes.contains { $0.contains("standard order") })
        #expect(try imported(#"{"createEventOn": "Contact"}"#).settings == SyncSettings())
        let off = try imported(#"{"createEventOn": "Account", "tiebreakerRules": []}"#)
        #expect(off.settings.accounts.tieBreakers == [])
    }

    @Test("leaves out tie-breakers that are switched off, and asks the others in their own order")
    func tieBreakers() throws {
        let rules = """
            {"tiebreakerRules": [{"id": "P9_CreatedDate_MIN"}, {"id": "P1_SubRegion", "enabled": true},
            {"id": "P7_Contacts_MAX", "enabled": false}]}
            """
        #expect(try imported(rules).settings.accounts.tieBreakers == [.subRegion, .oldest])
    }

    @Test(
        "refuses what has a wrong shape",
        arguments: [
            (#"{"tiebreakerRules": [{"id": "P10_Luck"}]}"#, "`tiebreakerRules.id` is `P10_Luck`"),
            (#"{"excludeAccountRecordTypes": [5]}"#, "`excludeAccountRecordTypes` is not a list"),
            (
                #"{"roundRobinLeadSkip": true, "rrSkipFieldRules": [{"field": "A"}]}"#,
                "`rrSkipFieldRules.value` is missing"
            ),
            (
                """
                {"roundRobinLeadSkip": true, "rrSkipFieldRules": [{"field": "A", "value": "x", \
                "action": "maybe"}]}
                """,
                "`rrSkipFieldRules.action` is `maybe`"
            ),
            (
                """
                {"roundRobinLeadSkip": true, "onFallbackCreateRecord": true, \
                "onFallbackCreateRecords": [{"fields": {}}]}
                """,
                "`onFallbackCreateRecords.objectName` is missing"
            ),
            (
                #"{"rrSkipToCustomSoql": true, "customSoqlQuery": "DELETE FROM Lead"}"#,
                "`customSoqlQuery` is `a query`, expected one SELECT that only reads, but it does"
            ),
            (
                #"{"rrSkipToAccountLookupField": true, "rrSKipToAccountLookupFieldName": "a b"}"#,
                "`rrSKipToAccountLookupFieldName` is `a b`"
            ),
        ]
    )
    func refusals(document: String, message: String) throws {
        let json = try JSON.parsed(document)
        let error = #expect(throws: SettingsImportError.self) { try CalComSettings.import(json) }
        #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
    }

    @Test("tells what Cal.com shows only, and passes over it")
    func shownOnly() throws {
        let imported = try imported(
            #"{"showCrmOwnerBanner": true, "lastSyncError": {"errorCode": "X_Y"}}"#
        )
        #expect(imported.settings == SyncSettings())
        #expect(imported.notes.contains { $0.contains("showCrmOwnerBanner") })
        #expect(imported.notes.contains { $0.contains("lastSyncError") && $0.contains("X_Y") })
    }

    @Test("lays the options of a route over the settings in force")
    func routeOptions() throws {
        var base = SyncSettings()
        base.attendeeRecord = .lead
        base.ownerRouting = OwnerRouting(lookUp: .contact, skipFreeMail: true)
        let imported = try CalComSettings.import(
            Sample.json("salesforce_routing_form_options.json"),
            onto: base
        )
        let settings = imported.settings
        #expect(settings.attendeeRecord == .lead)
        #expect(settings.ownerRouting?.lookUp == .contact)
        #expect(settings.ownerRouting?.skipFreeMail == true)
        #expect(settings.ownerRouting?.accountUserField == "Region__r.Owner__c")
        #expect(settings.ownerRouting?.query == nil)
        #expect(settings.accounts.tieBreakers == [.country])
        #expect(settings.accounts.bookerPlace.subRegionField == "Sales_Territory__c")
        #expect(settings.accounts.bookerPlace.country == "field-country")
        #expect(settings.accounts.bookerPlace.state == "field-state")
        #expect(imported.notes.contains { $0.hasPrefix("Dropped `useIpGeoFallback`") })
    }

    @Test("takes over a query that only reads")
    func query() throws {
        let query = "SELECT OwnerId FROM Account WHERE Website LIKE '%{domain}%' LIMIT 1"
        let document =
            #"{"salesforce": {"rrSkipToCustomSoql": true, "customSoqlQuery": "\#(query)"}}"#
        #expect(try imported(document).settings.ownerRouting?.query?.text == query)
        let off = try imported(#"{"rrSkipToCustomSoql": false, "customSoqlQuery": "\#(query)"}"#)
        #expect(off.settings == SyncSettings())
        #expect(off.notes.contains { $0.hasPrefix("Dropped `customSoqlQuery`") })
    }

    @Test("takes over what is written when no booking came of a form")
    func incompleteBooking() throws {
        var base = SyncSettings()
        base.ignoreGuests = true
        let imported = try imported(
            #"{"writeToRecordObject": {"Gave_Up__c": {"value": true, "fieldType": "boolean"}}}"#,
            onto: base
        )
        #expect(imported.settings.ignoreGuests)
        #expect(
            imported.settings.forms.abandoned == [
                FieldRule(field: "Gave_Up__c", type: .checkbox, value: .flag(true), when: .always)
            ]
        )
    }
}
