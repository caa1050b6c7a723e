import Logging
import ServiceLifecycle

/// Looks at the org every few seconds while somebody asks for owners, so that answers may come from
/// memory.
struct OwnerLookUpService: Service {
    /// Looks whether anything changed; throws when the org cannot be asked.
    let refresh: @Sendable () async throws -> Void
    /// Waits; throws when the process ends.
    let pause: @Sendable (Duration) async throws -> Void
    /// Told when the org could not be looked at.
    let logger: Logger

    /// Between two looks; a third of what a look is believed for.
    static let interval = Duration.seconds(10)

    func run() async throws {
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            do {
                try await cancelWhenGracefulShutdown { try await pause(Self.interval) }
            } catch is CancellationError {
                // The process ends: that is what cuts a pause short.
                return
            }
            do {
                try await refresh()
            } catch {
                // Answers come from live queries meanwhile.
                logger.warning("The org could not be looked at", metadata: ["reason": "\(error)"])
            }
        }
    }
}
