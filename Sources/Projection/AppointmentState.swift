import Domain

/// What is known of an appointment after some of its facts.
///
/// Facts of one booking are taken as they happened; those of a successor after all of its
/// predecessor's, because a reschedule ends what was said of the old booking, however late that
/// arrives.
struct AppointmentState {
    /// Where an appointment can be in its life.
    enum Status: Equatable {
        case unknown
        case awaitingConfirmation
        case booked
        case awaitingNewTime
        case cancelled
        case rejected
    }

    /// A value with the fact that made it what it is.
    struct Tracked<Value: Equatable> {
        var value: Value
        var cause: RecordedFact
    }

    var status = Status.unknown
    /// The fact that decided the status.
    var statusCause: RecordedFact?
    /// Whether it ever was valid, or looked so while less was known.
    ///
    /// Only then may there be something to show. What is told late of an earlier time never takes
    /// that back, because a record that was made would be nobody's.
    var wasBooked = false
    var eventType: EventTypeID?
    /// The latest full picture, merged from what the facts said.
    var booking: Booking? { didSet { picture += 1 } }
    /// The attendees in order, bookers before their guests.
    var roster: [RosterEntry] = [] { didSet { noteAttendees() } }
    /// Counts the changes of what is shown of the booking.
    private(set) var picture = 0
    /// The no-show marks by person.
    var marks: [PersonID: Bool] = [:]
    var marksCause: RecordedFact?
    /// Everyone who was ever named as host, so that a host never counts as attendee.
    var hosts: Set<EmailAddress> = [] { didSet { noteAttendees() } }
    /// Whether one of them was erased since.
    private(set) var hasErasedHost = false
    /// The attendees without those who are hosts of the same meeting; follows from both.
    private(set) var attendees: [RosterEntry] = []

    /// One attendee.
    struct RosterEntry: Equatable {
        var party: Party
        var isBooker: Bool
    }

    /// Takes one more fact.
    ///
    /// - Parameters:
    ///   - recorded: The fact.
    ///   - uids: The bookings of the appointment, to tell which side of a seat move this is.
    mutating func take(_ recorded: RecordedFact, uids: Set<BookingUID>) {
        if let type = recorded.fact.eventType { eventType = type }
        if let own = recorded.fact.booking, uids.contains(own.uid) { noteHosts(of: own) }
        switch recorded.fact {
        case .requested(let booking, _):
            merge(booking, replacingRoster: true)
            if status != .booked || recorded.fact.predecessor != nil {
                set(.awaitingConfirmation, recorded)
            }
        case .confirmed(let booking):
            merge(booking, replacingRoster: !booking.isSeated)
            if booking.isSeated { join(booking) }
            set(.booked, recorded)
        case .rescheduled(let booking, let predecessor):
            if recorded.fact.isSeatMove {
                moveSeat(booking, from: predecessor.uid, uids: uids, recorded)
            } else {
                merge(booking, replacingRoster: !booking.isSeated)
                if booking.isSeated { join(booking) }
                set(.booked, recorded)
            }
        case .reassigned(let booking), .relocated(let booking, _):
            // Said of a booking of which nothing else arrived: it is to take place.
            let isNew = self.booking?.uid != booking.uid || status == .unknown
            merge(booking, replacingRoster: !booking.isSeated)
            if isNew { set(.booked, recorded) }
            wasBooked = true
        case .cancelled(let booking, let cancellation):
            cancel(booking, cancellation, uids: uids, recorded)
        case .rejected(let booking, _):
            mergeIfUnknown(booking, uids)
            set(.rejected, recorded)
        case .attendance(let report):
            mark(report, recorded)
        case .meetingStarted(let booking, _), .meetingEnded(let booking, _):
            // Said of a booking of which nothing else arrived: it did take place.
            if self.booking?.uid != booking.uid || status == .unknown {
                merge(booking, replacingRoster: true)
                set(.booked, recorded)
            }
            wasBooked = true
        case .paid(let booking, _):
            // What takes its place may still wait for the host.
            if self.booking == nil { merge(booking, replacingRoster: true) }
        case .observed(let booking, let observation):
            // Folds get the meanings instead; this is for whoever asks with a bare fact.
            for fact in observation.meanings(of: booking) {
                var meant = recorded
                meant.fact = fact
                take(meant, uids: uids)
            }
        case .formSubmitted, .formAbandoned:
            break
        }
    }

    private mutating func noteHosts(of booking: Booking) {
        for host in [booking.organizer].compactMap({ $0 }) + booking.team {
            if host.isErased { hasErasedHost = true }
            noteHost(host)
        }
    }

    private mutating func noteHost(_ party: Party) {
        guard let email = party.email, !hosts.contains(email) else { return }
        hosts.insert(email)
    }

    private mutating func set(_ new: Status, _ cause: RecordedFact) {
        (status, statusCause) = (new, cause)
        if new == .booked { wasBooked = true }
    }

    /// Takes over what a delivery says; what it leaves out stays as it was.
    private mutating func merge(_ new: Booking, replacingRoster: Bool) {
        var merged = new
        if let old = booking {
            merged.title = new.title ?? old.title
            merged.slot = new.slot ?? old.slot
            merged.organizer = new.organizer ?? old.organizer
            merged.eventType = new.eventType ?? old.eventType
            merged.eventTypeSlug = new.eventTypeSlug ?? old.eventTypeSlug
            merged.location = new.location ?? old.location
            merged.notes = new.notes ?? old.notes
            merged.details = new.details ?? old.details
            merged.answers = new.answers.isEmpty ? old.answers : new.answers
            merged.metadata = new.metadata.isEmpty ? old.metadata : new.metadata
            merged.assignmentReason = new.assignmentReason ?? old.assignmentReason
            merged.bookerEmail = new.bookerEmail ?? old.bookerEmail
            merged.seatsPerSlot = new.seatsPerSlot ?? old.seatsPerSlot
            if new.isSeated {
                // The next seat's delivery names its own booker; the meeting keeps its first title.
                merged.title = old.title ?? new.title
                merged.notes = old.notes ?? new.notes
                merged.answers = old.answers.isEmpty ? new.answers : old.answers
            }
            if new.location == nil { merged.videoCallURL = new.videoCallURL ?? old.videoCallURL }
        }
        booking = merged
        if replacingRoster, !new.attendees.isEmpty { roster = entries(of: new) }
    }

    /// Takes over a booking of which nothing else arrived: the first, or one that took its place.
    private mutating func mergeIfUnknown(_ new: Booking, _ uids: Set<BookingUID>) {
        let isNew = booking.map { $0.uid != new.uid && uids.contains(new.uid) } ?? true
        if isNew { merge(new, replacingRoster: true) }
    }

    private func entries(of booking: Booking) -> [RosterEntry] {
        let booker = booking.bookerEmail ?? booking.attendees.first?.email
        let entries = booking.attendees.enumerated().map { place, party in
            RosterEntry(
                party: party,
                isBooker: booking.erasedBooker.map { $0 == party.person }
                    ?? party.email.map { $0 == booker } ?? (place == 0)
            )
        }
        // Somebody has to have booked, even where the address was changed along the way.
        guard booking.erasedBooker == nil, let first = entries.first,
            !entries.contains(where: \.isBooker)
        else { return entries }
        return [RosterEntry(party: first.party, isBooker: true)] + entries.dropFirst()
    }

    /// Adds those who took a seat to those who already sit; who is named without a seat keeps it.
    private mutating func join(_ booking: Booking) {
        for var entry in entries(of: booking) {
            if let place = roster.firstIndex(where: { Self.isSame($0.party, entry.party) }) {
                entry.party.seat = entry.party.seat ?? roster[place].party.seat
                // A delivery that names several who sit names one of them as who booked.
                entry.isBooker = entry.isBooker || roster[place].isBooker
                roster[place] = entry
            } else {
                roster.append(entry)
            }
        }
    }

    private mutating func leave(_ booking: Booking) {
        for leaver in booking.attendees {
            // Whoever moved to another booking may have got another seat there; then the person
            // tells.
            let isSeatKnown = roster.contains {
                $0.party.seat != nil && $0.party.seat == leaver.seat
            }
            roster.removeAll { entry in
                isSeatKnown
                    ? entry.party.seat == leaver.seat : Self.isSamePerson(entry.party, leaver)
            }
        }
    }

    private static func isSame(_ left: Party, _ right: Party) -> Bool {
        if let seat = left.seat, let other = right.seat { return seat == other }
        return isSamePerson(left, right)
    }

    private static func isSamePerson(_ left: Party, _ right: Party) -> Bool {
        if let email = left.email, let other = right.email { return email == other }
        return left.person != nil && left.person == right.person
    }

    private mutating func moveSeat(
        _ booking: Booking,
        from left: BookingUID,
        uids: Set<BookingUID>,
        _ recorded: RecordedFact
    ) {
        if uids.contains(left) {
            leave(booking)
            if roster.isEmpty, status == .booked { set(.cancelled, recorded) }
        }
        if uids.contains(booking.uid) {
            merge(booking, replacingRoster: false)
            join(booking)
            set(.booked, recorded)
        }
    }

    private mutating func cancel(
        _ booking: Booking,
        _ cancellation: Cancellation,
        uids: Set<BookingUID>,
        _ recorded: RecordedFact
    ) {
        if cancellation.kind != .seat || self.booking == nil { mergeIfUnknown(booking, uids) }
        switch cancellation.kind {
        case .booking, .series:
            set(.cancelled, recorded)
        case .rescheduleRequested:
            set(.awaitingNewTime, recorded)
        case .seat:
            leave(booking)
            if roster.isEmpty { set(.cancelled, recorded) }
        }
    }

    private mutating func mark(_ report: AttendanceReport, _ recorded: RecordedFact) {
        if let type = report.eventType { eventType = eventType ?? type }
        for mark in report.marks where mark.isHost { noteHost(mark.party) }
        for mark in report.marks {
            // Cal.com marks the others of a team as if they were attendees.
            guard let person = mark.party.person, !mark.isHost,
                !(mark.party.email.map(hosts.contains) ?? false)
            else { continue }
            marks[person] = mark.isNoShow
            marksCause = recorded
        }
    }

    private mutating func noteAttendees() {
        func isHost(_ entry: RosterEntry) -> Bool {
            entry.party.email.map(hosts.contains) ?? false
        }
        picture += 1
        attendees = roster.contains(where: isHost) ? roster.filter { !isHost($0) } : roster
    }

    /// Whether nobody who booked showed up; nil while nobody was marked.
    var isNoShow: Bool? {
        guard marksCause != nil else { return nil }
        let bookers = attendees.filter(\.isBooker).compactMap(\.party.person)
        guard !bookers.isEmpty else { return nil }
        return bookers.allSatisfy { marks[$0] ?? false }
    }
}
