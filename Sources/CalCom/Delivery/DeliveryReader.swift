import Domain

/// Reads the fact of one delivery whose trigger is known.
struct DeliveryReader {
    private let trigger: Trigger
    private let body: JSON
    private let arrived: Instant
    /// Where the booking is: in `payload` or, for `MEETING_STARTED` and `MEETING_ENDED`, spread
    /// over the body itself.
    private let content: JSON
    private let isFlat: Bool

    init(trigger: Trigger, body: JSON, arrived: Instant) throws(UnusablePart) {
        (self.trigger, self.body, self.arrived) = (trigger, body, arrived)
        if case .object(let members)? = body["payload"] {
            (content, isFlat) = (.object(members), false)
        } else if trigger == .meetingStarted || trigger == .meetingEnded {
            (content, isFlat) = (body, true)
        } else {
            throw UnusablePart(reason: "there is no payload")
        }
    }

    func fact() throws(UnusablePart) -> ReportedFact {
        let fact = try bookingFact()
        return ReportedFact(fact: fact, occurred: occurred(fact))
    }

    private func bookingFact() throws(UnusablePart) -> BookingFact {
        switch trigger {
        case .bookingCreated: try confirmed()
        case .bookingRequested: .requested(try booking(), replacing: try predecessor())
        case .bookingRescheduled: try rescheduled()
        case .bookingCancelled: try cancelled()
        case .bookingRejected:
            .rejected(try booking(), reason: content.filledText("rejectionReason"))
        case .bookingReassigned: .reassigned(try booking())
        case .bookingLocationUpdated:
            .relocated(try booking(), previously: content.filledText("previousLocation"))
        case .bookingPaymentInitiated, .bookingPaid: .paid(try booking(), payment)
        case .bookingNoShowUpdated, .guestsDidNotJoin, .hostsDidNotJoin:
            .attendance(try AttendanceReader(trigger: trigger, content: content).report())
        case .meetingStarted: .meetingStarted(try booking(), from: fromReschedule)
        case .meetingEnded: .meetingEnded(try booking(), from: fromReschedule)
        case .formSubmitted: .formSubmitted(try FormReader(content: content).submission())
        case .formSubmittedNoEvent: .formAbandoned(try FormReader(content: content).submission())
        }
    }

    /// When it happened.
    ///
    /// `createdAt` is the time of the delivery, except in a flat body, where it is the time at
    /// which the booking was made.
    private func occurred(_ fact: BookingFact) -> Instant {
        guard isFlat else { return body.instant("createdAt") ?? arrived }
        let slot = fact.booking?.slot
        return (trigger == .meetingStarted ? slot?.start : slot?.end) ?? arrived
    }

    private func booking() throws(UnusablePart) -> Booking {
        var booking = try BookingReader(content: content).booking()
        // In a payload the slug of a payment may be the title: facts/calcom.md 1.6.
        if booking.eventTypeSlug?.contains(where: \.isWhitespace) == true {
            booking.eventTypeSlug = nil
        }
        return booking
    }

    /// A booking becomes valid; where it names the one that it replaces, that link is kept.
    private func confirmed() throws(UnusablePart) -> BookingFact {
        let booking = try booking()
        guard let predecessor = try predecessor(), predecessor.uid != booking.uid else {
            return .confirmed(booking)
        }
        return .rescheduled(booking, from: predecessor)
    }

    /// A booking without the uid of its predecessor moved in place, as seated ones do.
    private func rescheduled() throws(UnusablePart) -> BookingFact {
        let booking = try booking()
        return .rescheduled(booking, from: try predecessor() ?? Predecessor(uid: booking.uid))
    }

    private func cancelled() throws(UnusablePart) -> BookingFact {
        let booking = try booking()
        return .cancelled(booking, CancellationReader(content: content, booking: booking).read())
    }

    /// The booking whose place this one takes, at the time at which it was to be.
    private func predecessor() throws(UnusablePart) -> Predecessor? {
        guard let uid = content.filledText("rescheduleUid").flatMap(BookingUID.init) else {
            return nil
        }
        var slot: TimeSlot?
        if let start = content.instant("rescheduleStartTime"),
            let end = content.instant("rescheduleEndTime")
        {
            slot = TimeSlot(start: start, end: end)
        }
        return Predecessor(uid: uid, slot: slot, movedBy: content.email("rescheduledBy"))
    }

    private var fromReschedule: BookingUID? {
        (content.filledText("fromReschedule") ?? content.filledText("rescheduleUid"))
            .flatMap(BookingUID.init)
    }

    private var payment: Payment {
        Payment(
            isComplete: trigger == .bookingPaid,
            amount: content.whole("price"),
            currency: content.filledText("currency"),
            number: content.whole("paymentId")
        )
    }
}
