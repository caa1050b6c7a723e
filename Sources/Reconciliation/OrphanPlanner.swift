import Domain

/// Finds out what became of writes that were begun and that nothing calls for any more: the person
/// is no attendee now, or the settings do not ask for the record.
///
/// | what was begun       | what is there                         | what is noted                      |
/// |----------------------|---------------------------------------|------------------------------------|
/// | a record was made    | one that we made since                | it, as ours                        |
/// |                      | the same, deleted by somebody         | that it was                        |
/// |                      | nothing                               | that it never existed              |
/// | a record was changed | fields that hold what was to be written | those, as ours                   |
/// |                      | anything else                         | nothing; the wait is over          |
/// | a record was deleted | nothing                               | that it is gone                    |
/// | anything             | what cannot be asked for any more     | nothing; the wait is over          |
/// | a fallback record    | it would not be told from others      | nothing; it stays open             |
///
/// Nothing is written. Without this such an outcome would never be known.
struct OrphanPlanner {
    let planner: Planner

    private var input: PlanningInput { planner.input }

    /// One operation for every begun write that none of a plan's operations is about.
    func plan(beside operations: [PlanOperation]) -> [PlanOperation] {
        let planned = Set(operations.map(\.id))
        return input.begun.filter { !planned.contains($0.key) }
            .compactMap { id, begun in
                RecordSubject(name: id.rawValue).flatMap { subject in
                    isKnowable(subject, begun) ? plan(subject, begun) : nil
                }
            }
            .sorted { $0.subject < $1.subject }
    }

    /// Whether the org can tell: a fallback record without our key looks like any other, and whether
    /// it was made stays open.
    private func isKnowable(_ subject: RecordSubject, _ begun: BegunWrite) -> Bool {
        guard case .fallback = subject, begun.record == nil else { return true }
        return input.schema.hasKeyField(input.keyField, on: begun.object)
    }

    private func plan(_ subject: RecordSubject, _ begun: BegunWrite) -> PlanOperation {
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
        guard let link = link(subject, begun) else { return operation }
        let fate = Fate(of: link.record, in: input.directory)
        operation.candidates = [link.record]
        guard case .present(let record, _) = fate else {
            if begun.kind == .delete { operation.record = link.record }
            if begun.kind == .create {
                (operation.kind, operation.reason) = (.hold, .deletedByOther)
            }
            return operation
        }
        operation.object = record.object
        (operation.record, operation.stamp) = (record.id, record.stamp)
        operation.follow(link, to: record, in: planner)
        operation.fields = confirmed(begun, on: record)
        let isSure = begun.kind == .create || !operation.fields.isEmpty
        operation.reason = isSure ? .confirmedLate : .noOpinion
        return operation
    }

    /// The record that was written to, or that was made.
    private func link(_ subject: RecordSubject, _ begun: BegunWrite) -> RecordLink? {
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
        case .event(let uid):
            let key = EventKey.value(for: AppointmentID(root: uid))
            return input.directory.eventsByKey[key].map {
                RecordLink(subject: subject, object: $0.object, record: $0.id, isOurs: true)
            }
        case .fallback:
            return input.directory.fallbacks[subject].map {
                RecordLink(subject: subject, object: $0.object, record: $0.id, isOurs: true)
            }
        case .account: return nil
        }
    }

    /// The fields that hold what was to be written, and something else before.
    private func confirmed(_ begun: BegunWrite, on record: ObservedRecord) -> [PlannedField] {
        begun.fields.sorted { $0.key < $1.key }.compactMap { field, intended in
            let live = record.value(field)
            let planned = PlannedField(
                field: field,
                outcome: .adopt,
                reason: .confirmedLate,
                live: live,
                desired: .value(live),
                cause: begun.cause,
                version: nil,
                rule: "",
                isPersonal: intended.isPersonal
            )
            let stands = begun.form(planned).before == intended.wish
            return stands && intended.before != intended.wish ? planned : nil
        }
    }
}
