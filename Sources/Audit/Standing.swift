import Domain
import Journal
import Ledger

/// Says why an appointment's records do not exist, or need attention.
struct Standing {
    let journal: Journal
    let history: AppointmentHistory

    /// Sentences without personal data; none where everything is as it should be.
    func notes() async throws -> [String] {
        if let note = try await settingsNote() { return [note] }
        return try await [eventRecordNote()].compactMap { $0 } + peopleNotes() + failureNotes()
    }

    // MARK: Settings

    private func settingsNote() async throws -> String? {
        guard !history.facts.isEmpty else {
            return """
                Nothing arrived about booking \(history.appointment.root.rawValue) itself. \
                \(Reason.incompleteHistory.words.text)
                """
        }
        let reading = SettingsReading(try await journal.settingsRevisions())
        let isInterpreted = history.typedFacts.contains { fact, eventType in
            reading.revision(for: eventType, occurred: fact.occurred, position: fact.position)
                != nil
        }
        guard !isInterpreted else { return nil }
        guard let last = history.typedFacts.last, let eventType = last.eventType else {
            return """
                The deliveries name no event type, and there are no default settings: nothing is \
                written; run 'daybook settings import FILE --default'.
                """
        }
        return Self.withoutSettings(eventType, reading, last.fact)
    }

    private static func withoutSettings(
        _ eventType: EventTypeID,
        _ reading: SettingsReading,
        _ fact: RecordedFact
    ) -> String {
        let number = String(eventType.rawValue)
        let isTooLate =
            reading.revision(
                for: eventType,
                occurred: fact.occurred,
                position: LedgerPosition(.max)
            ) != nil
        guard !isTooLate else {
            return """
                The settings for event type \(number) were accepted after these events and apply \
                to later ones only: nothing is written. To let them interpret the past, accept \
                them again with '--effective all'.
                """
        }
        return """
            Event type \(number) has no settings and there are no default ones: nothing is \
            written; run 'daybook settings import FILE --event-type \(number)'.
            """
    }

    // MARK: Event record

    private func eventRecordNote() async throws -> String? {
        let links = try await journal.links(of: history.subjects).values
        if links.contains(where: { $0.state == .live }) { return nil }
        if links.contains(where: { $0.state == .deletedByOther }) {
            return "The event record is gone. \(Reason.deletedByOther.words.text)"
        }
        if !links.isEmpty { return "The event record is gone: Daybook deleted it." }
        let reason = lastReason
        guard reason == .booked else {
            return "There is no event record. \(reason.words.text)"
        }
        if try await isFailing() { return nil }
        if try await isUnclear() {
            return """
                A write of the event record was begun, and what became of it is not known yet. \
                The next run looks; run 'daybook reconcile'.
                """
        }
        if try await journal.isDirty(history.appointment) {
            return """
                There is no event record yet: no run has dealt with the newest event. Run 'daybook \
                plan' to see what is to be done, then 'daybook reconcile'.
                """
        }
        return """
            There is no event record, and no run has anything left to do. Run 'daybook plan --all' \
            to look again.
            """
    }

    /// Where the appointment stands after its last fact that says so.
    private var lastReason: Reason {
        let places = Dictionary(
            history.uids.enumerated().map { ($1, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        func place(_ fact: RecordedFact) -> Int {
            fact.fact.bookingUID.flatMap { places[$0] } ?? history.uids.count
        }
        let ordered = history.facts.sorted { left, right in
            place(left) != place(right)
                ? place(left) < place(right) : RecordedFact.happenedEarlier(left, right)
        }
        return ordered.reduce(.incompleteHistory) { reason, recorded in
            recorded.fact.standing ?? reason
        }
    }

    private func isFailing() async throws -> Bool {
        let failures = try await journal.failures()
        return history.subjects.contains { failures[OperationID($0.name)] != nil }
    }

    private func isUnclear() async throws -> Bool {
        let open = Set(try await journal.openIntents().keys)
        return history.subjects.contains { open.contains(OperationID($0.name)) }
    }

    // MARK: Attendees' records and failures

    private func peopleNotes() async throws -> [String] {
        let subjects = history.people.flatMap(RecordSubject.all)
        let links = try await journal.links(of: subjects)
        var notes: [String] = []
        for subject in subjects where links[subject] == nil {
            guard let planned = try await journal.lastPlanned(OperationID(subject.name)),
                planned.operation["kind"]?.string == PlanOperation.Kind.hold.rawValue,
                let reason = planned.operation["reason"]?.string.flatMap(Reason.init)
            else { continue }
            notes.append("\(subject.name) has no record. \(reason.words.text)")
        }
        return notes
    }

    private func failureNotes() async throws -> [String] {
        let failures = try await journal.failures()
        let subjects = history.subjects + history.people.flatMap(RecordSubject.all)
        return subjects.compactMap { subject in
            failures[OperationID(subject.name)].map { note in
                let fields = note.fields.map(\.rawValue).listed
                let place = fields.isEmpty ? "" : " at \(fields)"
                let next =
                    note.nextTry.map { "It is tried again at \($0.rfc3339Seconds)." }
                    ?? "It is not tried again before something changes."
                return """
                    Salesforce refused the last write of the \(note.object.auditWord) for \
                    \(subject.name): \(note.code)\(place), tried \(note.attempts) times. \(next)
                    """
            }
        }
    }
}

extension BookingFact {
    /// Where an appointment stands after the fact; nil when it does not say.
    fileprivate var standing: Reason? {
        switch self {
        case .requested: .awaitingConfirmation
        case .confirmed, .rescheduled, .reassigned, .relocated, .meetingStarted, .meetingEnded:
            .booked
        case .cancelled(_, let cancellation):
            switch cancellation.kind {
            case .booking, .series: .bookingCancelled
            case .rescheduleRequested: .awaitingNewTime
            // Whether others keep their seats is more than one fact tells.
            case .seat: nil
            }
        case .rejected: .rejected
        case .attendance, .paid, .formSubmitted, .formAbandoned: nil
        }
    }
}
