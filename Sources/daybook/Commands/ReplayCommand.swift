import ArgumentParser
import Audit
import Domain
import Foundation
import Pipeline

/// Reads history by other settings.
struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Show what history would call for under given settings: a plan, never a write.",
        discussion: """
            Nothing has to be changed first: name a settings file, or a version of the history.

              daybook replay --settings new.yaml --since 2026-03-01    what if, since March
              daybook replay --settings 4 --against 3                  in what two versions differ
              daybook replay --fields Last_Demo__c --out plan.json     back-fill one field
              daybook apply plan.json

            Values that were there before Daybook, or that people edited, are held and listed; \
            --overwrite-edits plans to write over them. A plan can be applied if its settings are \
            in force for that part of history: accept them with 'daybook settings apply FILE \
            --effective DATE'.

            Exits with 0, or with 2 if --detailed-exitcode is given and something would be written \
            or is different.
            """
    )

    @OptionGroup var options: CommonOptions

    @Option(help: "A settings file or a version's number (default: the settings in force).")
    var settings: String?

    @Option(help: "Compare outcomes with those of this version, file, or 'now' for those in force.")
    var against: String?

    @Option(help: "Only bookings of this event type; a settings file may then be for it alone.")
    var eventType: Int?

    @Option(help: "Only what happened since this date or time.")
    var since: Moment?

    @Option(help: "Only these fields, separated by commas; no other is read or written.")
    var fields: String?

    @Flag(help: "Plan to write over older values and people's edits, too.")
    var overwriteEdits = false

    @Option(name: .customLong("out"), help: "Write the plan to this file.")
    var file: String?

    @Flag(help: "Exit with 2 when something would be written or is different.")
    var detailedExitcode = false

    @Flag(help: "Show values that come from people in JSON, too.")
    var reveal = false

    private var fieldNames: Set<FieldName> {
        let names = (fields ?? "").split(separator: ",").map { String($0).trimmingWhitespace() }
        return Set(names.filter { !$0.isEmpty }.map(FieldName.init))
    }

    func validate() throws {
        if fields != nil, fieldNames.isEmpty {
            throw ValidationError("--fields names no field. Leave it out for all fields.")
        }
        if against != nil, file != nil {
            throw ValidationError(
                "--against compares without a plan, so there is nothing for --out. Leave one out."
            )
        }
    }

    func run() async throws {
        let request = ReplayRequest(
            settings: try source(settings),
            since: since?.instant,
            eventType: eventType.map(EventTypeID.init),
            fields: fieldNames,
            overwrites: overwriteEdits
        )
        let isDifferent = try await options.withSession { session in
            let synchronizer = try session.synchronizer(isOffline: against != nil)
            if let against {
                let compared = try await synchronizer.compare(
                    request,
                    against: try source(against)
                )
                show(compared)
                return !compared.isEmpty
            }
            // Written down while it is made: a plan over all of history need not fit into memory.
            let written = file == nil ? nil : try synchronizer.planFile(isRevealed: false)
            let printed = options.isJSON ? try synchronizer.planFile(isRevealed: reveal) : nil
            let plan = try await synchronizer.replay(request, keepsAll: false) { operation in
                try written?.add(operation)
                try printed?.add(operation)
            }
            if let file, let written { try PlanPrinter.write(plan, written, to: file) }
            let printer = PlanPrinter(options: options, file: file, reveal: reveal)
            if let printed {
                try printed.write(plan) { try FileHandle.standardOutput.write(contentsOf: $0) }
                printer.tellLeftOut(plan)
            } else {
                printer.showText(plan)
            }
            return plan.summary.hasWrites
        }
        if detailedExitcode, isDifferent { throw ExitStatus.changesFound.exitCode }
    }

    /// A number is a version, `now` what is in force, everything else a file.
    private func source(_ text: String?) throws -> ReplayRequest.Settings {
        guard let text, text != "now" else { return .inForce }
        if let number = Int(text) { return .version(SettingsVersion(number)) }
        let json = try YAMLDocument.json(file: text)
        let isForOne = json["default"] == nil && json["eventTypes"] == nil
        let scope = isForOne ? eventType.map { SettingsScope.eventType(EventTypeID($0)) } : nil
        return .document(try SettingsFile.decode(json, of: text, scope: scope))
    }

    private func show(_ compared: ReplayComparison) {
        if options.isJSON { return Terminal.show(compared.json(isRevealed: reveal)) }
        for difference in compared.differences {
            let name = difference.field.rawValue.padding(to: 24)
            Terminal.show(
                """
                \(difference.subject.name)
                    \(name) \(difference.before.readableText) → \(difference.after.readableText)
                """
            )
        }
        for (field, count) in compared.counts.sorted(by: { $0.key < $1.key }) {
            Terminal.show(
                """
                \(field.rawValue.padding(to: 28)) \(count.appears) appear, \(count.changes) change, \
                \(count.disappears) disappear
                """
            )
        }
        Terminal.show(
            """
            Compared \("appointment".counted(compared.appointments)): \
            \("record".counted(compared.records)) would be different.
            """
        )
    }
}

/// A date or a time on the command line, in UTC.
struct Moment: ExpressibleByArgument {
    let instant: Instant

    init?(argument: String) {
        guard
            let instant = Instant(rfc3339: argument)
                ?? Instant(rfc3339: "\(argument)T00:00:00Z")
        else { return nil }
        self.instant = instant
    }
}

/// Prints a plan, and writes it to a file if asked for.
struct PlanPrinter {
    let options: CommonOptions
    let file: String?
    let reveal: Bool

    func show(_ plan: SyncPlan, _ synchronizer: Synchronizer) throws {
        if let file {
            let document = synchronizer.document(of: plan, isRevealed: false)
            try OutputFile.write(document.prettyText + "\n", to: file)
        }
        if options.isJSON {
            Terminal.show(synchronizer.document(of: plan, isRevealed: reveal))
            return tellLeftOut(plan)
        }
        showText(plan)
    }

    /// Says which records an interrupted run keeps out of the plan.
    func tellLeftOut(_ plan: SyncPlan) {
        guard !plan.leftOut.isEmpty else { return }
        Terminal.tell(
            """
            \("record".counted(plan.leftOut.count)) left out: an interrupted run may have written \
            there. Type 'daybook reconcile --all' to find out, and make the plan again.
            """
        )
    }

    /// Writes a plan to a file that appears with all of it, or not at all.
    static func write(_ plan: SyncPlan, _ document: PlanFile, to file: String) throws {
        let partial = "\(file).partial"
        guard FileManager.default.createFile(atPath: partial, contents: nil),
            let handle = FileHandle(forWritingAtPath: partial)
        else { throw OutputFile.unwritable(file) }
        try document.write(plan) { try handle.write(contentsOf: $0) }
        try handle.synchronize()
        try handle.close()
        guard rename(partial, file) == 0 else { throw OutputFile.unwritable(file) }
    }

    /// The plan for people, and where it was written.
    func showText(_ plan: SyncPlan) {
        Terminal.show(PlanText(operations: plan.operations, summary: plan.summary).text)
        tellLeftOut(plan)
        let counted =
            plan.summary.create + plan.summary.update + plan.summary.delete
            + plan.summary.hold
        if counted > plan.operations.count {
            Terminal.tell(
                """
                The first \(plan.operations.count) are shown; \
                \(file == nil ? "--out writes all down" : "the file has all").
                """
            )
        }
        guard let file else { return }
        if case .replay(_, isAccepted: false) = plan.basis {
            Terminal.tell(
                """
                Written to \(file), for reading: its settings are not in force for that history. \
                To apply it, accept them first with 'daybook settings apply FILE --effective DATE' \
                and replay them as accepted.
                """
            )
        } else {
            Terminal.tell("Written to \(file). Apply it with: daybook apply \(file)")
        }
    }
}

extension ReplayComparison {
    /// The comparison as JSON.
    fileprivate func json(isRevealed: Bool) -> JSON {
        .compact([
            ("appointments", .integer(appointments)),
            ("records", .integer(records)),
            (
                "fields",
                .object(
                    counts.sorted { $0.key < $1.key }.map { field, count in
                        JSON.Member(
                            field.rawValue,
                            .compact([
                                ("appears", .integer(count.appears)),
                                ("changes", .integer(count.changes)),
                                ("disappears", .integer(count.disappears)),
                            ])
                        )
                    }
                )
            ),
            ("differences", .array(differences.map { $0.json(isRevealed) })),
        ])
    }
}

extension ReplayComparison.Difference {
    /// A personal value is left out unless it is to be shown; that it differs is told anyway.
    fileprivate func json(_ isRevealed: Bool) -> JSON {
        let isShown = isRevealed || !(isPersonal || before.namesSomebody || after.namesSomebody)
        return .compact([
            ("subject", .string(subject.name)),
            ("field", .string(field.rawValue)),
            ("personal", .bool(isPersonal)),
            ("before", isShown ? before.json : nil),
            ("after", isShown ? after.json : nil),
            ("cause", .integer(cause.position.rawValue)),
        ])
    }
}

extension WishedValue? {
    /// The wish as a person would read it.
    fileprivate var readableText: String {
        switch self {
        case nil: "(nothing)"
        case .value(let value): value.readableText
        case .user(let email): "the user \(email.rawValue)"
        case .account(let email): "the account of \(email.email.domain)"
        case .records(let people): people.map(\.rawValue).joined(separator: ", ")
        }
    }

    /// Whether the wish is told by somebody's address.
    fileprivate var namesSomebody: Bool {
        switch self {
        case .user?, .account?: true
        default: false
        }
    }

    fileprivate var json: JSON {
        if case .value(let value) = self { return value.json }
        return self == nil ? .null : .string(readableText)
    }
}
