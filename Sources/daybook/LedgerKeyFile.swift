import Domain
import Foundation
import Ledger

/// The ledger's key: from the environment, from the file that is configured, or from the file that
/// is made beside a new ledger.
enum LedgerKeyFile {
    static func load(_ configuration: Configuration) throws -> LedgerKey {
        if let text = try configuration.secret("DAYBOOK_LEDGER_KEY") {
            return try key(from: text, source: "DAYBOOK_LEDGER_KEY")
        }
        let path = configuration.ledgerKeyFile ?? "\(configuration.ledger).key"
        if FileManager.default.fileExists(atPath: path) {
            do {
                return try key(from: String(contentsOfFile: path, encoding: .utf8), source: path)
            } catch is CocoaError {
                throw LedgerError.key(
                    reason: """
                        '\(path)' cannot be read. Let this user read it, or point 'ledgerKey' (or \
                        DAYBOOK_LEDGER_KEY_FILE) at the right file
                        """
                )
            }
        }
        guard !FileManager.default.fileExists(atPath: configuration.ledger) else {
            throw LedgerError.key(
                reason: """
                    there is a ledger at '\(configuration.ledger)' and no key at '\(path)'. Bring the \
                    key back; without it personal data cannot be read
                    """
            )
        }
        return try make(at: path) ?? load(configuration)
    }

    private static func key(from text: String, source: String) throws -> LedgerKey {
        guard let data = Data(base64Encoded: text.trimmingWhitespace()),
            let key = LedgerKey(bytes: Array(data))
        else {
            throw LedgerError.key(
                reason: """
                    \(source) does not hold 32 bytes in Base64, one line of 44 characters. Put the \
                    key that was made with the ledger there; without it personal data cannot be read
                    """
            )
        }
        return key
    }

    /// Makes a key that only this user can read; nil if another process made one meanwhile.
    private static func make(at path: String) throws -> LedgerKey? {
        let bytes = SigningKeyFile.seed()
        let text = Data(bytes).base64EncodedString() + "\n"
        let isMade = try DurableFile.create(text, at: path, mode: 0o600)
        return isMade ? LedgerKey(bytes: bytes) : nil
    }
}
