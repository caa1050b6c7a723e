import ArgumentParser
import Audit
import Domain
import Foundation
import Journal
import Ledger

/// Copies the ledger.
struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copy the ledger to a file while it is in use, and verify the copy.",
        discussion: """
            Keep the ledger's key and signing key as well, and in another place: the copy does not \
            open without the key. The file must not be there yet.

              daybook ledger backup /backups/daybook-2026-11-25.sqlite
            """
    )

    @OptionGroup var options: CommonOptions

    @Argument(help: "The file for the copy.")
    var file: String

    func run() async throws {
        let report = try await options.withSession { session in
            let progress = Progress()
            return try await session.journal.ledger.backup(to: file) {
                progress.tell("\($0) events of the copy checked")
            }
        }
        if options.isJSON {
            return Terminal.show(
                .compact([
                    ("file", .string(file)), ("events", .integer(report.events)),
                    ("root", .string(report.root.description)),
                ])
            )
        }
        Terminal.show("\(file): \(report.events) events, root \(report.root), verified")
    }
}

/// Puts a copy in place.
struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Verify a backup, and put it where the ledger belongs.",
        discussion: """
            No ledger may be there: move the damaged one away first. The files beside it that end in \
            .key, .signing-key, .checkpoint and .erasures have to stay: they tell whether events are \
            missing, and who was erased since. If events are missing, the ledger appends nothing \
            until 'daybook ledger continue' says how to go on.

              daybook ledger restore /backups/daybook-2026-11-25.sqlite
            """
    )

    @OptionGroup var options: CommonOptions

    @Argument(help: "The backup.")
    var file: String

    func run() async throws {
        let configuration = try Configuration.load(options.config)
        let progress = Progress()
        let signing = SigningKeyFile(configuration)
        let report = try await SQLiteLedger.restore(
            file,
            to: configuration.ledger,
            key: LedgerKeyFile.load(configuration),
            keeper: { try signing.keeper(origin: $0, hasSigned: $1) },
            progress: { progress.tell("\($0) events checked") }
        )
        // Opening notices what is missing, and repeats the erasures made since.
        let setBack = try await options.withSession { $0.journal.ledger.setBack }
        if options.isJSON {
            Terminal.show(
                .compact([
                    ("events", .integer(report.events)),
                    ("root", .string(report.root.description)),
                    ("missing", setBack.map { .string($0.reason) }),
                ])
            )
        } else {
            Terminal.show("\(report.events) events, root \(report.root): in place")
        }
        guard let setBack else { return }
        throw CommandFailure(.needsAttention, "\(LedgerError.setBack(setBack))")
    }
}

/// Goes on after a loss.
struct ContinueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "continue",
        abstract: "Go on with an older copy, under a new name, when what is missing is lost.",
        discussion: """
            A restored copy that ends before the newest checkpoint appends nothing: under its old \
            name two histories would be signed. If the missing events cannot be brought back, this \
            gives the ledger a new name and a new signing key, and records where the old name ended. \
            People who were erased since are erased again.

              daybook ledger continue --accept-loss
            """
    )

    @OptionGroup var options: CommonOptions

    @Flag(help: "What the older copy does not hold is lost.")
    var acceptLoss = false

    func run() async throws {
        let left = try await options.withSession { session -> Int64 in
            let ledger = session.journal.ledger
            guard let keeper = ledger.keeper, let setBack = ledger.setBack else {
                throw CommandFailure(
                    .badInput,
                    "Nothing is missing: the ledger continues what was signed before."
                )
            }
            guard acceptLoss else {
                throw CommandFailure(
                    .refused,
                    """
                    \(setBack). Bring the right file back; or, if what is missing is lost for good, \
                    repeat with --accept-loss.
                    """
                )
            }
            let name = Continuation.name(after: keeper.signer.verifier.name)
            let signer = try NoteSigner(name: name, seed: SigningKeyFile.seed())
            // First: a name without its key could never sign.
            try SigningKeyFile(session.configuration).add(signer, before: keeper)
            return try await ledger.goOn(as: name).position
        }
        let (name, erased) = try await options.withSession(repeatsErasures: false) { session in
            let journal = session.journal
            let erased = try await journal.repeatErasures()
            try await journal.ledger.makeCheckpoint()
            return (try await journal.ledger.origin(), erased)
        }
        if options.isJSON {
            return Terminal.show(
                .compact([
                    ("origin", .string(name)), ("events", .integer(left)),
                    ("erased", .integer(erased)),
                ])
            )
        }
        let people = "\("person".counted(erased, plural: "people")) \(erased == 1 ? "was" : "were")"
        Terminal.show(
            """
            The ledger goes on as '\(name)' after event \(left). \(people) erased again. \
            Publish its new public key: daybook ledger checkpoint --public-key
            """
        )
    }
}
