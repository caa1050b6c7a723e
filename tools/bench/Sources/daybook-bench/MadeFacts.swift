import Crypto
import Domain
import Journal

/// Deliveries of a history in which everybody books five times: made, moved, held or cancelled.
struct MadeFacts {
    private let arrived: Instant
    /// How many people book.
    private let people: Int

    init(appointments: Int, arrived: Instant) {
        (self.arrived, people) = (arrived, max(1, appointments / MadeEvents.perPerson))
    }

    /// What tells of one appointment: three deliveries.
    func deliveries(of number: Int) throws -> [IncomingDelivery] {
        let booked = arrived.advanced(byMilliseconds: Int64(number) * 60_000)
        let first = try booking("first\(number)", number, start: booked)
        let second = try booking("second\(number)", number, start: booked)
        let facts: [BookingFact] = [
            .confirmed(first),
            .rescheduled(second, from: Predecessor(uid: first.uid, slot: first.slot)),
            number.isMultiple(of: 4)
                ? .cancelled(second, Cancellation(kind: .booking, reason: "no time"))
                : .meetingEnded(second, from: first.uid),
        ]
        return facts.enumerated().map { step, fact in
            let occurred = booked.advanced(byMilliseconds: Int64(step) * 3_600_000)
            let body = Array(#"{"number":\#(number),"step":\#(step)}"#.utf8)
            return IncomingDelivery(
                body: body,
                headers: [:],
                arrived: occurred,
                source: "file",
                digest: Array(SHA256.hash(data: body)),
                trigger: "MADE",
                verdict: .appended,
                note: "",
                facts: [
                    IncomingFact(
                        ReportedFact(fact: fact, occurred: occurred),
                        meaning: "\(number)/\(step)",
                        canRecur: false
                    )
                ]
            )
        }
    }

    private func booking(_ uid: String, _ number: Int, start: Instant) throws -> Booking {
        let person = number * 7_919 % people
        var booking = Booking(uid: try unwrap(BookingUID(uid)))
        booking.number = number
        booking.eventType = EventTypeID(1_021)
        booking.eventTypeSlug = "demo"
        booking.title = "Demo \(number)"
        let begin = start.advanced(byMilliseconds: 7 * 86_400_000)
        booking.slot = TimeSlot(start: begin, end: begin.advanced(byMilliseconds: 1_800_000))
        booking.organizer = try party("host\(number % 50)@team.example", "Host \(number % 50)")
        booking.attendees = [try party("person\(person)@company.example", "Person \(person)")]
        booking.bookerEmail = booking.attendees[0].email
        booking.location = "https://meet.example/\(number)"
        booking.answers = [
            "team-size": .text("\(number % 90)"), "company": .text("Company \(person % 700)"),
            "notes": .text("Wants to see how bookings become records, and what happens after."),
        ]
        booking.created = start
        return booking
    }

    private func party(_ email: String, _ name: String) throws -> Party {
        var party = Party(email: try unwrap(EmailAddress(email)))
        party.name = name
        party.timeZone = "Europe/Berlin"
        return party
    }
}

/// A value that was made up cannot be wrong; this says so instead of crashing.
struct MadeWrongly: Error {}

func unwrap<Value>(_ value: Value?) throws -> Value {
    guard let value else { throw MadeWrongly() }
    return value
}
