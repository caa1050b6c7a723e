public import Domain
public import Journal
import Ledger
import Reconciliation
public import Salesforce

/// Carries out what people and scripts ask the service for: plans, and decisions about failures.
///
/// Everything that changes Salesforce goes through a kept plan that somebody approved. Who asked is
/// recorded by the caller and stands in the plan.
public struct ServiceDesk: Sendable {
    let journal: Journal
    private let gateway: (any SalesforceGateway)?
    private let options: SyncOptions
    let now: @Sendable () -> Instant
    private let random: @Sendable () -> Double
    private let revealed = RevealedPlans()
    /// Answers who should host a booking; nil when no org is configured.
    public let owners: OwnerLookUp?

    /// Creates a desk.
    ///
    /// - Parameters:
    ///   - journal: The ledger's journal.
    ///   - gateway: The org; nil when none is configured.
    ///   - options: How runs behave.
    ///   - now: The time.
    ///   - random: A number from 0 up to 1, for spreading retries.
    public init(
        journal: Journal,
        gateway: (any SalesforceGateway)?,
        options: SyncOptions = SyncOptions(),
        now: @escaping @Sendable () -> Instant,
        random: @escaping @Sendable () -> Double
    ) {
        (self.journal, self.gateway, self.options) = (journal, gateway, options)
        (self.now, self.random) = (now, random)
        owners = gateway.map { OwnerLookUp(journal: journal, gateway: $0, now: now) }
    }

    /// The org, if one is configured.
    ///
    /// - Throws: ``DeskError/unavailable(_:)``.
    func org() throws(DeskError) -> any SalesforceGateway {
        guard let gateway else {
            throw .unavailable(
                "No Salesforce org is configured here. Set 'salesforce.instanceURL' and start anew."
            )
        }
        return gateway
    }

    func synchronizer(
        _ configure: (inout SyncOptions) -> Void = { _ in }
    ) throws(DeskError) -> Synchronizer {
        try synchronizer(for: org(), configure)
    }

    /// Compares and plans; the org is asked only where the method says so.
    func synchronizer(
        for gateway: any SalesforceGateway,
        _ configure: (inout SyncOptions) -> Void = { _ in }
    ) -> Synchronizer {
        var options = options
        configure(&options)
        return Synchronizer(
            journal: journal,
            gateway: gateway,
            options: options,
            now: now,
            random: random
        )
    }

    var keyField: FieldName { options.keyField }

    // MARK: Plans

    /// Makes a plan and keeps it; changes nothing in Salesforce.
    ///
    /// - Parameters:
    ///   - request: What it is to be made of.
    ///   - actor: Who asks.
    /// - Returns: The plan, proposed.
    /// - Throws: ``DeskError`` or `LedgerError`.
    public func makePlan(_ request: PlanRequest, by actor: String) async throws -> KeptPlan {
        let synchronizer = try synchronizer()
        let plan = try await translated {
            switch request {
            case .changes(let selection): try await synchronizer.plan(selection)
            case .replay(let request): try await synchronizer.replay(request)
            case .drift(let action, let places): try await synchronizer.plan(action, places)
            case .undo(let run): try await synchronizer.plan(undoing: run)
            }
        }
        let document = synchronizer.document(of: plan, isRevealed: false)
        let created = now()
        let kept = try await journal.keep(
            plan: document,
            by: actor,
            created: created,
            expires: created.advanced(byMilliseconds: SyncPlan.validity)
        )
        guard let kept else { throw DeskError.invalid("The plan has no id.") }
        await revealed.keep(synchronizer.document(of: plan, isRevealed: true), as: kept.id)
        return kept
    }

    /// A plan with the values that come from people, while this process remembers them.
    ///
    /// - Parameter plan: The plan.
    /// - Returns: Its document, revealed if possible.
    public func revealed(_ plan: KeptPlan) async -> JSON {
        await revealed.document(of: plan.id) ?? plan.document
    }

    /// Says that a plan may be applied.
    ///
    /// - Parameters:
    ///   - id: The plan.
    ///   - version: The version that the caller saw; nil for whatever it is.
    ///   - actor: Who approves.
    /// - Returns: The plan, approved; one that was approved before is returned as it is.
    /// - Throws: ``DeskError`` or `LedgerError`.
    public func approve(_ id: String, version: Int?, by actor: String) async throws -> KeptPlan {
        let plan = try await current(id, version)
        switch plan.state {
        case .approved: return plan
        case .applying, .applied: throw DeskError.refused("The plan is \(plan.state.rawValue).")
        case .proposed: return try await moved(plan, to: .approved, approver: actor)
        }
    }

    /// Carries an approved plan out, as far as the same would be planned now.
    ///
    /// - Parameters:
    ///   - id: The plan.
    ///   - version: The version that the caller saw; nil for whatever it is.
    ///   - allowsLargeChange: Lets it pass the mass-change guard.
    /// - Returns: The plan, applied, and what was done.
    /// - Throws: ``DeskError`` or `LedgerError`; then it is approved as before.
    public func apply(
        _ id: String,
        version: Int?,
        allowsLargeChange: Bool = false
    ) async throws -> (plan: KeptPlan, report: RunReport) {
        let plan = try await current(id, version)
        switch plan.state {
        case .proposed:
            throw DeskError.refused("Nobody approved this plan. Approve it first.")
        case .applied: throw DeskError.refused("This plan was applied already. Make a new one.")
        // The process that was at it may have died: the run's lease keeps two from being at it.
        case .approved, .applying: break
        }
        let synchronizer = try synchronizer { $0.allowsLargeChange = allowsLargeChange }
        let applying = try await moved(plan, to: .applying)
        do {
            let report = try await translated { try await synchronizer.apply(plan.document) }
            return (try await moved(applying, to: .applied, run: report.run), report)
        } catch {
            _ = try await journal.move(applying, to: .approved)
            throw error
        }
    }

    private func current(_ id: String, _ version: Int?) async throws -> KeptPlan {
        guard let plan = try await journal.keptPlan(id) else {
            throw DeskError.notFound("There is no plan '\(id)'. Plans are kept for 30 days.")
        }
        guard version.map({ $0 == plan.version }) ?? true else {
            throw DeskError.moved("The plan is \(plan.state.rawValue) now. Read it again.")
        }
        return plan
    }

    private func moved(
        _ plan: KeptPlan,
        to state: KeptPlan.State,
        approver: String? = nil,
        run: String? = nil
    ) async throws -> KeptPlan {
        let moved = try await journal.move(plan, to: state, approver: approver, run: run)
        guard let moved else {
            throw DeskError.moved("Somebody else did something with this plan. Read it again.")
        }
        return moved
    }

    /// Gives errors of the stages the name that tells what to do.
    func translated<Result>(_ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch let error as SalesforceError {
            throw DeskError.unavailable("\(error)")
        } catch let refusal as RunRefusal {
            throw DeskError.refused("\(refusal)")
        } catch let error as ReplayError {
            throw DeskError.invalid("\(error)")
        } catch let error as BindingRefusal {
            throw DeskError.invalid("\(error)")
        } catch let error as UnclearSubject {
            if case .several = error { throw DeskError.invalid("\(error)") }
            throw DeskError.notFound("\(error)")
        }
    }
}

/// The newest plans with the values that come from people; kept in memory only.
private actor RevealedPlans {
    private static let most = 20
    private var documents: [(id: String, document: JSON)] = []

    func keep(_ document: JSON, as id: String) {
        documents.removeAll { $0.id == id }
        documents.append((id, document))
        if documents.count > Self.most { documents.removeFirst() }
    }

    func document(of id: String) -> JSON? { documents.first { $0.id == id }?.document }
}
