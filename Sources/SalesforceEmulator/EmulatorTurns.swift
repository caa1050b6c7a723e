/// Lets a few emulators run at once in one process, and others wait for their turn.
///
/// Hundreds of tests begin together and share few cores. If all of them talked to an emulator at
/// once, each answer would take so long that time limits of clients under test would strike.
actor EmulatorTurns {
    static let shared = EmulatorTurns(width: 8)

    /// Whether the task has its turn already; who runs a second emulator does not wait for the first.
    @TaskLocal private static var isTaken = false

    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(width: Int) { free = width }

    /// Runs a closure when it is its turn; the turn ends with it.
    static func take<R>(_ body: () async throws -> R) async rethrows -> R {
        if isTaken { return try await body() }
        await shared.begin()
        do {
            let result = try await $isTaken.withValue(true) { try await body() }
            await shared.end()
            return result
        } catch {
            await shared.end()
            throw error
        }
    }

    private func begin() async {
        guard free == 0 else { return free -= 1 }
        await withCheckedContinuation { waiting.append($0) }
    }

    private func end() {
        // The turn is handed over, so that nobody who comes later can take it first.
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
}
