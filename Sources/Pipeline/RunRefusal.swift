public import Domain
public import Reconciliation

/// A reason why a run was not made, though nothing failed.
public enum RunRefusal: Error, Hashable, Sendable {
    /// Another run is at work; its lease ends at this moment unless it goes on.
    case busy
    /// The plan changes suspiciously much.
    case largeChange(ChangeGuard.Refusal)
    /// The plan file does not fit any more.
    case stalePlan(String)
    /// The ledger belongs to another org.
    case otherOrg(expected: String, found: String)
    /// The org's API calls were used up, and it is left alone until this moment.
    case limitPause(until: Instant)
    /// What is left of the org's API calls is not for this run.
    case budget(BudgetShortage)
}

/// Why a run may make no API calls.
public struct BudgetShortage: Hashable, Sendable {
    /// The calls that are left to everybody; nil if the org did not say.
    public var left: Int?
    /// The calls that are kept for others.
    public var reserve: Int?
    /// Whether the run was a sweep, which yields first.
    public var isSweep: Bool

    init(_ allowance: APIAllowance?, _ budget: APIBudget, _ selection: RunSelection) {
        left = allowance?.left
        reserve = allowance.flatMap(budget.reserve)
        isSweep = selection == .everything
    }
}

extension RunRefusal: CustomStringConvertible {
    /// What stands against the run, and how to go on.
    public var description: String {
        switch self {
        case .busy:
            """
            Another run is at work on this ledger. Wait for it to finish; if its process died, its \
            lease ends within 90 seconds.
            """
        case .largeChange(let refusal):
            "\(refusal)"
        case .stalePlan(let reason):
            "The plan was not applied: \(reason). Make a new one with 'daybook plan --out FILE'."
        case .otherOrg(let expected, let found):
            """
            This ledger belongs to the org \(expected), and the log-in is for \(found). Use a \
            ledger of its own for each org, or the right log-in. If \(found) really takes its \
            place, say so with 'daybook org connect --accept-org \(found)'.
            """
        case .limitPause(let until):
            """
            The org's API calls of 24 hours were used up. It is left alone until \
            \(until.rfc3339Seconds); then a run looks whether it allows calls again. Nothing is lost.
            """
        case .budget(let shortage):
            """
            The org has \(shortage.left.map(String.init) ?? "few") API calls left, and \
            \(shortage.reserve.map(String.init) ?? "some") are kept for others\
            \(shortage.isSweep ? "; a sweep waits until twice as many are left" : ""). Nothing is \
            lost. Try again later, or lower 'salesforce.apiBudget.reservePercent'.
            """
        }
    }
}
