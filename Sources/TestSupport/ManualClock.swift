public import Domain
import Synchronization

/// A clock that stands still until a test moves it.
public final class ManualClock: Sendable {
    /// Where the clocks of tests begin, unless told otherwise: 2026-11-03T14:00:00Z.
    public static let beginning = Instant(milliseconds: 1_793_714_400_000)

    private let time: Mutex<Int64>

    /// Creates a clock.
    public init(_ start: Instant = ManualClock.beginning) { time = Mutex(start.milliseconds) }

    /// The time now.
    public var now: Instant { Instant(milliseconds: milliseconds) }

    /// The time now: milliseconds since 1970, UTC.
    public var milliseconds: Int64 { time.withLock { $0 } }

    /// Sets the time.
    public func set(_ now: Instant) { time.withLock { $0 = now.milliseconds } }

    /// Moves the time forward, or back for a negative number.
    public func advance(byMilliseconds difference: Int64) { time.withLock { $0 += difference } }

    /// Moves the time forward, or back for a negative number.
    public func advance(bySeconds seconds: Int64) { advance(byMilliseconds: seconds * 1_000) }
}
