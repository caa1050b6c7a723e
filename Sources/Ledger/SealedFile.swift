import Crypto
import Foundation

/// A secret beside the ledger: one small file, sealed with the ledger's key.
///
/// For secrets that change while the program runs, such as a refresh token that the org rotates.
/// They are not in the ledger itself, because what is in there can never be removed.
///
/// The file is readable by this user alone, and worth nothing without the key. It is replaced as a
/// whole: a crash leaves the old secret or the new one.
public struct SealedFile: Sendable {
    /// Where the file is.
    public let path: String
    private let key: LedgerKey
    private let purpose: String
    private let random: @Sendable (Int) -> [UInt8]

    /// The first bytes of every file: what it is, and the version of its form.
    private static let magic = Array("daybook sealed v1\n".utf8)

    /// Names a file; nothing is read or written yet.
    ///
    /// - Parameters:
    ///   - path: Where the file is.
    ///   - key: The key of the ledger.
    ///   - purpose: What the secret is; a file that was sealed for another purpose does not open.
    ///   - random: Gives so many random bytes.
    public init(
        path: String,
        key: LedgerKey,
        purpose: String,
        random: @escaping @Sendable (Int) -> [UInt8]
    ) {
        (self.path, self.key, self.purpose, self.random) = (path, key, purpose, random)
    }

    /// The secret, or nil if there is no file.
    ///
    /// - Throws: ``LedgerError/key(reason:)`` if the file was sealed with another key, was changed,
    ///   or cannot be read.
    public func read() throws(LedgerError) -> [UInt8]? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        let bytes: [UInt8]
        do {
            bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        } catch {
            throw .key(
                reason: """
                    '\(path)' cannot be read. Let this user read it, or delete it and log in again \
                    with 'daybook org connect'
                    """
            )
        }
        do {
            guard bytes.starts(with: Self.magic) else { throw CryptoKitError.authenticationFailure }
            return try key.open(Array(bytes.dropFirst(Self.magic.count)), purpose: purpose)
        } catch {
            throw .key(
                reason: """
                    '\(path)' was sealed with another key, or was changed. Bring the ledger's key \
                    back; if it is lost, delete the file and log in again
                    """
            )
        }
    }

    /// Replaces the secret.
    ///
    /// When this returns, the new one is on disk; when it throws, the old one still is.
    ///
    /// - Parameter secret: The secret.
    /// - Throws: ``LedgerError/unwritable(reason:)``.
    public func write(_ secret: [UInt8]) throws(LedgerError) {
        // A name of its own, because another process may replace the secret at the same time.
        let new = "\(path).\(random(8).map { String($0, radix: 16) }.joined()).new"
        do {
            let sealed = try key.seal(secret, purpose: purpose, nonce: random(12))
            let isMade = FileManager.default.createFile(
                atPath: new,
                contents: nil,
                attributes: [.posixPermissions: 0o600]
            )
            guard isMade else { throw CocoaError(.fileWriteUnknown) }
            let file = try FileHandle(forWritingTo: URL(fileURLWithPath: new))
            try file.write(contentsOf: Data(Self.magic + sealed))
            // On disk before the name moves: after a power cut the name must not show an empty file.
            try file.synchronize()
            try file.close()
            guard rename(new, path) == 0 else { throw CocoaError(.fileWriteUnknown) }
        } catch {
            throw .unwritable(reason: "'\(path)' cannot be written")
        }
    }

    /// Removes the file, if there is one.
    ///
    /// - Throws: ``LedgerError/unwritable(reason:)``.
    public func remove() throws(LedgerError) {
        guard FileManager.default.fileExists(atPath: path) else { return }
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            throw .unwritable(reason: "'\(path)' cannot be removed")
        }
    }
}
