import Domain
import Foundation
import Ledger
import Salesforce

/// The refresh token between runs: sealed with the ledger's key, in a file beside the ledger.
///
/// | Kept | In the environment | Used |
/// | --- | --- | --- |
/// | nothing | a token | the one in the environment |
/// | a token | nothing | the kept one |
/// | a token | the same as when it was kept | the kept one: it took the other's place |
/// | a token | another than when it was kept | the one in the environment: it is newer |
struct StoredLogIn: RefreshTokenStore {
    private let file: SealedFile
    private let configured: String?
    private let fingerprint: String?
    /// Where version 0.1 kept a rotated token in the clear.
    private let plainPath: String

    /// Names the store of a ledger.
    ///
    /// - Parameters:
    ///   - ledger: The ledger's path.
    ///   - key: The ledger's key.
    ///   - configured: The token in the environment, if there is one.
    ///   - random: Gives so many random bytes.
    init(
        ledger: String,
        key: LedgerKey,
        configured: String?,
        random: @escaping @Sendable (Int) -> [UInt8]
    ) {
        file = SealedFile(
            path: "\(ledger).log-in",
            key: key,
            purpose: "salesforce refresh token v1",
            random: random
        )
        self.configured = configured
        // A keyed digest: it tells whether the token changed, and nothing of the token.
        fingerprint = configured.map { token in
            key.blind("refresh token \(token)").map { String($0, radix: 16) }.joined(separator: ".")
        }
        plainPath = "\(ledger).refresh-token"
    }

    /// Where the token is kept.
    var path: String { file.path }

    /// Whether a log-in is kept.
    var isKept: Bool { FileManager.default.fileExists(atPath: path) }

    func token() throws -> String? {
        try adoptPlainFile()
        guard let bytes = try file.read() else { return configured }
        let kept = try JSON(parsing: bytes)
        let isNewer = fingerprint != nil && kept["configured"]?.string != fingerprint
        return isNewer ? configured : kept["token"]?.string
    }

    func keep(_ token: String) throws {
        let form = JSON.compact([
            ("token", .string(token)), ("configured", fingerprint.map(JSON.string)),
        ])
        try file.write(form.bytes)
    }

    /// Forgets the log-in; the one in the environment is not ours to forget.
    func forget() throws { try file.remove() }

    private func adoptPlainFile() throws {
        guard !isKept, FileManager.default.fileExists(atPath: plainPath) else { return }
        try keep(String(contentsOfFile: plainPath, encoding: .utf8).trimmingWhitespace())
        try FileManager.default.removeItem(atPath: plainPath)
    }
}
