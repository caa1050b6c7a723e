public import Domain

/// A write that was about to be made when its run was interrupted.
///
/// Nobody knows whether it took hold. If the record was changed since, and by nobody but us, then it
/// did; and where a value is not as it was sent, Salesforce gave it another form: a flow formatted a
/// phone number, for example. Without this rule our own value would look like one that was there
/// before us, and the field would be held for ever.
///
/// Source: `facts/ledger-and-reconciliation.md` 5.6.
public struct BegunWrite: Hashable, Sendable {
    /// What one field held before, and what was to be written; texts that are equal for equal values.
    public struct Field: Hashable, Sendable {
        /// What it held before.
        public var before: String
        /// What was to be written.
        public var wish: String

        /// Creates a field.
        public init(before: String, wish: String) { (self.before, self.wish) = (before, wish) }
    }

    /// What was to be done.
    public var kind: PlanOperation.Kind
    /// The newest change of the record before the write, by the org's clock; for a record that was
    /// to be made, when that was planned, by ours.
    public var since: Instant
    /// The fields that were to be written.
    public var fields: [FieldName: Field]
    /// Gives the texts by which fields are compared, formed like those of ``fields``.
    public var form: @Sendable (PlannedField) -> Field

    /// Creates a write.
    public init(
        kind: PlanOperation.Kind,
        since: Instant,
        fields: [FieldName: Field],
        form: @escaping @Sendable (PlannedField) -> Field
    ) {
        (self.kind, self.since, self.fields, self.form) = (kind, since, fields, form)
    }

    /// Whether two writes are the same, whatever brings values into the org's form.
    public static func == (left: Self, right: Self) -> Bool {
        (left.kind, left.since, left.fields) == (right.kind, right.since, right.fields)
    }

    /// Hashes what ``==(_:_:)`` compares.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(kind)
        hasher.combine(since)
        hasher.combine(fields)
    }

    /// Whether a record shows that the write took hold.
    func tookHold(on record: ObservedRecord, ownUser: SalesforceID) -> Bool {
        guard record.lastModifiedBy == ownUser else { return false }
        guard kind == .create else { return record.stamp.map { $0 > since } ?? false }
        return made(record)
    }

    /// Whether the write made a record that was found by Daybook's key.
    func made(_ record: ObservedRecord) -> Bool {
        guard kind == .create else { return false }
        let earliest = since.advanced(byMilliseconds: -FieldDecision.clockAllowance)
        return record.created.map { $0 >= earliest } ?? false
    }
}

extension Planner {
    /// Decides the fields of a record on which a write was begun.
    ///
    /// | stands there               | wanted now          | outcome                               |
    /// |----------------------------|---------------------|---------------------------------------|
    /// | what stood there before    | anything            | decided as if nothing had been begun  |
    /// | something else             | what was to be written | adopted: sent that, saw this       |
    /// | something else             | something newer     | decided from what we see, as ours     |
    ///
    /// An event record that we made, and that somebody else changed before we learned of it, holds
    /// what we sent and what was edited since: later than we made it.
    ///
    /// - Parameters:
    ///   - operation: The operation, which has the same name in every plan.
    ///   - record: The record as it stands.
    ///   - decide: Decides all fields.
    /// - Returns: The fields.
    func recovering(
        _ operation: PlanOperation,
        _ record: ObservedRecord,
        _ decide: (Planner) -> [PlannedField]
    ) -> [PlannedField] {
        let fields = decide(self)
        guard let begun = input.begun[operation.id], let ownUser = input.ownUser else {
            return fields
        }
        guard begun.tookHold(on: record, ownUser: ownUser) else {
            let sent = claimsOfMaking(operation, record, fields)
            guard !sent.isEmpty else { return fields }
            return decide(remembering(sent, of: record)).map(\.adoptingWhatIsSettled)
        }
        let written = fields.filter { planned in
            begun.fields[planned.field].map { $0.before != begun.form(planned).before } ?? false
        }
        let ours = written.reduce(into: [FieldName: Claim]()) { claims, planned in
            claims[planned.field] = seen(planned, on: record)
        }
        guard !ours.isEmpty else { return fields }
        return decide(remembering(ours, of: record)).map { planned in
            guard let intended = begun.fields[planned.field], ours[planned.field] != nil else {
                return planned
            }
            var confirmed = planned
            if planned.outcome == .unchanged {
                (confirmed.outcome, confirmed.reason) = (.adopt, .agreed)
            } else if planned.outcome != .adopt, intended.wish == begun.form(planned).wish {
                (confirmed.outcome, confirmed.reason) = (.adopt, .confirmedLate)
            }
            return confirmed
        }
    }

    /// What the fields of an event record that we made, and that somebody else changed before we
    /// learned of it, are remembered by: sent then, and seen then; empty for any other record.
    func claimsOfMaking(
        _ operation: PlanOperation,
        _ record: ObservedRecord,
        _ fields: [PlannedField]
    ) -> [FieldName: Claim] {
        guard record.object == .eventRecord, let begun = input.begun[operation.id],
            let ownUser = input.ownUser, begun.made(record),
            !begun.tookHold(on: record, ownUser: ownUser)
        else { return [:] }
        return fields.reduce(into: [:]) { claims, planned in
            guard let intended = begun.fields[planned.field],
                case .value(let wish)? = planned.desired
            else { return }
            let form = begun.form(planned)
            let description = description(planned.field, record.object)
            let live = CanonicalForm.text(of: planned.live, description)
            let wished = CanonicalForm.text(of: wish, description)
            var claim = seen(planned, on: record)
            claim.seenAt = record.created
            // Texts that no value has stand for what is not known any more.
            claim.sent = digest(form.wish == intended.wish ? wished : "\u{0}\(wished)")
            claim.seen = digest(form.before == intended.wish ? live : "\u{0}\(live)")
            claims[planned.field] = claim
        }
    }

    /// What a field holds, as if we had sent just that.
    private func seen(_ planned: PlannedField, on record: ObservedRecord) -> Claim {
        let text = CanonicalForm.text(of: planned.live, description(planned.field, record.object))
        return Claim(
            sent: digest(text),
            seen: digest(text),
            seenIsEmpty: planned.live.isEmpty,
            seenAt: record.lastModified,
            considered: input.claims[record.id]?[planned.field]?.considered ?? .never,
            outcome: .confirmedLate
        )
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

extension PlannedField {
    /// The field with what needs no write counted as taken over, so that it is remembered.
    fileprivate var adoptingWhatIsSettled: PlannedField {
        guard outcome == .unchanged else { return self }
        var adopted = self
        (adopted.outcome, adopted.reason) = (.adopt, .agreed)
        return adopted
    }
}
