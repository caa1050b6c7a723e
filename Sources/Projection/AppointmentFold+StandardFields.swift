import Domain

// What an appointment calls for in the standard fields of its event record.
extension AppointmentFold {
    /// Asserts each standard field at the fact with which its value changed, and no later, so that
    /// a value edited by a person survives facts that do not change it.
    mutating func assertStandardFields(
        _ interpretation: Interpretation,
        _ fact: RecordedFact
    ) {
        guard state.status == .booked, let booking = state.booking else { return }
        if state.picture != asserted {
            assertPicture(booking, interpretation, fact)
            asserted = state.picture
        }
        if let mark = noShow(interpretation, fact) {
            standard.set(mark.1, for: mark.0)
            // The mark may stand in a field that the picture fills, too.
            asserted = nil
        }
        assertAttendees(interpretation, fact)
    }

    /// Asserts what comes of the picture of the booking alone; the same picture changes nothing.
    private mutating func assertPicture(
        _ booking: Booking,
        _ interpretation: Interpretation,
        _ fact: RecordedFact
    ) {
        let booker = state.attendees.first?.party
        // What went with a person leaves what is in Salesforce alone; only a new record is named.
        let policy = booking.isMeetingErased ? WritePolicy.whenEmpty : .always
        let title = booking.title ?? "Meeting"
        assertChange(.subject, .text(title), true, policy, interpretation, fact)
        if let slot = booking.slot {
            assertChange(.start, .instant(slot.start), false, .always, interpretation, fact)
            assertChange(.end, .instant(slot.end), false, .always, interpretation, fact)
        }
        let place = Wording.location(of: booking).map(FieldValue.text) ?? .empty
        assertChange(.location, place, true, policy, interpretation, fact)
        let description = Wording.description(of: booking, attendee: booker)
        assertChange(.description, .text(description), true, policy, interpretation, fact)
        if let organizer = booking.organizer?.email {
            assertChange(.owner, wish: .user(organizer), false, .always, interpretation, fact)
        }
    }

    private mutating func assertChange(
        _ field: StandardField,
        _ value: FieldValue,
        _ isPersonal: Bool,
        _ policy: WritePolicy,
        _ interpretation: Interpretation,
        _ fact: RecordedFact
    ) {
        assertChange(field, wish: .value(value), isPersonal, policy, interpretation, fact)
    }

    private mutating func assertChange(
        _ field: StandardField,
        wish: WishedValue,
        _ isPersonal: Bool,
        _ policy: WritePolicy,
        _ interpretation: Interpretation,
        _ fact: RecordedFact
    ) {
        let name = field.name
        guard standard[name]?.value != wish else { return }
        // What a person was taken out of leaves what is in Salesforce alone, too.
        let policy = wish.hasTombstone ? .whenEmpty : policy
        let assertion = assertion(
            wish,
            fact,
            interpretation,
            rule: interpretation.reading.path(of: field),
            policy: policy,
            isPersonal: isPersonal
        )
        standard.set(assertion, for: name)
    }

    /// The no-show checkbox, asserted when a mark changes it.
    private func noShow(
        _ interpretation: Interpretation,
        _ fact: RecordedFact
    ) -> (FieldName, Assertion)? {
        guard let field = interpretation.settings.noShowField, let isNoShow = state.isNoShow,
            standard[field]?.value != .value(.flag(isNoShow))
        else { return nil }
        let assertion = assertion(
            .value(.flag(isNoShow)),
            state.marksCause ?? fact,
            interpretation,
            rule: interpretation.path("noShow"),
            policy: .always,
            isPersonal: false
        )
        return (field, assertion)
    }

    private mutating func assertAttendees(
        _ interpretation: Interpretation,
        _ fact: RecordedFact
    ) {
        let people = relatedPeople(interpretation.settings)
        guard attendees?.value != .records(people) else { return }
        attendees = assertion(
            .records(people),
            fact,
            interpretation,
            rule: interpretation.reading.attendeesPath,
            policy: state.attendees.contains(where: \.party.isErased) ? .whenEmpty : .always,
            isPersonal: false
        )
    }

    /// The people whose records the event record is related to, bookers first.
    func relatedPeople(_ settings: SyncSettings) -> [PersonID] {
        let entries = state.attendees
        let guests = settings.ignoreGuests ? [] : entries.filter { !$0.isBooker }
        return (entries.filter(\.isBooker) + guests).compactMap(\.party.person)
    }

}
