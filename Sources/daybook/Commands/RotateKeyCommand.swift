import ArgumentParser
import Domain
import Foundation
import Journal
import Ledger

/// Changes the key that signs checkpoints.
struct RotateKeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate-key",
        abstract: "Change the key that signs checkpoints: first both sign, then only the new one.",
        discussion: """
            The first step makes a new key. From then on both keys sign every checkpoint, so that \
            whoever has only one of the public keys can check it. Publish the new one, start \
            'daybook serve' again, and retire the old key when everybody has the new one. Both \
            steps are recorded in the ledger. Older checkpoints, proofs and exports are checked \
            with the old public key, as before.

              daybook ledger rotate-key
              daybook ledger checkpoint --public-key > ledger.public-key
              daybook ledger rotate-key --retire
            """
    )

    @OptionGroup var options: CommonOptions

    @Flag(help: "End the overlap: the old key signs the last checkpoint and no further one.")
    var retire = false

    func run() async throws {
        let configuration = try Configuration.load(options.config)
        let signing = SigningKeyFile(configuration)
        if retire { return try await end(signing) }
        try await begin(signing)
    }

    private func begin(_ signing: SigningKeyFile) async throws {
        try await options.withSession { session in
            let ledger = session.journal.ledger
            let keeper = try Self.keeper(of: ledger)
            guard keeper.alongside.isEmpty else {
                // A step that was interrupted between file and ledger is finished.
                return try await ledger.add(key: keeper.signer.verifier)
            }
            let signer = try NoteSigner(
                name: keeper.signer.verifier.name,
                seed: SigningKeyFile.seed()
            )
            // First: an event about a key that nobody has would be a promise that cannot be kept.
            try signing.add(signer, besides: keeper)
            try await ledger.add(key: signer.verifier)
        }
        // Opened again, the ledger signs with both.
        let keeper = try await options.withSession { session in
            try await session.journal.ledger.makeCheckpoint()
            return try Self.keeper(of: session.journal.ledger)
        }
        let (new, old) = (keeper.signer.verifier.text, keeper.alongside.map(\.verifier.text))
        guard !options.isJSON else { return show(new, old, "overlap") }
        Terminal.show(new)
        Terminal.tell(
            """
            Both keys sign from now on. Publish the new public key, which is shown above, and start \
            'daybook serve' again. When everybody has it: daybook ledger rotate-key --retire
            """
        )
    }

    private func end(_ signing: SigningKeyFile) async throws {
        let (new, old) = try await options.withSession { session in
            let ledger = session.journal.ledger
            let keeper = try Self.keeper(of: ledger)
            guard !keeper.alongside.isEmpty else {
                throw CommandFailure(
                    .badInput,
                    """
                    Only one key signs this ledger, so there is none to retire. Make a new one \
                    first: daybook ledger rotate-key
                    """
                )
            }
            try await ledger.retireKeys()
            // Last: until the event is on disk and the last checkpoint signed, both keys are needed.
            try signing.retire(alongside: keeper)
            return (keeper.signer.verifier.text, keeper.alongside.map(\.verifier.text))
        }
        guard !options.isJSON else { return show(new, old, "retired") }
        Terminal.show(new)
        Terminal.tell(
            """
            Only the key shown above signs from now on. What the old one signed is still checked \
            with its public half: \(old.joined(separator: ", ")). Destroy copies of its private half.
            """
        )
    }

    private static func keeper(of ledger: SQLiteLedger) throws -> CheckpointKeeper {
        if let setBack = ledger.setBack { throw LedgerError.setBack(setBack) }
        guard let keeper = ledger.keeper else {
            throw CommandFailure(.configuration, "The ledger has no signing key to change.")
        }
        return keeper
    }

    private func show(_ new: String, _ old: [String], _ state: String) {
        Terminal.show(
            .compact([
                ("state", .string(state)), ("publicKey", .string(new)),
                ("oldKeys", .array(old.map { .string($0) })),
            ])
        )
    }
}
