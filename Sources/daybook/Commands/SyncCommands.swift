import ArgumentParser
import Audit
import Domain
import Foundation
import Journal
import Ledger
import Pipeline

/// What plan and reconcile have in common.
struct PlanOptions: ParsableArguments {
    @Flag(help: "Look at all appointments, not only at those with something new.")
    var all = false

    @Flag(help: "Let values from a replay overwrite older values and people's edits.")
    var overwriteEdits = false

    var selection: RunSelection { all ? .everything : .changed }
}

/// Shows what a run would do.
struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show what would change in Salesforce, field by field, and why.",
        discussion: """
            Changes nothing. With --out the plan is written to a file that 'daybook apply FILE' \
            takes; values that come from people stand in it as digests, so it can be shared.

            Exits with 0, or with 2 if --detailed-exitcode is given and there is something to write.
            """
    )

    @OptionGroup var options: CommonOptions
    @OptionGroup var plan: PlanOptions

    @Option(name: .customLong("out"), help: "Write the plan to this file.")
    var file: String?

    @Flag(help: "Exit with 2 when the plan has something to write.")
    var detailedExitcode = false

    @Flag(help: "Show values that come from people in JSON, too.")
    var reveal = false

    func run() async throws {
        let hasWrites = try await options.withSession { session in
            let synchronizer = try session.synchronizer {
                $0.replayOverwrites = plan.overwriteEdits
            }
            let made = try await synchronizer.plan(plan.selection)
            if let file {
                let document = synchronizer.document(of: made, isRevealed: false)
                try OutputFile.write(document.prettyText + "\n", to: file)
            }
            if options.isJSON {
                Terminal.show(synchronizer.document(of: made, isRevealed: reveal))
            } else {
                Terminal.show(PlanText(operations: made.operations, summary: made.summary).text)
                Terminal.show(PlanText.cost(of: made))
                if let file {
                    Terminal.tell("Written to \(file). Apply it with: daybook apply \(file)")
                }
            }
            return made.summary.hasWrites
        }
        if detailedExitcode, hasWrites { throw ExitStatus.changesFound.exitCode }
    }
}

/// Plans and applies.
struct ReconcileCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile",
        abstract: "Plan and apply: bring Salesforce in step with the ledger.",
        discussion: """
            Exits with 0; with 3 if some records failed or wait for review; with 4 if the \
            mass-change guard refused; with 75 if another run is at work, or the org's API calls are \
            used up or kept for others, so that something is left for a later run.
            """
    )

    @OptionGroup var options: CommonOptions
    @OptionGroup var plan: PlanOptions

    @Flag(help: "Apply even if suspiciously many records would change.")
    var allowLargeChange = false

    func run() async throws {
        let report = try await options.withSession { session in
            try await session.synchronizer {
                $0.allowsLargeChange = allowLargeChange
                $0.replayOverwrites = plan.overwriteEdits
            }.reconcile(plan.selection)
        }
        ReportPrinter(options: options).show(report)
        if report.needsAttention { throw ExitStatus.needsAttention.exitCode }
        if report.summary.postponed > 0 { throw ExitStatus.tryLater.exitCode }
    }
}

/// Applies a plan file.
struct ApplyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Apply a plan that was written with 'daybook plan --out FILE'.",
        discussion: """
            Every record is decided again first. What would be the same is written; what would be \
            different now is left out and named. A plan for another org or other settings, or one \
            that is more than 24 hours old, is refused with 4. Without FILE this is 'daybook \
            reconcile'.
            """
    )

    @OptionGroup var options: CommonOptions

    @Argument(help: "The plan file.")
    var plan: String?

    @Flag(help: "Apply even if suspiciously many records would change.")
    var allowLargeChange = false

    func run() async throws {
        let document = try plan.map(YAMLDocument.json)
        let report = try await options.withSession { session in
            let synchronizer = try session.synchronizer { $0.allowsLargeChange = allowLargeChange }
            guard let document else { return try await synchronizer.reconcile() }
            return try await synchronizer.apply(document)
        }
        ReportPrinter(options: options).show(report)
        if !report.stale.isEmpty, !report.summary.hasWrites { throw ExitStatus.refused.exitCode }
        if report.needsAttention { throw ExitStatus.needsAttention.exitCode }
        if report.summary.postponed > 0 { throw ExitStatus.tryLater.exitCode }
    }
}

/// Prints what a run did.
struct ReportPrinter {
    let options: CommonOptions

    func show(_ report: RunReport) {
        if options.isJSON { return Terminal.show(json(report)) }
        let text = PlanText(operations: report.operations, summary: report.summary, isDone: true)
        Terminal.show(text.text)
        for failure in report.failures {
            Terminal.tell(
                "Failed: \(failure.operation.rawValue) (\(failure.object.rawValue)): \(failure.note)"
            )
        }
        if report.refusedFields > 0 {
            let fields = "field".counted(report.refusedFields)
            Terminal.tell("Left out: \(fields) that Salesforce refused.")
        }
        if !report.failures.isEmpty || report.refusedFields > 0 || report.reviews > 0 {
            Terminal.tell("'daybook failures list' says why, and what to do.")
        }
        if report.summary.postponed > 0 {
            Terminal.tell(
                """
                Left for a later run: \("record".counted(report.summary.postponed)). The API calls \
                that Daybook may use are used up; 'daybook status' shows how many there are.
                """
            )
        }
        if !report.stale.isEmpty {
            Terminal.tell(
                """
                Left out, because they would be different now: \
                \(report.stale.map(\.rawValue).joined(separator: ", ")). Make a new plan.
                """
            )
        }
    }

    private func json(_ report: RunReport) -> JSON {
        .compact([
            ("run", .string(report.run)),
            ("summary", report.summary.json),
            (
                "failures",
                .array(
                    report.failures.map { failure in
                        .compact([
                            ("operation", .string(failure.operation.rawValue)),
                            ("object", .string(failure.object.rawValue)),
                            ("error", .string(failure.note)),
                        ])
                    }
                )
            ),
            ("stale", .array(report.stale.map { .string($0.rawValue) })),
        ])
    }
}
