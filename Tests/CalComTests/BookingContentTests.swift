import CalCom
import Domain
import Testing

@Suite("Booking of a delivery")
struct BookingContentTests {
    @Test("has everything that the fullest delivery says")
    func full() throws {
        let booking = try Sample.booking("booking_created.json")
        #expect(booking.number == 7_301_455)
        #expect(booking.eventType == EventTypeID(88231))
        #expect(booking.eventTypeSlug == "product-demo")
        #expect(booking.title == "Product demo between Priya Raman and Dana Okafor")
        #expect(booking.slot?.end == .at("2026-11-10T15:30:00Z"))
        #expect(booking.location == "integrations:daily")
        #expect(booking.videoCallURL == "https://meet.cal.example/Kf0aXb3QnT7uWz")
        #expect(booking.notes == "Please cover the EU data residency options.")
        #expect(booking.details == "A 30 minute walk through the product.")
        #expect(booking.calendarUID == "hT4xWq9vNc2LmZ7pRkD3sB@Cal.com")
        #expect(booking.sequence == 0)
        #expect(
            booking.assignmentReason == "Salesforce account owner: priya.raman@example.com"
        )
        #expect(booking.metadata["utm_source"] == "linkedin")
        #expect(booking.metadata["sfid"] == "003Hs00004ExAmPIAZ")
        #expect(booking.created == nil, "the time of the delivery is not that of the booking")
        #expect(!booking.isSeated)
    }

    @Test("knows hosts from attendees")
    func people() throws {
        let booking = try Sample.booking("booking_created.json")
        #expect(booking.organizer?.email?.rawValue == "priya.raman@example.com")
        #expect(booking.organizer?.userID == 4102)
        #expect(booking.organizer?.timeZone == "Europe/London")
        #expect(booking.team.map(\.name) == ["Tomas Lindqvist"])
        let dana = try #require(booking.attendees.first)
        #expect(dana.name == "Dana Okafor")
        #expect(dana.firstName == nil, "an empty name is none")
        #expect(dana.phone == "+12025550143")
        #expect(booking.attendees.last?.name == nil)
        #expect(booking.bookerEmail == dana.email)
    }

    @Test("keeps the answers with their types, and no unanswered question")
    func answers() throws {
        let answers = try Sample.booking("booking_created.json").answers
        #expect(answers["company"] == .text("Globex Logistics"))
        #expect(answers["products"] == .list(["Routing", "Analytics"]))
        #expect(answers["marketing-consent"] == .flag(true))
        #expect(answers["location"] == .parts(["value": "integrations:daily"]))
        #expect(answers["title"] == nil)
        #expect(answers["rescheduleReason"] == nil)
    }

    @Test("of a flat body has the time at which the booking was made, and the host")
    func flat() throws {
        let booking = try Sample.booking("meeting_started.json")
        #expect(booking.created == .at("2026-11-06T09:17:44.700Z"))
        #expect(booking.number == 7_302_018)
        #expect(booking.organizer?.email?.rawValue == "priya.raman@example.com")
        #expect(booking.organizer?.userID == 4102)
        #expect(booking.attendees.map(\.noShow) == [false, false])
        #expect(
            booking.videoCallURL == "https://app.cal.example/video/vJ8mQe5tYb1KsX6nLfC9dA"
        )
    }

    @Test("names the seat and who has it")
    func seats() throws {
        let booking = try Sample.booking("booking_created_seat_2.json")
        #expect(booking.seatsPerSlot == 10)
        #expect(booking.seat == "f41a6b3c-9d20-4e8f-a7b5-0c1d2e3f4a02")
        #expect(booking.attendees.map(\.seat) == [booking.seat])
    }

    @Test("of a cancelled seat is not about the person whose answers it repeats")
    func leaver() throws {
        let leaver = try JSON.parsed(#"[{"email": "ines.duarte@hooli.example", "name": "Ines"}]"#)
        let booking = try Delivery("booking_cancelled_seat.json").with("attendees", leaver)
            .booking()
        #expect(booking.attendees.map(\.email) == [EmailAddress("ines.duarte@hooli.example")])
        #expect(booking.bookerEmail == nil)
    }

    @Test("knows the pattern of a series")
    func recurrence() throws {
        let booking = try Sample.booking("booking_created_recurring_occurrence_1.json")
        #expect(booking.recurrence == Recurrence(frequency: 2, interval: 1, count: 4))
    }

    @Test("names its predecessor with the old times and who moved it")
    func predecessor() throws {
        let fact = try Sample.fact("booking_rescheduled.json").fact
        guard case .rescheduled(_, let predecessor) = fact else {
            Issue.record("not rescheduled")
            return
        }
        #expect(predecessor.slot?.start == .at("2026-11-10T15:00:00Z"))
        #expect(predecessor.movedBy == EmailAddress("dana.okafor@globex.example"))
    }

    @Test("moved in place when no predecessor is named")
    func movedInPlace() throws {
        let fact = try Delivery("booking_rescheduled.json").with("rescheduleUid", nil).fact().fact
        guard case .rescheduled(let booking, let predecessor) = fact else {
            Issue.record("not rescheduled")
            return
        }
        #expect(predecessor == Predecessor(uid: booking.uid), "the former time is not known")
        #expect(fact.predecessor == nil)
    }

    @Test("that becomes valid and names a predecessor took its place")
    func confirmedReschedule() throws {
        let fact = try Delivery("booking_created.json")
            .with("rescheduleUid", .string("cN6fTj3xHa8PqW5bLrZ2mE")).fact().fact
        #expect(fact.kindInWords == "rescheduled")
        #expect(fact.predecessor?.rawValue == "cN6fTj3xHa8PqW5bLrZ2mE")
    }

    @Test("keeps the payment, and no title for a slug")
    func payment() throws {
        guard case .paid(let booking, let payment) = try Sample.fact("booking_paid.json").fact
        else {
            Issue.record("not paid")
            return
        }
        #expect(
            payment
                == Payment(isComplete: true, amount: 15_000, currency: "USD", number: 40155)
        )
        #expect(booking.eventTypeSlug == nil)
        #expect(booking.metadata["bookingId"] == "7301700", "numbers become text")
    }

    @Test("keeps the former location")
    func relocation() throws {
        let fact = try Sample.fact("booking_location_updated.json").fact
        guard case .relocated(let booking, let former) = fact else {
            Issue.record("not relocated")
            return
        }
        #expect(booking.location == "https://zoom.example/j/91234567890")
        #expect(former == "integrations:daily")
    }
}
