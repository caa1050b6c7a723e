import Crypto
import Foundation

/// The key that protects all other keys of a ledger.
///
/// Kept outside the ledger's file.
public struct LedgerKey: Sendable {
    let wrapping: SymmetricKey
    /// With the key taken in, which takes longer than most texts.
    private let blinding: HMAC<SHA256>

    /// Derives the working keys from 32 secret bytes; nil for any other number.
    public init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        let root = SymmetricKey(data: bytes)
        wrapping = Self.derive(root, "daybook wrap v1")
        blinding = HMAC(key: Self.derive(root, "daybook blind index v1"))
    }

    private static func derive(_ root: SymmetricKey, _ purpose: String) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: root,
            info: Array(purpose.utf8),
            outputByteCount: 32
        )
    }

    /// Tells, without giving the key away, whether a ledger belongs to it.
    var check: [UInt8] { blind("daybook key check") }

    /// A text as it may stand in an index: equal texts give equal bytes, and without the key
    /// nobody can try texts out.
    public func blind(_ text: String) -> [UInt8] {
        var blinder = blinder()
        blinder.take(Array(text.utf8))
        return blinder.result
    }

    /// ``blind(_:)`` of a text that comes piece by piece.
    public func blinder() -> Blinder { Blinder(hmac: blinding) }

    /// Takes a text piece by piece.
    public struct Blinder {
        fileprivate var hmac: HMAC<SHA256>

        /// Takes the next piece.
        public mutating func take(_ piece: [UInt8]) { hmac.update(data: piece) }

        /// What ``LedgerKey/blind(_:)`` gives for the whole text.
        public var result: [UInt8] { Array(hmac.finalize()) }
    }
}

/// A sealed part as it is stored.
struct SealedBody {
    var nonce: [UInt8]
    /// Ciphertext followed by the tag of 16 bytes.
    var ciphertext: [UInt8]

    var hash: [UInt8] { Self.hash(nonce: nonce, ciphertext: ciphertext) }

    static func hash(nonce: some ContiguousBytes, ciphertext: some ContiguousBytes) -> [UInt8] {
        var hasher = SHA256()
        nonce.withUnsafeBytes { hasher.update(bufferPointer: $0) }
        ciphertext.withUnsafeBytes { hasher.update(bufferPointer: $0) }
        return Array(hasher.finalize())
    }
}

/// One key of one person.
struct SubjectKey {
    let subject: String
    let revision: Int
    let key: SymmetricKey
    let fingerprint: [UInt8]

    init(subject: String, revision: Int, bytes: [UInt8]) {
        (self.subject, self.revision) = (subject, revision)
        key = SymmetricKey(data: bytes)
        fingerprint = Array(SHA256.hash(data: Array("key-v1".utf8) + bytes))
    }

    /// Binds a ciphertext to its place, so that it cannot be moved to another.
    private func associatedData(event: EventID, part: String) -> [UInt8] {
        var bytes = event.bytes
        bytes.reserveCapacity(bytes.count + part.utf8.count + subject.utf8.count + 22)
        bytes.append(contentsOf: part.utf8)
        bytes.append(0)
        bytes.append(contentsOf: subject.utf8)
        bytes.append(0)
        bytes.append(contentsOf: String(revision).utf8)
        return bytes
    }

    func seal(
        _ content: [UInt8],
        event: EventID,
        part: String,
        nonce: [UInt8]
    ) throws -> SealedBody {
        let box = try AES.GCM.seal(
            content,
            using: key,
            nonce: AES.GCM.Nonce(data: nonce),
            authenticating: associatedData(event: event, part: part)
        )
        return SealedBody(nonce: nonce, ciphertext: box.ciphertextAndTag)
    }

    func open(_ body: SealedBody, event: EventID, part: String) throws -> [UInt8] {
        Array(try open(box: Data(body.nonce + body.ciphertext), event: event, part: part))
    }

    /// Opens nonce, ciphertext and tag in one.
    func open(box: Data, event: EventID, part: String) throws -> Data {
        try AES.GCM.open(
            AES.GCM.SealedBox(combined: box),
            using: key,
            authenticating: associatedData(event: event, part: part)
        )
    }
}

extension LedgerKey {
    /// Protects other bytes of the ledger, such as keys or raw deliveries.
    ///
    /// - Parameters:
    ///   - bytes: What to protect.
    ///   - purpose: Binds the result to its place; opening takes the same text.
    ///   - nonce: Twelve bytes that were never used with this key.
    /// - Returns: Nonce, ciphertext and tag.
    /// - Throws: An error of the cryptography library for a nonce of another length.
    public func seal(_ bytes: [UInt8], purpose: String, nonce: [UInt8]) throws -> [UInt8] {
        let box = try AES.GCM.seal(
            bytes,
            using: wrapping,
            nonce: AES.GCM.Nonce(data: nonce),
            authenticating: Array(purpose.utf8)
        )
        return nonce + box.ciphertextAndTag
    }

    /// Opens what ``seal(_:purpose:nonce:)`` returned.
    ///
    /// - Parameters:
    ///   - bytes: Nonce, ciphertext and tag.
    ///   - purpose: The text it was sealed with.
    /// - Returns: The bytes that were sealed.
    /// - Throws: An error of the cryptography library if a byte changed, or the key or the
    ///   purpose is another.
    public func open(_ bytes: [UInt8], purpose: String) throws -> [UInt8] {
        let box = try AES.GCM.SealedBox(combined: bytes)
        return Array(try AES.GCM.open(box, using: wrapping, authenticating: Array(purpose.utf8)))
    }
}

extension AES.GCM.SealedBox {
    /// As they are stored: one after the other, without the nonce.
    fileprivate var ciphertextAndTag: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(ciphertext.count + tag.count)
        bytes.append(contentsOf: ciphertext)
        bytes.append(contentsOf: tag)
        return bytes
    }
}
