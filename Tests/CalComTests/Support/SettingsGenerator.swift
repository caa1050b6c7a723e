import Domain
import Foundation
import TestSupport

/// Any settings, from a seed; the same seed gives the same settings.
struct SettingsGenerator: RandomNumberGenerator {
    private var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    mutating func next() -> UInt64 { generator.next() }

    mutating func settings() -> SyncSettings {
        var settings = SyncSettings()
        settings.attendeeRecord = any(SyncSettings.AttendeeRecord.allCases, or: .contact)
        settings.onAmbiguous = any(SyncSettings.Ambiguity.allCases, or: .oldest)
        settings.onDeleted = any(SyncSettings.DeletedRecord.allCases, or: .ask)
        settings.eventRecordOnBooking = rules()
        settings.attendeeOnBooking = rules()
        settings.onCancellation = chance ? .keep(rules()) : .delete
        settings.attendeeOnCancellation = rules()
        settings.ignoreGuests = chance
        settings.skipContactCreation = chance
        settings.checkForExistingContact = chance
        settings.createContactUnderAccount = chance
        settings.createLeadIfNoAccount = chance
        if chance { settings.ownerChange = ownerChange() }
        if chance { settings.noShowField = "No_Show__c" }
        if chance { settings.ownerRouting = ownerRouting() }
        if chance { settings.accountOwnerChange = ownerChange() }
        settings.accountOnBooking = rules()
        settings.fallback = fallback()
        settings.forms.submitted = rules()
        settings.forms.abandoned = rules()
        if chance { settings.accounts = accounts() }
        if chance { settings.dateTimeZone = any(["UTC", "Asia/Tokyo"], or: "UTC") }
        settings.creationDefaults = defaults()
        if chance { settings.notYetSupported = ["tiebreakerRules", "rrSkipFieldRules"] }
        return settings
    }

    private var chance: Bool { mutating get { Bool.random(using: &self) } }

    private mutating func any<Element>(_ all: [Element], or other: Element) -> Element {
        all.randomElement(using: &self) ?? other
    }

    private mutating func ownerChange() -> OwnerChange {
        OwnerChange(
            target: chance ? .organizer : .user(any(["organizer", "Jo Doe"], or: "")),
            onlyIfOwnedBy: chance ? ["Inbound Queue"] : ["Ann", "Bob \"B\" Doe"]
        )
    }

    private mutating func ownerRouting() -> OwnerRouting {
        var routing = OwnerRouting(
            lookUp: any(OwnerRouting.LookUp.allCases, or: .contact),
            skipFreeMail: chance,
            fallBackToLead: chance
        )
        if chance {
            routing.rules = [
                RoutingRule(field: "Type", value: "Partner", action: .ignore),
                RoutingRule(
                    field: "Region__c",
                    value: "EMEA \"1\"",
                    action: any(RoutingRule.Action.allCases, or: .require)
                ),
            ]
        }
        if chance { routing.accountUserField = any(["Rep__c", "Region__r.Owner__c"], or: "") }
        if chance { routing.query = OwnerQuery.sample }
        return routing
    }

    private mutating func fallback() -> FallbackWrites {
        var fallback = FallbackWrites()
        fallback.attendee = rules()
        for name in ["miss", "second_miss"] where chance {
            let record = FallbackRecord(
                name: name,
                object: any(["Task", "Routing_Miss__c"], or: "Task"),
                fields: rules(),
                skipIfHostOwnsAccount: chance
            )
            fallback.create.append(record)
        }
        return fallback
    }

    private mutating func accounts() -> AccountMatching {
        var accounts = AccountMatching()
        if chance { accounts.excludedRecordTypes = ["Partner", "Vendor"] }
        accounts.matchesSimilarDomains = chance
        accounts.tieBreakers = TieBreaker.allCases.filter { _ in chance }
        if chance { accounts.bookerPlace.country = "country" }
        if chance { accounts.bookerPlace.subRegionField = "Territory__c" }
        return accounts
    }

    private mutating func rules() -> [FieldRule] {
        let fields: [FieldName] = ["Alpha__c", "Beta__c", "Gamma__c", "Delta__c"]
        return fields.shuffled(using: &self).prefix(Int.random(in: 0...4, using: &self))
            .map { field in
                FieldRule(
                    field: field,
                    type: any(FieldType.allCases, or: .text),
                    value: source(),
                    when: any(WritePolicy.allCases, or: .always)
                )
            }
    }

    private mutating func source() -> ValueSource {
        let texts = [
            "", "{company}", "Booked by {name} 👋\n\"twice\"", "booking_start_date", "true",
            "booking_organizer", "matched_account", "{}",
        ]
        return any(
            [
                .template(any(texts, or: "")), .template(any(texts, or: "")), .flag(chance),
                .bookingStartDate, .bookingCreatedDate, .bookingCancelDate, .bookingOrganizer,
                .matchedAccount,
            ],
            or: .flag(true)
        )
    }

    private mutating func defaults() -> [ObjectName: [FieldName: FieldValue]] {
        guard chance else { return [:] }
        return [.lead: values(), .contact: values()]
    }

    private mutating func values() -> [FieldName: FieldValue] {
        let contact = SalesforceID("003000000000001AAA")
        let all: [FieldValue] = [
            .empty, .text("Web"), .text(""), .flag(true), .number("1.50"),
            .choices(["A", "B"]), .choices([]), .instant(Instant(milliseconds: 1_762_178_531_482)),
            .date(CalendarDate(Instant(milliseconds: 0), in: .gmt)),
            contact.map(FieldValue.reference) ?? .empty,
            .references([contact].compactMap(\.self)),
        ]
        return ["Alpha__c": any(all, or: .empty), "Beta__c": any(all, or: .empty)]
    }
}
