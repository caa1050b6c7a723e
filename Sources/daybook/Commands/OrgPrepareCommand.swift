import ArgumentParser
import Domain
import Foundation
import Pipeline
import Salesforce

/// Adds the field for Daybook's key.
struct OrgPrepareCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prepare",
        abstract: "Add the external-id field for Daybook's key, and open it to our user.",
        discussion: """
            Shows what it would do, and does nothing without --apply. Adding the field takes the \
            permission "Customize Application", opening it takes "Manage Profiles and Permission \
            Sets". Daybook works without the field: it then looks for an event record before it \
            creates one again.

              daybook org prepare             the plan
              daybook org prepare --apply     carry it out

            Exit codes: 0 done or nothing to do · 2 with --detailed-exitcode and something to do · \
            77 the org refused a step · 78 the field is there, but is no external id
            """
    )

    @OptionGroup var options: CommonOptions

    @Flag(help: "Carry the plan out.")
    var apply = false

    @Flag(name: .customLong("detailed-exitcode"), help: "Exit with 2 if something is to be done.")
    var detailedExitcode = false

    /// A step, and what became of it; nil while it is only planned.
    private typealias Line = (
        step: KeyFieldPreparation.Step, outcome: KeyFieldPreparation.Outcome?
    )

    func run() async throws {
        let status = try await options.withSession { session -> ExitStatus in
            let (gateway, organization) = try await session.checkedGateway()
            let plan = try await gateway.preparation(of: session.configuration.keyField)
            guard apply, !plan.steps.isEmpty else {
                show(plan, plan.steps.map { ($0, nil) }, organization)
                return exitStatus(of: plan)
            }
            let outcomes = try await gateway.carryOut(plan)
            show(plan, outcomes.map { ($0.0, $0.1) }, organization)
            // What the org has now is what the next plan has to reckon with.
            _ = try await session.settingsCheck().observe()
            return outcomes.allSatisfy { $0.1 == .done } ? .done : .noPermission
        }
        if status != .done { throw status.exitCode }
    }

    private func exitStatus(of plan: KeyFieldPreparation) -> ExitStatus {
        if plan.obstacle != nil { return .configuration }
        return detailedExitcode && !plan.isDone ? .changesFound : .done
    }

    private func show(
        _ plan: KeyFieldPreparation,
        _ lines: [Line],
        _ organization: Organization
    ) {
        let isRefused = lines.contains { line in
            if case .refused? = line.outcome { true } else { false }
        }
        if isRefused { Terminal.tell(Self.refusalAdvice) }
        guard !options.isJSON else { return Terminal.show(json(plan, lines, organization)) }
        if let obstacle = plan.obstacle { return Terminal.show("\(obstacle).") }
        guard !lines.isEmpty else {
            return Terminal.show(
                "Nothing to do: Event.\(plan.field.rawValue) is an external id that our user may write."
            )
        }
        Terminal.show(
            "\(organization.name) (\(organization.id.rawValue), \(organization.kind)):"
        )
        for line in lines { Terminal.show("  \(mark(line.outcome)) \(text(line.step, plan))") }
        guard !apply else { return }
        Terminal.show("Plan: \(lines.count) to add. Carry it out with: daybook org prepare --apply")
    }

    private static let refusalAdvice = """
        The org refused a step. Daybook works without the field: it looks for an event record \
        before it creates one again. To have it, let an administrator do the steps below, or give \
        the integration user the permissions "Customize Application" and "Manage Profiles and \
        Permission Sets" and run this again.
        """

    private func mark(_ outcome: KeyFieldPreparation.Outcome?) -> String {
        switch outcome {
        case nil: Terminal.paint("+", .green)
        case .done?: Terminal.paint("done    +", .green)
        case .skipped?: Terminal.paint("skipped +", .yellow)
        case .refused(let code, _)?: Terminal.paint("refused (\(code)) +", .red)
        }
    }

    private func text(_ step: KeyFieldPreparation.Step, _ plan: KeyFieldPreparation) -> String {
        let set = KeyFieldPreparation.permissionSet
        return switch step {
        case .createField:
            """
            field Activity.\(plan.field.rawValue): Text(255), external id, unique, case-sensitive
            """
        case .createPermissionSet: "permission set \(set)"
        case .openField: "read and edit Event.\(plan.field.rawValue) in \(set)"
        case .assignPermissionSet: "assignment of \(set) to the integration user"
        }
    }

    private func json(
        _ plan: KeyFieldPreparation,
        _ lines: [Line],
        _ organization: Organization
    ) -> JSON {
        .compact([
            ("org", .string(organization.id.rawValue)),
            ("field", .string("Activity.\(plan.field.rawValue)")),
            ("ready", .bool(plan.isDone)), ("obstacle", plan.obstacle.map(JSON.string)),
            (
                "steps",
                .array(
                    lines.map { line in
                        JSON.compact([
                            ("step", .string(line.step.name)),
                            ("text", .string(text(line.step, plan))),
                            ("outcome", .string(line.outcome?.name ?? "planned")),
                            ("reason", line.outcome?.reason.map(JSON.string)),
                        ])
                    }
                )
            ),
        ])
    }
}

extension KeyFieldPreparation.Step {
    fileprivate var name: String {
        switch self {
        case .createField: "createField"
        case .createPermissionSet: "createPermissionSet"
        case .openField: "openField"
        case .assignPermissionSet: "assignPermissionSet"
        }
    }
}

extension KeyFieldPreparation.Outcome {
    fileprivate var name: String {
        switch self {
        case .done: "done"
        case .refused: "refused"
        case .skipped: "skipped"
        }
    }

    fileprivate var reason: String? {
        if case .refused(let code, let reason) = self { "\(code): \(reason)" } else { nil }
    }
}
