import Crypto
public import Foundation
public import GRDB

/// Reads the tables of a ledger; used inside read and write transactions alike.
public enum LedgerTables {
    static func position(_ db: Database) throws -> Int64 {
        try Int64.fetchOne(db.cachedStatement(sql: "SELECT position FROM ledger")) ?? 0
    }

    /// The last position that an event is stored at; 0 without events.
    static func lastPosition(_ db: Database) throws -> Int64 {
        try Int64.fetchOne(db, sql: "SELECT max(position) FROM event") ?? 0
    }

    static func node(_ node: TreeNode, _ db: Database) throws -> TreeHash {
        let bytes = try RawStatement("SELECT hash FROM node WHERE number = ?", db).first {
            $0.add(Int64(node.storedIndex))
        } _: { row in
            row.bytes(0)
        }
        guard let bytes, let hash = TreeHash(bytes: bytes) else {
            throw LedgerError.unreadable(
                position: Int64(node.index << UInt64(node.level)) + 1,
                reason: "a node of the tree is missing"
            )
        }
        return hash
    }

    static func frontier(_ db: Database, size: Int64) throws -> TreeFrontier {
        try TreeFrontier(size: UInt64(size)) { try node($0, db) }
    }

    static func bytes(_ row: Row, _ column: Int) -> [UInt8] {
        // A copy: the row's memory belongs to SQLite.
        Array(row[column] as Data)
    }

    static func keyPurpose(_ subject: String, _ revision: Int) -> String {
        "subject key \(subject) \(revision)"
    }

    /// A key of a person; the newest without a revision, nil if there is none.
    static func subjectKey(
        _ subject: String,
        revision: Int?,
        db: Database,
        key: LedgerKey,
        includingErased: Bool = false
    ) throws -> SubjectKey? {
        let row = try RawStatement(
            """
            SELECT revision, wrapped FROM subjectKey
            WHERE subject = ?1 AND revision = coalesce(?2, revision)
                AND (?3 OR NOT EXISTS (SELECT 1 FROM erasure WHERE subject = ?1))
            ORDER BY revision DESC LIMIT 1
            """,
            db
        ).first {
            $0.add(subject)
            $0.add(revision.map(Int64.init))
            $0.add(includingErased ? 1 : 0)
        } _: { row in
            (revision: Int(row.integer(0)), wrapped: row.bytes(1))
        }
        guard let (found, wrapped) = row else { return nil }
        let bytes = try key.open(wrapped, purpose: keyPurpose(subject, found))
        return SubjectKey(subject: subject, revision: found, bytes: bytes)
    }

    static func body(_ position: Int64, _ part: String, _ db: Database) throws -> SealedBody? {
        try Row.fetchOne(
            db.cachedStatement(
                sql: "SELECT nonce, ciphertext FROM sealed WHERE position = ? AND part = ?"
            ),
            arguments: [position, part]
        ).map { SealedBody(nonce: bytes($0, 0), ciphertext: bytes($0, 1)) }
    }

    /// Which events to read.
    public enum Selection: Sendable {
        /// Those after a position.
        case after(Int64, limit: Int)
        /// Those of a stream.
        case stream(String)
        /// Those of some types, after a position.
        case types([String], after: Int64, limit: Int)
        /// Those at some positions.
        case positions([Int64])
    }

    /// Reads events in the order of their positions.
    ///
    /// - Parameters:
    ///   - selection: Which events.
    ///   - db: A connection inside a transaction.
    ///   - key: Opens the personal parts; nil to leave them sealed.
    /// - Returns: The events, by rising position.
    /// - Throws: ``LedgerError/unreadable(position:reason:)`` or a database error.
    public static func events(
        _ selection: Selection,
        db: Database,
        key: LedgerKey?
    ) throws -> [StoredEvent] {
        let reader = try EventReader(db, key: key)
        return try rows(selection, db).map { row in
            try reader.event(bytes(row, 1), at: row[0])
        }
    }

    private static func rows(_ selection: Selection, _ db: Database) throws -> [Row] {
        switch selection {
        case .after(let position, let limit):
            return try Row.fetchAll(
                db.cachedStatement(
                    sql:
                        "SELECT position, leaf FROM event WHERE position > ? ORDER BY position LIMIT ?"
                ),
                arguments: [position, limit]
            )
        case .stream(let name):
            return try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT position, leaf FROM event
                        WHERE stream = (SELECT id FROM stream WHERE name = ?) ORDER BY revision
                        """
                ),
                arguments: [name]
            )
        case .types(let names, let position, let limit):
            let marks = databaseQuestionMarks(count: names.count)
            let arguments = StatementArguments(names) + [position, limit]
            return try Row.fetchAll(
                db,
                sql: """
                    SELECT position, leaf FROM event
                    WHERE type IN (SELECT id FROM eventType WHERE name IN (\(marks)))
                        AND position > ? ORDER BY position LIMIT ?
                    """,
                arguments: arguments
            )
        case .positions(let positions):
            let marks = databaseQuestionMarks(count: positions.count)
            return try Row.fetchAll(
                db,
                sql:
                    "SELECT position, leaf FROM event WHERE position IN (\(marks)) ORDER BY position",
                arguments: StatementArguments(positions)
            )
        }
    }
}

extension [UInt8] {
    /// The bytes as GRDB stores them.
    public var data: Data { Data(self) }
}
