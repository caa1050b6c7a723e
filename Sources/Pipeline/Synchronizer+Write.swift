import Domain
import Journal
import Ledger
import Reconciliation
import Salesforce

extension Synchronizer {
    /// How many guarded updates a run sends one by one; beyond, whole batches go, right after the
    /// stamps of their records were read again.
    private static let mostGuardedUpdates = 200

    /// Writes a plan: for every batch an intent that is durable, one call, and receipts.
    ///
    /// A crash anywhere leaves an intent without outcome at most; the next run looks what became of
    /// it.
    ///
    /// - Returns: The appointments to look at again: an outcome was unclear, or a duplicate rule
    ///   named the record that was meant.
    func write(
        _ plan: SyncPlan,
        run: String,
        into report: inout RunReport
    ) async throws -> [AppointmentID] {
        let operations = Dictionary(
            plan.operations.map { ($0.id, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        try await settle(plan.operations.filter { !$0.isWrite }, plan, run, &report)
        try await noteBegun(plan, run)
        let requests = requests(of: plan)
        var progress = WriteProgress(known: [:], unclear: [])
        var left = await stages(of: requests)[...]
        while let stage = left.first {
            guard try await callsLeft(report) >= cost(of: stage, operations) else { break }
            left.removeFirst()
            options.progress("Writing: \(report.summary.written) records so far")
            switch stage.path {
            case .small:
                try await send(stage.requests, operations, plan, run, &progress, &report)
            case .bulk:
                try await sendJob(stage.requests, operations, plan, run, &progress, &report)
            }
            try await renewLease(run)
            if progress.isHalted { break }
        }
        let postponed = progress.isHalted ? [] : left.flatMap(\.requests)
        let unclear = progress.unclear
        report.summary.postponed += postponed.count
        let open = unclear.union(
            postponed.flatMap { operations[$0.operation]?.appointments ?? [] }
        )
        let done = plan.appointments.filter { !open.contains($0) }
        if report.stale.isEmpty {
            try await journal.settle(done, readAt: LedgerPosition(plan.head.position))
        }
        return unclear.sorted()
    }

    /// The writes that a plan asks for.
    func requests(of plan: SyncPlan) -> [WriteRequest] {
        requests(for: plan.operations, of: plan)
    }

    /// The writes that operations of a plan ask for when they are written in one go.
    func requests(for operations: [PlanOperation], of plan: SyncPlan) -> [WriteRequest] {
        let isGuarded = operations.count { $0.kind == .update } <= Self.mostGuardedUpdates
        return operations.compactMap {
            $0.request(
                keyField: plan.upsertField(for: $0.object),
                isGuarded: isGuarded || $0.changesOwner
            )
        }
    }

    /// Records operations without a write: what is held and why, and what turned out to be so.
    private func settle(
        _ operations: [PlanOperation],
        _ plan: SyncPlan,
        _ run: String,
        _ report: inout RunReport
    ) async throws {
        for operation in operations {
            if !report.resolve(operation) { report.summary.count(operation) }
            report.add(operation)
            if operation.wantsReview { report.reviews += 1 }
        }
        let results = operations.map { settled($0, plan) }
        if !results.isEmpty { try await journal.receive(results, run: run) }
    }

    /// Records what became of begun writes whose records are written again now, before the new
    /// intents take their place: if this answer is lost, too, the first one must not be forgotten.
    private func noteBegun(_ plan: SyncPlan, _ run: String) async throws {
        let results = plan.operations.filter(\.isWrite).compactMap { operation in
            operation.begunBefore.map { settled($0, plan) }
        }
        if !results.isEmpty { try await journal.receive(results, run: run) }
    }

    private func settled(_ operation: PlanOperation, _ plan: SyncPlan) -> OperationResult {
        OperationResult(
            operation: operation.confirming(plan.begun[operation.id]),
            outcome: settlement(of: operation),
            record: operation.record,
            claims: claims(
                of: operation,
                sent: [:],
                seen: nil,
                stamp: nil,
                refused: [:],
                plan.schema
            ),
            sealUnder: sealer(of: operation, plan)
        )
    }

    /// What became of an operation without a write: an earlier one took hold, or nothing did.
    private func settlement(of operation: PlanOperation) -> OperationResult.Outcome {
        switch operation.evidence {
        case .made(let record): .written(record, wasCreated: true, stamp: operation.stamp)
        case .changed:
            operation.record.map { .written($0, wasCreated: false, stamp: operation.stamp) }
                ?? .settled
        case .deleted(let record): .written(record, wasCreated: false, stamp: nil)
        case nil: .settled
        }
    }

}

extension PlanOperation {
    /// What an interrupted run did to the record that is written again now; nil for nothing.
    fileprivate var begunBefore: PlanOperation? {
        var earlier = self
        earlier.reason = .confirmedLate
        switch (kind, evidence) {
        case (_, .deleted(let record)?):
            (earlier.kind, earlier.record, earlier.fields) = (.delete, record, [])
        case (.create, .made(let record)?):
            // Somebody deleted it before we knew of it, and another one is made in its place.
            (earlier.kind, earlier.record, earlier.fields) = (.unchanged, record, [])
        case (.create, _), (_, nil): return nil
        default:
            (earlier.kind, earlier.reason) = (.unchanged, reason)
            earlier.fields = fields.filter { $0.outcome != .write }
        }
        return earlier
    }
}
