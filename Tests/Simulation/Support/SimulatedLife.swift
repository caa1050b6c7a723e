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
            let moment = start.advanced(byMilliseconds: begin)
            switch self.generator.number(0...9) {
            case 0, 1: share(number, moment)
            case 2: recur(number, moment)
            default: live(number, moment)
            }
        }
        for number in 0..<self.generator.number(0...2) { answerForms(number, from: start) }
        facts.sort { ($0.occurred, $0.number) < ($1.occurred, $1.number) }
    }

    // MARK: Meetings that one person books

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
        if generator.oneIn(4) {
            let hours = Int64(generator.number(1...3))
            booking.start = begin.advanced(byMilliseconds: hours * 3_600_000).wholeSeconds
        }
        booking.routing = generator.any(SimulatedBooking.Routing.allCases)
        booking.eventType = generator.any(SimulatedBooking.eventTypes)
        if generator.oneIn(3) {
            booking.guests = [person()].filter { $0.email != booking.booker.email }
        }
        if generator.oneIn(4) { tell(.requested, booking, &moment) }
        if generator.oneIn(8) {
            tell(.rejected, booking, &moment)
            return
        }
        let isPaid = generator.oneIn(5)
        if isPaid { tell(.paymentStarted, booking, &moment) }
        booking.made = moment
        tell(.created, booking, &moment)
        for step in 1...generator.number(1...5) { advance(number, step, &booking, &moment) }
        if isPaid { tell(.paid, booking, &moment) }
        let isCancelled = generator.oneIn(3)
        if isCancelled { tell(.cancelled, booking, &moment) }
        // Cal.com does not always notice that a meeting was cancelled.
        if !isCancelled || generator.oneIn(4) { takePlace(booking, since: begin) }
    }

    /// The time of the meeting comes, if that is today.
    private mutating func takePlace(_ booking: SimulatedBooking, since begin: Instant) {
        guard booking.start < begin.advanced(byMilliseconds: 12 * 3_600_000) else { return }
        var (start, end) = (booking.start, booking.end)
        var seen = start.advanced(byMilliseconds: 302_000)
        tell(.started, booking, &start)
        if generator.oneIn(3) { tell(.guestsAbsent, booking, &seen) }
        if generator.oneIn(4) { tell(.hostAbsent, booking, &seen) }
        tell(.ended, booking, &end)
    }

    // MARK: Routing forms

    /// Somebody answers a form, perhaps once more with the same answers, or goes away.
    private mutating func answerForms(_ number: Int, from start: Instant) {
        var moment = start.advanced(byMilliseconds: Int64(generator.number(0...180)) * 60_000)
        let answers = SimulatedBooking(
            uid: "",
            title: "",
            start: moment,
            host: SimulatedPerson.hosts[0],
            booker: person(),
            guests: [],
            size: "form size \(number)",
            room: nil
        )
        for _ in 1...generator.number(1...3) {
            tell(generator.oneIn(3) ? .formAbandoned : .formAnswered, answers, &moment)
        }
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
            booking.previous = old
            booking.uid = "uid\(number)x\(step)"
            booking.start = booking.start.advanced(byMilliseconds: Int64(step) * 7_200_000)
            if generator.oneIn(3) { booking.title += " again" }
            if generator.oneIn(3) { booking.size = "size \(number) \(step)" }
            if generator.oneIn(4) { tell(.rescheduleRequested, booking.named(old), &moment) }
            booking.made = moment
            if generator.oneIn(5) {
                tell(.requestedAnew(from: old), booking, &moment)
                tell(.created, booking, &moment)
            } else {
                tell(.rescheduled(from: old), booking, &moment)
            }
        case 3:
            booking.host = generator.any(SimulatedPerson.hosts)
            tell(.reassigned, booking, &moment)
        case 4:
            booking.room = "Room  \(step)"
            tell(.relocated, booking, &moment)
        case 5, 6: tell(.noShow(generator.oneIn(2)), booking, &moment)
        default: booking.booker.spelled = spelling(of: booking.booker.email)
        }
    }

    // MARK: Series

    /// A booking that repeats every week, once or twice, of which the rest is given up.
    private mutating func recur(_ number: Int, _ begin: Instant) {
        var moment = begin
        let first = begin.advanced(byMilliseconds: Int64(number + 2) * 86_400_000).wholeSeconds
        let person = person()
        let count = generator.number(2...4)
        let eventType = generator.any(SimulatedBooking.eventTypes)
        for time in 0..<(generator.oneIn(3) ? 2 : 1) {
            var bookings = (0..<count).map { place in
                SimulatedBooking(
                    uid: "uid\(number)r\(time)o\(place)",
                    title: "Coaching \(number) \(time) \(place)",
                    start: first.advanced(byMilliseconds: Int64(place) * 7 * 86_400_000),
                    host: SimulatedPerson.hosts[number % 3],
                    booker: person,
                    guests: [],
                    size: "size \(number) \(time)",
                    room: nil,
                    occurrences: count,
                    series: "uid\(number)r\(time)",
                    eventType: eventType
                )
            }
            // Cal.com makes all of them at once.
            for booking in bookings { tell(.created, booking, &moment, pause: 2_000...9_000) }
            moment = moment.advanced(byMilliseconds: Int64(generator.number(3...25)) * 60_000)
            for step in 1...generator.number(1...4) {
                let place = generator.number(0...count - 1)
                advanceOccurrence(step, &bookings[place], &moment)
            }
            guard !generator.oneIn(3) else { continue }
            let named = bookings.remove(at: generator.number(0...count - 1))
            tell(.seriesCancelled, named, &moment)
            for booking in bookings where booking.start < named.start && generator.oneIn(2) {
                tell(.cancelled, booking, &moment)
            }
        }
    }

    private mutating func advanceOccurrence(
        _ step: Int,
        _ booking: inout SimulatedBooking,
        _ moment: inout Instant
    ) {
        switch generator.number(0...2) {
        case 0:
            let old = booking.uid
            booking.uid += "m\(step)"
            // To another day of the same week, or past the next occurrence.
            let days = generator.any([1, 2, 8, -2])
            booking.start = booking.start.advanced(byMilliseconds: Int64(days) * 86_400_000)
            tell(.rescheduled(from: old), booking, &moment)
        case 1:
            booking.room = "Room  \(step)"
            tell(.relocated, booking, &moment)
        default: tell(.noShow(generator.oneIn(2)), booking, &moment)
        }
    }

    // MARK: Meetings in which people book seats

    /// Two meetings in which people take seats, give them up, and move from one to the other.
    private mutating func share(_ number: Int, _ begin: Instant) {
        var moment = begin
        let eventType = generator.any(SimulatedBooking.eventTypes)
        var meetings = [0, 1].map { place in
            SharedMeeting(
                booking: SimulatedBooking(
                    uid: "uid\(number)s\(place)",
                    title: "Workshop \(number) \(place)",
                    start: begin.advanced(byMilliseconds: Int64(number + 2) * 86_400_000)
                        .wholeSeconds,
                    host: generator.any(SimulatedPerson.hosts),
                    booker: person(),
                    guests: [],
                    size: "",
                    room: nil,
                    seats: 5,
                    eventType: eventType
                )
            )
        }
        for step in 1...generator.number(4...12) {
            let place = generator.oneIn(3) ? 1 : 0
            sit(number, step, &meetings, place, &moment)
        }
    }

    private mutating func sit(
        _ number: Int,
        _ step: Int,
        _ meetings: inout [SharedMeeting],
        _ place: Int,
        _ moment: inout Instant
    ) {
        guard !meetings[place].sitters.isEmpty, !generator.oneIn(3) else {
            take(number, step, &meetings, place, &moment)
            return
        }
        let sitter = generator.any(Array(meetings[place].sitters.indices))
        switch generator.number(0...8) {
        case 0, 1:
            let leaver = meetings[place].sitters.remove(at: sitter)
            tell(.seatCancelled, meetings[place].seen(by: leaver, generator.oneIn(3)), &moment)
            if meetings[place].sitters.isEmpty { meetings[place].renew(step) }
        case 2, 3, 4:
            var mover = meetings[place].sitters.remove(at: sitter)
            let old = meetings[place].booking.uid
            if generator.oneIn(2) { mover.seat = "seat\(number)n\(step)" }
            meetings[1 - place].sitters.append(mover)
            tell(.seatMoved(from: old), meetings[1 - place].seen(by: mover, true), &moment)
            if meetings[place].sitters.isEmpty { meetings[place].renew(step) }
        case 5:
            meetings[place].swapTime()
            let shown = meetings[place].sitters[sitter]
            tell(.movedInPlace, meetings[place].seen(by: shown, false), &moment)
        case 6:
            meetings[place].booking.room = "Room  \(step)"
            let shown = meetings[place].sitters[sitter]
            tell(.relocated, meetings[place].seen(by: shown, false), &moment)
        case 7:
            meetings[place].booking.host = generator.any(SimulatedPerson.hosts)
            let shown = meetings[place].sitters[sitter]
            tell(.reassigned, meetings[place].seen(by: shown, false), &moment)
        default:
            let shown = meetings[place].sitters[sitter]
            let mark = SimulatedFact.Kind.noShow(!generator.oneIn(3))
            tell(mark, meetings[place].seen(by: shown, false), &moment)
        }
    }

    private mutating func take(
        _ number: Int,
        _ step: Int,
        _ meetings: inout [SharedMeeting],
        _ place: Int,
        _ moment: inout Instant
    ) {
        let person = person()
        let all = meetings.flatMap(\.sitters)
        guard !all.contains(where: { $0.person.email == person.email }) else { return }
        let sitter = SharedMeeting.Sitter(
            person: person,
            seat: "seat\(number)n\(step)",
            size: "size \(number) \(step)"
        )
        meetings[place].sitters.append(sitter)
        tell(.created, meetings[place].seen(by: sitter, true), &moment)
    }

    private mutating func tell(
        _ kind: SimulatedFact.Kind,
        _ booking: SimulatedBooking,
        _ moment: inout Instant,
        pause: ClosedRange<Int> = 180_000...1_500_000
    ) {
        let fact = SimulatedFact(
            number: facts.count,
            kind: kind,
            booking: booking,
            occurred: moment
        )
        facts.append(fact)
        moment = moment.advanced(byMilliseconds: Int64(generator.number(pause)))
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

/// A meeting in which each attendee has a seat.
private struct SharedMeeting {
    struct Sitter {
        var person: SimulatedPerson
        var seat: String
        var size: String
    }

    var booking: SimulatedBooking
    var sitters: [Sitter] = []
    private var isLate = false

    init(booking: SimulatedBooking) { self.booking = booking }

    /// The booking as the delivery about one of those who sit shows it.
    func seen(by sitter: Sitter, _ isSeatNamed: Bool) -> SimulatedBooking {
        var seen = booking
        (seen.booker, seen.size) = (sitter.person, sitter.size)
        (seen.seat, seen.heldSeat) = (isSeatNamed ? sitter.seat : nil, sitter.seat)
        // The title names whose delivery it is.
        seen.title += " with seat \(sitter.seat)"
        return seen
    }

    /// The host moves it to the other time of two.
    mutating func swapTime() {
        isLate.toggle()
        booking.start = booking.start.advanced(byMilliseconds: isLate ? 7_200_000 : -7_200_000)
    }

    /// Where nobody sits any more the booking is over: whoever comes next makes another one.
    mutating func renew(_ step: Int) { booking.uid += "n\(step)" }
}

extension SimulatedBooking {
    fileprivate func named(_ uid: String) -> Self {
        var copy = self
        copy.uid = uid
        return copy
    }
}
