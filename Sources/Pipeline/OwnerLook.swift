import Domain
import Reconciliation
import Salesforce

/// Looks for the owner of one person's record, in the order that ``OwnerRouting`` states.
struct OwnerLook {
    let email: EmailAddress
    let settings: SyncSettings
    let routing: OwnerRouting
    let answers: [String: String]
    let schema: OrgSchema
    let gateway: any SalesforceGateway

    /// What a look-up came to.
    private enum Finding {
        case route(OwnerRouter.Route)
        /// There are records, and the rules pass over all of them.
        case passedOver
        case nothing
    }

    func route() async throws -> OwnerRouter.Route {
        if let path = routing.accountUserField, let route = try await byAccountField(path) {
            return route
        }
        if let query = routing.query, let route = try await byQuery(query) { return route }
        let first = try await byRecord(routing.lookUp)
        if case .route(let route) = first { return route }
        var isPassedOver = false
        if case .passedOver = first { isPassedOver = true }
        if routing.fallBackToLead, routing.lookUp != .lead {
            let lead = try await byPerson(.lead, "lead_owner")
            if case .route(let route) = lead { return route }
            if case .passedOver = lead { isPassedOver = true }
        }
        return .nobody(isPassedOver ? "passed-over-by-rules" : "no-record")
    }

    // MARK: The owner of a record

    private func byRecord(_ lookUp: OwnerRouting.LookUp) async throws -> Finding {
        switch lookUp {
        case .contact: try await byPerson(.contact, "contact_owner")
        case .lead: try await byPerson(.lead, "lead_owner")
        case .account: try await byAccount()
        }
    }

    private static let ownerPaths = [
        "Id", "OwnerId", "Owner.Name", "Owner.Email", "Owner.IsActive", "CreatedDate",
    ]

    private func byPerson(_ object: ObjectName, _ reason: String) async throws -> Finding {
        var condition: Query.Condition = .equals("Email", .text(email.rawValue))
        if object == .lead {
            condition = .both([condition, .equals("IsConverted", .flag(false))])
        }
        let paths = Self.ownerPaths + ["Email"] + ruledFields(of: object)
        let records = try await rows(paths, object, condition)
        let passing = records.filter(passes)
        guard let chosen = Choice.pick(passing, settings.onAmbiguous) else {
            return records.isEmpty ? .nothing : .passedOver
        }
        return .route(route(to: chosen.first, reason))
    }

    private func byAccount() async throws -> Finding {
        guard let account = try await account() else { return .nothing }
        let found = try await rows(
            Self.ownerPaths + ruledFields(of: .account),
            .account,
            .equals("Id", .reference(account))
        )
        guard let record = found.first else { return .nothing }
        return passes(record) ? .route(route(to: record, "account_owner")) : .passedOver
    }

    /// The account of the person's contact, else of the mail domain.
    private func account() async throws -> SalesforceID? {
        let contacts = try await rows(
            Self.ownerPaths + ["Email", "AccountId"],
            .contact,
            .both([.equals("Email", .text(email.rawValue)), .differs("AccountId", .empty)])
        )
        if let contact = Choice.pick(contacts, settings.onAmbiguous)?.first {
            return contact.reference("AccountId")
        }
        let lookUp = AccountLookUp(
            email,
            matching: settings.accounts,
            // Whoever asks for a host waits for no review.
            onAmbiguous: settings.onAmbiguous == .review ? .oldest : settings.onAmbiguous,
            place: BookerPlace(settings.accounts.bookerPlace) { answers[$0] }
        )
        var search = AccountSearch(schema: schema, matchings: [settings.accounts])
        var directory = Directory()
        var questions = search.questions(for: [lookUp])
        while !questions.isEmpty {
            let read = try await gateway.read(questions.map { .query($0.query) })
            for (question, answer) in zip(questions, read) {
                search.take(answer.rows, for: question.purpose, into: &directory)
            }
            questions = search.followUp(directory, wanted: [])
        }
        return AccountResolver.resolve(lookUp, directory)?.account
    }

    private func route(to record: ObservedRecord, _ reason: String) -> OwnerRouter.Route {
        guard let owner = record.text("OwnerId").flatMap(SalesforceID.init) else {
            return .nobody("no-owner")
        }
        guard owner.keyPrefix == "005" else { return .nobody("owned-by-queue") }
        guard record.related["Owner.IsActive"] != "false" else { return .nobody("inactive-owner") }
        return OwnerRouter.Route(
            user: owner,
            email: record.related["Owner.Email"]?.lowercased(),
            reason: reason
        )
    }

    // MARK: Rules

    /// The fields that rules ask for, as far as the object has them.
    private func ruledFields(of object: ObjectName) -> [String] {
        let known = schema.objects[object]?.fields ?? [:]
        return routing.rules.map(\.field).filter { known[$0] != nil }.map(\.rawValue)
    }

    private func passes(_ record: ObservedRecord) -> Bool {
        routing.rules.allSatisfy { rule in
            let value = record.value(rule.field)
            return rule.passes(value.isEmpty ? nil : value.readableText)
        }
    }

    // MARK: A user named elsewhere

    /// The user in a field of the person's account.
    ///
    /// A field that the org does not have names nobody; ``SettingsCheck`` tells of it.
    private func byAccountField(_ path: String) async throws -> OwnerRouter.Route? {
        guard let account = try await account() else { return nil }
        let found: [ObservedRecord]
        do {
            found = try await rows(["Id", path], .account, .equals("Id", .reference(account)))
        } catch SalesforceError.rejected(code: "INVALID_FIELD", _) {
            return nil
        }
        let named = found.first.flatMap { record in
            record.text(FieldName(path)) ?? record.related[path]
        }
        return try await user(named, "account_lookup_field")
    }

    /// The user whom the first row of a query names, by id or by address.
    private func byQuery(_ query: OwnerQuery) async throws -> OwnerRouter.Route? {
        let bound = BoundQuery(query) { token in
            switch token {
            case "email": email.rawValue
            case "domain": email.domain
            default: answers[token.hasPrefix("form:") ? String(token.dropFirst(5)) : token]
            }
        }
        // A value that nobody gave makes the query meaningless; it is not asked with an empty one.
        guard let bound else { return nil }
        let first = try await gateway.read([.bound(bound)]).first?.rows.first
        return try await user(first.flatMap(Self.userName), "custom_soql_lookup")
    }

    /// The first value of a row that can name a user.
    private static func userName(in row: JSON) -> String? {
        for member in row.members ?? [] where member.name != "attributes" {
            if let text = member.value.string {
                let isUser = SalesforceID(text)?.keyPrefix == "005"
                if isUser || EmailAddress(text) != nil { return text }
            } else if let name = userName(in: member.value) {
                return name
            }
        }
        return nil
    }

    private func user(_ named: String?, _ reason: String) async throws -> OwnerRouter.Route? {
        guard let named else { return nil }
        let condition: Query.Condition =
            SalesforceID(named).map { .equals("Id", .reference($0)) }
            ?? .equals("Email", .text(named))
        let users = try await rows(
            ["Id", "Email", "IsActive", "CreatedDate"],
            .user,
            .both([condition, .equals("IsActive", .flag(true))])
        )
        return users.first.map { user in
            OwnerRouter.Route(
                user: user.id,
                email: user.text("Email")?.lowercased(),
                reason: reason
            )
        }
    }

    private func rows(
        _ paths: [String],
        _ object: ObjectName,
        _ condition: Query.Condition
    ) async throws -> [ObservedRecord] {
        let query = Query(paths, from: object, where: condition, orderBy: ["Id"])
        let answers = try await gateway.read([.query(query)])
        return (answers.first?.rows ?? []).compactMap {
            ObservedRecord(row: $0, object: object, description: nil)
        }
    }
}
