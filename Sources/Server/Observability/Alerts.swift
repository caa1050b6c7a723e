public import Domain

/// What an operator may have to be told of.
public enum AlertCondition: String, Hashable, Sendable, CaseIterable {
    /// The ledger takes no writes.
    case ledger
    /// Runs are stopped.
    case sync
    /// What came in waits too long.
    case lag
    /// Cal.com cannot be read.
    case source
    /// Writes failed, and a person has to act.
    case failures
}

/// The news that a condition began or ended; holds no personal data.
public struct Alert: Hashable, Sendable {
    /// What it is about.
    public var condition: AlertCondition
    /// Whether it began; false when it is over.
    public var isFiring: Bool
    /// What is wrong, or was.
    public var summary: String
    /// Since when.
    public var since: Instant

    /// One sentence for people.
    public var text: String {
        isFiring
            ? "Daybook: \(summary) (\(condition.rawValue), since \(since.rfc3339Seconds))"
            : "Daybook: over — \(summary) (\(condition.rawValue))"
    }
}

/// Decides when there is news: when a condition has held for a while, and when it is over.
///
/// Pure: what is told depends on the readings alone, and the same state is told once.
public struct AlertRules: Sendable {
    /// How long a condition usually holds before it is told: milliseconds.
    public static let usualPatience: Int64 = 60_000

    private let patience: Int64

    private struct Standing {
        var since: Instant
        var summary: String
        var isTold: Bool
    }

    private var standings: [AlertCondition: Standing] = [:]

    /// Begins with nothing wrong.
    ///
    /// - Parameter patience: How long a condition holds before it is told: milliseconds.
    public init(patience: Int64 = AlertRules.usualPatience) { self.patience = patience }

    /// Takes in how things stand.
    ///
    /// - Parameters:
    ///   - problems: What is wrong, by condition.
    ///   - now: The time.
    /// - Returns: The news, to be confirmed with ``confirm(_:)`` when it was told; until then it is
    ///   returned again.
    public mutating func take(_ problems: [AlertCondition: String], now: Instant) -> [Alert] {
        AlertCondition.allCases.compactMap { condition in
            guard let problem = problems[condition] else { return ended(condition) }
            let standing =
                standings[condition] ?? Standing(since: now, summary: problem, isTold: false)
            standings[condition] = standing
            guard !standing.isTold, now >= standing.since.advanced(byMilliseconds: patience) else {
                return nil
            }
            return Alert(
                condition: condition,
                isFiring: true,
                summary: problem,
                since: standing.since
            )
        }
    }

    private mutating func ended(_ condition: AlertCondition) -> Alert? {
        guard let standing = standings[condition] else { return nil }
        guard standing.isTold else {
            // It never lasted long enough to be told of.
            standings[condition] = nil
            return nil
        }
        return Alert(
            condition: condition,
            isFiring: false,
            summary: standing.summary,
            since: standing.since
        )
    }

    /// Remembers that an alert was told.
    public mutating func confirm(_ alert: Alert) {
        guard alert.isFiring else { return standings[alert.condition] = nil }
        standings[alert.condition]?.isTold = true
        standings[alert.condition]?.summary = alert.summary
    }
}
