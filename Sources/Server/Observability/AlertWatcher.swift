public import Domain
public import Journal
import Ledger
public import Logging
public import Pipeline
public import ServiceLifecycle

/// Looks every so often whether something is wrong, and tells when that changes.
public struct AlertWatcher: Service {
    private let journal: Journal
    private let board: SchedulerBoard?
    private let lagSeconds: Int
    private let interval: Duration
    private let now: @Sendable () -> Instant
    private let pause: @Sendable (Duration) async throws -> Void
    private let send: @Sendable (Alert) async throws -> Void
    private let logger: Logger

    /// Creates a watcher.
    ///
    /// - Parameters:
    ///   - journal: What is looked at.
    ///   - board: What the scheduler is about, if there is one.
    ///   - lagSeconds: How long what came in may wait where there is a scheduler.
    ///   - interval: Between two looks.
    ///   - now: The time.
    ///   - pause: Waits; throws when the process ends.
    ///   - send: Tells an alert; it is tried again at the next look if this throws.
    ///   - logger: Told of alerts that could not be sent.
    public init(
        journal: Journal,
        board: SchedulerBoard?,
        lagSeconds: Int = 900,
        interval: Duration = .seconds(15),
        now: @escaping @Sendable () -> Instant,
        pause: @escaping @Sendable (Duration) async throws -> Void,
        send: @escaping @Sendable (Alert) async throws -> Void,
        logger: Logger
    ) {
        (self.journal, self.board, self.lagSeconds) = (journal, board, lagSeconds)
        (self.interval, self.now, self.pause) = (interval, now, pause)
        (self.send, self.logger) = (send, logger)
    }

    /// Goes on until the process is told to end.
    public func run() async throws {
        do {
            try await cancelWhenGracefulShutdown {
                var rules = AlertRules()
                while true {
                    await self.look(&rules)
                    try await self.pause(self.interval)
                }
            }
        } catch is CancellationError {
            // The process ends; what was not told then is told by the next one.
        }
    }

    private func look(_ rules: inout AlertRules) async {
        for alert in rules.take(await problems(), now: now()) {
            do {
                try await send(alert)
                rules.confirm(alert)
            } catch {
                logger.error(
                    "An alert was not sent",
                    metadata: ["condition": "\(alert.condition.rawValue)", "reason": "\(error)"]
                )
            }
        }
    }

    private func problems() async -> [AlertCondition: String] {
        do {
            try await journal.probeWrite(now: now())
            var problems: [AlertCondition: String] = [:]
            if let reading = await board?.reading, let reason = reading.reason,
                ["troubled", "stuck"].contains(reading.state)
            {
                problems[.sync] = "Salesforce is not kept in step: \(reason)"
            }
            problems[.lag] = try await lag()
            if let problem = try await journal.sourceMark(SourcePoll.source)?.problem {
                problems[.source] = problem
            }
            let failed = try await journal.keptFailures()
                .count { $0.state == .stopped || $0.state == .review }
            if failed > 0 {
                problems[.failures] = "\(failed) writes need a person; see 'daybook failures list'"
            }
            return problems
        } catch {
            return [.ledger: "The ledger takes no writes: \(error)"]
        }
    }

    private func lag() async throws(LedgerError) -> String? {
        guard board != nil else { return nil }
        let lag = try await journal.lag(now: now())
        guard lag.milliseconds > Int64(lagSeconds) * 1_000 else { return nil }
        return "What came in waits for \(lag.milliseconds / 60_000) minutes"
    }
}
