/// A reason why settings of Cal.com's Salesforce app could not be taken over.
public enum SettingsImportError: Error, Hashable, Sendable {
    /// The document holds no settings of the Salesforce app.
    case noSettings(reason: String)
    /// A key has a value of another type.
    case wrongType(key: String, expected: String)
    /// A key has a value that Cal.com is not known to store.
    case unknownValue(key: String, found: String, expected: String)
    /// A key without which its object means nothing.
    case missing(key: String)
}

extension SettingsImportError: CustomStringConvertible {
    /// Which key, and what would be right.
    public var description: String {
        switch self {
        case .noSettings(let reason):
            """
            The file holds no settings of Cal.com's Salesforce app: \(reason). Hand over the \
            object under metadata.apps.salesforce of an event type, or the event type as API v2 \
            returns it.
            """
        case .wrongType(let key, let expected): "`\(key)` is not \(expected)."
        case .unknownValue(let key, let found, let expected):
            "`\(key)` is `\(found)`, expected \(expected)."
        case .missing(let key): "`\(key)` is missing."
        }
    }
}
