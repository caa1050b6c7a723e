public import AsyncHTTPClient
import Crypto
import Foundation

/// A log-in in the browser of a person: the web-server flow with PKCE.
///
/// The person consents at the org, which sends the browser back to an address on this machine
/// with a code. Only who holds the verifier, which never left this process, can use the code.
///
/// Source: `facts/salesforce-api.md` 1.5.
public struct WebServerFlow: Sendable {
    private let app: ConnectedApp
    private let endpoint: TokenEndpoint
    private let redirectURL: String
    private let state: String
    private let verifier: String

    /// Prepares a log-in.
    ///
    /// - Parameters:
    ///   - app: The connected app.
    ///   - loginURL: The log-in server.
    ///   - redirectURL: Where the browser is sent back to; a callback URL of the app, to the letter.
    ///   - http: The client to use; see `HTTPClient.Configuration.salesforce`.
    ///   - random: Gives so many random bytes that nobody can guess.
    public init(
        app: ConnectedApp,
        loginURL: InstanceURL,
        redirectURL: String,
        http: HTTPClient,
        random: (Int) -> [UInt8]
    ) {
        let network = NetworkTransport(client: http, timeout: .seconds(30))
        self.init(
            app: app,
            loginURL: loginURL,
            redirectURL: redirectURL,
            transport: network.send,
            random: random
        )
    }

    init(
        app: ConnectedApp,
        loginURL: InstanceURL,
        redirectURL: String,
        transport: @escaping Transport,
        random: (Int) -> [UInt8]
    ) {
        (self.app, self.redirectURL) = (app, redirectURL)
        endpoint = TokenEndpoint(loginURL: loginURL, transport: transport)
        (state, verifier) = (Self.base64URL(random(32)), Self.base64URL(random(64)))
    }

    /// The address to open in a browser.
    public var address: String {
        let challenge = Self.base64URL(Array(SHA256.hash(data: Array(verifier.utf8))))
        let query = PercentEncoding.form([
            (name: "response_type", value: "code"), (name: "client_id", value: app.clientID),
            (name: "redirect_uri", value: redirectURL),
            (name: "scope", value: "api refresh_token"), (name: "state", value: state),
            (name: "code_challenge", value: challenge),
            (name: "code_challenge_method", value: "S256"),
        ])
        return "\(endpoint.loginURL.text)/services/oauth2/authorize?\(query)"
    }

    /// Reads what the browser brought back.
    ///
    /// - Parameter parameters: The decoded parameters of the request to the redirect address.
    /// - Returns: The code.
    /// - Throws: ``SalesforceError/logInRefused(_:)`` if the person or the org refused, or if the
    ///   answer does not belong to this log-in.
    public func code(in parameters: [String: String]) throws(SalesforceError) -> String {
        // Before anything else is believed, an error included: anybody can send a browser here.
        guard parameters["state"] == state else { throw .logInRefused(.foreignAnswer) }
        if let code = parameters["error"] {
            throw .logInRefused(.refusedInBrowser(code, parameters["error_description"] ?? ""))
        }
        guard let code = parameters["code"], !code.isEmpty else {
            throw .logInRefused(.foreignAnswer)
        }
        return code
    }

    /// Exchanges a code for tokens.
    ///
    /// - Parameter code: A code of ``code(in:)``; it can be used once.
    /// - Returns: An access token, and the refresh token for later.
    /// - Throws: As ``AccessTokenSource/token()``, and ``SalesforceError/logInRefused(_:)`` if the
    ///   app gives no refresh token.
    public func tokens(
        for code: String
    ) async throws(SalesforceError) -> (access: AccessToken, refresh: String) {
        let grant = try await endpoint.grant(
            .authorizationCode,
            [
                (name: "code", value: code), (name: "client_id", value: app.clientID),
                (name: "redirect_uri", value: redirectURL),
                (name: "code_verifier", value: verifier),
            ] + app.secretField
        )
        guard let refresh = grant.refreshToken else { throw .logInRefused(.noRefreshToken) }
        return (grant.token, refresh)
    }

    /// Takes a refresh token back that was got and is not wanted.
    ///
    /// - Parameter token: The token.
    /// - Throws: ``SalesforceError/unreachable(_:)``.
    public func revoke(_ token: String) async throws(SalesforceError) {
        try await endpoint.revoke(token)
    }

    /// RFC 4648, section 5, without padding.
    private static func base64URL(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString()
            .replacingOccurrences(of: "+", with: "-")
            .replacingOccurrences(of: "/", with: "_")
            .replacingOccurrences(of: "=", with: "")
    }
}

extension LogInRefusal {
    /// The answer carries another state than we sent, or neither a code nor an error.
    static let foreignAnswer = LogInRefusal(
        code: "state_mismatch",
        reason: "the browser brought an answer that does not belong to this log-in",
        remedy: """
            It may come from an older window, or from somebody who wants you to connect another \
            org. Close such windows, and start again with 'daybook org connect'.
            """
    )

    /// The app gave an access token only.
    static let noRefreshToken = LogInRefusal(
        code: "no_refresh_token",
        reason: "the app gave no refresh token",
        remedy: """
            Add the scope 'Perform requests at any time (refresh_token, offline_access)' to the \
            app, and start again with 'daybook org connect'.
            """
    )

    /// The browser came back with an error instead of a code.
    static func refusedInBrowser(_ code: String, _ words: String) -> LogInRefusal {
        // Both texts come from a URL that anybody can make: only plain words are repeated.
        let isPlain = { (text: String) in
            text.utf8.count <= 120
                && text.unicodeScalars.allSatisfy {
                    $0.isASCII
                        && ($0.properties.isAlphabetic || " _-.,'".unicodeScalars.contains($0))
                }
        }
        let name = isPlain(code) ? code : "error"
        let reason = isPlain(words) ? words : ""
        guard name == "access_denied" else {
            let known = LogInRefusal(
                code: name,
                reason: reason,
                grant: .authorizationCode,
                skew: nil
            )
            return known
        }
        return LogInRefusal(
            code: name,
            reason: reason.isEmpty ? "the consent was refused" : reason,
            remedy: """
                Nothing was connected. Start again with 'daybook org connect' and press Allow, as \
                the user that Daybook shall act as; if there is no such button, ask an \
                administrator to approve the app.
                """
        )
    }
}
