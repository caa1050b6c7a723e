import Domain
import Reconciliation
import Salesforce

/// Works out what to ask an org, round by round, and files the answers.
///
/// The first round asks everything that is known to be needed, in one call where it fits. Linked
/// records are asked for among deleted and archived ones too: archiving is no deletion, and a record
/// that was restored is there again. Later rounds follow merged records and converted leads to what
/// they became, look for people whose record has disappeared, and look at accounts that only then
/// are known, and at what breaks a tie between them.
struct DirectoryGatherer {
    /// What a question is for.
    enum Purpose: Hashable {
        case people(ObjectName)
        case records(ObjectName)
        case users
        case namedUsers
        case accounts(AccountSearch.Purpose)
        case eventsByKey
        case fallback(RecordSubject)
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
    /// When the meetings began whose records were begun, as far as that was kept.
    private let begunStarts: [Instant]
    private var round = 0
    private var accounts: AccountSearch

    init(
        _ desired: DesiredState,
        _ links: [RecordSubject: RecordLink],
        _ schema: OrgSchema,
        _ keyField: FieldName,
        _ unsettled: Set<OperationID>,
        begunStarts: [Instant] = []
    ) {
        (self.desired, self.links, self.schema) = (desired, links, schema)
        (self.keyField, self.unsettled, self.begunStarts) = (keyField, unsettled, begunStarts)
        accounts = AccountSearch(schema: schema, fields: desired.accountFields)
    }

    mutating func nextQuestions() -> [Question] {
        round += 1
        switch round {
        case 1: return firstRound()
        case 2: return lostQuestions() + successorQuestions() + accountFollowUp()
        case ...Self.mostRounds: return successorQuestions() + accountFollowUp()
        default: return accountFollowUp()
        }
    }

    /// How often records are followed to what they became: a merged one may be merged again.
    private static let mostRounds = 6

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
        return questions + fallbackQuestions()
    }

    /// All users with an organizer's address: who hosts, and who gets new records.
    private func usersQuestion(_ people: [DesiredPersonRecord]) -> Question? {
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

    private func namedUsersQuestion(_ people: [DesiredPersonRecord]) -> Question? {
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

    /// What finds the accounts of people without a record yet, and those that values name.
    private mutating func accountQuestions(
        _ people: [DesiredPersonRecord],
        mentioned: [DesiredPersonRecord] = []
    ) -> [Question] {
        var wanted = people.filter(\.lookUp.needsAccount).map(\.account)
        if !mentioned.isEmpty {
            wanted += desired.fields.flatMap(\.accountLookUps)
            wanted += desired.accounts.map(\.lookUp)
            wanted += desired.fallbacks.filter { $0.unlessOwnedBy != nil }.compactMap(\.account)
        }
        return questions(accounts.questions(for: wanted))
    }

    /// The accounts of contacts for whom something is wanted there, and what is still open.
    private mutating func accountFollowUp() -> [Question] {
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
    private mutating func linkedQuestions() -> [Question] {
        let linked = links.values.filter { $0.state != .deleted }
        // What cannot be seen is not asked for, so that it does not count as gone.
        let byObject = Dictionary(grouping: linked, by: \.object)
            .filter { schema.objects[$0.key] != nil }
        return byObject.sorted { $0.key < $1.key }.map { object, links in
            recordsQuestion(object, Set(links.map(\.record)), isLinked: true)
        }
    }

    /// Records by id, whatever became of them.
    private mutating func recordsQuestion(
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

    /// Event records whose making was begun and whose outcome nobody knows.
    ///
    /// Each is asked for by the booking that its appointment was known by when that was begun, which
    /// may have joined an earlier one since.
    private func keyQuestion() -> Question? {
        let begun = desired.events.filter { !begunUIDs(of: $0).isEmpty }
        guard !begun.isEmpty else { return nil }
        if schema.hasKeyField(keyField) {
            let keys = begun.flatMap(begunUIDs).map { EventKey.value(for: AppointmentID(root: $0)) }
            return question(
                .eventsByKey,
                .eventRecord,
                paths(of: .eventRecord) + [keyField.rawValue],
                .isIn(keyField.rawValue, keys),
                includesDeleted: true
            )
        }
        let starts = Set(begun.compactMap(\.start)).union(begunStarts).sorted()
        return question(
            .eventsByKey,
            .eventRecord,
            paths(of: .eventRecord),
            .either(starts.map { .equals("StartDateTime", .instant($0)) }),
            includesDeleted: true
        )
    }

    /// The bookings of an appointment for which an event record was begun and none is known.
    private func begunUIDs(of event: DesiredEventRecord) -> [BookingUID] {
        event.uids.filter { uid in
            links[.event(uid)] == nil
                && unsettled.contains(OperationID(RecordSubject.event(uid).name))
        }
    }

    /// Fallback records whose making was begun and whose outcome nobody knows.
    private func fallbackQuestions() -> [Question] {
        desired.fallbacks.compactMap { fallback in
            guard unsettled.contains(OperationID(fallback.subject.name)),
                links[fallback.subject] == nil, schema.objects[fallback.object] != nil
            else { return nil }
            return question(
                .fallback(fallback.subject),
                fallback.object,
                paths(of: fallback.object),
                trace(of: fallback)
            )
        }
    }

    /// What tells a fallback record from all others: its key or, without the field for it, the
    /// texts it was made with.
    private func trace(of fallback: DesiredFallbackRecord) -> Query.Condition {
        if schema.hasKeyField(keyField, on: fallback.object) {
            let key = EventKey.value(for: fallback.appointment, fallback: fallback.name)
            return .equals(keyField.rawValue, .text(key))
        }
        let fields = schema.objects[fallback.object]?.fields ?? [:]
        let texts = fallback.fields.compactMap { field -> Query.Condition? in
            guard case .value(.text(let text)) = field.newest.value,
                let description = fields[field.field],
                ["string", "picklist", "email", "phone", "url"].contains(description.type)
            else { return nil }
            let sent = CanonicalForm.text(of: .text(text), description)
            return .equals(field.field.rawValue, .text(sent))
        }
        let begun = Query.Condition.notBefore("CreatedDate", fallback.cause.recorded.wholeSeconds)
        return .both(texts + [begun])
    }

    // MARK: Later rounds

    /// The people whose record has disappeared, by address.
    private mutating func lostQuestions() -> [Question] {
        let lost = desired.people.values.filter { person in
            links[.person(person.key)].map {
                $0.state == .live && directory.records[$0.record] == nil
                    && directory.merged[$0.record] == nil
            } ?? false
        }
        return peopleQuestions(lost) + accountQuestions(lost)
    }

    /// What merged records and converted leads became.
    private mutating func successorQuestions() -> [Question] {
        let leads =
            directory.leads.values.flatMap { $0 }
            + directory.records.values.filter { $0.object == .lead }
        var byObject: [ObjectName: Set<SalesforceID>] = [
            .contact: Set(leads.compactMap { $0.reference("ConvertedContactId") })
        ]
        for winner in directory.merged.values {
            byObject[winner.keyPrefix == "00Q" ? .lead : .contact, default: []].insert(winner)
        }
        return byObject.sorted { $0.key < $1.key }.compactMap { object, ids in
            let unseen = ids.subtracting(directory.asked)
                .subtracting(directory.records.keys)
            return unseen.isEmpty ? nil : recordsQuestion(object, unseen)
        }
    }

    // MARK: Queries

    private func question(
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
    private func paths(of object: ObjectName, isLinked: Bool = false) -> [String] {
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
        var wanted = only.union(ObservedRecord.systemFields).union(["Id", "MasterRecordId"])
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
            for record in records(rows, object) { file(record) }
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
        case .accounts(let purpose):
            accounts.take(rows, for: purpose, into: &directory)
        case .fallback(let subject):
            let object = desired.fallbacks.first { $0.subject == subject }?.object
            if let object { directory.fallbacks[subject] = records(rows, object).first }
        case .eventsByKey:
            // A live one counts more than another that somebody deleted.
            fileByKey(records(rows, .eventRecord).sorted { $0.isDeleted && !$1.isDeleted })
        }
    }

    /// Files a record that was asked for by its id.
    private mutating func file(_ record: ObservedRecord) {
        guard record.isDeleted else {
            directory.records[record.id] = record
            return
        }
        if let winner = record.reference("MasterRecordId") {
            directory.merged[record.id] = winner
        } else {
            directory.deleted.insert(record.id)
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
                let root = begunUIDs(of: event).first ?? event.appointment.root
                directory.eventsByKey[EventKey.value(for: AppointmentID(root: root))] = record
            }
        }
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
    fileprivate var accountLookUps: [AccountLookUp] {
        assertions.compactMap { if case .account(let lookUp) = $0.value { lookUp } else { nil } }
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
