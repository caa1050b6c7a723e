public import Domain
public import Journal
public import Logging
import Salesforce
public import ServiceLifecycle

/// Keeps Salesforce in step while the process runs: looks for news, and makes a run when there is
/// some.
///
/// | what came of the last look               | next look after                                    |
/// |------------------------------------------|----------------------------------------------------|
/// | a run left nothing to do, or none was due | ``Cadence/look``                                  |
/// | another process is at work               | ``Cadence/firstPause``                             |
/// | something is left, or Salesforce was away | twice the pause before, from ``Cadence/firstPause`` |
/// | a person has to act                      | ``Cadence/longestPause``                           |
///
/// Once in ``Cadence/sweep`` it looks at everything, to find what was edited meanwhile. Errors end a
/// run and never the scheduler: deliveries go on being taken, and the next look tries again.
public struct SyncScheduler: Service {
    /// How often what is done.
    public struct Cadence: Hashable, Sendable {
        /// Between two looks into the ledger, which cost next to nothing.
        public var look = Duration.seconds(2)
        /// The first pause after a run that failed.
        public var firstPause = Duration.seconds(5)
        /// The longest pause after runs that failed.
        public var longestPause = Duration.seconds(300)
        /// Between two looks at everything; nil for never.
        public var sweep: Duration? = .seconds(24 * 3_600)

        /// Creates the usual cadence.
        public init() {}
    }

    /// Makes a run.
    public typealias Run = @Sendable (RunSelection) async throws -> RunReport

    private let journal: Journal
    private let cadence: Cadence
    private let run: Run
    private let now: @Sendable () -> Instant
    private let pause: @Sendable (Duration) async throws -> Void
    private let logger: Logger
    /// What the scheduler is about, for whoever asks.
    public let board: SchedulerBoard

    /// Creates a scheduler.
    ///
    /// - Parameters:
    ///   - journal: Where news is looked for.
    ///   - cadence: How often.
    ///   - run: Makes a run; see ``Synchronizer/reconcile(_:)``.
    ///   - now: The time.
    ///   - pause: Waits; throws when the process ends.
    ///   - logger: Told of runs and what stopped them, without personal data.
    public init(
        journal: Journal,
        cadence: Cadence = Cadence(),
        run: @escaping Run,
        now: @escaping @Sendable () -> Instant,
        pause: @escaping @Sendable (Duration) async throws -> Void,
        logger: Logger
    ) {
        (self.journal, self.cadence, self.run) = (journal, cadence, run)
        (self.now, self.pause, self.logger) = (now, pause, logger)
        board = SchedulerBoard()
    }

    /// Goes on until the process is told to end.
    ///
    /// A run that is under way then is finished; a pause is cut short.
    public func run() async throws {
        var lastSweep = now()
        var failures = 0
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            let isSweep = cadence.sweep.map { now() >= lastSweep.advanced(by: $0) } ?? false
            if isSweep { lastSweep = now() }
            let outcome = await step(isSweep ? .everything : .changed)
            failures = outcome.isGood ? 0 : failures + 1
            let rest = cadence.pause(after: outcome, failures: failures)
            let moment = now()
            await board.note(outcome, at: moment, next: moment.advanced(by: rest))
            do {
                try await cancelWhenGracefulShutdown { try await pause(rest) }
            } catch is CancellationError {
                // The process ends: that is what cuts a pause short.
                return
            }
        }
    }

    private func step(_ selection: RunSelection) async -> SchedulerOutcome {
        do {
            try await journal.wakeDueFailures(now: now())
            let waiting = try await journal.dirtyCount()
            guard selection == .everything || waiting > 0 else { return .idle }
            await board.begin(now())
            let report = try await run(selection)
            let left = try await journal.dirtyCount()
            logger.info(
                "A run has finished",
                metadata: [
                    "run": "\(report.run)", "created": "\(report.summary.create)",
                    "updated": "\(report.summary.update)", "deleted": "\(report.summary.delete)",
                    "failed": "\(report.summary.failed)", "left": "\(left)",
                ]
            )
            return left > 0 && left >= waiting ? .unfinished(left) : .done
        } catch RunRefusal.busy {
            return .busy
        } catch {
            logger.error("A run was stopped", metadata: ["reason": "\(error)"])
            return SchedulerOutcome(error)
        }
    }
}

/// What came of one look of the scheduler.
public enum SchedulerOutcome: Hashable, Sendable {
    /// There was nothing to do.
    case idle
    /// A run was made, and what was due is done.
    case done
    /// A run was made, and as many appointments wait as before.
    case unfinished(Int)
    /// Another process is at work.
    case busy
    /// Something was away or failed; it may be over by itself.
    case troubled(String)
    /// A run cannot be made before a person acted.
    case stuck(String)

    /// Names what stopped a run.
    init(_ error: any Error) {
        switch error {
        case let error as SalesforceError:
            switch error {
            case .unauthorised, .forbidden, .configuration, .limitReached: self = .stuck("\(error)")
            default: self = .troubled("\(error)")
            }
        case let error as RunRefusal: self = .stuck("\(error)")
        default: self = .troubled("\(error)")
        }
    }

    /// Whether the next look comes at the usual time.
    var isGood: Bool {
        switch self {
        case .idle, .done: true
        case .unfinished, .busy, .troubled, .stuck: false
        }
    }
}

extension SyncScheduler.Cadence {
    /// How long to wait, as the table of ``SyncScheduler`` says.
    ///
    /// - Parameters:
    ///   - outcome: What came of the last look.
    ///   - failures: How many looks in a row were not good, this one included.
    /// - Returns: The pause.
    public func pause(after outcome: SchedulerOutcome, failures: Int) -> Duration {
        switch outcome {
        case .idle, .done: look
        case .busy: firstPause
        case .stuck: longestPause
        case .unfinished, .troubled:
            // Sixteen doublings are beyond every sensible longest pause.
            min(firstPause * (1 << min(max(failures - 1, 0), 16)), longestPause)
        }
    }
}

/// What the scheduler is about, for health checks and the dashboard.
public actor SchedulerBoard {
    /// The scheduler at one moment.
    public struct Reading: Hashable, Sendable {
        /// When the run under way began; nil when none is.
        public var running: Instant?
        /// What came of the last look; nil before the first.
        public var outcome: SchedulerOutcome?
        /// When the last look ended without trouble.
        public var lastGood: Instant?
        /// When it looks next.
        public var next: Instant?
    }

    /// The scheduler now.
    public private(set) var reading = Reading()

    func begin(_ now: Instant) { reading.running = now }

    func note(_ outcome: SchedulerOutcome, at now: Instant, next: Instant) {
        reading.running = nil
        reading.outcome = outcome
        if outcome.isGood { reading.lastGood = now }
        reading.next = next
    }
}

extension Instant {
    fileprivate func advanced(by duration: Duration) -> Instant {
        let (seconds, attoseconds) = duration.components
        return advanced(byMilliseconds: seconds * 1_000 + attoseconds / 1_000_000_000_000_000)
    }
}
