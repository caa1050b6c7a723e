import Domain

// What an appointment calls for, after all its facts.
extension AppointmentFold {
    func result() -> ProjectedAppointment {
        guard let (interpretation, fact) = current else {
            return ProjectedAppointment(
                eventRecord: nil,
                contributions: [],
                status: state.booking == nil ? .incompleteHistory : .noSettings
            )
        }
        let (existence, reason) = existence(interpretation.settings)
        let related = related(interpretation.settings)
        return ProjectedAppointment(
            eventRecord: state.wasBooked
                ? eventRecord(interpretation, existence, reason, fact, related) : nil,
            // Of a record that goes, nobody has to be looked up.
            contributions: order.compactMap {
                contribution($0, interpretation, existence == .removed ? [] : related)
            },
            status: reason,
            fallbacks: fallbackRecords(interpretation)
        )
    }

    private func existence(_ settings: SyncSettings) -> (Existence, Reason) {
        switch state.status {
        case .booked: return (.required, .booked)
        case .awaitingConfirmation: return (.ifThere, .awaitingConfirmation)
        case .awaitingNewTime: return (.ifThere, .awaitingNewTime)
        case .cancelled, .rejected:
            let reason: Reason = state.status == .rejected ? .rejected : .bookingCancelled
            if case .keep = settings.onCancellation { return (.ifThere, reason) }
            return (.removed, reason)
        case .unknown: return (.ifThere, .incompleteHistory)
        }
    }

    private func eventRecord(
        _ interpretation: Interpretation,
        _ existence: Existence,
        _ reason: Reason,
        _ fact: RecordedFact,
        _ related: [PersonID]
    ) -> DesiredEventRecord {
        let settings = interpretation.settings
        let rules = eventRules.fields
        // A rule for a standard field wins over our own idea of it.
        let own = standard.all.filter { eventRules.assertions[$0.field] == nil }
            .compactMap { DesiredField(field: $0.field, assertions: [$0.assertion]) }
        var desired = DesiredEventRecord(
            appointment: history.appointment,
            uids: history.uids,
            eventType: state.eventType,
            existence: existence,
            reason: reason,
            cause: Cause(state.statusCause ?? fact),
            fields: (rules + own).sorted { $0.field < $1.field },
            attendees: attendees.flatMap { DesiredField(field: "attendees", assertions: [$0]) },
            attendeeKeys: related.map {
                PersonRecordKey(person: $0, policy: settings.attendeeRecord)
            },
            held: eventRules.heldFields,
            creationDefaults: settings.creationDefaults[.eventRecord] ?? [:]
        )
        desired.onDeleted = settings.onDeleted
        return desired
    }

    /// The people to whom the event record is related.
    ///
    /// A meeting that is over stays as it is, though other settings apply to its end; but whoever
    /// turned out to be a host since is no attendee any more.
    private func related(_ settings: SyncSettings) -> [PersonID] {
        guard let people = attendees?.value.people else { return relatedPeople(settings) }
        let present = Set(state.attendees.compactMap(\.party.person))
        return people.filter(present.contains)
    }

    private func contribution(
        _ person: PersonID,
        _ interpretation: Interpretation,
        _ related: [PersonID]
    ) -> PersonContribution? {
        guard let own = people[person] else { return nil }
        let settings = interpretation.settings
        // A meeting that is over calls for no record, but stays related to those that are there.
        let isRelated = state.wasBooked && related.contains(person)
        guard isRelated || !own.rules.isEmpty || own.owner != nil || own.account != nil else {
            return nil
        }
        let names = Wording.names(of: own.party)
        var contribution = PersonContribution(
            key: PersonRecordKey(person: person, policy: settings.attendeeRecord),
            email: own.party.email,
            existence: isRelated && state.status == .booked ? .required : .ifThere,
            lookUp: PersonLookUp(settings),
            details: PersonDetails(
                firstName: names.first,
                lastName: names.last,
                phone: own.party.phone,
                company: own.party.email.map { Wording.company(of: $0, party: own.party) } ?? "-",
                owner: state.booking?.organizer?.email
            ),
            creationDefaults: settings.creationDefaults,
            assertions: own.rules.assertions,
            held: own.rules.heldFields,
            owner: own.owner,
            cause: Cause(own.cause)
        )
        contribution.details.place = own.place
        contribution.account = own.account
        if history.appointment.isForms {
            contribution.key = PersonRecordKey(formsOf: person)
            contribution.isFromForm = true
            contribution.lookUp.takesAnyRecord = true
        }
        return contribution
    }
}

extension WishedValue {
    /// The people whose records are wished for; nil for any other wish.
    fileprivate var people: [PersonID]? {
        if case .records(let people) = self { people } else { nil }
    }
}
