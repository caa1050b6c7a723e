public import Domain

/// A person on either side of a meeting.
///
/// All names are invented, and stand nowhere else.
struct SimulatedPerson: Hashable {
    var name: String
    /// The address as the person is known by, in lower case.
    var email: String
    /// The address as it was spelled this time.
    var spelled: String

    init(_ name: String, _ email: String) {
        (self.name, self.email, self.spelled) = (name, email, email)
    }

    static let attendees = [
        Self("Zebulon Quistgaard", "zebulon.quistgaard@globex.example"),
        Self("Ottoline Varnhagen", "ottoline.varnhagen@globex.example"),
        Self("Thaddeus Brightwhistle", "thaddeus.brightwhistle@initech.example"),
        Self("Perpetua Oxenholm", "perpetua.oxenholm@gmail.com"),
        Self("Ignatius Featherstonehaugh", "ignatius.featherstonehaugh@umbra.example"),
    ]

    /// Stands for those who are not named.
    static let nobody = Self("Nobody", "nobody@nowhere.example")

    /// The first two have a user in the org; the third has none.
    static let hosts = [
        Self("Wilhelmina Kettlewell", "wilhelmina.kettlewell@example.com"),
        Self("Balthasar Undershaft", "balthasar.undershaft@example.com"),
        Self("Cordelia Noakesworth", "cordelia.noakesworth@example.com"),
    ]

    /// What must stand nowhere outside sealed parts, in lower case.
    static let secrets = (attendees + hosts).flatMap { person in
        person.name.lowercased().split(separator: " ").map(String.init) + [person.email]
    }
}

/// A booking as Cal.com knows it at some moment.
struct SimulatedBooking {
    var uid: String
    var title: String
    var start: Instant
    var host: SimulatedPerson
    var booker: SimulatedPerson
    var guests: [SimulatedPerson]
    var size: String
    /// A room, or nil for a video call.
    var room: String?
    /// How many can book it, each a seat; nil where one person books all of it.
    var seats: Int?
    /// The booker's seat, where the delivery names it.
    var seat: String?
    /// The booker's seat, whether the delivery names it or not.
    var heldSeat: String?
    /// Whether the booker's answers are told.
    var isAnswered = true

    /// How many occurrences the series has to which it belongs; nil for a booking of its own.
    var occurrences: Int?
    /// Which series that is; no delivery names it.
    var series: String?

    /// Cal.com's number of its event type.
    var eventType = eventTypes[0]
    /// The event types that people book.
    static let eventTypes = [88_231, 88_232, 88_233]

    /// The uid before the last reschedule.
    var previous: String?
    /// When Cal.com made it.
    var made: Instant?

    /// How its host was chosen among several.
    var routing = Routing.none
    /// Those of its people who were erased, and whom this was said of: for the naive model.
    var forgotten: Set<String> = []

    /// How a host was chosen.
    enum Routing: CaseIterable {
        /// There was but one.
        case none
        /// As the owner of the booker's record.
        case owner
        /// By turns, because no owner was found.
        case missed
    }

    var isSeated: Bool { seats != nil }

    /// The addresses of those who attend.
    var emails: [String] { ([booker] + guests).map(\.email) }

    /// A word that stands in every answer, and nowhere else.
    static let rareWord = "brobdingnag"

    /// What the booker answers to the question of size.
    var answer: String { "\(size) \(Self.rareWord)" }

    var end: Instant { start.advanced(byMilliseconds: 1_800_000) }

    var videoURL: String { "https://meet.cal.example/\(uid)" }
}

/// Something that happened to a booking.
struct SimulatedFact {
    enum Kind {
        case requested
        /// The booker moved it, and a host has to confirm that; the one before is given up.
        case requestedAnew(from: String)
        case created
        case rescheduled(from: String)
        case reassigned
        case relocated
        case noShow(Bool)
        /// Cal.com saw none of the attendees in the call.
        case guestsAbsent
        /// Cal.com did not see the host in the call, which says nothing of the attendees.
        case hostAbsent
        case rescheduleRequested
        case cancelled
        case rejected
        /// The booking and all later ones of its series were given up.
        case seriesCancelled
        case paymentStarted
        case paid
        /// The time at which it was to begin came.
        case started
        /// The time at which it was to end came.
        case ended
        /// The booker answered a routing form; the booking is none.
        case formAnswered
        /// Like ``formAnswered``, and no booking came of it.
        case formAbandoned
        /// The booker gave up a seat; the others keep theirs.
        case seatCancelled
        /// The booker took the seat along to this booking, and left the others where they were.
        case seatMoved(from: String)
        /// The host moved all seats to another time; the uid stays.
        case movedInPlace
        /// Whose place a booking took, or which took its own, and nothing else; no delivery says that.
        case linked

        /// Whether it asserts what `onBooking` says.
        var isBooking: Bool {
            switch self {
            case .created, .rescheduled, .reassigned, .seatMoved, .movedInPlace: true
            default: false
            }
        }

        /// Whether it comes with the clock, in a flat body that shows no other time.
        var isTimed: Bool {
            switch self {
            case .started, .ended: true
            default: false
            }
        }

        var isForm: Bool {
            switch self {
            case .formAnswered, .formAbandoned: true
            default: false
            }
        }

        /// Whether it says anew that a meeting takes place.
        var decides: Bool {
            switch self {
            case .created, .rescheduled, .seatMoved, .movedInPlace: true
            default: false
            }
        }

        /// Whether it tells of attendance alone, and shows nothing else of the booking.
        var isAttendance: Bool {
            switch self {
            case .noShow, .guestsAbsent, .hostAbsent: true
            default: false
            }
        }

        var isSeatMove: Bool { if case .seatMoved = self { true } else { false } }

        /// Whether it asserts what `onCancellation` says of the booker's record.
        var isCancellation: Bool {
            switch self {
            case .cancelled, .seriesCancelled, .seatCancelled: true
            default: false
            }
        }
    }

    /// Unique among the facts of a world.
    var number: Int
    var kind: Kind
    var booking: SimulatedBooking
    var occurred: Instant
    /// Which bookings came before and after, where a reading of Cal.com's list told it.
    var read: Links?

    /// The bookings next to one.
    struct Links {
        var predecessor: String?
        var successor: String?
    }

    /// Whose settings it is read by: those of the first that has any.
    ///
    /// A form has no event type.
    var scopes: [SettingsScope] {
        kind.isForm
            ? [.everyEventType] : [.eventType(EventTypeID(booking.eventType)), .everyEventType]
    }

    /// The addresses of those of whom it says something.
    var named: [String] {
        switch kind {
        case .hostAbsent: []
        case .noShow, .formAnswered, .formAbandoned: [booking.booker.email]
        default: booking.emails
        }
    }

    /// The booking whose place this one took.
    var predecessor: String? {
        if let read { return read.predecessor }
        switch kind {
        case .rescheduled(let old), .requestedAnew(let old): return old
        default: return kind.isTimed ? booking.previous : nil
        }
    }

    /// The delivery that tells of it.
    ///
    /// - Parameter delay: Milliseconds by which Cal.com stamps it later: a second subscription.
    /// - Returns: The body.
    func delivery(delay: Int64 = 0) -> [UInt8] {
        guard !kind.isTimed else { return flat.bytes }
        return JSON.compact([
            ("triggerEvent", .string(trigger)),
            ("createdAt", .string(occurred.advanced(byMilliseconds: delay).rfc3339)),
            ("payload", kind.isForm ? form : payload),
        ]).bytes
    }

    /// The booking itself is the body, and `createdAt` is when it was made.
    private var flat: JSON {
        let own: [(String, JSON?)] = [
            ("triggerEvent", .string(trigger)), ("id", .integer(Int64(7_000 + number))),
            ("createdAt", booking.made.map { .string($0.rfc3339) }), ("status", "ACCEPTED"),
            ("fromReschedule", booking.previous.map(JSON.string)),
            ("metadata", .compact([("videoCallUrl", .string(booking.videoURL))])),
        ]
        return .compact(own + common.filter { $0.0 != "type" })
    }

    private var form: JSON {
        .compact([
            ("formId", "3f6e2d8a"), ("formName", "Talk to sales"),
            (
                "responseId",
                trigger.hasSuffix("NO_EVENT") ? .integer(Int64(number)) : nil
            ),
            (
                "responses",
                .compact([
                    ("email", .compact([("value", .string(booking.booker.spelled))])),
                    ("size", .compact([("value", .string(booking.answer))])),
                ])
            ),
        ])
    }

    private var trigger: String {
        switch kind {
        case .requested, .requestedAnew: "BOOKING_REQUESTED"
        case .created: "BOOKING_CREATED"
        case .rescheduled, .seatMoved, .movedInPlace: "BOOKING_RESCHEDULED"
        case .reassigned: "BOOKING_REASSIGNED"
        case .relocated: "BOOKING_LOCATION_UPDATED"
        case .noShow: "BOOKING_NO_SHOW_UPDATED"
        case .guestsAbsent: "AFTER_GUESTS_CAL_VIDEO_NO_SHOW"
        case .hostAbsent: "AFTER_HOSTS_CAL_VIDEO_NO_SHOW"
        case .rescheduleRequested, .cancelled, .seriesCancelled, .seatCancelled:
            "BOOKING_CANCELLED"
        case .rejected: "BOOKING_REJECTED"
        case .paymentStarted: "BOOKING_PAYMENT_INITIATED"
        case .paid: "BOOKING_PAID"
        case .started: "MEETING_STARTED"
        case .ended: "MEETING_ENDED"
        case .formAnswered: "FORM_SUBMITTED"
        case .formAbandoned: "FORM_SUBMITTED_NO_EVENT"
        case .linked: ""
        }
    }

    private var payload: JSON {
        switch kind {
        case .noShow(let mark):
            return .compact([
                ("message", "no_show_updated"), ("bookingUid", .string(booking.uid)),
                ("attendees", .array([Self.row(booking.booker, mark)])),
            ])
        case .guestsAbsent: return absence([("guests", rows(true))])
        case .hostAbsent:
            return absence([
                ("hostEmail", .string(booking.host.email)), ("noShowHost", .bool(true)),
            ])
        default: return .compact(common + own)
        }
    }

    /// What Cal.com saw of a call some minutes after it began.
    private func absence(_ own: [(String, JSON?)]) -> JSON {
        let isOfGuests = own.contains { $0.0 == "guests" }
        return .compact(
            [
                ("title", .string(booking.title)), ("bookingId", .integer(Int64(number))),
                ("bookingUid", .string(booking.uid)),
                ("startTime", .string(booking.start.rfc3339Seconds)),
                ("endTime", .string(booking.end.rfc3339Seconds)),
                ("attendees", rows(isOfGuests)), ("participants", .array([])),
                ("eventType", .compact([("id", .integer(Int64(booking.eventType)))])),
            ] + own
        )
    }

    private func rows(_ mark: Bool) -> JSON {
        .array(([booking.booker] + booking.guests).map { Self.row($0, mark) })
    }

    private static func row(_ person: SimulatedPerson, _ mark: Bool) -> JSON {
        .compact([("email", .string(person.spelled)), ("noShow", .bool(mark))])
    }

    private var own: [(String, JSON?)] {
        switch kind {
        case .requested: return [("status", "PENDING")]
        case .requestedAnew(let old):
            return [("status", "PENDING"), ("rescheduleUid", .string(old))]
        case .rejected: return [("status", "REJECTED")]
        case .rescheduled(let old), .seatMoved(let old):
            return [("status", "ACCEPTED"), ("rescheduleUid", .string(old))]
        case .paymentStarted, .paid:
            return [
                ("status", "ACCEPTED"), ("price", .integer(15_000)), ("currency", "USD"),
                ("paymentId", .integer(40_155)),
            ]
        case .cancelled, .seriesCancelled:
            return [
                ("status", "CANCELLED"), ("cancellationReason", "Budget moved."),
                ("requestReschedule", .bool(false)),
            ]
        case .movedInPlace:
            return [("status", "ACCEPTED"), ("rescheduleUid", .string(booking.uid))]
        case .rescheduleRequested:
            return [
                ("status", "CANCELLED"), ("cancellationReason", "Please choose again."),
                ("requestReschedule", .bool(true)),
            ]
        default: return [("status", "ACCEPTED")]
        }
    }

    private var common: [(String, JSON?)] {
        [
            ("uid", .string(booking.uid)), ("title", .string(booking.title)),
            ("type", "product-demo"), ("eventTypeId", .integer(Int64(booking.eventType))),
            ("startTime", .string(booking.start.rfc3339Seconds)),
            ("endTime", .string(booking.end.rfc3339Seconds)), ("length", .integer(30)),
            (
                "organizer",
                .compact([
                    ("name", .string(booking.host.name)), ("email", .string(booking.host.email)),
                    ("timeZone", "Europe/London"),
                ])
            ),
            ("attendees", .array(([booking.booker] + booking.guests).map(Self.attendee))),
            (
                "responses",
                .compact([
                    ("name", Self.response(booking.booker.name)),
                    ("email", Self.response(booking.booker.spelled)),
                    ("size", Self.response(booking.answer)),
                ])
            ),
            ("seatsPerTimeSlot", booking.seats.map { .integer(Int64($0)) }),
            ("attendeeSeatId", booking.seat.map(JSON.string)),
            ("recurringEvent", pattern),
            ("schedulingType", booking.routing == .none ? nil : "ROUND_ROBIN"),
            (
                "assignmentReason",
                booking.routing == .owner ? "Salesforce contact owner: somebody" : nil
            ),
            ("location", .string(booking.room ?? "integrations:daily")),
            (
                "videoCallData",
                booking.room == nil ? .compact([("url", .string(booking.videoURL))]) : nil
            ),
        ]
    }

    /// Whether the delivery shows the pattern of the series.
    var showsPattern: Bool {
        switch kind {
        case .cancelled, .noShow, .guestsAbsent, .hostAbsent: false
        default: booking.occurrences != nil && read == nil
        }
    }

    /// The pattern of a series.
    ///
    /// Where one occurrence alone is cancelled the delivery shows none:
    /// nothing would tell it from the cancellation of the rest.
    private var pattern: JSON? {
        guard showsPattern, let count = booking.occurrences else { return nil }
        return .compact([
            ("freq", .integer(2)), ("interval", .integer(1)), ("count", .integer(Int64(count))),
        ])
    }

    private static func attendee(_ person: SimulatedPerson) -> JSON {
        .compact([
            ("email", .string(person.spelled)), ("name", .string(person.name)),
            ("timeZone", "Europe/Stockholm"),
        ])
    }

    private static func response(_ value: String) -> JSON {
        .compact([("label", "a question"), ("value", .string(value)), ("isHidden", .bool(false))])
    }
}

extension JSON: ExpressibleByStringLiteral {
    /// A text.
    public init(stringLiteral text: String) { self = .string(text) }
}
