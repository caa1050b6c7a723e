import CalCom
import Domain
import Testing

/// Every recorded delivery, and the fact that it tells.
@Suite("Recorded delivery")
struct RecordedDeliveryTests {
    struct Row: CustomTestStringConvertible, Sendable {
        let file: String
        let kind: String
        let uid: String
        let occurred: String
        var start: String?
        var predecessor: String?
        var attendees: [String] = []

        var testDescription: String { "\(file) → \(kind)" }
    }

    static let demo = "hT4xWq9vNc2LmZ7pRkD3sB"
    static let moved = "vJ8mQe5tYb1KsX6nLfC9dA"
    static let asked = "cN6fTj3xHa8PqW5bLrZ2mE"
    static let series = "aW1vSc6hDy9JtE4kNpG8rU"
    static let workshop = "kQ7dFm2jVo5XcS8wYhB4nR"
    static let paid = "tY3hUf8oIk5WqZ1sNxP6lG"
    static let dana = "dana.okafor@globex.example"
    static let lee = "lee.marsh@globex.example"
    static let both = [dana, lee]

    static let rows = [
        Row(
            file: "booking_created",
            kind: "confirmed",
            uid: demo,
            occurred: "2026-11-03T14:02:11.482Z",
            start: "2026-11-10T15:00:00Z",
            attendees: both
        ),
        Row(
            file: "booking_created_minimal",
            kind: "confirmed",
            uid: "rB2nGy7wPa4TkV9eQsM1zC",
            occurred: "2026-11-03T14:02:11.482Z",
            start: "2026-11-10T15:00:00Z",
            attendees: [dana]
        ),
        Row(
            file: "booking_created_after_confirmation",
            kind: "confirmed",
            uid: asked,
            occurred: "2026-11-03T16:45:00.031Z",
            start: "2026-11-10T15:00:00Z",
            attendees: both
        ),
        Row(
            file: "booking_created_recurring_occurrence_1",
            kind: "confirmed",
            uid: series,
            occurred: "2026-11-05T12:00:01.000Z",
            start: "2026-11-17T09:00:00Z",
            attendees: [dana]
        ),
        Row(
            file: "booking_created_recurring_occurrence_2",
            kind: "confirmed",
            uid: "zE5bKt2qLm7RxA9fYcV3wJ",
            occurred: "2026-11-05T12:00:02.000Z",
            start: "2026-11-24T09:00:00Z",
            attendees: [dana]
        ),
        Row(
            file: "booking_created_seat_1",
            kind: "confirmed",
            uid: workshop,
            occurred: "2026-11-07T10:00:00.000Z",
            start: "2026-11-20T13:00:00Z",
            attendees: [dana]
        ),
        Row(
            file: "booking_created_seat_2",
            kind: "confirmed",
            uid: workshop,
            occurred: "2026-11-07T11:30:00.000Z",
            start: "2026-11-20T13:00:00Z",
            attendees: ["ines.duarte@hooli.example"]
        ),
        Row(
            file: "booking_requested",
            kind: "requested",
            uid: asked,
            occurred: "2026-11-03T15:10:20.770Z",
            start: "2026-11-10T15:00:00Z",
            attendees: both
        ),
        Row(
            file: "booking_requested_reschedule",
            kind: "requested",
            uid: "pD9kRw4sUb7MnX2vJyT6gF",
            occurred: "2026-11-05T08:30:00.100Z",
            start: "2026-11-12T10:00:00Z",
            predecessor: asked,
            attendees: both
        ),
        Row(
            file: "booking_rescheduled",
            kind: "rescheduled",
            uid: moved,
            occurred: "2026-11-06T09:17:45.903Z",
            start: "2026-11-12T16:00:00Z",
            predecessor: demo,
            attendees: both
        ),
        Row(
            file: "booking_rescheduled_new_host",
            kind: "rescheduled",
            uid: "xM3gLz8cEk5RyB1uWqN7tH",
            occurred: "2026-11-06T09:17:45.903Z",
            start: "2026-11-12T16:00:00Z",
            predecessor: demo,
            attendees: both
        ),
        Row(
            file: "booking_rescheduled_seated_by_owner_same_uid",
            kind: "rescheduled",
            uid: workshop,
            occurred: "2026-11-08T12:00:00.000Z",
            start: "2026-11-21T13:00:00Z",
            attendees: [dana]
        ),
        Row(
            file: "booking_reassigned",
            kind: "reassigned",
            uid: demo,
            occurred: "2026-11-05T07:45:12.000Z",
            start: "2026-11-10T15:00:00Z",
            attendees: both
        ),
        Row(
            file: "booking_location_updated",
            kind: "relocated",
            uid: demo,
            occurred: "2026-11-04T08:00:00.000Z",
            start: "2026-11-10T15:00:00Z",
            attendees: both
        ),
        Row(
            file: "booking_cancelled",
            kind: "cancelled: cancelled",
            uid: moved,
            occurred: "2026-11-09T08:00:03.219Z",
            start: "2026-11-12T16:00:00Z",
            attendees: both
        ),
        Row(
            file: "booking_cancelled_request_reschedule",
            kind: "cancelled: reschedule-requested",
            uid: moved,
            occurred: "2026-11-09T10:31:00.000Z",
            start: "2026-11-12T16:00:00Z",
            attendees: both
        ),
        Row(
            file: "booking_cancelled_request_reschedule_legacy",
            kind: "cancelled: reschedule-requested",
            uid: moved,
            occurred: "2026-11-09T10:31:00.000Z",
            start: "2026-11-12T16:00:00Z",
            attendees: both
        ),
        Row(
            file: "booking_cancelled_seat",
            kind: "cancelled: seat",
            uid: workshop,
            occurred: "2026-11-08T09:00:00.000Z",
            start: "2026-11-20T13:00:00Z",
            attendees: [dana]
        ),
        Row(
            file: "booking_cancelled_recurring_series",
            kind: "cancelled: series",
            uid: series,
            occurred: "2026-11-09T08:00:03.219Z",
            start: "2026-11-17T09:00:00Z",
            attendees: both
        ),
        Row(
            file: "booking_rejected",
            kind: "rejected",
            uid: asked,
            occurred: "2026-11-03T16:44:10.114Z",
            start: "2026-11-10T15:00:00Z",
            attendees: both
        ),
        Row(
            file: "booking_paid",
            kind: "paid",
            uid: paid,
            occurred: "2026-11-03T18:00:00.000Z",
            start: "2026-11-11T10:00:00Z",
            attendees: [dana]
        ),
        Row(
            file: "booking_payment_initiated",
            kind: "payment started",
            uid: paid,
            occurred: "2026-11-03T18:00:00.000Z",
            start: "2026-11-11T10:00:00Z",
            attendees: [dana]
        ),
        Row(
            file: "meeting_started",
            kind: "meeting started",
            uid: moved,
            occurred: "2026-11-12T16:00:00.000Z",
            start: "2026-11-12T16:00:00Z",
            predecessor: demo,
            attendees: both
        ),
        Row(
            file: "meeting_ended",
            kind: "meeting ended",
            uid: moved,
            occurred: "2026-11-12T16:30:00.000Z",
            start: "2026-11-12T16:00:00Z",
            predecessor: demo,
            attendees: both
        ),
    ]

    @Test("tells of a booking", arguments: rows)
    func bookings(row: Row) throws {
        let reported = try Sample.fact(row.file + ".json")
        let booking = try #require(reported.fact.booking)
        #expect(reported.fact.kindInWords == row.kind)
        #expect(reported.fact.bookingUID?.rawValue == row.uid)
        #expect(reported.occurred == .at(row.occurred))
        #expect(booking.slot?.start == row.start.map(Instant.at))
        #expect(reported.fact.predecessor?.rawValue == row.predecessor)
        #expect(booking.attendees.map { $0.email?.rawValue } == row.attendees)
    }

    struct AttendanceRow: CustomTestStringConvertible, Sendable {
        let file: String
        let source: AttendanceReport.Source
        let marks: [String]
        var testDescription: String { file }
    }

    static let attendanceRows = [
        AttendanceRow(
            file: "booking_no_show_updated_mark",
            source: .manual,
            marks: ["\(dana) absent"]
        ),
        AttendanceRow(
            file: "booking_no_show_updated_unmark",
            source: .manual,
            marks: ["\(dana) present"]
        ),
        AttendanceRow(
            file: "booking_no_show_updated_several",
            source: .manual,
            marks: ["\(dana) absent", "\(lee) present"]
        ),
        AttendanceRow(
            file: "booking_no_show_updated_legacy",
            source: .manual,
            marks: ["\(dana) absent"]
        ),
        AttendanceRow(
            file: "after_guests_cal_video_no_show",
            source: .automatic,
            marks: ["\(dana) absent", "\(lee) absent"]
        ),
        AttendanceRow(
            file: "after_hosts_cal_video_no_show",
            source: .automatic,
            marks: ["host priya.raman@example.com absent"]
        ),
    ]

    @Test("tells who did not show up", arguments: attendanceRows)
    func attendance(row: AttendanceRow) throws {
        guard case .attendance(let report) = try Sample.fact(row.file + ".json").fact else {
            Issue.record("not an attendance report")
            return
        }
        #expect(report.booking.rawValue == Self.moved)
        #expect(report.source == row.source)
        #expect(
            report.marks.map { mark in
                let role = mark.isHost ? "host " : ""
                return "\(role)\(mark.party.email?.rawValue ?? "?") "
                    + (mark.isNoShow ? "absent" : "present")
            } == row.marks
        )
    }

    @Test(
        "tells of a routing form",
        arguments: [
            ("form_submitted.json", nil, "2026-11-04T11:20:30.640Z"),
            ("form_submitted_no_event.json", 58213, "2026-11-04T11:35:31.002Z"),
        ]
    )
    func forms(file: String, response: Int?, occurred: String) throws {
        let reported = try Sample.fact(file)
        let form: FormSubmission
        switch reported.fact {
        case .formSubmitted(let submission), .formAbandoned(let submission): form = submission
        default:
            Issue.record("not a form")
            return
        }
        #expect(reported.occurred == .at(occurred))
        #expect(form.form == "3f6e2d8a-0f6a-4c58-9e4e-1d9a7f4b5c33")
        #expect(form.name == "Talk to sales")
        #expect(form.response == response)
        #expect(form.submitter?.email?.rawValue == "sam.ito@initech.example")
        #expect(
            form.answers == [
                "email": .text("sam.ito@initech.example"),
                "full-name": .text("Sam Ito"),
                "company-size": .list(["201-1000"]),
                "interests": .list(["Routing", "Analytics"]),
            ]
        )
    }

    @Test("of the test button and of a wrong assignment is noted")
    func noted() throws {
        #expect(try Sample.read("ping.json") == .noted(trigger: "PING"))
        #expect(
            try Sample.read("wrong_assignment_report.json")
                == .noted(trigger: "WRONG_ASSIGNMENT_REPORT")
        )
    }

    @Test("that was signed can be read too")
    func signed() throws {
        let reading = CalComDelivery.read(
            try Sample.bytes("signed_booking_created.raw"),
            arrived: Sample.arrival
        )
        #expect(reading.trigger == "BOOKING_CREATED")
        #expect(reading.facts.count == 1)
    }
}

extension BookingFact {
    /// The kind as the tables of these tests spell it.
    var kindInWords: String {
        switch self {
        case .requested: "requested"
        case .confirmed: "confirmed"
        case .rescheduled: "rescheduled"
        case .reassigned: "reassigned"
        case .relocated: "relocated"
        case .cancelled(_, let how): "cancelled: \(how.kind.rawValue)"
        case .rejected: "rejected"
        case .attendance: "attendance"
        case .meetingStarted: "meeting started"
        case .meetingEnded: "meeting ended"
        case .paid(_, let payment): payment.isComplete ? "paid" : "payment started"
        case .formSubmitted: "form submitted"
        case .observed: "observed"
        case .formAbandoned: "form abandoned"
        }
    }
}
