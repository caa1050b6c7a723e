import ArgumentParser
import Domain
import Journal
import Ledger

/// Everything about the ledger itself.
struct LedgerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger",
        abstract: "Check, sign and prove what the ledger holds; back it up.",
        subcommands: [
            VerifyCommand.self, CheckpointCommand.self, ProveCommand.self, CheckProofCommand.self,
            ConsistencyCommand.self, LedgerExportCommand.self, CheckExportCommand.self,
            BackupCommand.self, RestoreCommand.self, ContinueCommand.self, RotateKeyCommand.self,
        ]
    )
}

/// Recomputes everything.
struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Recompute every hash of the ledger and report what was changed.",
        discussion: """
            Reads events, tree, sealed parts, keys, checkpoints and kept deliveries, and changes \
            nothing. It shows that the ledger fits together and continues what was signed; that \
            nobody with the signing key rewrote all of it is shown by a checkpoint that somebody else \
            keeps. Exits with 5 if anything is wrong.

              daybook ledger verify
              daybook ledger verify --checkpoint monday.checkpoint
            """
    )

    @OptionGroup var options: CommonOptions

    @Option(help: "A checkpoint that somebody else kept: the ledger has to continue it.")
    var checkpoint: String?

    @Option(help: "The public key of a witness; may be repeated (default: DAYBOOK_WITNESSES).")
    var witness: [String] = []

    func run() async throws {
        let report = try await options.withSession { session in
            let progress = Progress()
            let witnesses = try session.configuration.witnesses(witness)
                .map(NoteVerifier.init(text:))
            async let deliveries = session.journal.verifyDeliveries()
            var report = try await session.journal.ledger.verify(witnesses: witnesses) {
                progress.tell("\($0) events checked")
            }
            if let checkpoint {
                let note = try SignedNote(parsing: InputFile.text(checkpoint))
                report.problems += try await session.journal.ledger.problems(continuing: note)
            }
            report.problems += try await deliveries
            return report
        }
        show(report)
        if !report.isSound { throw ExitStatus.integrity.exitCode }
    }

    private func show(_ report: VerificationReport) {
        if options.isJSON {
            return Terminal.show(
                .compact([
                    ("ok", .bool(report.isSound)),
                    ("events", .integer(report.events)),
                    ("root", .string(report.root.description)),
                    ("problems", .array(report.problems.map(JSON.string))),
                ])
            )
        }
        for problem in report.problems { Terminal.show("problem: \(problem)") }
        let verdict =
            report.isSound
            ? "no problems found"
            : "\(report.problems.count) problems. Restore a backup, and keep this file as evidence."
        Terminal.show("\(report.events) events, root \(report.root): \(verdict)")
    }
}
