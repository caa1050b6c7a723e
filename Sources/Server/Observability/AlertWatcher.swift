public import Domain
public import Journal
import Ledger
public import Logging
public import Pipeline
public import ServiceLifecycle

/// Looks every so often whether something is wrong, and tells when that changes.
///
/// Each receiver is told by itself: one that is away hears of it later, and the others hear of it
/// once.
public struct AlertWatcher: Service {
    private let journal: Journal
    private let board: SchedulerBoard?
    private let lagSeconds: Int
    private let patience: Int64
    private let interval: Duration
    private let now: @Sendable () -> Instant
    private let pause: @Sendable (Duration) async throws -> Void
    private let receivers: [@Sendable (Alert) async throws -> Void]
    private let logger: Logger

    /// Creates a watcher.
    ///
    /// - Parameters:
    ///   - journal: What is looked at.
    ///   - board: What the scheduler is about, if there is one.
    ///   - lagSeconds: How long what came in may wait where there is a scheduler.
    ///   - patience: How long a condition holds before it is told: milliseconds.
    ///   - interval: Between two looks.
    ///   - now: The time.
    ///   - pause: Waits; throws when the process ends.
    ///   - receivers: Each tells one receiver of an alert; that one is told again at the next look
    ///     if it throws.
    ///   - logger: Told of alerts that could not be sent.
    public init(
        journal: Journal,
        board: SchedulerBoard?,
        lagSeconds: Int = 900,
        patience: Int64 = AlertRules.usualPatience,
        interval: Duration = .seconds(15),
        now: @escaping @Sendable () -> Instant,
        pause: @escaping @Sendable (Duration) async throws -> Void,
        receivers: [@Sendable (Alert) async throws -> Void],
        logger: Logger
    ) {
        (self.journal, self.board, self.lagSeconds) = (journal, board, lagSeconds)
        (self.patience, self.interval) = (patience, interval)
        (self.now, self.pause) = (now, pause)
        (self.receivers, self.logger) = (receivers, logger)
    }

    /// Goes on until the process is told to end.
    public func run() async throws {
        do {
            try await cancelWhenGracefulShutdown {
                let rules = AlertRules(patience: self.patience)
                var told = self.receivers.map { _ in rules }
                while true {
                    await self.look(&told)
                    try await self.pause(self.interval)
                }
            }
        } catch is CancellationError {
            // The process ends; what was not told then is told by the next one.
        }
    }

    /// Looks once, and tells each receiver what is news to it.
    private func look(_ told: inout [AlertRules]) async {
        // One time for all: a receiver that is slow to answer must not make the next one hear of a
        // later beginning.
        let now = self.now()
        let problems = await problems(now: now)
        for (place, send) in receivers.enumerated() {
            for alert in told[place].take(problems, now: now) {
                do {
                    try await send(alert)
                    told[place].confirm(alert)
                } catch {
                    logger.error(
                        "An alert was not sent",
                        metadata: [
                            "condition": "\(alert.condition.rawValue)", "reason": "\(error)",
                        ]
                    )
                }
            }
        }
    }

    private func problems(now: Instant) async -> [AlertCondition: String] {
        do {
            try await journal.probeWrite(now: now)
            var problems: [AlertCondition: String] = [:]
            if let reading = await board?.reading, let reason = reading.reason,
                ["troubled", "stuck"].contains(reading.state)
            {
                problems[.sync] = "Salesforce is not kept in step: \(reason)"
            }
            problems[.lag] = try await lag(now: now)
            if let problem = try await journal.sourceMark(SourcePoll.source)?.problem {
                problems[.source] = problem
            }
            var failed = 0
            for state in [KeptFailure.State.stopped, .review] {
                failed += try await journal.failureCount(FailureSelection(state: state))
            }
            if failed > 0 {
                problems[.failures] = "\(failed) writes need a person; see 'daybook failures list'"
            }
            return problems
        } catch {
            return [.ledger: "The ledger takes no writes: \(error)"]
        }
    }

    private func lag(now: Instant) async throws(LedgerError) -> String? {
        guard board != nil else { return nil }
        let lag = try await journal.lag(now: now)
        guard lag.milliseconds > Int64(lagSeconds) * 1_000 else { return nil }
        return "What came in waits for \(lag.milliseconds / 60_000) minutes"
    }
}
