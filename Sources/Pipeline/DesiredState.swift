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
    /// People all of whose records an earlier window of a replay planned; here they are only looked up.
    var plannedEarlier: Set<PersonID> = []
    /// People all of whose appointments were read for an earlier chunk.
    var plannedHere: Set<PersonID> = []
    /// People's records for which all that they depend on was read.
    private var complete: Set<PersonRecordKey> = []
    /// The fields that are looked at; nil for all.
    var only: Set<FieldName>?

    /// How many of the appointments belong to what was asked for.
    var included = 0

    /// Whether it is what other settings or a part of them call for, instead of those in force.
    var isReplay = false

    /// The names of all operations there can be.
    var operations: Set<OperationID> {
        let subjects =
            people.keys.map(RecordSubject.person)
            + accounts.map { RecordSubject.account($0.key.person) }
            + events.flatMap { $0.uids.map(RecordSubject.event) }
            + fallbacks.map(\.subject)
        return Set(subjects.map { OperationID($0.name) })
    }

    /// How many histories are in memory at a time.
    static let chunk = 250

    /// Whether all that a person's record depends on was read.
    func isComplete(_ key: PersonRecordKey) -> Bool { complete.contains(key) }

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
        state.isReplay = replay != nil
        var queue = AppointmentQueue(appointments, replay?.window)
        while let chunk = queue.next(Self.chunk) {
            var own = try await journal.histories(of: chunk)
                .filter { replay?.includes($0) ?? true }
                .map { Projected($0, settings, replay) }
            let people = try await state.peopleToComplete(own, from: journal, settings, replay)
            let others = try await state.others(
                of: people,
                besides: own,
                from: journal,
                settings,
                replay,
                &queue
            )
            own += others.whole
            state.included += own.count
            state.add(own, others, completing: people)
        }
        state.appointments += queue.further
        // Sorted, so that the order of reading does not show.
        state.waiting = state.waiting.mapValues { Set($0).sorted() }
        if let replay { state.narrow(to: replay.request.fields) }
        return state
    }

    /// What an appointment calls for.
    struct Projected {
        var appointment: AppointmentID
        var result: ProjectedAppointment
        /// Everybody of whom it says something.
        var people: Set<PersonID>

        /// Projects a history.
        ///
        /// - Parameters:
        ///   - history: What is known of the appointment.
        ///   - settings: What reads it.
        ///   - replay: The replay, in which others may count, too; nil for a run.
        init(
            _ history: AppointmentHistory,
            _ settings: SettingsTimeline,
            _ replay: Replay?
        ) {
            appointment = history.appointment
            result = AppointmentProjector.project(history, settings: settings)
            people = result.people.union(replay?.alsoNamed(history) ?? [])
        }
    }

    /// What people contribute in other appointments than some.
    ///
    /// Of those only the contributions stay in memory, however many there are; but where all people
    /// of an appointment are among these, and its turn is still to come, it is taken whole, so that
    /// it is not read again. From behind a window of a replay it is taken only if none of its people was
    /// planned in an earlier window: later ones find them planned, and do not take it again.
    private mutating func others(
        of people: Set<PersonID>,
        besides own: [Projected],
        from journal: Journal,
        _ settings: SettingsTimeline,
        _ replay: Replay?,
        _ queue: inout AppointmentQueue
    ) async throws(LedgerError) -> Others {
        var others = Others()
        guard !people.isEmpty else { return others }
        let known = own.map(\.appointment)
        var rest = try await journal.appointments(of: people, besides: known)[...]
        while !rest.isEmpty {
            let some = Array(rest.prefix(Self.chunk))
            rest = rest.dropFirst(some.count)
            for history in try await journal.histories(of: some) {
                let projected = Projected(history, settings, replay)
                if let replay { leaveToEarlierWindows(history, projected, settings, replay) }
                let isIncluded = replay?.includes(history) ?? true
                let isWhole = projected.people.isSubset(of: people)
                let isFirstWindow =
                    !projected.people.isEmpty && projected.people.isDisjoint(with: plannedEarlier)
                if isWhole, isIncluded,
                    queue.take(history.appointment, fromBehind: isFirstWindow)
                {
                    others.whole.append(projected)
                    continue
                }
                let isPlanned = isIncluded && replay?.window != nil
                others.rest += projected.result.contributions
                    .filter { people.contains($0.key.person) }
                    .map { ($0, isPlanned ? history.appointment : nil) }
            }
        }
        return others
    }

    /// What was read of people's other appointments.
    private struct Others {
        /// Those that are planned with the ones that are looked at.
        var whole: [Projected] = []
        /// What the people contribute in the rest; with the appointment, where a replay in windows plans
        /// it with them: their records are planned where they first appear.
        var rest: [(contribution: PersonContribution, appointment: AppointmentID?)] = []
    }

    /// Adds a chunk, with what its people contribute elsewhere.
    ///
    /// In a run, records that only the other appointments call for are left for the run that looks at
    /// those: not all that they depend on was read. A replay in windows plans all records of a person in
    /// the window in which the person first appears.
    private mutating func add(
        _ projected: [Projected],
        _ others: Others,
        completing people: Set<PersonID>
    ) {
        let everything = PersonProjector.keyed(
            projected.flatMap(\.result.contributions) + others.rest.map(\.contribution)
        )
        var place = 0
        var keys: Set<PersonRecordKey> = []
        for appointment in projected {
            let result = appointment.result
            let contributions = everything[place..<place + result.contributions.count]
            place += result.contributions.count
            if let event = result.eventRecord { events.append(event) }
            fallbacks += result.fallbacks
            bookers[appointment.appointment] = contributions.first?.key.person
            for contribution in contributions {
                keys.insert(contribution.key)
                waiting[contribution.key, default: []].append(appointment.appointment)
            }
        }
        for (contribution, other) in zip(everything[place...], others.rest) {
            guard let appointment = other.appointment,
                !plannedEarlier.contains(contribution.key.person)
            else { continue }
            keys.insert(contribution.key)
            waiting[contribution.key, default: []].append(appointment)
        }
        let contributions = everything.filter {
            keys.contains($0.key) && !complete.contains($0.key)
        }
        for person in PersonProjector.fold(contributions) { self.people[person.key] = person }
        // An account hears of a person once, with all bookings, whatever records these have.
        let told = plannedEarlier.union(accounts.map(\.key.person))
        accounts += PersonProjector.accounts(
            everything.filter {
                people.contains($0.key.person) && !told.contains($0.key.person)
            }
        )
        complete.formUnion(keys.filter { people.contains($0.person) })
        plannedHere.formUnion(people)
    }

    // MARK: What has to be fetched for it

    /// By what accounts are looked for: for people, and for ``mentionedAccountLookUps``.
    var accountLookUps: [AccountLookUp] {
        people.values.map(\.account) + mentionedAccountLookUps
    }

    /// What finds the accounts of those for whom something is wanted there, or that values name.
    var mentionedAccountLookUps: [AccountLookUp] {
        fields.flatMap(\.accountLookUps) + accounts.map(\.lookUp)
            + fallbacks.filter { $0.unlessOwnedBy != nil }.compactMap(\.account)
    }

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

extension ProjectedAppointment {
    /// Everybody of whom the appointment says something.
    var people: Set<PersonID> { Set(contributions.map(\.key.person)) }
}
