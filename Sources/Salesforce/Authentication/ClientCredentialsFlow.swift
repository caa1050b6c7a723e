public import AsyncHTTPClient

/// Access tokens for the integration user of a connected app, without any person.
///
/// Source: `facts/salesforce-api.md` 1.3.
public struct ClientCredentialsFlow: AccessTokenSource {
    private let shared = SharedLogIn()
    private let endpoint: TokenEndpoint
    private let app: ConnectedApp

    /// Creates a flow.
    ///
    /// - Parameters:
    ///   - app: The connected app, with its secret.
    ///   - loginURL: The org's own domain.
    ///   - http: The client to use; see `HTTPClient.Configuration.salesforce`.
    /// - Throws: ``SalesforceError/configuration(_:)`` for a log-in server that all orgs share,
    ///   which does not offer this flow, and for an app without a secret.
    public init(
        app: ConnectedApp,
        loginURL: InstanceURL,
        http: HTTPClient
    ) throws(SalesforceError) {
        let network = NetworkTransport(client: http, timeout: .seconds(30))
        try self.init(app: app, loginURL: loginURL, transport: network.send)
    }

    init(
        app: ConnectedApp,
        loginURL: InstanceURL,
        transport: @escaping Transport
    ) throws(SalesforceError) {
        guard !loginURL.isSharedByOrgs else {
            throw .configuration(
                """
                the flow clientCredentials needs the org's own domain. Set \
                'salesforce.auth.loginURL' to https://<your domain>.my.salesforce.com; it stands in \
                Setup under My Domain
                """
            )
        }
        guard app.clientSecret != nil else {
            throw .configuration("the flow clientCredentials needs the secret of the app")
        }
        self.app = app
        endpoint = TokenEndpoint(loginURL: loginURL, transport: transport)
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
            let fields = [(name: "client_id", value: app.clientID)] + app.secretField
            return .success(try await endpoint.grant(.clientCredentials, fields).token)
        } catch {
            return .failure(error)
        }
    }
}
