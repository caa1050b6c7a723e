public import Domain

// What values are formed from: a fact, completed by what is known of its booking.
extension AppointmentFold {
    /// Those of a fact's attendees who booked; the roster's where the fact names nobody.
    func bookers(of booking: Booking) -> [Party] {
        let told = booking.bookers
        // Nobody else takes an erased person's place.
        guard booking.erasedBooker == nil else { return told }
        let bookers = told.isEmpty ? state.attendees.filter(\.isBooker).map(\.party) : told
        return bookers.filter { party in party.email.map { !state.hosts.contains($0) } ?? true }
    }

    func context(
        _ booking: Booking,
        _ attendee: Party?,
        _ reading: SettingsReading,
        _ fact: RecordedFact
    ) -> FormingContext {
        var complete = booking
        if let known = state.booking {
            if booking.organizer == nil { complete.organizer = known.organizer }
            if booking.slot == nil { complete.slot = known.slot }
            // What another seat's booker answered is another person's.
            if !known.isSeated {
                // Nearly always what is known was just taken from this fact.
                if known.answers != booking.answers {
                    complete.answers = known.answers.merging(booking.answers) { _, own in own }
                }
                if known.metadata != booking.metadata {
                    complete.metadata = known.metadata.merging(booking.metadata) { _, own in own }
                }
            }
            if booking.eventTypeSlug == nil { complete.eventTypeSlug = known.eventTypeSlug }
            if booking.assignmentReason == nil, let reason = known.assignmentReason {
                complete.assignmentReason = reason
            }
        }
        return FormingContext(
            booking: complete,
            created: booking.created ?? history.created[booking.uid],
            attendee: attendee,
            formAnswers: formAnswers(of: attendee, before: fact.occurred),
            reading: reading
        )
    }

    /// How long before a booking its routing form may have been answered: milliseconds.
    private static let formValidity: Int64 = 24 * 3_600_000

    func formAnswers(of attendee: Party?, before occurred: Instant) -> [String: Answer] {
        guard !history.forms.isEmpty, let person = attendee?.person else { return [:] }
        let earliest = occurred.advanced(byMilliseconds: -Self.formValidity)
        let latest = occurred.advanced(byMilliseconds: 60_000)
        let submissions = history.forms.filter { (earliest...latest).contains($0.occurred) }
            .sorted(by: RecordedFact.happenedEarlier)
        for recorded in submissions.reversed() {
            switch recorded.fact {
            case .formSubmitted(let form), .formAbandoned(let form):
                if form.submitter?.person == person { return form.answers }
            default: continue
            }
        }
        return [:]
    }

}

extension Booking {
    /// Those of the attendees who booked; nobody where none is named.
    public var bookers: [Party] {
        if let erasedBooker { return attendees.filter { $0.person == erasedBooker } }
        let email = bookerEmail ?? attendees.first?.email
        let named = attendees.filter { $0.email != nil && $0.email == email }
        return named.isEmpty ? Array(attendees.prefix(1)) : named
    }
}
