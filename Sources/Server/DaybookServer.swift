import Audit
import CalCom
public import Domain
import Foundation
import Hummingbird
public import Journal
public import Ledger
public import Logging
import NIOCore
public import Pipeline
public import ServiceLifecycle

/// Daybook's HTTP server: it takes webhooks in, tells how it is, and shows what the ledger knows.
///
/// Salesforce plays no part in it, so that webhooks are taken while Salesforce is away. It speaks
/// no TLS: outside of loopback it belongs behind a proxy that does.
public struct DaybookServer: Service {
    private let routes: Routes
    private let host: String
    private let port: Int
    private let warning: String?
    private let logger: Logger
    private let limits: ServerLimits
    private let owners: OwnerLookUp?
    private let onReady: @Sendable (_ port: Int) async -> Void

    /// Creates a server; it listens when it runs.
    ///
    /// - Parameters:
    ///   - intake: Where deliveries go.
    ///   - journal: The ledger that the intake writes to. Stays open when the server stops.
    ///   - secrets: The secret of the webhook in Cal.com and, while it is being replaced, the
    ///     former one. Empty ones are passed over.
    ///   - allowUnsigned: Take every delivery if there is no secret. Once there is one, it has no
    ///     effect: a switch that was left over must not open the door again.
    ///   - host: The address to listen on.
    ///   - port: The port to listen on; 0 for any free one.
    ///   - board: What the scheduler is about, if there is one.
    ///   - limits: How much is taken from whom.
    ///   - details: What `/readyz` tells besides, by name.
    ///   - random: Random bytes that nobody can guess, as many as asked for.
    ///   - desk: Does what people and scripts ask for; nil for a server that only shows.
    ///   - now: The time.
    ///   - logger: Told what went wrong, without personal data.
    ///   - onReady: Called once with the port when requests are taken.
    /// - Throws: ``ServerError/noSecret``, ``ServerError/invalidPort(_:)`` or
    ///   ``ServerError/incomplete(_:)``.
    public init(
        intake: Intake,
        journal: Journal,
        secrets: [String],
        allowUnsigned: Bool = false,
        host: String = "127.0.0.1",
        port: Int = 8_484,
        board: SchedulerBoard? = nil,
        limits: ServerLimits = ServerLimits(),
        details: @escaping @Sendable () async throws(LedgerError) -> [(String, JSON?)] = { [] },
        random: @escaping @Sendable (Int) -> [UInt8] = { count in
            (0..<count).map { _ in UInt8.random(in: 0...255) }
        },
        desk: ServiceDesk? = nil,
        now: @escaping @Sendable () -> Instant,
        logger: Logger,
        onReady: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
    ) throws(ServerError) {
        let hasSecret = secrets.contains { !$0.isEmpty }
        guard hasSecret || allowUnsigned else { throw .noSecret }
        guard (0...65_535).contains(port) else { throw .invalidPort(port) }
        let signature = WebhookSignature(secrets: secrets)
        let gate = RequestGate(limits)
        let metrics = ServerMetrics()
        let probe = WriteProbe(now: now) { now throws(LedgerError) in
            try await journal.probeWrite(now: now)
        }
        let webhooks = WebhookRoutes(
            isAuthentic: { body, header in
                !hasSecret || signature.isAuthentic(body: body, signature: header)
            },
            take: { body, headers throws(LedgerError) in
                try await intake.take(webhook: body, headers: headers)
            },
            refuse: { body, headers throws(LedgerError) in
                try await intake.refuse(webhook: body, headers: headers)
            },
            logger: logger,
            mayRefuse: { gate.forged.take($0, now: now()) }
        )
        let health = HealthRoutes(
            head: { () throws(LedgerError) in try await journal.head() },
            deliveryCounts: { () throws(LedgerError) in try await journal.deliveryCounts() },
            probe: { () throws(LedgerError) in try await probe.check() },
            sync: { await board?.reading },
            logger: logger,
            details: details
        )
        routes = Routes(
            webhooks: webhooks,
            health: health,
            pages: try Self.pages(
                of: journal,
                board: board,
                desk: desk,
                host: host,
                now: now,
                logger: logger
            ),
            front: Routes.Front(
                log: RequestLog(
                    metrics: metrics,
                    newID: { random(8).hexadecimal },
                    now: { ContinuousClock.now },
                    logger: logger
                ),
                limits: RequestLimits(limits: limits, gate: gate, now: now)
            ),
            metrics: MetricsRoutes(
                journal: journal,
                metrics: metrics,
                gate: gate,
                sync: { await board?.reading },
                now: now,
                logger: logger
            )
        )
        self.limits = limits
        warning = Self.warning(hasSecret: hasSecret, allowUnsigned: allowUnsigned)
        (self.host, self.port, self.logger, self.onReady) = (host, port, logger, onReady)
        owners = desk?.owners
    }

    /// Serves until the task is cancelled or the service group shuts down.
    ///
    /// A graceful shutdown takes no more connections and answers what is under way.
    ///
    /// - Throws: ``ServerError/cannotListen(host:port:reason:)``, or what the server throws.
    public func run() async throws {
        if let warning { logger.warning("\(warning)") }
        do {
            try await application.run()
        } catch let error as IOError {
            let reason = String(cString: strerror(error.errnoCode))
            throw ServerError.cannotListen(host: host, port: port, reason: reason)
        } catch is SocketAddressError.UnknownHost {
            let reason = "no host of this name is known"
            throw ServerError.cannotListen(host: host, port: port, reason: reason)
        } catch is SocketAddressError {
            let reason = "this is no address of a host"
            throw ServerError.cannotListen(host: host, port: port, reason: reason)
        }
    }

    /// The server as the web framework runs it.
    var application: Application<RouterResponder<ServerContext>> {
        var application = Application(
            router: routes.router,
            server: .http1(
                configuration: .init(
                    additionalChannelHandlers: [BrokenRequestAnswer()],
                    // Later than the deadline of a body, which is answered.
                    idleTimeout: .seconds(
                        Int64(max(limits.idleSeconds, limits.bodySeconds + 1))
                    ),
                    // Somewhat more than is answered as a problem, and never without end.
                    httpDecoderConfiguration: .init(
                        maxHeaderFieldSize: limits.largestHead * 2,
                        maxHeaderListSize: limits.largestHead * 4,
                        maxHeaderFieldCount: 200
                    )
                )
            ),
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port),
                availableConnectionsDelegate: .maximum(limits.mostConnections, logger: logger)
            ),
            onServerRunning: { [onReady] channel in
                await onReady(channel.localAddress?.port ?? 0)
            },
            logger: logger
        )
        if let owners {
            application.addServices(
                OwnerLookUpService(
                    refresh: { try await owners.refresh() },
                    pause: { try await Task.sleep(for: $0) },
                    logger: logger
                )
            )
        }
        return application
    }

    private static func pages(
        of journal: Journal,
        board: SchedulerBoard?,
        desk: ServiceDesk?,
        host: String,
        now: @escaping @Sendable () -> Instant,
        logger: Logger
    ) throws(ServerError) -> Routes.Pages {
        let sessions = Sessions(
            digest: { journal.digest($0) },
            now: now,
            // Browsers keep such a cookie from a plain connection, which is for this machine only.
            isSecure: !["127.0.0.1", "::1", "localhost"].contains(host)
        )
        let access = Access(
            sessions: sessions,
            bySecret: { secret throws(LedgerError) in try await journal.token(secret: secret) },
            byID: { id throws(LedgerError) in try await journal.token(id: id) },
            now: now
        )
        let reader = Reader(
            journal: journal,
            desk: desk,
            sync: { await board?.reading },
            now: now
        )
        do {
            let renderer = try Renderer()
            return Routes.Pages(
                access: access,
                api: APIRoutes(
                    reader: reader,
                    desk: desk,
                    document: try renderer.openAPI(),
                    logger: logger
                ),
                dashboard: DashboardRoutes(
                    reader: reader,
                    desk: desk,
                    audit: Audit(journal: journal),
                    renderer: renderer,
                    sessions: sessions,
                    token: access.bySecret,
                    logger: logger
                )
            )
        } catch {
            throw .incomplete("\(error)")
        }
    }

    private static func warning(hasSecret: Bool, allowUnsigned: Bool) -> String? {
        switch (hasSecret, allowUnsigned) {
        case (false, _): "Webhooks are taken unsigned: whoever reaches this port can book."
        case (true, true): "Unsigned webhooks are refused, because there is a secret."
        case (true, false): nil
        }
    }
}
