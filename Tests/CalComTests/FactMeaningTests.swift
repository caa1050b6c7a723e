import CalCom
import Domain
import Testing

@Suite("Meaning of a fact")
struct FactMeaningTests {
    static let recorded = [
        "after_guests_cal_video_no_show", "booking_cancelled", "booking_cancelled_seat",
        "booking_created", "booking_created_seat_1", "booking_location_updated",
        "booking_no_show_updated_mark", "booking_paid", "booking_reassigned", "booking_rejected",
        "booking_requested", "booking_rescheduled", "form_submitted",
        "form_submitted_no_event",
    ]

    @Test("is the same through two subscriptions", arguments: recorded)
    func twoSubscriptions(file: String) throws {
        let one = try Delivery(file + ".json")
        let other = one.withOuter("createdAt", .string("2026-12-01T00:00:00.001Z"))
        #expect(try FactMeaning(of: one.fact()) == FactMeaning(of: other.fact()))
    }

    @Test("does not depend on the order of the attendees")
    func attendeeOrder() throws {
        let delivery = try Delivery("booking_created.json").with("responses", nil)
        let attendees = try #require(delivery.body["payload"]?["attendees"]?.array)
        let turned = try delivery.with("attendees", .array(attendees.reversed()))
        #expect(try FactMeaning(of: delivery.fact()) == FactMeaning(of: turned.fact()))
    }

    struct Change: CustomTestStringConvertible, Sendable {
        let file: String
        let member: String
        let value: String
        var testDescription: String { "\(file): \(member) is \(value)" }
    }

    static let changes = [
        Change(file: "booking_created", member: "uid", value: #""another""#),
        Change(file: "booking_created", member: "iCalSequence", value: "1"),
        Change(file: "booking_created", member: "startTime", value: #""2026-11-10T14:59:00Z""#),
        Change(file: "booking_created", member: "endTime", value: #""2026-11-10T15:31:00Z""#),
        Change(file: "booking_created", member: "attendees", value: #"["new@globex.example"]"#),
        Change(file: "booking_created_seat_1", member: "attendeeSeatId", value: #""other""#),
        Change(file: "booking_rescheduled", member: "rescheduleUid", value: #""another""#),
        Change(file: "booking_cancelled", member: "requestReschedule", value: "true"),
        Change(file: "booking_cancelled", member: "cancellationReason", value: #""Ill""#),
        Change(file: "booking_rejected", member: "rejectionReason", value: #""No""#),
        Change(
            file: "booking_reassigned",
            member: "organizer",
            value: #"{"email": "x@example.com"}"#
        ),
        Change(file: "booking_location_updated", member: "location", value: #""Room 1""#),
        Change(file: "booking_paid", member: "paymentId", value: "1"),
        Change(
            file: "booking_no_show_updated_mark",
            member: "attendees",
            value: #"[{"email": "dana.okafor@globex.example", "noShow": false}]"#
        ),
        Change(file: "form_submitted", member: "formId", value: #""other""#),
        Change(file: "form_submitted", member: "responses", value: #"{"email": "a@b.example"}"#),
        Change(file: "form_submitted_no_event", member: "responseId", value: "1"),
    ]

    @Test("differs when something that counts differs", arguments: changes)
    func differences(change: Change) throws {
        let delivery = try Delivery(change.file + ".json")
        let changed = try delivery.with(change.member, .parsed(change.value))
        #expect(
            try FactMeaning(of: delivery.fact()).digest != FactMeaning(of: changed.fact()).digest
        )
    }

    @Test("differs between all recorded deliveries")
    func distinct() throws {
        let digests = try Self.recorded.map {
            try FactMeaning(of: Sample.fact($0 + ".json")).digest
        }
        #expect(Set(digests).count == digests.count)
        #expect(digests.allSatisfy { $0.utf8.count == 64 })
    }

    @Test("stays the same when only the wording of the booking changes")
    func wording() throws {
        let delivery = try Delivery("booking_created.json")
        let renamed = try delivery.with("title", .string("Other")).with("metadata", nil)
        #expect(try FactMeaning(of: delivery.fact()) == FactMeaning(of: renamed.fact()))
    }

    @Test("of a no-show that was marked again later is news, of a booking it is not")
    func recurrence() throws {
        let mark = try Sample.fact("booking_no_show_updated_mark.json")
        let later = mark.occurred.advanced(byMilliseconds: FactMeaning.coincidence + 1)
        let soon = mark.occurred.advanced(byMilliseconds: -900)
        #expect(FactMeaning(of: mark).isRepetition(occurred: soon, of: mark.occurred))
        #expect(!FactMeaning(of: mark).isRepetition(occurred: later, of: mark.occurred))
        let booking = try Sample.fact("booking_created.json")
        #expect(FactMeaning(of: booking).isRepetition(occurred: later, of: booking.occurred))
    }

    @Test("keeps its digest from version to version, because ledgers hold it")
    func golden() throws {
        #expect(
            FactMeaning(of: try Sample.fact("booking_created.json")).digest
                == "2413c7e207b824ceda5ab843f81b283ab96bcfe96ba2d9e2434508d61417a4af"
        )
    }
}
