public import AsyncHTTPClient

/// Access tokens by a refresh token, as after a log-in in the browser.
///
/// Source: `facts/salesforce-api.md` 1.2.
public struct RefreshTokenFlow: AccessTokenSource {
    /// What an operator configures.
    public struct Credentials: Sendable {
        /// The consumer key of the connected app.
        public var clientID: String
        /// The consumer secret, unless the app does without: a secret.
        public var clientSecret: String?
        /// The refresh token: a secret.
        public var refreshToken: String
        /// The log-in server, for example `https://login.salesforce.com`.
        public var loginURL: InstanceURL

        /// Creates credentials.
        public init(
            clientID: String,
            clientSecret: String? = nil,
            refreshToken: String,
            loginURL: InstanceURL
        ) {
            (self.clientID, self.clientSecret) = (clientID, clientSecret)
            (self.refreshToken, self.loginURL) = (refreshToken, loginURL)
        }
    }

    private let shared = SharedLogIn()
    private let session: Session

    /// Creates a flow.
    ///
    /// - Parameters:
    ///   - credentials: What to log in with.
    ///   - http: The client to use; see `HTTPClient.Configuration.salesforce`.
    ///   - persist: Stores a rotated refresh token. Called before the new access token is used,
    ///     because the old refresh token is dead by then. If it throws, no token is given out.
    public init(
        _ credentials: Credentials,
        http: HTTPClient,
        persist: @escaping @Sendable (String) async throws -> Void
    ) {
        let network = NetworkTransport(client: http, timeout: .seconds(30))
        self.init(credentials, transport: network.send, persist: persist)
    }

    init(
        _ credentials: Credentials,
        transport: @escaping Transport,
        persist: @escaping @Sendable (String) async throws -> Void
    ) {
        session = Session(credentials: credentials, transport: transport, persist: persist)
    }

    /// Returns the current token, refreshing first if there is none yet.
    public func token() async throws(SalesforceError) -> AccessToken {
        try await shared.token { [session] in await session.refresh() }
    }

    /// Refreshes, once for all requests that found the same token expired.
    public func renew(after expired: AccessToken) async throws(SalesforceError) -> AccessToken {
        try await shared.renew(after: expired) { [session] in await session.refresh() }
    }

    /// The refresh token of the moment, and the exchange of it.
    private actor Session {
        private var credentials: Credentials
        private let endpoint: TokenEndpoint
        private let persist: @Sendable (String) async throws -> Void
        private var isPersisted = true

        init(
            credentials: Credentials,
            transport: @escaping Transport,
            persist: @escaping @Sendable (String) async throws -> Void
        ) {
            (self.credentials, self.persist) = (credentials, persist)
            endpoint = TokenEndpoint(loginURL: credentials.loginURL, transport: transport)
        }

        func refresh() async -> Result<AccessToken, SalesforceError> {
            do {
                let grant = try await endpoint.grant(form)
                if let rotated = grant.refreshToken, rotated != credentials.refreshToken {
                    credentials.refreshToken = rotated
                    isPersisted = false
                }
                try await persistIfNeeded()
                return .success(grant.token)
            } catch {
                return .failure(error)
            }
        }

        private func persistIfNeeded() async throws(SalesforceError) {
            if isPersisted { return }
            do {
                try await persist(credentials.refreshToken)
                isPersisted = true
            } catch {
                throw .configuration("the org's new refresh token could not be stored")
            }
        }

        private var form: [(name: String, value: String)] {
            var fields = [
                ("grant_type", "refresh_token"), ("client_id", credentials.clientID),
                ("refresh_token", credentials.refreshToken),
            ]
            if let secret = credentials.clientSecret { fields.append(("client_secret", secret)) }
            return fields.map { (name: $0.0, value: $0.1) }
        }
    }
}
