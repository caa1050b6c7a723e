import Foundation
import GRDB

extension SQLiteLedger {
    /// Signs what the ledger holds now, keeps the checkpoint, and remembers it beside the file.
    ///
    /// Only what is committed is read, and every commit is on disk before it can be read: so
    /// nothing is signed that a power cut could take back. The order is commit, sign, keep,
    /// remember; a crash in between loses a checkpoint and never an event.
    ///
    /// - Returns: The checkpoint with its cosignatures; nil for a ledger that has no key to sign.
    /// - Throws: ``LedgerError/setBack(_:)`` if the file does not continue what was signed before;
    ///   ``LedgerError``.
    @discardableResult
    public func makeCheckpoint() async throws(LedgerError) -> SignedNote? {
        guard let keeper else { return nil }
        do {
            let (head, found, kept, retired) = try await read { db in
                let head = try Self.head(db)
                return (
                    head, try SetBack.found(keeper, db), try Self.note(size: head.position, db),
                    try KeyChange.retired(db)
                )
            }
            if let found { throw LedgerError.setBack(found) }
            guard retired[keeper.signer.verifier.text] == nil else {
                throw LedgerError.key(
                    reason: """
                        it was retired, and another key signs now. Bring the newest signing key \
                        back, or start this process again if it ran before the key was changed
                        """
                )
            }
            if let kept, try DurableFile.read(keeper.memory) == kept.whole { return kept }
            let size = UInt64(head.position)
            let signed = try keeper.signed(
                Checkpoint(
                    origin: keeper.signer.verifier.name,
                    size: size,
                    root: head.root
                ).text
            )
            try await write { transaction in
                try Self.keep(signed, size: head.position, transaction)
            }
            return try await write { transaction in
                // In the write lock, so that of two processes none puts an older one in place.
                guard let newest = try Self.newestNote(transaction.db) else { return signed }
                if try DurableFile.read(keeper.memory) != newest.whole {
                    try DurableFile.write(newest.whole, to: keeper.memory)
                }
                return newest
            }
        } catch {
            throw LedgerError(error)
        }
    }

    private static func keep(
        _ note: SignedNote,
        size: Int64,
        _ transaction: LedgerTransaction
    ) throws {
        guard try Self.note(size: size, transaction.db) == nil else { return }
        try transaction.db.execute(
            sql: "INSERT INTO checkpoint (size, note, created) VALUES (?, ?, ?)",
            arguments: [size, note.whole, transaction.now]
        )
    }

    // MARK: Reading

    /// The newest checkpoint, with its cosignatures; nil if none was ever made.
    ///
    /// - Throws: ``LedgerError``.
    public func newestCheckpoint() async throws(LedgerError) -> SignedNote? {
        do { return try await read(Self.newestNote) } catch { throw LedgerError(error) }
    }

    /// The checkpoint at a size, with its cosignatures; nil if none was made there.
    ///
    /// - Parameter size: How many events it is about.
    /// - Returns: The checkpoint.
    /// - Throws: ``LedgerError``.
    public func checkpoint(size: Int64) async throws(LedgerError) -> SignedNote? {
        do {
            return try await read { db in try Self.note(size: size, db) }
        } catch {
            throw LedgerError(error)
        }
    }

    static func newestNote(_ db: Database) throws -> SignedNote? {
        let size = try Int64.fetchOne(db, sql: "SELECT max(size) FROM checkpoint")
        return try size.flatMap { try note(size: $0, db) }
    }

    static func note(size: Int64, _ db: Database) throws -> SignedNote? {
        let text = try String.fetchOne(
            db,
            sql: "SELECT note FROM checkpoint WHERE size = ?",
            arguments: [size]
        )
        guard let text else { return nil }
        var note = try SignedNote(parsing: text)
        let lines = try String.fetchAll(
            db,
            sql: "SELECT line FROM cosignature WHERE size = ? ORDER BY line",
            arguments: [size]
        )
        for line in lines {
            try note.merge(SignedNote(parsing: "\(note.text)\n\(line)"))
        }
        return note
    }

    // MARK: Proving

    /// Proves that an event is in the ledger, as a checkpoint says.
    ///
    /// - Parameters:
    ///   - position: The event.
    ///   - size: The size of a kept checkpoint; nil for the newest.
    /// - Returns: The proof, and the bytes of the event that it is about.
    /// - Throws: ``LedgerError/notFound(_:)`` for an event or a checkpoint that is not there;
    ///   ``LedgerError``.
    public func prove(
        _ position: Int64,
        size: Int64? = nil
    ) async throws(LedgerError) -> (proof: ProofFile, leaf: [UInt8]) {
        do {
            return try await read { db in
                let (note, size) = try Self.anchor(size, db)
                return try Self.proof(of: position, size: size, note, db)
            }
        } catch {
            throw LedgerError(error)
        }
    }

    static func anchor(_ size: Int64?, _ db: Database) throws -> (SignedNote, Int64) {
        let found = try size.map { try note(size: $0, db) } ?? newestNote(db)
        guard let found else {
            let sizes = try String.fetchAll(
                db,
                sql: "SELECT size FROM checkpoint ORDER BY size DESC LIMIT 5"
            )
            throw LedgerError.notFound(
                """
                there is no checkpoint \(size.map { "over \($0) events" } ?? "yet"). \
                \(sizes.isEmpty ? "Make one with 'daybook ledger checkpoint'" : """
                    The newest are over \(sizes.joined(separator: ", ")) events
                    """)
                """
            )
        }
        return (found, Int64(try Checkpoint(text: found.text).size))
    }

    static func proof(
        of position: Int64,
        size: Int64,
        _ note: SignedNote,
        _ db: Database
    ) throws -> (proof: ProofFile, leaf: [UInt8]) {
        let leaf = try Data.fetchOne(
            db.cachedStatement(sql: "SELECT leaf FROM event WHERE position = ?"),
            arguments: [position]
        )
        guard position >= 1, position <= size, let leaf else {
            throw LedgerError.notFound(
                """
                event \(position) is not among the \(size) events of the checkpoint. Name a \
                position from 1 to \(size), or make a newer checkpoint with 'daybook ledger \
                checkpoint'
                """
            )
        }
        let path = try MerkleProof.inclusion(
            index: UInt64(position - 1),
            size: UInt64(size)
        ) { try LedgerTables.node($0, db) }
        let proof = ProofFile(index: UInt64(position - 1), path: path, checkpoint: note)
        return (proof, Array(leaf))
    }

    /// Proves that the newest checkpoint continues an older one.
    ///
    /// - Parameter size: The size of the older one, from whoever kept it.
    /// - Returns: The proof.
    /// - Throws: ``LedgerError/notFound(_:)`` for a size beyond the newest checkpoint;
    ///   ``LedgerError``.
    public func consistency(from size: Int64) async throws(LedgerError) -> ConsistencyFile {
        do {
            return try await read { db in
                let (note, newest) = try Self.anchor(nil, db)
                guard size >= 0, size <= newest else {
                    throw LedgerError.notFound(
                        """
                        the newest checkpoint is over \(newest) events, not \(size). If somebody \
                        holds a checkpoint over more events, this ledger was cut short: run \
                        'daybook ledger verify'
                        """
                    )
                }
                let path =
                    size == 0
                    ? []
                    : try MerkleProof.consistency(
                        first: UInt64(size),
                        second: UInt64(newest)
                    ) { try LedgerTables.node($0, db) }
                return ConsistencyFile(oldSize: UInt64(size), path: path, checkpoint: note)
            }
        } catch {
            throw LedgerError(error)
        }
    }

    /// Compares the ledger with a checkpoint that somebody else kept.
    ///
    /// - Parameter note: The checkpoint.
    /// - Returns: What does not fit; empty when the ledger continues it.
    /// - Throws: ``NoteError`` if the ledger did not sign it; ``LedgerError``.
    public func problems(continuing note: SignedNote) async throws -> [String] {
        guard let keeper else { return [] }
        let kept = try keeper.trusted(note).checkpoint
        return try await read { db in
            let size = Int64(kept.size)
            guard size <= (try LedgerTables.position(db)) else {
                return ["the ledger was cut short: a checkpoint is over \(size) events"]
            }
            let root = try LedgerTables.frontier(db, size: size).root
            return root == kept.root
                ? [] : ["the first \(size) events are not those of the checkpoint that was kept"]
        }
    }

    // MARK: Witnesses

    /// Keeps the signatures of witnesses with a checkpoint of ours.
    ///
    /// - Parameters:
    ///   - note: The checkpoint as the witnesses gave it back.
    ///   - witnesses: Their public keys.
    /// - Returns: The checkpoint with all its cosignatures, and how many were new.
    /// - Throws: ``NoteError`` if the ledger or a witness did not sign it;
    ///   ``LedgerError/notFound(_:)`` if it is no checkpoint of this ledger; ``LedgerError``.
    public func addCosignatures(
        of note: SignedNote,
        witnesses: [NoteVerifier]
    ) async throws -> (note: SignedNote, added: Int) {
        guard let keeper else {
            throw LedgerError.notFound("this ledger has no key, and so no checkpoints")
        }
        let trusted = try keeper.trusted(note, witnesses: witnesses)
        let size = Int64(trusted.checkpoint.size)
        let signed = Set(trusted.witnesses.map(\.verifier.keyID))
        let lines = note.signatures.filter { signed.contains($0.keyID) }.map(\.line)
        guard !lines.isEmpty else {
            throw NoteError.unsigned(
                expected: witnesses.map(\.name).joined(separator: "' or '")
            )
        }
        return try await write { transaction in
            guard let own = try Self.note(size: size, transaction.db), own.text == note.text else {
                throw LedgerError.notFound(
                    "this ledger keeps no such checkpoint over \(size) events"
                )
            }
            let before = transaction.db.totalChangesCount
            for line in lines {
                try transaction.db.execute(
                    sql: "INSERT OR IGNORE INTO cosignature (size, line) VALUES (?, ?)",
                    arguments: [size, line]
                )
            }
            let added = transaction.db.totalChangesCount - before
            return (try Self.note(size: size, transaction.db) ?? own, added)
        }
    }
}
