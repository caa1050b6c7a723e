import ArgumentParser
import Audit
import Domain
import Foundation
import Journal

/// Everything about what did not go as it should.
struct FailuresCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "failures",
        abstract: "Show what failed and why, and decide what becomes of it.",
        discussion: """
            A failure is a write that Salesforce refused, a field that was left out, a record of \
            which nobody knows whether it was made, or a question to a person. None of these \
            commands shows personal data.

              daybook failures list --state review
              daybook failures show person/5f0c…/contact
              daybook failures show STRING_TOO_LONG              what a code means
              daybook failures retry --all
              daybook failures bind person/5f0c…/contact 003Hs00002kLmNpIAK
              daybook failures export --format csv --out failures.csv
            """,
        subcommands: [
            FailuresListCommand.self, FailuresShowCommand.self, FailuresRetryCommand.self,
            FailuresIgnoreCommand.self, FailuresBindCommand.self, FailuresExportCommand.self,
        ],
        defaultSubcommand: FailuresListCommand.self
    )
}

/// Which failures are meant.
struct FailureFilter: ParsableArguments {
    @Option(
        help: "Only these: waiting, stopped, ignored, review or unclear.",
        transform: { text in
            guard let state = KeptFailure.State(rawValue: text) else {
                throw ValidationError("'\(text)' is no state of a failure.")
            }
            return state
        }
    )
    var state: KeptFailure.State?

    @Option(help: "Only those with this code.")
    var code: String?

    func failures(_ session: Session) async throws -> [KeptFailure] {
        try await Audit(journal: session.journal).failures().filter { failure in
            (state.map { $0 == failure.state } ?? true)
                && (code.map { $0 == failure.note.code } ?? true)
        }
    }
}

/// Shows failures, a line each.
struct FailuresListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List what failed, with its code, its state and when it is tried again."
    )

    @OptionGroup var options: CommonOptions
    @OptionGroup var filter: FailureFilter

    func run() async throws {
        let failures = try await options.withSession { try await filter.failures($0) }
        if options.isJSON {
            return Terminal.show(
                .compact([
                    ("failures", .array(failures.map(\.json))), ("counts", counts(failures)),
                ])
            )
        }
        guard !failures.isEmpty else { return Terminal.show("Nothing failed.") }
        for failure in failures { show(failure) }
        Terminal.tell(
            "\(failures.count) in all. 'daybook failures show NAME' says why and what to do."
        )
    }

    private func show(_ failure: KeptFailure) {
        let fields = failure.note.fields.isEmpty ? "" : " at \(failure.fieldList)"
        let code = failure.entry.isKnown ? failure.note.code : "\(failure.note.code) (unknown code)"
        Terminal.show(Terminal.paint(failure.name.rawValue, .bold))
        Terminal.show("  \(code)\(fields) · \(failure.note.object.rawValue)")
        Terminal.show("  \(failure.entry.cause)")
        Terminal.show(Terminal.paint("  \(failure.stateWords)", .faint))
    }

    private func counts(_ failures: [KeptFailure]) -> JSON {
        .object(
            KeptFailure.State.allCases.map { state in
                JSON.Member(state.rawValue, .integer(failures.count { $0.state == state }))
            }
        )
    }
}

/// Shows one failure with its history, or what a code means.
struct FailuresShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a failure with its cause, its remedy and its history; or explain a code.",
        discussion: """
            NAME stands in 'daybook failures list'; the name of a record's operation shows its \
            fields, too. A code in capital letters is explained without looking into the ledger.
            """
    )

    @OptionGroup var options: CommonOptions

    @Argument(help: "The name of a failure, or a code.")
    var name: String

    func run() async throws {
        guard name.contains("/") else {
            // Perhaps an address, which is not to be repeated.
            guard Self.isCode(name) else {
                throw CommandFailure(
                    .badInput,
                    """
                    There is no such failure. 'daybook failures list' shows the names; a code is \
                    written in capitals.
                    """
                )
            }
            return explain(FailureCatalogue.entry(for: name))
        }
        let reports = try await options.withSession { session in
            try await Audit(journal: session.journal).failure(OperationID(name))
        }
        guard !reports.isEmpty else { throw CommandFailure.noFailure(name) }
        if options.isJSON {
            return Terminal.show(.compact([("failures", .array(reports.map(\.json)))]))
        }
        Terminal.show(reports.map(\.text).joined(separator: "\n"))
    }

    /// Whether a text is written like Salesforce's codes: in capitals, digits and underscores.
    private static func isCode(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy {
                (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || $0 == UInt8(ascii: "_")
            }
    }

    private func explain(_ entry: FailureEntry) {
        if options.isJSON {
            return Terminal.show(
                .compact([
                    ("code", .string(entry.code)), ("known", .bool(entry.isKnown)),
                    ("category", .string(entry.category.rawValue)),
                    ("reach", .string(entry.reach.rawValue)),
                    ("retry", .string(entry.retry.rawValue)), ("cause", .string(entry.cause)),
                    ("remedy", .string(entry.remedy)),
                ])
            )
        }
        Terminal.show("\(entry.code) (\(entry.category.rawValue))")
        Terminal.show("  \(entry.cause)")
        Terminal.show("  \(entry.remedy)")
        Terminal.show("  Costs a \(entry.reach.rawValue). Tried again \(entry.retry.words).")
    }
}

extension CommandFailure {
    /// There is no failure of a name.
    static func noFailure(_ name: String) -> CommandFailure {
        CommandFailure(
            .badInput,
            "There is no failure '\(name)'. 'daybook failures list' shows the names."
        )
    }
}
