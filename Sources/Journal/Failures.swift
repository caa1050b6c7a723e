public import Domain
import Foundation
import GRDB
public import Ledger

extension Journal {
    /// What failed, by the name of the operation, with `#<field>` for a field that was left out.
    ///
    /// - Throws: ``LedgerError/storage(_:)``.
    public func failures() async throws(LedgerError) -> [OperationID: FailureNote] {
        try await reading { db in
            Dictionary(
                uniqueKeysWithValues: try FailureTable.all(db).map { ($0.name, $0.note) }
            )
        }
    }

    /// Everything that did not go as it should: failures, fields that were left out, questions to
    /// people, and writes whose outcome is not known.
    ///
    /// - Returns: The failures, by name.
    /// - Throws: ``LedgerError``.
    public func keptFailures() async throws(LedgerError) -> [KeptFailure] {
        try await reading { db in
            let unclear = try Self.unclearWrites(db)
            let names = Set(unclear.map(\.name))
            let kept = try FailureTable.all(db).filter { !names.contains($0.name) }
            return (kept + unclear).sorted { $0.name < $1.name }
        }
    }

    /// Writes without an outcome, by name.
    static func unclearWrites(
        _ db: Database,
        after name: String = "",
        limit: Int = .max
    ) throws -> [KeptFailure] {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT operation, root, position FROM intent
                WHERE operation > ? ORDER BY operation LIMIT ?
                """,
            arguments: [name, limit]
        )
        return try rows.compactMap { row in
            let event = try LedgerTables.events(.positions([row[2]]), db: db, key: nil).first
            guard let event else { return nil }
            let data = try JSON(parsing: event.data)
            let name = OperationID(row[0])
            let note = FailureNote(
                object: ObjectName(data["object"]?.string ?? ""),
                code: KeptFailure.unclearCode,
                fields: [],
                attempts: 1,
                nextTry: nil,
                digest: ValueDigest([]),
                record: data["record"]?.string.flatMap { SalesforceID($0) }
            )
            return KeptFailure(
                name: name,
                subject: RecordSubject(name: name.rawValue),
                field: nil,
                root: row[1],
                note: note,
                since: Instant(milliseconds: event.recorded),
                tried: Instant(milliseconds: event.recorded),
                state: .unclear
            )
        }
    }

    // MARK: Trying again

    /// Marks the appointments of failed operations that are due as to be looked at again.
    ///
    /// - Parameter now: The time.
    /// - Throws: ``LedgerError``.
    public func wakeDueFailures(now: Instant) async throws(LedgerError) {
        let due = "FROM failure WHERE nextTry <= ? AND NOT isIgnored AND root != ''"
        let isDue = try await reading { db in
            try Bool.fetchOne(
                db,
                sql: "SELECT EXISTS (SELECT 1 \(due))",
                arguments: [now.milliseconds]
            ) ?? false
        }
        guard isDue else { return }
        try await writing { transaction in
            try transaction.db.execute(
                sql: """
                    INSERT INTO dirty (root, position) SELECT DISTINCT root, ? \(due)
                    ON CONFLICT (root) DO NOTHING
                    """,
                arguments: [transaction.lastPosition, now.milliseconds]
            )
        }
    }

    /// Makes failures due now, because something changed for which they waited.
    ///
    /// - Parameters:
    ///   - names: The failures; those that an operator ignores stay as they are.
    ///   - now: The time.
    /// - Throws: ``LedgerError``.
    public func release(_ names: [OperationID], now: Instant) async throws(LedgerError) {
        guard !names.isEmpty else { return }
        try await writing { transaction in
            for name in names {
                try transaction.db.cachedStatement(
                    sql: "UPDATE failure SET nextTry = ? WHERE operation = ? AND NOT isIgnored"
                ).execute(arguments: [now.milliseconds, name.rawValue])
            }
        }
    }

    /// Has an object described anew before the next look, because a field of it is not as it was.
    ///
    /// - Parameter objects: The objects.
    /// - Throws: ``LedgerError``.
    public func distrustSchema(
        of objects: some Collection<ObjectName> & Sendable
    ) async throws(LedgerError) {
        guard !objects.isEmpty else { return }
        try await writing { transaction in
            for object in objects {
                try transaction.db.execute(
                    sql: "UPDATE orgObject SET observed = 0 WHERE object = ?",
                    arguments: [object.rawValue]
                )
            }
        }
    }
}
