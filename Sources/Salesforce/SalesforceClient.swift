public import AsyncHTTPClient
import Domain

/// An org behind its REST API.
///
/// Holds no connection of its own: the `HTTPClient` belongs to whoever created it.
public struct SalesforceClient: SalesforceGateway {
    /// How an org is spoken to.
    public struct Settings: Sendable {
        /// The version of the API, for example `62.0`.
        public var apiVersion: String
        /// How long one request may take, from connecting to the last byte of the answer.
        public var requestTimeout: Duration
        /// How often to try, and how long to wait in between.
        public var pacing: Pacing
        /// When writes go through jobs.
        public var paths: WritePaths
        /// The most requests that are under way at once; of writes it is always one.
        public var mostParallel: Int

        /// Gives every API call a name of its own.
        public var requestID: @Sendable () -> String

        /// Creates settings.
        ///
        /// An org admits five long requests at once in its smallest edition, so four leave one to
        /// others: `facts/salesforce-api.md` 5.2.
        public init(
            apiVersion: String = "62.0",
            requestTimeout: Duration = .seconds(120),
            pacing: Pacing = Pacing(),
            paths: WritePaths = WritePaths(),
            mostParallel: Int = 4,
            requestID: @escaping @Sendable () -> String = Settings.randomRequestID
        ) {
            (self.apiVersion, self.requestTimeout) = (apiVersion, requestTimeout)
            (self.pacing, self.paths) = (pacing, paths)
            (self.mostParallel, self.requestID) = (mostParallel, requestID)
        }

        /// Thirty-two hexadecimal digits that are not used twice.
        public static func randomRequestID() -> String {
            (0..<2).map { _ in
                let digits = String(UInt64.random(in: .min ... .max), radix: 16)
                return String(repeating: "0", count: 16 - digits.count) + digits
            }.joined()
        }
    }

    let api: DataAPI
    /// The path of the API version.
    let root: String
    /// When writes go through jobs.
    let paths: WritePaths

    /// Creates a client.
    ///
    /// - Parameters:
    ///   - tokens: Where access tokens come from; they also name the org.
    ///   - http: The client to use; see `HTTPClient.Configuration.salesforce`.
    ///   - settings: How to speak to the org.
    /// - Throws: ``SalesforceError/configuration(_:)`` if the version is no number.
    public init(
        tokens: any AccessTokenSource,
        http: HTTPClient,
        settings: Settings = Settings()
    ) throws(SalesforceError) {
        let network = NetworkTransport(client: http, timeout: settings.requestTimeout)
        try self.init(tokens: tokens, transport: network.send, settings: settings)
    }

    init(
        tokens: any AccessTokenSource,
        transport: @escaping Transport,
        settings: Settings = Settings()
    ) throws(SalesforceError) {
        let version =
            settings.apiVersion.hasPrefix("v")
            ? String(settings.apiVersion.dropFirst()) : settings.apiVersion
        guard SOQLLiteral.isNumber(version), !version.hasPrefix("-") else {
            throw .configuration("'salesforce.apiVersion' is not of the form 62.0")
        }
        root = "/services/data/v\(version)"
        paths = settings.paths
        api = DataAPI(
            tokens: tokens,
            transport: transport,
            pacing: settings.pacing,
            memory: ClientMemory(),
            requestID: settings.requestID,
            requests: Gate(width: settings.mostParallel)
        )
    }

    /// How many API calls this client made, and what the org last said of its allowance.
    public var usage: APIUsage { get async { await api.memory.usage } }

    /// Where the org is, logging in first if need be.
    ///
    /// - Throws: As ``AccessTokenSource/token()``.
    public func instanceURL() async throws(SalesforceError) -> InstanceURL {
        try await api.tokens.token().instanceURL
    }

    /// Asks which org this is.
    ///
    /// - Throws: ``SalesforceError`` if the org does not answer.
    public func organization() async throws(SalesforceError) -> Organization {
        guard let answer = try await read([Organization.question]).first else {
            throw .unexpectedAnswer("the org does not tell its own id")
        }
        return try Organization(answer)
    }
}
