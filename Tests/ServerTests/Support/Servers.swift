import CalCom
import Hummingbird
import Journal
import Ledger
import Logging
import NIOCore
import Pipeline
import Synchronization
import TestSupport

@testable import Server

extension TemporaryJournal {
    /// Takes deliveries into this journal.
    var intake: Intake { Intake(journal: journal, now: { [clock] in clock.now }) }

    /// A server of this journal.
    func server(
        secrets: [String] = [Sample.secret],
        allowUnsigned: Bool = false,
        host: String = "127.0.0.1",
        port: Int = 0,
        limits: ServerLimits = ServerLimits(),
        onReady: @escaping @Sendable (Int) async -> Void = { _ in }
    ) throws(ServerError) -> DaybookServer {
        try DaybookServer(
            intake: intake,
            journal: journal,
            secrets: secrets,
            allowUnsigned: allowUnsigned,
            host: host,
            port: port,
            limits: limits,
            now: { [clock] in clock.now },
            logger: RecordedLog().logger,
            onReady: onReady
        )
    }

    /// Serves on a free port for as long as a closure takes.
    func whileServing(
        limits: ServerLimits = ServerLimits(),
        _ body: (_ port: Int) async throws -> Void
    ) async throws {
        let (ports, ready) = AsyncStream.makeStream(of: Int.self)
        let server = try server(limits: limits) { ready.yield($0) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                // The stream ends with the server, so that a failed start does not hang.
                defer { ready.finish() }
                try await server.run()
            }
            for await port in ports {
                try await body(port)
                break
            }
            group.cancelAll()
        }
    }
}

extension WebhookRoutes {
    /// Routes with a secret and without a ledger.
    static func sample(
        take: @escaping Take = { _, _ throws(LedgerError) in
            throw .unwritable(reason: "there is no ledger")
        },
        refuse: @escaping Refuse = { _, _ in },
        logger: Logger = RecordedLog().logger
    ) -> Self {
        let signature = WebhookSignature(secrets: [Sample.secret])
        return Self(
            isAuthentic: { signature.isAuthentic(body: $0, signature: $1) },
            take: take,
            refuse: refuse,
            logger: logger
        )
    }

    private var router: Router<ServerContext> {
        let health = HealthRoutes(
            head: { () throws(LedgerError) in throw .unwritable(reason: "there is no ledger") },
            deliveryCounts: { [:] },
            sync: { nil },
            logger: logger
        )
        return Routes(webhooks: self, health: health, pages: nil).router
    }

    var application: Application<RouterResponder<ServerContext>> {
        Application(router: router, logger: logger)
    }
}

/// What was logged as a warning or worse.
final class RecordedLog: Sendable {
    private let recorded = Mutex<[String]>([])

    var lines: [String] { recorded.withLock { $0 } }

    var logger: Logger { Logger(label: "test") { _ in Handler(log: self) } }

    private struct Handler: LogHandler {
        let log: RecordedLog
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.warning

        subscript(metadataKey key: String) -> Logger.MetadataValue? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let details = (event.metadata ?? [:]).map { " \($0)=\($1)" }.sorted().joined()
            log.recorded.withLock { $0.append("\(event.level): \(event.message)\(details)") }
        }
    }
}
