import Domain
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
            This ledger belongs to the org \(expected), and the token is for \(found). Use a ledger \
            of its own for each org, or the right token.
            """
        }
    }
}
