public import Domain

/// What the ledger knows of one booking, as far as Cal.com's API could contradict it.
///
/// Folded as projectors fold, so that a gap is a gap of what Salesforce is shown, too.
public struct BookingStanding: Hashable, Sendable {
    /// Where the booking is in its life.
    public enum Status: Hashable, Sendable {
        /// Nobody told of the booking itself.
        case unknown
        /// A host has to confirm it.
        case requested
        /// It is to take place, or took place.
        case booked
        /// The host asked the attendee to choose another time.
        case awaitingNewTime
        /// It was given up.
        case cancelled
        /// The host declined it.
        case rejected
    }

    /// Where the booking is in its life.
    public var status: Status
    /// Whether it counts as given up only because another booking of its series was.
    public var isCancelledBySeries: Bool
    /// Whether it counts as given up only because nobody is known to have a seat any more.
    public var isLeftByAll: Bool
    /// Whether somebody who ever hosted it was erased.
    public var isHostErased: Bool
    /// The latest full picture.
    public var booking: Booking?
    /// The attendees, the booker first; erased ones among them.
    public var attendees: [Party]
    /// Everyone who was ever named as host: none of them counts as attendee.
    public var hosts: Set<EmailAddress>
    /// Who is marked as absent, or no longer is, and how the last mark came to be.
    public var marks: [PersonID: Mark]
    /// Who was marked under which address, attendee or not.
    public var marked: [EmailAddress: PersonID]
    /// When the last fact about it occurred, or the last cancellation of a series that reached it.
    public var latest: Instant?
    /// When the last fact occurred that shows who hosts it, when, and where.
    public var shown: Instant?
    /// The booking whose place it took.
    public var predecessor: BookingUID?
    /// The bookings of its appointment that came after it.
    public var successors: [BookingUID]

    /// The last mark of a person.
    public struct Mark: Hashable, Sendable {
        /// Whether the person did not show up.
        public var isNoShow: Bool
        /// How the mark came to be.
        public var source: AttendanceReport.Source
    }

    /// Whether somebody who was named with it was erased.
    public var isErased: Bool {
        booking?.isMeetingErased == true || booking?.erasedBooker != nil
            || attendees.contains(where: \.isErased)
    }

    /// Folds what is known of a booking.
    ///
    /// - Parameters:
    ///   - uid: The booking.
    ///   - history: The history of its appointment; nil where nobody heard of it.
    public init(of uid: BookingUID, in history: AppointmentHistory?) {
        (status, isCancelledBySeries, isLeftByAll, attendees) = (.unknown, false, false, [])
        isHostErased = false
        (hosts, marks, marked, successors) = ([], [:], [:], [])
        guard let history else { return }
        let place = history.uids.firstIndex(of: uid)
        if let place {
            predecessor = place > 0 ? history.uids[place - 1] : nil
            successors = Array(history.uids[(place + 1)...])
        }
        fold(uid, history, isLast: place.map { $0 == history.uids.count - 1 } ?? true)
    }

    private mutating func fold(_ uid: BookingUID, _ history: AppointmentHistory, isLast: Bool) {
        let series = Set(history.seriesCancellations.map(\.fact.position))
        var state = AppointmentState()
        for fact in AppointmentProjector.order(history) {
            let isOwn = Self.concerns(fact.fact, uid)
            let isOfSeries = isLast && !isOwn && series.contains(fact.position)
            guard isOwn || isOfSeries else { continue }
            state.take(fact, uids: [uid])
            latest = max(latest ?? fact.occurred, fact.occurred)
            note(fact, of: uid)
        }
        status = Status(state.status)
        isCancelledBySeries =
            state.status == .cancelled
            && state.statusCause.map { !Self.concerns($0.fact, uid) } ?? false
        isLeftByAll =
            state.status == .cancelled && (state.statusCause?.fact.takesSeatAway ?? false)
        booking = state.booking
        attendees = state.attendees.map(\.party)
        (hosts, isHostErased) = (state.hosts, state.hasErasedHost)
    }

    private static func concerns(_ fact: BookingFact, _ uid: BookingUID) -> Bool {
        if fact.bookingUID == uid { return true }
        guard case .rescheduled(_, let left) = fact, fact.isSeatMove else { return false }
        return left.uid == uid
    }

    private mutating func note(_ fact: RecordedFact, of uid: BookingUID) {
        switch fact.fact {
        case .attendance(let report):
            for mark in report.marks where !mark.isHost {
                guard let person = mark.party.person else { continue }
                marks[person] = Mark(isNoShow: mark.isNoShow, source: report.source)
                if let email = mark.party.email { marked[email] = person }
            }
        case .requested, .confirmed, .rescheduled, .reassigned, .relocated:
            // With a seat that left, the other booking is told of.
            guard fact.fact.bookingUID == uid else { return }
            shown = max(shown ?? fact.occurred, fact.occurred)
        default: break
        }
    }
}

extension BookingFact {
    /// Whether somebody gave up a seat, or took it along, and nothing else ended.
    fileprivate var takesSeatAway: Bool {
        if case .cancelled(_, let cancellation) = self { return cancellation.kind == .seat }
        return isSeatMove
    }
}

extension BookingStanding.Status {
    fileprivate init(_ status: AppointmentState.Status) {
        self =
            switch status {
            case .unknown: .unknown
            case .awaitingConfirmation: .requested
            case .booked: .booked
            case .awaitingNewTime: .awaitingNewTime
            case .cancelled: .cancelled
            case .rejected: .rejected
            }
    }
}
