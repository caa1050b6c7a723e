import Domain
import Journal
import Ledger
import Salesforce

// Writes that go through jobs of Bulk API 2.0.
//
// | The process dies | What has happened | What the next run does |
// | --- | --- | --- |
// | before the job's id is kept | an open job at most, which does nothing | looks, and writes |
// | before the job is closed | an open job with rows, which does nothing | aborts it, looks, and writes |
// | later | the job works on without us | waits for its end, links what it made, and looks |
extension Synchronizer {
    /// How many intents or receipts go into one transaction.
    private static let chunk = 2_000

    /// How often a job is asked how far it is before the run leaves it to the next one: an hour.
    private static let mostQuestions = 190

    /// The writes in stages; without a bulk way, all of them are small.
    func stages(of requests: [WriteRequest]) async -> [WriteStage] {
        guard let bulk = gateway.bulk else {
            return gateway.batches(of: requests).map { WriteStage(.small, $0) }
        }
        return await bulk.stages(of: requests)
    }

    /// Says that this run is still at work.
    func renewLease(_ run: String) async throws {
        guard try await journal.takeLease(run, now: now()) != nil else { throw RunRefusal.busy }
    }

    // MARK: A job

    /// Sends writes through a job, and what the job leaves undone the small way.
    func sendJob(
        _ requests: [WriteRequest],
        _ operations: [OperationID: PlanOperation],
        _ plan: SyncPlan,
        _ run: String,
        _ progress: inout WriteProgress,
        _ report: inout RunReport
    ) async throws {
        guard let bulk = gateway.bulk else { return }
        let moved = try await bulk.moved(of: guarded(requests, operations, plan))
        for chunk in requests.chunks(of: Self.chunk) {
            try await journal.intend(chunk.compactMap { operations[$0.operation] }, run: run)
        }
        var outcomes: [(WriteRequest, WriteOutcome)] = []
        var rest: [WriteRequest] = []
        var ready: [WriteRequest] = []
        for request in requests {
            if moved.contains(request.operation) {
                outcomes.append((request, .refused([.movedMeanwhile])))
            } else if request.awaited.allSatisfy({ progress.known[$0] != nil }) {
                ready.append(request)
            } else {
                rest.append(request)
            }
        }
        let (answers, left, isUnclear) = try await carry(ready, bulk, run, &progress)
        outcomes += answers
        rest += left
        if isUnclear { progress.halt(plan.appointments) }
        for chunk in outcomes.chunks(of: Self.chunk) {
            rest += try await take(chunk, false, operations, plan, run, &progress, &report)
        }
        for batch in gateway.batches(of: rest) {
            try await deliver(batch, operations, plan, run, &progress, &report)
            try await renewLease(run)
        }
    }

    /// The writes with the moment after which their records must not have changed.
    private func guarded(
        _ requests: [WriteRequest],
        _ operations: [OperationID: PlanOperation],
        _ plan: SyncPlan
    ) -> [WriteRequest] {
        requests.map { request in
            let keyField = plan.upsertField(for: request.object)
            return operations[request.operation]?.request(keyField: keyField, isGuarded: true)
                ?? request
        }
    }

    /// Makes a job, waits for its end and reads its results.
    ///
    /// - Returns: The outcomes, the writes of which the job did nothing, and whether the job could
    ///   not be asked.
    private func carry(
        _ requests: [WriteRequest],
        _ bulk: any BulkGateway,
        _ run: String,
        _ progress: inout WriteProgress
    ) async throws -> ([(WriteRequest, WriteOutcome)], left: [WriteRequest], isUnclear: Bool) {
        // All may have been changed by people, or wait for records that are not made yet.
        guard !requests.isEmpty else { return ([], [], false) }
        guard let job = try await bulk.begin(requests, known: progress.known) else {
            return ([], requests, false)
        }
        let name = job.id.rawValue
        let rows = zip(job.requests, job.identities).map { request, identity in
            BulkRow(
                operation: request.operation,
                kind: PlanOperation.Kind(request.kind),
                identity: digest(ofRow: identity)
            )
        }
        for chunk in rows.chunks(of: Self.chunk) { try await journal.keep(job: name, rows: chunk) }
        guard try await bulk.submit(job) else {
            try await journal.release(job: name, run: run)
            return ([], requests, false)
        }
        for request in requests { progress.requests[request.operation] = name }
        do {
            if try await end(of: job.id, bulk, run) == .open {
                try await journal.release(job: name, run: run)
                return ([], requests, false)
            }
            let outcomes = await bulk.outcomes(of: job, try await bulk.results(of: job.id))
            let pairs = zip(requests, outcomes)
            let known = pairs.compactMap { pair in pair.1.map { (pair.0, $0) } }
            return (known, pairs.filter { $0.1 == nil }.map(\.0), false)
        } catch let error as SalesforceError {
            // The rows stay with the job: before anything else is written, it is asked again.
            return (requests.map { ($0, .unknown("\(error)")) }, [], true)
        }
    }

    /// Waits for the end of a job.
    ///
    /// - Returns: How it ended; ``BulkJobState/open`` for one that had never been closed, and is
    ///   aborted now: nothing was done, and nothing will be.
    private func end(
        of job: BulkJobID,
        _ bulk: any BulkGateway,
        _ run: String
    ) async throws -> BulkJobState {
        var wasOpen = false
        for question in 1...Self.mostQuestions {
            let state = try await bulk.state(of: job)
            if state == .aborted, wasOpen { return .open }
            if state.hasEnded { return state }
            wasOpen = state == .open
            if wasOpen {
                // The request that closes it was lost. One that comes late finds it aborted.
                try await bulk.abort(job)
                continue
            }
            options.progress("Waiting for bulk job \(job.rawValue)")
            try await bulk.pause(after: question)
            try await renewLease(run)
        }
        throw SalesforceError.unreachable("bulk job \(job.rawValue) has not come to its end")
    }

    // MARK: After a crash

    /// Asks the jobs of earlier runs, or passes, for their results, and links what they made.
    ///
    /// - Throws: `SalesforceError` if a job cannot be asked: nothing may be written then, because it
    ///   could be written twice.
    func recoverJobs(_ run: String) async throws {
        guard let bulk = gateway.bulk else { return }
        for (name, rows) in try await journal.openJobs().sorted(by: { $0.key < $1.key }) {
            guard let job = BulkJobID(name) else { continue }
            options.progress("Asking bulk job \(name) for its results")
            let findings = try await findings(of: job, rows, bulk, run)
            try await journal.release(job: name, findings: findings, run: run)
        }
    }

    private func findings(
        of job: BulkJobID,
        _ rows: [BulkRow],
        _ bulk: any BulkGateway,
        _ run: String
    ) async throws -> [BulkFinding] {
        switch try await end(of: job, bulk, run) {
        // A job that is gone can tell nothing; its records are looked for as after any crash.
        case .open, .gone: return []
        case .working, .complete, .failed, .aborted: break
        }
        let results = try await bulk.results(of: job)
        var records: [ValueDigest: [SalesforceID]] = [:]
        for (identity, rows) in results.rows {
            for case .written(let id, _) in rows {
                records[digest(ofRow: identity), default: []].append(id)
            }
        }
        return rows.compactMap { row in
            guard row.kind == .create, let id = records[row.identity]?.popLast() else { return nil }
            return BulkFinding(operation: row.operation, record: id, object: results.object)
        }
    }

    private func digest(ofRow identity: String) -> ValueDigest { digest("bulk|\(identity)") }
}

extension PlanOperation.Kind {
    fileprivate init(_ kind: WriteRequest.Kind) {
        switch kind {
        case .create, .upsert: self = .create
        case .update: self = .update
        case .delete: self = .delete
        }
    }
}

extension RecordError {
    /// The refusal that a guarded write gets on the small path.
    fileprivate static var movedMeanwhile: Self {
        RecordError(
            code: "PRECONDITION_FAILED",
            message: "The record changed right before the job began."
        )
    }
}

extension Array {
    /// The elements in parts of a length, the last perhaps shorter.
    fileprivate func chunks(of length: Int) -> [[Element]] {
        stride(from: 0, to: count, by: length).map {
            Array(self[$0..<Swift.min($0 + length, count)])
        }
    }
}
