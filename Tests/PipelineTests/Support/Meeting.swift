import Domain

/// A booking as Cal.com tells it, and the deliveries about it.
///
/// The shapes are those of the recorded samples of `CalComTests`.
struct Meeting {
    /// A person on either side.
    struct Person {
        var name: String
        var email: String
        var zone = "America/New_York"
        var phone: String?
        var seat: String?
        /// The number of the account at Cal.com, for those who host.
        var account: Int64 = 4_102

        static let dana = Person(name: "Dana Okafor", email: "dana.okafor@globex.example")
        static let lee = Person(name: "Lee Marsh", email: "lee.marsh@globex.example")
        static let priya = Person(
            name: "Priya Raman",
            email: "priya.raman@example.com",
            zone: "Europe/London"
        )
        static let tomas = Person(
            name: "Tomas Lindqvist",
            email: "tomas.lindqvist@example.com",
            zone: "Europe/Stockholm",
            account: 4_117
        )
    }

    var uid: String
    var title = "Product demo"
    var eventType = 88_231
    /// When it begins, RFC 3339.
    var start = "2026-11-10T15:00:00Z"
    var minutes = 30
    var organizer = Person.priya
    /// Who hosts it besides.
    var team: [Person] = []
    var booker = Person.dana
    var guests: [Person] = []
    var answers: [String: JSON] = [:]
    var notes: String?
    var location = "integrations:daily"
    var video = "https://meet.cal.example/room"
    var metadata: [String: String] = [:]
    var assignmentReason: String?
    /// How hosts are chosen, for example `ROUND_ROBIN`.
    var scheduling: String?
    var seats: Int?
    /// Whether it is one of a weekly series.
    var isRecurring = false

    init(_ uid: String = "hT4xWq9vNc2LmZ7pRkD3sB") { self.uid = uid }

    /// A copy with changes.
    func with(_ change: (inout Meeting) -> Void) -> Meeting {
        var copy = self
        change(&copy)
        return copy
    }

    // MARK: Deliveries

    /// It was booked.
    var created: Delivery { Delivery("BOOKING_CREATED", payload(status: "ACCEPTED")) }

    /// It was asked for and waits for the host.
    var requested: Delivery { Delivery("BOOKING_REQUESTED", payload(status: "PENDING")) }

    /// The host declined.
    var rejected: Delivery { Delivery("BOOKING_REJECTED", payload(status: "REJECTED")) }

    /// Another host.
    func reassigned(to host: Person) -> Delivery {
        Delivery("BOOKING_REASSIGNED", with { $0.organizer = host }.payload(status: "ACCEPTED"))
    }

    /// Another place.
    func relocated(to place: String) -> Delivery {
        Delivery(
            "BOOKING_LOCATION_UPDATED",
            with {
                $0.location = place; $0.video = ""
            }.payload(status: "ACCEPTED")
                + [("previousLocation", .string(location))]
        )
    }

    /// It takes the place of another booking.
    func rescheduled(from old: Meeting) -> Delivery {
        Delivery(
            "BOOKING_RESCHEDULED",
            payload(status: "ACCEPTED") + [
                ("rescheduleUid", .string(old.uid)),
                ("rescheduleStartTime", .string(old.start)),
                ("rescheduleEndTime", .string(old.end)),
            ]
        )
    }

    /// It will not take place.
    func cancelled(_ reason: String? = "Budget moved.") -> Delivery {
        Delivery(
            "BOOKING_CANCELLED",
            payload(status: "CANCELLED") + [
                ("cancellationReason", .text(reason)), ("requestReschedule", .bool(false)),
            ]
        )
    }

    /// The booker gave up the seat; the others keep theirs.
    var seatCancelled: Delivery { Delivery("BOOKING_CANCELLED", payload(status: "ACCEPTED")) }

    /// The host asks for another time, which Cal.com tells like a cancellation.
    var rescheduleRequested: Delivery {
        Delivery(
            "BOOKING_CANCELLED",
            payload(status: "CANCELLED") + [
                ("cancellationReason", .string("Please reschedule.")),
                ("requestReschedule", .bool(true)),
            ]
        )
    }

    /// Somebody did not show up, or did after all.
    func noShow(_ marks: [(String, Bool)]) -> Delivery {
        Delivery(
            "BOOKING_NO_SHOW_UPDATED",
            [
                ("message", .string("no_show_updated")),
                ("bookingUid", .string(uid)),
                (
                    "attendees",
                    .array(
                        marks.map { email, mark in
                            .compact([("email", .string(email)), ("noShow", .bool(mark))])
                        }
                    )
                ),
            ]
        )
    }

    // MARK: Payload

    private var end: String {
        Instant(rfc3339: start)?.advanced(byMilliseconds: Int64(minutes) * 60_000).rfc3339Seconds
            ?? ""
    }

    private func payload(status: String) -> [(String, JSON?)] {
        [
            ("uid", .string(uid)), ("bookingId", .integer(7_301_455)),
            ("type", .string("product-demo")), ("title", .string(title)),
            ("eventTypeId", .integer(eventType)), ("startTime", .string(start)),
            ("schedulingType", scheduling.map(JSON.string)), ("endTime", .string(end)),
            ("length", .integer(minutes)), ("status", .string(status)),
            ("additionalNotes", .text(notes)), ("organizer", host),
            ("attendees", .array(([booker] + guests).map(Self.attendee))),
            (
                "team",
                team.isEmpty
                    ? nil : .compact([("members", .array(team.map(Self.attendee)))])
            ),
            ("responses", responses), ("location", .string(location)),
            ("videoCallData", video.isEmpty ? nil : .compact([("url", .string(video))])),
            ("seatsPerTimeSlot", seats.map { .integer($0) } ?? .null),
            ("attendeeSeatId", seats == nil ? nil : booker.seat.map(JSON.string)),
            ("recurringEvent", isRecurring ? Self.weekly : nil),
            (
                "metadata",
                .object(
                    metadata.sorted { $0.key < $1.key }.map {
                        JSON.Member($0.key, .string($0.value))
                    }
                )
            ),
            (
                "assignmentReason",
                assignmentReason.map { reason in
                    .array([.compact([("reasonString", .string(reason))])])
                }
            ),
        ]
    }

    private static let weekly = JSON.compact([
        ("freq", .integer(2)), ("interval", .integer(1)), ("count", .integer(3)),
    ])

    private var host: JSON {
        .compact([
            ("id", .integer(organizer.account)), ("name", .string(organizer.name)),
            ("email", .string(organizer.email)), ("timeZone", .string(organizer.zone)),
            ("language", .compact([("locale", .string("en"))])), ("utcOffset", .integer(0)),
        ])
    }

    private static func attendee(_ person: Person) -> JSON {
        .compact([
            ("email", .string(person.email)), ("name", .string(person.name)),
            ("firstName", .string("")), ("lastName", .string("")),
            ("timeZone", .string(person.zone)),
            ("language", .compact([("locale", .string("en"))])),
            ("phoneNumber", .text(person.phone)),
        ])
    }

    private var responses: JSON {
        var members: [(String, JSON?)] = [
            ("name", Self.response("your_name", .string(booker.name))),
            ("email", Self.response("email_address", .string(booker.email))),
            (
                "guests",
                Self.response(
                    "additional_guests",
                    .array(
                        guests.map {
                            .string($0.email)
                        }
                    )
                )
            ),
        ]
        if let notes {
            members.append(("notes", Self.response("additional_notes", .string(notes))))
        }
        for (question, value) in answers.sorted(by: { $0.key < $1.key }) {
            members.append((question, Self.response(question, value)))
        }
        return .compact(members)
    }

    private static func response(_ label: String, _ value: JSON) -> JSON {
        .compact([
            ("label", .string(label)), ("value", value == .null ? nil : value),
            ("isHidden", .bool(false)),
        ])
    }
}

/// One webhook.
struct Delivery {
    var trigger: String
    var payload: [(String, JSON?)]
    /// When Cal.com sent it; the moment at which the world takes it in, unless it says otherwise.
    var sent: Instant?

    init(_ trigger: String, _ payload: [(String, JSON?)]) {
        (self.trigger, self.payload) = (trigger, payload)
    }

    /// The same, sent at another moment.
    func sent(_ moment: Instant) -> Delivery {
        var copy = self
        copy.sent = moment
        return copy
    }

    func body(_ now: Instant) -> JSON {
        .compact([
            ("triggerEvent", .string(trigger)), ("createdAt", .string((sent ?? now).rfc3339)),
            ("payload", .compact(payload)),
        ])
    }
}
