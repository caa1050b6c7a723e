/// Which appointments a run looks at.
public enum RunSelection: Hashable, Sendable {
    /// Those with something new since their last outcome.
    case changed
    /// All: a sweep.
    case everything
}
