import Domain
import Journal
import Ledger
import Projection

/// Says why an appointment's records do not exist, or need attention.
struct Standing {
    let journal: Journal
    let history: AppointmentHistory
    let settings: SettingsReading

    /// Sentences without personal data; none where everything is as it should be.
    func notes() async throws -> [String] {
        if let note = settingsNote() { return [note] }
        return try await [eventRecordNote()].compactMap { $0 } + peopleNotes() + failureNotes()
    }

    // MARK: Settings

    private func settingsNote() -> String? {
        guard !history.facts.isEmpty else {
            return """
                Nothing arrived about booking \(history.appointment.root.rawValue) itself. \
                \(Reason.incompleteHistory.words.text)
                """
        }
        let isInterpreted = history.typedFacts.contains { fact, eventType in
            settings.revision(for: eventType, occurred: fact.occurred, position: fact.position)
                != nil
        }
        guard !isInterpreted else { return nil }
        guard let last = history.typedFacts.last, let eventType = last.eventType else {
            return """
                The deliveries name no event type, and there are no default settings: nothing is \
                written; run 'daybook settings import FILE --default --effective all'.
                """
        }
        return withoutSettings(eventType, last.fact)
    }

    private func withoutSettings(_ eventType: EventTypeID, _ fact: RecordedFact) -> String {
        let number = String(eventType.rawValue)
        let isTooLate =
            settings.revision(
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
            written; run 'daybook settings import FILE --event-type \(number) --effective all'.
            """
    }

    // MARK: Event record

    private func eventRecordNote() async throws -> String? {
        let links = try await journal.links(of: history.subjects).values
        if links.contains(where: { $0.state == .live }) {
            guard try await journal.isDirty(history.appointment) else { return nil }
            return """
                No run has dealt with the newest event yet. Run 'daybook plan' to see what is to \
                be done, then 'daybook reconcile'.
                """
        }
        let gone = links.filter { $0.state == .deletedByOther }.max { first, second in
            (first.deletionNoted ?? .start, first.record)
                < (second.deletionNoted ?? .start, second.record)
        }
        if let gone {
            return try await goneNote(gone)
        }
        if !links.isEmpty { return try await deletionNote() }
        let reason = AppointmentProjector.project(history, settings: settings.timeline).status
        guard reason == .booked else { return "There is no event record. \(neverMade(reason))" }
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

    /// Since when a record is known to be gone that is not made again.
    private func goneNote(_ link: RecordLink) async throws -> String {
        let words = Reason.deletedByOther.words.text
        guard let position = link.deletionNoted,
            let noted = try await journal.openedEvents(at: [position]).first?.event
        else { return "The event record is gone. \(words)" }
        // Somebody had a run undone: its record counts as deleted by a person, and Daybook did it.
        if noted.type == "write.confirmed" { return try await deletionNote() }
        let run = try noted.json()["run"]?.string.map { ", run \($0)" } ?? ""
        let moment = Instant(milliseconds: noted.occurred).rfc3339Seconds
        return "The event record is gone, as was noticed at \(moment)\(run). \(words)"
    }

    /// What the receipt of Daybook's own deletion tells.
    private func deletionNote() async throws -> String {
        let events = try await journal.events(about: history.subjects).values.joined()
        let deletions = try events.filter { event in
            try event.type == "write.confirmed" && event.json()["kind"]?.string == "delete"
        }
        guard let deletion = deletions.max(by: { $0.position < $1.position }) else {
            return "The event record is gone: Daybook deleted it."
        }
        let data = try deletion.json()
        let moment = Instant(milliseconds: deletion.occurred).rfc3339Seconds
        let run = data["run"]?.string.map { ", run \($0)" } ?? ""
        let words = data["reason"]?.string.flatMap(Reason.init).map { reason in
            " \(inWords(reason, known: settings.known(at: LedgerPosition(deletion.position))))"
        }
        return "The event record is gone: Daybook deleted it at \(moment)\(run).\(words ?? "")"
    }

    /// Why it was deleted, by the settings of that time.
    private func inWords(_ reason: Reason, known: SettingsReading) -> String {
        guard reason == .bookingCancelled, let setting = cancellationSetting(known) else {
            return reason.words.text
        }
        return """
            The booking was cancelled, and 'onCancellation.eventRecord' is '\(setting.value)' in \
            settings version \(setting.version.rawValue).
            """
    }

    private func neverMade(_ reason: Reason) -> String {
        guard reason == .bookingCancelled, let setting = cancellationSetting(settings) else {
            return reason.words.text
        }
        return """
            The booking was cancelled before one was made, and a cancelled booking gets none; \
            'onCancellation.eventRecord', which says what becomes of one that is there, is \
            '\(setting.value)' in settings version \(setting.version.rawValue).
            """
    }

    /// What the settings that read the appointment's last event say of cancelled bookings.
    private func cancellationSetting(
        _ settings: SettingsReading
    ) -> (value: String, version: SettingsVersion)? {
        let revision = history.typedFacts.reversed().lazy.compactMap { fact, eventType in
            settings.revision(for: eventType, occurred: fact.occurred, position: fact.position)
        }.first
        guard let revision, let own = revision.settings else { return nil }
        return switch own.onCancellation {
        case .delete: ("delete", revision.version)
        case .keep(let written): (written.isEmpty ? "keep" : "keep: true", revision.version)
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
            let first = try await journal.planned(OperationID(subject.name), heldFor: reason)
            let since = first.map { " since \($0.since.rfc3339Seconds), run \($0.run)" } ?? ""
            notes.append("\(subject.name) has no record\(since). \(reason.words.text)")
        }
        return notes
    }

    private func failureNotes() async throws -> [String] {
        let subjects = Set(history.subjects + history.people.flatMap(RecordSubject.all))
        return try await journal.keptFailures().compactMap { failure in
            guard let subject = failure.subject, subjects.contains(subject),
                failure.state != .unclear, failure.state != .review
            else { return nil }
            let (note, entry) = (failure.note, failure.entry)
            let fields = note.fields.map(\.rawValue).listed
            let place = fields.isEmpty ? "" : " at \(fields)"
            let next =
                switch failure.state {
                case .ignored: "An operator said to leave it alone."
                default:
                    note.nextTry.map { "It is tried again at \($0.rfc3339Seconds)." }
                        ?? "It is not tried again before something changes."
                }
            return """
                Salesforce refused the last write of the \(note.object.auditWord) for \
                \(failure.name.rawValue): \(note.code)\(place), tried \(note.attempts) times. \
                \(entry.cause) \(entry.remedy) \(next)
                """
        }
    }
}
