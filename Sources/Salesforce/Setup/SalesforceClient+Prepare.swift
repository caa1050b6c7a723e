public import Domain

extension SalesforceClient {
    /// Looks what has to be done so that event records can be upserted by a field.
    ///
    /// Changes nothing. Where our user may not look, the steps are planned; carrying them out then
    /// shows that they were done already, or are refused.
    ///
    /// - Parameter field: The field, for example `Daybook_Key__c`.
    /// - Returns: The steps, none if the field can be used.
    /// - Throws: ``SalesforceError``, also if the name is none of a custom field.
    public func preparation(
        of field: FieldName
    ) async throws(SalesforceError) -> KeyFieldPreparation {
        guard APIName.isName(field.rawValue), field.rawValue.hasSuffix("__c") else {
            throw .configuration("'salesforce.keyField' has to end in __c, as custom fields do")
        }
        var plan = KeyFieldPreparation(field: field, steps: [])
        guard case .description(let description)? = try await read([.describe(.eventRecord)]).first,
            let event = description
        else { throw .forbidden(code: "NOT_FOUND", "Event cannot be seen by our user") }
        if let found = event.fields[field] {
            guard found.isExternalID else {
                plan.obstacle = """
                    Activity.\(field.rawValue) is there, but is no external id: mark it as external \
                    id and unique in Setup, or name another field in 'salesforce.keyField'
                    """
                return plan
            }
            if found.isCreateable, found.isUpdateable { return plan }
        } else if try await !exists(plan) {
            plan.steps.append(.createField)
        }
        try await addAccess(to: &plan)
        return plan
    }

    /// Whether the field is defined, seen or not; false if we may not ask.
    private func exists(_ plan: KeyFieldPreparation) async throws(SalesforceError) -> Bool {
        let soql = """
            SELECT Id FROM CustomField WHERE DeveloperName = '\(plan.developerName)' \
            AND TableEnumOrId = 'Activity'
            """
        let url = "\(root)/tooling/query?q=\(PercentEncoding.encoded(soql))"
        do {
            let answer = try await body(of: Subrequest(method: "GET", url: url, reference: "r"))
            return answer["records"]?.array?.isEmpty == false
        } catch {
            guard error.isRefusal else { throw error }
            return false
        }
    }

    private func addAccess(to plan: inout KeyFieldPreparation) async throws(SalesforceError) {
        let user = try await currentUser().id
        plan.user = user
        plan.permissionSetID = try await id(
            of: "PermissionSet",
            where: [.equals("Name", .text(KeyFieldPreparation.permissionSet))]
        )
        guard let set = plan.permissionSetID else {
            plan.steps += [.createPermissionSet, .openField, .assignPermissionSet]
            return
        }
        let place = Query.Condition.equals("ParentId", .reference(set))
        let name = "Event.\(plan.field.rawValue)"
        plan.fieldPermission = try await id(
            of: "FieldPermissions",
            where: [place, .equals("Field", .text(name))]
        )
        let open = try await id(
            of: "FieldPermissions",
            where: [place, .equals("Field", .text(name)), .equals("PermissionsEdit", .flag(true))]
        )
        if open == nil { plan.steps.append(.openField) }
        let assignment = try await id(
            of: "PermissionSetAssignment",
            where: [
                .equals("PermissionSetId", .reference(set)),
                .equals("AssigneeId", .reference(user)),
            ]
        )
        if assignment == nil { plan.steps.append(.assignPermissionSet) }
    }

    /// The first record that fits, or nil if there is none or we may not look.
    private func id(
        of object: ObjectName,
        where conditions: [Query.Condition]
    ) async throws(SalesforceError) -> SalesforceID? {
        do {
            let query = Query(["Id"], from: object, where: .both(conditions), limit: 1)
            let row = try await read([.query(query)]).first?.rows.first
            return row?["Id"]?.string.flatMap { SalesforceID($0) }
        } catch {
            guard error.isRefusal else { throw error }
            return nil
        }
    }

    /// Carries a preparation out, one API call for each step.
    ///
    /// Safe to repeat: what an earlier try has done is found, or answered with "exists already".
    ///
    /// - Parameter plan: A plan of ``preparation(of:)``.
    /// - Returns: The outcome of each step, in order. After a refusal the rest is skipped.
    /// - Throws: ``SalesforceError`` if the org does not answer; what was done then is found by the
    ///   next ``preparation(of:)``.
    public func carryOut(
        _ plan: KeyFieldPreparation
    ) async throws(SalesforceError) -> [(KeyFieldPreparation.Step, KeyFieldPreparation.Outcome)] {
        var plan = plan
        var outcomes: [(KeyFieldPreparation.Step, KeyFieldPreparation.Outcome)] = []
        for step in plan.steps {
            guard outcomes.allSatisfy({ $0.1 == .done }),
                let request = plan.request(for: step, root: root)
            else {
                outcomes.append((step, .skipped))
                continue
            }
            let answer = try await setUp(request)
            if step == .createPermissionSet, let id = answer.body["id"]?.string {
                plan.permissionSetID = SalesforceID(id)
            }
            outcomes.append((step, KeyFieldPreparation.Outcome(answer)))
        }
        return outcomes
    }

    private func setUp(_ request: Subrequest) async throws(SalesforceError) -> Subanswer {
        do {
            return try await api.answer(to: request, .write)
        } catch {
            switch error {
            case .notDone(.forbidden(let code, let reason)):
                return Subanswer(
                    status: 403,
                    body: .compact([("errorCode", .string(code)), ("message", .string(reason))])
                )
            case .notDone(let error): throw error
            case .unknown(let reason):
                throw .unreachable(
                    "\(reason), and whether the last step was done is not known; run this again"
                )
            }
        }
    }
}

extension KeyFieldPreparation.Outcome {
    /// What became of a step, by the answer to its request.
    fileprivate init(_ answer: Subanswer) {
        let error = answer.errors.first
        let isThere = ["DUPLICATE_DEVELOPER_NAME", "DUPLICATE_VALUE"].contains(error?.code)
        if answer.isSuccess || isThere {
            self = .done
        } else {
            self = .refused(
                code: error?.code ?? "\(answer.status)",
                reason: error?.safeMessage ?? "no reason given"
            )
        }
    }
}

extension SalesforceError {
    /// Whether the org answered, and refused.
    fileprivate var isRefusal: Bool {
        switch self {
        case .forbidden, .rejected: true
        default: false
        }
    }
}
