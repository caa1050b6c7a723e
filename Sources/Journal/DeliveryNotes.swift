public import Domain
import GRDB
public import Ledger

/// Deliveries that told no fact, all for the same reason.
public struct DeliveryNote: Hashable, Sendable {
    /// What became of them: unrecognised or rejected.
    public var verdict: DeliveryVerdict
    /// The trigger that they name; nil if they name none.
    public var trigger: String?
    /// Why they are no fact, without personal data.
    public var reason: String
    /// How many there are.
    public var count: Int
    /// When the newest of them arrived.
    public var latest: Instant
}

extension Journal {
    /// Why deliveries were kept and told no fact.
    ///
    /// - Parameter limit: The most reasons to return.
    /// - Returns: The reasons, that of the newest delivery first.
    /// - Throws: ``LedgerError/storage(_:)``.
    public func deliveryNotes(limit: Int = 20) async throws(LedgerError) -> [DeliveryNote] {
        try await reading { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT verdict, "trigger", note, count(*), max(arrived) FROM delivery
                    WHERE verdict IN ('unrecognised', 'rejected')
                    GROUP BY verdict, "trigger", note ORDER BY max(arrived) DESC, note LIMIT ?
                    """,
                arguments: [limit]
            ).compactMap { row in
                DeliveryVerdict(rawValue: row[0]).map { verdict in
                    DeliveryNote(
                        verdict: verdict,
                        trigger: row[1],
                        reason: row[2],
                        count: row[3],
                        latest: Instant(milliseconds: row[4])
                    )
                }
            }
        }
    }
}
