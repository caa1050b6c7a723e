import ArgumentParser
import Domain
import Journal
import Ledger
import Logging
import Pipeline
import Server
import ServiceLifecycle
import UnixSignals

/// Receives webhooks.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Receive Cal.com webhooks at POST /webhooks/cal, and keep Salesforce in step.",
        discussion: """
            A webhook is answered 2xx only when its delivery is on disk. The secret comes from \
            DAYBOOK_CALCOM_WEBHOOK_SECRET or DAYBOOK_CALCOM_WEBHOOK_SECRET_FILE; during a rotation \
            the old one may stand in DAYBOOK_CALCOM_WEBHOOK_SECRET_PREVIOUS.

            With --sync, or 'sync: true' under 'server' in daybook.yaml, what comes in is written to \
            Salesforce within seconds, and everything is looked at again once a day. Without, nothing \
            is written: run 'daybook reconcile' from a timer. Salesforce being away never keeps \
            webhooks from being taken.

            With a key to Cal.com's API in DAYBOOK_CALCOM_API_KEY (or …_FILE), bookings are read there \
            every few minutes, too, and what no webhook told is appended.

            Listens on 127.0.0.1:8484 unless daybook.yaml says otherwise; put a proxy with TLS in \
            front. SIGTERM and Ctrl-C let running requests finish.
            """
    )

    @OptionGroup var options: CommonOptions

    @Option(help: "The address to listen on.")
    var host: String?

    @Option(help: "The port; 0 for any free one.")
    var port: Int?

    @Flag(help: "Take webhooks without any signature; for trials only.")
    var allowUnsigned = false

    @Flag(
        inversion: .prefixedNo,
        help: "Write to Salesforce, too (default: what 'server.sync' says)."
    )
    var sync: Bool?

    @Option(
        help: "How logs are written on standard error: text or json (default: 'server.logFormat')."
    )
    var logFormat: String?

    func run() async throws {
        try await options.withSession { session in
            var configuration = session.configuration
            if let logFormat {
                configuration.service.logFormat =
                    try ServiceConfiguration.format(logFormat, "--log-format")
            }
            configuration.service.limits.mostConnections = min(
                configuration.service.limits.mostConnections,
                OpenFiles.raiseLimit() - OpenFiles.reserve
            )
            let host = self.host ?? configuration.host
            let secrets = try [
                "DAYBOOK_CALCOM_WEBHOOK_SECRET", "DAYBOOK_CALCOM_WEBHOOK_SECRET_PREVIOUS",
            ].compactMap { try configuration.secret($0) }
            let service = configuration.service
            let logger = service.logFormat.logger(service.logLevel)
            let scheduler =
                sync ?? configuration.isSyncing ? try session.scheduler(logger: logger) : nil
            let server = try DaybookServer(
                intake: session.intake(),
                journal: session.journal,
                secrets: secrets,
                allowUnsigned: allowUnsigned,
                host: host,
                port: port ?? configuration.port,
                board: scheduler?.board,
                limits: service.limits,
                details: { () throws(LedgerError) in
                    let mark = try await session.journal.sourceMark(SourcePoll.source)
                    return [("source", mark?.readiness)]
                },
                random: Session.random,
                desk: session.desk(),
                now: Session.now,
                logger: logger,
                onReady: { port in
                    Terminal.show("Listening on http://\(host):\(port)")
                    guard service.logFormat == .text else {
                        return logger.info("Listening", metadata: ["port": "\(port)"])
                    }
                    Terminal.tell("Dashboard: http://\(host):\(port)/")
                    Terminal.tell("Webhook URL: http://\(host):\(port)/webhooks/cal")
                }
            )
            // Services end in reverse order: no more webhooks first, then the run under way.
            let checkpoints = CheckpointService(
                ledger: session.journal.ledger,
                interval: .seconds(configuration.checkpointSeconds),
                logger: logger
            )
            var background: [any Service] = [checkpoints] + (scheduler.map { [$0] } ?? [])
            background += try session.watchers(scheduler?.board, configuration, logger)
            var group = ServiceGroupConfiguration(
                services: background + [server],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger
            )
            group.maximumGracefulShutdownDuration = .seconds(25)
            try await ServiceGroup(configuration: group).run()
        }
    }
}
