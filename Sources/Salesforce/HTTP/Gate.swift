import Synchronization

/// Lets a number of callers pass at once; the others wait in the order in which they came.
final class Gate: Sendable {
    private struct State {
        var free: Int
        var waiting: [(id: Int, turn: CheckedContinuation<Void, any Error>)] = []
        var nextID = 0
    }

    private let state: Mutex<State>

    /// Creates a gate.
    ///
    /// - Parameter width: How many may pass at once; at least 1.
    init(width: Int) { state = Mutex(State(free: max(1, width))) }

    /// Does something when it is its turn.
    ///
    /// - Parameter body: What to do.
    /// - Returns: What it returns.
    /// - Throws: What it throws, or `CancellationError` if the task is cancelled while it waits.
    func pass<Value>(_ body: () async throws -> Value) async throws -> Value {
        try await enter()
        defer { leave() }
        return try await body()
    }

    private func enter() async throws {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { turn in
                let now: Result<Void, any Error>? = state.withLock { state in
                    // A task that was cancelled before it got here is not in the row to be found.
                    if Task.isCancelled { return .failure(CancellationError()) }
                    if state.free > 0 {
                        state.free -= 1
                        return .success(())
                    }
                    state.waiting.append((id, turn))
                    return nil
                }
                if let now { turn.resume(with: now) }
            }
        } onCancel: {
            let turn = state.withLock { state in
                state.waiting.firstIndex { $0.id == id }.map { state.waiting.remove(at: $0).turn }
            }
            turn?.resume(throwing: CancellationError())
        }
    }

    private func leave() {
        let next = state.withLock { state in
            guard state.waiting.isEmpty else { return Optional(state.waiting.removeFirst().turn) }
            state.free += 1
            return nil
        }
        next?.resume()
    }
}
