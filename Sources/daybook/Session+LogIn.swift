import AsyncHTTPClient
import Foundation
import Ledger
import Salesforce

extension Session {
    private var logIn: LogInConfiguration { configuration.logIn }

    /// Where access tokens come from, as configured.
    ///
    /// - Throws: ``ConfigurationError``, ``CommandFailure`` for a missing secret, `SalesforceError`
    ///   for what cannot be used; nothing was sent yet.
    func tokens() throws -> any AccessTokenSource {
        switch logIn.flow {
        case .accessToken:
            return FixedAccessToken(
                AccessToken(
                    value: try required("DAYBOOK_SALESFORCE_ACCESS_TOKEN"),
                    instanceURL: try instanceURL()
                )
            )
        case .refreshToken:
            return RefreshTokenFlow(
                app: try app(),
                loginURL: try loginURL(),
                http: http,
                store: try storedLogIn()
            )
        case .clientCredentials:
            _ = try required("DAYBOOK_SALESFORCE_CLIENT_SECRET")
            return try ClientCredentialsFlow(app: app(), loginURL: loginURL(), http: http)
        case .jwtBearer:
            return JWTBearerFlow(try assertionCredentials(), http: http, now: Self.now)
        }
    }

    /// The connected app.
    func app() throws -> ConnectedApp {
        guard let id = logIn.clientID else {
            throw ConfigurationError(
                description: """
                    Set 'salesforce.auth.clientId' to the consumer key of the connected app, or \
                    DAYBOOK_SALESFORCE_CLIENT_ID.
                    """
            )
        }
        return ConnectedApp(
            clientID: id,
            clientSecret: try configuration.secret("DAYBOOK_SALESFORCE_CLIENT_SECRET")
        )
    }

    /// The log-in server: the one that is configured, else the org's own domain, else production.
    func loginURL() throws -> InstanceURL {
        try InstanceURL(written: logIn.loginURL ?? configuration.instanceURL ?? "production")
    }

    /// The refresh token that is kept, or configured.
    func storedLogIn() throws -> StoredLogIn {
        StoredLogIn(
            ledger: configuration.ledger,
            key: key,
            configured: try configuration.secret("DAYBOOK_SALESFORCE_REFRESH_TOKEN"),
            random: Self.random
        )
    }

    private func instanceURL() throws -> InstanceURL {
        guard let text = configuration.instanceURL else {
            throw ConfigurationError(
                description: """
                    No org is configured. Set 'salesforce.instanceURL' in daybook.yaml or \
                    DAYBOOK_SALESFORCE_INSTANCE_URL; for a trial start 'daybook emulator --port 8931'.
                    """
            )
        }
        return try InstanceURL(written: text)
    }

    private func assertionCredentials() throws -> JWTBearerFlow.Credentials {
        guard let username = logIn.username else {
            throw ConfigurationError(
                description: """
                    Set 'salesforce.auth.username' to the name of the integration user, or \
                    DAYBOOK_SALESFORCE_USERNAME.
                    """
            )
        }
        return JWTBearerFlow.Credentials(
            clientID: try app().clientID,
            username: username,
            key: try signingKey(),
            loginURL: try loginURL(),
            audience: logIn.audience
        )
    }

    private func signingKey() throws -> SigningKey {
        if let pem = try configuration.secret("DAYBOOK_SALESFORCE_PRIVATE_KEY") {
            return try SigningKey(pem: pem, source: "DAYBOOK_SALESFORCE_PRIVATE_KEY")
        }
        guard let path = logIn.keyFile else {
            throw ConfigurationError(
                description: """
                    Set 'salesforce.auth.keyFile' to the file with the private key of the connected \
                    app, or put the key into DAYBOOK_SALESFORCE_PRIVATE_KEY.
                    """
            )
        }
        let pem: String
        do {
            pem = try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw ConfigurationError(
                description: """
                    The key file '\(path)' of 'salesforce.auth.keyFile' cannot be read. Correct the \
                    path, or let this user read the file.
                    """
            )
        }
        return try SigningKey(pem: pem, source: "'\(path)'")
    }

    private func required(_ name: String) throws -> String {
        guard let value = try configuration.secret(name) else {
            throw CommandFailure(
                .noPermission,
                "\(name) is not set. Put the secret there, or its file's path into \(name)_FILE."
            )
        }
        return value
    }
}
