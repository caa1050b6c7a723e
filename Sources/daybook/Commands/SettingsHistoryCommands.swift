import ArgumentParser
import Audit
import Domain
import Journal

/// Compares settings.
struct SettingsDiffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Show in what two versions of the settings, or a file and a version, differ.",
        discussion: """
            Each side is a version's number, a settings file, or 'now' for what is in force. A \
            version stands for all settings as they stood when it was accepted.

              daybook settings diff 3 5
              daybook settings diff now new.yaml

            In what the outcomes differ says 'daybook replay --settings 5 --against 3'. Exits with \
            2 if --detailed-exitcode is given and there is a difference.
            """
    )

    @OptionGroup var options: CommonOptions

    @Argument(help: "The older side.")
    var before: String

    @Argument(help: "The newer side.")
    var after = "now"

    @Flag(help: "Exit with 2 when there is a difference.")
    var detailedExitcode = false

    func run() async throws {
        let revisions = try await options.withSession { try await $0.journal.settingsRevisions() }
        let (old, new) = (try side(before, revisions), try side(after, revisions))
        let scopes = Set(old.keys).union(new.keys).sorted()
        let found = scopes.map { ($0, SettingsDifference.between(old[$0], new[$0])) }
            .filter { !$0.1.isEmpty }
        if options.isJSON {
            Terminal.show(
                .compact([
                    (
                        "differences",
                        .array(found.flatMap { scope, places in places.map { $0.json(scope) } })
                    )
                ])
            )
        } else {
            show(found)
        }
        if detailedExitcode, !found.isEmpty { throw ExitStatus.changesFound.exitCode }
    }

    /// The settings of each scope, as one side has them.
    private func side(
        _ text: String,
        _ revisions: [SettingsRevision]
    ) throws -> [SettingsScope: SyncSettings] {
        var settings: [SettingsScope: SyncSettings] = [:]
        let last = text == "now" ? revisions.count : Int(text)
        if let last, last >= 0, last <= revisions.count {
            for revision in revisions where revision.version.rawValue <= last {
                settings[revision.scope] = revision.settings
            }
            return settings
        }
        guard last == nil else {
            throw CommandFailure(
                .badInput,
                """
                There is no version \(text) of the settings; the newest is \(revisions.count). \
                'daybook settings history' lists them.
                """
            )
        }
        for scoped in try SettingsFile.read(text, scope: nil) {
            settings[scoped.scope] = scoped.settings
        }
        return settings
    }

    private func show(_ found: [(SettingsScope, [SettingsDifference])]) {
        if found.isEmpty { return Terminal.show("Both mean the same.") }
        for (scope, places) in found {
            Terminal.show(Terminal.paint(scope.name, .bold))
            for place in places {
                let name = place.path.isEmpty ? "(all settings)" : place.path
                Terminal.show(
                    "  \(name): \(place.before?.text ?? "–") → \(place.after?.text ?? "–")"
                )
            }
        }
    }
}

extension SettingsDifference {
    fileprivate func json(_ scope: SettingsScope) -> JSON {
        .compact([
            ("scope", .string(scope.name)), ("path", .string(path)),
            ("before", before ?? .null), ("after", after ?? .null),
        ])
    }
}

/// Finds what first gave a field its value.
struct SettingsBisectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bisect",
        abstract: "Find the settings version, or the event, that first gave a field its value.",
        discussion: """
            Reads history again at every position where the answer can have changed, and lists \
            every change of the value that was wanted.

              daybook settings bisect 0030100000A1b2CAAS Last_Demo__c
            """
    )

    @OptionGroup var options: CommonOptions

    @Argument(help: "The record's id, 15 or 18 characters.")
    var record: String

    @Argument(help: "The field's API name.")
    var field: String

    func run() async throws {
        let id = try SalesforceID(argument: record)
        let found = try await options.withSession { session in
            try await Audit(journal: session.journal).bisect(record: id, field: FieldName(field))
        }
        if options.isJSON { Terminal.show(found.json) } else { Terminal.show(found.text) }
    }
}
