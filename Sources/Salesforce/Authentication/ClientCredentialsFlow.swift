public import AsyncHTTPClient

/// Access tokens for the integration user of a connected app, without any person.
///
/// Source: `facts/salesforce-api.md` 1.3.
public struct ClientCredentialsFlow: AccessTokenSource {
    private let shared = SharedLogIn()
    private let endpoint: TokenEndpoint
    private let clientID: String
    private let clientSecret: String

    /// Creates a flow.
    ///
    /// - Parameters:
    ///   - clientID: The consumer key of the connected app.
    ///   - clientSecret: The consumer secret.
    ///   - loginURL: The org's own domain; `login.salesforce.com` does not offer this flow.
    ///   - http: The client to use; see `HTTPClient.Configuration.salesforce`.
    public init(clientID: String, clientSecret: String, loginURL: InstanceURL, http: HTTPClient) {
        let network = NetworkTransport(client: http, timeout: .seconds(30))
        self.init(
            clientID: clientID,
            clientSecret: clientSecret,
            loginURL: loginURL,
            transport: network.send
        )
    }

    init(
        clientID: String,
        clientSecret: String,
        loginURL: InstanceURL,
        transport: @escaping Transport
    ) {
        (self.clientID, self.clientSecret) = (clientID, clientSecret)
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
            let grant = try await endpoint.grant([
                (name: "grant_type", value: "client_credentials"),
                (name: "client_id", value: clientID),
                (name: "client_secret", value: clientSecret),
            ])
            return .success(grant.token)
        } catch {
            return .failure(error)
        }
    }
}
