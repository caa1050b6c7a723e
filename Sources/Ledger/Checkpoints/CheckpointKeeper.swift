import Foundation
import GRDB

/// What a ledger knows from outside its file: the key it signs with, and how far it had come.
///
/// Nobody who has the database alone can make a checkpoint, and a database that was exchanged for
/// an older copy does not fit what is remembered here.
///
/// Source: `facts/ledger-and-reconciliation.md` 4.8, rules 6, 7 and 13.
public struct CheckpointKeeper: Sendable {
    /// Signs checkpoints; its name is the origin of the ledger.
    public let signer: NoteSigner
    /// Keys of the same name that sign every checkpoint, too, until they are retired.
    public let alongside: [NoteSigner]
    /// The public keys that signed earlier: retired ones, and those of the names that the ledger had
    /// before it went on from a restored copy.
    public let earlier: [NoteVerifier]
    /// The file beside the database that holds the newest checkpoint.
    public let memory: String
    /// The file beside the database that holds the erased people, by surrogate.
    public let fences: String

    /// Creates a keeper.
    ///
    /// - Parameters:
    ///   - signer: The key of the ledger.
    ///   - alongside: Further keys of the same name that sign, too, until they are retired.
    ///   - earlier: The public keys of retired keys and of earlier names.
    ///   - path: The file of the ledger; what is remembered goes beside it.
    public init(
        signer: NoteSigner,
        alongside: [NoteSigner] = [],
        earlier: [NoteVerifier] = [],
        path: String
    ) {
        (self.signer, self.alongside, self.earlier) = (signer, alongside, earlier)
        memory = Self.memory(of: path)
        fences = Self.fences(of: path)
    }

    /// Where the newest checkpoint of a ledger is kept.
    ///
    /// - Parameter path: The file of the ledger.
    /// - Returns: The path.
    public static func memory(of path: String) -> String { "\(path).checkpoint" }

    /// Where the erased people of a ledger are kept, by surrogate.
    ///
    /// - Parameter path: The file of the ledger.
    /// - Returns: The path.
    public static func fences(of path: String) -> String { "\(path).erasures" }

    /// All public keys under which the ledger ever signed, the present one first.
    public var verifiers: [NoteVerifier] {
        [signer.verifier] + alongside.map(\.verifier) + earlier
    }

    /// Signs a text with all keys that sign now.
    ///
    /// - Parameter text: Whole lines.
    /// - Returns: The note.
    /// - Throws: ``NoteError``.
    public func signed(_ text: String) throws(NoteError) -> SignedNote {
        var note = try SignedNote(text, signer: signer)
        for key in alongside { try note.merge(SignedNote(text, signer: key)) }
        return note
    }

    /// Checks a checkpoint with whichever of the ledger's keys fits its origin.
    ///
    /// - Parameters:
    ///   - note: The checkpoint.
    ///   - witnesses: The public keys of witnesses that count.
    /// - Returns: The checkpoint.
    /// - Throws: ``NoteError``.
    public func trusted(
        _ note: SignedNote,
        witnesses: [NoteVerifier] = []
    ) throws(NoteError) -> TrustedCheckpoint {
        let origin = try Checkpoint(text: note.text).origin
        let key = verifiers.first { key in
            key.name == origin && note.signatures.contains { $0.keyID == key.keyID }
        }
        let log = key ?? signer.verifier
        return try TrustedCheckpoint(
            note,
            log: log,
            besides: verifiers.filter { $0.name == origin && $0 != log },
            witnesses: witnesses
        )
    }

    /// The newest checkpoint that is remembered outside the database; nil if none is.
    ///
    /// - Throws: ``NoteError`` or ``LedgerError``.
    public func remembered() throws -> TrustedCheckpoint? {
        guard let text = try DurableFile.read(memory) else { return nil }
        return try trusted(SignedNote(parsing: text))
    }
}

/// Why a ledger does not go on by itself: its file is not the one that it was.
public struct SetBack: Hashable, Sendable, CustomStringConvertible {
    /// What does not fit, and which.
    public let reason: String
    /// The checkpoint that the file does not continue; nil if it cannot be read.
    public let remembered: Checkpoint?

    /// What does not fit, and which.
    public var description: String { reason }

    /// Compares a file with what is remembered outside of it.
    ///
    /// - Returns: What does not fit; nil when the file continues what is remembered.
    static func found(_ keeper: CheckpointKeeper, _ db: Database) throws -> SetBack? {
        // What is remembered is read before the position: meanwhile both can only grow.
        let remembered: Checkpoint
        do {
            guard let trusted = try keeper.remembered() else { return nil }
            remembered = trusted.checkpoint
        } catch let error as NoteError {
            return SetBack(
                reason: "'\(keeper.memory)' holds no checkpoint of this ledger. \(error)",
                remembered: nil
            )
        }
        let position = try LedgerTables.position(db)
        guard Int64(remembered.size) <= position else {
            return SetBack(
                reason: """
                    it ends at event \(position), and '\(keeper.memory)' remembers \
                    \(remembered.size) events. The file is an older copy
                    """,
                remembered: remembered
            )
        }
        guard try root(size: Int64(remembered.size), db) != remembered.root else { return nil }
        return SetBack(
            reason: """
                its first \(remembered.size) events are not those that '\(keeper.memory)' \
                remembers. The file was exchanged or rewritten
                """,
            remembered: remembered
        )
    }

    private static func root(size: Int64, _ db: Database) throws -> TreeHash? {
        do {
            return try LedgerTables.frontier(db, size: size).root
        } catch is LedgerError {
            // A node is missing: the tree is not what was signed.
            return nil
        }
    }
}
