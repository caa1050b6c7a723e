import CalCom
import Domain
import Projection

/// Compares a booking as Cal.com shows it with what the ledger knows of it.
///
/// Pure. What differs is a gap only where Cal.com is certain to be newer, or to know more:
///
/// | ledger says          | Cal.com shows                 | gap                                  |
/// |----------------------|-------------------------------|--------------------------------------|
/// | nothing              | anything                      | booking                              |
/// | requested            | accepted                      | confirmation                         |
/// | cancelled by a series| accepted                      | confirmation                         |
/// | requested, booked    | cancelled, moved elsewhere    | link, if it is not known; no cancel  |
/// | requested, booked    | cancelled                     | cancellation                         |
/// | requested, booked    | rejected                      | rejection                            |
/// | booked               | accepted, other details       | host, guests, time, place            |
/// | left by all it knows | accepted                      | guests                               |
/// | anything             | another mark of an attendee   | attendance                           |
/// | cancelled, rejected  | anything else                 | none: it was told so                 |
///
/// Where a person was erased, only the booking's life and links are compared, so that nobody comes
/// back through the API; where a host was, also when and where it is, and not who attends.
struct GapDetector {
    let seen: SeenBooking
    let known: BookingStanding
    /// Whether the booking that took this one's place is known to have taken another one's.
    let isSuccessorTaken: Bool

    /// What the ledger lacks; nil if nothing.
    func finding() -> (booking: Booking, observation: Observation)? {
        let gaps = self.gaps
        guard !gaps.isEmpty else { return nil }
        let isNew = gaps.contains(.booking)
        // No booking with seats takes the place of another one, whatever a seat that moved says.
        let isLinked = (isNew || gaps.contains(.link)) && !isSeated
        var observation = Observation(
            status: seen.status,
            gaps: gaps,
            predecessor: isLinked ? seen.predecessor : nil,
            successor: isLinked ? seen.successor : nil
        )
        let isOver = gaps.contains(.cancellation) || gaps.contains(.rejection)
        if isOver || isNew, seen.successor == nil { observation.cancellation = cancellation }
        if !isNew { observation.leavers = leavers }
        if gaps.contains(.attendance) { observation.marks = marks }
        return (isNew ? seen.booking : told(gaps), observation)
    }

    /// How it was given up; what one of a team wrote is a host's wish, though the list has one host.
    private var cancellation: Cancellation? {
        guard var cancellation = seen.cancellation, seen.status == .cancelled,
            cancellation.isWorded, cancellation.cancelledBy.map(known.hosts.contains) ?? false
        else { return seen.cancellation }
        cancellation.kind = .rescheduleRequested
        return cancellation
    }

    /// When what was found happened, as far as can be told.
    ///
    /// Never before what is known: the difference arose after that. A booking whose place another
    /// one took was valid since it was made: told as of the change, it would count as newer than the
    /// other one.
    func occurred(_ gaps: [Observation.Gap], polled: Instant) -> Instant {
        let isBirth =
            gaps.contains(.booking) && seen.successor != nil
            || gaps == [.booking] && [.accepted, .pending].contains(seen.status)
        let told = isBirth ? seen.booking.created : seen.changed
        return max(min(told ?? polled, polled), known.latest ?? Instant(milliseconds: .min))
    }

    // MARK: Gaps

    private var gaps: [Observation.Gap] {
        guard known.status != .unknown else {
            return marks.isEmpty ? [.booking] : [.booking, .attendance]
        }
        let found =
            life + (isLinkMissing ? [.link] : []) + details
            + (marks.isEmpty ? [] : [.attendance])
        return Observation.Gap.allCases.filter(found.contains)
    }

    private var isOpen: Bool { known.status == .requested || known.status == .booked }

    private var life: [Observation.Gap] {
        switch seen.status {
        case .accepted:
            known.status == .requested || known.isCancelledBySeries ? [.confirmation] : []
        case .pending: []
        case .rejected: isOpen ? [.rejection] : []
        case .cancelled: isOpen && !isMovedElsewhere ? [.cancellation] : []
        }
    }

    /// Whether people are not compared, because one of them was erased.
    ///
    /// Where all whom the ledger knew are gone, nobody of them is compared, and others go on.
    private var leavesPeopleOut: Bool { known.isErased && !known.isLeftByAll }

    private var isMovedElsewhere: Bool { seen.successor != nil || !known.successors.isEmpty }

    private var isLinkMissing: Bool {
        guard !isSeated else { return false }
        if let successor = seen.successor, !known.successors.contains(successor), !isSuccessorTaken
        {
            return true
        }
        guard let predecessor = seen.predecessor, known.predecessor == nil else { return false }
        return !known.successors.contains(predecessor)
    }

    private var isSeated: Bool { seen.booking.isSeated || known.booking?.isSeated == true }

    private var details: [Observation.Gap] {
        guard seen.status == .accepted, known.status == .booked || known.isLeftByAll,
            !leavesPeopleOut
        else { return [] }
        var gaps: [Observation.Gap] = []
        if isHostAnother { gaps.append(.host) }
        // A host who was erased may be among those whom the list calls attendees.
        let areGuestsAnother =
            isSeated ? !newcomers.isEmpty || !leavers.isEmpty : isRosterAnother
        if areGuestsAnother, !known.isHostErased { gaps.append(.guests) }
        if let slot = seen.booking.slot, let former = known.booking?.slot, slot != former {
            gaps.append(.time)
        }
        if isPlaceAnother { gaps.append(.place) }
        return gaps
    }

    private var isHostAnother: Bool {
        guard let host = known.booking?.organizer, host.email != nil, !hosts.isEmpty else {
            return false
        }
        return !hosts.contains { Self.isSameHost($0, host) }
    }

    /// Whether both are one account of Cal.com's, whichever of its addresses is shown.
    private static func isSameHost(_ left: Party, _ right: Party) -> Bool {
        if let user = left.userID, let other = right.userID { return user == other }
        return left.email == right.email
    }

    private var hosts: [Party] { [seen.booking.organizer].compactMap { $0 } + seen.booking.team }

    /// Those whom Cal.com lists as attendees, without whoever ever hosted: the list has one host, and
    /// the others of a team among the attendees.
    private var attendees: [Party] {
        seen.booking.attendees.filter { party in
            party.email.map { !known.hosts.contains($0) } ?? true
        }
    }

    private var isRosterAnother: Bool {
        guard !seen.booking.attendees.isEmpty else { return false }
        let former = Set(known.attendees.compactMap(\.email))
            .subtracting(hosts.compactMap(\.email))
        return Set(attendees.compactMap(\.email)) != former
    }

    /// A place is another one only where both are told in the same manner: Cal.com's own
    /// `integrations:…` shows up as the address of a call.
    ///
    /// Where it is no such address either, the booking has to have changed in Cal.com since.
    private var isPlaceAnother: Bool {
        guard let place = seen.booking.location, let former = known.booking?.location,
            place != former, place != known.booking?.videoCallURL, !Self.isOwnCall(place)
        else { return false }
        guard Self.isOwnCall(former) else { return true }
        return !place.lowercased().hasPrefix("http") && hasChanged
    }

    private static func isOwnCall(_ place: String) -> Bool { place.hasPrefix("integrations:") }

    /// Whether the booking changed in Cal.com after what the ledger was shown of it.
    private var hasChanged: Bool {
        guard let updated = seen.updated, let shown = known.shown else { return false }
        return updated > shown
    }

    // MARK: Seats

    private var newcomers: [Party] {
        guard isSeated else { return [] }
        return attendees.filter { party in
            !known.attendees.contains { Self.isSame($0, party) }
        }
    }

    /// Nobody left where nobody is shown: who has a seat may be hidden.
    private var leavers: [Party] {
        guard isSeated, !seen.booking.attendees.isEmpty, seen.status == .accepted,
            known.status == .booked, !known.isErased
        else { return [] }
        return known.attendees.filter { party in
            !seen.booking.attendees.contains { Self.isSame($0, party) }
        }
    }

    private static func isSame(_ left: Party, _ right: Party) -> Bool {
        if let seat = left.seat, let other = right.seat { return seat == other }
        return left.email != nil && left.email == right.email
    }

    // MARK: Attendance

    /// Marks that differ.
    ///
    /// That somebody is not marked takes back only what a person marked: Cal.com
    /// does not say whether its own notice counts as a mark.
    private var marks: [AttendanceReport.Mark] {
        guard !known.isErased, !known.isHostErased else { return [] }
        return attendees.compactMap { party in
            guard let email = party.email, let isAbsent = seen.absences[email] else { return nil }
            // The list may show another address than the one that the person took the seat with.
            let attendee = known.attendees.first { Self.isSame($0, party) }
            let person = attendee?.person ?? known.marked[email]
            let mark = person.flatMap { known.marks[$0] }
            let isNews =
                isAbsent
                ? mark?.isNoShow != true : mark?.isNoShow == true && mark?.source == .manual
            guard isNews else { return nil }
            var marked = Party(email: attendee?.email ?? email)
            marked.name = party.name
            return AttendanceReport.Mark(party: marked, isHost: false, isNoShow: isAbsent)
        }
    }

    // MARK: What is told

    /// As much of the booking as the gaps need; what is known already is not told again.
    private func told(_ gaps: [Observation.Gap]) -> Booking {
        if gaps.contains(.confirmation) { return confirmed }
        var booking = Booking(uid: seen.booking.uid)
        (booking.number, booking.eventType) = (seen.booking.number, seen.booking.eventType)
        booking.slot = seen.booking.slot
        booking.seatsPerSlot = known.booking?.seatsPerSlot ?? seen.booking.seatsPerSlot
        guard !leavesPeopleOut else { return booking }
        let former = known.booking?.organizer
        let same = former.flatMap { former in hosts.first { Self.isSameHost($0, former) } }
        let host = same ?? hosts.first
        booking.organizer = host ?? former
        if same != nil { booking.organizer?.email = former?.email }
        booking.team = hosts.filter { $0.email != host?.email } + teamAmongAttendees
        booking.attendees = isSeated ? newcomers : attendees
        if known.isHostErased {
            booking.attendees.removeAll { party in
                !known.attendees.contains { Self.isSame($0, party) }
            }
        }
        booking.bookerEmail = isSeated ? nil : known.booking?.bookerEmail
        // The name of a host is part of most titles.
        if gaps.contains(.host) { booking.title = seen.booking.title }
        if gaps.contains(.place) { booking.location = seen.booking.location }
        return booking
    }

    private var teamAmongAttendees: [Party] {
        (known.booking?.team ?? []).filter { party in
            !hosts.contains { $0.email == party.email }
                && seen.booking.attendees.contains { $0.email == party.email }
        }
    }

    private var confirmed: Booking {
        guard known.isErased else { return seen.booking }
        var booking = Booking(uid: seen.booking.uid)
        (booking.eventType, booking.slot) = (seen.booking.eventType, seen.booking.slot)
        return booking
    }
}
