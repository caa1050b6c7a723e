import Logging
import Pipeline
import ServiceLifecycle

/// Looks at the org every few seconds while somebody asks for owners, so that answers may come from
/// memory.
struct OwnerLookUpService: Service {
    let owners: OwnerLookUp
    /// Told when the org could not be looked at.
    let logger: Logger

    /// Between two looks; a third of what a look is believed for.
    private static let pause = Duration.seconds(10)

    func run() async throws {
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            do {
                try await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.pause) }
            } catch is CancellationError {
                // The process ends: that is what cuts a pause short.
                return
            }
            do {
                try await owners.refresh()
            } catch {
                // Answers come from live queries meanwhile.
                logger.warning("The org could not be looked at", metadata: ["reason": "\(error)"])
            }
        }
    }
}
