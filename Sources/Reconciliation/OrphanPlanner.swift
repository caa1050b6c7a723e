import Domain

/// Finds out what became of writes that were begun and that nothing calls for any more: the person
/// is no attendee now, or the settings do not ask for the record.
///
/// | what was begun       | what is there                         | what is noted                      |
/// |----------------------|---------------------------------------|------------------------------------|
/// | a record was made    | one that we made since                | it, as ours                  |
/// |                      | the same, deleted by somebody         | both                         |
/// |                      | nothing                               | that it never existed        |
/// | a record was changed | fields that show what was written     | those, as ours               |
/// |                      | anything else                         | nothing; the wait is over    |
/// | a record was deleted | it, in the recycle bin                | that it is gone              |
/// | anything             | what Salesforce does not show         | that it is not visible       |
/// | anything             | what cannot be asked for              | nothing; it stays open       |
///
/// A fallback record without our key is one that holds what was to be written, that stands for
/// nothing else in the ledger, and that no other operation of the plan takes; of several, which may
/// be those of other bookings, the first.
///
/// Nothing is written. Without this such an outcome would never be known.
struct OrphanPlanner {
    let planner: Planner

    private var input: PlanningInput { planner.input }

    /// One operation for every begun write that none of a plan's operations is about.
    func plan(beside operations: [PlanOperation]) -> [PlanOperation] {
        guard !input.begun.isEmpty else { return [] }
        let planned = Set(operations.map(\.id))
        let orphans = input.begun.filter { !planned.contains($0.key) }
            .compactMap { id, begun in
                RecordSubject(name: id.rawValue).map { (subject: $0, begun: begun) }
            }
            .filter { isKnowable($0.subject, $0.begun) }
            .sorted { $0.subject < $1.subject }
        var taken = input.linked.union(operations.compactMap(\.record))
        return orphans.map { subject, begun in
            let operation = plan(subject, begun, besides: taken)
            taken.formUnion(operation.candidates)
            return operation
        }
    }

    /// Whether the org was asked, and can tell: what cannot be seen may be there.
    private func isKnowable(_ subject: RecordSubject, _ begun: BegunWrite) -> Bool {
        if let record = begun.record {
            return Fate(of: record, in: input.directory) != .unknown
        }
        guard input.schema.objects[begun.object] != nil else { return false }
        switch subject {
        case .person, .account, .fallback: return true
        // An appointment that called for its event record never ceases to.
        case .event: return false
        }
    }

    private func plan(
        _ subject: RecordSubject,
        _ begun: BegunWrite,
        besides taken: Set<SalesforceID>
    ) -> PlanOperation {
        var operation = PlanOperation(
            subject: subject,
            appointments: begun.appointments,
            kind: .unchanged,
            reason: .alreadyGone,
            object: begun.object,
            record: nil,
            isOurs: begun.kind == .create,
            fields: [],
            stamp: nil,
            candidates: [],
            cause: begun.cause
        )
        guard let link = link(subject, begun, besides: taken) else { return operation }
        operation.candidates = [link.record]
        if begun.kind == .create { operation.evidence = .made(link.record) }
        switch Fate(of: link.record, in: input.directory) {
        case .present(let record, _):
            operation.object = record.object
            (operation.record, operation.stamp) = (record.id, record.stamp)
            operation.isOurs = begun.kind == .create && record.id == link.record
            operation.follow(link, to: record, in: planner)
            let confirmed = confirmed(begun, on: record)
            // What was undone is as if a person had put it.
            operation.fields = begun.reason == .undone ? [] : confirmed
            if !confirmed.isEmpty, begun.kind != .create { operation.evidence = .changed }
            operation.reason = operation.evidence == nil ? .noOpinion : .confirmedLate
        case .deleted where begun.kind == .delete: operation.record = link.record
        case .deleted: operation.reason = .deletedByOther
        case .vanished, .unknown: (operation.kind, operation.reason) = (.hold, .notVisible)
        }
        return operation
    }

    /// The record that was written to, or that was made.
    private func link(
        _ subject: RecordSubject,
        _ begun: BegunWrite,
        besides taken: Set<SalesforceID>
    ) -> RecordLink? {
        if let record = begun.record {
            return RecordLink(
                subject: subject,
                object: begun.object,
                record: record,
                isOurs: false
            )
        }
        switch subject {
        case .person(let key): return begun.email.flatMap { planner.madeRecord(of: key, $0) }
        case .fallback:
            return fallback(subject, begun, besides: taken).map {
                RecordLink(subject: subject, object: $0.object, record: $0.id, isOurs: true)
            }
        case .event, .account: return nil
        }
    }

    /// The fallback record that was made: the one with our key or, without the field for it, the
    /// first of those that it can be.
    private func fallback(
        _ subject: RecordSubject,
        _ begun: BegunWrite,
        besides taken: Set<SalesforceID>
    ) -> ObservedRecord? {
        let found = input.directory.fallbacks[subject] ?? []
        if input.schema.hasKeyField(input.keyField, on: begun.object) { return found.first }
        guard let ownUser = input.ownUser else { return nil }
        return found.first { record in
            !taken.contains(record.id) && begun.made(record, ownUser: ownUser)
                && begun.isHeld(by: record)
        }
    }

    /// The fields that show what was to be written: they hold it and held something else before, or
    /// nobody changed the record since, and the org gave it another form.
    private func confirmed(_ begun: BegunWrite, on record: ObservedRecord) -> [PlannedField] {
        let isAsWeLeftIt =
            input.ownUser.map { begun.tookHold(on: record, ownUser: $0) } ?? false
        return begun.fields.sorted { $0.key < $1.key }.compactMap { field, intended in
            guard let live = record.fields[field] else { return nil }
            let planned = begun.standing(field, live, .adopt, .confirmedLate)
            let now = begun.form(planned).before
            let shows = now == intended.wish || isAsWeLeftIt
            return shows && intended.before != now ? planned : nil
        }
    }
}
