/// A reason why a settings document was not accepted; the first one met.
///
/// Every case names the place by its path, for example `eventTypes.88231.onBooking.attendee`.
public enum SettingsDocumentError: Error, Hashable, Sendable {
    /// A key that means nothing here, perhaps a misspelled one.
    case unknownKey(path: String, key: String, suggestion: String?)
    /// One key twice in an object.
    case repeatedKey(path: String, key: String)
    /// A key without which its object means nothing.
    case missingKey(path: String, key: String)
    /// A value of another type than the setting takes.
    case wrongType(path: String, found: String, expected: String)
    /// A value of the right type that the setting does not take.
    case invalidValue(path: String, found: String, expected: String)
    /// A setting at the top of a document, where it is not said whose bookings it is for.
    case withoutScope(key: String)
}

extension SettingsDocumentError: CustomStringConvertible {
    /// Where, what was found, and what would be right.
    public var description: String {
        switch self {
        case .unknownKey(let path, let key, let suggestion):
            "Unknown key `\(key)` \(Self.place(path))."
                + (suggestion.map { " Did you mean `\($0)`?" }
                    ?? " Remove it; Documentation/settings.md lists the keys.")
        case .repeatedKey(let path, let key):
            "The key `\(key)` stands twice \(Self.place(path)); keep one of them."
        case .missingKey(let path, let key):
            "The key `\(key)` is missing \(Self.place(path))."
        case .wrongType(let path, let found, let expected):
            "Found \(found) \(Self.place(path)), expected \(expected)."
        case .invalidValue(let path, let found, let expected):
            "`\(found)` is not possible \(Self.place(path)), expected \(expected)."
        case .withoutScope(let key):
            """
            `\(key)` stands at the top of the document. Put it under `default`, or under \
            `eventTypes` and the number of an event type, so that it is clear whose bookings it \
            is for.
            """
        }
    }

    private static func place(_ path: String) -> String {
        path.isEmpty ? "at the top of the document" : "at `\(path)`"
    }
}
