import Domain
import Journal
import Ledger
import Reconciliation
import Salesforce

// How a plan comes about: looking at what is there, and comparing it with what is called for.
extension Synchronizer {
    // MARK: Look

    /// What is known of the org besides its records.
    struct View {
        var org: String
        var schema: OrgSchema
        var links: [RecordSubject: RecordLink]
        /// The API calls that looking again takes, by round of questions.
        var calls: [Int] = []
        /// Under whose name we write, where that was asked for already.
        var ownUser: SalesforceID?
    }

    /// The way to the org's records.
    var orgView: OrgView {
        OrgView(journal: journal, gateway: gateway, keyField: options.keyField, now: now)
    }

    /// Asks the org for everything that a plan of it depends on.
    func look(
        for desired: DesiredState,
        _ begun: [OperationID: BegunWrite]
    ) async throws -> (View, Directory) {
        let subjects =
            desired.people.keys.map(RecordSubject.person)
            + desired.accounts.flatMap { [.account($0.key.person), .person($0.key)] }
            + desired.events.flatMap { $0.uids.map(RecordSubject.event) }
            + desired.fallbacks.flatMap { [$0.subject] + $0.formerSubjects }
        let links = try await journal.links(of: subjects)
        guard !desired.people.isEmpty || !desired.events.isEmpty || !begun.isEmpty else {
            let known = try await journal.connectedOrg() ?? ""
            return (View(org: known, schema: OrgSchema(), links: links), Directory())
        }
        // Nothing else may call for the object of a record whose making was begun.
        let further = desired.furtherObjects.union(begun.values.map(\.object))
        let (id, schema, isUnchecked) = try await orgView.schema(further)
        do {
            return try await look(for: desired, begun, links, id, schema, isUnchecked: isUnchecked)
        } catch let error as SalesforceError {
            // What was remembered of the org is not true any more: a field or an object is gone.
            guard isUnchecked, case .rejected(let code, _) = error,
                FailurePolicy.doubtsSchema(code)
            else { throw error }
            let (id, schema) = try await orgView.observeSchema(further)
            return try await look(for: desired, begun, links, id, schema, isUnchecked: false)
        }
    }

    private func look(
        for desired: DesiredState,
        _ writes: [OperationID: BegunWrite],
        _ links: [RecordSubject: RecordLink],
        _ org: String,
        _ schema: OrgSchema,
        isUnchecked: Bool
    ) async throws -> (View, Directory) {
        let begun = Set(try await journal.openIntents().filter { $0.value == .create }.keys)
        // Event records without our key are found by who made them.
        let isEventBegun = desired.events.contains { event in
            event.uids.contains { begun.contains(OperationID(RecordSubject.event($0).name)) }
        }
        let isMakerAsked = isEventBegun && !schema.hasKeyField(options.keyField)
        let ownUser = isMakerAsked ? try await ownUser() : nil
        let (directory, questions, calls) = try await orgView.look(
            for: desired,
            links: links,
            schema: schema,
            isUnchecked: isUnchecked,
            begun: begun,
            writes: writes,
            ownUser: ownUser
        )
        var view = View(org: org, schema: schema, links: links)
        (view.calls, view.ownUser) = (calls, ownUser)
        // The next look asks for the org's id, too; five questions fill a call.
        if !isUnchecked, questions.isMultiple(of: 5) { view.calls.append(1) }
        return (view, directory)
    }

    // MARK: Compare

    /// Compares what is called for with what is there.
    func compare(
        _ desired: DesiredState,
        _ view: View,
        _ directory: Directory,
        _ begun: [OperationID: BegunWrite],
        overwrites: Bool
    ) async throws -> SyncPlan {
        var input = PlanningInput()
        input.events = desired.events
        input.people = Array(desired.people.values)
        input.accounts = desired.accounts
        input.fallbacks = desired.fallbacks
        input.waiting = desired.waiting
        input.directory = directory
        input.links = view.links
        // Several subjects may have the same records.
        let traced = Set(directory.fallbacks.values.joined().lazy.map(\.id))
        input.linked = try await journal.linked(among: Array(traced))
        let made = Set(directory.made.values.joined().lazy.map(\.id))
        input.withReceipt = try await journal.withReceipt(among: made)
        let known = Set(directory.records.keys).union(directory.merged.keys)
        input.claims = try await journal.claims(on: known)
        input.begun = begun
        input.schema = view.schema
        if !input.begun.isEmpty || Planner(input, digest: digest).hasUnseen {
            input.ownUser = view.ownUser
            if view.ownUser == nil { input.ownUser = try await ownUser() }
        }
        input.keyField = options.keyField
        input.replayOverwrites = overwrites
        let failures = try await journal.failures()
        let gate = RetryGate(failures: failures, now: now(), digest: digest)
        input.isWaiting = gate.isWaiting
        var operations = Planner(input, digest: digest).plan().map(gate.admitted)
            .compactMap { operation in
                operation.isAbout(desired.plannedEarlier)
                    ? nil : operation.limited(to: desired.only)?.leaving(out: options.ignores)
            }
        var leftOut: [OperationID] = []
        if desired.only != nil {
            (operations, leftOut) = try await leavingOutInterrupted(
                operations,
                decided: .knowingBegun
            )
        }
        var plan = SyncPlan(
            org: view.org,
            ledger: try await journal.ledger.origin(),
            head: desired.head,
            settings: desired.settings,
            appointments: desired.appointments,
            operations: try await withoutFights(operations),
            bookers: desired.bookers,
            schema: view.schema,
            failures: failures,
            unsettled: try await journal.openIntents(),
            keyField: options.keyField,
            usage: await gateway.usage
        )
        (plan.begun, plan.leftOut) = (input.begun, leftOut)
        plan.included = desired.included
        plan.vanished = directory.vanished(among: view.links.values)
        (plan.allowance, plan.budget) = (try await allowance(), options.budget)
        return plan
    }

    /// A plan that does nothing.
    func emptyPlan() async throws -> SyncPlan {
        var plan = SyncPlan(
            org: try await journal.connectedOrg() ?? "",
            ledger: try await journal.ledger.origin(),
            head: try await journal.head(),
            settings: try await journal.settingsRevisions(),
            appointments: [],
            operations: [],
            bookers: [:],
            schema: OrgSchema(),
            failures: [:],
            unsettled: [:],
            keyField: options.keyField,
            usage: await gateway.usage
        )
        (plan.allowance, plan.budget) = (try await allowance(), options.budget)
        return plan
    }
}
