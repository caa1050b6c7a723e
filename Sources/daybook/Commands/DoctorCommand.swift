import ArgumentParser
import Domain
import Foundation
import Journal
import Ledger
import Pipeline
import Salesforce

/// Checks everything a run depends on.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check ledger, connection, permissions, fields and the key field.",
        discussion: """
            Changes nothing in Salesforce. Exits with 0 if a run can be made, with 69 if Salesforce \
            does not answer, with 77 if log-in or permissions are missing, with 78 if something in \
            the settings does not fit.
            """
    )

    @OptionGroup var options: CommonOptions

    /// One check.
    private struct Check {
        enum State: String { case ok, note, bad }

        var name: String
        var state: State
        var text: String

        var json: JSON {
            .compact([
                ("check", .string(name)), ("state", .string(state.rawValue)),
                ("text", .string(text)),
            ])
        }
    }

    func run() async throws {
        let (checks, status) = try await options.withSession { try await examine($0) }
        if options.isJSON {
            Terminal.show(
                .compact([
                    ("ok", .bool(status == .done)), ("checks", .array(checks.map(\.json))),
                ])
            )
        } else {
            for check in checks { show(check) }
        }
        if status != .done { throw status.exitCode }
    }

    private func show(_ check: Check) {
        let mark =
            switch check.state {
            case .ok: Terminal.paint("ok  ", .green)
            case .note: Terminal.paint("note", .yellow)
            case .bad: Terminal.paint("bad ", .red)
            }
        Terminal.show("\(mark) \(check.name.padding(to: 14)) \(check.text)")
    }

    private func examine(_ session: Session) async throws -> ([Check], ExitStatus) {
        let head = try await session.journal.head()
        var checks = [
            Check(
                name: "ledger",
                state: .ok,
                text: "\(session.configuration.ledger), \(head.position) events"
            )
        ]
        do {
            let latest = try await session.journal.latestSettings()
            let (org, schema) = try await session.settingsCheck()
                .observe(for: latest.compactMap(\.settings))
            checks.append(
                Check(
                    name: "connection",
                    state: .ok,
                    text: "org \(org), by \(session.configuration.logIn.flow.rawValue)"
                )
            )
            checks += access(schema, latest)
            checks += features(schema, session.configuration.keyField)
            checks += settings(latest, schema)
        } catch let error as SalesforceError {
            checks.append(Check(name: "connection", state: .bad, text: "\(error)"))
            return (checks, ExitStatus.status(of: error) ?? .failed)
        } catch let refusal as RunRefusal {
            checks.append(Check(name: "connection", state: .bad, text: "\(refusal)"))
            return (checks, ExitStatus.status(of: refusal) ?? .failed)
        } catch let failure as CommandFailure {
            checks.append(Check(name: "connection", state: .bad, text: failure.message))
            return (checks, failure.status)
        } catch let error as ConfigurationError {
            checks.append(Check(name: "connection", state: .bad, text: error.description))
            return (checks, .configuration)
        }
        let bad = checks.first { $0.state == .bad }
        return (
            checks, bad.map { $0.name == "permissions" ? .noPermission : .configuration } ?? .done
        )
    }

    /// What our user may do, object by object.
    private func access(_ schema: OrgSchema, _ revisions: [SettingsRevision]) -> [Check] {
        AccessReport(schema, settings: revisions.compactMap(\.settings)).lines.map { line in
            Check(
                name: "permissions",
                state: line.isBad ? .bad : line.isComplete ? .ok : .note,
                text: line.text
            )
        }
    }

    private func features(_ schema: OrgSchema, _ keyField: FieldName) -> [Check] {
        let key =
            schema.hasKeyField(keyField)
            ? Check(name: "key field", state: .ok, text: "Event.\(keyField.rawValue)")
            : Check(
                name: "key field",
                state: .note,
                text: """
                    Event has no external-id field \(keyField.rawValue). Daybook works without, and \
                    looks before it creates again; 'daybook org prepare' adds it
                    """
            )
        let shared =
            schema.hasSharedActivities
            ? "on: all attendees are related" : "off: only the booker is related"
        return [key, Check(name: "Shared Activities", state: .ok, text: shared)]
    }

    private func settings(_ latest: [SettingsRevision], _ schema: OrgSchema) -> [Check] {
        guard !latest.isEmpty else {
            return [
                Check(
                    name: "settings",
                    state: .note,
                    text: "none yet: nothing is written. Run 'daybook settings import'"
                )
            ]
        }
        return latest.flatMap { revision -> [Check] in
            let findings = revision.settings.map { SettingsCheck.findings($0, schema) } ?? []
            let fine = Check(
                name: "settings",
                state: .ok,
                text: "\(revision.scope.name), version \(revision.version.rawValue)"
            )
            return [fine]
                + findings.map {
                    Check(name: "settings", state: $0.isError ? .bad : .note, text: $0.text)
                }
        }
    }
}
