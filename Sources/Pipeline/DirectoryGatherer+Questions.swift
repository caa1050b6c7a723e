import Domain
import Reconciliation
import Salesforce

// The questions of a look, each about one thing: users, people, accounts, linked records.
extension DirectoryGatherer {
    /// All users with an organizer's address: who hosts, and who gets new records.
    func usersQuestion(_ people: [DesiredPersonRecord]) -> Question? {
        var emails: Set<EmailAddress> = []
        for person in people {
            if let owner = person.details.owner { emails.insert(owner) }
            if let organizer = person.owner?.organizer { emails.insert(organizer) }
        }
        emails.formUnion(desired.accounts.compactMap(\.owner?.organizer))
        emails.formUnion(desired.fallbacks.compactMap(\.unlessOwnedBy))
        for field in desired.fields {
            for assertion in field.assertions {
                if case .user(let email) = assertion.value { emails.insert(email) }
            }
        }
        guard !emails.isEmpty else { return nil }
        return question(
            .users,
            .user,
            ["Id", "Email", "Name", "IsActive", "UserType"],
            .isIn("Email", emails.sorted().map(\.rawValue))
        )
    }

    func namedUsersQuestion(_ people: [DesiredPersonRecord]) -> Question? {
        let owners = people.compactMap(\.owner) + desired.accounts.compactMap(\.owner)
        let names = Set(owners.compactMap(\.namedUser)).sorted()
        guard !names.isEmpty else { return nil }
        let ids = names.compactMap { SalesforceID($0)?.rawValue }
        var conditions: [Query.Condition] = [.isIn("Name", names), .isIn("Email", names)]
        if !ids.isEmpty { conditions.append(.isIn("Id", ids)) }
        return question(
            .namedUsers,
            .user,
            ["Id", "Email", "Name", "IsActive", "UserType"],
            .either(conditions)
        )
    }

    func peopleQuestions(_ people: [DesiredPersonRecord]) -> [Question] {
        let byObject: [(ObjectName, [DesiredPersonRecord])] = [
            (.contact, people),
            (.lead, people.filter { $0.lookUp.mayBeLead }),
        ]
        return byObject.compactMap { object, people in
            let emails = Set(people.map(\.email.rawValue)).sorted()
            guard !emails.isEmpty, schema.objects[object] != nil else { return nil }
            return question(
                .people(object),
                object,
                paths(of: object),
                .isIn("Email", emails)
            )
        }
    }

    /// What finds the accounts of some people, as far as their settings look for one, and those that
    /// values name.
    mutating func accountQuestions(
        _ people: [DesiredPersonRecord],
        mentioned: [DesiredPersonRecord] = []
    ) -> [Question] {
        // A replay of some fields makes no contact that would need one.
        let mayNeed = desired.only?.contains("AccountId") ?? true
        var wanted = mayNeed ? people.filter(\.lookUp.needsAccount).map(\.account) : []
        if !mentioned.isEmpty { wanted += desired.mentionedAccountLookUps }
        return questions(accounts.questions(for: wanted))
    }

    /// The accounts of contacts for whom something is wanted there, and what is still open.
    mutating func accountFollowUp() -> [Question] {
        var keys = desired.accounts.map { (key: $0.key, email: $0.lookUp.email) }
        for fallback in desired.fallbacks where fallback.unlessOwnedBy != nil {
            guard let booker = fallback.booker, let email = fallback.account?.email else {
                continue
            }
            keys.append((key: booker, email: email))
        }
        let contacts = keys.flatMap { key, email -> [ObservedRecord] in
            let linked = links[.person(key)].flatMap { directory.records[$0.record] }
            return (linked.map { [$0] } ?? []) + (directory.contacts[email] ?? [])
        }
        let wanted = Set(contacts.compactMap { $0.reference("AccountId") })
        return questions(accounts.followUp(directory, wanted: wanted))
    }

    private func questions(_ asked: [AccountSearch.Question]) -> [Question] {
        asked.map { Question(purpose: .accounts($0.purpose), request: .query($0.query)) }
    }

    /// The linked records, those that we deleted apart.
    mutating func linkedQuestions() -> [Question] {
        let linked = links.values.filter { $0.state != .deleted }
        // What cannot be seen is not asked for, so that it does not count as gone.
        var byObject = Dictionary(grouping: linked, by: \.object)
            .mapValues { Set($0.map(\.record)) }
        for begun in orphans.values {
            if let record = begun.record { byObject[begun.object, default: []].insert(record) }
        }
        return byObject.filter { schema.objects[$0.key] != nil }.sorted { $0.key < $1.key }
            .map { recordsQuestion($0, $1, isLinked: true) }
    }

    /// Records by id, whatever became of them.
    mutating func recordsQuestion(
        _ object: ObjectName,
        _ ids: Set<SalesforceID>,
        isLinked: Bool = false
    ) -> Question {
        directory.asked.formUnion(ids)
        return question(
            .records(object),
            object,
            paths(of: object, isLinked: isLinked),
            .isIn("Id", ids.sorted().map(\.rawValue)),
            includesDeleted: true
        )
    }

    // MARK: Queries

    func question(
        _ purpose: Purpose,
        _ object: ObjectName,
        _ paths: [String],
        _ condition: Query.Condition,
        includesDeleted: Bool = false
    ) -> Question {
        let query = Query(
            paths,
            from: object,
            where: condition,
            orderBy: ["Id"],
            includesDeleted: includesDeleted
        )
        return Question(purpose: purpose, request: .query(query))
    }

    /// The fields of an object that the plan compares, as far as the org has them.
    func paths(of object: ObjectName, isLinked: Bool = false) -> [String] {
        if object == .account { return accounts.paths }
        if let only = desired.only { return paths(of: object, only, isLinked: isLinked) }
        let known = schema.objects[object]?.fields ?? [:]
        var wanted: Set<FieldName> = ["Id"]
        wanted.formUnion(ObservedRecord.systemFields)
        switch object {
        case .contact:
            wanted.formUnion(["Email", "AccountId", "OwnerId", "MasterRecordId", "IsPersonAccount"])
        case .lead:
            wanted.formUnion(["Email", "OwnerId", "MasterRecordId"])
            wanted.formUnion(["IsConverted", "ConvertedContactId"])
        case .eventRecord: wanted.formUnion(["OwnerId", "WhoId", OrgSchema.attendeesField])
        default: break
        }
        wanted.formUnion(desired.fieldNames(of: object))
        wanted.formUnion(begunFields(of: object))
        let names = wanted.filter { known[$0] != nil }.map(\.rawValue).sorted()
        let owner = object == .contact || object == .lead ? ["Owner.Name", "Owner.Email"] : []
        return names + owner
    }

    /// The named fields, and what a record is recognised by where it is not linked yet.
    func paths(
        of object: ObjectName,
        _ only: Set<FieldName>,
        isLinked: Bool
    ) -> [String] {
        let known = schema.objects[object]?.fields ?? [:]
        var wanted = only.union(ObservedRecord.systemFields).union(["Id", "MasterRecordId"])
        if object == .lead { wanted.formUnion(["IsConverted", "ConvertedContactId"]) }
        // An account is found by its person's contact.
        if !isLinked || !desired.accounts.isEmpty { wanted.formUnion(["Email", "AccountId"]) }
        let names = wanted.filter { known[$0] != nil }.map(\.rawValue).sorted()
        let hasOwner = only.contains("OwnerId") && object != .eventRecord
        return names + (hasOwner ? ["Owner.Name", "Owner.Email"] : [])
    }

}

extension PersonLookUp {
    /// Whether the record may be a lead.
    fileprivate var mayBeLead: Bool {
        policy == .lead || (policy == .contactUnderAccount && createLeadIfNoAccount)
            || takesAnyRecord
    }
}

extension DesiredField {
    /// The look-ups of accounts that the values name.
    var accountLookUps: [AccountLookUp] {
        assertions.compactMap { if case .account(let lookUp) = $0.value { lookUp } else { nil } }
    }
}
