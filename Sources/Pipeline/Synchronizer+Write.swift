import Domain
import Journal
import Ledger
import Reconciliation
import Salesforce

extension Synchronizer {
    /// How many guarded updates a run sends one by one; beyond, whole batches go, right after the
    /// stamps of their records were read again.
    private static let mostGuardedUpdates = 200

    /// How often the fields that Salesforce refuses are dropped and the rest is sent again.
    private static let mostFieldRetries = 4

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
        let requests = requests(of: plan)
        var progress = WriteProgress(known: [:], unclear: [])
        var left = await stages(of: requests)[...]
        while let stage = left.first {
            guard try await callsLeft(report) >= cost(of: stage) else { break }
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
        let isGuarded = plan.operations.count { $0.kind == .update } <= Self.mostGuardedUpdates
        return plan.operations.compactMap {
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
        let results = operations.map { operation in
            OperationResult(
                operation: operation.confirming(plan.begun[operation.id]),
                outcome: settlement(of: operation, plan),
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
        if !results.isEmpty { try await journal.receive(results, run: run) }
    }

    /// What became of an operation without a write.
    ///
    /// One that was begun before and whose record now stands as intended took hold: the answer was
    /// lost, the write was not.
    private func settlement(
        of operation: PlanOperation,
        _ plan: SyncPlan
    ) -> OperationResult.Outcome {
        guard let begun = plan.unsettled[operation.id], let record = operation.record,
            operation.reason != .alreadyGone, operation.reason != .deletedByOther
        else { return .settled }
        return .written(record, wasCreated: begun == .create, stamp: operation.stamp)
    }

    // MARK: One batch

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

    private func send(
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

    private func result(
        of operation: PlanOperation,
        _ request: WriteRequest,
        _ outcome: WriteOutcome,
        _ dropped: [FieldName: String],
        _ plan: SyncPlan,
        _ progress: inout WriteProgress,
        _ report: inout RunReport
    ) -> OperationResult {
        report.add(operation)
        report.summary.countFields(operation)
        var result = OperationResult(
            operation: operation,
            outcome: .unknown,
            record: operation.record,
            refusedFields: dropped,
            sealUnder: sealer(of: operation, plan)
        )
        result.request = progress.requests[operation.id]
        switch outcome {
        case .written(let id, let wasCreated, let seen):
            progress.known[operation.id] = id
            // An earlier pass may have found the outcome unclear, or the record moved.
            report.forget(operation.id)
            report.summary.countWrite(operation.kind)
            result.outcome = .written(id, wasCreated: wasCreated, stamp: seen?.stamp)
            result.record = id
            let sent = request.fields.mapValues { $0.resolved(progress.known) }
            result.values = values(of: operation, sent, seen)
            result.fieldFailures = fieldFailures(of: operation, dropped, plan)
            report.refusedFields += dropped.values.count { $0 != "AWAITED_RECORD_FAILED" }
            result.claims = claims(
                of: operation,
                sent: sent,
                seen: seen,
                stamp: seen?.lastModified ?? now(),
                refused: dropped,
                plan.schema
            )
        case .refused(let errors):
            refuse(operation, errors, plan, &result, &progress, &report)
        case .unknown(let reason):
            progress.unclear.formUnion(operation.appointments)
            report.unclear[operation.id] = operation.kind
            report.fail(operation, "outcome unknown: \(reason)")
        case .notAttempted:
            // Waits for another operation that failed; that one's failure wakes the appointment.
            let error = RecordError(code: "AWAITED_RECORD_FAILED", message: "")
            result.outcome = .failed(failure(of: operation, after: error, plan))
            report.fail(operation, error.code)
        }
        return result
    }

    private func refuse(
        _ operation: PlanOperation,
        _ errors: [RecordError],
        _ plan: SyncPlan,
        _ result: inout OperationResult,
        _ progress: inout WriteProgress,
        _ report: inout RunReport
    ) {
        if operation.kind == .create, let twin = errors.twin(for: operation.object) {
            // A duplicate rule knows the person: that record is the one, and the next pass writes it.
            progress.known[operation.id] = twin
            progress.unclear.formUnion(operation.appointments)
            var adopted = operation
            (adopted.kind, adopted.reason) = (.unchanged, .agreed)
            (adopted.record, adopted.isOurs) = (twin, false)
            adopted.object = twin.keyPrefix == "00Q" ? .lead : .contact
            result.operation = adopted
            (result.outcome, result.record) = (.settled, twin)
            return
        }
        if operation.kind == .delete, errors.allSatisfy({ FailurePolicy.meansGone($0.code) }) {
            report.summary.countWrite(.delete)
            if let record = operation.record {
                result.outcome = .written(record, wasCreated: false, stamp: nil)
            }
            return
        }
        let error = errors.first ?? RecordError(code: "UNKNOWN", message: "")
        if FailurePolicy.wantsFreshLook(error.code) {
            progress.unclear.formUnion(operation.appointments)
        }
        result.outcome = .failed(failure(of: operation, after: error, plan))
        report.fail(operation, error.code)
    }

    /// The person whose key seals the values of an operation.
    private func sealer(of operation: PlanOperation, _ plan: SyncPlan) -> PersonID? {
        switch operation.subject {
        case .person(let key): return key.person
        case .account(let person): return person
        case .event, .fallback: break
        }
        return operation.appointments.lazy.compactMap { plan.bookers[$0] }.first
    }

    // MARK: What is remembered

    private func values(
        of operation: PlanOperation,
        _ sent: [FieldName: FieldValue],
        _ seen: ObservedRecord?
    ) -> [OperationResult.Values] {
        operation.fields.compactMap { planned in
            sent[planned.field].map { value in
                OperationResult.Values(
                    field: planned.field,
                    before: planned.live,
                    sent: value,
                    seen: seen.map { $0.value(planned.field) }
                )
            }
        }
    }

    private func claims(
        of operation: PlanOperation,
        sent: [FieldName: FieldValue],
        seen: ObservedRecord?,
        stamp: Instant?,
        refused: [FieldName: String],
        _ schema: OrgSchema
    ) -> [FieldName: Claim] {
        let memory = ClaimMemory(object: schema.objects[operation.object], digest: digest)
        var claims = operation.inherited
        for planned in operation.fields {
            if refused[planned.field] != nil {
                claims.note(memory.held(planned, as: .refusedBySalesforce), planned.field)
            } else if planned.reason == .undone {
                // What stands there now is not what the booking wants: as if a person had put it.
                continue
            } else if let value = sent[planned.field] {
                claims[planned.field] = memory.written(
                    planned,
                    sent: value,
                    seen: seen.map { $0.value(planned.field) },
                    at: stamp
                )
            } else {
                claims.note(memory.settled(planned, at: operation.stamp), planned.field)
            }
        }
        return claims
    }
}

extension RunReport {
    /// Takes back that a write failed, or that its outcome was unclear.
    mutating func forget(_ operation: OperationID) {
        unclear[operation] = nil
        summary.failed -= failures.count { $0.operation == operation }
        failures.removeAll { $0.operation == operation }
    }

    /// Counts a write whose outcome was unclear, and that turns out to have taken hold.
    ///
    /// - Returns: False if there is nothing to resolve.
    mutating func resolve(_ operation: PlanOperation) -> Bool {
        guard let kind = unclear[operation.id] else { return false }
        forget(operation.id)
        summary.countWrite(kind)
        summary.countFields(operation)
        return true
    }

    mutating func fail(_ operation: PlanOperation, _ note: String) {
        summary.failed += 1
        failures.append((operation.id, operation.object, note))
    }
}

extension RunSummary {
    /// Records written so far.
    var written: Int { create + update + delete }

    mutating func countWrite(_ kind: PlanOperation.Kind) {
        switch kind {
        case .create: create += 1
        case .update: update += 1
        case .delete: delete += 1
        case .hold, .unchanged: break
        }
    }
}

extension WriteRequest {
    /// The refused writes that are worth another try, with the fields that are left out of it.
    fileprivate static func retries(
        after outcomes: [(WriteRequest, WriteOutcome)]
    ) -> [OperationID: (request: WriteRequest, refused: [FieldName: String])] {
        var retries: [OperationID: (request: WriteRequest, refused: [FieldName: String])] = [:]
        for (request, outcome) in outcomes {
            guard case .refused(let errors) = outcome else { continue }
            retries[request.operation] =
                request.savingDuplicates(errors).map { ($0, [:]) } ?? request.dropping(errors)
        }
        return retries
    }

    /// The write without the fields that Salesforce refused, if there is something left to send.
    fileprivate func dropping(
        _ errors: [RecordError]
    ) -> (request: WriteRequest, refused: [FieldName: String])? {
        var refused: [FieldName: String] = [:]
        for error in errors {
            for field in error.affected(among: fields) { refused[field] = error.code }
        }
        let rest = fields.filter { refused[$0.key] == nil }
        guard !refused.isEmpty, !rest.isEmpty, !refused.keys.contains(where: Self.isEssential)
        else {
            return nil
        }
        var request = self
        request.fields = rest
        return (request, refused)
    }

    /// The write without the fields that wait for records which were not made; nil if there are
    /// none, or nothing is left.
    fileprivate func withoutAwaited() -> (request: WriteRequest, refused: [FieldName: String])? {
        let awaiting = fields.filter { !$0.value.awaited.isEmpty }
        guard !awaiting.isEmpty, awaiting.count < fields.count else { return nil }
        var request = self
        for field in awaiting.keys { request.fields[field] = nil }
        return (request, awaiting.mapValues { _ in "AWAITED_RECORD_FAILED" })
    }

    /// Fields without which there is no record.
    private static func isEssential(_ field: FieldName) -> Bool {
        ["LastName", "Company", "StartDateTime", "EndDateTime"].contains(field)
    }
}
