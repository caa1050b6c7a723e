import CalCom
import Domain
import Testing

@Suite("Body without a fact")
struct BadInputTests {
    struct Row: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let body: String
        let reading: DeliveryReading
    }

    static func unusable(_ trigger: String, _ reason: String) -> DeliveryReading {
        .unusable(trigger: trigger, reason: reason)
    }

    static let rows = [
        Row(testDescription: "empty", body: "", reading: .malformed(reason: "the body is empty")),
        Row(
            testDescription: "blank",
            body: " \n",
            reading: .malformed(reason: "the body is empty")
        ),
        Row(
            testDescription: "cut off",
            body: #"{"triggerEvent": "BOOKING_CREATED", "payl"#,
            reading: .malformed(reason: "the document ends too early at byte 41")
        ),
        Row(
            testDescription: "a form",
            body: "name=Dana&uid=1",
            reading: .malformed(reason: "an unknown word at byte 0")
        ),
        Row(
            testDescription: "a high surrogate without a low one",
            body: #"{"triggerEvent": "\ud800\u0041"}"#,
            reading: .unrecognised(trigger: "\u{FFFD}A", reason: "unknown trigger")
        ),
        Row(
            testDescription: "a template that did not parse",
            body: "false",
            reading: .unrecognised(
                trigger: nil,
                reason: "the body is no JSON object; a custom payload template can do that"
            )
        ),
        Row(
            testDescription: "a template of one's own",
            body: #"{"who": "Dana", "when": "2026-11-10"}"#,
            reading: .unrecognised(
                trigger: nil,
                reason:
                    "the body has no triggerEvent; leave the payload template at its default"
            )
        ),
        Row(
            testDescription: "a trigger that is no text",
            body: #"{"triggerEvent": 7}"#,
            reading: .unrecognised(
                trigger: nil,
                reason:
                    "the body has no triggerEvent; leave the payload template at its default"
            )
        ),
        Row(
            testDescription: "a trigger of the future",
            body: #"{"triggerEvent": "BOOKING_TELEPORTED", "payload": {}}"#,
            reading: .unrecognised(trigger: "BOOKING_TELEPORTED", reason: "unknown trigger")
        ),
        Row(
            testDescription: "no payload",
            body: #"{"triggerEvent": "BOOKING_CREATED"}"#,
            reading: unusable("BOOKING_CREATED", "there is no payload")
        ),
        Row(
            testDescription: "no uid",
            body: #"{"triggerEvent": "BOOKING_CREATED", "payload": {"uid": ""}}"#,
            reading: unusable("BOOKING_CREATED", "the booking has no uid")
        ),
        Row(
            testDescription: "flat without uid",
            body: #"{"triggerEvent": "MEETING_ENDED", "id": 7}"#,
            reading: unusable("MEETING_ENDED", "the booking has no uid")
        ),
        Row(
            testDescription: "a day that does not exist",
            body: """
                {"triggerEvent": "BOOKING_CREATED", "payload":
                 {"uid": "u", "startTime": "2026-02-30T10:00:00Z"}}
                """,
            reading: unusable(
                "BOOKING_CREATED",
                "startTime is not a date with a time and a zone"
            )
        ),
        Row(
            testDescription: "a time without zone",
            body: """
                {"triggerEvent": "BOOKING_CREATED", "payload":
                 {"uid": "u", "startTime": "2026-11-10T15:00:00Z", "endTime": "2026-11-10T16:00:00"}}
                """,
            reading: unusable("BOOKING_CREATED", "endTime is not a date with a time and a zone")
        ),
        Row(
            testDescription: "an end before the start",
            body: """
                {"triggerEvent": "BOOKING_RESCHEDULED", "payload":
                 {"uid": "u", "startTime": "2026-11-10T15:00:00Z",
                  "endTime": "2026-11-10T14:00:00Z"}}
                """,
            reading: unusable("BOOKING_RESCHEDULED", "the booking ends before it starts")
        ),
        Row(
            testDescription: "a no-show report without booking",
            body: #"{"triggerEvent": "BOOKING_NO_SHOW_UPDATED", "payload": {"attendees": []}}"#,
            reading: unusable("BOOKING_NO_SHOW_UPDATED", "the report names no booking")
        ),
        Row(
            testDescription: "a no-show report about nobody",
            body: #"{"triggerEvent": "BOOKING_NO_SHOW_UPDATED", "payload": {"bookingUid": "u"}}"#,
            reading: unusable("BOOKING_NO_SHOW_UPDATED", "the report marks nobody")
        ),
        Row(
            testDescription: "a form without id",
            body: #"{"triggerEvent": "FORM_SUBMITTED", "payload": {"responses": {}}}"#,
            reading: unusable("FORM_SUBMITTED", "the form has no id")
        ),
    ]

    @Test("is told apart", arguments: rows)
    func reading(row: Row) {
        #expect(
            CalComDelivery.read(Array(row.body.utf8), arrived: Sample.arrival) == row.reading
        )
    }

    @Test(
        "of every other trigger that is known is noted",
        arguments: [
            "PING", "RECORDING_READY", "RECORDING_TRANSCRIPTION_GENERATED", "INSTANT_MEETING",
            "INSTANT_MEETING_ACCEPTED", "OOO_CREATED", "CALENDAR_ENTRY_REJECTED",
            "WRONG_ASSIGNMENT_REPORT", "ROUTING_FORM_FALLBACK_HIT", "DELEGATION_CREDENTIAL_ERROR",
            "DELEGATION_CREDENTIAL_SECRET_ROTATED", "DELEGATION_CREDENTIAL_SECRET_ROTATION_FAILED",
            "DELEGATION_CREDENTIAL_ROTATION_REQUIRED",
        ]
    )
    func noted(trigger: String) {
        let body = JSON.object([JSON.Member("triggerEvent", .string(trigger))]).bytes
        #expect(
            CalComDelivery.read(body, arrived: Sample.arrival) == .noted(trigger: trigger)
        )
    }

    @Test("never repeats what was in it", arguments: rows)
    func reasons(row: Row) {
        let reading = CalComDelivery.read(Array(row.body.utf8), arrived: Sample.arrival)
        #expect(reading.reason?.contains("Dana") == false)
    }

    @Test("is what is left of a delivery that lost its end, at every length")
    func truncation() throws {
        let whole = try Sample.bytes("booking_no_show_updated_mark.json")
        for length in 0..<whole.count - 2 {
            let reading = CalComDelivery.read(
                Array(whole.prefix(length)),
                arrived: Sample.arrival
            )
            guard case .malformed = reading else {
                Issue.record("\(length) bytes were taken for a delivery")
                continue
            }
        }
    }
}
