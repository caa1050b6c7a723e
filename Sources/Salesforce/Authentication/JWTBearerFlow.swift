public import AsyncHTTPClient
public import Domain
import JWTKit

/// Access tokens by an assertion that is signed with a key, without any person and any secret that
/// travels.
///
/// Source: `facts/salesforce-api.md` 1.4.
public struct JWTBearerFlow: AccessTokenSource {
    /// What an operator configures.
    public struct Credentials: Sendable {
        /// The consumer key of the connected app.
        public var clientID: String
        /// The name of the user to act as.
        public var username: String
        /// The key whose certificate the app knows.
        public var key: SigningKey
        /// Whom the assertion is for: `https://login.salesforce.com`, or
        /// `https://test.salesforce.com` for sandboxes.
        public var audience: String
        /// The log-in server.
        public var loginURL: InstanceURL

        /// Creates credentials.
        ///
        /// - Parameters:
        ///   - clientID: The consumer key of the connected app.
        ///   - username: The name of the user to act as.
        ///   - key: The key whose certificate the app knows.
        ///   - loginURL: The log-in server.
        ///   - audience: Whom the assertion is for; nil derives it from the log-in server.
        public init(
            clientID: String,
            username: String,
            key: SigningKey,
            loginURL: InstanceURL,
            audience: String? = nil
        ) {
            (self.clientID, self.username, self.key) = (clientID, username, key)
            (self.loginURL, self.audience) = (loginURL, audience ?? loginURL.audience)
        }
    }

    /// How long an assertion is good for: seconds.
    private static let validity: Int64 = 180

    private let shared = SharedLogIn()
    private let credentials: Credentials
    private let endpoint: TokenEndpoint
    private let now: @Sendable () -> Instant

    /// Creates a flow.
    ///
    /// - Parameters:
    ///   - credentials: What to log in with.
    ///   - http: The client to use; see `HTTPClient.Configuration.salesforce`.
    ///   - now: The time, from which each assertion gets its end.
    public init(
        _ credentials: Credentials,
        http: HTTPClient,
        now: @escaping @Sendable () -> Instant
    ) {
        let network = NetworkTransport(client: http, timeout: .seconds(30))
        self.init(credentials, transport: network.send, now: now)
    }

    init(
        _ credentials: Credentials,
        transport: @escaping Transport,
        now: @escaping @Sendable () -> Instant
    ) {
        (self.credentials, self.now) = (credentials, now)
        endpoint = TokenEndpoint(loginURL: credentials.loginURL, transport: transport, now: now)
    }

    /// Returns the current token, logging in first if there is none yet.
    public func token() async throws(SalesforceError) -> AccessToken {
        try await shared.token(logIn: logIn)
    }

    /// Logs in again, once for all requests that found the same token expired.
    public func renew(after expired: AccessToken) async throws(SalesforceError) -> AccessToken {
        try await shared.renew(after: expired, logIn: logIn)
    }

    private func logIn() async -> Result<AccessToken, SalesforceError> {
        do {
            let assertion = try await assertion()
            return .success(
                try await endpoint.grant(.jwtBearer, [(name: "assertion", value: assertion)]).token
            )
        } catch {
            return .failure(error)
        }
    }

    private func assertion() async throws(SalesforceError) -> String {
        let claims = Claims(
            iss: credentials.clientID,
            sub: credentials.username,
            aud: credentials.audience,
            exp: now().milliseconds / 1_000 + Self.validity
        )
        do {
            let keys = JWTKeyCollection()
            await keys.add(rsa: credentials.key.rsa, digestAlgorithm: .sha256)
            return try await keys.sign(claims)
        } catch {
            throw .configuration("the assertion could not be signed with the key")
        }
    }

    /// What an assertion says, with the names that RFC 7519 gives.
    private struct Claims: JWTPayload {
        var iss: String
        var sub: String
        var aud: String
        /// Seconds since 1970, UTC.
        var exp: Int64

        /// Nothing: assertions are made here, and verified elsewhere.
        func verify(using algorithm: some JWTAlgorithm) async throws {}
    }
}
