import Audit
import Domain
import Pipeline

/// A plan or a report for people: one block per record, old → new, the reason per field.
struct PlanText {
    let operations: [PlanOperation]
    let summary: RunSummary
    var isDone = false

    var text: String {
        let shown = operations.filter { operation in
            operation.kind != .unchanged || operation.fields.contains(where: isAdopted)
        }
        var blocks = shown.map(block)
        if shown.isEmpty {
            blocks.append(
                isDone ? "Nothing had to be written." : "Nothing to do: Salesforce is in step."
            )
        }
        return (blocks + [summaryLine]).joined(separator: "\n\n")
    }

    /// What carrying a plan out takes, and what is left of the org's API calls.
    static func cost(of plan: SyncPlan) -> String {
        let jobs = plan.cost.jobs == 0 ? "" : " with \("bulk job".counted(plan.cost.jobs))"
        let cost =
            "\("API call".counted(plan.cost.reads)) to look, \(plan.cost.writes) to write\(jobs)"
        guard let left = plan.allowance?.left, let allowed = plan.allowance?.allowed,
            let reserve = plan.allowance.flatMap(plan.budget.reserve)
        else { return "Cost: \(cost)." }
        return "Cost: \(cost); \(left) of \(allowed) left in 24 hours, \(reserve) kept for others."
    }

    private func block(_ operation: PlanOperation) -> String {
        let record = operation.record?.rawValue ?? "new"
        let head =
            "\(mark(operation.kind)) \(verb(operation.kind)) \(operation.object.rawValue) \(record)"
        let why =
            "  \(operation.subject.name) · \(operation.reason.rawValue)"
            + (operation.detail.isEmpty ? "" : " · \(operation.detail)")
        let fields = operation.fields.filter { isShown($0, of: operation) }.map(line)
        return ([Terminal.paint(head, .bold), Terminal.paint(why, .faint)] + fields)
            .joined(separator: "\n")
    }

    private func isShown(_ field: PlannedField, of operation: PlanOperation) -> Bool {
        field.outcome == .write || field.outcome == .hold || isAdopted(field)
    }

    /// Whether an edit is taken over because somebody asked for it.
    private func isAdopted(_ field: PlannedField) -> Bool {
        field.outcome == .adopt && field.reason == .driftAdopted
    }

    private func mark(_ kind: PlanOperation.Kind) -> String {
        switch kind {
        case .create: Terminal.paint("+", .green)
        case .update: Terminal.paint("~", .yellow)
        case .delete: Terminal.paint("-", .red)
        case .hold: Terminal.paint("!", .cyan)
        case .unchanged: " "
        }
    }

    private func verb(_ kind: PlanOperation.Kind) -> String {
        switch kind {
        case .create: isDone ? "created" : "create"
        case .update: isDone ? "updated" : "update"
        case .delete: isDone ? "deleted" : "delete"
        case .hold: isDone ? "held" : "hold"
        case .unchanged: "unchanged"
        }
    }

    private func line(_ field: PlannedField) -> String {
        let name = field.field.rawValue.padding(to: 24)
        let reason = Terminal.paint(
            "(\(field.reason.rawValue)\(field.detail.isEmpty ? "" : ": \(field.detail)"))",
            .faint
        )
        if isAdopted(field) {
            return "    \(name) taken over as \(shorten(field.live.readableText))  \(reason)"
        }
        guard field.outcome == .write, let desired = field.desired else {
            return "    \(name) held at \(shorten(field.live.readableText))  \(reason)"
        }
        let change =
            field.live.isEmpty
            ? shorten(desired.readableText)
            : "\(shorten(field.live.readableText)) → \(shorten(desired.readableText))"
        return "    \(name) \(change)  \(reason)"
    }

    private func shorten(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isNewline).joined(separator: " ⏎ ")
        return line.count > 60 ? "\(line.prefix(57))…" : line
    }

    private var summaryLine: String {
        let verbs =
            isDone
            ? ("created", "updated", "deleted", "held")
            : ("to create", "to update", "to delete", "held")
        let failed = summary.failed > 0 ? ", \(summary.failed) failed" : ""
        let heldFields =
            summary.heldFields > 0 ? "\("field".counted(summary.heldFields)) held back · " : ""
        return Terminal.paint(isDone ? "Done: " : "Plan: ", .bold)
            + """
            \(summary.create) \(verbs.0), \(summary.update) \(verbs.1), \(summary.delete) \(verbs.2), \
            \(summary.hold) \(verbs.3), \(summary.unchanged) unchanged\(failed) · \
            \(heldFields)\("field write".counted(summary.writesAvoided)) avoided · \
            \("API call".counted(summary.apiCalls))
            """
    }
}

extension OutgoingValue {
    /// The value as a person would read it.
    var readableText: String {
        switch self {
        case .value(let value): value.readableText
        case .record(let reference): reference.readableText
        case .records(let references): references.map(\.readableText).joined(separator: ", ")
        }
    }
}

extension RecordReference {
    fileprivate var readableText: String {
        switch self {
        case .record(let id): id.rawValue
        case .created(let operation): "the record of \(operation.rawValue)"
        }
    }
}

extension String {
    /// The text with spaces up to a width.
    func padding(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
