/// How long to wait before the next try, and how often to try.
public struct Pacing: Sendable {
    /// The most tries of one request, the first included.
    public var tries: Int
    /// The longest wait before the second try; doubled for each further one.
    public var base: Duration
    /// The longest wait of all.
    public var cap: Duration
    /// Waits; throws if the task is cancelled.
    public var sleep: @Sendable (Duration) async throws -> Void
    /// A random number, 0 ..< 1.
    public var random: @Sendable () -> Double

    /// Creates a pacing.
    ///
    /// - Parameters:
    ///   - tries: The most tries of one request, the first included. At least 1.
    ///   - base: The longest wait before the second try; doubled for each further one.
    ///   - cap: The longest wait of all.
    ///   - random: A random number, 0 ..< 1.
    ///   - sleep: Waits; throws if the task is cancelled.
    public init(
        tries: Int = 5,
        base: Duration = .milliseconds(500),
        cap: Duration = .seconds(30),
        random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) },
        sleep: @escaping @Sendable (Duration) async throws -> Void = {
            try await Task.sleep(for: $0)
        }
    ) {
        (self.tries, self.base, self.cap) = (max(1, tries), base, cap)
        (self.random, self.sleep) = (random, sleep)
    }

    /// The wait after some failed tries: half of it certain, half of it by chance, so that
    /// clients that failed together do not come back together.
    ///
    /// - Parameter failures: How many tries failed, at least 1.
    /// - Returns: The wait.
    func wait(after failures: Int) -> Duration {
        let doubled = base * (1 << min(max(failures - 1, 0), 16))
        return min(doubled, cap) * (0.5 + random() / 2)
    }

    /// Waits after some failed tries.
    func pause(after failures: Int) async throws(SalesforceError) {
        do {
            try await sleep(wait(after: failures))
        } catch {
            throw .unreachable("the run was interrupted while it waited to try again")
        }
    }
}
