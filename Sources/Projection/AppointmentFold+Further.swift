import Domain

// What an appointment calls for besides its meeting and its attendees: their accounts, records that
// tell of a missed owner, and what answers to forms say.
extension AppointmentFold {
    mutating func assertOnAccount(
        _ person: PersonID,
        _ booking: Booking,
        _ context: FormingContext,
        _ interpretation: Interpretation,
        _ fact: RecordedFact
    ) {
        let rules = interpretation.reading.accountOnBooking
        assert(rules, context, interpretation, fact, to: .account(person))
        let change = interpretation.settings.accountOwnerChange
        if let owner = owner(change, "accountOwnerChange", booking, interpretation, fact) {
            people[person]?.accountOwner = owner
        }
    }

    /// Begins the fallback records, if the first confirmation shows that nobody's owner was found.
    ///
    /// What a reading of Cal.com told is none: a webhook that comes late still says it.
    ///
    /// - Returns: Whether this fact is that confirmation.
    mutating func takeFallback(
        _ context: FormingContext,
        _ booker: Party?,
        _ interpretation: Interpretation,
        _ fact: RecordedFact
    ) -> Bool {
        guard case .confirmed = fact.fact, !fact.isObserved, fallbacks == nil else { return false }
        fallbacks = []
        // Only where one of several hosts is chosen can somebody's owner be missed.
        guard context.booking.isRoundRobin, !context.booking.isWithOwner else { return false }
        let reading = interpretation.reading
        for (record, rules) in zip(reading.settings.fallback.create, reading.fallbackRecords) {
            let host = record.skipIfHostOwnsAccount ? context.booking.organizer?.email : nil
            let begun = FallbackFold(
                record: record,
                booker: booker?.person,
                host: host,
                account: context.accountLookUp,
                cause: Cause(fact)
            )
            fallbacks?.append(begun)
            assert(rules, context, interpretation, fact, to: .fallback(record.name))
        }
        return true
    }

    /// What the answers to a routing form write to the record of whoever answered.
    mutating func assertOnForm(
        _ form: FormSubmission,
        _ rules: [PreparedRule],
        _ interpretation: Interpretation,
        _ fact: RecordedFact
    ) {
        guard let submitter = form.submitter, let person = submitter.person,
            let thread = history.uids.first
        else { return }
        note(submitter, fact)
        var booking = Booking(uid: thread)
        booking.answers = form.answers
        let context = FormingContext(
            booking: booking,
            attendee: submitter,
            formAnswers: form.answers,
            reading: interpretation.reading
        )
        assert(rules, context, interpretation, fact, to: .person(person))
    }

    func fallbackRecords(_ interpretation: Interpretation) -> [DesiredFallbackRecord] {
        (fallbacks ?? []).map { begun in
            var desired = DesiredFallbackRecord(
                appointment: history.appointment,
                name: begun.record.name,
                object: begun.record.object,
                existence: state.status == .booked ? .required : .ifThere,
                booker: begun.booker.map {
                    PersonRecordKey(person: $0, policy: interpretation.settings.attendeeRecord)
                },
                unlessOwnedBy: begun.host,
                account: begun.account,
                fields: begun.rules.fields,
                held: begun.rules.heldFields,
                creationDefaults: interpretation.settings.creationDefaults[begun.record.object]
                    ?? [:],
                cause: begun.cause
            )
            desired.uids = history.uids
            return desired
        }
    }
}
