import ArgumentParser
import Audit
import Domain
import Journal
import Pipeline

/// What people or other tools changed in fields that Daybook wrote.
struct DriftCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drift",
        abstract: "Show, adopt or revert what others changed in fields that Daybook wrote.",
        discussion: """
            The first look reads every linked record once, later ones what changed since. Values \
            that Salesforce normalised or that automation changed are no drift; fields listed under \
            'ignore' in the configuration are neither reported nor written. Who changed a field, and \
            when, comes from the org's field history where it tracks the field; else the record's \
            last modifier is named.

              daybook drift --object Contact
              daybook drift revert 0030100000A1b2CAAS LeadSource --out plan.json
              daybook apply plan.json
            """,
        subcommands: [DriftListCommand.self, DriftAdoptCommand.self, DriftRevertCommand.self],
        defaultSubcommand: DriftListCommand.self
    )
}

/// Lists drift.
struct DriftListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List what is adrift, since when and by whom.",
        discussion: "Exits with 2 if --detailed-exitcode is given and something is adrift."
    )

    @OptionGroup var options: CommonOptions

    @Option(help: "Only records of this object: Contact, Lead, Account or Event.")
    var object: String?

    @Flag(help: "Exit with 2 when something is adrift.")
    var detailedExitcode = false

    func run() async throws {
        let known = ["Contact", "Lead", "Account", "Event"]
        if let object, !known.contains(object) {
            throw CommandFailure(
                .badInput,
                "Daybook writes no '\(object)'. Give one of \(known.joined(separator: ", "))."
            )
        }
        let report = try await options.withSession { session in
            try await session.synchronizer().drift(of: object.map(ObjectName.init))
        }
        if options.isJSON { Terminal.show(report.json) } else { show(report) }
        if detailedExitcode, !report.items.isEmpty { throw ExitStatus.changesFound.exitCode }
    }

    private func show(_ report: DriftReport) {
        for item in report.items {
            let entry = item.entry
            let user = item.userName ?? entry.by?.rawValue ?? "somebody"
            Terminal.show(
                """
                \(entry.object.rawValue) \(entry.record.rawValue)  \(entry.field.rawValue)
                    now \(item.live.readableText) · \(story(entry, user))
                """
            )
        }
        Terminal.show(
            """
            \("field".counted(report.items.count)) adrift · \
            \("record".counted(report.recordsRead)) read · \("API call".counted(report.apiCalls))
            """
        )
    }

    /// Since when and by whom: from the field's history, or inferred from the record.
    private func story(_ entry: DriftEntry, _ user: String) -> String {
        if entry.isExact, let at = entry.until { return "changed \(at.rfc3339Seconds) by \(user)" }
        let since = [
            entry.after.map { "after \($0.rfc3339Seconds)" },
            entry.until.map { "up to \($0.rfc3339Seconds)" },
        ].compactMap { $0 }.joined(separator: ", ")
        return "\(since) · the record's last change is by \(user)"
    }
}

extension DriftReport {
    /// The drift as JSON; values stay in Salesforce.
    fileprivate var json: JSON {
        .compact([
            (
                "drift",
                .array(
                    items.map { item in
                        .compact([
                            ("object", .string(item.entry.object.rawValue)),
                            ("record", .string(item.entry.record.rawValue)),
                            ("field", .string(item.entry.field.rawValue)),
                            ("by", .text(item.entry.by?.rawValue)),
                            ("after", .text(item.entry.after?.rfc3339)),
                            ("until", .text(item.entry.until?.rfc3339)),
                            ("exact", .bool(item.entry.isExact)),
                        ])
                    }
                )
            ),
            ("recordsRead", .integer(recordsRead)),
            ("apiCalls", .integer(apiCalls)),
        ])
    }
}

/// Which fields are adopted or reverted, and where the plan goes.
struct DriftTargets: ParsableArguments {
    @Argument(help: "The record's id, and the API names of fields; without any, --all.")
    var target: [String] = []

    @Flag(help: "Everything that the last 'daybook drift' found.")
    var all = false

    @Option(name: .customLong("out"), help: "Write the plan to this file.")
    var file: String?

    func validate() throws {
        if all != target.isEmpty || target.count == 1 {
            throw ValidationError("Give a record's id and at least one field, or --all.")
        }
    }

    func places(_ session: Session) async throws -> [FieldPlace] {
        guard all else {
            let record = try SalesforceID(argument: target[0])
            return target.dropFirst().map { FieldPlace(record: record, field: FieldName($0)) }
        }
        let open = try await session.journal.lastDriftSweep()?.open ?? []
        return open.map { FieldPlace(record: $0.record, field: $0.field) }
    }

    func run(_ action: DriftAction, _ options: CommonOptions) async throws {
        try await options.withSession { session in
            let synchronizer = try session.synchronizer()
            let plan = try await synchronizer.plan(action, try await places(session))
            try PlanPrinter(options: options, file: file, reveal: false).show(plan, synchronizer)
        }
    }
}

/// Takes edits over.
struct DriftAdoptCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "adopt",
        abstract:
            "Plan to take edits over as the values that stand, until a booking asks for another value."
    )

    @OptionGroup var options: CommonOptions
    @OptionGroup var targets: DriftTargets

    func run() async throws { try await targets.run(.adopt, options) }
}

/// Puts values back.
struct DriftRevertCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revert",
        abstract: "Plan to put back what Daybook wrote last."
    )

    @OptionGroup var options: CommonOptions
    @OptionGroup var targets: DriftTargets

    func run() async throws { try await targets.run(.revert, options) }
}

/// Takes a run back.
struct UndoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "undo",
        abstract: "Plan to put back what stood there before a run, where its values still stand.",
        discussion: """
            Values that were written or edited since the run are left alone and listed. Records that \
            the run made are deleted if nobody touched them; records that it deleted have to be \
            restored from Salesforce's recycle bin.

              daybook undo 01930a7c-… --out plan.json
              daybook apply plan.json
            """
    )

    @OptionGroup var options: CommonOptions

    @Argument(help: "The run, as 'daybook reconcile --output json' and 'daybook trace' name it.")
    var run: String

    @Option(name: .customLong("out"), help: "Write the plan to this file.")
    var file: String?

    @Flag(help: "Exit with 2 when there is something to put back.")
    var detailedExitcode = false

    func run() async throws {
        let hasWrites = try await options.withSession { session in
            let synchronizer = try session.synchronizer()
            let plan = try await synchronizer.plan(undoing: run)
            try PlanPrinter(options: options, file: file, reveal: false).show(plan, synchronizer)
            return plan.summary.hasWrites
        }
        if detailedExitcode, hasWrites { throw ExitStatus.changesFound.exitCode }
    }
}
