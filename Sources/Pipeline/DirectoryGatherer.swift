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
        case fallbacks(ObjectName, [RecordSubject])
        case made(ObjectName)
    }

    struct Question {
        var purpose: Purpose
        var request: ReadRequest
    }

    var directory = Directory()
    let desired: DesiredState
    let links: [RecordSubject: RecordLink]
    let schema: OrgSchema
    let keyField: FieldName
    /// The records whose making was begun and whose outcome nobody knows.
    let begunOperations: Set<OperationID>
    /// The writes without an outcome, as far as is known what was to be written.
    let begun: [OperationID: BegunWrite]
    /// Under whose name we write, if event records have to be found by that.
    let ownUser: SalesforceID?
    /// Those of them for which nothing calls any more.
    let orphans: [OperationID: BegunWrite]
    private var round = 0
    var accounts: AccountSearch

    init(
        _ desired: DesiredState,
        _ links: [RecordSubject: RecordLink],
        _ schema: OrgSchema,
        _ keyField: FieldName,
        _ begunOperations: Set<OperationID>,
        begun: [OperationID: BegunWrite] = [:],
        ownUser: SalesforceID? = nil
    ) {
        (self.desired, self.links, self.schema) = (desired, links, schema)
        (self.keyField, self.begunOperations) = (keyField, begunOperations)
        (self.begun, self.ownUser) = (begun, ownUser)
        let planned = desired.operations
        orphans = begun.filter { !planned.contains($0.key) }
        accounts = AccountSearch(
            schema: schema,
            fields: begun.values.filter { $0.object == .account }
                .reduce(into: desired.accountFields) { $0.formUnion($1.fields.keys) },
            matchings: Set(desired.accountLookUps.map(\.matching))
        )
    }

    mutating func nextQuestions() -> [Question] {
        round += 1
        switch round {
        case 1: return firstRound()
        case 2:
            return lostQuestions() + successorQuestions() + missingAccountQuestions()
                + accountFollowUp()
        case ...Self.mostRounds:
            return successorQuestions() + missingAccountQuestions() + accountFollowUp()
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
        return questions + fallbackQuestions() + madeQuestions()
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

    /// The accounts of people whose contact has none.
    ///
    /// The first round asks only for people without a known record: without this it would depend on who
    /// else of the mail domain is in the run whether a contact gets its account.
    private mutating func missingAccountQuestions() -> [Question] {
        accountQuestions(
            desired.people.values.filter { person in
                !desired.plannedEarlier.contains(person.key.person)
                    && directory.lacksAccount(person, linked: links[.person(person.key)])
            }
        )
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

}
