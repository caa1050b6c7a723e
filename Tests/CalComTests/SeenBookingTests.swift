import Domain
import Testing

@testable import CalCom

@Suite("A booking as the API shows it")
struct SeenBookingTests {
    private func data(_ name: String) throws -> JSON { try #require(try Sample.json(name)["data"]) }

    @Test("says who, when, where, and what came before")
    func one() throws {
        let seen = try #require(SeenBookingReader.read(try data("api_v2_booking.json")))
        #expect(seen.booking.uid.rawValue == "vJ8mQe5tYb1KsX6nLfC9dA")
        #expect(seen.status == .accepted)
        #expect(seen.predecessor?.rawValue == "hT4xWq9vNc2LmZ7pRkD3sB")
        #expect(seen.successor == nil && seen.cancellation == nil)
        #expect(seen.booking.eventType == EventTypeID(88_231))
        #expect(seen.booking.eventTypeSlug == "product-demo")
        #expect(seen.booking.slot?.start == .at("2026-11-12T16:00:00Z"))
        #expect(seen.booking.created == .at("2026-11-06T09:17:44.700Z"))
        #expect(seen.updated == .at("2026-11-12T16:41:09.300Z"))
        #expect(seen.booking.organizer?.email?.rawValue == "priya.raman@example.com")
        #expect(
            seen.booking.attendees.compactMap { $0.email?.rawValue } == [
                "dana.okafor@globex.example", "lee.marsh@globex.example",
            ]
        )
        #expect(seen.booking.bookerEmail?.rawValue == "dana.okafor@globex.example")
        #expect(seen.booking.attendees.first?.phone == "+12025550143")
        #expect(seen.booking.answers["company"] == .text("Globex Logistics"))
        #expect(seen.booking.answers["products"] == .list(["Routing", "Analytics"]))
        #expect(seen.booking.metadata["utm_source"] == "linkedin")
        #expect(seen.absences.values.filter { $0 }.count == 1)
    }

    @Test("tells a moved booking, a cancelled one and a seated one apart")
    func page() throws {
        let list = try #require(try data("api_v2_bookings_offset_page.json").array)
        let seen = list.compactMap(SeenBookingReader.read)
        #expect(seen.map(\.status) == [.accepted, .cancelled, .cancelled, .accepted])
        #expect(seen[1].successor == seen[0].booking.uid)
        #expect(seen[2].cancellation?.reason == "Stopping the programme.")
        #expect(seen[2].cancellation?.kind == .booking && seen[2].successor == nil)
        #expect(seen[3].booking.isSeated && seen[3].booking.attendees.allSatisfy { $0.seat != nil })
    }

    @Test("is a host's wish for another time where the words say so")
    func wish() throws {
        let text = #"""
            {"uid":"a","status":"cancelled","hosts":[{"email":"priya@example.com"}],
            "cancellationReason":"Please reschedule. I am ill.","cancelledByEmail":"%"}
            """#
        let host = try JSON(parsing: text.replacing("%", with: "priya@example.com"))
        let guest = try JSON(parsing: text.replacing("%", with: "dana@globex.example"))
        #expect(SeenBookingReader.read(host)?.cancellation?.kind == .rescheduleRequested)
        #expect(SeenBookingReader.read(guest)?.cancellation?.kind == .booking)
    }

    @Test(
        "is none without a key or in an unknown state, and survives nonsense",
        arguments: [
            (#"{}"#, false), (#"{"uid":"a"}"#, false), (#"{"uid":"a","status":"dreamt"}"#, false),
            (#"{"uid":"","status":"accepted"}"#, false), (#"[]"#, false), (#"7"#, false),
            (#"{"uid":"a","status":"ACCEPTED"}"#, true),
            (#"{"uid":"a","status":"accepted","attendees":7,"hosts":{},"start":"never"}"#, true),
            (#"{"uid":"a","status":"accepted","rescheduledToUid":"a"}"#, true),
        ]
    )
    func nonsense(text: String, isBooking: Bool) throws {
        let seen = SeenBookingReader.read(try JSON(parsing: text))
        #expect((seen != nil) == isBooking)
        #expect(seen?.successor == nil)
    }
}
