public import Domain

/// Everything a plan is made from.
public struct PlanningInput: Sendable {
    /// The event records that appointments call for.
    public var events: [DesiredEventRecord] = []
    /// The records that people's bookings call for.
    public var people: [DesiredPersonRecord] = []
    /// What people's bookings call for in their accounts.
    public var accounts: [DesiredAccountRecord] = []
    /// The records that tell of bookings nobody was routed to.
    public var fallbacks: [DesiredFallbackRecord] = []
    /// The appointments that wait for each person's record.
    public var waiting: [PersonRecordKey: [AppointmentID]] = [:]
    /// What was fetched.
    public var directory = Directory()
    /// Which records stand for which subjects.
    public var links: [RecordSubject: RecordLink] = [:]
    /// What is remembered of fields, by record.
    public var claims: [SalesforceID: [FieldName: Claim]] = [:]
    /// What the org says about its objects.
    public var schema = OrgSchema()
    /// The field that holds Daybook's key.
    public var keyField = OrgSchema.keyField
    /// Lets a replay overwrite values that were there before, or that people edited.
    public var replayOverwrites = false
    /// Writes that were begun and of whose outcome nothing is known.
    public var begun: [OperationID: BegunWrite] = [:]
    /// The user under whose name we write, as far as that was asked.
    public var ownUser: SalesforceID?
    /// Whether an operation failed before and waits, so that nothing can refer to what it makes.
    public var isWaiting: @Sendable (PlanOperation) -> Bool = { _ in false }

    /// Creates an empty input.
    public init() {}
}

/// Compares what is wanted with what is there, and plans the fewest writes that close the
/// difference.
///
/// Pure: the same input gives the same plan, byte for byte.
public struct Planner: Sendable {
    private(set) var input: PlanningInput
    let digest: @Sendable (String) -> ValueDigest

    /// Creates a planner.
    ///
    /// - Parameters:
    ///   - input: Everything the plan is made from.
    ///   - digest: Gives the digest under which claims remember a canonical text.
    public init(_ input: PlanningInput, digest: @escaping @Sendable (String) -> ValueDigest) {
        (self.input, self.digest) = (input, digest)
    }

    /// The operations, people before the event records that refer to them.
    public func plan() -> [PlanOperation] {
        let people = input.people.sorted { $0.key < $1.key }
        // One record is never in two operations: of several people that turn out to be one record,
        // and of several ways to look for one person, the first writes, and the others share it.
        var taken: [SalesforceID: PersonRecordKey] = [:]
        var made: [NewRecord: PersonRecordKey] = [:]
        var operations: [PlanOperation] = []
        var resolved: [PersonRecordKey: RecordReference] = [:]
        var newLeads: Set<PersonRecordKey> = []
        for person in people {
            let operation = plan(person)
            let new =
                operation.kind == .create
                ? NewRecord(object: operation.object, email: person.email) : nil
            if let other = operation.record.flatMap({ taken[$0] }) ?? new.flatMap({ made[$0] }) {
                resolved[person.key] = resolved[other]
                operations.append(operation.sharing())
                continue
            }
            if let record = operation.record { taken[record] = person.key }
            if let new { made[new] = person.key }
            let isComing = operation.kind != .create || !input.isWaiting(operation)
            resolved[person.key] = isComing ? reference(operation) : nil
            if operation.kind == .create, operation.object == .lead { newLeads.insert(person.key) }
            operations.append(operation)
        }
        let accounts = AccountPlanner(planner: self, people: resolved)
        operations += accounts.plan()
        for event in input.events.sorted(by: { $0.appointment < $1.appointment }) {
            operations += EventPlanner(planner: self, people: resolved, newLeads: newLeads).plan(
                event
            )
        }
        operations += FallbackPlanner(planner: self, accounts: accounts).plan()
        return operations + OrphanPlanner(planner: self).plan(beside: operations)
    }

    /// A record that a plan makes, as far as it must not make another.
    private struct NewRecord: Hashable {
        var object: ObjectName
        var email: EmailAddress
    }

    private func reference(_ operation: PlanOperation) -> RecordReference? {
        if operation.kind == .create { return .created(by: operation.id) }
        return operation.record.map(RecordReference.record)
    }

    // MARK: People

    private func plan(_ person: DesiredPersonRecord) -> PlanOperation {
        let subject = RecordSubject.person(person.key)
        var operation = PlanOperation(
            subject: subject,
            appointments: input.waiting[person.key] ?? [],
            kind: .unchanged,
            reason: .inSync,
            object: person.lookUp.policy == .lead ? .lead : .contact,
            record: nil,
            isOurs: false,
            fields: [],
            stamp: nil,
            candidates: [],
            cause: person.cause
        )
        let made = madeRecord(of: person.key, person.email)
        let link = made ?? input.links[subject]
        operation.evidence = (made ?? linkBeforeReceipt(of: subject)).map { .made($0.record) }
        switch PersonMatcher.match(person, link: link, input.directory) {
        case .found(let record, let candidates) where record.isPersonAccount:
            operation.candidates = candidates
            (operation.kind, operation.reason) = (.hold, .personAccount)
        case .found(let record, let candidates):
            operation.object = record.object
            (operation.record, operation.stamp) = (record.id, record.stamp)
            operation.candidates = candidates
            operation.isOurs = link.map { $0.record == record.id && $0.isOurs } ?? false
            operation.follow(link, to: record, in: self)
            remembering(operation.inherited, of: record)
                .recover(&operation, record) { $0.fields(of: person, on: record) }
        case .create(let object, let account):
            operation.object = object
            if person.existence == .required {
                (operation.kind, operation.isOurs) = (.create, true)
                operation.reason =
                    input.links[subject].map { $0.isKnownDeleted(in: input.directory) } ?? false
                    ? .madeAgain : .recordCreated
                operation.fields = creationFields(of: person, object, account: account)
                return operation
            }
            operation.reason = .alreadyGone
        case .hold(let reason, let candidates):
            operation.candidates = candidates
            operation.isOurs = made != nil
            if person.existence == .required || reason == .ambiguous || reason == .notVisible
                || made != nil
            {
                (operation.kind, operation.reason) = (.hold, reason)
                operation.detail = detail(reason, candidates)
            } else {
                operation.reason = .alreadyGone
            }
        }
        return operation.settled()
    }

    private func fields(
        of person: DesiredPersonRecord,
        on record: ObservedRecord
    ) -> [PlannedField] {
        var fields = person.fields.map { decide($0, on: record, email: person.email) }
        fields += unasserted(person.held, beside: person.fields)
            .map { held($0, live: record.value($0.field)) }
        if let owner = person.owner {
            // Settings with both are refused; of an older version the guarded change counts.
            fields.removeAll { $0.field == OwnerDecision.field }
            fields.append(OwnerDecision(planner: self).decide(owner, on: record))
        }
        if let account = missingAccount(of: person, on: record) { fields.append(account) }
        return fields.sorted { $0.field < $1.field }
    }

    /// A contact without an account gets the resolved one; one that has an account keeps it.
    private func missingAccount(
        of person: DesiredPersonRecord,
        on record: ObservedRecord
    ) -> PlannedField? {
        guard person.lookUp.needsAccount, person.lookUp.createContactUnderAccount,
            record.object == .contact,
            record.reference("AccountId") == nil,
            !person.fields.contains(where: { $0.field == "AccountId" }),
            let found = AccountResolver.resolve(person.account, input.directory),
            let assertion = person.ownAssertion(
                .value(.reference(found.account)),
                rule: "createContactUnderAccount"
            ), let field = DesiredField(field: "AccountId", assertions: [assertion])
        else { return nil }
        return decide(field, on: record, email: person.email)
    }

    private func creationFields(
        of person: DesiredPersonRecord,
        _ object: ObjectName,
        account: SalesforceID?
    ) -> [PlannedField] {
        let details = person.details
        var own: [(FieldName, FieldValue, Bool)] = [
            ("FirstName", details.firstName.map(FieldValue.text) ?? .empty, true),
            ("LastName", .text(details.lastName), true),
            ("Email", .text(person.email.rawValue), true),
            ("Phone", details.phone.map(FieldValue.text) ?? .empty, true),
        ]
        if object == .lead { own.append(("Company", .text(details.company), true)) }
        if let account { own.append(("AccountId", .reference(account), false)) }
        if let owner = details.owner.flatMap(input.directory.activeUser) {
            own.append(("OwnerId", .reference(owner.id), false))
        }
        let empty = ObservedRecord(id: .none, object: object, fields: [:])
        var fields = person.fields.map {
            decide($0, on: empty, email: person.email, creating: true)
        }
        fields += unasserted(person.held, beside: person.fields).map { held($0, live: .empty) }
        let ruled = Set(fields.filter { $0.outcome == .write }.map(\.field))
        for (field, value, isPersonal) in own where !ruled.contains(field) && !value.isEmpty {
            fields.removeAll { $0.field == field }
            fields.append(
                created(field, value, isPersonal, object, person.cause, rule: "attendeeRecord")
            )
        }
        fields += defaults(
            person.creationDefaults[object] ?? [:],
            beyond: Set(fields.map(\.field)),
            object,
            person.cause
        )
        return fields.sorted { $0.field < $1.field }
    }

    // MARK: Fields, for people and event records alike

    /// The defaults for a created record that nothing else sets.
    func defaults(
        _ values: [FieldName: FieldValue],
        beyond set: Set<FieldName>,
        _ object: ObjectName,
        _ cause: Cause
    ) -> [PlannedField] {
        values.filter { !set.contains($0.key) }.sorted { $0.key < $1.key }.map { field, value in
            created(field, value, false, object, cause, rule: "creationDefaults")
        }
    }

    /// A field that a created record gets from us rather than from a rule.
    func created(
        _ field: FieldName,
        _ value: FieldValue,
        _ isPersonal: Bool,
        _ object: ObjectName,
        _ cause: Cause,
        rule: String
    ) -> PlannedField {
        var planned = PlannedField(
            field: field,
            outcome: .write,
            reason: .recordCreated,
            live: .empty,
            desired: .value(value),
            cause: cause,
            version: nil,
            rule: rule,
            isPersonal: isPersonal
        )
        switch fit(value, field, object, creating: true) {
        case .value(let fitting): planned.desired = .value(fitting)
        case .misfit(let reason, let detail):
            (planned.outcome, planned.reason, planned.detail) = (.hold, reason, detail)
        }
        return planned
    }

    /// The held fields for which no other event gave a value either.
    func unasserted(_ held: [HeldField], beside fields: [DesiredField]) -> [HeldField] {
        let asserted = Set(fields.map(\.field))
        return held.filter { !asserted.contains($0.field) }
    }

    func held(_ held: HeldField, live: FieldValue) -> PlannedField {
        PlannedField(
            field: held.field,
            outcome: .hold,
            reason: held.reason,
            live: live,
            desired: nil,
            cause: held.cause,
            version: nil,
            rule: held.rule,
            isPersonal: true,
            detail: held.detail
        )
    }

    /// Decides one field of one record.
    func decide(
        _ desired: DesiredField,
        on record: ObservedRecord,
        email: EmailAddress?,
        creating: Bool = false
    ) -> PlannedField {
        let claim = creating ? nil : input.claims[record.id]?[desired.field]
        let (assertion, fit) = deciding(
            desired,
            after: claim?.considered,
            record.object,
            creating: creating
        )
        var planned = PlannedField(
            field: desired.field,
            outcome: .hold,
            reason: .noOpinion,
            live: record.value(desired.field),
            desired: nil,
            cause: assertion.cause,
            version: assertion.version,
            rule: assertion.rule,
            isPersonal: assertion.isPersonal
        )
        planned.isReplay = !assertion.isLive
        planned.considered = desired.assertions[desired.assertions.count - 1].cause
        planned.isNews = claim.map { $0.considered < planned.considered } ?? true
        switch fit {
        case .misfit(let reason, let detail):
            (planned.reason, planned.detail) = (reason, detail)
        case .value(let value):
            planned.desired = .value(value)
            let description = self.description(desired.field, record.object)
            let verdict = FieldDecision.decide(
                situation(assertion, value, planned.live, claim, record, description)
            )
            (planned.outcome, planned.reason) = (verdict.outcome, verdict.reason)
            if isAskedFor(assertion),
                [.newerSource, .bookingOverPreExisting].contains(verdict.reason)
            {
                planned.reason = .replayOverwrites
            }
        }
        return planned
    }

    /// Whether the value comes from a replay that was told to write over others' values.
    private func isAskedFor(_ assertion: Assertion) -> Bool {
        !assertion.isLive && input.replayOverwrites
    }

    /// The assertion that decides, with the value it stands for in this org.
    ///
    /// A field that is only filled when empty takes the first new value that fits and fills it: one
    /// that is not active in its picklist does not stand in the way of the next booking's. Every
    /// other field takes the newest.
    private func deciding(
        _ desired: DesiredField,
        after considered: Cause?,
        _ object: ObjectName,
        creating: Bool
    ) -> (Assertion, CanonicalForm.Fit) {
        let newest = desired.assertions[desired.assertions.count - 1]
        func fit(_ assertion: Assertion) -> CanonicalForm.Fit {
            resolve(assertion.value, desired.field, object, creating: creating)
        }
        guard newest.policy == .whenEmpty else { return (newest, fit(newest)) }
        let new = desired.assertions.filter { assertion in
            considered.map { $0 < assertion.cause } ?? true
        }
        let fitting = new.lazy.map { ($0, fit($0)) }.filter { $0.1.value != nil }
        let filling = fitting.first { $0.1.value?.isBlank == false }
        let first = new.first ?? newest
        return filling ?? fitting.first ?? (first, fit(first))
    }

    func situation(
        _ assertion: Assertion,
        _ wish: FieldValue,
        _ live: FieldValue,
        _ claim: Claim?,
        _ record: ObservedRecord,
        _ description: FieldDescription?
    ) -> FieldDecision.Situation {
        let liveText = CanonicalForm.text(of: live, description)
        let wishText = CanonicalForm.text(of: wish, description)
        let isOurs = claim?.sent != nil
        return FieldDecision.Situation(
            policy: assertion.policy,
            isOurs: isOurs,
            isWishUnchanged: isOurs && claim?.sent == digest(wishText),
            isLiveUnchanged: isOurs && claim?.seen == digest(liveText),
            isLiveAsWished: liveText == wishText,
            isLiveEmpty: live.isBlank,
            isWishEmpty: wish.isEmpty,
            isNewAssertion: isAskedFor(assertion) || isNew(assertion, claim),
            order: isAskedFor(assertion)
                ? .newer
                : FieldDecision.order(
                    event: assertion.cause.occurred,
                    lastModified: record.lastModified,
                    seenAt: claim?.seenAt
                ),
            isHeldBack: !assertion.isLive && !input.replayOverwrites
        )
    }

    /// Whether an assertion was not considered yet; one of a replay that was told to overwrite
    /// counts again.
    private func isNew(_ assertion: Assertion, _ claim: Claim?) -> Bool {
        if assertion.policy == .always, !assertion.isLive, input.replayOverwrites { return true }
        return claim.map { $0.considered < assertion.cause } ?? true
    }

    /// The planner that knows more about the fields of one record.
    func remembering(_ claims: [FieldName: Claim], of record: ObservedRecord) -> Planner {
        guard !claims.isEmpty else { return self }
        var planner = self
        planner.input.claims[record.id, default: [:]].merge(claims) { _, new in new }
        return planner
    }

    /// What stands against an operation besides its reason, without personal data.
    func detail(_ reason: Reason, _ candidates: [SalesforceID]) -> String {
        guard reason == .deletedByOther,
            candidates.contains(where: input.directory.deleted.contains)
        else { return "" }
        return "it is in the recycle bin: undelete it there, and the next run goes on with it"
    }

    /// The value that a wish stands for in this org, in the form its field takes.
    private func resolve(
        _ wish: WishedValue,
        _ field: FieldName,
        _ object: ObjectName,
        creating: Bool
    ) -> CanonicalForm.Fit {
        switch wish {
        case .value(let value):
            return fit(value, field, object, creating: creating)
        case .user(let email):
            guard let user = input.directory.activeUser(email) else {
                return .misfit(.noActiveUser, "no active user has the organizer's address")
            }
            return fit(.reference(user.id), field, object, creating: creating)
        case .account(let lookUp):
            guard let found = AccountResolver.resolve(lookUp, input.directory) else {
                return .misfit(.noAccount, "no account has the attendee's mail domain")
            }
            return fit(.reference(found.account), field, object, creating: creating)
        case .records:
            return .misfit(.typeMismatch, "records of people for a plain field")
        }
    }

    func description(_ field: FieldName, _ object: ObjectName) -> FieldDescription? {
        input.schema.objects[object]?.fields[field]
    }

    func fit(
        _ value: FieldValue,
        _ field: FieldName,
        _ object: ObjectName,
        creating: Bool
    ) -> CanonicalForm.Fit {
        guard let description = description(field, object) else {
            return .misfit(.fieldMissing, "\(object.rawValue) has no such field, or it is hidden")
        }
        guard creating ? description.isCreateable : description.isUpdateable else {
            return .misfit(.fieldReadOnly, "the integration user may not write it")
        }
        return CanonicalForm.fit(value, to: description)
    }
}

extension SalesforceID {
    /// Stands for a record that does not exist yet, inside the planner only.
    static var none: Self { Self.placeholder }

    private static let placeholder: Self = {
        guard let id = SalesforceID("000000000000000AAA") else {
            preconditionFailure("eighteen letters and digits are an id")
        }
        return id
    }()
}

extension FieldValue {
    /// Whether the field can still be filled.
    ///
    /// A checkbox is never empty, but unchecked it says no more than an empty field.
    var isBlank: Bool { isEmpty || self == .flag(false) }
}

extension DesiredPersonRecord {
    /// An assertion of Daybook's own about the record, behind the newest event that has a say.
    func ownAssertion(_ value: WishedValue, rule: String) -> Assertion? {
        Assertion(
            value: value,
            cause: cause,
            version: fields.first?.assertions.last?.version ?? SettingsVersion(0),
            rule: rule,
            policy: .whenEmpty,
            isLive: true,
            isPersonal: false
        )
    }
}

extension PlanOperation {
    /// The operation with kind and reason as its fields make them.
    ///
    /// Changes nothing where the record itself was decided about.
    public func settled() -> Self {
        guard kind == .unchanged, record != nil else { return self }
        var settled = self
        if let first = written.first {
            (settled.kind, settled.reason) = (.update, first.reason)
        } else if let held = fields.first(where: { $0.outcome == .hold }) {
            (settled.kind, settled.reason) = (.hold, held.reason)
        }
        return settled
    }

    /// The operation of somebody whose record another operation of the plan already writes.
    func sharing() -> Self {
        var shared = self
        (shared.kind, shared.reason) = (.unchanged, .agreed)
        shared.fields = []
        // What an earlier write of this one did is not forgotten.
        if evidence == nil { shared.inherited = [:] }
        shared.detail = "another operation writes the same record"
        return shared
    }
}
