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
    var accounts: [DesiredAccountRecord] = []
    var fallbacks: [DesiredFallbackRecord] = []
    var waiting: [PersonRecordKey: [AppointmentID]] = [:]
    /// The person under whose key an appointment's values are sealed.
    var bookers: [AppointmentID: PersonID] = [:]
    /// People whose records an earlier window of a replay planned.
    var plannedEarlier: Set<PersonRecordKey> = []
    /// The fields that are looked at; nil for all.
    var only: Set<FieldName>?

    /// The names of all operations there can be.
    var operations: Set<OperationID> {
        let subjects =
            people.keys.map(RecordSubject.person)
            + events.flatMap { $0.uids.map(RecordSubject.event) }
        return Set(subjects.map { OperationID($0.name) })
    }

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
        let everything = PersonProjector.keyed(projected.flatMap(\.1.contributions))
        var place = 0
        var keys: Set<PersonRecordKey> = []
        for (appointment, result) in projected {
            let contributions = everything[place..<place + result.contributions.count]
            place += result.contributions.count
            guard own.contains(appointment) else { continue }
            if let event = result.eventRecord { events.append(event) }
            fallbacks += result.fallbacks
            bookers[appointment] = contributions.first?.key.person
            for contribution in contributions {
                keys.insert(contribution.key)
                waiting[contribution.key, default: []].append(appointment)
            }
        }
        let contributions = everything.filter { keys.contains($0.key) }
        for person in PersonProjector.fold(contributions) { people[person.key] = person }
        let known = Set(accounts.map(\.key.person))
        accounts += PersonProjector.accounts(contributions)
            .filter { !known.contains($0.key.person) }
    }

    // MARK: What has to be fetched for it

    /// All fields of all records.
    var fields: [DesiredField] {
        events.flatMap(\.fields) + people.values.flatMap(\.fields) + accounts.flatMap(\.fields)
            + fallbacks.flatMap(\.fields)
    }

    /// The fields of accounts that are compared.
    var accountFields: Set<FieldName> {
        var names = Set(accounts.flatMap { $0.fields.map(\.field) + $0.held.map(\.field) })
        let isOwnerAsked =
            accounts.contains { $0.owner != nil } || fallbacks.contains { $0.unlessOwnedBy != nil }
        if isOwnerAsked { names.insert("OwnerId") }
        return names
    }

    /// The objects that are dealt with besides event records, people and accounts.
    var furtherObjects: Set<ObjectName> {
        let lookUps =
            people.values.map(\.lookUp.accounts) + accounts.map(\.lookUp.matching)
            + fallbacks.compactMap(\.account?.matching)
        let counts = lookUps.contains { $0.tieBreakers.contains(.mostOpportunities) }
        return Set(fallbacks.map(\.object)).union(counts ? [.opportunity] : [])
    }

    /// The names of the fields that records of an object are compared by.
    func fieldNames(of object: ObjectName) -> [FieldName] {
        switch object {
        case .eventRecord:
            events.flatMap { $0.fields.map(\.field) + $0.held.map(\.field) }
        case .contact, .lead:
            people.values.flatMap { $0.fields.map(\.field) + $0.held.map(\.field) }
        default:
            fallbacks.filter { $0.object == object }.flatMap { $0.fields.map(\.field) }
        }
    }
}
