import Domain
import Foundation
import Journal
import Ledger
import Logging
import Pipeline
import Server
import ServiceLifecycle
import UnixSignals

/// The demonstration to click through: a service with something on every page.
///
/// Most of the fortnight is in Salesforce already, one edit of a person stands out as drift, the
/// org refused a few records for a while, and the last bookings wait for a plan.
struct DemoService {
    let folder: String
    /// The local org.
    let address: String
    /// The port of the service; 0 for any free one.
    let port: Int

    private static let secret = "the demonstration's secret"

    /// Prepares the sample data and serves until the process is told to end.
    func run() async throws {
        let session = try DemoTour(folder: folder, address: address).makeSession()
        do {
            try await prepare(session)
            try await serve(session)
            try await session.close()
        } catch {
            // The first error is the one to report; closing may fail in its wake.
            do { try await session.close() } catch { Terminal.tell("\(error)") }
            throw error
        }
    }

    // MARK: Sample data

    private func prepare(_ session: Session) async throws {
        let file = try DemoFiles.copy("settings.yaml", to: folder)
        _ = try await SettingsAcceptance(session: session)
            .accept(SettingsFile.read(file, scope: nil), validity: .fromNow)
        let deliveries = try DemoFiles.data("deliveries.ndjson").split(
            separator: UInt8(ascii: "\n")
        )
        let (sound, refused) = (deliveries.count * 6 / 10, deliveries.count * 8 / 10)
        let org = DemoOrg(address: address)
        _ = try await takeIn(deliveries[..<sound], session)
        try await org.refuse(["Lead", "Contact"])
        let last = try await takeIn(deliveries[sound..<refused], session)
        try await org.refuse([])
        // After the last run: what Daybook writes itself afterwards would hide the edit.
        try await editSomething(last, org, session)
        _ = try await session.synchronizer().drift()
        _ = try await take(deliveries[refused...], session)
        try await session.journal.ledger.makeCheckpoint()
    }

    private func take(_ lines: ArraySlice<Data>, _ session: Session) async throws -> IntakeSummary {
        try await session.intake().take(file: Array(lines.joined(separator: [UInt8(ascii: "\n")])))
    }

    private func takeIn(_ lines: ArraySlice<Data>, _ session: Session) async throws -> RunReport {
        _ = try await take(lines, session)
        return try await session.synchronizer { $0.progress = { _ in } }.reconcile()
    }

    private func editSomething(
        _ report: RunReport,
        _ org: DemoOrg,
        _ session: Session
    ) async throws {
        let made = report.operations.filter { $0.kind == .create && $0.object == .eventRecord }
        let links = try await session.journal.links(of: made.map(\.subject))
        guard let record = links.values.map(\.record).min() else {
            throw CommandFailure(.failed, "The run made no event record for a person to edit.")
        }
        // The org's stamps have whole seconds: an edit in the second of the write is no edit to see.
        try await Task.sleep(for: .milliseconds(1_100))
        try await org.edit(
            record,
            "Subject",
            to: "Call Priya before this one",
            as: "admin@example.com"
        )
    }

    // MARK: Serving

    private func serve(_ session: Session) async throws {
        let logger = Logger(label: "daybook") { StreamLogHandler.standardError(label: $0) }
        let now = Session.now()
        let token = try await session.journal.makeToken(
            name: "demonstration",
            role: .admin,
            expires: now.advanced(byMilliseconds: 86_400_000),
            now: now
        ).secret
        let server = try DaybookServer(
            intake: session.intake(),
            journal: session.journal,
            secrets: [Self.secret],
            port: port,
            desk: session.desk(),
            now: Session.now,
            logger: logger,
            onReady: { port in
                Terminal.show("Dashboard: http://127.0.0.1:\(port)/")
                Terminal.show("Token: \(token)")
                Terminal.tell("API: http://127.0.0.1:\(port)/v1/openapi.json · stop with Ctrl-C")
            }
        )
        var group = ServiceGroupConfiguration(
            services: [server],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        group.maximumGracefulShutdownDuration = .seconds(25)
        try await ServiceGroup(configuration: group).run()
    }
}
