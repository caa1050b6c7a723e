import Foundation
import GRDB

extension SQLiteLedger {
    /// Puts a backup in the place of a ledger, after verifying it.
    ///
    /// Nothing is put in place that does not verify. Whether events are missing is noticed when the
    /// ledger is opened: it then refuses to append until told how to go on. People who were erased
    /// after the backup was made are not read any more, and are erased again.
    ///
    /// - Parameters:
    ///   - backup: The backup.
    ///   - path: Where the ledger belongs; no ledger may be there.
    ///   - key: The key of the ledger.
    ///   - keeper: Gives the key that signed the checkpoints; nil to check them without.
    ///   - progress: Told how many events were verified.
    /// - Returns: What the verification found.
    /// - Throws: ``LedgerError/taken(path:remedy:)`` if there is a ledger;
    ///   ``LedgerError/notFound(_:)`` if there is no backup;
    ///   ``LedgerError/unsoundBackup(problem:)`` if it does not verify; ``LedgerError``.
    public static func restore(
        _ backup: String,
        to path: String,
        key: LedgerKey,
        keeper: (_ origin: String, _ hasSigned: Bool) throws -> CheckpointKeeper? = { _, _ in nil },
        progress: @escaping @Sendable (Int64) -> Void = { _ in }
    ) async throws(LedgerError) -> VerificationReport {
        guard FileManager.default.fileExists(atPath: backup) else {
            throw .notFound("there is no file '\(backup)'")
        }
        guard !FileManager.default.fileExists(atPath: path) else {
            throw .taken(
                path: path,
                remedy: """
                    Move it and the files beside it that end in -wal and -shm away first, and keep \
                    them as evidence; leave the ones that end in .key, .signing-key, .checkpoint \
                    and .erasures.
                    """
            )
        }
        let partial = "\(path).restoring"
        do {
            remove(partial)
            try FileManager.default.copyItem(atPath: backup, toPath: partial)
            let file = try DatabaseQueue(path: partial)
            let (origin, hasSigned) = try await file.read(signing)
            let keeper = try keeper(origin, hasSigned)
            let report = try await verification(of: file, key, keeper, progress)
            try file.close()
            if let first = report.problems.first {
                throw LedgerError.unsoundBackup(problem: first)
            }
            try DurableFile.sync(partial)
            // A log that was left behind belongs to the old file, and would be played into this.
            for suffix in ["-wal", "-shm"] { unlink(path + suffix) }
            guard rename(partial, path) == 0 else {
                throw LedgerError.unwritable(reason: "'\(path)' cannot be written")
            }
            try DurableFile.syncFolder(of: path)
            return report
        } catch {
            remove(partial)
            let failure = LedgerError(error)
            // Here it is the backup that is none, and not the file that 'ledger' names.
            if case .noLedger = failure { throw .unsoundBackup(problem: "it is no ledger") }
            throw failure
        }
    }
}
