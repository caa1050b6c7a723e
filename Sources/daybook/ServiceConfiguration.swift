import Domain
import Foundation
import Logging
import Server

/// How the service behaves beside where it listens: limits, logs, alerts.
struct ServiceConfiguration {
    var limits = ServerLimits()
    var logFormat = LogFormat.text
    var logLevel = Logger.Level.info
    /// Whether alerts may go to this machine, by plain http.
    var allowsLoopbackAlerts = false
    /// How long what came in may wait before that is told: seconds.
    var lagSeconds = 900

    /// The names of the secrets.
    static let alertURL = "DAYBOOK_ALERT_URL"
    static let slackURL = "DAYBOOK_ALERT_SLACK_URL"

    mutating func read(server: ConfigurationNode) throws {
        if let text = try server.text("logFormat") {
            logFormat = try Self.format(text, "'server.logFormat'")
        }
        if let text = try server.text("logLevel") {
            logLevel = try Self.level(text, "'server.logLevel'")
        }
        limits.trustedProxies = Set(try server.texts("trustedProxies") ?? [])
        guard let node = try server.child("limits") else { return }
        try node.allow([
            "bodyBytes", "headBytes", "bodySeconds", "idleSeconds", "atOnce", "connections",
            "perSecond", "forgedPerSecond",
        ])
        limits.largestBody = try node.integer("bodyBytes", 1_024...67_108_864) ?? limits.largestBody
        limits.largestHead = try node.integer("headBytes", 1_024...65_536) ?? limits.largestHead
        limits.bodySeconds = try node.integer("bodySeconds", 1...20) ?? limits.bodySeconds
        limits.idleSeconds = try node.integer("idleSeconds", 1...600) ?? limits.idleSeconds
        limits.mostAtOnce = try node.integer("atOnce", 1...100_000) ?? limits.mostAtOnce
        limits.mostConnections =
            try node.integer("connections", 1...100_000) ?? limits.mostConnections
        limits.perSecond = try node.integer("perSecond", 1...1_000_000) ?? limits.perSecond
        limits.forgedPerSecond =
            try node.integer("forgedPerSecond", 1...1_000_000) ?? limits.forgedPerSecond
    }

    mutating func read(alerts node: ConfigurationNode) throws {
        try node.allow(["allowLoopback", "lagSeconds"])
        allowsLoopbackAlerts = try node.flag("allowLoopback") ?? allowsLoopbackAlerts
        lagSeconds = try node.integer("lagSeconds", 1...604_800) ?? lagSeconds
    }

    mutating func read(environment: [String: String]) throws {
        if let text = environment["DAYBOOK_LOG_FORMAT"] {
            logFormat = try Self.format(text, "DAYBOOK_LOG_FORMAT")
        }
        if let text = environment["DAYBOOK_LOG_LEVEL"] {
            logLevel = try Self.level(text, "DAYBOOK_LOG_LEVEL")
        }
        if let text = environment["DAYBOOK_SERVER_PER_SECOND"] {
            guard let number = Int(text), (1...1_000_000).contains(number) else {
                throw ConfigurationError(
                    description: "DAYBOOK_SERVER_PER_SECOND has to be a number from 1 to 1000000."
                )
            }
            limits.perSecond = number
        }
        if let text = environment["DAYBOOK_SERVER_TRUSTED_PROXIES"] {
            limits.trustedProxies = Set(
                text.split(separator: ",").map { String($0).trimmingWhitespace() }
            )
        }
        if let text = environment["DAYBOOK_ALERT_ALLOW_LOOPBACK"] {
            allowsLoopbackAlerts = text == "true"
        }
    }

    static func format(_ text: String, _ place: String) throws -> LogFormat {
        guard let format = LogFormat(rawValue: text) else {
            throw ConfigurationError(description: "\(place) is text or json.")
        }
        return format
    }

    static func level(_ text: String, _ place: String) throws -> Logger.Level {
        guard let level = Logger.Level(rawValue: text) else {
            let known = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
            throw ConfigurationError(description: "\(place) is one of \(known).")
        }
        return level
    }
}
