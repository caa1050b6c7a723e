public import Domain

/// Plans the event record of an appointment.
struct EventPlanner {
    let planner: Planner
    /// The records of the people to relate, made or to be made.
    let people: [PersonRecordKey: RecordReference]
    /// The people for whom a lead is made.
    let newLeads: Set<PersonRecordKey>
    /// The records whose place people's records took since they were linked.
    let former: [SalesforceID: SalesforceID]

    private var input: PlanningInput { planner.input }

    /// One operation for the record that stands for the appointment, and one for each further record
    /// that was made under another uid of the chain before the link between them was known.
    func plan(_ desired: DesiredEventRecord) -> [PlanOperation] {
        let links = desired.uids.flatMap { uid in
            [input.links[.event(uid)], found(uid)].compactMap { $0 }
        }
        // One that a person restored from the recycle bin is there again; one that we deleted is not
        // looked for.
        let live = links.filter { $0.state != .deleted && record(of: $0) != nil }
        let main = live.first
        let further = live.dropFirst().filter { $0.record != main?.record && $0.isOurs }
        let operations =
            [plan(desired, main: main, links: links)] + further.map { superseded($0, desired) }
        return (operations + neverMade(desired, beside: operations)).map(withEvidence)
    }

    /// The operation, knowing the record that an interrupted run made for it.
    private func withEvidence(_ operation: PlanOperation) -> PlanOperation {
        guard input.begun[operation.id]?.kind == .create,
            case .event(let uid) = operation.subject,
            let made = found(uid) ?? planner.linkBeforeReceipt(of: operation.subject)
        else { return operation }
        var known = operation
        known.evidence = .made(made.record)
        return known
    }

    /// Our record of a booking, whose making was begun and whose answer was lost: the key tells.
    ///
    /// One that we deleted before keeps the key in the recycle bin.
    private func found(_ uid: BookingUID) -> RecordLink? {
        let key = EventKey.value(for: AppointmentID(root: uid))
        guard let record = input.directory.eventsByKey[key] else { return nil }
        if record.isDeleted, let known = input.links[.event(uid)], known.state == .deleted,
            known.record == record.id
        {
            return nil
        }
        return RecordLink(
            subject: .event(uid),
            object: .eventRecord,
            record: record.id,
            isOurs: true
        )
    }

    /// Whether an interrupted run deleted the record, and its answer was lost.
    ///
    /// What a person had undone counts as deleted by somebody.
    private func isDeletedByUs(_ link: RecordLink) -> Bool {
        guard let begun = input.begun[OperationID(link.subject.name)], begun.kind == .delete,
            begun.record == link.record, begun.reason != .undone
        else { return false }
        return Fate(of: link.record, in: input.directory) == .deleted
    }

    /// Whether somebody else deleted the record, which we know that we made.
    private func isDeletedByOther(_ link: RecordLink) -> Bool {
        let fate = Fate(of: link.record, in: input.directory)
        return link.state != .deleted && fate.reasonToHold(link.state) == .deletedByOther
    }

    /// The record of a link, if it is there.
    private func record(of link: RecordLink) -> ObservedRecord? {
        if let record = input.directory.records[link.record] { return record }
        return input.directory.eventsByKey.values.first {
            $0.id == link.record && !$0.isDeleted
        }
    }

    /// What ends the wait for records that were begun under another uid of the chain, before the
    /// link between them was known, and that are not there or not there any more.
    private func neverMade(
        _ desired: DesiredEventRecord,
        beside operations: [PlanOperation]
    ) -> [PlanOperation] {
        desired.uids.compactMap { uid in
            var operation = blank(desired)
            operation.subject = .event(uid)
            operation.reason = .alreadyGone
            let link = input.links[.event(uid)]
            guard input.begun[operation.id]?.kind == .create,
                link.map(isDeletedByOther) ?? true,
                !operations.contains(where: { $0.subject == operation.subject })
            else { return nil }
            if let deleted = link ?? found(uid) {
                // It was made, and somebody deleted it before we knew.
                (operation.reason, operation.candidates) = (.deletedByOther, [deleted.record])
                operation.isOurs = true
            }
            return operation
        }
    }

    /// A second record for the same appointment goes, unless somebody worked on it.
    private func superseded(_ link: RecordLink, _ desired: DesiredEventRecord) -> PlanOperation {
        var operation = deletion(link, desired, .superseded)
        guard let record = record(of: link), isTouched(record, operation.id) else {
            return operation
        }
        (operation.kind, operation.reason) = (.hold, .editedByOther)
        operation.detail = "another event record stands for the appointment: keep one, delete one"
        return operation
    }

    /// Whether somebody else changed the record since we last saw it as we had left it.
    ///
    /// Who made it is we: what we changed last is as we left it. When we saw it tells nothing then,
    /// because for a write that was not read back that is by our clock, which may be behind the org's.
    private func isTouched(_ record: ObservedRecord, _ operation: OperationID) -> Bool {
        if let begun = input.begun[operation], let ownUser = input.ownUser,
            begun.tookHold(on: record, ownUser: ownUser)
        {
            return false
        }
        if let editor = record.lastModifiedBy, editor == record.createdBy { return false }
        guard let changed = record.lastModified,
            let seen = input.claims[record.id]?.values.compactMap(\.seenAt).max()
        else { return isByOther(record) }
        return changed > seen
    }

    /// Whether somebody else changed last what we made and never saw; false if that is not known.
    private func isByOther(_ record: ObservedRecord) -> Bool {
        guard let ownUser = input.ownUser, let editor = record.lastModifiedBy else { return false }
        return editor != ownUser
    }

    private func plan(
        _ desired: DesiredEventRecord,
        main: RecordLink?,
        links: [RecordLink]
    ) -> PlanOperation {
        if let main, let record = record(of: main) { return plan(desired, main, record) }
        let ours = links.first { $0.state != .deleted && isDeletedByUs($0) }
        let gone = links.filter { $0.state != .deleted && !isDeletedByUs($0) }
        // Where several stood for the appointment, what asks for it has to be newer than the last
        // deletion, not only than that of the first.
        if let gone = gone.first(where: { !desired.returns($0, in: input.directory) }) {
            let fate = Fate(of: gone.record, in: input.directory)
            // One that was found by its key only was deleted by somebody before we knew of it.
            return missing(gone, desired, fate.reasonToHold(gone.state) ?? .deletedByOther)
        }
        var operation = blank(desired)
        guard desired.existence == .required else {
            operation.reason = .alreadyGone
            operation.record = ours?.record
            operation.candidates = ours.map { [$0.record] } ?? []
            return operation
        }
        (operation.kind, operation.isOurs) = (.create, true)
        // What was begun under another name is found out apart; see ``OrphanPlanner``.
        if let ours, ours.subject == operation.subject {
            operation.evidence = .deleted(ours.record)
        }
        operation.reason = gone.isEmpty ? .recordCreated : .madeAgain
        operation.fields = creationFields(desired)
        return operation
    }

    private func plan(
        _ desired: DesiredEventRecord,
        _ link: RecordLink,
        _ record: ObservedRecord
    ) -> PlanOperation {
        if desired.existence == .removed {
            guard link.isOurs else {
                var operation = blank(desired, link, record)
                (operation.kind, operation.reason) = (.hold, .notOurs)
                return operation
            }
            return deletion(link, desired, desired.reason)
        }
        var operation = blank(desired, link, record)
        planner.recover(&operation, record) { planner in
            EventPlanner(planner: planner, people: people, newLeads: newLeads, former: former)
                .fields(of: desired, on: record)
        }
        return operation.settled()
    }

    private func fields(
        of desired: DesiredEventRecord,
        on record: ObservedRecord
    ) -> [PlannedField] {
        var fields = planner.decide(desired.fields, on: record)
        fields += planner.unasserted(desired.held, beside: desired.fields)
            .map { planner.held($0, live: record.value($0.field)) }
        if let attendees = attendees(desired, on: record) { fields.append(attendees) }
        return fields.byName()
    }

    /// A linked record that is not there any more: it is not made again.
    ///
    /// Of one that is only hidden nobody knows what became of it, cancelled or not. That somebody
    /// deleted it counts while the meeting is over, too: the meeting may take place after all.
    private func missing(
        _ link: RecordLink,
        _ desired: DesiredEventRecord,
        _ reason: Reason
    ) -> PlanOperation {
        var operation = blank(desired)
        (operation.record, operation.candidates) = (link.record, [link.record])
        operation.reason = reason
        if desired.existence == .required || reason == .notVisible {
            operation.kind = .hold
            operation.detail = planner.detail(reason, operation.candidates)
        }
        return operation
    }

    private func blank(
        _ desired: DesiredEventRecord,
        _ link: RecordLink? = nil,
        _ record: ObservedRecord? = nil
    ) -> PlanOperation {
        PlanOperation(
            subject: link?.subject ?? .event(desired.appointment.root),
            appointments: [desired.appointment],
            kind: .unchanged,
            reason: .inSync,
            object: .eventRecord,
            record: record?.id,
            isOurs: link?.isOurs ?? false,
            fields: [],
            stamp: record?.stamp,
            candidates: record.map { [$0.id] } ?? [],
            cause: desired.cause
        )
    }

    private func deletion(
        _ link: RecordLink,
        _ desired: DesiredEventRecord,
        _ reason: Reason
    ) -> PlanOperation {
        let record = record(of: link)
        var operation = blank(desired, link, record)
        // What an interrupted run wrote is not forgotten: the meeting may take place after all,
        // before the record is gone.
        if let record, input.begun[operation.id] != nil {
            planner.recover(&operation, record) { _ in [] }
        }
        (operation.kind, operation.reason, operation.record) = (.delete, reason, link.record)
        return operation
    }

    // MARK: Creation

    private func creationFields(_ desired: DesiredEventRecord) -> [PlannedField] {
        let empty = ObservedRecord(id: .none, object: .eventRecord, fields: [:])
        var fields = planner.decide(desired.fields, on: empty, creating: true)
        // An empty value is what a new record has anyway.
        fields.removeAll { $0.outcome == .adopt }
        fields += planner.unasserted(desired.held, beside: desired.fields)
            .map { planner.held($0, live: .empty) }
        if let attendees = attendees(desired, on: empty) { fields.append(attendees) }
        fields += planner.defaults(
            desired.creationDefaults,
            beyond: Set(fields.map(\.field)),
            .eventRecord,
            desired.cause
        )
        return fields.sorted { $0.field < $1.field }
    }

    // MARK: Attendees

    /// Relates the attendees: all of them with Shared Activities, else the booker.
    private func attendees(
        _ desired: DesiredEventRecord,
        on record: ObservedRecord
    ) -> PlannedField? {
        guard let wish = desired.attendees else { return nil }
        let assertion = wish.newest
        let isShared = input.schema.hasSharedActivities
        let field: FieldName = isShared ? OrgSchema.attendeesField : "WhoId"
        let references = relatable(desired, isShared: isShared)
        var planned = PlannedField(
            field: field,
            outcome: .hold,
            reason: .noAttendeeRecord,
            live: record.value(field),
            desired: nil,
            cause: assertion.cause,
            version: assertion.version,
            rule: assertion.rule,
            isPersonal: false
        )
        guard let first = references.first else { return planned }
        planned.desired = isShared ? .records(references) : .record(first)
        let known = references.compactMap(\.existing)
        guard known.count == references.count else {
            if assertion.policy == .whenEmpty, !planned.live.isBlank {
                planned.reason = .notEmpty
                return planned
            }
            // Somebody's record is only being made: nothing that stands there can be it.
            (planned.outcome, planned.reason) = (
                .write, record.id == .none ? .firstClaim : .sourceChanged
            )
            return planned
        }
        let value: FieldValue = isShared ? .references(known) : .reference(known[0])
        planned.desired = .value(value)
        let verdict = FieldDecision.decide(
            planner.situation(
                assertion,
                value,
                planned.live,
                claim(field, on: record, showing: planned.live),
                record,
                nil
            )
        )
        (planned.outcome, planned.reason) = (verdict.outcome, verdict.reason)
        return planned
    }

    /// What is remembered of the related records.
    ///
    /// Salesforce relates the record that stayed where one was merged or converted: nobody edited
    /// the list.
    private func claim(
        _ field: FieldName,
        on record: ObservedRecord,
        showing live: FieldValue
    ) -> Claim? {
        guard var claim = input.claims[record.id]?[field] else { return nil }
        func digest(_ value: FieldValue) -> ValueDigest {
            planner.digest(CanonicalForm.text(of: value, nil))
        }
        if !former.isEmpty, claim.seen == digest(before(live)) { claim.seen = digest(live) }
        return claim
    }

    /// The related records as they were before the moves that this plan finds out.
    private func before(_ live: FieldValue) -> FieldValue {
        switch live {
        case .reference(let id): .reference(former[id] ?? id)
        case .references(let ids): .references(ids.map { former[$0] ?? $0 })
        default: live
        }
    }

    /// The most contacts that can be related to one event record.
    private static let mostContacts = 50

    /// The records to relate: several contacts or one lead, the booker's first.
    private func relatable(_ desired: DesiredEventRecord, isShared: Bool) -> [RecordReference] {
        var seen: Set<RecordReference> = []
        let all = desired.attendeeKeys.compactMap { key in people[key].map { (key, $0) } }
            .filter { seen.insert($0.1).inserted }
        guard isShared, let first = all.first, !isLead(first.1, first.0) else {
            return Array(all.prefix(1).map(\.1))
        }
        return Array(all.filter { !isLead($0.1, $0.0) }.map(\.1).prefix(Self.mostContacts))
    }

    private func isLead(_ reference: RecordReference, _ key: PersonRecordKey) -> Bool {
        switch reference {
        case .record(let id): return id.keyPrefix == "00Q"
        case .created: return newLeads.contains(key)
        }
    }
}

extension RecordReference {
    /// The id of a record that exists.
    var existing: SalesforceID? {
        if case .record(let id) = self { id } else { nil }
    }
}

/// Daybook's key of an event record: what makes creating it safe to repeat.
public enum EventKey {
    /// The key of an appointment.
    ///
    /// Prefixed, because the field is shared with tasks; without dots and slashes, because the key
    /// is part of URLs.
    public static func value(for appointment: AppointmentID) -> String {
        let safe = appointment.root.rawValue.unicodeScalars.map { scalar in
            scalar.properties.isAlphabetic && scalar.isASCII || ("0"..."9").contains(scalar)
                ? String(scalar) : "_\(String(scalar.value, radix: 16))_"
        }
        return "calcom-\(safe.joined())"
    }
}
