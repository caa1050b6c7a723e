import Crypto
import Foundation
import GRDB

/// Which events to export.
public struct ExportSelection: Hashable, Sendable {
    /// The first position; nil for 1.
    public var from: Int64?
    /// The last position; nil for the last one of the checkpoint.
    public var to: Int64?
    /// Only events of this type; nil for all.
    public var type: String?
    /// Only events of this stream; nil for all.
    public var stream: String?

    /// Creates a selection.
    public init(
        from: Int64? = nil,
        to: Int64? = nil,
        type: String? = nil,
        stream: String? = nil
    ) {
        (self.from, self.to, self.type, self.stream) = (from, to, type, stream)
    }
}

extension SQLiteLedger {
    /// Writes events with their proofs into a folder that verifies without the ledger.
    ///
    /// The folder holds `events.ndjson`, a `.tlog-proof` file for each event in `proofs`, the
    /// `checkpoint`, and `manifest.json` with its signature in `manifest.note`. Personal data is
    /// not in it. Memory does not grow with the number of events. The folder gets its name when all
    /// of it is on disk.
    ///
    /// - Parameters:
    ///   - selection: Which events.
    ///   - folder: The folder; it must not be there yet.
    ///   - progress: Told how many events were written.
    /// - Returns: What the export says of itself.
    /// - Throws: ``LedgerError/notFound(_:)`` for positions past the end, or if nothing fits;
    ///   ``LedgerError/taken(path:remedy:)`` if the folder is there;
    ///   ``LedgerError/unwritable(reason:)``; ``LedgerError``. Nothing new is left in any of these
    ///   cases.
    @discardableResult
    public func export(
        _ selection: ExportSelection,
        to folder: String,
        progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws(LedgerError) -> ExportManifest {
        try await export(selection, to: folder, progress: progress) { file, bytes in
            try file.write(contentsOf: bytes)
        }
    }

    /// Exports as the public method promises; tests let the writing fail.
    func export(
        _ selection: ExportSelection,
        to folder: String,
        progress: @escaping @Sendable (Int) -> Void,
        write: @escaping @Sendable (FileHandle, Data) throws -> Void
    ) async throws(LedgerError) -> ExportManifest {
        guard let keeper else {
            throw .notFound("this ledger has no key, and so nothing that an export could show")
        }
        guard !FileManager.default.fileExists(atPath: folder) else {
            throw .taken(path: folder, remedy: "Name another, or move it away.")
        }
        let partial = "\(folder).partial"
        do {
            if setBack == nil { try await makeCheckpoint() }
            let manifest = try await read { db in
                let export = try LedgerExport(db: db, folder: partial, write: write)
                return try export.run(selection, keeper, progress: progress)
            }
            guard rename(partial, folder) == 0 else {
                throw LedgerError.unwritable(reason: "'\(folder)' cannot be written")
            }
            try DurableFile.syncFolder(of: folder)
            return manifest
        } catch {
            Self.discard(partial)
            throw Self.named(error, folder)
        }
    }

    private static func discard(_ folder: String) {
        do {
            try FileManager.default.removeItem(atPath: folder)
        } catch {
            // It was not begun, or it cannot be removed; the error before this one is told.
        }
    }

    private static func named(_ error: any Error, _ folder: String) -> LedgerError {
        switch error {
        case let error as CocoaError where error.code == .fileWriteOutOfSpace:
            .unwritable(reason: "the disk is full; nothing of '\(folder)' was left")
        case let error as CocoaError:
            .unwritable(reason: "'\(folder)' cannot be written: \(error.localizedDescription)")
        case let error as POSIXError where error.code == .ENOSPC:
            .unwritable(reason: "the disk is full; nothing of '\(folder)' was left")
        default: LedgerError(error)
        }
    }
}

/// One export while it is written.
private struct LedgerExport {
    let db: Database
    let folder: String
    let write: (FileHandle, Data) throws -> Void

    init(
        db: Database,
        folder: String,
        write: @escaping (FileHandle, Data) throws -> Void
    ) throws {
        (self.db, self.folder, self.write) = (db, folder, write)
        if FileManager.default.fileExists(atPath: folder) {
            try FileManager.default.removeItem(atPath: folder)
        }
        try FileManager.default.createDirectory(
            atPath: "\(folder)/proofs",
            withIntermediateDirectories: true
        )
    }

    func run(
        _ selection: ExportSelection,
        _ keeper: CheckpointKeeper,
        progress: (Int) -> Void
    ) throws -> ExportManifest {
        let (note, size) = try SQLiteLedger.anchor(nil, db)
        let checkpoint = try Checkpoint(text: note.text)
        let (from, to) = (selection.from ?? 1, selection.to ?? size)
        guard from >= 1, to >= from, to <= size else {
            throw LedgerError.notFound(
                "there are no events \(from) to \(to): the checkpoint is over \(size) events"
            )
        }
        let (count, digest) = try events(selection, from, to, (note, size), progress: progress)
        let manifest = ExportManifest(
            origin: checkpoint.origin,
            from: from,
            to: to,
            isComplete: selection.type == nil && selection.stream == nil,
            events: count,
            sha256: digest,
            size: size,
            root: checkpoint.root.description
        )
        try put(note.whole, "checkpoint")
        try put(manifest.text, "manifest.json")
        try put(try keeper.signed(ExportCheck.statement(of: manifest.text)).whole, "manifest.note")
        for name in ["proofs", ""] { try DurableFile.sync("\(folder)/\(name)") }
        return manifest
    }

    private func events(
        _ selection: ExportSelection,
        _ from: Int64,
        _ to: Int64,
        _ anchor: (note: SignedNote, size: Int64),
        progress: (Int) -> Void
    ) throws -> (count: Int, digest: String) {
        let file = try open("events.ndjson")
        var (count, hasher) = (0, SHA256())
        let rows = try rows(selection, from, to)
        while let row = try rows.next() {
            let position: Int64 = row[0]
            let leaf = LedgerTables.bytes(row, 1)
            guard let line = ExportLine.text(leaf: leaf, position: position) else {
                throw LedgerError.unreadable(position: position, reason: "its leaf is damaged")
            }
            let bytes = Data(line.utf8)
            hasher.update(data: bytes)
            try write(file, bytes)
            var proof = try SQLiteLedger.proof(of: position, size: anchor.size, anchor.note, db)
                .proof
            proof.extra = leaf
            try put(proof.text, "proofs/\(position).tlog-proof")
            count += 1
            if count.isMultiple(of: 1_000) { progress(count) }
        }
        guard count > 0 else { throw LedgerError.notFound("no event fits what was asked for") }
        try file.synchronize()
        try file.close()
        return (count, Array(hasher.finalize()).hexadecimal)
    }

    private func rows(
        _ selection: ExportSelection,
        _ from: Int64,
        _ to: Int64
    ) throws -> RowCursor {
        try Row.fetchCursor(
            db,
            sql: """
                SELECT position, leaf FROM event WHERE position BETWEEN ?1 AND ?2
                    AND (?3 IS NULL OR type = (SELECT id FROM eventType WHERE name = ?3))
                    AND (?4 IS NULL OR stream = (SELECT id FROM stream WHERE name = ?4))
                ORDER BY position
                """,
            arguments: [from, to, selection.type, selection.stream]
        )
    }

    private func open(_ name: String) throws -> FileHandle {
        let path = "\(folder)/\(name)"
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let file = FileHandle(forWritingAtPath: path)
        else { throw LedgerError.unwritable(reason: "'\(path)' cannot be written") }
        return file
    }

    private func put(_ text: String, _ name: String) throws {
        let file = try open(name)
        try write(file, Data(text.utf8))
        try file.synchronize()
        try file.close()
    }
}
