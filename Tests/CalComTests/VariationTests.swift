import CalCom
import Domain
import Testing

/// One recorded delivery, changed in one place as Cal.com's other code paths and versions do.
@Suite("Delivery in another shape")
struct VariationTests {
    static let spellings = [
        "2026-11-10T15:00:00Z", "2026-11-10T15:00:00.000Z", "2026-11-10T15:00:00+00:00",
        "2026-11-10T16:00:00+01:00", "2026-11-10T10:00:00-0500", "2026-11-10t15:00:00.000000z",
    ]

    @Test("has the same start in every spelling of a time", arguments: spellings)
    func times(spelling: String) throws {
        let booking = try Delivery("booking_created.json").with("startTime", .string(spelling))
            .booking()
        #expect(booking.slot?.start == .at("2026-11-10T15:00:00Z"))
    }

    /// Members that no booking needs.
    static let dispensable = [
        "bookerUrl", "title", "startTime", "endTime", "additionalNotes", "type", "description",
        "eventTypeId", "organizer", "attendees", "responses", "userFieldsResponses", "team",
        "location", "iCalUID", "iCalSequence", "assignmentReason", "videoCallData", "metadata",
        "length", "bookingId", "status", "seatsPerTimeSlot", "customInputs", "appsStatus",
    ]

    @Test(
        "tells the same kind of fact without a member, with null and with a wrong type",
        arguments: dispensable
    )
    func dispensableMembers(name: String) throws {
        let delivery = try Delivery("booking_created.json")
        var values: [JSON?] = [nil, .null]
        if name != "startTime", name != "endTime" {
            values += [.bool(true), .number("1e400"), .string(""), .array([.null]), .object([])]
        }
        for value in values {
            #expect(try delivery.with(name, value).fact().fact.kindInWords == "confirmed")
        }
    }

    @Test("names team members by address, by name or as objects")
    func teamMembers() throws {
        let members = try JSON.parsed(
            #"{"members": ["tomas.lindqvist@example.com", "Somebody", {"name": "X"}, null, 7]}"#
        )
        let team = try Delivery("booking_created.json").with("team", members).booking().team
        #expect(
            team.map { $0.email?.rawValue } == ["tomas.lindqvist@example.com", nil, nil]
        )
        #expect(team.map(\.name) == [nil, "Somebody", "X"])
    }

    @Test(
        "gives the reason of the assignment in each shape",
        arguments: [
            (#"[{"reasonEnum": "A", "reasonString": "owner"}]"#, "owner"),
            (#"[{"category": "A", "details": "owner"}]"#, "owner"),
            (#"{"category": "A", "details": "owner"}"#, "owner"),
            (#""owner""#, "owner"),
            (#"[{"reasonEnum": "A"}]"#, "A"),
            ("[]", nil),
        ]
    )
    func assignmentReasons(shape: String, reason: String?) throws {
        let booking = try Delivery("booking_created.json")
            .with("assignmentReason", try .parsed(shape)).booking()
        #expect(booking.assignmentReason == reason)
    }

    @Test(
        "reads answers of every type",
        arguments: [
            (#"{"label": "q", "value": "51-200"}"#, Answer.text("51-200")),
            (#"{"label": "q", "value": 12}"#, .text("12")),
            (#"{"label": "q", "value": false}"#, .flag(false)),
            (#"{"label": "q", "value": ["a", "b"]}"#, .list(["a", "b"])),
            (#"{"label": "q", "value": [{"label": "a", "id": null}]}"#, .list(["a"])),
            (#"{"label": "q", "value": []}"#, nil),
            (#"{"label": "q", "value": ""}"#, nil),
            (#"{"label": "q", "value": null}"#, nil),
            (#"{"label": "q"}"#, nil),
            (
                #"{"value": {"firstName": "Maria", "lastName": "da Silva"}}"#,
                .parts(["firstName": "Maria", "lastName": "da Silva"])
            ),
            (
                #"{"value": {"optionValue": "+4420", "value": "phone"}}"#,
                .parts(["optionValue": "+4420", "value": "phone"])
            ),
            (#"{"optionValue": "", "value": "inPerson"}"#, .parts(["value": "inPerson"])),
            (#""bare""#, .text("bare")),
            ("null", nil),
        ]
    )
    func answers(field: String, answer: Answer?) throws {
        let responses = JSON.object([JSON.Member("q", try .parsed(field))])
        let booking = try Delivery("booking_created.json").with("responses", responses).booking()
        #expect(booking.answers["q"] == answer)
    }

    @Test("takes the split name from the answers")
    func splitName() throws {
        let responses = try JSON.parsed(
            """
            {"email": {"value": "Maria@Initech.example "},
             "name": {"value": {"firstName": "Maria", "lastName": "da Silva"}},
             "smsReminderNumber": {"value": "+351911"}}
            """
        )
        let attendees = try JSON.parsed(#"[{"email": "maria@initech.example", "name": ""}]"#)
        let booking = try Delivery("booking_created.json").with("responses", responses)
            .with("attendees", attendees).booking()
        let maria = try #require(booking.attendees.first)
        #expect(maria.firstName == "Maria")
        #expect(maria.lastName == "da Silva")
        #expect(maria.name == "Maria da Silva")
        #expect(maria.phone == "+351911")
    }

    @Test("puts the booker first, wherever the list has them")
    func bookerFirst() throws {
        let attendees = try JSON.parsed(
            #"[{"email": "lee.marsh@globex.example"}, {"email": "DANA.okafor@globex.example"}]"#
        )
        let booking = try Delivery("booking_created.json").with("attendees", attendees).booking()
        #expect(
            booking.attendees.map { $0.email?.rawValue }
                == ["dana.okafor@globex.example", "lee.marsh@globex.example"]
        )
    }

    @Test("leaves out hosts, repetitions and addresses that cannot be one")
    func attendees() throws {
        let attendees = try JSON.parsed(
            """
            [{"email": "dana.okafor@globex.example"}, {"email": "priya.raman@example.com"},
             {"email": "Tomas.Lindqvist@example.com"}, {"email": "nobody"}, {"name": "No Address"},
             {"email": "Dana.Okafor@globex.example"}, null, "lee.marsh@globex.example"]
            """
        )
        let booking = try Delivery("booking_created.json").with("attendees", attendees).booking()
        #expect(
            booking.attendees.map { $0.email?.rawValue }
                == ["dana.okafor@globex.example", "lee.marsh@globex.example"]
        )
    }

    @Test("takes the booker from the answers when the list does not have one")
    func bookerFromAnswers() throws {
        let booking = try Delivery("booking_created.json").with("attendees", .array([])).booking()
        #expect(booking.attendees.map(\.name) == ["Dana Okafor"])
        #expect(booking.attendees.first?.phone == "+12025550143")
    }

    @Test("may come with long names and any script")
    func longNames() throws {
        let name = String(repeating: "長い名前👩🏽‍🚀", count: 60)
        let booking = try Delivery("booking_created.json").with("title", .string(name)).booking()
        #expect(booking.title == name)
    }

    @Test("may end after its length, or have none")
    func ends() throws {
        let delivery = try Delivery("booking_created.json")
        let short = try delivery.with("endTime", nil).booking()
        #expect(short.slot?.end == .at("2026-11-10T15:30:00Z"))
        let instant = try delivery.with("endTime", .string("2026-11-10T15:00:00Z")).booking()
        #expect(instant.slot == nil)
    }

    @Test(
        "finds the video call wherever it stands",
        arguments: ["videoCallData", "metadata", "additionalInformation"]
    )
    func videoCall(place: String) throws {
        let name = ["videoCallData": "url", "metadata": "videoCallUrl"][place] ?? "hangoutLink"
        let holder = JSON.object([JSON.Member(name, .string("https://call.example"))])
        let booking = try Delivery("booking_created.json").with("videoCallData", nil)
            .with("metadata", nil).with(place, holder).booking()
        #expect(booking.videoCallURL == "https://call.example")
    }

    @Test("of the newer payload version reads the same")
    func newerVersion() throws {
        let delivery = try Delivery("booking_created.json")
        let newer = try delivery.with("attendeeIcsContent", .string("BEGIN:VCALENDAR"))
            .with("organizerIcsContent", .string("BEGIN:VCALENDAR"))
        #expect(try newer.fact() == delivery.fact())
    }

    @Test("without a time of its own happened when it arrived")
    func noTime() throws {
        let delivery = try Delivery("booking_created.json")
        #expect(try delivery.withOuter("createdAt", nil).fact().occurred == Sample.arrival)
        let wrong = delivery.withOuter("createdAt", .string("yesterday"))
        #expect(try wrong.fact().occurred == Sample.arrival)
        let flat = try Delivery("meeting_ended.json").withOuter("endTime", nil)
        #expect(try flat.fact().occurred == Sample.arrival)
    }

    @Test("before guests were told apart marks every attendee as absent")
    func staleMarks() throws {
        let attendees = try JSON.parsed(#"[{"email": "dana@globex.example", "noShow": false}]"#)
        let delivery = try Delivery("after_guests_cal_video_no_show.json").with("guests", nil)
            .with("attendees", attendees)
        guard case .attendance(let report) = try delivery.fact().fact else {
            Issue.record("not an attendance report")
            return
        }
        #expect(report.marks.map(\.isNoShow) == [true])
    }

    static let cancellations: [(change: String, kind: Cancellation.Kind)] = [
        (#"{"requestReschedule": true}"#, .rescheduleRequested),
        (#"{"requestReschedule": true, "seatsPerTimeSlot": 5}"#, .rescheduleRequested),
        (
            #"{"requestReschedule": false, "cancellationReason": "Please reschedule. Ill."}"#,
            .booking
        ),
        (
            """
            {"requestReschedule": null, "cancellationReason": "Please reschedule. Ill.",
             "cancelledBy": "priya.raman@example.com"}
            """,
            .rescheduleRequested
        ),
        (
            """
            {"requestReschedule": null, "cancellationReason": "Please reschedule. Ill.",
             "cancelledBy": null}
            """,
            .rescheduleRequested
        ),
        (
            """
            {"requestReschedule": null, "cancellationReason": "Please reschedule. Ill.",
             "cancelledBy": "dana.okafor@globex.example"}
            """,
            .booking
        ),
        (#"{"seatsPerTimeSlot": 5}"#, .seat),
        (#"{"recurringEvent": {"freq": 2, "interval": 1}}"#, .series),
        (#"{"recurringEvent": null}"#, .booking),
        ("{}", .booking),
    ]

    @Test("of a cancellation says what was ended", arguments: cancellations)
    func cancellationKinds(change: String, kind: Cancellation.Kind) throws {
        var delivery = try Delivery("booking_cancelled.json")
        for member in try JSON.parsed(change).members ?? [] {
            delivery = try delivery.with(member.name, member.value)
        }
        guard case .cancelled(_, let how) = try delivery.fact().fact else {
            Issue.record("not cancelled")
            return
        }
        #expect(how.kind == kind)
    }
}
