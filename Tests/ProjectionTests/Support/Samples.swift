public import Domain
import Foundation
import Projection

extension Instant {
    /// Some minutes into the test's time, which begins on 2 November 2026 at 08:00 UTC.
    static func minute(_ minute: Int) -> Self {
        Self(milliseconds: 1_793_606_400_000 + Int64(minute) * 60_000)
    }
}

extension TimeSlot {
    /// Half an hour from a minute on.
    static func at(minute: Int) -> Self {
        guard let slot = Self(start: .minute(minute), end: .minute(minute + 30)) else {
            preconditionFailure("half an hour is not empty")
        }
        return slot
    }
}

extension BookingUID: ExpressibleByStringLiteral {
    /// Takes a literal that is known to be valid.
    public init(stringLiteral value: String) {
        guard let uid = Self(value) else { preconditionFailure("a uid is not empty") }
        self = uid
    }
}

extension EmailAddress: ExpressibleByStringLiteral {
    /// Takes a literal that is known to be valid.
    public init(stringLiteral value: String) {
        guard let email = Self(value) else { preconditionFailure("\(value) is no address") }
        self = email
    }
}

extension PersonID: ExpressibleByStringLiteral {
    /// Takes a literal that is known to be valid.
    public init(stringLiteral value: String) { self.init(value) }
}

extension Party {
    /// Somebody of Acme, whose surrogate is the name.
    static func sample(_ name: String, seat: String? = nil) -> Self {
        var party = Self(email: EmailAddress("\(name)@acme.example"))
        party.person = PersonID(name)
        party.name = "\(name.capitalized) Byron"
        party.timeZone = "Europe/London"
        party.seat = seat
        return party
    }

    static let ada = sample("ada")
    static let ben = sample("ben")
    static let cyd = sample("cyd")

    /// A host, who has no record.
    static func host(_ name: String = "olga", timeZone: String? = nil) -> Self {
        var party = Self(email: EmailAddress("\(name)@daybook.example"))
        party.name = name.capitalized
        party.timeZone = timeZone
        return party
    }
}

extension Booking {
    /// A booking of event type 1, for minute 600 unless said otherwise.
    static func sample(
        _ uid: BookingUID = "bk1",
        at minute: Int = 600,
        people attendees: [Party] = [.ada],
        host: String = "olga",
        _ change: (inout Self) -> Void = { _ in }
    ) -> Self {
        var booking = Self(uid: uid)
        booking.eventType = EventTypeID(1)
        booking.title = "Demo"
        booking.slot = .at(minute: minute)
        booking.organizer = .host(host)
        booking.attendees = attendees
        booking.bookerEmail = attendees.first?.email
        change(&booking)
        return booking
    }

    /// A booking of which a delivery names nothing but the key.
    static func bare(_ uid: BookingUID = "bk1") -> Self { Self(uid: uid) }

    /// One seat of a booking.
    static func seat(
        _ name: String,
        of uid: BookingUID = "bk1",
        at minute: Int = 600,
        seat: String? = nil,
        _ change: (inout Self) -> Void = { _ in }
    ) -> Self {
        sample(uid, at: minute, people: [.sample(name, seat: seat ?? "seat-\(name)")]) {
            $0.seatsPerSlot = 5
            change(&$0)
        }
    }
}

extension BookingFact {
    static func rescheduled(_ booking: Booking, from uid: BookingUID) -> Self {
        .rescheduled(booking, from: Predecessor(uid: uid))
    }

    static func requested(_ booking: Booking, replacing uid: BookingUID? = nil) -> Self {
        .requested(booking, replacing: uid.map { Predecessor(uid: $0) })
    }

    static func cancelled(_ booking: Booking, _ kind: Cancellation.Kind = .booking) -> Self {
        .cancelled(booking, Cancellation(kind: kind, reason: "Ill"))
    }

    static func marked(
        _ names: [String],
        noShow: Bool = true,
        isHost: Bool = false,
        _ source: AttendanceReport.Source = .manual
    ) -> Self {
        .attendance(
            AttendanceReport(
                booking: "bk1",
                eventType: EventTypeID(1),
                source: source,
                marks: names.map {
                    AttendanceReport.Mark(party: .sample($0), isHost: isHost, isNoShow: noShow)
                }
            )
        )
    }
}

extension RecordedFact {
    /// A fact that was recorded when it happened.
    static func at(_ minute: Int, position: Int, _ fact: BookingFact) -> Self {
        Self(
            position: LedgerPosition(Int64(position)),
            fact: fact,
            occurred: .minute(minute),
            recorded: .minute(minute)
        )
    }
}

/// A fact with the minute in which it happened.
typealias Happening = (minute: Int, fact: BookingFact)

extension AppointmentHistory {
    /// Facts in the order in which they arrived, from position 11 on.
    static func sample(
        _ facts: [Happening],
        uids: [BookingUID] = ["bk1"],
        created: [BookingUID: Instant] = [:],
        series: [SeriesCancellation] = [],
        forms: [RecordedFact] = []
    ) -> Self {
        Self(
            appointment: AppointmentID(root: uids.first ?? "bk1"),
            uids: uids,
            created: created,
            facts: facts.enumerated().map { place, happening in
                .at(happening.minute, position: 11 + place, happening.fact)
            },
            seriesCancellations: series,
            forms: forms
        )
    }
}

extension FieldRule {
    static func text(
        _ field: FieldName,
        _ template: String,
        _ when: WritePolicy = .always
    ) -> Self {
        Self(field: field, type: .text, value: .template(template), when: when)
    }
}

extension SettingsRevision {
    /// Settings for every event type, in force from the beginning of the ledger.
    static func sample(
        _ settings: SyncSettings?,
        version: Int = 1,
        position: Int = 1,
        scope: SettingsScope = .everyEventType,
        validity: SettingsValidity = .fromNow
    ) -> Self {
        Self(
            version: SettingsVersion(version),
            position: LedgerPosition(Int64(position)),
            recorded: .minute(0),
            scope: scope,
            validity: validity,
            settings: settings
        )
    }
}

extension SettingsTimeline {
    /// One version of settings, in force from the beginning.
    static func sample(_ change: (inout SyncSettings) -> Void = { _ in }) -> Self {
        var settings = SyncSettings()
        change(&settings)
        return Self([.sample(settings)])
    }
}

extension ProjectedAppointment {
    /// The only assertion of a field of the event record, or its newest one.
    func assertion(_ field: FieldName) -> Assertion? {
        eventRecord?.fields.first { $0.field == field }?.assertions.last
    }

    func value(_ field: FieldName) -> WishedValue? { assertion(field)?.value }

    /// The minute of the fact behind a field.
    func minute(_ field: FieldName) -> Int? {
        assertion(field).map {
            Int(($0.cause.occurred.milliseconds - Instant.minute(0).milliseconds) / 60_000)
        }
    }

    /// The people who are related to the event record, in order.
    var related: [String] {
        guard case .records(let people)? = eventRecord?.attendees?.assertions.last?.value else {
            return []
        }
        return people.map(\.rawValue)
    }

    func contribution(_ person: PersonID) -> PersonContribution? {
        contributions.first { $0.key.person == person }
    }
}
