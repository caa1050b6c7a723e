public import Domain
import GRDB
public import Ledger

/// An org to which a ledger belongs, or once belonged.
public struct OrgConnection: Hashable, Sendable {
    /// The id of the org.
    public var org: String
    /// Whether it is a sandbox.
    public var isSandbox: Bool
    /// When the ledger was connected to it.
    public var since: Instant
}

extension Journal {
    /// The orgs to which the ledger was connected, in order; the last one counts.
    ///
    /// - Throws: ``LedgerError``.
    public func orgConnections() async throws(LedgerError) -> [OrgConnection] {
        try await reading { db in
            try LedgerTables.events(
                .types(["org.connected"], after: 0, limit: 1_000),
                db: db,
                key: nil
            ).compactMap { event in
                let data = try JSON(parsing: event.data)
                return data["org"]?.string.map { org in
                    OrgConnection(
                        org: org,
                        isSandbox: data["sandbox"]?.bool ?? false,
                        since: Instant(milliseconds: event.occurred)
                    )
                }
            }
        }
    }

    /// The org to which the ledger is connected, or nil.
    ///
    /// - Throws: ``LedgerError``.
    public func connectedOrg() async throws(LedgerError) -> String? {
        try await orgConnections().last?.org
    }

    /// Records to which org the ledger is connected.
    ///
    /// - Parameters:
    ///   - org: The id of the org.
    ///   - isSandbox: Whether it is a sandbox.
    ///   - now: The time.
    /// - Throws: ``LedgerError``.
    public func connect(
        to org: String,
        isSandbox: Bool,
        now: Instant
    ) async throws(LedgerError) {
        try await writing { transaction in
            try Self.connect(to: org, isSandbox, now, transaction)
        }
    }

    /// Connects the ledger to an org that takes the place of the one before.
    ///
    /// What is remembered of the records of the former org (links, what was written to their
    /// fields, failures, writes without an outcome, descriptions of objects) is forgotten, and
    /// every appointment is looked at again. The events stay: what was done there can be explained.
    ///
    /// - Parameters:
    ///   - org: The id of the org.
    ///   - isSandbox: Whether it is a sandbox.
    ///   - now: The time.
    /// - Throws: ``LedgerError``.
    public func reconnect(
        to org: String,
        isSandbox: Bool,
        now: Instant
    ) async throws(LedgerError) {
        try await writing { transaction in
            try Self.connect(to: org, isSandbox, now, transaction)
            for table in ["recordLink", "claim", "failure", "intent", "orgObject"] {
                try transaction.db.execute(sql: "DELETE FROM \(table)")
            }
            try transaction.db.execute(
                sql: """
                    INSERT INTO dirty (root, position) SELECT DISTINCT root, ? FROM booking
                    WHERE true ON CONFLICT (root) DO NOTHING
                    """,
                arguments: [transaction.lastPosition]
            )
        }
    }

    private static func connect(
        to org: String,
        _ isSandbox: Bool,
        _ now: Instant,
        _ transaction: LedgerTransaction
    ) throws {
        let data = JSON.compact([("org", .string(org)), ("sandbox", .bool(isSandbox))])
        try transaction.append(
            [
                NewEvent(
                    id: transaction.eventID(),
                    type: "org.connected",
                    occurred: now.milliseconds,
                    actor: "daybook",
                    data: data.bytes
                )
            ],
            to: "org"
        )
    }
}
