public import Domain

/// A fact and what the ledger has of it.
///
/// Ledgers in the field contain these texts: rows are added, and never changed. They are also the
/// examples of `Schemas/events`.
public struct GoldenFact: Sendable, CustomStringConvertible {
    /// What it is.
    public let description: String
    /// The fact.
    public let fact: BookingFact
    /// The type of the event.
    public let type: String
    /// The data of the event.
    public let data: String
    /// The sealed parts: name, person and content of each.
    public let parts: [String]

    init(
        _ description: String,
        _ fact: BookingFact,
        _ type: String,
        _ data: String,
        _ parts: [String]
    ) {
        (self.description, self.fact) = (description, fact)
        (self.type, self.data, self.parts) = (type, data, parts)
    }

    /// The surrogate that the rows use for an address: its local part.
    public static func person(_ email: EmailAddress) -> PersonID {
        PersonID("p-\(email.rawValue.prefix { $0 != "@" })")
    }

    /// The digest that the rows use for their delivery.
    public static let delivery = "d1"

    /// At least one fact of every type; the first of a type is its example.
    public static let all: [Self] = [
        GoldenFact(
            "a booking of which everything is known",
            .confirmed(.full),
            "booking.confirmed",
            #"""
            {"uid":"bk-1","number":4711,"eventType":88231,"slug":"product-demo",\#
            "start":1793800800000,"end":1793802600000,"organizer":{"person":"p-hannah",\#
            "part":"party-0","userID":9},"team":[{"person":"p-tom","part":"party-1"}],\#
            "attendees":[{"person":"p-ada","part":"party-2","seat":"seat-1","noShow":false},\#
            {"person":"p-bo","part":"party-3"}],"booker":"p-ada",\#
            "calendarUID":"cal-1@daybook.example","sequence":2,"seats":5,"seat":"seat-1",\#
            "recurrence":{"frequency":2,"interval":1,"count":4},"created":1793714100000,\#
            "delivery":"d1"}
            """#,
            [
                #"""
                party-0 of p-hannah: {"email":"hannah@daybook.example","name":"Hannah Ito",\#
                "timeZone":"Europe/Berlin"}
                """#,
                #"party-1 of p-tom: {"email":"tom@daybook.example","name":"Tom"}"#,
                #"""
                party-2 of p-ada: {"email":"ada@acme.example","name":"Ada Park",\#
                "firstName":"Ada","lastName":"Park","phone":"+49 30 1234",\#
                "timeZone":"Europe/Paris"}
                """#,
                #"party-3 of p-bo: {"email":"bo@acme.example"}"#,
                #"""
                meeting of p-ada: {"title":"Demo","location":"integrations:daily",\#
                "video":"https://video.example/1","notes":"Ring twice\nplease",\#
                "details":"A demo","assignment":"Round robin",\#
                "answers":{"address":{"city":"Ulm","zip":"89073"},"company":"Acme \"Ltd\"",\#
                "nda":true,"topics":["a","b"]},"metadata":{"a":"b","utm_source":"mail"}}
                """#,
            ]
        ),
        GoldenFact(
            "a booking of which next to nothing is known",
            .confirmed(.bare),
            "booking.confirmed",
            #"{"uid":"bk-1","delivery":"d1"}"#,
            []
        ),
        GoldenFact(
            "a request",
            .requested(.sample(), replacing: nil),
            "booking.requested",
            #"{\#(booking),"delivery":"d1"}"#,
            people + [
                #"meeting of p-ada: {"title":"Demo"}"#
            ]
        ),
        GoldenFact(
            "a request in place of another",
            .requested(.sample(), replacing: predecessor),
            "booking.requested",
            #"""
            {\#(booking),"replaces":{"uid":"bk-0","start":1793718000000,"end":1793719800000,\#
            "by":"p-bo"},"delivery":"d1"}
            """#,
            people + [
                #"meeting of p-ada: {"title":"Demo"}"#,
                #"party-3 of p-bo: {"email":"bo@acme.example"}"#,
            ]
        ),
        GoldenFact(
            "a reschedule",
            .rescheduled(.sample(), from: predecessor),
            "booking.rescheduled",
            #"""
            {\#(booking),"from":{"uid":"bk-0","start":1793718000000,"end":1793719800000,\#
            "by":"p-bo"},"delivery":"d1"}
            """#,
            people + [
                #"meeting of p-ada: {"title":"Demo"}"#,
                #"party-3 of p-bo: {"email":"bo@acme.example"}"#,
            ]
        ),
        GoldenFact(
            "a reschedule of which little is known",
            .rescheduled(.bare, from: Predecessor(uid: .sample("bk-0"))),
            "booking.rescheduled",
            #"{"uid":"bk-1","from":{"uid":"bk-0"},"delivery":"d1"}"#,
            []
        ),
        GoldenFact(
            "a new host",
            .reassigned(.sample()),
            "booking.reassigned",
            #"{\#(booking),"delivery":"d1"}"#,
            people + [
                #"meeting of p-ada: {"title":"Demo"}"#
            ]
        ),
        GoldenFact(
            "a new place",
            .relocated(.sample(), previously: "Room 7"),
            "booking.relocated",
            #"{\#(booking),"delivery":"d1"}"#,
            people + [
                #"meeting of p-ada: {"title":"Demo","previously":"Room 7"}"#
            ]
        ),
        GoldenFact(
            "a cancellation",
            .cancelled(.sample(), cancellation(.booking, "Ill", by: "ada@acme.example")),
            "booking.cancelled",
            #"{\#(booking),"kind":"cancelled","by":"p-ada","delivery":"d1"}"#,
            people + [
                #"meeting of p-ada: {"title":"Demo","reason":"Ill"}"#
            ]
        ),
        GoldenFact(
            "a request to reschedule",
            .cancelled(.sample(), cancellation(.rescheduleRequested, by: "hannah@daybook.example")),
            "booking.cancelled",
            #"{\#(booking),"kind":"reschedule-requested","by":"p-hannah","delivery":"d1"}"#,
            people + [
                #"meeting of p-ada: {"title":"Demo"}"#
            ]
        ),
        GoldenFact(
            "a cancelled seat",
            .cancelled(.sample(), cancellation(.seat)),
            "booking.cancelled",
            #"{\#(booking),"kind":"seat","delivery":"d1"}"#,
            people + [
                #"meeting of p-ada: {"title":"Demo"}"#
            ]
        ),
        GoldenFact(
            "a cancelled series by somebody else",
            .cancelled(.sample(), cancellation(.series, by: "eve@else.example")),
            "booking.cancelled",
            #"{\#(booking),"kind":"series","by":"p-eve","delivery":"d1"}"#,
            people + [
                #"meeting of p-ada: {"title":"Demo"}"#,
                #"party-3 of p-eve: {"email":"eve@else.example"}"#,
            ]
        ),
        GoldenFact(
            "a refusal",
            .rejected(.sample(), reason: "Full"),
            "booking.rejected",
            #"{\#(booking),"delivery":"d1"}"#,
            people + [
                #"meeting of p-ada: {"title":"Demo","reason":"Full"}"#
            ]
        ),
        GoldenFact(
            "a no-show",
            .attendance(.sample(attendees: ["ada@acme.example", "bo@acme.example"])),
            "attendance.recorded",
            #"""
            {"uid":"bk-1","eventType":88231,"source":"manual",\#
            "marks":[{"party":{"person":"p-ada","part":"party-0"},"host":false,"noShow":true},\#
            {"party":{"person":"p-bo","part":"party-1"},"host":false,"noShow":true}],\#
            "delivery":"d1"}
            """#,
            [
                #"party-0 of p-ada: {"email":"ada@acme.example"}"#,
                #"party-1 of p-bo: {"email":"bo@acme.example"}"#,
            ]
        ),
        GoldenFact(
            "a host's no-show that Cal.com noticed",
            .attendance(noticed),
            "attendance.recorded",
            #"""
            {"uid":"bk-1","source":"automatic","marks":[{"party":{"person":"p-hannah",\#
            "part":"party-0"},"host":true,"noShow":true},{"party":{},"host":false,\#
            "noShow":false}],"delivery":"d1"}
            """#,
            [
                #"party-0 of p-hannah: {"email":"hannah@daybook.example"}"#
            ]
        ),
        GoldenFact(
            "a start",
            .meetingStarted(.sample(), from: .sample("bk-0")),
            "meeting.started",
            #"{\#(booking),"from":{"uid":"bk-0"},"delivery":"d1"}"#,
            people + [
                #"meeting of p-ada: {"title":"Demo"}"#
            ]
        ),
        GoldenFact(
            "an end",
            .meetingEnded(.sample(), from: nil),
            "meeting.ended",
            #"{\#(booking),"delivery":"d1"}"#,
            people + [
                #"meeting of p-ada: {"title":"Demo"}"#
            ]
        ),
        GoldenFact(
            "a payment",
            .paid(.sample(), payment(15_000)),
            "payment.recorded",
            #"""
            {\#(booking),"complete":true,"amount":15000,"currency":"usd","payment":3,\#
            "delivery":"d1"}
            """#,
            people + [
                #"meeting of p-ada: {"title":"Demo"}"#
            ]
        ),
        GoldenFact(
            "a payment that was only started",
            .paid(.sample(), payment(nil)),
            "payment.recorded",
            #"{\#(booking),"complete":false,"delivery":"d1"}"#,
            people + [
                #"meeting of p-ada: {"title":"Demo"}"#
            ]
        ),
        GoldenFact(
            "a booking that no webhook told of",
            .observed(.sample(), Observation(status: .accepted, gaps: [.booking])),
            "booking.observed",
            #"{\#(booking),"status":"accepted","gaps":["booking"],"delivery":"d1"}"#,
            people + [
                #"meeting of p-ada: {"title":"Demo"}"#
            ]
        ),
        GoldenFact(
            "a cancellation that no webhook told of",
            .observed(
                .sample(),
                Observation(
                    status: .cancelled,
                    gaps: [.cancellation],
                    cancellation: cancellation(.booking, "Ill", by: "eve@else.example")
                )
            ),
            "booking.observed",
            #"""
            {\#(booking),"status":"cancelled","gaps":["cancellation"],"kind":"cancelled",\#
            "by":"p-eve","delivery":"d1"}
            """#,
            people + [
                #"meeting of p-ada: {"title":"Demo","reason":"Ill"}"#,
                #"party-3 of p-eve: {"email":"eve@else.example"}"#,
            ]
        ),
        GoldenFact(
            "links that no webhook told of",
            .observed(
                .bare,
                Observation(
                    status: .cancelled,
                    gaps: [.link],
                    predecessor: .sample("bk-0"),
                    successor: .sample("bk-2")
                )
            ),
            "booking.observed",
            #"""
            {"uid":"bk-1","status":"cancelled","gaps":["link"],"predecessor":"bk-0",\#
            "successor":"bk-2","delivery":"d1"}
            """#,
            []
        ),
        GoldenFact(
            "seats and marks that no webhook told of",
            .observed(
                .bare,
                Observation(
                    status: .accepted,
                    gaps: [.guests, .attendance],
                    leavers: [.sample("bo@acme.example", seat: "seat-2")],
                    marks: [
                        .init(party: .sample(), isHost: false, isNoShow: true)
                    ]
                )
            ),
            "booking.observed",
            #"""
            {"uid":"bk-1","status":"accepted","gaps":["guests","attendance"],"leavers":[{\#
            "person":"p-bo","part":"party-0","seat":"seat-2"}],"marks":[{"party":{\#
            "person":"p-ada","part":"party-1"},"host":false,"noShow":true}],"delivery":"d1"}
            """#,
            [
                #"party-0 of p-bo: {"email":"bo@acme.example"}"#,
                #"party-1 of p-ada: {"email":"ada@acme.example"}"#,
            ]
        ),
        GoldenFact(
            "a form",
            .formSubmitted(form),
            "form.submitted",
            #"""
            {"form":"form-1","name":"Routing","response":12,"submitter":{"person":"p-ada",\#
            "part":"party-0"},"delivery":"d1"}
            """#,
            [
                #"party-0 of p-ada: {"email":"ada@acme.example","name":"Ada"}"#,
                #"answers of p-ada: {"email":"ada@acme.example","size":"10"}"#,
            ]
        ),
        GoldenFact(
            "a form without an address",
            .formAbandoned(anonymousForm),
            "form.abandoned",
            #"{"form":"form-1","delivery":"d1"}"#,
            []
        ),
    ]

    /// What every row on a sample booking has in common.
    private static let booking = #"""
        "uid":"bk-1","eventType":88231,"start":1793800800000,"end":1793802600000,\#
        "organizer":{"person":"p-hannah","part":"party-0"},"attendees":[{"person":"p-ada",\#
        "part":"party-1"}],"booker":"p-ada"
        """#

    /// The people of every sample booking.
    private static let people = [
        #"party-0 of p-hannah: {"email":"hannah@daybook.example","name":"Hannah Ito"}"#,
        #"party-1 of p-ada: {"email":"ada@acme.example","name":"Ada Park"}"#,
    ]

    private static let predecessor = Predecessor(
        uid: .sample("bk-0"),
        slot: .sample(minute: 60),
        movedBy: .sample("bo@acme.example")
    )

    private static func cancellation(
        _ kind: Cancellation.Kind,
        _ reason: String? = nil,
        by email: String? = nil
    ) -> Cancellation {
        Cancellation(kind: kind, reason: reason, cancelledBy: email.map { .sample($0) })
    }

    private static func payment(_ amount: Int?) -> Payment {
        Payment(
            isComplete: amount != nil,
            amount: amount,
            currency: amount.map { _ in "usd" },
            number: amount.map { _ in 3 }
        )
    }

    private static let noticed = AttendanceReport(
        booking: .sample(),
        eventType: nil,
        source: .automatic,
        marks: [
            .init(party: .sample("hannah@daybook.example"), isHost: true, isNoShow: true),
            .init(party: Party(email: nil), isHost: false, isNoShow: false),
        ]
    )

    private static let form = FormSubmission(
        form: "form-1",
        name: "Routing",
        response: 12,
        answers: ["size": .text("10"), "email": .text("ada@acme.example")],
        submitter: .sample("ada@acme.example", name: "Ada")
    )

    private static let anonymousForm = FormSubmission(
        form: "form-1",
        name: nil,
        response: nil,
        answers: ["size": .text("10")],
        submitter: nil
    )
}

extension Booking {
    /// A booking of which everything is known.
    public static let full = Booking.sample("bk-1", attendees: []) { booking in
        booking.number = 4711
        booking.eventTypeSlug = "product-demo"
        booking.organizer?.userID = 9
        booking.organizer?.timeZone = "Europe/Berlin"
        booking.team = [.sample("tom@daybook.example", name: "Tom")]
        var ada = Party.sample("ada@acme.example", name: "Ada Park", seat: "seat-1")
        (ada.firstName, ada.lastName, ada.phone) = ("Ada", "Park", "+49 30 1234")
        (ada.timeZone, ada.noShow) = ("Europe/Paris", false)
        booking.attendees = [ada, .sample("bo@acme.example")]
        booking.bookerEmail = .sample("ada@acme.example")
        booking.answers = [
            "company": .text("Acme \"Ltd\""), "nda": .flag(true), "topics": .list(["a", "b"]),
            "address": .parts(["city": "Ulm", "zip": "89073"]),
        ]
        booking.location = "integrations:daily"
        booking.videoCallURL = "https://video.example/1"
        booking.notes = "Ring twice\nplease"
        booking.details = "A demo"
        booking.metadata = ["utm_source": "mail", "a": "b"]
        booking.calendarUID = "cal-1@daybook.example"
        booking.sequence = 2
        booking.seatsPerSlot = 5
        booking.seat = "seat-1"
        booking.recurrence = Recurrence(frequency: 2, interval: 1, count: 4)
        booking.assignmentReason = "Round robin"
        booking.created = .minute(-5)
    }

    /// A booking of which next to nothing is known.
    public static let bare = Booking(uid: .sample("bk-1"))
}
