import CalCom
import Domain
import Foundation

/// How Cal.com's API is reached, from `calcom` in the configuration and the environment.
struct CalComConfiguration {
    /// The address of API v2.
    var apiURL = "https://api.cal.com/v2"
    /// Only these event types are read; empty for all that the key can see.
    var eventTypes: [EventTypeID] = []
    /// Seconds between two readings of `serve`; 0 for none.
    var pollSeconds = 300
    /// How many requests a minute the key takes.
    var requestsPerMinute = 120

    /// The name of the secret.
    static let key = "DAYBOOK_CALCOM_API_KEY"

    mutating func read(_ node: ConfigurationNode) throws {
        try node.allow([
            "apiURL", "eventTypes", "pollSeconds", "requestsPerMinute", "webhook", "apiKey",
        ])
        guard try node.text("apiKey") == nil else {
            throw ConfigurationError(
                description: """
                    'calcom.apiKey' is a secret and does not belong into the file. Put it into \
                    \(Self.key), or into a file that \(Self.key)_FILE names.
                    """
            )
        }
        apiURL = try node.text("apiURL") ?? apiURL
        eventTypes = try node.integers("eventTypes")?.map(EventTypeID.init) ?? eventTypes
        pollSeconds = try node.integer("pollSeconds", 0...86_400) ?? pollSeconds
        requestsPerMinute =
            try node.integer("requestsPerMinute", 1...10_000) ?? requestsPerMinute
    }

    mutating func read(environment: [String: String]) throws {
        apiURL = environment["DAYBOOK_CALCOM_API_URL"] ?? apiURL
        if let text = environment["DAYBOOK_CALCOM_EVENT_TYPES"] {
            let numbers = text.split(separator: ",")
                .map { Int(String($0).trimmingWhitespace()).map(EventTypeID.init) }
            guard !numbers.contains(nil) else {
                throw ConfigurationError(
                    description: "DAYBOOK_CALCOM_EVENT_TYPES is a list of numbers, with commas."
                )
            }
            eventTypes = numbers.compactMap { $0 }
        }
        pollSeconds = try Self.number(environment, "POLL_SECONDS", 0...86_400) ?? pollSeconds
        requestsPerMinute =
            try Self.number(environment, "REQUESTS_PER_MINUTE", 1...10_000) ?? requestsPerMinute
    }

    private static func number(
        _ environment: [String: String],
        _ name: String,
        _ range: ClosedRange<Int>
    ) throws -> Int? {
        guard let text = environment["DAYBOOK_CALCOM_\(name)"] else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw ConfigurationError(
                description: """
                    DAYBOOK_CALCOM_\(name) has to be a number from \(range.lowerBound) to \
                    \(range.upperBound).
                    """
            )
        }
        return number
    }
}
