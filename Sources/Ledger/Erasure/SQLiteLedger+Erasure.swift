import Foundation
import GRDB

extension SQLiteLedger {
    /// Removes what an erasure left in files: the write-ahead log, and copies made on migration.
    ///
    /// Call it after every erasure; calling it again does no harm. Remembers the erased people
    /// beside the file, so that an older copy cannot bring them back.
    ///
    /// - Returns: The names of the copies that were removed.
    /// - Throws: ``LedgerError/unwritable(reason:)`` if another process keeps the old log in use;
    ///   ``LedgerError``.
    @discardableResult
    public func scrubFiles() async throws(LedgerError) -> [String] {
        do {
            try await rememberErasures()
            try await emptyLog()
            return try removeCopies()
        } catch {
            throw LedgerError(error)
        }
    }

    private func emptyLog() async throws {
        do {
            // Nobody of this process may read or write meanwhile.
            try await pool.barrierWriteWithoutTransaction { [drain] _ in try drain.empty() }
        } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
            throw LedgerError.unwritable(
                reason: """
                    the write-ahead log still holds what was erased, because another process reads \
                    from it. Stop that process and name the person again
                    """
            )
        }
    }

    private func removeCopies() throws -> [String] {
        let file = URL(fileURLWithPath: pool.path)
        let folder = file.deletingLastPathComponent()
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
            .filter { $0.hasPrefix("\(file.lastPathComponent).before-") }
        for name in names {
            try FileManager.default.removeItem(at: folder.appendingPathComponent(name))
        }
        try DurableFile.syncFolder(of: pool.path)
        return names
    }

    // MARK: The fences outside the file

    /// Writes the erased people beside the file: surrogate and keyed digest, one in a line.
    private func rememberErasures() async throws {
        guard let keeper else { return }
        let text: String = try await read { db in
            try Row.fetchAll(
                db,
                sql: "SELECT subject, blind FROM erasure ORDER BY coalesce(position, 0), subject"
            ).map { row in
                let blind = row.hasNull(atIndex: 1) ? "-" : LedgerTables.bytes(row, 1).hexadecimal
                return "\(row[0] as String) \(blind)\n"
            }.joined()
        }
        let known = try Self.fences(keeper)
        // Never fewer than before: another copy of the ledger may have erased more people.
        let lost = known.filter { !text.contains("\($0.subject) ") }
            .map { "\($0.subject) \($0.blind?.hexadecimal ?? "-")\n" }
        try DurableFile.write(text + lost.joined(), to: keeper.fences, mode: 0o600)
    }

    typealias Fence = (subject: String, blind: [UInt8]?)

    private static func fences(_ keeper: CheckpointKeeper) throws -> [Fence] {
        try (DurableFile.read(keeper.fences) ?? "").split(separator: "\n").map { line in
            let parts = line.split(separator: " ")
            guard parts.count == 2 else {
                throw LedgerError.unwritable(
                    reason: "'\(keeper.fences)' has a line that is no erased person"
                )
            }
            return (String(parts[0]), [UInt8](hexadecimal: parts[1]))
        }
    }

    /// Takes over the erasures that are known outside the file, and not in it.
    ///
    /// From then on nothing of these people is read; ``LedgerTransaction/erase(_:)`` destroys it.
    static func adoptFences(_ pool: DatabasePool, _ keeper: CheckpointKeeper) throws {
        let fences = try fences(keeper)
        let known = try pool.read { db in
            try Set(String.fetchAll(db, sql: "SELECT subject FROM erasure"))
        }
        let missing = fences.filter { !known.contains($0.subject) }
        guard !missing.isEmpty else { return }
        try pool.write { db in
            for fence in missing {
                try db.execute(
                    sql: """
                        INSERT INTO erasure (subject, blind, position) SELECT ?1, ?2, NULL
                        WHERE NOT EXISTS (SELECT 1 FROM erasure WHERE subject = ?1)
                        """,
                    arguments: [fence.subject, fence.blind?.data]
                )
            }
        }
    }
}
