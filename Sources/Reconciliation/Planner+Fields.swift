import Domain

// The fields of a record, for people, event records, accounts and fallback records alike.
extension Planner {
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
        switch fit(value, object, description(field, object), creating: true) {
        case .value(let fitting): planned.desired = .value(fitting)
        case .misfit(let reason, let detail):
            (planned.outcome, planned.reason, planned.detail) = (.hold, reason, detail)
        }
        return planned
    }

    /// The held fields for which no other event gave a value either.
    func unasserted(_ held: [HeldField], beside fields: [DesiredField]) -> [HeldField] {
        guard !held.isEmpty else { return [] }
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

    /// Decides fields of one record.
    ///
    /// - Parameters:
    ///   - desired: The fields.
    ///   - record: The record as it stands.
    ///   - creating: Whether it is only being made.
    /// - Returns: What becomes of each field, in this order.
    func decide(
        _ desired: [DesiredField],
        on record: ObservedRecord,
        creating: Bool = false
    ) -> [PlannedField] {
        let claims = creating ? nil : input.claims[record.id]
        let descriptions = input.schema.objects[record.object]?.fields
        var planned: [PlannedField] = []
        planned.reserveCapacity(desired.count)
        for field in desired {
            let (claim, description) = (claims?[field.field], descriptions?[field.field])
            planned.append(decide(field, on: record, claim, description, creating: creating))
        }
        return planned
    }

    private func decide(
        _ desired: DesiredField,
        on record: ObservedRecord,
        _ claim: Claim?,
        _ description: FieldDescription?,
        creating: Bool
    ) -> PlannedField {
        let (place, fit) = deciding(
            desired,
            after: claim?.considered,
            record.object,
            description,
            creating: creating
        )
        let assertion = desired.assertions[place]
        let live = record.value(desired.field)
        var verdict = FieldDecision.Verdict.hold(.noOpinion)
        var detail = ""
        switch fit {
        case .misfit(let reason, let misfit):
            (verdict.reason, detail) = (reason, misfit)
        case .value(let value):
            verdict = FieldDecision.decide(
                situation(assertion, value, live, claim, record, description)
            )
            if isAskedFor(assertion),
                verdict.reason == .newerSource || verdict.reason == .bookingOverPreExisting
            {
                verdict.reason = .replayOverwrites
            }
        }
        let considered = desired.assertions[desired.assertions.count - 1].cause
        return PlannedField(
            field: desired.field,
            outcome: verdict.outcome,
            reason: verdict.reason,
            live: live,
            desired: fit.value.map(OutgoingValue.value),
            cause: assertion.cause,
            version: assertion.version,
            rule: assertion.rule,
            isPersonal: assertion.isPersonal,
            detail: detail,
            isReplay: !assertion.isLive,
            considered: considered,
            isNews: claim.map { $0.considered < considered } ?? true
        )
    }

    /// Whether the value comes from a replay that was told to write over others' values.
    private func isAskedFor(_ assertion: Assertion) -> Bool {
        !assertion.isLive && input.replayOverwrites
    }

    /// Which assertion decides, with the value it stands for in this org.
    ///
    /// A field that is only filled when empty takes the first new value that fits and fills it: one
    /// that is not active in its picklist does not stand in the way of the next booking's. Every
    /// other field takes the newest.
    private func deciding(
        _ desired: DesiredField,
        after considered: Cause?,
        _ object: ObjectName,
        _ description: FieldDescription?,
        creating: Bool
    ) -> (place: Int, fit: CanonicalForm.Fit) {
        let newest = desired.assertions.count - 1
        func fit(_ place: Int) -> CanonicalForm.Fit {
            resolve(desired.assertions[place].value, object, description, creating: creating)
        }
        guard desired.assertions[newest].policy == .whenEmpty else { return (newest, fit(newest)) }
        let new = desired.assertions.indices.filter { place in
            considered.map { $0 < desired.assertions[place].cause } ?? true
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
        let isOurs = claim?.sent != nil
        let isLiveAsWished = CanonicalForm.isSame(live, wish, description)
        let (wished, seen) = isOurs ? digests(wish, live, description) : (nil, nil)
        let isNewAssertion = isAskedFor(assertion) || isNew(assertion, claim)
        // Whoever adopted an edit knew what the bookings wanted until then, and did not want it.
        let isWaived = claim?.outcome == .driftAdopted && !isNewAssertion
        return FieldDecision.Situation(
            policy: assertion.policy,
            isOurs: isOurs,
            isWishUnchanged: isOurs && (claim?.sent == wished || isWaived),
            isLiveUnchanged: isOurs && claim?.seen == seen,
            isLiveAsWished: isLiveAsWished,
            isLiveEmpty: live.isBlank,
            isWishEmpty: wish.isEmpty,
            isNewAssertion: isNewAssertion,
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

    /// The digests of what is wished and of what stands there; most often one, which takes longer than
    /// all else.
    private func digests(
        _ wish: FieldValue,
        _ live: FieldValue,
        _ description: FieldDescription?
    ) -> (wished: ValueDigest?, seen: ValueDigest?) {
        let wished = CanonicalForm.text(of: wish, description)
        let seen = CanonicalForm.text(of: live, description)
        let digest = self.digest(wished)
        // By bytes, as digests are made: texts that read the same can differ in them.
        return (digest, wished.utf8.elementsEqual(seen.utf8) ? digest : self.digest(seen))
    }

    /// Whether an assertion was not considered yet; one of a replay that was told to overwrite
    /// counts again.
    private func isNew(_ assertion: Assertion, _ claim: Claim?) -> Bool {
        if assertion.policy == .always, !assertion.isLive, input.replayOverwrites { return true }
        return claim.map { $0.considered < assertion.cause } ?? true
    }

    /// Plans with what else is known of the fields of one record; where that is nothing, the planner
    /// is not copied.
    func remembering<Result>(
        _ claims: [FieldName: Claim],
        of record: ObservedRecord,
        _ plan: (Planner) -> Result
    ) -> Result {
        guard !claims.isEmpty else { return plan(self) }
        var planner = self
        planner.input.claims[record.id, default: [:]].merge(claims) { _, new in new }
        return plan(planner)
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
        _ object: ObjectName,
        _ description: FieldDescription?,
        creating: Bool
    ) -> CanonicalForm.Fit {
        switch wish {
        case .value(let value):
            return fit(value, object, description, creating: creating)
        case .user(let email):
            guard let user = input.directory.activeUser(email) else {
                return .misfit(.noActiveUser, "no active user has the organizer's address")
            }
            return fit(.reference(user.id), object, description, creating: creating)
        case .account(let lookUp):
            guard let found = AccountResolver.resolve(lookUp, input.directory) else {
                guard AccountResolver.undecided(lookUp, input.directory).isEmpty else {
                    return .misfit(.accountAmbiguous, "several accounts have the mail domain")
                }
                return .misfit(.noAccount, "no account has the attendee's mail domain")
            }
            return fit(.reference(found.account), object, description, creating: creating)
        case .records:
            return .misfit(.typeMismatch, "records of people for a plain field")
        }
    }

    func description(_ field: FieldName, _ object: ObjectName) -> FieldDescription? {
        input.schema.objects[object]?.fields[field]
    }

    func fit(
        _ value: FieldValue,
        _ object: ObjectName,
        _ description: FieldDescription?,
        creating: Bool
    ) -> CanonicalForm.Fit {
        guard let description else {
            return .misfit(.fieldMissing, "\(object.rawValue) has no such field, or it is hidden")
        }
        guard creating ? description.isCreateable : description.isUpdateable else {
            return .misfit(.fieldReadOnly, "the integration user may not write it")
        }
        return CanonicalForm.fit(value, to: description)
    }
}

extension [PlannedField] {
    /// The fields by name; as they are where they stand in that order already.
    func byName() -> Self {
        let isSorted = indices.dropFirst().allSatisfy { !(self[$0].field < self[$0 - 1].field) }
        return isSorted ? self : sorted { $0.field < $1.field }
    }
}
