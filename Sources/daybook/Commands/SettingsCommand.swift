import ArgumentParser
import CalCom
import Domain
import Foundation
import Journal
import Pipeline
import Salesforce

/// Everything about settings.
struct SettingsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "settings",
        abstract: "Validate, apply, import, compare and show what happens for which event type.",
        subcommands: [
            SettingsValidateCommand.self, SettingsApplyCommand.self, SettingsImportCommand.self,
            SettingsShowCommand.self, SettingsHistoryCommand.self, SettingsDiffCommand.self,
            SettingsBisectCommand.self,
        ]
    )
}

/// Whose bookings settings are for, and from when on.
struct ScopeOptions: ParsableArguments {
    @Option(help: "The number of the event type.")
    var eventType: Int?

    @Flag(name: .customLong("default"), help: "For all event types without settings of their own.")
    var isDefault = false

    func validate() throws {
        if eventType != nil, isDefault {
            throw ValidationError("Give --event-type or --default, not both.")
        }
    }

    var scope: SettingsScope? {
        isDefault ? .everyEventType : eventType.map { .eventType(EventTypeID($0)) }
    }
}

/// Reads `now`, `all` or a date.
struct Effective: ExpressibleByArgument {
    let validity: SettingsValidity

    init(_ validity: SettingsValidity) { self.validity = validity }

    init?(argument: String) {
        switch argument {
        case "now": validity = .fromNow
        case "all": validity = .allHistory
        default:
            guard
                let instant = Instant(rfc3339: argument)
                    ?? Instant(rfc3339: "\(argument)T00:00:00Z")
            else { return nil }
            validity = .from(instant)
        }
    }

    var defaultValueDescription: String { "now" }
}

/// Checks settings against the org and accepts them.
struct SettingsAcceptance {
    /// What people are told who have no org yet.
    static let unchecked = """
        No org is configured, so the fields were not checked. Set 'salesforce.instanceURL', then \
        run 'daybook settings validate FILE'.
        """

    let session: Session

    /// Accepts settings of one or several scopes, or none of them.
    ///
    /// - Returns: The accepted versions, and what was found that is no error.
    func accept(
        _ settings: [ScopedSettings],
        validity: SettingsValidity
    ) async throws -> (revisions: [SettingsRevision], findings: [SettingsCheck.Finding]) {
        if let fault = validity.fault(at: Session.now()) { throw CommandFailure(.badInput, fault) }
        let schema = try await observedSchema(for: settings.map(\.settings))
        var findings: [SettingsCheck.Finding] = []
        for scoped in settings {
            if let schema { findings += SettingsCheck.findings(scoped.settings, schema) }
        }
        if findings.contains(where: \.isError) {
            let lines = findings.filter(\.isError).map { "  \($0.text)" }.joined(separator: "\n")
            throw CommandFailure(
                .badInput,
                "The settings do not fit the org; nothing was changed.\n\(lines)"
            )
        }
        var revisions: [SettingsRevision] = []
        for scoped in settings {
            revisions.append(
                try await session.journal.accept(
                    scoped.settings,
                    for: scoped.scope,
                    validity: validity,
                    actor: "operator",
                    isChecked: schema != nil
                )
            )
        }
        return (revisions, findings)
    }

    /// What the org has; nil with a message when it cannot be asked now.
    private func observedSchema(for settings: [SyncSettings]) async throws -> OrgSchema? {
        guard session.hasOrg else {
            Terminal.tell(Self.unchecked)
            return nil
        }
        do {
            return try await session.settingsCheck().observe(for: settings).schema
        } catch let error as SalesforceError {
            switch error {
            case .unreachable, .limitReached:
                Terminal.tell(
                    """
                    The fields were not checked, because Salesforce does not answer. Run 'daybook \
                    doctor' later.
                    """
                )
                return nil
            default: throw error
            }
        } catch let failure as CommandFailure where failure.status == .noPermission {
            Terminal.tell("The fields were not checked: \(failure.message)")
            return nil
        }
    }
}

/// Reads a settings document.
enum SettingsFile {
    static func read(_ path: String, scope: SettingsScope?) throws -> [ScopedSettings] {
        try decode(try YAMLDocument.json(file: path), of: path, scope: scope)
    }

    /// The settings of a document that was read; what is wrong is told with the file's name.
    static func decode(
        _ json: JSON,
        of path: String,
        scope: SettingsScope?
    ) throws -> [ScopedSettings] {
        do {
            guard let scope else { return try SettingsDocument.decode(json) }
            return [ScopedSettings(scope, try SettingsDocument.decodeSettings(json))]
        } catch {
            throw CommandFailure(.badInput, "'\(path)': \(error)")
        }
    }
}

/// Accepts a settings document.
struct SettingsApplyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Check a settings document and accept it as a new version.",
        discussion: """
            FILE is YAML or JSON with 'default' and 'eventTypes'; with --event-type or --default it \
            holds the settings of that scope alone. See Documentation/settings.md.
            """
    )

    @OptionGroup var options: CommonOptions
    @OptionGroup var scope: ScopeOptions

    @Argument(help: "The document.")
    var file: String

    @Option(help: "From when on: now (events recorded from now on), all, or a date.")
    var effective = Effective(.fromNow)

    func run() async throws {
        let settings = try SettingsFile.read(file, scope: scope.scope)
        let (revisions, findings) = try await options.withSession { session in
            try await SettingsAcceptance(session: session)
                .accept(settings, validity: effective.validity)
        }
        AcceptedPrinter(options: options).show(revisions, findings, notes: [])
    }
}

/// Prints accepted settings.
struct AcceptedPrinter {
    let options: CommonOptions

    func show(
        _ revisions: [SettingsRevision],
        _ findings: [SettingsCheck.Finding],
        notes: [String]
    ) {
        for finding in findings { Terminal.tell("Note: \(finding.text)") }
        if options.isJSON {
            return Terminal.show(
                .compact([
                    ("versions", .array(revisions.map(\.json))),
                    ("notes", .array(notes.map(JSON.string))),
                    ("findings", .array(findings.map(\.json))),
                ])
            )
        }
        for note in notes { Terminal.show("- \(note)") }
        for revision in revisions {
            Terminal.show(
                "Accepted version \(revision.version.rawValue) for \(revision.scope.name)."
            )
        }
    }
}

extension SettingsRevision {
    /// The version as JSON.
    var json: JSON {
        let effective: String =
            switch validity {
            case .fromNow: "now"
            case .allHistory: "all"
            case .from(let instant): instant.rfc3339
            }
        return .compact([
            ("version", .integer(version.rawValue)),
            ("scope", .string(scope.name)),
            ("effective", .string(effective)),
            ("position", .integer(position.rawValue)),
            ("recorded", .string(recorded.rfc3339)),
            ("settings", settings.map(SettingsDocument.encode) ?? .null),
        ])
    }
}

/// Takes over Cal.com's own settings.
struct SettingsImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Import the settings of Cal.com's Salesforce app, and show what was taken.",
        discussion: """
            FILE is the app-data object of any age, or an API v2 event type that contains it. A \
            switch that Cal.com's screen would hide does not count; what was left out is listed. \
            The options of a routing form's route, and its incomplete-booking action, are laid over \
            the settings in force.

              daybook settings import app-data.json --event-type 88231
              daybook settings import --from-calcom 88231

            With --from-calcom they are read through Cal.com's API; that needs an API key in \
            DAYBOOK_CALCOM_API_KEY or DAYBOOK_CALCOM_API_KEY_FILE.
            """
    )

    @OptionGroup var options: CommonOptions
    @OptionGroup var scope: ScopeOptions

    @Argument(help: "The file.")
    var file: String?

    @Option(
        help: ArgumentHelp("Read the event type of this number.", valueName: "event-type")
    )
    var fromCalcom: Int?

    @Option(help: "From when on: now (events recorded from now on), all, or a date.")
    var effective = Effective(.fromNow)

    func validate() throws {
        guard (file == nil) != (fromCalcom == nil) else {
            throw ValidationError("Give a file, or --from-calcom with an event type's number.")
        }
    }

    private var origin: String { file ?? "event type \(fromCalcom ?? 0)" }

    func run() async throws {
        let written = try file.map { try YAMLDocument.json(file: $0) }
        let accepted = try await options.withSession { session -> Accepted in
            let json = try await document(written, session)
            let imported = try await read(json, session.journal)
            guard let scope = scope.scope ?? imported.eventType.map(SettingsScope.eventType) else {
                throw CommandFailure(
                    .badInput,
                    "The file names no event type. Add --event-type NUMBER, or --default."
                )
            }
            let accepted = try await SettingsAcceptance(session: session)
                .accept([ScopedSettings(scope, imported.settings)], validity: effective.validity)
            return (imported, accepted.revisions, accepted.findings)
        }
        let (imported, revisions, findings) = accepted
        AcceptedPrinter(options: options).show(revisions, findings, notes: imported.notes)
        if !options.isJSON {
            Terminal.show("\n" + SettingsDocument.encode(imported.settings).prettyText)
        }
    }

    private typealias Accepted = (ImportedSettings, [SettingsRevision], [SettingsCheck.Finding])

    private func document(_ written: JSON?, _ session: Session) async throws -> JSON {
        if let written { return written }
        return try await session.calCom().eventType(EventTypeID(fromCalcom ?? 0))
    }

    private func read(_ json: JSON, _ journal: Journal) async throws -> ImportedSettings {
        let revisions = try await journal.settingsRevisions()
        let last = revisions.filter { $0.scope == scope.scope }.max { $0.version < $1.version }
        do {
            return try CalComSettings.import(json, onto: last?.settings ?? SyncSettings())
        } catch {
            let told = "'\(origin)' cannot be imported: \(error)"
            if case .noSettings = error {
                // Which object is wanted instead is said already.
                throw CommandFailure(.badInput, "\(told) Nothing was changed.")
            }
            throw CommandFailure(
                .badInput,
                """
                \(told) Correct it in the file, or save the Salesforce app's settings in Cal.com \
                again and repeat. Nothing was changed.
                """
            )
        }
    }
}

/// Checks a document without accepting it.
struct SettingsValidateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Check a settings document, against the org too if one is configured.",
        discussion: "Exits with 0 if it can be accepted, and with 65 if not."
    )

    @OptionGroup var options: CommonOptions
    @OptionGroup var scope: ScopeOptions

    @Argument(help: "The document.")
    var file: String

    func run() async throws {
        let settings = try SettingsFile.read(file, scope: scope.scope)
        let findings: [SettingsCheck.Finding]? = try await options.withSession { session in
            guard session.hasOrg else { return nil }
            let check = try session.settingsCheck()
            let schema = try await check.observe(for: settings.map(\.settings)).schema
            return settings.flatMap { SettingsCheck.findings($0.settings, schema) }
        }
        let isFit = !(findings ?? []).contains(where: \.isError)
        if options.isJSON {
            Terminal.show(
                .compact([
                    ("ok", .bool(isFit)), ("checkedAgainstOrg", .bool(findings != nil)),
                    ("findings", .array((findings ?? []).map(\.json))),
                ])
            )
        } else {
            for finding in findings ?? [] {
                Terminal.show("\(finding.isError ? "error" : "note"): \(finding.text)")
            }
            Terminal.show(
                isFit ? "The document can be accepted." : "The document does not fit the org."
            )
            if findings == nil { Terminal.tell(SettingsAcceptance.unchecked) }
        }
        if !isFit { throw ExitStatus.badInput.exitCode }
    }
}

/// Shows what is in force.
struct SettingsShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show the settings that are in force."
    )

    @OptionGroup var options: CommonOptions
    @OptionGroup var scope: ScopeOptions

    func run() async throws {
        let revisions = try await options.withSession { try await $0.journal.settingsRevisions() }
        var latest: [SettingsScope: SettingsRevision] = [:]
        for revision in revisions { latest[revision.scope] = revision }
        let shown = latest.values.filter { revision in
            revision.settings != nil && (scope.scope.map { $0 == revision.scope } ?? true)
        }.sorted { $0.scope < $1.scope }
        let document = SettingsDocument.encode(
            shown.compactMap { revision in
                revision.settings.map { ScopedSettings(revision.scope, $0) }
            }
        )
        if shown.isEmpty {
            Terminal.tell(
                "There are no settings. Take over Cal.com's with 'daybook settings import'."
            )
        }
        Terminal.show(document)
    }
}

/// Shows all versions.
struct SettingsHistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "List all versions of the settings, oldest first."
    )

    @OptionGroup var options: CommonOptions
    @OptionGroup var scope: ScopeOptions

    func run() async throws {
        let all = try await options.withSession { try await $0.journal.settingsRevisions() }
        let revisions = all.filter { revision in scope.scope.map { $0 == revision.scope } ?? true }
        if options.isJSON { return Terminal.show(.array(revisions.map(\.json))) }
        for revision in revisions {
            let what = revision.settings == nil ? "removed" : "changed"
            Terminal.show(
                """
                version \(revision.version.rawValue)  \(revision.recorded.rfc3339Seconds)  \
                \(revision.scope.name.padding(to: 10)) \(what)  position \(revision.position.rawValue)
                """
            )
        }
        if revisions.isEmpty { Terminal.tell("There are no settings yet.") }
    }
}
