import Domain

/// Plans what people's bookings call for in their accounts.
///
/// An account is never made. One account is never in two operations: of several people who belong to
/// it, the one with the newest booking writes for all of them, and the others share the operation.
struct AccountPlanner {
    let planner: Planner
    /// The records of people, made or to be made.
    let people: [PersonRecordKey: RecordReference]

    private var input: PlanningInput { planner.input }

    /// One operation per person whose bookings call for something in an account.
    func plan() -> [PlanOperation] {
        var homeless: [PlanOperation] = []
        var members: [SalesforceID: [DesiredAccountRecord]] = [:]
        for wish in input.accounts.sorted(by: { $0.key < $1.key }) {
            guard let account = account(of: wish.key, wish.lookUp) else {
                homeless.append(without(wish))
                continue
            }
            members[account, default: []].append(wish)
        }
        let planned = members.sorted { $0.key < $1.key }.flatMap { plan($0.value, on: $0.key) }
        return (homeless + planned).sorted { $0.subject < $1.subject }
    }

    /// The account to which a person belongs: that of the contact, else that of the mail domain.
    func account(of key: PersonRecordKey, _ lookUp: AccountLookUp) -> SalesforceID? {
        // Only bookings that this plan does not look at may call for the record: then its link tells.
        let linked = input.links[.person(key)].flatMap { link in
            Fate(of: link.record, in: input.directory).record
        }
        let record = people[key]?.existing.flatMap { input.directory.records[$0] } ?? linked
        if let own = record?.reference("AccountId") { return own }
        return AccountResolver.resolve(lookUp, input.directory)?.account
    }

    private func without(_ wish: DesiredAccountRecord) -> PlanOperation {
        var operation = blank(wish)
        (operation.kind, operation.reason) = (.hold, .noAccount)
        let undecided = AccountResolver.undecided(wish.lookUp, input.directory)
        if !undecided.isEmpty {
            (operation.reason, operation.candidates) = (.accountAmbiguous, undecided)
        }
        return operation
    }

    private func plan(
        _ members: [DesiredAccountRecord],
        on account: SalesforceID
    ) -> [PlanOperation] {
        let ordered = members.sorted { ($1.cause, $0.key) < ($0.cause, $1.key) }
        var operation = blank(ordered[0])
        (operation.record, operation.candidates) = (account, [account])
        operation.appointments = Set(members.flatMap(waiting)).sorted()
        if let record = input.directory.records[account] {
            operation.stamp = record.stamp
            operation.fields = fields(ordered, on: record)
        } else {
            (operation.kind, operation.reason) = (.hold, .notVisible)
        }
        let leading = operation.settled()
        let others = ordered.dropFirst().map { member in
            var other = blank(member)
            (other.record, other.stamp, other.candidates) = (account, leading.stamp, [account])
            return other.sharing()
        }
        return [leading] + others
    }

    private func blank(_ wish: DesiredAccountRecord) -> PlanOperation {
        PlanOperation(
            subject: .account(wish.key.person),
            appointments: waiting(wish),
            kind: .unchanged,
            reason: .inSync,
            object: .account,
            record: nil,
            isOurs: false,
            fields: [],
            stamp: nil,
            candidates: [],
            cause: wish.cause
        )
    }

    /// The appointments that wait for any record of the person.
    private func waiting(_ wish: DesiredAccountRecord) -> [AppointmentID] {
        Set(PersonRecordKey.all(of: wish.key.person).flatMap { input.waiting[$0] ?? [] }).sorted()
    }

    // MARK: Fields

    private func fields(
        _ members: [DesiredAccountRecord],
        on record: ObservedRecord
    ) -> [PlannedField] {
        let wishes = merged(members)
        var fields = decide(wishes, on: record)
        fields += planner.unasserted(held(members), beside: wishes)
            .map { planner.held($0, live: record.value($0.field)) }
        if let owner = members.compactMap(\.owner).max(by: { $0.cause < $1.cause }) {
            fields.removeAll { $0.field == OwnerDecision.field }
            fields.append(OwnerDecision(planner: planner).decide(owner, on: record))
        }
        return fields.byName()
    }

    /// What all of them call for, each field once.
    private func merged(_ members: [DesiredAccountRecord]) -> [DesiredField] {
        let all = Dictionary(grouping: members.flatMap(\.fields), by: \.field)
        return all.sorted { $0.key < $1.key }.compactMap { field, wishes in
            DesiredField(field: field, assertions: wishes.flatMap(\.assertions))
        }
    }

    private func held(_ members: [DesiredAccountRecord]) -> [HeldField] {
        var newest: [FieldName: HeldField] = [:]
        for held in members.flatMap(\.held)
        where newest[held.field].map({ $0.cause < held.cause }) ?? true {
            newest[held.field] = held
        }
        return newest.values.sorted { $0.field < $1.field }
    }

    /// Decides fields; a booking of somebody else at the account may have had the last word.
    ///
    /// A run does not read the bookings of everybody at an account. What was considered last tells
    /// whether a newer one spoke already: then an older one does not speak again.
    private func decide(_ wishes: [DesiredField], on record: ObservedRecord) -> [PlannedField] {
        let claims = input.claims[record.id] ?? [:]
        return zip(wishes, planner.decide(wishes, on: record)).map { wish, planned in
            guard let claim = claims[wish.field], claim.considered > wish.newest.cause else {
                return planned
            }
            var settled = planned
            (settled.outcome, settled.reason, settled.isNews) = (.unchanged, .inSync, false)
            return settled
        }
    }
}
