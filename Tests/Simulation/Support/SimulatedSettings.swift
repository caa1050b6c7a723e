import Domain
import TestSupport

/// Settings as the simulation draws them, and as their document says them.
struct SimulatedSettings {
    enum Mode: String, CaseIterable {
        case contact
        case lead
        case contactUnderAccount
    }

    /// Which of several records with one address is taken.
    enum Ambiguity: String, CaseIterable {
        case oldest
        case newest
        case review
    }

    var mode: Mode
    var ambiguity: Ambiguity
    var ignoresGuests: Bool
    var skipsCreation: Bool
    var checksContacts: Bool
    var createsUnderAccount: Bool
    var createsLeads: Bool
    var keepsCancelled: Bool
    var marksNoShow: Bool
    /// Whether a booking that nobody's owner was found for is told of.
    var tellsMisses: Bool
    var changesOwner: Bool
    var writesAccount: Bool
    var writesForms: Bool
    /// Whether a record that somebody deleted is made again for newer bookings.
    var makesAgain: Bool
    var changesAccountOwner: Bool

    /// The object whose records tell of a booking that nobody's owner was found for.
    static let miss: ObjectName = "Routing_Miss__c"

    /// Whose records change hands: the integration user's, and the first host's.
    static let formerOwners = [SimulatedOrg.ownUser, SimulatedOrg.firstUser].map(\.rawValue)

    /// Which policy each field of people's records has, the same in every version.
    static let policies: [(field: String, policy: String)] = [
        ("Size__c", "always"), ("First_Size__c", "whenEmpty"), ("Ours_Size__c", "whenEmptyOrOurs"),
        ("Careful_Size__c", "protect"), ("Sticky_Size__c", "sticky"),
        ("Forced_Size__c", "enforce"), ("Watched_Size__c", "observe"),
    ]

    init(using generator: inout SeededGenerator) {
        mode = generator.any(Mode.allCases)
        ambiguity = generator.any(Ambiguity.allCases)
        ignoresGuests = generator.oneIn(3)
        skipsCreation = mode == .contact && generator.oneIn(4)
        checksContacts = generator.oneIn(2)
        createsUnderAccount = generator.oneIn(2)
        createsLeads = generator.oneIn(2)
        keepsCancelled = generator.oneIn(2)
        marksNoShow = generator.oneIn(2)
        tellsMisses = generator.oneIn(2)
        changesOwner = generator.oneIn(3)
        writesAccount = generator.oneIn(2)
        writesForms = generator.oneIn(2)
        makesAgain = generator.oneIn(2)
        changesAccountOwner = generator.oneIn(3)
    }

    /// A later version: how people are looked up stays.
    func changed(using generator: inout SeededGenerator) -> Self {
        var copy = self
        copy.ignoresGuests = generator.oneIn(3)
        copy.keepsCancelled = generator.oneIn(2)
        copy.marksNoShow = generator.oneIn(2)
        copy.tellsMisses = generator.oneIn(2)
        copy.changesOwner = generator.oneIn(3)
        copy.writesAccount = generator.oneIn(2)
        copy.writesForms = generator.oneIn(2)
        copy.makesAgain = generator.oneIn(2)
        copy.changesAccountOwner = generator.oneIn(3)
        return copy
    }

    /// The settings as a document.
    var document: JSON {
        let rules = Self.policies.map { field, policy in
            JSON.Member(
                field,
                .compact([
                    ("value", "{size}"), ("type", "text"), ("when", .string(policy)),
                ])
            )
        }
        let demo = JSON.Member(
            "Last_Demo__c",
            .compact([("value", "booking_start_date"), ("type", "date")])
        )
        return .compact([
            ("attendeeRecord", .string(mode.rawValue)), ("ignoreGuests", .bool(ignoresGuests)),
            ("skipContactCreation", skipsCreation ? .bool(true) : nil),
            ("checkForExistingContact", mode == .lead ? .bool(checksContacts) : nil),
            ("createContactUnderAccount", mode == .contact ? nil : .bool(createsUnderAccount)),
            (
                "createLeadIfNoAccount",
                mode == .contactUnderAccount ? .bool(createsLeads) : nil
            ),
            ("dateTimeZone", "Etc/UTC"), ("onAmbiguous", .string(ambiguity.rawValue)),
            ("onDeleted", makesAgain ? "makeAgain" : nil),
            ("noShow", marksNoShow ? .compact([("field", "No_Show__c")]) : nil),
            (
                "onBooking",
                .compact([
                    ("eventRecord", .compact([("Booking_Uid__c", "{booking_uid}")])),
                    ("attendee", .object(rules + [demo])),
                    (
                        "account",
                        writesAccount ? .compact([("Account_Size__c", "{size}")]) : nil
                    ),
                ])
            ),
            ("onCancellation", cancellation), ("onFallback", tellsMisses ? fallback : nil),
            ("onForm", writesForms ? forms : nil),
            ("ownerChange", changesOwner ? ownerChange : nil),
            ("accountOwnerChange", changesAccountOwner ? ownerChange : nil),
        ])
    }

    private var ownerChange: JSON {
        .compact([
            ("to", "organizer"),
            ("onlyIfOwnedBy", .array(Self.formerOwners.map(JSON.string))),
        ])
    }

    private var fallback: JSON {
        let record = JSON.compact([
            ("name", "miss"), ("object", .string(Self.miss.rawValue)),
            ("fields", .compact([("Booking__c", "{booking_uid}")])),
        ])
        return .compact([
            ("attendee", .compact([("Missed_Size__c", "{size}")])), ("create", .array([record])),
        ])
    }

    private var forms: JSON {
        let gone = JSON.compact([
            ("value", "{form:size}"), ("type", "text"), ("when", "whenEmpty"),
        ])
        return .compact([
            ("submitted", .compact([("Form_Size__c", "{form:size}")])),
            ("abandoned", .compact([("Gone_Size__c", gone)])),
        ])
    }

    private var cancellation: JSON {
        let write = JSON.compact([
            ("keep", .bool(true)), ("write", .compact([("Status__c", "Cancelled")])),
        ])
        let date = JSON.compact([("value", "booking_cancel_date"), ("type", "date")])
        return .compact([
            ("eventRecord", keepsCancelled ? write : "delete"),
            ("attendee", .compact([("Last_Cancel__c", date)])),
        ])
    }
}
