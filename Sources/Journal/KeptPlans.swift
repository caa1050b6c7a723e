public import Domain
import GRDB
public import Ledger

/// A plan that waits in the ledger's file for somebody to approve and apply it.
public struct KeptPlan: Hashable, Sendable {
    /// What became of it.
    public enum State: String, Hashable, Sendable, CaseIterable {
        /// It was made, and nobody approved it.
        case proposed
        /// Somebody said that it may be applied.
        case approved
        /// It is being carried out, or its process died meanwhile.
        case applying
        /// It was carried out, as far as its run says.
        case applied
    }

    /// Its place in the order in which plans were made.
    public var number: Int64
    /// The seal of the document.
    public var id: String
    /// When it was made.
    public var created: Instant
    /// Until when it may be applied.
    public var expires: Instant
    /// What became of it.
    public var state: State
    /// Rises with every change of state, from 1.
    public var version: Int
    /// Who made it.
    public var maker: String
    /// Who approved it.
    public var approver: String?
    /// The run that carried it out.
    public var run: String?
    /// The plan, with digests in the place of personal data.
    public var document: JSON
}

extension Journal {
    /// How long plans are kept after they cannot be applied any more: milliseconds.
    private static let planRetention: Int64 = 30 * 86_400_000

    /// Keeps a plan; the same plan again changes nothing.
    ///
    /// - Parameters:
    ///   - document: The plan, without personal data, with its `id`.
    ///   - maker: Who made it.
    ///   - created: When it was made.
    ///   - expires: Until when it may be applied.
    /// - Returns: The plan as it is kept; nil for a document without an `id`.
    /// - Throws: ``LedgerError``.
    public func keep(
        plan document: JSON,
        by maker: String,
        created: Instant,
        expires: Instant
    ) async throws(LedgerError) -> KeptPlan? {
        guard let id = document["id"]?.string else { return nil }
        return try await writing { transaction in
            try transaction.db.execute(
                sql: "DELETE FROM keptPlan WHERE expires < ?",
                arguments: [created.milliseconds - Self.planRetention]
            )
            try transaction.db.execute(
                sql: """
                    INSERT INTO keptPlan (id, created, expires, state, version, maker, document)
                    VALUES (?, ?, ?, 'proposed', 1, ?, ?) ON CONFLICT (id) DO NOTHING
                    """,
                arguments: [
                    id, created.milliseconds, expires.milliseconds, maker, document.text,
                ]
            )
            return try Self.plans("id = ?", [id], transaction.db).first
        }
    }

    /// A kept plan; nil for an unknown one.
    ///
    /// - Throws: ``LedgerError/storage(_:)``.
    public func keptPlan(_ id: String) async throws(LedgerError) -> KeptPlan? {
        try await reading { db in try Self.plans("id = ?", [id], db).first }
    }

    /// Kept plans, the newest first.
    ///
    /// - Parameters:
    ///   - number: Only those made before this one; nil to begin.
    ///   - limit: The most to return.
    /// - Returns: The plans.
    /// - Throws: ``LedgerError/storage(_:)``.
    public func keptPlans(
        before number: Int64?,
        limit: Int
    ) async throws(LedgerError) -> [KeptPlan] {
        try await reading { db in
            try Self.plans("number < ?", [number ?? .max], db, limit: limit)
        }
    }

    /// Moves a plan on, if it still stands where the caller saw it.
    ///
    /// - Parameters:
    ///   - plan: The plan as the caller saw it.
    ///   - state: Where it goes.
    ///   - approver: Who approved it; nil leaves that as it is.
    ///   - run: The run that carried it out; nil leaves that as it is.
    /// - Returns: The plan as it is now; nil if somebody else moved it meanwhile.
    /// - Throws: ``LedgerError``.
    public func move(
        _ plan: KeptPlan,
        to state: KeptPlan.State,
        approver: String? = nil,
        run: String? = nil
    ) async throws(LedgerError) -> KeptPlan? {
        try await writing { transaction in
            try transaction.db.execute(
                sql: """
                    UPDATE keptPlan SET state = ?1, version = version + 1,
                        approver = coalesce(?2, approver), run = coalesce(?3, run)
                    WHERE id = ?4 AND version = ?5
                    """,
                arguments: [state.rawValue, approver, run, plan.id, plan.version]
            )
            guard transaction.db.changesCount == 1 else { return nil }
            return try Self.plans("id = ?", [plan.id], transaction.db).first
        }
    }

    private static func plans(
        _ condition: String,
        _ arguments: [any DatabaseValueConvertible],
        _ db: Database,
        limit: Int = 1
    ) throws -> [KeptPlan] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT number, id, created, expires, state, version, maker, approver, run, document
                FROM keptPlan WHERE \(condition) ORDER BY number DESC LIMIT \(limit)
                """,
            arguments: StatementArguments(arguments)
        ).map { row in
            KeptPlan(
                number: row[0],
                id: row[1],
                created: Instant(milliseconds: row[2]),
                expires: Instant(milliseconds: row[3]),
                state: KeptPlan.State(rawValue: row[4]) ?? .applying,
                version: row[5],
                maker: row[6],
                approver: row[7],
                run: row[8],
                document: try JSON(parsing: row[9] as String)
            )
        }
    }
}
