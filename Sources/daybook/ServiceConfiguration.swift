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
    /// How long something is wrong before that is told: seconds.
    var alertAfterSeconds = 60
    /// Between two looks whether something is wrong: seconds.
    var alertEverySeconds = 15

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
        try node.allow(["allowLoopback", "lagSeconds", "afterSeconds", "everySeconds"])
        allowsLoopbackAlerts = try node.flag("allowLoopback") ?? allowsLoopbackAlerts
        lagSeconds = try node.integer("lagSeconds", Self.lagRange) ?? lagSeconds
        alertAfterSeconds = try node.integer("afterSeconds", Self.afterRange) ?? alertAfterSeconds
        alertEverySeconds = try node.integer("everySeconds", Self.everyRange) ?? alertEverySeconds
    }

    mutating func read(environment: [String: String]) throws {
        if let text = environment["DAYBOOK_LOG_FORMAT"] {
            logFormat = try Self.format(text, "DAYBOOK_LOG_FORMAT")
        }
        if let text = environment["DAYBOOK_LOG_LEVEL"] {
            logLevel = try Self.level(text, "DAYBOOK_LOG_LEVEL")
        }
        func number(_ name: String, _ range: ClosedRange<Int>) throws -> Int? {
            try environment[name].map { try Self.number($0, range, name) }
        }
        limits.perSecond =
            try number("DAYBOOK_SERVER_PER_SECOND", 1...1_000_000) ?? limits.perSecond
        lagSeconds = try number("DAYBOOK_ALERT_LAG_SECONDS", Self.lagRange) ?? lagSeconds
        alertAfterSeconds =
            try number("DAYBOOK_ALERT_AFTER_SECONDS", Self.afterRange) ?? alertAfterSeconds
        alertEverySeconds =
            try number("DAYBOOK_ALERT_EVERY_SECONDS", Self.everyRange) ?? alertEverySeconds
        if let text = environment["DAYBOOK_SERVER_TRUSTED_PROXIES"] {
            limits.trustedProxies = Set(
                text.split(separator: ",").map { String($0).trimmingWhitespace() }
            )
        }
        if let text = environment["DAYBOOK_ALERT_ALLOW_LOOPBACK"] {
            allowsLoopbackAlerts = text == "true"
        }
    }

    private static let lagRange = 1...604_800
    private static let afterRange = 0...86_400
    private static let everyRange = 1...3_600

    private static func number(
        _ text: String,
        _ range: ClosedRange<Int>,
        _ name: String
    ) throws -> Int {
        guard let number = Int(text), range.contains(number) else {
            throw ConfigurationError(
                description:
                    "\(name) has to be a number from \(range.lowerBound) to \(range.upperBound)."
            )
        }
        return number
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
