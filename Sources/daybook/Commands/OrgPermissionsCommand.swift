import ArgumentParser
import Domain
import Journal
import Pipeline
import Salesforce

/// Shows what our user may do, object by object.
struct OrgPermissionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "permissions",
        abstract: "Show what our user may do, object by object, and what is missing.",
        discussion: """
            What is needed follows from the settings that apply now. Exits with 77 if something \
            needed is missing.

              daybook org permissions
              daybook org permissions --output json
            """
    )

    @OptionGroup var options: CommonOptions

    func run() async throws {
        let isComplete = try await options.withSession { session -> Bool in
            let (_, schema) = try await session.settingsCheck().observe()
            let settings = try await session.journal.latestSettings()
            let report = AccessReport(schema, settings: settings.compactMap(\.settings))
            let hasKey = schema.hasKeyField(session.configuration.keyField)
            if options.isJSON {
                Terminal.show(
                    .compact([
                        ("ok", .bool(!report.lines.contains(where: \.isBad))),
                        ("objects", .array(report.lines.map(\.json))), ("keyField", .bool(hasKey)),
                        ("sharedActivities", .bool(schema.hasSharedActivities)),
                    ])
                )
            } else {
                for line in report.lines { Terminal.show("\(line.mark) \(line.text)") }
                let key = session.configuration.keyField.rawValue
                Terminal.show(
                    hasKey
                        ? "ok   Event.\(key): external id, writable"
                        : "note Event.\(key): missing; see 'daybook org prepare'"
                )
            }
            return !report.lines.contains(where: \.isBad)
        }
        if !isComplete { throw ExitStatus.noPermission.exitCode }
    }
}

extension AccessReport.Line {
    fileprivate var mark: String {
        if isBad { return Terminal.paint("bad ", .red) }
        return isComplete ? Terminal.paint("ok  ", .green) : Terminal.paint("note", .yellow)
    }
}

extension Journal {
    /// The latest revision of each scope, in the order of scopes.
    func latestSettings() async throws -> [SettingsRevision] {
        var latest: [SettingsScope: SettingsRevision] = [:]
        for revision in try await settingsRevisions() { latest[revision.scope] = revision }
        return latest.values.sorted { $0.scope < $1.scope }
    }
}
