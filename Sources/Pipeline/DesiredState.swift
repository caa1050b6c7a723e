import Domain
import Journal
import Ledger
import Projection

/// What the ledger calls for, for the appointments a run looks at.
struct DesiredState {
    var appointments: [AppointmentID]
    /// The end of the ledger when it was read.
    var head: LedgerHead
    var settings: [SettingsRevision]
    var events: [DesiredEventRecord] = []
    var people: [PersonRecordKey: DesiredPersonRecord] = [:]
    var waiting: [PersonRecordKey: [AppointmentID]] = [:]
    /// The person under whose key an appointment's values are sealed.
    var bookers: [AppointmentID: PersonID] = [:]
    /// People whose records an earlier window of a replay planned.
    var plannedEarlier: Set<PersonRecordKey> = []
    /// The fields that are looked at; nil for all.
    var only: Set<FieldName>?

    /// How many histories are in memory at a time.
    private static let chunk = 250

    /// Projects appointments, and everything that their attendees' records depend on.
    ///
    /// - Parameters:
    ///   - appointments: The appointments to look at.
    ///   - journal: Where their histories are.
    ///   - replay: Which settings read the events, and which part is looked at; nil for a run.
    /// - Returns: What the ledger calls for.
    /// - Throws: ``LedgerError``.
    static func derive(
        _ appointments: [AppointmentID],
        from journal: Journal,
        as replay: Replay? = nil
    ) async throws(LedgerError) -> DesiredState {
        let head = try await journal.head()
        let revisions = try await journal.settingsRevisions()
        let settings = replay.map { $0.timeline(revisions) } ?? SettingsTimeline(revisions)
        var state = DesiredState(appointments: appointments, head: head, settings: revisions)
        var rest = appointments[...]
        while !rest.isEmpty {
            let chunk = Array(rest.prefix(Self.chunk))
            rest = rest.dropFirst(chunk.count)
            let histories = try await journal.histories(of: chunk)
            let own = Set(chunk)
            let looked = histories.filter { history in
                guard let replay, !replay.includes(history) else { return true }
                return !own.contains(history.appointment)
            }
            let projected = looked.map {
                ($0.appointment, AppointmentProjector.project($0, settings: settings))
            }
            state.add(projected, chunk)
            if let replay { state.leaveToEarlierWindows(projected, looked, replay) }
        }
        if let replay { state.narrow(to: replay.request.fields) }
        return state
    }

    /// Adds a chunk and the appointments that share attendees with it.
    ///
    /// The records of people who are only in the others are left for the run that looks at those:
    /// not all that they depend on was read.
    private mutating func add(
        _ projected: [(AppointmentID, ProjectedAppointment)],
        _ chunk: [AppointmentID]
    ) {
        let own = Set(chunk)
        let mine = projected.filter { own.contains($0.0) }
        for (appointment, result) in mine {
            if let event = result.eventRecord { events.append(event) }
            bookers[appointment] = result.contributions.first?.key.person
            for contribution in result.contributions {
                waiting[contribution.key, default: []].append(appointment)
            }
        }
        let keys = Set(mine.flatMap { $0.1.contributions.map(\.key) })
        let contributions = projected.flatMap(\.1.contributions).filter { keys.contains($0.key) }
        for person in PersonProjector.fold(contributions) { people[person.key] = person }
    }
}
