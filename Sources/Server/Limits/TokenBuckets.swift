import Domain
import Synchronization

/// Lets so many things a second happen per source, and twice that after a quiet time.
///
/// Only so many sources are remembered; beyond, those that were quiet longest are forgotten, which
/// gives them a full allowance and nothing more.
final class TokenBuckets: Sendable {
    private struct Bucket {
        var tokens: Double
        var filled: Instant
    }

    private let perSecond: Double
    private let mostSources: Int
    private let buckets = Mutex<[String: Bucket]>([:])

    init(perSecond: Int, mostSources: Int = 10_000) {
        (self.perSecond, self.mostSources) = (Double(max(1, perSecond)), mostSources)
    }

    private var capacity: Double { perSecond * 2 }

    /// Takes one from a source's allowance.
    ///
    /// - Returns: Nil if there was one, else after how many seconds there will be.
    func take(_ source: String, now: Instant) -> Int? {
        buckets.withLock { buckets in
            var bucket = buckets[source] ?? Bucket(tokens: capacity, filled: now)
            let passed = Double(max(0, now.milliseconds - bucket.filled.milliseconds)) / 1_000
            bucket.tokens = min(capacity, bucket.tokens + passed * perSecond)
            bucket.filled = now
            guard bucket.tokens >= 1 else {
                buckets[source] = bucket
                return max(1, Int(((1 - bucket.tokens) / perSecond).rounded(.up)))
            }
            bucket.tokens -= 1
            if buckets[source] == nil, buckets.count >= mostSources { Self.forget(&buckets) }
            buckets[source] = bucket
            return nil
        }
    }

    /// Forgets the half that was quiet longest.
    private static func forget(_ buckets: inout [String: Bucket]) {
        let quiet = buckets.sorted { $0.value.filled < $1.value.filled }.prefix(buckets.count / 2)
        for entry in quiet { buckets[entry.key] = nil }
    }
}
