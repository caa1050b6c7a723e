import Foundation

/// What a log says of itself at some size; signed, it cannot be taken back.
///
/// Source: the C2SP specification *tlog-checkpoint*; `facts/ledger-and-reconciliation.md` 4.6.
public struct Checkpoint: Hashable, Sendable {
    /// The name of the log.
    public var origin: String
    /// How many events it had.
    public var size: UInt64
    /// The root of the tree over them.
    public var root: TreeHash
    /// Further lines, which mean nothing here.
    public var extensions: [String] = []

    /// Creates a checkpoint.
    public init(origin: String, size: UInt64, root: TreeHash) {
        (self.origin, self.size, self.root) = (origin, size, root)
    }

    /// Reads the text of a note.
    ///
    /// - Throws: ``NoteError/malformed(_:)``.
    public init(text: String) throws(NoteError) {
        guard text.hasSuffix("\n") else { throw .malformed("a checkpoint is whole lines") }
        let lines = text.dropLast().split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 3, !lines.contains("") else {
            throw .malformed("a checkpoint is origin, size and root, each on a line")
        }
        guard let size = Self.size(lines[1]) else {
            throw .malformed("'\(lines[1].prefix(20))' is no tree size")
        }
        guard let bytes = [UInt8](base64: lines[2]), let root = TreeHash(bytes: bytes)
        else { throw .malformed("the root is not 32 bytes in base64") }
        self.init(origin: String(lines[0]), size: size, root: root)
        extensions = lines.dropFirst(3).map(String.init)
    }

    /// A decimal number below 2⁶³ without leading zeros.
    static func size(_ text: some StringProtocol) -> UInt64? {
        let isPlain = text.utf8.allSatisfy { (0x30...0x39).contains($0) }
        guard isPlain, text == "0" || !text.hasPrefix("0"), let number = UInt64(text),
            number < 1 << 63
        else { return nil }
        return number
    }

    /// The text that is signed.
    public var text: String {
        ([origin, String(size), Data(root.bytes).base64EncodedString()] + extensions)
            .map { "\($0)\n" }.joined()
    }

    /// Signs the checkpoint.
    ///
    /// Call it only for what is durable, and never for two trees of which one is not the
    /// beginning of the other.
    ///
    /// - Throws: ``NoteError``; among others for a key of another name than the origin.
    public func signed(by signer: NoteSigner) throws(NoteError) -> SignedNote {
        guard signer.verifier.name == origin else {
            throw .otherOrigin(expected: signer.verifier.name, found: origin)
        }
        return try SignedNote(text, signer: signer)
    }
}

/// A checkpoint whose signature was checked: the only one to take a size and a root from.
public struct TrustedCheckpoint: Hashable, Sendable {
    /// What was signed.
    public let checkpoint: Checkpoint
    /// The note it came with.
    public let note: SignedNote
    /// The keys of the log that signed.
    public let keys: [NoteVerifier]
    /// The witnesses whose signature was checked.
    public let witnesses: [SignedNote.Verified]

    /// Checks a signed checkpoint.
    ///
    /// - Parameters:
    ///   - note: The checkpoint, as it was published.
    ///   - log: The public key of the log; it has to have signed.
    ///   - others: Further keys of the log, which may have signed, too.
    ///   - witnesses: The public keys of witnesses that count.
    /// - Throws: ``NoteError``; also if a known key is named and did not sign.
    public init(
        _ note: SignedNote,
        log: NoteVerifier,
        besides others: [NoteVerifier] = [],
        witnesses: [NoteVerifier] = []
    ) throws(NoteError) {
        checkpoint = try Checkpoint(text: note.text)
        guard checkpoint.origin == log.name else {
            throw .otherOrigin(expected: log.name, found: checkpoint.origin)
        }
        let verified = try note.verified(by: [log] + others + witnesses)
        guard verified.contains(where: { $0.verifier == log }) else {
            throw .unsigned(expected: log.name)
        }
        self.note = note
        let own = Set([log] + others)
        keys = verified.map(\.verifier).filter(own.contains)
        self.witnesses = verified.filter { !own.contains($0.verifier) }
    }
}
