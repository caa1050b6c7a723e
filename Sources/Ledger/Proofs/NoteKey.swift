import Crypto
import Foundation

/// A public key that verifies signed notes.
///
/// Its text form is `name+keyid+base64`, as the C2SP specification *signed-note* has it.
public struct NoteVerifier: Hashable, Sendable {
    /// What a key signs.
    public enum Purpose: UInt8, Hashable, Sendable {
        /// The text of a note: Ed25519.
        case note = 0x01
        /// A checkpoint that was seen at some time: the cosignature of a witness.
        case cosignature = 0x04
    }

    /// Who signs; for the key of a log the same as the origin of its checkpoints.
    public let name: String
    /// What the key signs.
    public let purpose: Purpose
    /// The Ed25519 public key: 32 bytes.
    public let publicKey: [UInt8]

    /// Combines a name and a public key.
    ///
    /// - Throws: ``NoteError/badKey(_:)`` for a name that no note may have, or another length.
    public init(name: String, purpose: Purpose, publicKey: [UInt8]) throws(NoteError) {
        guard Self.isName(name) else {
            throw .badKey("a key's name is not empty and has neither spaces nor '+'")
        }
        guard publicKey.count == 32 else { throw .badKey("an Ed25519 key has 32 bytes") }
        (self.name, self.purpose, self.publicKey) = (name, purpose, publicKey)
    }

    /// Reads the text form.
    ///
    /// - Throws: ``NoteError/badKey(_:)``.
    public init(text: String) throws(NoteError) {
        let (name, keyID, type, bytes) = try KeyText.parts(of: text)
        guard let purpose = Purpose(rawValue: type) else {
            throw .badKey("keys of type \(type) are not known here; 1 and 4 are")
        }
        try self.init(name: name, purpose: purpose, publicKey: bytes)
        guard self.keyID == keyID else { throw .badKey("its id does not belong to the key") }
    }

    /// The text form, safe to publish.
    public var text: String {
        "\(name)+\(keyID.hexadecimal)+\(Data([purpose.rawValue] + publicKey).base64EncodedString())"
    }

    /// Four bytes that tell keys of one name apart.
    public var keyID: [UInt8] {
        let bytes = Array(name.utf8) + [0x0A, purpose.rawValue] + publicKey
        return Array(SHA256.hash(data: bytes).prefix(4))
    }

    /// Whether this key made a signature of a message.
    func verifies(_ signature: some Collection<UInt8>, of message: [UInt8]) -> Bool {
        guard signature.count == 64 else { return false }
        do {
            let key = try Curve25519.Signing.PublicKey(rawRepresentation: publicKey)
            return key.isValidSignature(Data(signature), for: message)
        } catch {
            // 32 bytes that are no point of the curve verify nothing.
            return false
        }
    }

    static func isName(_ name: some StringProtocol) -> Bool {
        !name.isEmpty
            && !name.unicodeScalars.contains { $0.properties.isWhitespace || $0 == "+" }
    }
}

/// A private key that signs notes: a secret.
public struct NoteSigner: Sendable {
    /// The public half.
    public let verifier: NoteVerifier
    private let seed: [UInt8]

    /// Makes a key from 32 secret bytes.
    ///
    /// - Throws: ``NoteError/badKey(_:)``.
    public init(
        name: String,
        purpose: NoteVerifier.Purpose = .note,
        seed: [UInt8]
    ) throws(NoteError) {
        do {
            let key = try Curve25519.Signing.PrivateKey(rawRepresentation: seed)
            verifier = try NoteVerifier(
                name: name,
                purpose: purpose,
                publicKey: Array(key.publicKey.rawRepresentation)
            )
        } catch let error as NoteError {
            throw error
        } catch {
            throw .badKey("an Ed25519 seed has 32 bytes")
        }
        self.seed = seed
    }

    /// Reads the text form, `PRIVATE+KEY+name+keyid+base64`.
    ///
    /// - Throws: ``NoteError/badKey(_:)``.
    public init(text: String) throws(NoteError) {
        guard text.hasPrefix(Self.prefix) else {
            throw .badKey("a private key begins with '\(Self.prefix)'")
        }
        let (name, keyID, type, seed) = try KeyText.parts(of: text.dropFirst(Self.prefix.count))
        guard let purpose = NoteVerifier.Purpose(rawValue: type) else {
            throw .badKey("keys of type \(type) are not known here; 1 and 4 are")
        }
        try self.init(name: name, purpose: purpose, seed: seed)
        guard verifier.keyID == keyID else { throw .badKey("its id does not belong to the key") }
    }

    private static let prefix = "PRIVATE+KEY+"

    /// The text form: a secret.
    public var text: String {
        let bytes = Data([verifier.purpose.rawValue] + seed)
        return """
            \(Self.prefix)\(verifier.name)+\(verifier.keyID.hexadecimal)+\
            \(bytes.base64EncodedString())
            """
    }

    /// Signs bytes.
    func sign(_ message: [UInt8]) throws(NoteError) -> [UInt8] {
        do {
            let key = try Curve25519.Signing.PrivateKey(rawRepresentation: seed)
            return Array(try key.signature(for: message))
        } catch {
            throw .badKey("it does not sign")
        }
    }
}

extension NoteSigner: CustomStringConvertible, CustomReflectable {
    /// The public half alone, so that no log shows the secret.
    public var description: String { "signer \(verifier.name)" }

    /// Nothing, so that no dump shows the secret.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// What the text forms of both kinds of keys have in common.
private enum KeyText {
    typealias Parts = (name: String, keyID: [UInt8], type: UInt8, bytes: [UInt8])

    static func parts(of text: some StringProtocol) throws(NoteError) -> Parts {
        // Only the base64 at the end may hold further plus signs.
        let parts = text.trimmingCharacters(in: .newlines)
            .split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let keyID = [UInt8](hexadecimal: parts[1]), keyID.count == 4,
            let bytes = [UInt8](base64: parts[2]), let type = bytes.first
        else { throw .badKey("it is not written as name+keyid+base64") }
        return (String(parts[0]), keyID, type, Array(bytes.dropFirst()))
    }
}

extension [UInt8] {
    /// Reads base64 with padding, in the one spelling that encoding gives.
    ///
    /// Nil for anything else, also for other spellings of the same bytes: a proof that may be
    /// written in two ways cannot be compared.
    init?(base64 text: some StringProtocol) {
        guard let data = Data(base64Encoded: String(text)), data.base64EncodedString() == text
        else {
            return nil
        }
        self = Array(data)
    }

    /// Reads pairs of lower-case hexadecimal digits; nil for anything else.
    init?(hexadecimal text: some StringProtocol) {
        let digits = Array(text.utf8)
        guard digits.count.isMultiple(of: 2) else { return nil }
        self = []
        for place in stride(from: 0, to: digits.count, by: 2) {
            guard let high = Self.digit(digits[place]), let low = Self.digit(digits[place + 1])
            else { return nil }
            append(high << 4 | low)
        }
    }

    private static func digit(_ character: UInt8) -> UInt8? {
        switch character {
        case 0x30...0x39: character - 0x30
        case 0x61...0x66: character - 0x61 + 10
        default: nil
        }
    }
}
