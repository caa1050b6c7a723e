import GRDB

/// Lets concurrent writers share one transaction and one flush.
///
/// While a commit waits for the disk, further work gathers; the next transaction takes all of it.
/// Throughput comes from this and never from weaker durability.
actor CommitQueue {
    private let pool: DatabasePool
    private let key: LedgerKey
    private let environment: LedgerEnvironment
    private var waiting: [Job] = []
    private var isCommitting = false

    init(pool: DatabasePool, key: LedgerKey, environment: LedgerEnvironment) {
        (self.pool, self.key, self.environment) = (pool, key, environment)
    }

    /// One caller's work, and how to tell the caller.
    private struct Job {
        /// Does the work and returns how to report success; throws to have it undone.
        let work: @Sendable (LedgerTransaction) throws -> @Sendable () -> Void
        let fail: @Sendable (any Error) -> Void
    }

    func run<Result: Sendable>(
        _ body: @escaping @Sendable (LedgerTransaction) throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            waiting.append(
                Job(
                    work: { transaction in
                        let result = try body(transaction)
                        return { continuation.resume(returning: result) }
                    },
                    fail: { continuation.resume(throwing: $0) }
                )
            )
            startIfIdle()
        }
    }

    private func startIfIdle() {
        guard !isCommitting else { return }
        isCommitting = true
        // Owned by this actor: it ends when nothing is waiting, and every error goes to a caller.
        Task { await self.commitAll() }
    }

    private func commitAll() async {
        while !waiting.isEmpty {
            let jobs = waiting
            waiting = []
            await commit(jobs)
        }
        isCommitting = false
    }

    /// Commits jobs together; one that fails is told so, and the others are done again without it.
    private func commit(_ jobs: [Job]) async {
        var rest = jobs
        while !rest.isEmpty {
            let attempt = rest
            do {
                let reports = try await pool.write { [key, environment] db in
                    let transaction = try LedgerTransaction(
                        db: db,
                        key: key,
                        environment: environment
                    )
                    var reports: [@Sendable () -> Void] = []
                    for (index, job) in attempt.enumerated() {
                        do {
                            reports.append(try job.work(transaction))
                        } catch {
                            throw FailedJob(index: index, reason: error)
                        }
                    }
                    try transaction.finish()
                    return reports
                }
                reports.forEach { $0() }
                return
            } catch let failure as FailedJob {
                attempt[failure.index].fail(Self.named(failure.reason))
                rest.remove(at: failure.index)
            } catch {
                let named = Self.named(error)
                attempt.forEach { $0.fail(named) }
                return
            }
        }
    }

    /// Only the database's own errors get a new name; a caller's error reaches it as it is.
    private static func named(_ error: any Error) -> any Error {
        error is DatabaseError ? LedgerError(error) : error
    }

    private struct FailedJob: Error {
        let index: Int
        let reason: any Error
    }
}
