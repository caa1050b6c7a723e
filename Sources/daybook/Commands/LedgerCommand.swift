import ArgumentParser
import Domain
import Journal
import Ledger

/// Everything about the ledger itself.
struct LedgerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger",
        abstract: "Check the ledger's integrity.",
        subcommands: [VerifyCommand.self]
    )
}

/// Recomputes everything.
struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Recompute every hash of the ledger and report what was changed.",
        discussion: """
            Reads events, tree, sealed parts, keys and kept deliveries, and changes nothing. It shows \
            that the ledger fits together; that nobody rewrote all of it is shown by a root that \
            somebody else wrote down. Exits with 5 if anything is wrong.
            """
    )

    @OptionGroup var options: CommonOptions

    func run() async throws {
        let report = try await options.withSession { session in
            let progress = Progress()
            var report = try await session.journal.ledger.verify {
                progress.tell("\($0) events checked")
            }
            report.problems += try await session.journal.verifyDeliveries()
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
