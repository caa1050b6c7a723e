import Domain
import Journal
import Ledger
import Projection
import Reconciliation

extension Replay {
    /// The settings that read the events of the replay.
    func timeline(_ accepted: [SettingsRevision]) -> SettingsTimeline {
        let timeline = SettingsTimeline(accepted)
        guard let revisions else { return timeline }
        return timeline.replaying(
            SettingsCounterfactual(
                revisions,
                since: request.since,
                eventType: request.eventType
            )
        )
    }
}

extension DesiredState {
    /// The people of whom all appointments have to be read: those of whom it was not done before,
    /// in an earlier chunk or in an earlier window of a replay.
    ///
    /// So a guest whom thousands of meetings share is read with all of them once, and not again for
    /// every window that has some of these meetings.
    ///
    /// - Parameters:
    ///   - own: The appointments that are looked at.
    ///   - journal: Where histories are.
    ///   - settings: What reads them.
    ///   - replay: The replay; nil for a run.
    /// - Returns: The people.
    /// - Throws: ``LedgerError``.
    mutating func peopleToComplete(
        _ own: [Projected],
        from journal: Journal,
        _ settings: SettingsTimeline,
        _ replay: Replay?
    ) async throws(LedgerError) -> Set<PersonID> {
        guard let replay, let first = replay.window?.first else {
            let keys = Set(PersonProjector.keyed(own.flatMap(\.result.contributions)).map(\.key))
            return Set(keys.filter { !isComplete($0) }.map(\.person))
        }
        let people = own.reduce(into: Set()) { $0.formUnion($1.people) }
            .subtracting(plannedHere).subtracting(plannedEarlier)
        // One of each is enough for most; the others of a person are read anyway.
        let earlier = try await journal.someAppointments(of: people, before: first)
        var rest = earlier[...]
        while !rest.isEmpty {
            let some = Array(rest.prefix(Self.chunk))
            rest = rest.dropFirst(some.count)
            for history in try await journal.histories(of: some) {
                let projected = Projected(history, settings, replay)
                leaveToEarlierWindows(history, projected, settings, replay)
            }
        }
        return people.subtracting(plannedEarlier)
    }

    /// Notes the people of an appointment that belongs to an earlier window of a replay.
    ///
    /// Their records were planned there, with all that they depend on; here they are only looked up,
    /// because event records refer to them.
    mutating func leaveToEarlierWindows(
        _ history: AppointmentHistory,
        _ projected: Projected,
        _ settings: SettingsTimeline,
        _ replay: Replay
    ) {
        guard let window = replay.window, history.appointment < window.first,
            replay.includes(history, asOf: window.head)
        else { return }
        // Whoever joined since the walk began was not seen there.
        let then =
            history.isKnown(at: window.head)
            ? projected
            : Projected(history.known(at: window.head), settings, replay)
        plannedEarlier.formUnion(then.people)
    }

    /// Leaves only some fields: no record is made or deleted for their sake, and no other field is
    /// read or written.
    ///
    /// - Parameter fields: The fields, in any letter case; empty for all.
    mutating func narrow(to fields: Set<FieldName>) {
        guard !fields.isEmpty else { return }
        let names = Set(fields.map { $0.rawValue.lowercased() })
        func isMeant(_ field: FieldName) -> Bool { names.contains(field.rawValue.lowercased()) }
        var meant = fields
        for place in events.indices {
            events[place].fields.removeAll { !isMeant($0.field) }
            events[place].held.removeAll { !isMeant($0.field) }
            (events[place].attendees, events[place].attendeeKeys) = (nil, [])
            (events[place].creationDefaults, events[place].existence) = ([:], .ifThere)
            meant.formUnion(events[place].fields.map(\.field))
        }
        events.removeAll { $0.fields.isEmpty && $0.held.isEmpty }
        for place in accounts.indices {
            accounts[place].fields.removeAll { !isMeant($0.field) }
            accounts[place].held.removeAll { !isMeant($0.field) }
            if !isMeant("OwnerId") { accounts[place].owner = nil }
            meant.formUnion(accounts[place].fields.map(\.field))
        }
        accounts.removeAll { $0.fields.isEmpty && $0.held.isEmpty && $0.owner == nil }
        // An account is found by its person's contact.
        let atAccounts = Set(accounts.map(\.key))
        for (key, person) in people {
            let narrowed = person.narrowed(isMeant)
            let isEmpty = narrowed.fields.isEmpty && narrowed.held.isEmpty && narrowed.owner == nil
            people[key] = isEmpty && !atAccounts.contains(key) ? nil : narrowed
            meant.formUnion(narrowed.fields.map(\.field))
        }
        // They are made once, and never changed.
        fallbacks = []
        only = meant
    }
}

extension AppointmentHistory {
    /// Whether all of it was known when the ledger ended at a position.
    fileprivate func isKnown(at head: LedgerPosition) -> Bool {
        facts.allSatisfy { $0.position <= head } && forms.allSatisfy { $0.position <= head }
            && seriesCancellations.allSatisfy { $0.fact.position <= head }
    }

    /// What was known of the appointment when the ledger ended at a position.
    fileprivate func known(at head: LedgerPosition) -> Self {
        var known = self
        known.facts.removeAll { $0.position > head }
        known.forms.removeAll { $0.position > head }
        known.seriesCancellations.removeAll { $0.fact.position > head }
        return known
    }
}

extension DesiredPersonRecord {
    fileprivate func narrowed(_ isMeant: (FieldName) -> Bool) -> Self {
        var narrowed = self
        narrowed.fields.removeAll { !isMeant($0.field) }
        narrowed.held.removeAll { !isMeant($0.field) }
        if !isMeant("OwnerId") { (narrowed.owner, narrowed.details.owner) = (nil, nil) }
        (narrowed.creationDefaults, narrowed.existence) = ([:], .ifThere)
        return narrowed
    }
}

extension PlanOperation {
    /// Whether the operation is about a record of one of some people.
    func isAbout(_ people: Set<PersonID>) -> Bool {
        if case .person(let key) = subject { people.contains(key.person) } else { false }
    }

    /// The operation without the fields that are left alone.
    func leaving(out isIgnored: (ObjectName, FieldName) -> Bool) -> Self {
        let rest = fields.filter { !isIgnored(object, $0.field) }
        guard rest.count < fields.count else { return self }
        var left = self
        left.fields = rest
        guard record != nil, kind == .update || kind == .hold else { return left }
        (left.kind, left.reason) = (.unchanged, .inSync)
        return left.settled()
    }

    /// The operation without fields that were not asked for; nil if nothing is left of it.
    ///
    /// - Parameter only: The fields that were asked for; nil for all.
    /// - Returns: What is left of the operation.
    func limited(to only: Set<FieldName>?) -> Self? {
        guard let only else { return self }
        guard kind != .delete, kind != .create else { return nil }
        var limited = self
        limited.fields.removeAll { !only.contains($0.field) }
        guard record != nil, limited.fields.count < fields.count else { return limited }
        (limited.kind, limited.reason) = (.unchanged, .inSync)
        return limited.settled()
    }
}
