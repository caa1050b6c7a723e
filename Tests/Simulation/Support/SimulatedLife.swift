import Domain
import TestSupport

/// The appointments of a world, from a seed: what happens to each, and when.
struct SimulatedLife {
    private(set) var facts: [SimulatedFact] = []
    private var generator: SeededGenerator

    init(using generator: SeededGenerator, from start: Instant) {
        self.generator = generator
        for number in 0..<self.generator.number(2...6) {
            let begin = Int64(self.generator.number(0...90)) * 60_000
            live(number, start.advanced(byMilliseconds: begin))
        }
        facts.sort { ($0.occurred, $0.number) < ($1.occurred, $1.number) }
    }

    private mutating func live(_ number: Int, _ begin: Instant) {
        var moment = begin
        var booking = SimulatedBooking(
            uid: "uid\(number)x0",
            title: "Meeting \(number)",
            start: begin.advanced(byMilliseconds: Int64(number + 2) * 86_400_000).wholeSeconds,
            host: generator.any(SimulatedPerson.hosts),
            booker: person(),
            guests: [],
            size: "size \(number)",
            room: nil
        )
        if generator.oneIn(3) {
            booking.guests = [person()].filter { $0.email != booking.booker.email }
        }
        if generator.oneIn(4) { tell(.requested, booking, &moment) }
        if generator.oneIn(8) {
            tell(.rejected, booking, &moment)
            return
        }
        tell(.created, booking, &moment)
        for step in 1...generator.number(1...5) { advance(number, step, &booking, &moment) }
        if generator.oneIn(3) { tell(.cancelled, booking, &moment) }
    }

    private mutating func advance(
        _ number: Int,
        _ step: Int,
        _ booking: inout SimulatedBooking,
        _ moment: inout Instant
    ) {
        switch generator.number(0...7) {
        case 0, 1, 2:
            let old = booking.uid
            booking.uid = "uid\(number)x\(step)"
            booking.start = booking.start.advanced(byMilliseconds: Int64(step) * 7_200_000)
            if generator.oneIn(3) { booking.title += " again" }
            if generator.oneIn(3) { booking.size = "size \(number) \(step)" }
            if generator.oneIn(4) { tell(.rescheduleRequested, booking.named(old), &moment) }
            tell(.rescheduled(from: old), booking, &moment)
        case 3:
            booking.host = generator.any(SimulatedPerson.hosts)
            tell(.reassigned, booking, &moment)
        case 4:
            booking.room = "Room \(step)"
            tell(.relocated, booking, &moment)
        case 5, 6: tell(.noShow(generator.oneIn(2)), booking, &moment)
        default: booking.booker.spelled = spelling(of: booking.booker.email)
        }
    }

    private mutating func tell(
        _ kind: SimulatedFact.Kind,
        _ booking: SimulatedBooking,
        _ moment: inout Instant
    ) {
        let fact = SimulatedFact(
            number: facts.count,
            kind: kind,
            booking: booking,
            occurred: moment
        )
        facts.append(fact)
        moment = moment.advanced(byMilliseconds: Int64(generator.number(3...25)) * 60_000)
    }

    private mutating func person() -> SimulatedPerson {
        var person = generator.any(SimulatedPerson.attendees)
        person.spelled = spelling(of: person.email)
        return person
    }

    /// The same address, as people write it.
    private mutating func spelling(of email: String) -> String {
        switch generator.number(0...3) {
        case 0: email.uppercased()
        case 1: email.prefix(1).uppercased() + email.dropFirst()
        default: email
        }
    }
}

extension SimulatedBooking {
    fileprivate func named(_ uid: String) -> Self {
        var copy = self
        copy.uid = uid
        return copy
    }
}
