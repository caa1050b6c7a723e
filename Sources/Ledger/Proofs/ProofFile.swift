import Foundation

/// The proof that one event is in a ledger: a `.tlog-proof` file.
///
/// It verifies with nothing but the event's bytes and the ledger's public key.
///
/// Source: the C2SP specification *tlog-proof*; `facts/ledger-and-reconciliation.md` 4.6.
public struct ProofFile: Hashable, Sendable {
    /// The place of the event, counted from 0.
    public var index: UInt64
    /// The hashes beside the way from the event to the root, leaf side first.
    public var path: [TreeHash]
    /// The checkpoint, with its signatures.
    public var checkpoint: SignedNote
    /// Anything else that travels along; not authenticated.
    public var extra: [UInt8]?

    private static let heading = "c2sp.org/tlog-proof@v1"

    /// Creates a proof.
    public init(index: UInt64, path: [TreeHash], checkpoint: SignedNote) {
        (self.index, self.path, self.checkpoint) = (index, path, checkpoint)
    }

    /// Reads a file.
    ///
    /// - Throws: ``NoteError/malformed(_:)``.
    public init(parsing text: String) throws(NoteError) {
        var (lines, checkpoint) = try Self.parts(of: text)
        guard lines.popFirst() == Self.heading[...] else {
            throw .malformed("its first line is not '\(Self.heading)'")
        }
        if let line = lines.first, line.hasPrefix("extra ") {
            guard let bytes = [UInt8](base64: line.dropFirst(6)) else {
                throw .malformed("its extra line is no base64")
            }
            extra = Array(bytes)
            lines.removeFirst()
        }
        guard let line = lines.popFirst(), line.hasPrefix("index "),
            let index = Checkpoint.size(line.dropFirst(6))
        else { throw .malformed("the index is missing") }
        self.index = index
        path = try Self.hashes(lines)
        self.checkpoint = checkpoint
    }

    /// The lines of a proof, and the checkpoint below them.
    static func parts(
        of text: String
    ) throws(NoteError) -> (lines: ArraySlice<Substring>, checkpoint: SignedNote) {
        guard let gap = text.range(of: "\n\n") else {
            throw .malformed("proof and checkpoint are not parted by an empty line")
        }
        let lines = text[..<gap.lowerBound].split(
            separator: "\n",
            omittingEmptySubsequences: false
        )
        return (lines[...], try SignedNote(parsing: String(text[gap.upperBound...])))
    }

    /// Reads hashes, one in each line.
    static func hashes(_ lines: some Collection<Substring>) throws(NoteError) -> [TreeHash] {
        guard lines.count <= MerkleProof.longest else {
            throw .malformed("no proof has \(lines.count) hashes")
        }
        var hashes: [TreeHash] = []
        for line in lines {
            guard let bytes = [UInt8](base64: line), let hash = TreeHash(bytes: bytes)
            else { throw .malformed("a hash is not 32 bytes in base64") }
            hashes.append(hash)
        }
        return hashes
    }

    /// The file.
    public var text: String {
        let lines =
            [Self.heading] + (extra.map { ["extra \(Data($0).base64EncodedString())"] } ?? [])
            + ["index \(index)"] + path.map { Data($0.bytes).base64EncodedString() }
        return lines.map { "\($0)\n" }.joined() + "\n" + checkpoint.whole
    }

    /// Checks that an event is in the ledger.
    ///
    /// - Parameters:
    ///   - leaf: The event's bytes, as the ledger hashes them.
    ///   - log: The public key of the ledger.
    ///   - witnesses: The public keys of witnesses that count.
    /// - Returns: The checkpoint that the event is proven to be part of.
    /// - Throws: ``NoteError``.
    public func verify(
        leaf: some Sequence<UInt8>,
        log: NoteVerifier,
        witnesses: [NoteVerifier] = []
    ) throws(NoteError) -> TrustedCheckpoint {
        let trusted = try TrustedCheckpoint(checkpoint, log: log, witnesses: witnesses)
        let holds = MerkleProof.verifyInclusion(
            leaf: .leaf(leaf),
            index: index,
            size: trusted.checkpoint.size,
            proof: path,
            root: trusted.checkpoint.root
        )
        guard holds else {
            throw .badProof("event \(index + 1) is not part of the signed tree")
        }
        return trusted
    }
}
