import GRDB
import Synchronization

/// Lets concurrent writers share one transaction and one flush.
///
/// While a commit waits for the disk, further work gathers; the next transaction takes all of it.
/// Throughput comes from this and never from weaker durability.
///
/// The work runs on the thread of the writing connection from the first look at what waits to the
/// answers. An actor in between would have to be scheduled twice for each commit, among all callers
/// who were just answered.
final class CommitQueue: Sendable {
    private let pool: DatabasePool
    private let key: LedgerKey
    private let environment: LedgerEnvironment
    private let drain: LogDrain
    private let reserve: Mutex<LogReserve>
    private let state = Mutex(State())
    /// What the last transaction left; nil if it was undone.
    private let memory = Mutex<AppendMemory?>(nil)

    init(
        pool: DatabasePool,
        key: LedgerKey,
        environment: LedgerEnvironment,
        drain: LogDrain
    ) {
        (self.pool, self.key, self.environment, self.drain) = (pool, key, environment, drain)
        reserve = Mutex(LogReserve(path: pool.path))
    }

    private struct State {
        var waiting: [Job] = []
        /// Whether a visit to the writing connection is under way or asked for.
        var isCommitting = false
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
            enqueue(
                Job(
                    work: { transaction in
                        let result = try body(transaction)
                        return { continuation.resume(returning: result) }
                    },
                    fail: { continuation.resume(throwing: $0) }
                )
            )
        }
    }

    private func enqueue(_ job: Job) {
        let isIdle = state.withLock { state in
            state.waiting.append(job)
            defer { state.isCommitting = true }
            return !state.isCommitting
        }
        if isIdle { visitConnection() }
    }

    /// Commits what waits when the connection is free, and asks for it again while more waits.
    ///
    /// Others who use the connection get their turn between two commits.
    private func visitConnection() {
        pool.asyncWriteWithoutTransaction { [self] db in
            commit(takeWaiting(), in: db)
            drain.noteCommit(db)
            if isMoreWaiting() { visitConnection() }
        }
    }

    private func takeWaiting() -> [Job] {
        state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
    }

    private func isMoreWaiting() -> Bool {
        state.withLock { state in
            state.isCommitting = !state.waiting.isEmpty
            return state.isCommitting
        }
    }

    /// Commits jobs together; one that fails is told so, and the others are done again without it.
    private func commit(_ jobs: [Job], in db: Database) {
        var rest = jobs
        while !rest.isEmpty {
            do {
                try attempt(rest, in: db).forEach { report in report() }
                return
            } catch let failure as FailedJob {
                rest.remove(at: failure.index).fail(Self.named(failure.reason))
            } catch {
                let named = Self.named(error)
                rest.forEach { $0.fail(named) }
                return
            }
        }
    }

    /// Does jobs in one transaction; returns, when they are on disk, how to report it.
    private func attempt(_ jobs: [Job], in db: Database) throws -> [@Sendable () -> Void] {
        var (reports, left): ([@Sendable () -> Void], AppendMemory?) = ([], nil)
        try db.inTransaction(.immediate) {
            reserve.withLock { $0.keep() }
            let transaction = try LedgerTransaction(
                db: db,
                key: key,
                environment: environment,
                memory: memory.withLock { $0.take() }
            )
            for (index, job) in jobs.enumerated() {
                do {
                    reports.append(try job.work(transaction))
                } catch {
                    throw FailedJob(index: index, reason: error)
                }
            }
            try transaction.finish()
            left = transaction.memory
            return .commit
        }
        memory.withLock { $0 = left }
        return reports
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
