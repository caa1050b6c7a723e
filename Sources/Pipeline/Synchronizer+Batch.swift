import Domain
import Journal
import Ledger
import Reconciliation
import Salesforce

// One batch of writes: intents, the call, and receipts; again without what was refused.
extension Synchronizer {
    /// How often the fields that Salesforce refuses are dropped and the rest is sent again.
    private static let mostFieldRetries = 4

    /// What later batches have to know of earlier ones.
    struct WriteProgress {
        var known: [OperationID: SalesforceID]
        var unclear: Set<AppointmentID>
        /// Fields that were refused and left out, by code.
        var refused: [OperationID: [FieldName: String]] = [:]
        /// The API call or bulk job that settled an operation.
        var requests: [OperationID: String] = [:]
        /// Whether nothing more may be written before the org has been asked again.
        private(set) var isHalted = false

        /// Stops writing; everything has to be looked at again.
        mutating func halt(_ appointments: [AppointmentID]) {
            isHalted = true
            unclear.formUnion(appointments)
        }
    }

    func send(
        _ batch: [WriteRequest],
        _ operations: [OperationID: PlanOperation],
        _ plan: SyncPlan,
        _ run: String,
        _ progress: inout WriteProgress,
        _ report: inout RunReport
    ) async throws {
        try await journal.intend(batch.compactMap { operations[$0.operation] }, run: run)
        let moved = try await movedMeanwhile(batch, operations)
        let left = batch.filter { moved.contains($0.operation) }
            .map { ($0, WriteOutcome.refused([.changedMeanwhile])) }
        if !left.isEmpty {
            _ = try await take(left, true, operations, plan, run, &progress, &report)
        }
        let rest = batch.filter { !moved.contains($0.operation) }
        try await deliver(rest, operations, plan, run, &progress, &report)
    }

    /// Sends writes whose intents are recorded, again without the fields that were refused.
    func deliver(
        _ batch: [WriteRequest],
        _ operations: [OperationID: PlanOperation],
        _ plan: SyncPlan,
        _ run: String,
        _ progress: inout WriteProgress,
        _ report: inout RunReport
    ) async throws {
        var rest = batch
        // One more than fields are dropped: what awaited a record that failed goes without it then.
        for attempt in 0...Self.mostFieldRetries + 1 where !rest.isEmpty {
            let deliveries = try await gateway.deliver(rest, known: progress.known)
            let isLast = attempt >= Self.mostFieldRetries
            let pairs = Array(zip(rest, deliveries.map(\.outcome)))
            for (request, delivery) in zip(rest, deliveries) {
                progress.requests[request.operation] = delivery.request
            }
            rest = try await take(pairs, isLast, operations, plan, run, &progress, &report)
        }
    }

    /// Records what became of writes.
    ///
    /// - Returns: The writes to send once more, without the fields that were refused.
    func take(
        _ outcomes: [(WriteRequest, WriteOutcome)],
        _ isLast: Bool,
        _ operations: [OperationID: PlanOperation],
        _ plan: SyncPlan,
        _ run: String,
        _ progress: inout WriteProgress,
        _ report: inout RunReport
    ) async throws -> [WriteRequest] {
        let outcomes = await withoutRacedEdits(outcomes, plan, progress.known)
        let retries = isLast ? [:] : WriteRequest.retries(after: outcomes)
        var again: [WriteRequest] = []
        var results: [OperationResult] = []
        for (request, outcome) in outcomes {
            guard let operation = operations[request.operation] else { continue }
            if let retry = retries[operation.id] {
                progress.refused[operation.id, default: [:]].merge(retry.refused) { $1 }
                again.append(retry.request)
                continue
            }
            if outcome == .notAttempted, !request.awaited.isDisjoint(with: retries.keys) {
                // The record that it waits for is tried again with it.
                again.append(request)
                continue
            }
            if outcome == .notAttempted, let retry = request.withoutAwaited() {
                // The meeting is shown even when nobody's record could be made.
                progress.refused[operation.id, default: [:]].merge(retry.refused) { old, _ in old }
                again.append(retry.request)
                continue
            }
            let dropped = progress.refused[operation.id] ?? [:]
            results.append(
                result(of: operation, request, outcome, dropped, plan, &progress, &report)
            )
        }
        try await journal.receive(results, run: run)
        try await distrustSchema(after: outcomes)
        return again
    }

    /// Has objects described anew of which a field turned out to be gone.
    private func distrustSchema(
        after outcomes: [(WriteRequest, WriteOutcome)]
    ) async throws {
        var doubted: Set<ObjectName> = []
        for (request, outcome) in outcomes {
            guard case .refused(let errors) = outcome,
                errors.contains(where: { FailurePolicy.doubtsSchema($0.code) })
            else { continue }
            doubted.insert(request.object)
        }
        try await journal.distrustSchema(of: doubted)
    }

}
