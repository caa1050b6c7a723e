import Foundation
import GRDB

extension SQLiteLedger {
    /// Copies the ledger to a file while it is in use, and verifies the copy.
    ///
    /// When this returns, the copy is on disk under its name. It has no personal data in readable
    /// form, and opens with the key of the ledger only. A checkpoint is made first, so that the
    /// copy holds one over all of its events.
    ///
    /// - Parameters:
    ///   - path: The copy; it must not be there yet.
    ///   - progress: Told how many events of the copy were verified.
    /// - Returns: What the verification of the copy found.
    /// - Throws: ``LedgerError/taken(path:remedy:)`` if the file is there;
    ///   ``LedgerError/unwritable(reason:)``; ``LedgerError/unsoundCopy(problem:)``;
    ///   ``LedgerError``. Nothing new is left under the name in any of these cases.
    @discardableResult
    public func backup(
        to path: String,
        progress: @escaping @Sendable (Int64) -> Void = { _ in }
    ) async throws(LedgerError) -> VerificationReport {
        guard !FileManager.default.fileExists(atPath: path) else {
            throw .taken(path: path, remedy: "Name another, or move it away.")
        }
        let partial = "\(path).partial"
        do {
            if setBack == nil { try await makeCheckpoint() }
            let report = try await copy(to: partial, progress: progress)
            guard rename(partial, path) == 0 else {
                throw LedgerError.unwritable(reason: "'\(path)' cannot be written")
            }
            try DurableFile.syncFolder(of: path)
            return report
        } catch {
            Self.remove(partial)
            throw LedgerError(error)
        }
    }

    private func copy(
        to path: String,
        progress: @escaping @Sendable (Int64) -> Void
    ) async throws -> VerificationReport {
        Self.remove(path)
        let copy = try DatabaseQueue(path: path)
        try pool.backup(to: copy)
        // One file instead of three: whoever moves the copy cannot forget its log.
        try await copy.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA journal_mode = DELETE")
        }
        let report = try await Self.verification(of: copy, key, keeper, progress)
        try copy.close()
        if let first = report.problems.first { throw LedgerError.unsoundCopy(problem: first) }
        try DurableFile.sync(path)
        return report
    }

    /// Verifies a file that is not opened as a ledger.
    static func verification(
        of file: DatabaseQueue,
        _ key: LedgerKey,
        _ keeper: CheckpointKeeper?,
        _ progress: @escaping @Sendable (Int64) -> Void
    ) async throws -> VerificationReport {
        try await file.read { db in
            var verification = Verification(db: db, key: key, keeper: keeper)
            verification.isCopy = true
            let faults = try FileStructure.faults(of: db) + FileStructure.indexFaults(of: db)
            var read: Int64 = 0
            try verification.run(joining: .init(faults: faults)) { more in
                read += more
                progress(read)
            }
            return verification.report
        }
    }

    static func remove(_ path: String) {
        for suffix in ["", "-wal", "-shm", "-journal"] { unlink(path + suffix) }
    }
}
