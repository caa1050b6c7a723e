import Foundation

/// The proof that a ledger at one checkpoint is the beginning of the ledger at a later one.
///
/// The text has the form of a witness's `add-checkpoint` request:
/// `facts/ledger-and-reconciliation.md` 4.6.
public struct ConsistencyFile: Hashable, Sendable {
    /// How many events the older checkpoint has.
    public var oldSize: UInt64
    /// The hashes, in the order of RFC 6962.
    public var path: [TreeHash]
    /// The newer checkpoint, with its signatures.
    public var checkpoint: SignedNote

    /// Creates a proof.
    public init(oldSize: UInt64, path: [TreeHash], checkpoint: SignedNote) {
        (self.oldSize, self.path, self.checkpoint) = (oldSize, path, checkpoint)
    }

    /// Reads a file.
    ///
    /// - Throws: ``NoteError/malformed(_:)``.
    public init(parsing text: String) throws(NoteError) {
        var (lines, checkpoint) = try ProofFile.parts(of: text)
        guard let line = lines.popFirst(), line.hasPrefix("old "),
            let size = Checkpoint.size(line.dropFirst(4))
        else { throw .malformed("its first line is not 'old SIZE'") }
        oldSize = size
        path = try ProofFile.hashes(lines)
        self.checkpoint = checkpoint
    }

    /// The file.
    public var text: String {
        (["old \(oldSize)"] + path.map { Data($0.bytes).base64EncodedString() })
            .map { "\($0)\n" }.joined() + "\n" + checkpoint.whole
    }

    /// Checks that nothing before the older checkpoint was changed up to the newer one.
    ///
    /// - Parameters:
    ///   - old: The older checkpoint, from whoever kept it.
    ///   - log: The public key of the ledger.
    /// - Returns: The newer checkpoint.
    /// - Throws: ``NoteError``.
    public func verify(
        old: TrustedCheckpoint,
        log: NoteVerifier
    ) throws(NoteError) -> TrustedCheckpoint {
        let new = try TrustedCheckpoint(checkpoint, log: log)
        guard old.checkpoint.origin == log.name else {
            throw .otherOrigin(expected: log.name, found: old.checkpoint.origin)
        }
        guard old.checkpoint.size == oldSize else {
            throw .badProof(
                "it begins at \(oldSize) events, and the older checkpoint has \(old.checkpoint.size)"
            )
        }
        // An empty ledger is the beginning of every other.
        if oldSize == 0, path.isEmpty, old.checkpoint.root == .emptyRoot { return new }
        let holds = MerkleProof.verifyConsistency(
            first: oldSize,
            second: new.checkpoint.size,
            proof: path,
            firstRoot: old.checkpoint.root,
            secondRoot: new.checkpoint.root
        )
        guard holds else {
            throw .badProof("the newer ledger does not begin with the older one")
        }
        return new
    }
}
