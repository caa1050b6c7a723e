/// A reason why the service did not do what it was asked for.
///
/// The words are for whoever asked: what, which, and what to do next; never personal data.
public enum DeskError: Error, Hashable, Sendable {
    /// Salesforce cannot be asked at the moment, or is not configured.
    case unavailable(String)
    /// Something stands against it as things are now.
    case refused(String)
    /// It was asked in a way that cannot be meant.
    case invalid(String)
    /// There is nothing of that name.
    case notFound(String)
    /// What it was to change has changed since the caller looked.
    case moved(String)
}

extension DeskError: CustomStringConvertible {
    /// What to tell whoever asked.
    public var description: String {
        switch self {
        case .unavailable(let words), .refused(let words), .invalid(let words),
            .notFound(let words), .moved(let words):
            words
        }
    }
}
