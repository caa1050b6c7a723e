import Domain
import Journal
import Ledger
import Reconciliation
import Salesforce

/// Looks at the org: describes its objects, and fetches what a plan needs to see.
struct OrgView: Sendable {
    let journal: Journal
    let gateway: any SalesforceGateway
    let keyField: FieldName
    let now: @Sendable () -> Instant

    /// How long a description is believed: milliseconds.
    private static let schemaValidity: Int64 = 3_600_000

    /// The objects that the sync touches.
    private static let objects: [ObjectName] = [.eventRecord, .contact, .lead, .account]

    // MARK: Schema

    /// What the org says about its objects, from memory while that is fresh.
    ///
    /// The first time, the org is asked for its id in the same call, and the ledger is bound to it.
    ///
    /// - Parameter further: Objects that are needed besides the usual ones. One that the integration
    ///   user cannot see is asked for every time.
    /// - Returns: The org, its schema, and whether the org's id still has to be checked.
    /// - Throws: `SalesforceError`, `LedgerError` or ``RunRefusal/otherOrg(expected:found:)``.
    func schema(
        _ further: Set<ObjectName> = []
    ) async throws -> (org: String, schema: OrgSchema, isUnchecked: Bool) {
        let known = try await journal.knownSchema()
        let oldest = now().advanced(byMilliseconds: -Self.schemaValidity)
        if let org = try await journal.connectedOrg(),
            (Self.objects + further).allSatisfy({ known[$0].map { $0.0 > oldest } ?? false })
        {
            let objects = known.compactMapValues { ObjectDescription(form: $0.1) }
            return (org, OrgSchema(objects: objects), true)
        }
        let (org, schema) = try await observeSchema(further)
        return (org, schema, false)
    }

    /// Asks the org anew, and remembers the answer.
    func observeSchema(
        _ further: Set<ObjectName> = []
    ) async throws -> (org: String, schema: OrgSchema) {
        let described = Self.objects + further.subtracting(Self.objects).sorted()
        let requests = described.map(ReadRequest.describe) + [Organization.question]
        let answers = try await gateway.read(requests)
        guard let last = answers.last, answers.count == requests.count else {
            throw SalesforceError.unexpectedAnswer("not every question was answered")
        }
        let organization = try Organization(last)
        try await bind(organization)
        var objects: [ObjectName: ObjectDescription] = [:]
        for (object, answer) in zip(described, answers) {
            if case .description(let description?) = answer { objects[object] = description }
        }
        try await journal.observe(objects.mapValues(\.form), now: now())
        return (organization.id.rawValue, OrgSchema(objects: objects))
    }

    func bind(_ organization: Organization) async throws {
        try await OrgBinding(journal: journal, now: now).bind(organization)
    }

    // MARK: Records

    /// Fetches everything the planner needs to see, in rounds of questions.
    ///
    /// - Parameters:
    ///   - desired: What is wanted.
    ///   - links: The records that are known.
    ///   - schema: What the org's objects are like.
    ///   - isUnchecked: Whether the org has still to show that it is the one that is remembered.
    ///   - begun: The records whose making was begun and whose outcome nobody knows.
    ///   - writes: The writes without an outcome, as far as is known what was to be written.
    ///   - ownUser: Under whose name we write, if event records have to be found by that.
    /// - Returns: What was found, how many questions the first round had, and how many API calls
    ///   each round took.
    /// - Throws: ``SalesforceError``, ``LedgerError``, or a refusal to work with another org.
    func look(
        for desired: DesiredState,
        links: [RecordSubject: RecordLink],
        schema: OrgSchema,
        isUnchecked: Bool,
        begun: Set<OperationID>,
        writes: [OperationID: BegunWrite],
        ownUser: SalesforceID?
    ) async throws -> (Directory, questions: Int, calls: [Int]) {
        var first: Int?
        var calls: [Int] = []
        var gatherer = DirectoryGatherer(
            desired,
            links,
            schema,
            keyField,
            begun,
            begun: writes,
            ownUser: ownUser
        )
        var mustCheck = isUnchecked
        while true {
            let questions = gatherer.nextQuestions()
            first = first ?? questions.count
            guard !questions.isEmpty || mustCheck else {
                return (gatherer.directory, first ?? 0, calls)
            }
            let before = await gateway.usage.calls
            let check = mustCheck ? [Organization.question] : []
            let answers = try await gateway.read(questions.map(\.request) + check)
            calls.append(await gateway.usage.calls - before)
            // Before anything is believed: the token may have been changed since the last run.
            if mustCheck, let last = answers.last { try await bind(Organization(last)) }
            mustCheck = false
            for (question, answer) in zip(questions, answers) {
                gatherer.take(answer.rows, for: question)
            }
        }
    }
}
