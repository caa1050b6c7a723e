import Domain

// What the rules of the settings call for, fact by fact.
extension AppointmentFold {
    mutating func assertRules(_ interpretation: Interpretation, _ fact: RecordedFact) {
        let reading = interpretation.reading
        switch fact.fact {
        case .confirmed(let booking), .rescheduled(let booking, _), .reassigned(let booking):
            if fact.fact.isSeatMove, !uids.contains(booking.uid) {
                assertOnLastSeatMoved(booking, interpretation, fact)
                return
            }
            assertOnBooking(booking, interpretation, fact)
        case .cancelled(let booking, let cancellation):
            guard cancellation.kind != .rescheduleRequested else { return }
            assertOnCancellation(booking, cancellation, interpretation, fact)
        case .formSubmitted(let form):
            assertOnForm(form, reading.onFormSubmitted, interpretation, fact)
        case .formAbandoned(let form):
            assertOnForm(form, reading.onFormAbandoned, interpretation, fact)
        default:
            return
        }
    }

    private mutating func assertOnBooking(
        _ booking: Booking,
        _ interpretation: Interpretation,
        _ fact: RecordedFact
    ) {
        let reading = interpretation.reading
        let bookers = bookers(of: booking)
        let own = context(booking, bookers.first, reading, fact)
        assert(reading.eventRecordOnBooking, own, interpretation, fact)
        let isMiss = takeFallback(own, bookers.first, interpretation, fact)
        for booker in bookers {
            guard let person = booker.person else { continue }
            note(booker, fact)
            var context = own
            context.attendee = booker
            context.formAnswers = formAnswers(of: booker, before: fact.occurred)
            let target = RuleTarget.person(person)
            assert(reading.attendeeOnBooking, context, interpretation, fact, to: target)
            if isMiss {
                assert(reading.attendeeOnFallback, context, interpretation, fact, to: target)
            }
            people[person]?.place = context.bookerPlace
            let change = reading.settings.ownerChange
            if let owner = owner(change, "ownerChange", booking, interpretation, fact) {
                people[person]?.owner = owner
            }
            assertOnAccount(person, booking, context, interpretation, fact)
        }
    }

    func owner(
        _ change: OwnerChange?,
        _ rule: String,
        _ booking: Booking,
        _ interpretation: Interpretation,
        _ fact: RecordedFact
    ) -> DesiredOwner? {
        guard let change else { return nil }
        let namedUser: String? =
            if case .user(let name) = change.target { name } else { nil }
        return DesiredOwner(
            namedUser: namedUser,
            organizer: booking.organizer?.email ?? state.booking?.organizer?.email,
            onlyIfOwnedBy: change.onlyIfOwnedBy,
            cause: Cause(fact),
            version: interpretation.version,
            rule: interpretation.path(rule),
            isLive: interpretation.isLive
        )
    }

    private mutating func assertOnCancellation(
        _ booking: Booking,
        _ cancellation: Cancellation,
        _ interpretation: Interpretation,
        _ fact: RecordedFact
    ) {
        // A series cancellation names another booking: ours is what it is for here.
        let isOwn = uids.contains(booking.uid)
        let own = isOwn ? booking : state.booking ?? booking
        let leavers = cancellation.kind == .seat ? booking.attendees : bookers(of: own)
        let reading = interpretation.reading
        var context = context(own, leavers.first, reading, fact)
        (context.cancelled, context.cancellation) = (fact.occurred, cancellation)
        if state.status == .cancelled {
            assert(reading.eventRecordOnCancellation, context, interpretation, fact)
        }
        for leaver in leavers {
            guard let person = leaver.person else { continue }
            note(leaver, fact)
            context.attendee = leaver
            let target = RuleTarget.person(person)
            assert(reading.attendeeOnCancellation, context, interpretation, fact, to: target)
        }
    }

    /// A meeting whose last seat was moved to another one is over, as if it had been cancelled.
    private mutating func assertOnLastSeatMoved(
        _ booking: Booking,
        _ interpretation: Interpretation,
        _ fact: RecordedFact
    ) {
        let reading = interpretation.reading
        guard !reading.eventRecordOnCancellation.isEmpty, state.status == .cancelled,
            state.statusCause?.position == fact.position
        else { return }
        var context = context(state.booking ?? booking, nil, reading, fact)
        context.cancelled = fact.occurred
        assert(reading.eventRecordOnCancellation, context, interpretation, fact)
    }

    mutating func assert(
        _ rules: [PreparedRule],
        _ context: FormingContext,
        _ interpretation: Interpretation,
        _ fact: RecordedFact,
        to target: RuleTarget = .eventRecord
    ) {
        for prepared in rules {
            let rule = prepared.rule
            trace?.note(prepared, context, fact)
            switch ValueForming.form(prepared, context) {
            case .value(let value, let isPersonal):
                let assertion = assertion(
                    value,
                    fact,
                    interpretation,
                    rule: prepared.path,
                    policy: value.hasTombstone && rule.when != .observe
                        ? .whenEmpty : rule.when,
                    isPersonal: isPersonal
                )
                gather(for: target) { $0.add(assertion, to: rule.field) }
            case .held(let reason, let detail):
                let held = HeldField(
                    field: rule.field,
                    reason: reason,
                    cause: Cause(fact),
                    rule: prepared.path,
                    detail: detail
                )
                gather(for: target) { $0.hold(held) }
            }
        }
    }

    private mutating func gather(for target: RuleTarget, _ change: (inout RuleFold) -> Void) {
        switch target {
        case .eventRecord: change(&eventRules)
        case .person(let person): people[person]?.rules.gather(change)
        case .account(let person): people[person]?.accountRules.gather(change)
        case .fallback(let name):
            guard let place = fallbacks?.firstIndex(where: { $0.record.name == name }) else {
                return
            }
            fallbacks?[place].rules.gather(change)
        }
    }

}
