/// Something that happened to a booking, in the past tense.
///
/// Deliberately not `Codable`: the journal spells out the form it keeps, so that renaming a
/// property here never changes what was written years ago.
public indirect enum BookingFact: Hashable, Sendable {
    /// Somebody asked for a booking that a host has to confirm; it may replace an earlier one.
    case requested(Booking, replacing: Predecessor?)
    /// The booking became valid. Also sent for every further seat.
    case confirmed(Booking)
    /// The booking takes the place of an earlier one, at another time.
    case rescheduled(Booking, from: Predecessor)
    /// Another host took over; the uid stays.
    case reassigned(Booking)
    /// The location changed; the uid stays.
    case relocated(Booking, previously: String?)
    /// The booking, a seat, or the rest of a series was given up.
    case cancelled(Booking, Cancellation)
    /// The host declined a requested booking.
    case rejected(Booking, reason: String?)
    /// Somebody was marked, or no longer is, as not having shown up.
    case attendance(AttendanceReport)
    /// The scheduled start passed. Carries the predecessor, if Cal.com knows one.
    case meetingStarted(Booking, from: BookingUID?)
    /// The scheduled end passed. Carries the predecessor, if Cal.com knows one.
    case meetingEnded(Booking, from: BookingUID?)
    /// A payment was started or made.
    case paid(Booking, Payment)
    /// Reading the booking in Cal.com told what no delivery had told.
    case observed(Booking, Observation)
    /// A routing form was answered.
    case formSubmitted(FormSubmission)
    /// A routing form was answered, and no booking came of it.
    case formAbandoned(FormSubmission)

    /// The booking that the fact is about; nil for routing forms.
    public var bookingUID: BookingUID? {
        switch self {
        case .requested(let booking, _), .confirmed(let booking), .rescheduled(let booking, _),
            .reassigned(let booking), .relocated(let booking, _), .cancelled(let booking, _),
            .rejected(let booking, _), .meetingStarted(let booking, _),
            .meetingEnded(let booking, _), .paid(let booking, _), .observed(let booking, _):
            booking.uid
        case .attendance(let report): report.booking
        case .formSubmitted, .formAbandoned: nil
        }
    }

    /// The event type of ``booking``, without a copy of all the rest.
    public var eventType: EventTypeID? {
        switch self {
        case .requested(let booking, _), .confirmed(let booking), .rescheduled(let booking, _),
            .reassigned(let booking), .relocated(let booking, _), .cancelled(let booking, _),
            .rejected(let booking, _), .meetingStarted(let booking, _),
            .meetingEnded(let booking, _), .paid(let booking, _), .observed(let booking, _):
            booking.eventType
        case .attendance, .formSubmitted, .formAbandoned: nil
        }
    }

    /// What the delivery says of the booking, where it says more than its key.
    public var booking: Booking? {
        switch self {
        case .requested(let booking, _), .confirmed(let booking), .rescheduled(let booking, _),
            .reassigned(let booking), .relocated(let booking, _), .cancelled(let booking, _),
            .rejected(let booking, _), .meetingStarted(let booking, _),
            .meetingEnded(let booking, _), .paid(let booking, _), .observed(let booking, _):
            booking
        case .attendance, .formSubmitted, .formAbandoned: nil
        }
    }

    /// The booking whose place this one took, so that both are one appointment.
    ///
    /// Moving one seat of several names a predecessor too, but leaves it in place; see
    /// ``isSeatMove``. So does whatever is said later of a booking that began with such a move: no
    /// booking with seats takes the place of another one.
    public var predecessor: BookingUID? {
        let named: BookingUID? =
            switch self {
            case .requested(_, let predecessor): predecessor?.uid
            case .rescheduled(_, let predecessor): predecessor.uid
            case .meetingStarted(_, let uid), .meetingEnded(_, let uid): uid
            case .observed(_, let observation): observation.predecessor
            default: nil
            }
        return named == bookingUID || booking?.isSeated == true ? nil : named
    }

    /// The booking that took this one's place, where the fact tells it from that side.
    public var successor: BookingUID? {
        guard case .observed(let booking, let observation) = self,
            observation.successor != booking.uid, !booking.isSeated
        else { return nil }
        return observation.successor
    }

    /// Whether one attendee moved a seat to another booking, leaving the others where they were.
    public var isSeatMove: Bool {
        guard case .rescheduled(let booking, let predecessor) = self else { return false }
        return booking.isSeated && predecessor.uid != booking.uid
    }
}

/// The booking whose place another one took.
public struct Predecessor: Hashable, Sendable {
    /// Its uid.
    public var uid: BookingUID
    /// When it was to take place.
    public var slot: TimeSlot?
    /// Who moved it, if known.
    public var movedBy: EmailAddress?

    /// Names a predecessor.
    public init(uid: BookingUID, slot: TimeSlot? = nil, movedBy: EmailAddress? = nil) {
        (self.uid, self.slot, self.movedBy) = (uid, slot, movedBy)
    }
}

/// How and by whom something was cancelled.
public struct Cancellation: Hashable, Sendable {
    /// What a cancellation ends.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// The whole booking.
        case booking = "cancelled"
        /// Nothing yet: the host asked the attendee to choose another time.
        case rescheduleRequested = "reschedule-requested"
        /// The seat of the attendees named; the booking lives on while others remain.
        case seat
        /// The booking named and all later ones of its series.
        case series
    }

    /// What was ended.
    public var kind: Kind
    /// The reason given.
    public var reason: String?
    /// Who cancelled, if known.
    public var cancelledBy: EmailAddress?

    /// Creates a cancellation.
    public init(kind: Kind, reason: String? = nil, cancelledBy: EmailAddress? = nil) {
        (self.kind, self.reason, self.cancelledBy) = (kind, reason, cancelledBy)
    }
}

/// Who did, or did not, show up.
public struct AttendanceReport: Hashable, Sendable {
    /// How the report came to be.
    public enum Source: String, Hashable, Sendable {
        /// A person marked it.
        case manual
        /// Cal.com noticed that nobody joined its video call.
        case automatic
    }

    /// One person's mark.
    public struct Mark: Hashable, Sendable {
        /// Whom it is about.
        public var party: Party
        /// Whether this is a host.
        public var isHost: Bool
        /// True for a no-show, false when the mark was taken back.
        public var isNoShow: Bool

        /// Creates a mark.
        public init(party: Party, isHost: Bool, isNoShow: Bool) {
            (self.party, self.isHost, self.isNoShow) = (party, isHost, isNoShow)
        }
    }

    /// The booking it is about.
    public var booking: BookingUID
    /// The event type, if the delivery says so.
    public var eventType: EventTypeID?
    /// How the report came to be.
    public var source: Source
    /// The marks, one per person.
    public var marks: [Mark]

    /// Creates a report.
    public init(booking: BookingUID, eventType: EventTypeID?, source: Source, marks: [Mark]) {
        (self.booking, self.eventType, self.source, self.marks) =
            (booking, eventType, source, marks)
    }
}

/// A payment for a booking.
public struct Payment: Hashable, Sendable {
    /// False while it was only started.
    public var isComplete: Bool
    /// The price in minor units, 15000 for 150.00.
    public var amount: Int?
    /// The currency as sent, for example `usd`.
    public var currency: String?
    /// Cal.com's id of the payment.
    public var number: Int?

    /// Creates a payment.
    public init(isComplete: Bool, amount: Int?, currency: String?, number: Int?) {
        (self.isComplete, self.amount, self.currency, self.number) =
            (isComplete, amount, currency, number)
    }
}

/// The answers to a routing form.
public struct FormSubmission: Hashable, Sendable {
    /// Cal.com's id of the form.
    public var form: String
    /// The name of the form.
    public var name: String?
    /// Cal.com's id of the response, where the delivery has one.
    public var response: Int?
    /// Answers by field identifier.
    public var answers: [String: Answer]
    /// The first answer that is an e-mail address.
    public var submitter: Party?

    /// Creates a submission.
    public init(
        form: String,
        name: String?,
        response: Int?,
        answers: [String: Answer],
        submitter: Party?
    ) {
        (self.form, self.name, self.response, self.answers, self.submitter) =
            (form, name, response, answers, submitter)
    }
}

/// A fact as a delivery tells it, not yet in the ledger.
public struct ReportedFact: Hashable, Sendable {
    /// What happened.
    public var fact: BookingFact
    /// When it happened, as far as the delivery tells.
    public var occurred: Instant

    /// Pairs a fact with its time.
    public init(fact: BookingFact, occurred: Instant) {
        (self.fact, self.occurred) = (fact, occurred)
    }
}

/// A fact that is in the ledger.
public struct RecordedFact: Hashable, Sendable {
    /// Where it is.
    public var position: LedgerPosition
    /// What happened.
    public var fact: BookingFact
    /// When it happened in the world.
    public var occurred: Instant
    /// When the ledger learned of it.
    public var recorded: Instant
    /// Whether a reading of Cal.com told it: that shows how a booking stands, not how its host was
    /// chosen.
    public var isObserved = false

    /// Places a fact in the ledger.
    public init(
        position: LedgerPosition,
        fact: BookingFact,
        occurred: Instant,
        recorded: Instant
    ) {
        (self.position, self.fact, self.occurred, self.recorded) =
            (position, fact, occurred, recorded)
    }

    /// The order in which folds take facts: as they happened; arrival decides between equals.
    public static func happenedEarlier(_ left: Self, _ right: Self) -> Bool {
        (left.occurred, left.position) < (right.occurred, right.position)
    }
}
