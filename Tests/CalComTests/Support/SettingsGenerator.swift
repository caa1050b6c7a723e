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
        OwnerRouting(
            lookUp: any(OwnerRouting.LookUp.allCases, or: .contact),
            skipFreeMail: chance,
            fallBackToLead: chance
        )
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
