import Domain
import Reconciliation
import Salesforce

/// Works out what to ask an org, round by round, and files the answers.
///
/// The first round asks everything that is known to be needed, in one call where it fits. The second
/// follows converted leads to their contacts and looks for what has disappeared.
struct DirectoryGatherer {
    /// What a question is for.
    enum Purpose: Hashable {
        case people(ObjectName)
        case records(ObjectName)
        case users
        case namedUsers
        case accountsByWebsite
        case accountsByContacts
        case eventsByKey
        case deleted(ObjectName)
    }

    struct Question {
        var purpose: Purpose
        var request: ReadRequest
    }

    private(set) var directory = Directory()
    private let desired: DesiredState
    private let links: [RecordSubject: RecordLink]
    private let schema: OrgSchema
    private let keyField: FieldName
    private let unsettled: Set<OperationID>
    private var round = 0

    init(
        _ desired: DesiredState,
        _ links: [RecordSubject: RecordLink],
        _ schema: OrgSchema,
        _ keyField: FieldName,
        _ unsettled: Set<OperationID>
    ) {
        (self.desired, self.links, self.schema) = (desired, links, schema)
        (self.keyField, self.unsettled) = (keyField, unsettled)
    }

    mutating func nextQuestions() -> [Question] {
        round += 1
        switch round {
        case 1: return firstRound()
        case 2: return secondRound()
        default: return []
        }
    }

    // MARK: First round

    private mutating func firstRound() -> [Question] {
        let people = Array(desired.people.values)
        // A person whose record is known is fetched by id; the address is asked for only when that
        // record turns out to be gone.
        let strangers = people.filter { links[.person($0.key)]?.state != .live }
        var questions = [usersQuestion(people), namedUsersQuestion(people)].compactMap { $0 }
        questions += peopleQuestions(strangers)
        questions += accountQuestions(strangers, mentioned: people)
        questions += linkedQuestions()
        if let question = keyQuestion() { questions.append(question) }
        return questions
    }

    /// All users with an organizer's address: who hosts, and who gets new records.
    private func usersQuestion(_ people: [DesiredPersonRecord]) -> Question? {
        var emails: Set<EmailAddress> = []
        for person in people {
            if let owner = person.details.owner { emails.insert(owner) }
            if let organizer = person.owner?.organizer { emails.insert(organizer) }
        }
        for field in desired.events.flatMap(\.fields) + people.flatMap(\.fields) {
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

    private func namedUsersQuestion(_ people: [DesiredPersonRecord]) -> Question? {
        let names = Set(people.compactMap { $0.owner?.namedUser }).sorted()
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

    private func peopleQuestions(_ people: [DesiredPersonRecord]) -> [Question] {
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

    private func accountQuestions(
        _ people: [DesiredPersonRecord],
        mentioned: [DesiredPersonRecord] = []
    ) -> [Question] {
        let wanting =
            people.filter(\.lookUp.needsAccount)
            + mentioned.filter { $0.fields.contains { $0.wantsAccount } }
        let domains = Set(wanting.map(\.email).filter { !$0.isFreeMail }.map(\.domain)).sorted()
        guard !domains.isEmpty else { return [] }
        return [
            question(
                .accountsByWebsite,
                .account,
                ["Id", "Name", "Website", "OwnerId", "CreatedDate"],
                .either(domains.map { .contains("Website", $0) })
            ),
            question(
                .accountsByContacts,
                .contact,
                ["Id", "Email", "AccountId"],
                .both([
                    .differs("AccountId", .empty),
                    .either(domains.map { .endsWith("Email", "@\($0)") }),
                ])
            ),
        ]
    }

    private mutating func linkedQuestions() -> [Question] {
        let live = links.values.filter { $0.state == .live }
        let byObject = Dictionary(grouping: live, by: \.object)
        return byObject.sorted { $0.key < $1.key }.map { object, links in
            let ids = Set(links.map(\.record)).sorted()
            directory.asked.formUnion(ids)
            return question(
                .records(object),
                object,
                paths(of: object, isLinked: true),
                .isIn("Id", ids.map(\.rawValue))
            )
        }
    }

    /// Event records whose making was begun and whose outcome nobody knows.
    private func keyQuestion() -> Question? {
        let begun = desired.events.filter { event in
            unsettled.contains(OperationID(RecordSubject.event(event.appointment.root).name))
                && event.uids.allSatisfy { links[.event($0)] == nil }
        }
        guard !begun.isEmpty else { return nil }
        if schema.hasKeyField(keyField) {
            let keys = begun.map { EventKey.value(for: $0.appointment) }
            return question(
                .eventsByKey,
                .eventRecord,
                paths(of: .eventRecord) + [keyField.rawValue],
                .isIn(keyField.rawValue, keys)
            )
        }
        let starts = Set(begun.compactMap(\.start)).sorted()
        return question(
            .eventsByKey,
            .eventRecord,
            paths(of: .eventRecord),
            .either(starts.map { .equals("StartDateTime", .instant($0)) })
        )
    }

    // MARK: Second round

    private mutating func secondRound() -> [Question] {
        let leads =
            directory.leads.values.flatMap { $0 }
            + directory.records.values.filter { $0.object == .lead }
        let contacts = Set(leads.compactMap { $0.reference("ConvertedContactId") })
            .subtracting(directory.records.keys)
        let lost = desired.people.values.filter { person in
            links[.person(person.key)].map {
                $0.state == .live && directory.records[$0.record] == nil
            } ?? false
        }
        var questions = peopleQuestions(lost) + accountQuestions(lost)
        if !contacts.isEmpty {
            questions.append(
                question(
                    .records(.contact),
                    .contact,
                    paths(of: .contact),
                    .isIn("Id", contacts.sorted().map(\.rawValue))
                )
            )
        }
        let missing = links.values.filter {
            $0.state == .live && directory.records[$0.record] == nil
        }
        for (object, links) in Dictionary(grouping: missing, by: \.object).sorted(by: {
            $0.key < $1.key
        }) {
            let ids = Set(links.map(\.record.rawValue)).sorted()
            questions.append(
                Question(
                    purpose: .deleted(object),
                    request: .query(
                        Query(
                            ["Id", "IsDeleted"],
                            from: object,
                            where: .isIn("Id", ids),
                            includesDeleted: true
                        )
                    )
                )
            )
        }
        return questions
    }

    // MARK: Queries

    private func question(
        _ purpose: Purpose,
        _ object: ObjectName,
        _ paths: [String],
        _ condition: Query.Condition
    ) -> Question {
        Question(
            purpose: purpose,
            request: .query(Query(paths, from: object, where: condition, orderBy: ["Id"]))
        )
    }

    /// The fields of an object that the plan compares, as far as the org has them.
    private func paths(of object: ObjectName, isLinked: Bool = false) -> [String] {
        if let only = desired.only { return paths(of: object, only, isLinked: isLinked) }
        let known = schema.objects[object]?.fields ?? [:]
        var wanted: Set<FieldName> = ["Id"]
        wanted.formUnion(ObservedRecord.systemFields)
        switch object {
        case .contact: wanted.formUnion(["Email", "AccountId", "OwnerId"])
        case .lead: wanted.formUnion(["Email", "OwnerId", "IsConverted", "ConvertedContactId"])
        case .eventRecord: wanted.formUnion(["OwnerId", "WhoId", OrgSchema.attendeesField])
        default: break
        }
        let fields =
            object == .eventRecord
            ? desired.events.flatMap(\.fields).map(\.field)
                + desired.events.flatMap(\.held).map(\.field)
            : desired.people.values.flatMap { $0.fields.map(\.field) + $0.held.map(\.field) }
        wanted.formUnion(fields)
        let names = wanted.filter { known[$0] != nil }.map(\.rawValue).sorted()
        let owner = object == .contact || object == .lead ? ["Owner.Name", "Owner.Email"] : []
        return names + owner
    }

    /// The named fields, and what a record is recognised by where it is not linked yet.
    private func paths(
        of object: ObjectName,
        _ only: Set<FieldName>,
        isLinked: Bool
    ) -> [String] {
        let known = schema.objects[object]?.fields ?? [:]
        var wanted = only.union(ObservedRecord.systemFields).union(["Id"])
        if object == .lead { wanted.formUnion(["IsConverted", "ConvertedContactId"]) }
        if !isLinked { wanted.formUnion(["Email", "AccountId"]) }
        let names = wanted.filter { known[$0] != nil }.map(\.rawValue).sorted()
        let hasOwner = only.contains("OwnerId") && object != .eventRecord
        return names + (hasOwner ? ["Owner.Name", "Owner.Email"] : [])
    }

    // MARK: Answers

    mutating func take(_ rows: [JSON], for question: Question) {
        switch question.purpose {
        case .people(let object):
            for record in records(rows, object) {
                directory.records[record.id] = directory.records[record.id] ?? record
                guard let email = record.text("Email").flatMap(EmailAddress.init) else { continue }
                if object == .contact {
                    directory.contacts[email, default: []].append(record)
                } else {
                    directory.leads[email, default: []].append(record)
                }
            }
        case .records(let object):
            for record in records(rows, object) { directory.records[record.id] = record }
        case .users:
            for user in records(rows, .user) {
                guard let email = user.text("Email").flatMap(EmailAddress.init) else { continue }
                directory.users[email, default: []].append(user)
            }
        case .namedUsers:
            for user in records(rows, .user) where user.value("IsActive") == .flag(true) {
                for name in [user.text("Name"), user.text("Email"), user.id.rawValue] {
                    if let name { directory.namedUsers[name] = directory.namedUsers[name] ?? user }
                }
            }
        case .accountsByWebsite:
            for account in records(rows, .account) {
                guard let host = account.text("Website").flatMap(MailDomains.host(ofWebsite:))
                else { continue }
                directory.accountsByHost[host, default: []].append(account)
            }
        case .accountsByContacts:
            for contact in records(rows, .contact) {
                guard let email = contact.text("Email").flatMap(EmailAddress.init),
                    let account = contact.reference("AccountId")
                else { continue }
                directory.accountsByDomain[email.domain, default: [:]][account, default: 0] += 1
            }
        case .eventsByKey:
            fileByKey(records(rows, .eventRecord))
        case .deleted(let object):
            for record in records(rows, object) where record.isDeleted {
                directory.deleted.insert(record.id)
            }
        }
    }

    private func records(_ rows: [JSON], _ object: ObjectName) -> [ObservedRecord] {
        rows.compactMap { row in
            ObservedRecord(row: row, object: object, description: schema.objects[object])
        }
    }

    /// Without the key field, an event record is ours if its description ends with our booking.
    private mutating func fileByKey(_ found: [ObservedRecord]) {
        for record in found {
            if let key = record.text(keyField) { directory.eventsByKey[key] = record }
            let description = record.text("Description") ?? ""
            for event in desired.events
            where event.uids.contains(where: {
                description.hasSuffix("Cal.com booking \($0.rawValue)")
            }) {
                directory.eventsByKey[EventKey.value(for: event.appointment)] = record
            }
        }
    }
}

extension PersonLookUp {
    /// Whether the record may be a lead.
    fileprivate var mayBeLead: Bool {
        policy == .lead || (policy == .contactUnderAccount && createLeadIfNoAccount)
    }
}

extension DesiredField {
    fileprivate var wantsAccount: Bool {
        assertions.contains { if case .account = $0.value { true } else { false } }
    }
}

extension DesiredEventRecord {
    /// When the meeting begins, as far as the record says.
    fileprivate var start: Instant? {
        guard
            case .value(.instant(let start))? = fields.first(where: { $0.field == "StartDateTime" }
            )?
            .assertions.last?.value
        else { return nil }
        return start
    }
}
