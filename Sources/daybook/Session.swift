import ArgumentParser
import AsyncHTTPClient
import Domain
import Foundation
import Journal
import Ledger
import Pipeline
import Salesforce

/// How data is printed.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case text
    case json
}

/// The options of every command.
struct CommonOptions: ParsableArguments {
    @Option(help: "The configuration file (default: DAYBOOK_CONFIG, else daybook.yaml).")
    var config: String?

    @Option(help: "How data is printed: text or json.")
    var output: OutputFormat = .text

    /// Whether one JSON document is wanted.
    var isJSON: Bool { output == .json }

    /// Opens what the command needs, and closes it afterwards.
    func withSession<Result>(_ body: (Session) async throws -> Result) async throws -> Result {
        let session = try Session(Configuration.load(config))
        do {
            let result = try await body(session)
            try await session.close()
            return result
        } catch {
            // The first error is the one to report; closing may fail in its wake.
            do { try await session.close() } catch { Terminal.tell("\(error)") }
            throw error
        }
    }
}

/// The composition root of the commands: everything is made here and passed in.
final class Session: Sendable {
    let configuration: Configuration
    let journal: Journal
    private let http: HTTPClient

    init(_ configuration: Configuration) throws {
        self.configuration = configuration
        let environment = LedgerEnvironment(
            now: { Self.now().milliseconds },
            random: { count in (0..<count).map { _ in UInt8.random(in: 0...255) } }
        )
        journal = try Journal(
            path: configuration.ledger,
            key: LedgerKeyFile.load(configuration),
            environment: environment
        )
        http = HTTPClient(configuration: .salesforce)
    }

    func close() async throws {
        try await http.shutdown()
        try journal.ledger.close()
    }

    /// The time now.
    static func now() -> Instant { Instant(Date()) }

    // MARK: Salesforce

    /// A client for the configured org.
    func gateway() throws -> SalesforceClient {
        try SalesforceClient(
            tokens: tokens(),
            http: http,
            settings: .init(
                apiVersion: configuration.apiVersion,
                paths: WritePaths(threshold: configuration.bulkThreshold)
            )
        )
    }

    private func tokens() throws -> any AccessTokenSource {
        switch configuration.flow {
        case .accessToken:
            return FixedAccessToken(
                AccessToken(
                    value: try required("DAYBOOK_SALESFORCE_ACCESS_TOKEN"),
                    instanceURL: try instanceURL()
                )
            )
        case .refreshToken:
            return try refreshTokens()
        case .clientCredentials:
            return ClientCredentialsFlow(
                clientID: try clientID(),
                clientSecret: try required("DAYBOOK_SALESFORCE_CLIENT_SECRET"),
                loginURL: try loginURL(),
                http: http
            )
        case .jwtBearer:
            throw ConfigurationError(
                description: """
                    'salesforce.auth.flow: jwtBearer' is not supported by this version. Use \
                    refreshToken or clientCredentials.
                    """
            )
        }
    }

    private func refreshTokens() throws -> RefreshTokenFlow {
        let store = RefreshTokenStore(ledger: configuration.ledger)
        let configured = try configuration.secret("DAYBOOK_SALESFORCE_REFRESH_TOKEN")
        guard let token = try store.rotated() ?? configured else {
            throw missing("DAYBOOK_SALESFORCE_REFRESH_TOKEN")
        }
        let credentials = RefreshTokenFlow.Credentials(
            clientID: try clientID(),
            clientSecret: try configuration.secret("DAYBOOK_SALESFORCE_CLIENT_SECRET"),
            refreshToken: token,
            loginURL: try loginURL()
        )
        return RefreshTokenFlow(credentials, http: http, persist: { try store.keep($0) })
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
        return try InstanceURL(text)
    }

    private func loginURL() throws -> InstanceURL {
        try InstanceURL(
            configuration.loginURL ?? configuration.instanceURL ?? "https://login.salesforce.com"
        )
    }

    private func clientID() throws -> String {
        guard let id = configuration.clientID else {
            throw ConfigurationError(
                description:
                    "Set 'salesforce.auth.clientId' to the consumer key of the connected app."
            )
        }
        return id
    }

    private func required(_ name: String) throws -> String {
        guard let value = try configuration.secret(name) else { throw missing(name) }
        return value
    }

    private func missing(_ name: String) -> CommandFailure {
        CommandFailure(
            .noPermission,
            "\(name) is not set. Put the secret there, or its file's path into \(name)_FILE."
        )
    }

    /// Whether an org is configured at all.
    var hasOrg: Bool { configuration.instanceURL != nil || configuration.loginURL != nil }

    // MARK: Pipeline

    func intake() -> Intake { Intake(journal: journal, now: Self.now) }

    func synchronizer(
        isOffline: Bool = false,
        _ configure: (inout SyncOptions) -> Void = { _ in }
    ) throws -> Synchronizer {
        var options = SyncOptions()
        options.keyField = configuration.keyField
        options.ignored = Set(configuration.ignored)
        let progress = Progress()
        options.progress = { progress.tell($0) }
        configure(&options)
        return Synchronizer(
            journal: journal,
            gateway: isOffline ? NoOrg() : try gateway(),
            options: options,
            now: Self.now,
            random: { Double.random(in: 0..<1) }
        )
    }

    func settingsCheck() throws -> SettingsCheck {
        SettingsCheck(
            journal: journal,
            gateway: try gateway(),
            keyField: configuration.keyField,
            now: Self.now
        )
    }
}

/// Stands for the org where none is asked.
struct NoOrg: SalesforceGateway {
    private static let refusal = SalesforceError.configuration("this command asks no org")

    func read(_ requests: [ReadRequest]) throws(SalesforceError) -> [ReadAnswer] {
        throw Self.refusal
    }

    func batches(of requests: [WriteRequest]) -> [[WriteRequest]] { [] }

    func send(
        _ batch: [WriteRequest],
        known: [OperationID: SalesforceID]
    ) throws(SalesforceError) -> [WriteOutcome] { throw Self.refusal }

    var usage: APIUsage { APIUsage() }
}

/// The ledger's key: from the environment, from the file that is configured, or from the file that
/// is made beside a new ledger.
enum LedgerKeyFile {
    static func load(_ configuration: Configuration) throws -> LedgerKey {
        if let text = try configuration.secret("DAYBOOK_LEDGER_KEY") {
            return try key(from: text, source: "DAYBOOK_LEDGER_KEY")
        }
        let path = configuration.ledgerKeyFile ?? "\(configuration.ledger).key"
        if FileManager.default.fileExists(atPath: path) {
            do {
                return try key(from: String(contentsOfFile: path, encoding: .utf8), source: path)
            } catch is CocoaError {
                throw LedgerError.key(reason: "'\(path)' cannot be read")
            }
        }
        guard !FileManager.default.fileExists(atPath: configuration.ledger) else {
            throw LedgerError.key(
                reason: """
                    there is a ledger at '\(configuration.ledger)' and no key at '\(path)'. Bring the \
                    key back; without it personal data cannot be read
                    """
            )
        }
        return try make(at: path)
    }

    private static func key(from text: String, source: String) throws -> LedgerKey {
        guard let data = Data(base64Encoded: text.trimmingWhitespace()),
            let key = LedgerKey(bytes: Array(data))
        else {
            throw LedgerError.key(reason: "\(source) does not hold 32 bytes in Base64")
        }
        return key
    }

    /// Makes a key that only this user can read.
    private static func make(at path: String) throws -> LedgerKey {
        let bytes = (0..<32).map { _ in UInt8.random(in: 0...255) }
        let text = Data(bytes).base64EncodedString() + "\n"
        let isMade = FileManager.default.createFile(
            atPath: path,
            contents: Data(text.utf8),
            attributes: [.posixPermissions: 0o600]
        )
        guard isMade, let key = LedgerKey(bytes: bytes) else {
            throw LedgerError.unwritable(reason: "the key cannot be written to '\(path)'")
        }
        return key
    }
}

/// Keeps a rotated refresh token beside the ledger, readable by this user alone.
struct RefreshTokenStore: Sendable {
    let ledger: String
    private var path: String { "\(ledger).refresh-token" }

    func rotated() throws -> String? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        return try String(contentsOfFile: path, encoding: .utf8).trimmingWhitespace()
    }

    /// Written to a new file first, so that a crash leaves the old token or the new one.
    func keep(_ token: String) throws {
        let new = "\(path).new"
        let isMade = FileManager.default.createFile(
            atPath: new,
            contents: Data((token + "\n").utf8),
            attributes: [.posixPermissions: 0o600]
        )
        guard isMade, rename(new, path) == 0 else {
            throw LedgerError.unwritable(reason: "the refresh token cannot be written to '\(path)'")
        }
    }
}
