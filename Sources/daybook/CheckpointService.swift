import Ledger
import Logging
import ServiceLifecycle

/// Signs what came in, every so often, while the server runs.
struct CheckpointService: Service {
    let ledger: SQLiteLedger
    /// The time between two checkpoints.
    let interval: Duration
    let logger: Logger

    /// Signs until the service group shuts down, and once more then.
    ///
    /// A checkpoint that cannot be made is told and tried again: webhooks are taken meanwhile.
    func run() async {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await Task.sleep(for: interval)
                    await sign()
                } catch {
                    // Sleeping ends early for one reason only: the server shuts down.
                    return
                }
            }
        }
        // Cancelled instead of shut down: the server failed, and its error is the one to tell.
        if !Task.isCancelled { await sign() }
    }

    private func sign() async {
        do {
            try await ledger.makeCheckpoint()
        } catch {
            logger.error("No checkpoint was made: \(error)")
        }
    }
}
