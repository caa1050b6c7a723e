public import Domain
import GRDB
public import Ledger

extension Journal {
    /// What the org last said of its allowance, and whether it is left alone.
    ///
    /// - Returns: What is known; nil before the first call.
    /// - Throws: ``LedgerError/storage(_:)``.
    public func allowance() async throws(LedgerError) -> APIAllowance? {
        try await reading { db in
            try Row.fetchOne(
                db,
                sql: "SELECT used, allowed, observed, pausedUntil, pauses FROM allowance"
            ).map { row in
                APIAllowance(
                    used: row[0],
                    allowed: row[1],
                    observed: Instant(milliseconds: row[2]),
                    pausedUntil: (row[3] as Int64?).map(Instant.init(milliseconds:)),
                    pauses: row[4]
                )
            }
        }
    }

    /// Keeps what the org said of its allowance.
    ///
    /// - Parameter allowance: What it said.
    /// - Throws: ``LedgerError``.
    public func keep(_ allowance: APIAllowance) async throws(LedgerError) {
        try await writing { transaction in
            try transaction.db.execute(
                sql: """
                    INSERT OR REPLACE INTO allowance
                        (id, used, allowed, observed, pausedUntil, pauses)
                    VALUES (1, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    allowance.used, allowance.allowed, allowance.observed.milliseconds,
                    allowance.pausedUntil?.milliseconds, allowance.pauses,
                ]
            )
        }
    }
}
