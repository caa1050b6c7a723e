import Domain

/// How the bookings of a world stand in Cal.com, whatever of that was delivered.
struct SimulatedOffice {
    /// A booking of the list.
    struct Row {
        var booking: SimulatedBooking
        var status: Status
        /// Whether it was given up so that the booker chooses another time.
        var isWish = false
        var created: Instant
        var updated: Instant?
        var predecessor: String?
        var successor: String?
        /// Who was marked as absent, and who was not.
        var marks: [String: Bool] = [:]
        /// Who has a seat; empty where one person books all of it.
        var sitters: [Sitter] = []

        /// Those who attend, as the list shows them.
        var people: [Sitter] {
            booking.isSeated
                ? sitters
                : ([booking.booker] + booking.guests).map { Sitter(person: $0, seat: nil) }
        }
    }

    /// Somebody who attends, and the seat.
    struct Sitter {
        var person: SimulatedPerson
        var seat: String?
    }

    /// How a booking stands, in the words of the list.
    enum Status: String {
        case accepted
        case pending
        case cancelled
        case rejected
    }

    /// The bookings, by uid.
    private(set) var rows: [String: Row] = [:]

    // MARK: What happens

    /// Takes over what happened.
    mutating func happen(_ fact: SimulatedFact) {
        let (booking, moment) = (fact.booking, fact.occurred)
        switch fact.kind {
        case .created where booking.isSeated: sit(booking, moment)
        case .seatCancelled: leave(booking.uid, booking.booker.email, moment)
        case .seatMoved(let old):
            leave(old, booking.booker.email, moment)
            sit(booking, moment)
        case .movedInPlace: change(booking.uid, moment) { $0.booking.start = booking.start }
        case .requested: put(booking, .pending, moment)
        case .requestedAnew(let old): put(booking, .pending, moment, replacing: old)
        case .created: put(booking, .accepted, moment)
        case .rescheduled(let old): put(booking, .accepted, moment, replacing: old)
        case .rejected: put(booking, .rejected, moment)
        case .cancelled: change(booking.uid, moment) { $0.status = .cancelled }
        case .rescheduleRequested:
            change(booking.uid, moment) { ($0.status, $0.isWish) = (.cancelled, true) }
        case .seriesCancelled:
            for (uid, row) in rows
            where row.status == .accepted && row.booking.series == booking.series
                && row.booking.start >= booking.start
            {
                change(uid, moment) { $0.status = .cancelled }
            }
        case .reassigned: change(booking.uid, moment) { $0.booking.host = booking.host }
        case .relocated: change(booking.uid, moment) { $0.booking.room = booking.room }
        case .noShow(let mark): rows[booking.uid]?.marks[booking.booker.email] = mark
        case .guestsAbsent:
            for email in booking.emails { rows[booking.uid]?.marks[email] = true }
        default: return
        }
    }

    private mutating func put(
        _ booking: SimulatedBooking,
        _ status: Status,
        _ moment: Instant,
        replacing old: String? = nil
    ) {
        let known = rows[booking.uid]
        rows[booking.uid] = Row(
            booking: booking,
            status: status,
            created: known?.created ?? moment,
            updated: known.map { _ in moment },
            predecessor: known?.predecessor ?? old
        )
        guard let old else { return }
        change(old, moment) { ($0.status, $0.successor) = (.cancelled, booking.uid) }
    }

    private mutating func sit(_ booking: SimulatedBooking, _ moment: Instant) {
        let sitter = Sitter(person: booking.booker, seat: booking.heldSeat)
        if rows[booking.uid] == nil { put(booking, .accepted, moment) }
        change(booking.uid, moment) { $0.sitters.append(sitter) }
    }

    private mutating func leave(_ uid: String, _ email: String, _ moment: Instant) {
        change(uid, moment) { row in
            row.sitters.removeAll { $0.person.email == email }
            if row.sitters.isEmpty { row.status = .cancelled }
        }
    }

    private mutating func change(_ uid: String, _ moment: Instant, _ body: (inout Row) -> Void) {
        guard var row = rows[uid] else { return }
        body(&row)
        row.updated = moment
        rows[uid] = row
    }
}
