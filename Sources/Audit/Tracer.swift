import Domain
import Journal
import Ledger

/// Gathers everything that belongs to an appointment, a record or a person, and tells it in order.
struct Tracer {
    let journal: Journal

    func report(
        on subject: TraceReport.Subject,
        _ history: AppointmentHistory
    ) async throws -> TraceReport {
        var trace = try await gather([history])
        let people = try await journal.events(about: history.people.flatMap(RecordSubject.all))
        let uids = Set(history.uids.map(\.rawValue))
        let facts = Set(history.facts.map(\.position))
        for event in people.values.joined() {
            let isOwn = uids.contains(event.correlation) || event.isLink
            if try isOwn || !event.causes().isDisjoint(with: facts) { trace.add(event) }
        }
        let subjects = history.subjects + history.people.flatMap(RecordSubject.all)
        return try await report(on: subject, [history], subjects, &trace)
    }

    func report(on record: SalesforceID) async throws -> TraceReport {
        let found = try await RecordEvents(record, journal)
        var trace = TraceGathering()
        for event in found.events { trace.add(event) }
        let causes = try found.events.reduce(into: Set()) { $0.formUnion(try $1.causes()) }
        for opened in try await journal.openedEvents(at: causes) { trace.add(opened) }
        var report = TraceReport(.record(record))
        report.appointments = try await appointments(behind: found.events)
        report.records = try await journal.links(to: record)
        try await finish(&report, &trace)
        return report
    }

    func report(on person: PersonID, erased: LedgerPosition?) async throws -> TraceReport {
        var histories: [AppointmentHistory] = []
        for appointment in try await journal.appointments(of: person) where !appointment.isForms {
            guard let history = try await journal.history(ofBooking: appointment.root) else {
                continue
            }
            histories.append(history)
        }
        var trace = try await gather(histories)
        let forms = try await journal.forms(of: person)
        for opened in try await journal.openedEvents(at: forms) { trace.add(opened) }
        let own = RecordSubject.all(person)
        for event in try await journal.events(about: own).values.joined() { trace.add(event) }
        for event in try await journal.routings(of: person) { trace.add(event) }
        let subjects = own + histories.flatMap(\.subjects)
        if let erased {
            for opened in try await journal.openedEvents(at: [erased]) { trace.add(opened) }
        }
        var report = try await report(on: .person(person), histories, subjects, &trace)
        if let erased {
            report.notes.append(
                "The person was erased by event \(erased.rawValue): who it was is gone for good."
            )
        }
        if report.entries.isEmpty {
            report.notes.append(
                """
                The person attended no booking. Hosts and those who only moved or cancelled a \
                booking are known too, and have no records.
                """
            )
        }
        return report
    }

    // MARK: Gathering

    /// The facts of appointments, the settings that interpret them, and what became of their event
    /// records.
    private func gather(_ histories: [AppointmentHistory]) async throws -> TraceGathering {
        var trace = TraceGathering()
        let revisions = try await journal.settingsRevisions()
        var positions: Set<LedgerPosition> = []
        for history in histories {
            let facts = history.facts + history.seriesCancellations.map(\.fact) + history.forms
            positions.formUnion(facts.map(\.position))
            let used = history.revisions(SettingsReading(revisions))
            positions.formUnion(used.keys.map(\.position))
            for (revision, interpreted) in used {
                trace.interpreted[revision.position, default: []].formUnion(interpreted)
            }
        }
        for opened in try await journal.openedEvents(at: positions) { trace.add(opened) }
        let subjects = histories.flatMap { $0.subjects + $0.fallbacks(revisions) }
        for event in try await journal.events(about: subjects).values.joined() { trace.add(event) }
        return trace
    }

    private func appointments(behind events: [StoredEvent]) async throws -> [AppointmentID] {
        var roots: Set<AppointmentID> = []
        for uid in Set(events.map(\.correlation)).compactMap(BookingUID.init) {
            if let history = try await journal.history(ofBooking: uid),
                !history.appointment.isForms
            {
                roots.insert(history.appointment)
            }
        }
        return roots.sorted()
    }

    // MARK: Telling

    private func report(
        on subject: TraceReport.Subject,
        _ histories: [AppointmentHistory],
        _ subjects: [RecordSubject],
        _ trace: inout TraceGathering
    ) async throws -> TraceReport {
        var report = TraceReport(subject)
        report.appointments = histories.map(\.appointment).sorted()
        report.uids = histories.flatMap(\.uids)
        let revisions = try await journal.settingsRevisions()
        let fallbacks = histories.flatMap { $0.fallbacks(revisions) }
        let links = try await journal.links(of: subjects + fallbacks)
        report.records = links.values.sorted { $0.subject < $1.subject }
        let settings = SettingsReading(revisions)
        for history in histories {
            let standing = Standing(journal: journal, history: history, settings: settings)
            report.notes += try await standing.notes()
        }
        try await finish(&report, &trace)
        return report
    }

    private func finish(_ report: inout TraceReport, _ trace: inout TraceGathering) async throws {
        for event in try await journal.events(ofRuns: try trace.runs()) { trace.add(event) }
        report.entries = try trace.entries()
    }
}

/// The events of one trace, each once.
struct TraceGathering {
    private var events: [Int64: StoredEvent] = [:]
    private var facts: [Int64: BookingFact] = [:]
    /// The facts that each version of the settings interprets, by the version's position.
    var interpreted: [LedgerPosition: Set<LedgerPosition>] = [:]

    mutating func add(_ event: StoredEvent) { events[event.position] = event }

    mutating func add(_ opened: OpenedEvent) {
        events[opened.event.position] = opened.event
        facts[opened.event.position] = opened.fact
    }

    /// The runs that the events name, in order.
    func runs() throws -> [String] {
        try Set(events.values.compactMap { try $0.json()["run"]?.string }).sorted()
    }

    func entries() throws -> [TraceEntry] {
        try events.values.sorted { $0.position < $1.position }.map(entry)
    }

    private func entry(_ event: StoredEvent) throws -> TraceEntry {
        let data = try event.json()
        let fact = facts[event.position]
        var text = fact?.sentence ?? EventSentence(type: event.type, data: data).text
        let position = LedgerPosition(event.position)
        if let used = interpreted[position]?.sorted(), !used.isEmpty {
            let places = used.map { String($0.rawValue) }.listed
            text += "; interprets event\(used.count > 1 ? "s" : "") \(places)"
        }
        return TraceEntry(
            position: position,
            occurred: Instant(milliseconds: event.occurred),
            recorded: Instant(milliseconds: event.recorded),
            type: event.type,
            uid: fact?.bookingUID,
            actor: event.actor,
            text: text,
            isPersonal: fact != nil && !event.parts.isEmpty,
            details: data
        )
    }
}

extension TraceReport {
    init(_ subject: Subject) {
        self.init(
            subject: subject,
            appointments: [],
            uids: [],
            records: [],
            entries: [],
            notes: []
        )
    }
}

extension StoredEvent {
    /// Whether the event says which record stands for a subject, or that it is gone.
    fileprivate var isLink: Bool { type.hasPrefix("record.") }
}

extension RecordSubject {
    /// The records that a person may have.
    static func all(_ person: PersonID) -> [RecordSubject] {
        PersonRecordKey.all(of: person).map(RecordSubject.person) + [.account(person)]
    }
}

extension AppointmentHistory {
    /// The event records that the appointment may have.
    var subjects: [RecordSubject] { uids.map(RecordSubject.event) }

    /// The records that may tell of a missed owner, by all names that settings ever gave them.
    func fallbacks(_ revisions: [SettingsRevision]) -> [RecordSubject] {
        let names = Set(revisions.flatMap { $0.settings?.fallback.create.map(\.name) ?? [] })
        return names.sorted().flatMap { name in uids.map { .fallback($0, name: name) } }
    }

    /// The attendees, each once, in the order in which they are named.
    var people: [PersonID] {
        var seen: Set<PersonID> = []
        return facts.sorted(by: RecordedFact.happenedEarlier)
            .flatMap { $0.fact.booking?.attendees ?? [] }
            .compactMap(\.person).filter { seen.insert($0).inserted }
    }

    /// The event type that counts for each fact: the one it names, else the one known before.
    var typedFacts: [(fact: RecordedFact, eventType: EventTypeID?)] {
        let ordered = facts.sorted(by: RecordedFact.happenedEarlier)
        var known = ordered.lazy.compactMap { $0.fact.booking?.eventType }.first
        return ordered.map { fact in
            known = fact.fact.booking?.eventType ?? known
            return (fact, known)
        }
    }

    /// The versions of the settings that interpret facts, with the facts.
    fileprivate func revisions(
        _ reading: SettingsReading
    ) -> [SettingsRevision: Set<LedgerPosition>] {
        typedFacts.reduce(into: [:]) { used, typed in
            let revision = reading.revision(
                for: typed.eventType,
                occurred: typed.fact.occurred,
                position: typed.fact.position
            )
            if let revision { used[revision, default: []].insert(typed.fact.position) }
        }
    }
}
