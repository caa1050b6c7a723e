import CalCom
import Domain
public import Logging
public import ServiceLifecycle

/// Reads Cal.com every so often while the process runs.
///
/// Errors end a reading and never the watcher, and nothing of it holds up deliveries.
public struct SourceWatcher: Service {
    /// Makes a reading.
    public typealias Poll = @Sendable () async throws -> SourceReport

    private let interval: Duration
    private let longestPause: Duration
    private let poll: Poll
    private let pause: @Sendable (Duration) async throws -> Void
    private let logger: Logger

    /// Creates a watcher.
    ///
    /// - Parameters:
    ///   - interval: Between two readings.
    ///   - longestPause: The longest pause after readings that failed; each pause is twice the one
    ///     before.
    ///   - poll: Makes a reading; see ``SourcePoll/run(_:progress:)``.
    ///   - pause: Waits; throws when the process ends.
    ///   - logger: Told of findings and of what stopped a reading, without personal data.
    public init(
        interval: Duration = .seconds(300),
        longestPause: Duration = .seconds(3_600),
        poll: @escaping Poll,
        pause: @escaping @Sendable (Duration) async throws -> Void,
        logger: Logger
    ) {
        (self.interval, self.longestPause) = (interval, longestPause)
        (self.poll, self.pause, self.logger) = (poll, pause, logger)
    }

    /// Goes on until the process is told to end; a pause is cut short then.
    public func run() async throws {
        do {
            try await cancelWhenGracefulShutdown {
                var failures = 0
                while true {
                    failures = await self.step() ? 0 : failures + 1
                    try await self.pause(self.rest(after: failures))
                }
            }
        } catch is CancellationError {
            // The process ends. A reading under way left nothing half done.
        }
    }

    func rest(after failures: Int) -> Duration {
        max(interval, min(interval * (1 << min(failures, 16)), longestPause))
    }

    private func step() async -> Bool {
        do {
            let report = try await poll()
            guard !report.findings.isEmpty else { return true }
            logger.warning(
                "Cal.com knows what no webhook told",
                metadata: [
                    "bookings": "\(report.findings.count)",
                    "gaps": "\(report.counts.keys.map(\.rawValue).sorted().joined(separator: ","))",
                ]
            )
            return true
        } catch {
            guard !Task.isCancelled else { return true }
            logger.error("Cal.com was not read", metadata: ["reason": "\(error)"])
            return false
        }
    }
}
