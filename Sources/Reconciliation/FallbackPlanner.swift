public import Domain

/// Plans the records that tell of bookings nobody was routed to.
///
/// | what is there                          | what is done                              |
/// |----------------------------------------|-------------------------------------------|
/// | the record, however it looks by now    | nothing                                   |
/// | it was there, and somebody deleted it  | nothing; people delete for a reason       |
/// | nothing, and the host owns the account | nothing, where the settings ask for that  |
/// | nothing, and the object cannot be seen | it is held back                           |
/// | nothing                                | it is made, if the appointment is on      |
///
/// After an answer was lost, an object without the field for our key shows the record by its texts
/// only, and others may have the same. The record is then one that we made since, that stands for
/// nothing else in the ledger, and that no other booking of the plan takes.
struct FallbackPlanner {
    let planner: Planner
    let accounts: AccountPlanner

    private var input: PlanningInput { planner.input }

    func plan() -> [PlanOperation] {
        var taken = input.linked
        return input.fallbacks.sorted { $0.subject < $1.subject }.map { desired in
            let operation = plan(desired, existing: existing(desired, besides: taken))
            if let record = operation.record { taken.insert(record) }
            return operation
        }
    }

    private func plan(
        _ desired: DesiredFallbackRecord,
        existing: ObservedRecord?
    ) -> PlanOperation {
        var operation = blank(desired)
        if let found = existing {
            (operation.record, operation.stamp) = (found.id, found.stamp)
            (operation.candidates, operation.isOurs) = ([found.id], true)
            if input.begun[operation.id]?.kind == .create { operation.evidence = .made(found.id) }
            return operation
        }
        if let link = link(of: desired) {
            (operation.record, operation.candidates) = (link.record, [link.record])
            let isGone =
                link.state == .deletedByOther || input.directory.asked.contains(link.record)
            (operation.kind, operation.reason) = (.hold, isGone ? .deletedByOther : .notVisible)
            return operation
        }
        guard desired.existence == .required else {
            operation.reason = .alreadyGone
            return operation
        }
        if isHostsAccount(desired) {
            operation.reason = .hostOwnsAccount
            return operation
        }
        guard input.schema.objects[desired.object] != nil else {
            (operation.kind, operation.reason) = (.hold, .notVisible)
            return operation
        }
        operation.fields = fields(of: desired)
        guard !operation.written.isEmpty else {
            // Without any value it would tell nothing.
            (operation.kind, operation.reason) = (
                .hold, operation.fields.first?.reason ?? .noOpinion
            )
            return operation
        }
        (operation.kind, operation.reason, operation.isOurs) = (.create, .recordCreated, true)
        return operation
    }

    /// The record that was made, under whichever uid the appointment was known then.
    private func link(of desired: DesiredFallbackRecord) -> RecordLink? {
        input.links[desired.subject]
            ?? desired.formerSubjects.lazy.compactMap { input.links[$0] }.first
    }

    /// What the record is, or is being, made for: under a former uid of the appointment, if that was
    /// begun then and its answer was lost.
    private func subject(of desired: DesiredFallbackRecord) -> RecordSubject {
        guard link(of: desired) == nil, input.begun[OperationID(desired.subject.name)] == nil else {
            return desired.subject
        }
        return desired.formerSubjects.first {
            input.begun[OperationID($0.name)]?.kind == .create
        } ?? desired.subject
    }

    /// The linked record, or one that was made before the answer was lost.
    private func existing(
        _ desired: DesiredFallbackRecord,
        besides taken: Set<SalesforceID>
    ) -> ObservedRecord? {
        if let link = link(of: desired) {
            return link.state == .live ? input.directory.records[link.record] : nil
        }
        let subject = subject(of: desired)
        let found = input.directory.fallbacks[subject] ?? []
        if input.schema.hasKeyField(input.keyField, on: desired.object) { return found.first }
        return found.first { !taken.contains($0.id) && mayBeMade($0, for: subject, desired) }
    }

    /// Whether we can have made a record for a booking; without the plan that was to make it, nobody
    /// knows better.
    ///
    /// What was begun for a former uid is looked for among all records of the object.
    private func mayBeMade(
        _ record: ObservedRecord,
        for subject: RecordSubject,
        _ desired: DesiredFallbackRecord
    ) -> Bool {
        guard let begun = input.begun[OperationID(subject.name)], let ownUser = input.ownUser else {
            return true
        }
        return begun.made(record, ownUser: ownUser)
            && (subject == desired.subject || begun.isHeld(by: record))
    }

    private func isHostsAccount(_ desired: DesiredFallbackRecord) -> Bool {
        guard let host = desired.unlessOwnedBy, let booker = desired.booker,
            let lookUp = desired.account,
            let user = input.directory.activeUser(host),
            let account = accounts.account(of: booker, lookUp)
        else { return false }
        return input.directory.records[account]?.reference("OwnerId") == user.id
    }

    private func blank(_ desired: DesiredFallbackRecord) -> PlanOperation {
        PlanOperation(
            subject: subject(of: desired),
            appointments: [desired.appointment],
            kind: .unchanged,
            reason: .inSync,
            object: desired.object,
            record: nil,
            isOurs: false,
            fields: [],
            stamp: nil,
            candidates: [],
            cause: desired.cause
        )
    }

    private func fields(of desired: DesiredFallbackRecord) -> [PlannedField] {
        let empty = ObservedRecord(id: .none, object: desired.object, fields: [:])
        var fields = planner.decide(desired.fields, on: empty, creating: true)
        fields.removeAll { $0.outcome == .adopt }
        fields += planner.unasserted(desired.held, beside: desired.fields)
            .map { planner.held($0, live: .empty) }
        fields += planner.defaults(
            desired.creationDefaults,
            beyond: Set(fields.map(\.field)),
            desired.object,
            desired.cause
        )
        return fields.sorted { $0.field < $1.field }
    }
}

extension EventKey {
    /// The key of a fallback record, in objects that have the field for it.
    public static func value(for appointment: AppointmentID, fallback name: String) -> String {
        "\(value(for: appointment))-\(name)"
    }
}
