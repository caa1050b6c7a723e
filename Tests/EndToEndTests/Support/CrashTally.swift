import SalesforceEmulator
import Testing

/// What is known of all processes that were to be killed, and of how long their work is.
actor CrashTally {
    private let kills: Int
    private var tried = 0
    private var killed = 0
    private var calls: [[String]: Int] = [:]

    /// Begins to count.
    ///
    /// - Parameter kills: After how many processes the result is printed, and has to be good enough.
    init(kills: Int) { self.kills = kills }

    /// Notes how a process ended that was to be killed.
    func note(isKilled: Bool) {
        tried += 1
        killed += isKilled ? 1 : 0
        guard tried == kills else { return }
        print("Killed at work: \(killed) of \(tried) processes")
        #expect(10 * killed >= 9 * tried, "The others show nothing of a death at work.")
    }

    /// How many calls a command makes that nobody kills; it is run to its end for that, once.
    func calls(of work: CrashTests.Work) async throws -> Int {
        if let known = calls[work.arguments] { return known }
        let count = try await Self.count(work)
        calls[work.arguments] = count
        return count
    }

    private static func count(_ work: CrashTests.Work) async throws -> Int {
        var count = 0
        try await withTrial { trial, _ in
            try await work.prepare(trial)
            let system = try await FailingSystem(in: trial.folder)
            let whole = try await system.trial(trial).run(work.arguments)
            try #require(whole.status == 0, "\(whole.messages)")
            count = Int(try system.calls())
            try #require(count > 20, "The library that kills was not loaded; it needs Linux.")
        }
        return count
    }
}
