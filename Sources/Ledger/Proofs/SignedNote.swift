import Foundation

/// Why a note, a checkpoint or a proof is not accepted.
public enum NoteError: Error, Hashable {
    /// A key cannot be used.
    case badKey(String)
    /// The text is not in the form that the specification asks for.
    case malformed(String)
    /// A key that we know is said to have signed, and did not.
    case badSignature(by: String)
    /// None of the signatures is of a key that we know.
    case unsigned(expected: String)
    /// The checkpoint is of another log.
    case otherOrigin(expected: String, found: String)
    /// Fewer witnesses saw the checkpoint than the policy asks for; these did.
    case tooFewWitnesses([String])
    /// The hashes do not lead to the root that was signed.
    case badProof(String)
}

extension NoteError: CustomStringConvertible {
    /// What is wrong, and what to do.
    public var description: String {
        switch self {
        case .badKey(let reason):
            "The key cannot be used: \(reason). Copy it again, as one line."
        case .malformed(let reason):
            "The file is not what it should be: \(reason). Fetch it again, unchanged."
        case .badSignature(let name):
            """
            The signature of '\(name)' does not fit the text: one of them was changed. Trust \
            neither; ask whoever sent it for the original.
            """
        case .unsigned(let expected):
            """
            It has no signature of '\(expected)'. Check that the public key belongs to this \
            ledger.
            """
        case .otherOrigin(let expected, let found):
            "It is about the ledger '\(found)', not '\(expected)'. Take the one of this ledger."
        case .tooFewWitnesses(let names):
            """
            Too few witnesses saw the checkpoint for the policy: \
            \(names.isEmpty ? "none" : names.joined(separator: ", ")). Ask for a copy with more \
            cosignatures.
            """
        case .badProof(let reason):
            "The proof does not hold: \(reason). What it is about was changed, or the proof was."
        }
    }
}

/// A signature under a note.
public struct NoteSignature: Hashable, Sendable {
    /// Who is said to have signed.
    public var name: String
    /// Which of that signer's keys.
    public var keyID: [UInt8]
    /// The signature, or whatever the kind of key puts there.
    public var payload: [UInt8]

    /// The line under the note, with its end.
    var line: String { "— \(name) \(Data(keyID + payload).base64EncodedString())\n" }
}

/// A text with signatures.
///
/// Source: the C2SP specification *signed-note*; `facts/ledger-and-reconciliation.md` 4.5.
public struct SignedNote: Hashable, Sendable {
    /// What was signed, with the newline at its end.
    public let text: String
    /// Who signed, in order.
    public private(set) var signatures: [NoteSignature]

    /// More signatures than this are not read.
    static let mostSignatures = 100

    /// Signs a text.
    ///
    /// - Parameters:
    ///   - text: Lines, the last one with its newline.
    ///   - signer: A key for notes.
    /// - Throws: ``NoteError``.
    public init(_ text: String, signer: NoteSigner) throws(NoteError) {
        guard text.hasSuffix("\n"), !Self.hasControls(text) else {
            throw .malformed("a note's text is whole lines without control characters")
        }
        self.text = text
        let payload = try signer.sign(Array(text.utf8))
        signatures = [
            NoteSignature(
                name: signer.verifier.name,
                keyID: signer.verifier.keyID,
                payload: payload
            )
        ]
    }

    /// Reads a note without judging its signatures.
    ///
    /// - Throws: ``NoteError/malformed(_:)``.
    public init(parsing whole: String) throws(NoteError) {
        guard !Self.hasControls(whole) else { throw .malformed("it has control characters") }
        guard whole.hasSuffix("\n"),
            let gap = whole.range(of: "\n\n", options: .backwards)
        else { throw .malformed("text and signatures are not parted by an empty line") }
        text = String(whole[..<whole.index(after: gap.lowerBound)])
        let lines = whole[gap.upperBound...].dropLast()
            .split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count <= Self.mostSignatures else { throw .malformed("too many signatures") }
        var signatures: [NoteSignature] = []
        for line in lines { signatures.append(try Self.signature(line)) }
        self.signatures = signatures
    }

    /// The note as it is written to a file.
    public var whole: String { text + "\n" + signatures.map(\.line).joined() }

    private static func hasControls(_ text: String) -> Bool {
        text.utf8.contains { $0 < 0x20 && $0 != 0x0A }
    }

    private static func signature(_ line: Substring) throws(NoteError) -> NoteSignature {
        let parts = line.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "—", NoteVerifier.isName(parts[1]),
            let bytes = [UInt8](base64: parts[2]), bytes.count > 4
        else { throw .malformed("a signature line is not '— name base64'") }
        return NoteSignature(
            name: String(parts[1]),
            keyID: Array(bytes.prefix(4)),
            payload: Array(bytes.dropFirst(4))
        )
    }

    /// A signature that was checked.
    public struct Verified: Hashable, Sendable {
        /// Whose key it is.
        public var verifier: NoteVerifier
        /// When a witness saw the note, by its own clock in seconds since 1970; nil for other keys.
        public var seen: UInt64?
    }

    /// Checks every signature by a known key.
    ///
    /// Signatures of other keys are passed over.
    ///
    /// - Parameter known: The keys that count.
    /// - Returns: What was signed by them, in order; empty if nothing was.
    /// - Throws: ``NoteError/badSignature(by:)`` as soon as one of them did not sign this text.
    public func verified(by known: [NoteVerifier]) throws(NoteError) -> [Verified] {
        var verified: [Verified] = []
        for signature in signatures {
            let key = known.first { $0.name == signature.name && $0.keyID == signature.keyID }
            guard let key else { continue }
            guard let result = check(signature, by: key) else {
                throw .badSignature(by: key.name)
            }
            verified.append(result)
        }
        return verified
    }

    private func check(_ signature: NoteSignature, by key: NoteVerifier) -> Verified? {
        switch key.purpose {
        case .note:
            let isGood = key.verifies(signature.payload, of: Array(text.utf8))
            return isGood ? Verified(verifier: key, seen: nil) : nil
        case .cosignature:
            guard signature.payload.count == 72 else { return nil }
            let seen = signature.payload.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            let message = Self.cosigned(text, at: seen)
            let isGood = key.verifies(signature.payload.dropFirst(8), of: message)
            return isGood ? Verified(verifier: key, seen: seen) : nil
        }
    }

    /// What a witness signs.
    private static func cosigned(_ text: String, at seconds: UInt64) -> [UInt8] {
        Array("cosignature/v1\ntime \(seconds)\n\(text)".utf8)
    }

    /// Adds the signature of a witness, made now.
    ///
    /// - Parameters:
    ///   - signer: A key for cosignatures.
    ///   - seconds: The time: seconds since 1970.
    /// - Throws: ``NoteError/badKey(_:)``.
    public mutating func cosign(_ signer: NoteSigner, at seconds: UInt64) throws(NoteError) {
        guard signer.verifier.purpose == .cosignature else {
            throw .badKey("a witness signs with a key of type 4")
        }
        let time = (0..<8).map { UInt8(truncatingIfNeeded: seconds >> (56 - 8 * $0)) }
        let payload = try time + signer.sign(Self.cosigned(text, at: seconds))
        add([
            NoteSignature(
                name: signer.verifier.name,
                keyID: signer.verifier.keyID,
                payload: payload
            )
        ])
    }

    /// Takes over signatures of another copy of the same text; those that are there stay first.
    ///
    /// - Throws: ``NoteError/malformed(_:)`` if the texts differ.
    public mutating func merge(_ other: SignedNote) throws(NoteError) {
        guard other.text == text else { throw .malformed("the signatures are for another text") }
        add(other.signatures)
    }

    private mutating func add(_ more: [NoteSignature]) {
        signatures += more.filter { !signatures.contains($0) }
    }
}
