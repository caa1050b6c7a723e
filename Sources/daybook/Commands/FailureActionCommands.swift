import ArgumentParser
import Audit
import Domain
import Foundation
import Journal
import Pipeline

/// Has failures tried again.
struct FailuresRetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Have failures tried again by the next run, ignored ones included.",
        discussion: """
            Takes effect with the next 'daybook reconcile'. The objects concerned are described \
            anew first, so that a field that was added or opened meanwhile is seen. --all means \
            everything that is not ignored.

              daybook failures retry person/5f0c…/contact
              daybook failures retry --all --code FIELD_CUSTOM_VALIDATION_EXCEPTION
            """
    )

    @OptionGroup var options: CommonOptions
    @OptionGroup var filter: FailureFilter

    @Argument(help: "The names of the failures.")
    var names: [String] = []

    @Flag(help: "All failures that are not ignored, as far as --state and --code admit them.")
    var all = false

    func validate() throws {
        if all != names.isEmpty { throw ValidationError("Name failures, or give --all.") }
    }

    func run() async throws {
        let done = try await options.withSession { session in
            guard all else { return try await retried(names, session) }
            let failures = try await filter.failures(session)
            let wanted = failures.filter { $0.state != .ignored || filter.state == .ignored }
            return try await session.journal.retry(wanted.map(\.name), actor: "operator")
        }
        options.showActed(done, "retry", "is tried again by the next 'daybook reconcile'")
    }

    private func retried(_ names: [String], _ session: Session) async throws -> [OperationID] {
        try await names.acted { try await session.journal.retry([$0], actor: "operator") }
    }
}

/// Leaves failures alone.
struct FailuresIgnoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ignore",
        abstract: "Try failures no more; they stay in the list until 'daybook failures retry'."
    )

    @OptionGroup var options: CommonOptions

    @Argument(help: "The names of the failures.")
    var names: [String]

    func run() async throws {
        let done = try await options.withSession { session in
            try await names.acted { try await session.journal.ignore([$0], actor: "operator") }
        }
        options.showActed(done, "ignore", "is left alone")
    }
}

/// Names the record that stands for something.
struct FailuresBindCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bind",
        abstract: "Name the Salesforce record that an attendee or an appointment shall use.",
        discussion: """
            For several records that match, and for one that was perhaps made and is not found. \
            Looks whether the record is there and fits; the next 'daybook reconcile' goes on with \
            it. Daybook never deletes a record that was named so, unless it carries its key.

              daybook failures bind person/5f0c…/contact 003Hs00002kLmNpIAK
              daybook failures bind dana.okafor@globex.example 003Hs00002kLmNpIAK
              daybook failures bind hT4xWq9vNc2LmZ7pRkD3sB 00UHs00001aBcDeIAK
            """
    )

    @OptionGroup var options: CommonOptions

    @Argument(help: "The name of a failure, an attendee's address, or a booking's uid.")
    var subject: String

    @Argument(help: "The record's id, 15 or 18 characters.")
    var record: String

    func run() async throws {
        let id = try SalesforceID(argument: record)
        let (name, count) = try await options.withSession { session -> (String, Int) in
            let subject = try await SubjectReader(journal: session.journal).subject(subject)
            let binding = RecordBinding(
                journal: session.journal,
                gateway: try session.gateway(),
                keyField: session.configuration.keyField,
                now: Session.now
            )
            let count = try await binding.bind(subject, to: id, actor: "operator")
            return (subject.name, count)
        }
        if options.isJSON {
            return Terminal.show(
                .compact([
                    ("action", .string("bind")), ("name", .string(name)),
                    ("record", .string(id.rawValue)), ("appointments", .integer(count)),
                ])
            )
        }
        Terminal.show("\(name) uses \(id.rawValue) from now on.")
        Terminal.tell("Run 'daybook reconcile' to go on with it.")
    }
}

/// Writes failures to a file.
struct FailuresExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Export failures as CSV or JSON, without personal data.",
        discussion: "  daybook failures export --format csv --out failures.csv"
    )

    /// The forms.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case csv
        case json
    }

    @OptionGroup var options: CommonOptions
    @OptionGroup var filter: FailureFilter

    @Option(help: "csv or json.")
    var format: Format?

    @Option(name: .customLong("out"), help: "The file; without it, standard output.")
    var file: String?

    func run() async throws {
        let failures = try await options.withSession { try await filter.failures($0) }
        let isJSON = format.map { $0 == .json } ?? options.isJSON
        let text =
            isJSON
            ? JSON.array(failures.map(\.json)).prettyText
            : ([KeptFailure.csvHeader] + failures.map(\.csvRow)).joined(separator: "\r\n")
        guard let file else { return Terminal.show(text) }
        try OutputFile.write(text + (isJSON ? "\n" : "\r\n"), to: file)
        Terminal.tell("Written to \(file): \("failure".counted(failures.count)).")
    }
}

extension [String] {
    /// Does something with each name, all of which have to be known.
    fileprivate func acted(
        _ body: (OperationID) async throws -> [OperationID]
    ) async throws -> [OperationID] {
        var done: [OperationID] = []
        for name in self {
            let found = try await body(OperationID(name))
            if found.isEmpty { throw CommandFailure.noFailure(name) }
            done += found
        }
        return done
    }
}

extension CommonOptions {
    /// Says what was done about failures.
    fileprivate func showActed(_ names: [OperationID], _ action: String, _ words: String) {
        if isJSON {
            return Terminal.show(
                .compact([
                    ("action", .string(action)),
                    ("names", .array(names.map { .string($0.rawValue) })),
                ])
            )
        }
        if names.isEmpty { Terminal.show("There is nothing to \(action).") }
        for name in names { Terminal.show("\(name.rawValue) \(words).") }
    }
}
