import Domain

// The records of people: found or made, and their fields.
extension Planner {
    func plan(_ person: DesiredPersonRecord) -> PlanOperation {
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
        operation.evidence = made.map { .made($0.record) }
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
            remembering(operation.inherited, of: record) { planner in
                planner.recover(&operation, record) { $0.fields(of: person, on: record) }
            }
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
            if let link, candidates == [link.record] { operation.object = link.object }
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
        var fields = decide(person.fields, on: record)
        fields += unasserted(person.held, beside: person.fields)
            .map { held($0, live: record.value($0.field)) }
        if let owner = person.owner {
            // Settings with both are refused; of an older version the guarded change counts.
            fields.removeAll { $0.field == OwnerDecision.field }
            fields.append(OwnerDecision(planner: self).decide(owner, on: record))
        }
        fields += missingAccount(of: person, on: record)
        return fields.byName()
    }

    /// A contact without an account gets the resolved one; one that has an account keeps it.
    private func missingAccount(
        of person: DesiredPersonRecord,
        on record: ObservedRecord
    ) -> [PlannedField] {
        guard person.wantsAccount(for: record),
            let found = AccountResolver.resolve(person.account, input.directory),
            let assertion = person.ownAssertion(
                .value(.reference(found.account)),
                rule: "createContactUnderAccount"
            ), let field = DesiredField(field: "AccountId", assertions: [assertion])
        else { return [] }
        return decide([field], on: record)
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
        var fields = decide(person.fields, on: empty, creating: true)
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
        return fields.byName()
    }
}
