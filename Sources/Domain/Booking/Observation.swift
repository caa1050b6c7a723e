/// What reading a booking in Cal.com told that no delivery had told.
///
/// Cal.com shows how things stand, not what happened; the gaps say which part of that is news.
public struct Observation: Hashable, Sendable {
    /// How a booking stands in Cal.com.
    public enum Status: String, Hashable, Sendable, CaseIterable {
        /// It is to take place, or took place.
        case accepted
        /// A host has to confirm it.
        case pending
        /// It was given up, or another booking took its place.
        case cancelled
        /// The host declined it.
        case rejected
    }

    /// A part of the story that was missing.
    public enum Gap: String, Hashable, Sendable, CaseIterable {
        /// The booking itself.
        case booking
        /// Which booking took its place, or whose place it took.
        case link
        /// That it became valid.
        case confirmation
        /// That it was cancelled.
        case cancellation
        /// That the host declined it.
        case rejection
        /// Who hosts it.
        case host
        /// Who attends.
        case guests
        /// When it takes place.
        case time
        /// Where it takes place.
        case place
        /// Who did not show up, or did after all.
        case attendance
    }

    /// How the booking stands.
    public var status: Status
    /// What was missing; never empty, each once, in the order of the cases.
    public var gaps: [Gap]
    /// The booking whose place it took.
    public var predecessor: BookingUID?
    /// The booking that took its place; then it was not cancelled, whatever ``status`` says.
    public var successor: BookingUID?
    /// How it was cancelled, if that was missing.
    public var cancellation: Cancellation?
    /// Those who gave up their seats.
    public var leavers: [Party]
    /// Those who did not show up, or did after all.
    public var marks: [AttendanceReport.Mark]

    /// Creates an observation.
    public init(
        status: Status,
        gaps: [Gap],
        predecessor: BookingUID? = nil,
        successor: BookingUID? = nil,
        cancellation: Cancellation? = nil,
        leavers: [Party] = [],
        marks: [AttendanceReport.Mark] = []
    ) {
        (self.status, self.gaps, self.predecessor) = (status, gaps, predecessor)
        (self.successor, self.cancellation) = (successor, cancellation)
        (self.leavers, self.marks) = (leavers, marks)
    }

    /// The facts that deliveries would have told, in the order in which folds take them.
    ///
    /// | gap                     | as if delivered                                             |
    /// |-------------------------|-------------------------------------------------------------|
    /// | booking, accepted       | confirmed; rescheduled where it took another one's place    |
    /// | booking, pending        | requested                                                   |
    /// | booking, cancelled      | cancelled; confirmed where another booking took its place   |
    /// | booking, rejected       | rejected                                                    |
    /// | link                    | nothing: it says which bookings are one appointment         |
    /// | confirmation            | confirmed                                                   |
    /// | cancellation, rejection | cancelled, rejected                                         |
    /// | time                    | rescheduled in place                                        |
    /// | host                    | reassigned                                                  |
    /// | guests, place           | relocated; a seat taken is confirmed, one left cancelled     |
    /// | attendance              | attendance                                                  |
    ///
    /// - Parameter booking: What the observation says of the booking.
    /// - Returns: The facts; empty where only a link was missing.
    public func meanings(of booking: Booking) -> [BookingFact] {
        life(of: booking) + attendance(of: booking)
    }

    private func life(of booking: Booking) -> [BookingFact] {
        if gaps.contains(.booking) {
            let isTaken = status == .accepted && booking.isSeated
            return isTaken ? seats(of: booking) : [whole(booking)]
        }
        if gaps.contains(.cancellation), let cancellation {
            return [.cancelled(booking, cancellation)]
        }
        if gaps.contains(.rejection) { return [.rejected(booking, reason: cancellation?.reason)] }
        if gaps.contains(.confirmation) { return [.confirmed(booking)] }
        let moves = moves(of: booking)
        if gaps.contains(.guests), booking.isSeated { return moves + seats(of: booking) }
        return moves
    }

    /// At most one fact, because each carries the whole booking.
    private func moves(of booking: Booking) -> [BookingFact] {
        if gaps.contains(.time) {
            return [.rescheduled(booking, from: Predecessor(uid: booking.uid))]
        }
        if gaps.contains(.host) { return [.reassigned(booking)] }
        let isForAll = gaps.contains(.guests) && !booking.isSeated
        return isForAll || gaps.contains(.place) ? [.relocated(booking, previously: nil)] : []
    }

    private func whole(_ booking: Booking) -> BookingFact {
        switch status {
        case .pending:
            .requested(booking, replacing: predecessor.map { Predecessor(uid: $0) })
        case .rejected: .rejected(booking, reason: cancellation?.reason)
        case .cancelled where successor == nil:
            .cancelled(booking, cancellation ?? Cancellation(kind: .booking))
        case .accepted, .cancelled:
            predecessor.map { .rescheduled(booking, from: Predecessor(uid: $0)) }
                ?? .confirmed(booking)
        }
    }

    private func seats(of booking: Booking) -> [BookingFact] {
        var facts: [BookingFact] = booking.attendees.map { party in
            var seat = booking
            (seat.attendees, seat.bookerEmail, seat.seat) = ([party], party.email, party.seat)
            return .confirmed(seat)
        }
        // One fact each, because each is a cancellation of that person's.
        facts += leavers.map { leaver in
            var left = booking
            (left.attendees, left.bookerEmail, left.seat) = ([leaver], leaver.email, leaver.seat)
            return .cancelled(left, Cancellation(kind: .seat))
        }
        return facts
    }

    private func attendance(of booking: Booking) -> [BookingFact] {
        guard !marks.isEmpty else { return [] }
        return [
            .attendance(
                AttendanceReport(
                    booking: booking.uid,
                    eventType: booking.eventType,
                    source: .manual,
                    marks: marks
                )
            )
        ]
    }
}

extension RecordedFact {
    /// The fact as folds take it: an observation as what deliveries would have told.
    public var meanings: [RecordedFact] {
        guard case .observed(let booking, let observation) = fact else { return [self] }
        return observation.meanings(of: booking).map { meaning in
            var meant = self
            (meant.fact, meant.isObserved) = (meaning, true)
            return meant
        }
    }
}
