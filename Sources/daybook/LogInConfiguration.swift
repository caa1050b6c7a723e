import Foundation

/// How to log in: the section `salesforce.auth`, and its variables.
struct LogInConfiguration {
    /// The ways to log in.
    enum Flow: String, CaseIterable {
        case accessToken
        case refreshToken
        case clientCredentials
        case jwtBearer
    }

    var flow = Flow.accessToken
    /// The consumer key of the connected app.
    var clientID: String?
    /// Where to log in, as people write it; see `InstanceURL.init(written:)`.
    var loginURL: String?
    /// The user to act as, for the flow with a key.
    var username: String?
    /// The file with the private key.
    var keyFile: String?
    /// Whom assertions are for; nil derives it from the log-in server.
    var audience: String?
    /// The port to which the browser comes back: a callback URL of the app names it.
    var callbackPort = 8_485

    /// Takes over what a file says.
    mutating func read(_ node: ConfigurationNode) throws {
        try node.allow([
            "flow", "clientId", "loginURL", "username", "keyFile", "audience", "callbackPort",
        ])
        if let name = try node.text("flow") { flow = try Self.flow(name, "salesforce.auth.flow") }
        clientID = try node.text("clientId")
        loginURL = try node.text("loginURL")
        username = try node.text("username")
        keyFile = try node.text("keyFile")
        audience = try node.text("audience")
        if let port = try node.integer("callbackPort") {
            callbackPort = try Self.port(port, "salesforce.auth.callbackPort")
        }
    }

    /// Takes over what the environment says.
    mutating func read(_ environment: [String: String]) throws {
        let prefix = "DAYBOOK_SALESFORCE_"
        if let name = environment["\(prefix)AUTH_FLOW"] {
            flow = try Self.flow(name, "\(prefix)AUTH_FLOW")
        }
        clientID = environment["\(prefix)CLIENT_ID"] ?? clientID
        loginURL = environment["\(prefix)LOGIN_URL"] ?? loginURL
        username = environment["\(prefix)USERNAME"] ?? username
        keyFile = environment["\(prefix)KEY_FILE"] ?? keyFile
        audience = environment["\(prefix)AUDIENCE"] ?? audience
        if let text = environment["\(prefix)CALLBACK_PORT"] {
            callbackPort = try Self.port(Int(text), "\(prefix)CALLBACK_PORT")
        }
    }

    private static func flow(_ name: String, _ place: String) throws -> Flow {
        guard let flow = Flow(rawValue: name) else {
            throw ConfigurationError(
                description: """
                    '\(place)' is '\(name)', and has to be one of \
                    \(Flow.allCases.map(\.rawValue).joined(separator: ", ")).
                    """
            )
        }
        return flow
    }

    private static func port(_ number: Int?, _ place: String) throws -> Int {
        guard let number, (0...65_535).contains(number) else {
            throw ConfigurationError(description: "'\(place)' is no port number.")
        }
        return number
    }
}
