import ArgumentParser
import AsyncHTTPClient
import Domain
import Foundation
import Journal
import Ledger
import Logging
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
    ///
    /// Opening repeats the erasures that a restored copy does not know, unless the command repeats
    /// them itself, because it tells how many there were.
    func withSession<Result>(
        repeatsErasures: Bool = true,
        _ body: (Session) async throws -> Result
    ) async throws -> Result {
        let session = try Session(Configuration.load(config))
        do {
            if repeatsErasures, session.journal.ledger.setBack == nil {
                // A restored copy first forgets whom the ledger forgot since.
                try await session.journal.repeatErasures()
            }
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
    let http: HTTPClient
    /// Protects the ledger, and the log-in that is kept beside it.
    let key: LedgerKey

    init(_ configuration: Configuration) throws {
        self.configuration = configuration
        try Self.refuseToForget(configuration.ledger)
        let environment = LedgerEnvironment(
            now: { Self.now().milliseconds },
            random: Self.random
        )
        key = try LedgerKeyFile.load(configuration)
        journal = try Journal(
            path: configuration.ledger,
            key: key,
            environment: environment,
            keeper: { origin, hasSigned in
                try SigningKeyFile(configuration).keeper(origin: origin, hasSigned: hasSigned)
            }
        )
        http = HTTPClient(configuration: .salesforce)
    }

    /// A ledger that is gone is not the same as one that is new.
    private static func refuseToForget(_ ledger: String) throws {
        let memory = CheckpointKeeper.memory(of: ledger)
        let files = FileManager.default
        guard !files.fileExists(atPath: ledger), files.fileExists(atPath: memory) else { return }
        throw CommandFailure(
            .refused,
            """
            There is no ledger at '\(ledger)', and '\(memory)' remembers one. Put a backup in its \
            place with 'daybook ledger restore FILE'. If a new ledger is meant, move the files \
            beside it away first: those that end in .checkpoint, .erasures and .signing-key.
            """
        )
    }

    func close() async throws {
        try await http.shutdown()
        try journal.ledger.close()
    }

    /// The time now.
    static func now() -> Instant { Instant(Date()) }

    /// Random bytes that nobody can guess.
    static func random(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        var bytes: [UInt8] = []
        while bytes.count < count {
            withUnsafeBytes(of: generator.next() as UInt64) { word in
                bytes.append(contentsOf: word.prefix(count - bytes.count))
            }
        }
        return bytes
    }

    // MARK: Salesforce

    /// A client for the configured org.
    func gateway() throws -> SalesforceClient { try gateway(tokens()) }

    /// A client for the org that some tokens are for.
    func gateway(_ tokens: any AccessTokenSource) throws -> SalesforceClient {
        try SalesforceClient(
            tokens: tokens,
            http: http,
            settings: .init(
                apiVersion: configuration.apiVersion,
                paths: WritePaths(threshold: configuration.bulkThreshold),
                mostParallel: configuration.mostParallel
            )
        )
    }

    /// Whether an org is configured at all.
    var hasOrg: Bool {
        configuration.instanceURL != nil || configuration.logIn.loginURL != nil
            || configuration.logIn.flow == .refreshToken
    }

    // MARK: Pipeline

    func intake() -> Intake { Intake(journal: journal, now: Self.now) }

    func synchronizer(
        isOffline: Bool = false,
        _ configure: (inout SyncOptions) -> Void = { _ in }
    ) throws -> Synchronizer {
        var options = SyncOptions()
        options.keyField = configuration.keyField
        options.budget = configuration.budget
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

    /// Does what people and scripts ask the service for.
    func desk() throws -> ServiceDesk {
        var options = SyncOptions()
        options.keyField = configuration.keyField
        options.budget = configuration.budget
        options.ignored = Set(configuration.ignored)
        return ServiceDesk(
            journal: journal,
            gateway: hasOrg ? try gateway() : nil,
            options: options,
            now: Self.now,
            random: { Double.random(in: 0..<1) }
        )
    }

    /// Makes runs while the process lives, all through one client.
    func scheduler(logger: Logger) throws -> SyncScheduler {
        let synchronizer = try synchronizer { $0.progress = { _ in } }
        return SyncScheduler(
            journal: journal,
            run: { try await synchronizer.reconcile($0) },
            now: Self.now,
            pause: { try await Task.sleep(for: $0) },
            logger: logger
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
