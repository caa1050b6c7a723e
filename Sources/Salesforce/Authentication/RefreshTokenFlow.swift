public import AsyncHTTPClient

/// Access tokens by a refresh token, as after a log-in in the browser.
///
/// Source: `facts/salesforce-api.md` 1.2.
public struct RefreshTokenFlow: AccessTokenSource {
    private let shared = SharedLogIn()
    private let session: Session

    /// Creates a flow.
    ///
    /// - Parameters:
    ///   - app: The connected app.
    ///   - loginURL: The log-in server, for example `https://login.salesforce.com`.
    ///   - http: The client to use; see `HTTPClient.Configuration.salesforce`.
    ///   - store: Where the refresh token is. A rotated one is kept there before the new access
    ///     token is used, because the old refresh token is dead by then; if it cannot be kept, no
    ///     token is given out.
    public init(
        app: ConnectedApp,
        loginURL: InstanceURL,
        http: HTTPClient,
        store: any RefreshTokenStore
    ) {
        let network = NetworkTransport(client: http, timeout: .seconds(30))
        self.init(app: app, loginURL: loginURL, transport: network.send, store: store)
    }

    init(
        app: ConnectedApp,
        loginURL: InstanceURL,
        transport: @escaping Transport,
        store: any RefreshTokenStore
    ) {
        session = Session(
            app: app,
            endpoint: TokenEndpoint(loginURL: loginURL, transport: transport),
            store: store
        )
    }

    /// Returns the current token, refreshing first if there is none yet.
    public func token() async throws(SalesforceError) -> AccessToken {
        try await shared.token { [session] in await session.refresh() }
    }

    /// Refreshes, once for all requests that found the same token expired.
    public func renew(after expired: AccessToken) async throws(SalesforceError) -> AccessToken {
        try await shared.renew(after: expired) { [session] in await session.refresh() }
    }

    /// The exchange of refresh tokens for access tokens.
    private actor Session {
        private let app: ConnectedApp
        private let endpoint: TokenEndpoint
        private let store: any RefreshTokenStore
        /// A token that the org gave out and that could not be kept yet; the one before is dead.
        private var unkept: String?

        init(app: ConnectedApp, endpoint: TokenEndpoint, store: any RefreshTokenStore) {
            (self.app, self.endpoint, self.store) = (app, endpoint, store)
        }

        func refresh() async -> Result<AccessToken, SalesforceError> {
            do {
                return .success(try await exchange())
            } catch {
                return .failure(error)
            }
        }

        private func exchange() async throws(SalesforceError) -> AccessToken {
            guard let token = try await current() else {
                throw .logInRefused(.notConnected)
            }
            do {
                return try await exchange(token)
            } catch {
                // Another process may have rotated the token between our look and our use.
                guard error.isDeadGrant, let other = try await current(), other != token else {
                    throw error
                }
                return try await exchange(other)
            }
        }

        private func exchange(_ token: String) async throws(SalesforceError) -> AccessToken {
            let grant = try await endpoint.grant(
                .refreshToken,
                [(name: "client_id", value: app.clientID), (name: "refresh_token", value: token)]
                    + app.secretField
            )
            if let rotated = grant.refreshToken, rotated != token { unkept = rotated }
            try await keepIfNeeded()
            return grant.token
        }

        private func current() async throws(SalesforceError) -> String? {
            if let unkept { return unkept }
            do {
                return try await store.token()
            } catch {
                throw .configuration("the kept refresh token cannot be read: \(error)")
            }
        }

        private func keepIfNeeded() async throws(SalesforceError) {
            guard let token = unkept else { return }
            do {
                try await store.keep(token)
                unkept = nil
            } catch {
                throw .configuration("the org's new refresh token could not be stored: \(error)")
            }
        }
    }
}

/// The connected app of the org, by which clients log in.
public struct ConnectedApp: Sendable {
    /// The consumer key.
    public var clientID: String
    /// The consumer secret, unless the app does without: a secret.
    public var clientSecret: String?

    /// Creates an app.
    public init(clientID: String, clientSecret: String? = nil) {
        (self.clientID, self.clientSecret) = (clientID, clientSecret)
    }

    /// The secret as a field of a form, if there is one.
    var secretField: [(name: String, value: String)] {
        clientSecret.map { [(name: "client_secret", value: $0)] } ?? []
    }
}

extension LogInRefusal {
    /// There is no refresh token at all.
    static let notConnected = LogInRefusal(
        code: "not_connected",
        reason: "nobody has logged in yet",
        remedy: """
            Log in with 'daybook org connect', or put a token into \
            DAYBOOK_SALESFORCE_REFRESH_TOKEN.
            """
    )
}

extension SalesforceError {
    /// Whether the refresh token, or what stands for it, is dead.
    fileprivate var isDeadGrant: Bool {
        if case .logInRefused(let refusal) = self { refusal.code == "invalid_grant" } else { false }
    }
}
