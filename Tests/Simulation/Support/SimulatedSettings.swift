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

    /// What becomes of a cancelled meeting's event record.
    enum Cancelled: CaseIterable {
        case deleted
        case kept
        /// It is kept, and a field says so.
        case marked
    }

    var mode: Mode
    var ambiguity: Ambiguity
    var ignoresGuests: Bool
    var skipsCreation: Bool
    var checksContacts: Bool
    var createsUnderAccount: Bool
    var createsLeads: Bool
    var cancelled: Cancelled
    var marksNoShow: Bool
    /// Whether a booking that nobody's owner was found for is told of.
    var tellsMisses: Bool
    var changesOwner: Bool
    var writesAccount: Bool
    var writesForms: Bool
    /// Whether a record that somebody deleted is made again for newer bookings.
    var makesAgain: Bool
    var changesAccountOwner: Bool
    /// In which zone days are formed; nil for the host's.
    var zone: String?
    /// Who gets records that change hands, by address; nil for the host.
    var newOwner: String?
    /// Whether a missed owner is not told of where the host owns the account.
    var sparesOwners: Bool
    /// What decides between several accounts; none leaves it to ``ambiguity``.
    var tieBreakers: [TieBreaker]
    /// Whether partners' accounts never count.
    var excludesPartners: Bool
    /// Whether an account counts whose website has another ending than the mail domain.
    var matchesSimilarDomains: Bool
    /// What a field is written by whose policy is not the same in all versions.
    var mixedPolicy: String
    /// What a record gets when it is made, the same in every version; nil for nothing.
    var origin: String?
    /// How it is found who should host; nil where nobody asks.
    var routing: SimulatedRouting?

    var keepsCancelled: Bool { cancelled != .deleted }

    /// Zones far apart, and two that change to winter time while some worlds last.
    static let zones = [
        nil, "Etc/UTC", "Europe/London", "America/New_York", "Pacific/Kiritimati",
        "Pacific/Honolulu",
    ]

    /// The policies by which the newest booking has the last word, if nobody edits anything.
    static let mixedPolicies = ["always", "whenEmptyOrOurs", "protect", "sticky", "enforce"]

    /// The fields of event records that hold the booking's uid, each with its policy.
    static let eventPolicies: [(field: String, policy: String)] = [
        ("Booking_Uid__c", "always"), ("First_Uid__c", "whenEmpty"), ("Sticky_Uid__c", "sticky"),
    ]

    /// The name of the record type that partners' accounts have.
    static let partner = "Partner"

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
        cancelled = generator.any(Cancelled.allCases)
        marksNoShow = generator.oneIn(2)
        tellsMisses = generator.oneIn(2)
        changesOwner = generator.oneIn(3)
        writesAccount = generator.oneIn(2)
        writesForms = generator.oneIn(2)
        makesAgain = generator.oneIn(2)
        changesAccountOwner = generator.oneIn(3)
        zone = generator.any(Self.zones)
        newOwner = generator.oneIn(3) ? SimulatedPerson.hosts[1].email : nil
        sparesOwners = generator.oneIn(2)
        mixedPolicy = generator.any(Self.mixedPolicies)
        origin = generator.oneIn(2) ? "Web" : nil
        tieBreakers = generator.any([[], [], [.oldest], [.latestActivity], [.mostChildAccounts]])
        excludesPartners = generator.oneIn(2)
        matchesSimilarDomains = generator.oneIn(2)
        routing = SimulatedRouting.any(using: &generator)
    }

    /// A later version: how people are looked up stays.
    func changed(using generator: inout SeededGenerator) -> Self {
        var copy = self
        copy.ignoresGuests = generator.oneIn(3)
        copy.cancelled = generator.any(Cancelled.allCases)
        copy.marksNoShow = generator.oneIn(2)
        copy.tellsMisses = generator.oneIn(2)
        copy.changesOwner = generator.oneIn(3)
        copy.writesAccount = generator.oneIn(2)
        copy.writesForms = generator.oneIn(2)
        copy.makesAgain = generator.oneIn(2)
        copy.changesAccountOwner = generator.oneIn(3)
        copy.zone = generator.any(Self.zones)
        copy.newOwner = generator.oneIn(3) ? SimulatedPerson.hosts[1].email : nil
        copy.sparesOwners = generator.oneIn(2)
        copy.mixedPolicy = generator.any(Self.mixedPolicies)
        copy.routing = SimulatedRouting.any(using: &generator)
        return copy
    }

    /// The settings as a document.
    var document: JSON {
        .compact([
            ("attendeeRecord", .string(mode.rawValue)), ("ignoreGuests", .bool(ignoresGuests)),
            ("skipContactCreation", skipsCreation ? .bool(true) : nil),
            ("checkForExistingContact", mode == .lead ? .bool(checksContacts) : nil),
            ("createContactUnderAccount", mode == .contact ? nil : .bool(createsUnderAccount)),
            (
                "createLeadIfNoAccount",
                mode == .contactUnderAccount ? .bool(createsLeads) : nil
            ),
            ("dateTimeZone", zone.map(JSON.string)), ("onAmbiguous", .string(ambiguity.rawValue)),
            ("accounts", accounts),
            ("onDeleted", makesAgain ? "makeAgain" : nil),
            ("noShow", marksNoShow ? .compact([("field", "No_Show__c")]) : nil),
            ("onBooking", booking),
            ("onCancellation", cancellation), ("onFallback", tellsMisses ? fallback : nil),
            ("onForm", writesForms ? forms : nil),
            ("ownerChange", changesOwner ? ownerChange : nil),
            ("accountOwnerChange", changesAccountOwner ? ownerChange : nil),
            ("creationDefaults", origin.map(Self.creationDefaults)),
            ("ownerRouting", routing?.document),
        ])
    }

    private var accounts: JSON {
        .compact([
            ("tieBreakers", .array(tieBreakers.map { .string($0.rawValue) })),
            ("excludeRecordTypes", excludesPartners ? .array([.string(Self.partner)]) : nil),
            ("matchSimilarDomains", .bool(matchesSimilarDomains)),
        ])
    }

    private var booking: JSON {
        .compact([
            ("eventRecord", Self.rules(Self.eventPolicies, "{booking_uid}")),
            ("attendee", attendee),
            ("account", writesAccount ? .compact([("Account_Size__c", "{size}")]) : nil),
        ])
    }

    /// What bookings say of the booker's record: texts by every policy, and each other type once.
    private var attendee: JSON {
        let texts = Self.policies + [(field: "Mixed_Size__c", policy: mixedPolicy)]
        return .object(
            (Self.rules(texts, "{size}").members ?? []) + [
                Self.rule("Last_Demo__c", "booking_start_date", "date"),
                Self.rule("Demo_Begin__c", "booking_start_date", "datetime"),
                Self.rule("Demo_Made__c", "booking_created_date", "datetime"),
                Self.rule("Demo_Host__c", "booking_organizer", "userLookup"),
                JSON.Member("Has_Demo__c", .bool(true)),
            ]
        )
    }

    private static func rule(_ field: String, _ value: String, _ type: String) -> JSON.Member {
        JSON.Member(field, .compact([("value", .string(value)), ("type", .string(type))]))
    }

    private static func rules(
        _ policies: [(field: String, policy: String)],
        _ value: String
    )
        -> JSON
    {
        .object(
            policies.map { field, policy in
                JSON.Member(
                    field,
                    .compact([
                        ("value", .string(value)), ("type", "text"), ("when", .string(policy)),
                    ])
                )
            }
        )
    }

    private static func creationDefaults(_ origin: String) -> JSON {
        let fields = JSON.compact([("Origin__c", .string(origin))])
        return .compact(
            [ObjectName.contact, .lead, .eventRecord, miss].map { ($0.rawValue, fields) }
        )
    }

    private var ownerChange: JSON {
        // By id: settings are not sealed, so nobody who must stay unnamed is named in them.
        let user = SimulatedOrg.secondUser
        return .compact([
            ("to", newOwner == nil ? "organizer" : .compact([("user", .string(user.rawValue))])),
            ("onlyIfOwnedBy", .array(Self.formerOwners.map(JSON.string))),
        ])
    }

    private var fallback: JSON {
        let record = JSON.compact([
            ("name", "miss"), ("object", .string(Self.miss.rawValue)),
            ("fields", .compact([("Booking__c", "{booking_uid}")])),
            ("skipIfHostOwnsAccount", .bool(sparesOwners)),
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
        let record: JSON =
            switch cancelled {
            case .deleted: "delete"
            case .kept: "keep"
            case .marked: write
            }
        let date = JSON.compact([("value", "booking_cancel_date"), ("type", "date")])
        return .compact([
            ("eventRecord", record),
            ("attendee", .compact([("Last_Cancel__c", date)])),
        ])
    }
}
