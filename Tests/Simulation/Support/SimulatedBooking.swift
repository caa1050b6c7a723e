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

    var end: Instant { start.advanced(byMilliseconds: 1_800_000) }

    var videoURL: String { "https://meet.cal.example/\(uid)" }
}

/// Something that happened to a booking.
struct SimulatedFact {
    enum Kind {
        case requested
        case created
        case rescheduled(from: String)
        case reassigned
        case relocated
        case noShow(Bool)
        case rescheduleRequested
        case cancelled
        case rejected

        /// Whether it asserts what `onBooking` says.
        var isBooking: Bool {
            switch self {
            case .created, .rescheduled, .reassigned: true
            default: false
            }
        }
    }

    /// Unique among the facts of a world.
    var number: Int
    var kind: Kind
    var booking: SimulatedBooking
    var occurred: Instant

    /// The delivery that tells of it.
    ///
    /// - Parameter delay: Milliseconds by which Cal.com stamps it later: a second subscription.
    /// - Returns: The body.
    func delivery(delay: Int64 = 0) -> [UInt8] {
        JSON.compact([
            ("triggerEvent", .string(trigger)),
            ("createdAt", .string(occurred.advanced(byMilliseconds: delay).rfc3339)),
            ("payload", payload),
        ]).bytes
    }

    private var trigger: String {
        switch kind {
        case .requested: "BOOKING_REQUESTED"
        case .created: "BOOKING_CREATED"
        case .rescheduled: "BOOKING_RESCHEDULED"
        case .reassigned: "BOOKING_REASSIGNED"
        case .relocated: "BOOKING_LOCATION_UPDATED"
        case .noShow: "BOOKING_NO_SHOW_UPDATED"
        case .rescheduleRequested, .cancelled: "BOOKING_CANCELLED"
        case .rejected: "BOOKING_REJECTED"
        }
    }

    private var payload: JSON {
        if case .noShow(let mark) = kind {
            return .compact([
                ("message", .string("no_show_updated")), ("bookingUid", .string(booking.uid)),
                (
                    "attendees",
                    .array([
                        .compact([
                            ("email", .string(booking.booker.spelled)), ("noShow", .bool(mark)),
                        ])
                    ])
                ),
            ])
        }
        return .compact(common + own)
    }

    private var own: [(String, JSON?)] {
        switch kind {
        case .requested: return [("status", "PENDING")]
        case .rejected: return [("status", "REJECTED")]
        case .rescheduled(let old):
            return [("status", "ACCEPTED"), ("rescheduleUid", .string(old))]
        case .cancelled:
            return [
                ("status", "CANCELLED"), ("cancellationReason", "Budget moved."),
                ("requestReschedule", .bool(false)),
            ]
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
            ("type", "product-demo"), ("eventTypeId", .integer(88_231)),
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
                    ("size", Self.response(booking.size)),
                ])
            ),
            ("location", .string(booking.room ?? "integrations:daily")),
            (
                "videoCallData",
                booking.room == nil ? .compact([("url", .string(booking.videoURL))]) : nil
            ),
        ]
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
