/// What an org said of the API calls that it allows in 24 hours.
///
/// The window rolls: calls that are older than 24 hours stop counting.
/// Source: `facts/salesforce-api.md` 5.1.
public struct APIAllowance: Hashable, Sendable {
    /// The calls that the org counted in the last 24 hours, by whomever; nil if it did not say.
    public var used: Int?
    /// The calls that it allows in 24 hours; nil if it did not say.
    public var allowed: Int?
    /// When it said so.
    public var observed: Instant
    /// The org is left alone until then, because its allowance was used up; nil if it is not.
    public var pausedUntil: Instant?
    /// How many times in a row it was found used up.
    public var pauses: Int

    /// Creates an allowance.
    public init(
        used: Int?,
        allowed: Int?,
        observed: Instant,
        pausedUntil: Instant? = nil,
        pauses: Int = 0
    ) {
        (self.used, self.allowed, self.observed) = (used, allowed, observed)
        (self.pausedUntil, self.pauses) = (pausedUntil, pauses)
    }

    /// The calls that are left to everybody; nil if the org did not say.
    public var left: Int? {
        guard let used, let allowed else { return nil }
        return max(0, allowed - used)
    }

    /// How long what the org said is worth something: milliseconds.
    private static let validity: Int64 = 24 * 3_600_000

    /// Whether it was said so long ago that it means nothing any more.
    public func isStale(at now: Instant) -> Bool {
        observed.advanced(byMilliseconds: Self.validity) <= now
    }

    /// How long the org is left alone the first time: milliseconds; doubled each time in a row.
    private static let firstPause: Int64 = 5 * 60_000
    /// The longest pause: milliseconds.
    private static let longestPause: Int64 = 60 * 60_000

    /// The allowance after the org refused a call because it was used up.
    ///
    /// - Parameter now: The time.
    /// - Returns: The allowance, with a pause of 5 minutes, doubled each time in a row up to an
    ///   hour. After it one call looks whether the window has moved.
    public func paused(at now: Instant) -> Self {
        let pause = min(Self.firstPause << Int64(min(pauses, 8)), Self.longestPause)
        return Self(
            used: used ?? allowed,
            allowed: allowed,
            observed: now,
            pausedUntil: now.advanced(byMilliseconds: pause),
            pauses: pauses + 1
        )
    }
}

/// How many of an org's API calls Daybook may use.
public struct APIBudget: Hashable, Sendable {
    /// The share of the org's allowance that is left to others, in percent, 0 to 100.
    public var reservePercent: Int
    /// The most calls of one run.
    public var mostPerRun: Int

    /// Creates a budget.
    public init(reservePercent: Int = 20, mostPerRun: Int = 2_000) {
        self.reservePercent = min(max(reservePercent, 0), 100)
        self.mostPerRun = max(mostPerRun, 1)
    }

    /// The calls that are left to others.
    public func reserve(of allowance: APIAllowance) -> Int? {
        allowance.allowed.map { ($0 * reservePercent + 99) / 100 }
    }

    /// The calls that a run may still make.
    ///
    /// - Parameters:
    ///   - allowance: What the org last said; nil when it said nothing that is worth something.
    ///   - made: The calls of the run so far, which the allowance contains.
    /// - Returns: The number; at least 0.
    public func left(_ allowance: APIAllowance?, made: Int) -> Int {
        let ofRun = max(0, mostPerRun - made)
        guard let allowance, let left = allowance.left, let reserve = reserve(of: allowance) else {
            return ofRun
        }
        return min(ofRun, max(0, left - reserve))
    }

    /// Whether so little is left that retries and sweeps wait: less than twice the reserve.
    public func isTight(_ allowance: APIAllowance?) -> Bool {
        guard let allowance, let left = allowance.left, let reserve = reserve(of: allowance) else {
            return false
        }
        return left < 2 * reserve || left <= reserve
    }
}
