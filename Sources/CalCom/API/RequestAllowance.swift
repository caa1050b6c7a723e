import Domain

/// How many more requests the API takes at the moment: its own count, and ours.
///
/// The server tells what is left in `X-RateLimit-Remaining-Default`, and when all is free again in
/// `X-RateLimit-Reset-Default` (seconds since 1970). Where it tells nothing, our own count over the
/// last minute holds.
///
/// Source: `facts/calcom.md` 4.1.
struct RequestAllowance: Sendable {
    /// How many requests a minute takes.
    let perMinute: Int

    /// The longest wait for a reset; a server's clock may be wrong: milliseconds.
    static let longestWait: Int64 = 120_000

    /// The span over which requests are counted: milliseconds.
    static let window: Int64 = 60_000

    private var sent: [Instant] = []
    private var closedUntil: Instant?
    /// What the server said is left; nil if it did not say.
    private(set) var remaining: Int?

    init(perMinute: Int) { self.perMinute = max(1, perMinute) }

    /// When the next request may go; nil for now.
    mutating func wait(now: Instant) -> Instant? {
        if let closed = closedUntil {
            if closed > now { return closed }
            closedUntil = nil
        }
        let since = now.advanced(byMilliseconds: -Self.window)
        sent.removeAll { $0 <= since }
        guard sent.count >= perMinute else { return nil }
        return sent[sent.count - perMinute].advanced(byMilliseconds: Self.window)
    }

    /// Counts a request that goes now.
    mutating func count(_ now: Instant) { sent.append(now) }

    /// Takes in what an answer says of the limit.
    mutating func note(_ reply: APIReply, now: Instant) {
        remaining = reply.headers["x-ratelimit-remaining-default"].flatMap { Int($0) }
        if reply.status == 429 {
            closedUntil =
                reset(reply, now) ?? retryAfter(reply, now)
                ?? now.advanced(byMilliseconds: Self.window)
        } else if let remaining, remaining <= 0 {
            closedUntil = reset(reply, now)
        }
    }

    private func reset(_ reply: APIReply, _ now: Instant) -> Instant? {
        guard let seconds = reply.headers["x-ratelimit-reset-default"].flatMap({ Int64($0) }) else {
            return nil
        }
        // Small numbers are seconds from now, as other limiters count.
        let moment =
            seconds < 1_000_000_000
            ? now.advanced(byMilliseconds: min(max(seconds, 0), 1_000_000) * 1_000)
            : Instant(milliseconds: min(seconds, 10_000_000_000) * 1_000)
        return Self.within(moment, now)
    }

    private func retryAfter(_ reply: APIReply, _ now: Instant) -> Instant? {
        guard let seconds = reply.headers["retry-after"].flatMap({ Int64($0) }), seconds >= 0 else {
            return nil
        }
        return Self.within(now.advanced(byMilliseconds: min(seconds, 1_000_000) * 1_000), now)
    }

    /// At least a second from now, at most the longest wait.
    private static func within(_ moment: Instant, _ now: Instant) -> Instant {
        max(
            now.advanced(byMilliseconds: 1_000),
            min(moment, now.advanced(byMilliseconds: longestWait))
        )
    }
}
