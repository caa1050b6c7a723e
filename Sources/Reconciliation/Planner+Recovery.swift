import Domain

// What the records show of writes that an interrupted run began.
extension Planner {
    /// Decides the fields of a record on which a write was begun, and remembers what it shows.
    ///
    /// | stands there              | and the record                        | outcome              |
    /// |---------------------------|---------------------------------------|----------------------|
    /// | what was to be written    | is as it may be                       | ours                 |
    /// | what stood there before   | was changed last by us, or not by now | decided anew         |
    /// | something else            | was changed last by us                | ours: sent that, saw this |
    /// | anything else             | was made by us, or another field shows that it was written | edited since |
    /// | something else            | shows nothing                         | decided anew         |
    ///
    /// A write goes without what waited for records that nobody knows to be made: where such a
    /// field stands as before, it is decided anew.
    ///
    /// Every field that was to be written counts, also one that nothing calls for any more.
    ///
    /// - Parameters:
    ///   - operation: The operation, which has the same name in every plan; gets the fields, and what
    ///     is known of them also for later runs.
    ///   - record: The record as it stands.
    ///   - decide: Decides all fields.
    func recover(
        _ operation: inout PlanOperation,
        _ record: ObservedRecord,
        _ decide: (Planner) -> [PlannedField]
    ) {
        let late = seenLate(on: record)
        operation.inherited.merge(late) { _, new in new }
        operation.fields = remembering(late, of: record, decide)
        guard !input.begun.isEmpty else { return }
        let own = input.begun[operation.id]
        guard let begun = own ?? begunForForms(of: operation.subject, on: record),
            let ownUser = input.ownUser
        else { return }
        let isAsWeLeftIt = begun.tookHold(on: record, ownUser: ownUser)
        let fields = operation.fields + noMoreWanted(begun, besides: operation, on: record)
        let known =
            isAsWeLeftIt
            ? claimsOfWriting(begun, fields, on: record)
            : claimsOfSending(begun, operation, fields, on: record, ownUser: ownUser)
        if own?.kind == .update, isAsWeLeftIt || !known.isEmpty { operation.evidence = .changed }
        // What was undone is as if a person had put it.
        guard !known.isEmpty, begun.reason != .undone else { return }
        operation.inherited.merge(known) { _, new in new }
        let remembered = late.merging(known) { _, new in new }
        operation.fields = remembering(remembered, of: record, decide).map { planned in
            guard let intended = begun.fields[planned.field], known[planned.field] != nil else {
                return planned
            }
            var confirmed = planned
            if planned.outcome == .unchanged {
                (confirmed.outcome, confirmed.reason) = (.adopt, .agreed)
            } else if isAsWeLeftIt, planned.outcome != .adopt,
                intended.wish == begun.form(planned).wish
            {
                (confirmed.outcome, confirmed.reason) = (.adopt, .confirmedLate)
            }
            return confirmed
        }
    }

    /// Whether a record may show what became of values that could not be read back: who changed it
    /// last tells.
    public var hasUnseen: Bool {
        input.directory.records.values.contains { !unseen(on: $0).isEmpty }
    }

    /// What is remembered of fields that were written and not read back, and that hold something
    /// else than was sent.
    ///
    /// Their receipt is newer than the record, which nobody changed afterwards. Where something was
    /// seen just as the record was changed last, that was another write.
    private func unseen(on record: ObservedRecord) -> [FieldName: Claim] {
        guard let claims = input.claims[record.id], let changed = record.lastModified,
            let told = claims.values.compactMap(\.seenAt).max(), changed < told,
            !claims.values.contains(where: { $0.seenAt == changed })
        else { return [:] }
        return claims.filter { field, claim in
            guard claim.sent != nil, claim.seenAt == told, let live = record.fields[field] else {
                return false
            }
            let text = CanonicalForm.text(of: live, description(field, record.object))
            return claim.seen != digest(text)
        }
    }

    /// The same, as they are seen now: the form that the org gave our values, unless somebody else
    /// changed the record last.
    private func seenLate(on record: ObservedRecord) -> [FieldName: Claim] {
        guard let ownUser = input.ownUser, record.lastModifiedBy == ownUser else { return [:] }
        return unseen(on: record).reduce(into: [:]) { claims, known in
            let live = record.value(known.key)
            var claim = known.value
            claim.seen = digest(
                CanonicalForm.text(of: live, description(known.key, record.object))
            )
            (claim.seenIsEmpty, claim.seenAt) = (live.isEmpty, record.lastModified)
            claims[known.key] = claim
        }
    }

    /// What was begun on a record for the forms of somebody who has bookings by now.
    ///
    /// What became of that is noted under its own name; see ``OrphanPlanner``.
    private func begunForForms(
        of subject: RecordSubject,
        on record: ObservedRecord
    ) -> BegunWrite? {
        guard case .person(let key) = subject, key.policy != nil else { return nil }
        let forms = RecordSubject.person(PersonRecordKey(formsOf: key.person))
        return input.begun[OperationID(forms.name)].flatMap { $0.record == record.id ? $0 : nil }
    }

    /// The fields that were to be written, and that nothing calls for any more.
    private func noMoreWanted(
        _ begun: BegunWrite,
        besides operation: PlanOperation,
        on record: ObservedRecord
    ) -> [PlannedField] {
        let wanted = Set(operation.fields.map(\.field))
        return begun.fields.keys.filter { !wanted.contains($0) }.compactMap { field in
            record.fields[field].map { begun.standing(field, $0, .unchanged, .noOpinion) }
        }
    }

    /// What is remembered of a record that nobody changed since we wrote to it: all that was to be
    /// written is there, in whatever form the org gave it.
    private func claimsOfWriting(
        _ begun: BegunWrite,
        _ fields: [PlannedField],
        on record: ObservedRecord
    ) -> [FieldName: Claim] {
        func shows(_ planned: PlannedField) -> Bool {
            begun.fields[planned.field]?.before != begun.form(planned).before
        }
        let written = fields.filter { begun.fields[$0.field] != nil }
        guard written.contains(where: shows) else { return [:] }
        // A write is made whole or not at all, but for what waited for other records: what shows
        // nothing, because it stood there before, was sent with the rest.
        let sent = written.filter { shows($0) || begun.awaited[$0.field] == nil }
        return sent.reduce(into: [:]) { claims, planned in
            var claim = seen(planned, on: record, at: record.lastModified)
            claim.considered = max(
                claim.considered,
                begun.considered[planned.field] ?? .never
            )
            claims[planned.field] = claim
        }
    }

    /// What is remembered of a record that somebody else changed before we learned of our write.
    ///
    /// What stands there as it was to be written was sent. A write is made whole or not at all: where
    /// one field shows that it was made, or that we made the record, all else was sent, too, and
    /// edited since: what the write had considered says nothing new to that.
    private func claimsOfSending(
        _ begun: BegunWrite,
        _ operation: PlanOperation,
        _ fields: [PlannedField],
        on record: ObservedRecord,
        ownUser: SalesforceID
    ) -> [FieldName: Claim] {
        let isMade = begun.made(record, ownUser: ownUser)
        // What we made became this one: its values came along.
        let cameAlong = begun.kind == .create && !operation.moves.isEmpty
        guard begun.kind == .update || isMade || cameAlong else { return [:] }
        let seenAt = isMade ? record.created : begun.planned
        var claims: [FieldName: Claim] = [:]
        var edited: [FieldName: Claim] = [:]
        for planned in fields {
            guard let intended = begun.fields[planned.field],
                case .value(let wish)? = planned.desired, !wasLeftOut(planned, of: begun)
            else { continue }
            let form = begun.form(planned)
            var claim = seen(planned, on: record, at: seenAt)
            if form.before == intended.wish || namesAwaited(planned, of: begun) {
                if intended.before != intended.wish { claims[planned.field] = claim }
                continue
            }
            let description = description(planned.field, record.object)
            let wished = CanonicalForm.text(of: wish, description)
            let live = CanonicalForm.text(of: planned.live, description)
            // Texts that no value has stand for what is not known any more.
            claim.sent = digest(form.wish == intended.wish ? wished : "\u{0}\(wished)")
            claim.seen = digest("\u{0}\(live)")
            // What the write was about is not newer than the edit.
            claim.considered = max(
                claim.considered,
                begun.considered[planned.field] ?? .never
            )
            edited[planned.field] = claim
        }
        let isProven = isMade || (begun.kind == .update && !claims.isEmpty)
        return isProven ? claims.merging(edited) { sent, _ in sent } : claims
    }

    /// Whether a field may not have been sent with the others, because the answer about a record
    /// that it waited for was lost, too, whether or not a run found that record since.
    private func wasLeftOut(_ planned: PlannedField, of begun: BegunWrite) -> Bool {
        guard let intended = begun.fields[planned.field],
            let names = begun.awaited[planned.field],
            names.compactMap(\.maker)
                .contains(where: { input.begun[$0] != nil || begun.learnedLater.contains($0) })
        else { return false }
        return begun.kind == .create
            ? planned.live.isBlank : begun.form(planned).before == intended.before
    }

    /// Whether a field names the records that it was to name, of which some were only being made.
    private func namesAwaited(_ planned: PlannedField, of begun: BegunWrite) -> Bool {
        guard let names = begun.awaited[planned.field] else { return false }
        let records = names.compactMap { name in
            (name.existing ?? name.maker.flatMap(made(by:))).map {
                Fate(of: $0, in: input.directory).record?.id ?? $0
            }
        }
        return records.count == names.count
            && CanonicalForm.text(of: planned.live, nil)
                == CanonicalForm.text(of: .references(records), nil)
    }

    /// The record that an operation made for somebody, as far as it is known or found.
    private func made(by operation: OperationID) -> SalesforceID? {
        guard case .person(let key)? = RecordSubject(name: operation.rawValue) else { return nil }
        if let link = input.links[.person(key)] { return link.record }
        let person = input.people.first { $0.key == key }
        return person.flatMap { madeRecord(of: key, $0.email)?.record }
    }

    /// What a field holds, as if we had sent just that.
    func seen(_ planned: PlannedField, on record: ObservedRecord, at moment: Instant?) -> Claim {
        let text = CanonicalForm.text(of: planned.live, description(planned.field, record.object))
        return Claim(
            sent: digest(text),
            seen: digest(text),
            seenIsEmpty: planned.live.isEmpty,
            seenAt: moment,
            considered: input.claims[record.id]?[planned.field]?.considered ?? .never,
            outcome: .confirmedLate
        )
    }

    /// The link of a record whose making was begun and that is known without a receipt: the results
    /// of a job named it.
    ///
    /// One that was linked before that was begun is the one that it was to replace.
    func linkBeforeReceipt(of subject: RecordSubject) -> RecordLink? {
        guard !input.begun.isEmpty, let begun = input.begun[OperationID(subject.name)],
            begun.kind == .create, begun.isLinkedSince,
            let link = input.links[subject], link.isOurs, link.state == .live
        else { return nil }
        return link
    }

    /// The record of a person whose making was begun: the one that the results of a job named, or
    /// else one found among those that we made since.
    ///
    /// Nothing in it tells for whom it was made but the address; that it was we who made it, and
    /// when, sets it apart from all others but the one that it was to replace, and those of before
    /// the person was erased: their making has a receipt. One that is in the recycle bin was merged
    /// or deleted.
    ///
    /// - Parameters:
    ///   - person: The person.
    ///   - email: The person's address.
    /// - Returns: The link that its receipt would have given.
    func madeRecord(of person: PersonRecordKey, _ email: EmailAddress) -> RecordLink? {
        guard !input.begun.isEmpty else { return nil }
        let subject = RecordSubject.person(person)
        if let known = linkBeforeReceipt(of: subject) { return known }
        guard let begun = input.begun[OperationID(subject.name)], let ownUser = input.ownUser else {
            return nil
        }
        let replaced = input.links[subject]?.record
        let made = (input.directory.made[email] ?? []).filter { record in
            record.object == begun.object && begun.made(record, ownUser: ownUser)
                && record.id != replaced && !input.withReceipt.contains(record.id)
        }
        // Of those that were deleted, the last: newer bookings may have asked for one again before.
        let found =
            made.filter { !$0.isDeleted }.min { $0.id < $1.id } ?? made.max { $0.id < $1.id }
        return found.map {
            RecordLink(subject: subject, object: $0.object, record: $0.id, isOurs: true)
        }
    }
}

extension RecordReference {
    /// The operation that makes the record, if it is only to be made.
    fileprivate var maker: OperationID? {
        if case .created(let operation) = self { operation } else { nil }
    }
}

extension Cause {
    /// Stands before every event: nothing was considered.
    static let never = Cause(
        position: .start,
        occurred: Instant(milliseconds: 0),
        recorded: Instant(milliseconds: 0)
    )
}

extension PlanOperation {
    /// Notes how a linked record became the one that was found, and what is remembered of it.
    mutating func follow(_ link: RecordLink?, to record: ObservedRecord, in planner: Planner) {
        guard let link,
            case .present(let end, let moves) = Fate(
                of: link.record,
                in: planner.input.directory
            ),
            end.id == record.id, !moves.isEmpty
        else { return }
        self.moves = moves
        inherited = Inheritance(claims: planner.input.claims) { value, field in
            planner.digest(
                CanonicalForm.text(of: value, planner.description(field, record.object))
            )
        }.claims(of: moves, on: record)
    }
}
