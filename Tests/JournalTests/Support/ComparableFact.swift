import Domain

extension BookingFact {
    /// The fact without the surrogates that the ledger gave to its people.
    var withoutSurrogates: Self {
        changingParties { party in
            var copy = party
            copy.person = nil
            return copy
        }
    }

    /// The fact without what is not kept of it.
    ///
    /// Nothing is kept of somebody without an address, and no answers that belong to nobody.
    var asFarAsKept: Self {
        var kept = changingParties { $0.email == nil ? Party(email: nil) : $0 }
        if case .formAbandoned(var form) = kept, form.submitter == nil {
            form.answers = [:]
            kept = .formAbandoned(form)
        }
        return kept
    }

    private func changingParties(_ change: (Party) -> Party) -> Self {
        switch self {
        case .requested(let booking, let predecessor):
            .requested(booking.changingParties(change), replacing: predecessor)
        case .confirmed(let booking): .confirmed(booking.changingParties(change))
        case .rescheduled(let booking, let predecessor):
            .rescheduled(booking.changingParties(change), from: predecessor)
        case .reassigned(let booking): .reassigned(booking.changingParties(change))
        case .relocated(let booking, let previously):
            .relocated(booking.changingParties(change), previously: previously)
        case .cancelled(let booking, let how): .cancelled(booking.changingParties(change), how)
        case .rejected(let booking, let reason):
            .rejected(booking.changingParties(change), reason: reason)
        case .attendance(var report):
            {
                for index in report.marks.indices {
                    report.marks[index].party = change(report.marks[index].party)
                }
                return .attendance(report)
            }()
        case .meetingStarted(let booking, let uid):
            .meetingStarted(booking.changingParties(change), from: uid)
        case .meetingEnded(let booking, let uid):
            .meetingEnded(booking.changingParties(change), from: uid)
        case .paid(let booking, let payment): .paid(booking.changingParties(change), payment)
        case .observed(let booking, var observation):
            {
                observation.leavers = observation.leavers.map(change)
                for index in observation.marks.indices {
                    observation.marks[index].party = change(observation.marks[index].party)
                }
                return .observed(booking.changingParties(change), observation)
            }()
        case .formSubmitted(let form): .formSubmitted(form.changingParties(change))
        case .formAbandoned(let form): .formAbandoned(form.changingParties(change))
        }
    }
}

extension Booking {
    fileprivate func changingParties(_ change: (Party) -> Party) -> Self {
        var copy = self
        copy.organizer = organizer.map(change)
        copy.team = team.map(change)
        copy.attendees = attendees.map(change)
        return copy
    }
}

extension FormSubmission {
    fileprivate func changingParties(_ change: (Party) -> Party) -> Self {
        var copy = self
        copy.submitter = submitter.map(change)
        return copy
    }
}
