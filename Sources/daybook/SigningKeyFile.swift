import Domain
import Foundation
import Ledger

/// The key that signs checkpoints: from the environment, or from the file beside the ledger.
///
/// One key in a line. A private one signs for the ledger of its name; while a key is changed there
/// are two of them, and both sign. Public ones check what was signed by retired keys and under
/// earlier names.
struct SigningKeyFile {
    private let configuration: Configuration

    init(_ configuration: Configuration) { self.configuration = configuration }

    /// Where the file is.
    var path: String { configuration.signingKeyFile ?? "\(configuration.ledger).signing-key" }

    /// The keys for a ledger; a ledger that never signed anything gets a new one.
    func keeper(origin: String, hasSigned: Bool) throws -> CheckpointKeeper {
        let text = try given() ?? DurableFile.read(path)
        guard let text else {
            guard !hasSigned else {
                throw LedgerError.key(
                    reason: """
                        the ledger signed checkpoints, and there is no signing key at '\(path)'. \
                        Bring the key back, or point 'ledgerSigningKey' (or \
                        DAYBOOK_LEDGER_SIGNING_KEY_FILE) at it
                        """
                )
            }
            let signer = try NoteSigner(name: origin, seed: Self.seed())
            let isOurs = try DurableFile.create(signer.text + "\n", at: path, mode: 0o600)
            // Another process may have been first: then its key counts.
            return isOurs
                ? CheckpointKeeper(signer: signer, path: configuration.ledger)
                : try keeper(origin: origin, hasSigned: true)
        }
        let (signers, verifiers) = try keys(text)
        guard let signer = signers.first(where: { $0.verifier.name == origin }) else {
            guard !hasSigned, given() == nil else {
                throw LedgerError.key(
                    reason: """
                        the signing key is for '\(signers.first?.verifier.name ?? "nothing")', and \
                        the ledger is '\(origin)'. Bring its own key back
                        """
                )
            }
            // A new ledger where another one was: it signed nothing, so a key of its own hides
            // nothing.
            let signer = try NoteSigner(name: origin, seed: Self.seed())
            try DurableFile.write("\(signer.text)\n\(text)", to: path, mode: 0o600)
            return CheckpointKeeper(signer: signer, path: configuration.ledger)
        }
        let others = signers.filter { $0.verifier != signer.verifier }
        return CheckpointKeeper(
            signer: signer,
            alongside: others.filter { $0.verifier.name == origin },
            earlier: others.map(\.verifier).filter { $0.name != origin } + verifiers,
            path: configuration.ledger
        )
    }

    /// Puts a new key before the ones that are there, under a new name of the ledger.
    func add(_ signer: NoteSigner, before keeper: CheckpointKeeper) throws {
        try write([signer.text, keeper.signer.text], keeper.alongside.map(\.verifier), keeper)
    }

    /// Puts a new key before the present one, under the same name: both sign from then on.
    func add(_ signer: NoteSigner, besides keeper: CheckpointKeeper) throws {
        try write([signer.text, keeper.signer.text] + keeper.alongside.map(\.text), [], keeper)
    }

    /// Leaves of the keys that signed besides the present one only the public halves.
    func retire(alongside keeper: CheckpointKeeper) throws {
        try write([keeper.signer.text], keeper.alongside.map(\.verifier), keeper)
    }

    private func write(
        _ signers: [String],
        _ retired: [NoteVerifier],
        _ keeper: CheckpointKeeper
    ) throws {
        guard given() == nil else {
            throw LedgerError.key(
                reason: """
                    the signing key comes from DAYBOOK_LEDGER_SIGNING_KEY, where this command \
                    cannot put a new one. Keep it in a file for this command
                    """
            )
        }
        let lines = signers + (retired + keeper.earlier).map(\.text)
        try DurableFile.write(lines.joined(separator: "\n") + "\n", to: path, mode: 0o600)
    }

    private func given() -> String? { configuration.value("DAYBOOK_LEDGER_SIGNING_KEY") }

    private func keys(_ text: String) throws -> ([NoteSigner], [NoteVerifier]) {
        var keys: ([NoteSigner], [NoteVerifier]) = ([], [])
        for line in text.split(whereSeparator: \.isNewline).map({ String($0).trimmingWhitespace() })
        where !line.isEmpty {
            if line.hasPrefix("PRIVATE+KEY+") {
                keys.0.append(try NoteSigner(text: line))
            } else {
                keys.1.append(try NoteVerifier(text: line))
            }
        }
        return keys
    }

    /// Thirty-two unpredictable bytes.
    static func seed() -> [UInt8] { (0..<32).map { _ in UInt8.random(in: 0...255) } }
}
