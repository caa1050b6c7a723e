import AsyncHTTPClient
import Domain
import Foundation
import Journal
import Ledger
import Pipeline
import Reconciliation
import Salesforce
import SalesforceEmulator
import Synchronization
import TestSupport

/// Everything between a delivery and a record: a ledger file, an org behind HTTP, and a clock that
/// both go by.
///
/// Each step of a test moves the clock by a minute, so that what came first is certain.
final class World {
    let org: EmulatedOrg
    let clock: ManualClock
    let folder: TemporaryFolder
    private(set) var journal: Journal
    /// How runs behave.
    var options = SyncOptions()
    /// When writes go through jobs of Bulk API 2.0; `WritePaths(threshold: 1)` for all that can.
    var paths = WritePaths()
    /// Where access tokens come from.
    var tokens: any AccessTokenSource
    /// The version of the org's API.
    var apiVersion = "62.0"
    /// Stands between the pipeline and the org.
    var interpose: (any SalesforceGateway) -> any SalesforceGateway = { $0 }
    private let chance = Chance()
    private var opened: UInt64 = 1

    fileprivate init(_ base: String, _ http: HTTPClient, _ clock: ManualClock) throws {
        org = EmulatedOrg(base: base, http: http)
        self.clock = clock
        folder = try TemporaryFolder()
        journal = try Self.open(folder, clock, 1)
        tokens = FixedAccessToken(
            AccessToken(value: "daybook", instanceURL: try InstanceURL(base))
        )
    }

    private static func open(
        _ folder: TemporaryFolder,
        _ clock: ManualClock,
        _ seed: UInt64
    ) throws -> Journal {
        try Journal(
            path: folder.path("ledger.sqlite"),
            key: .test,
            environment: .test(clock: clock, seed: seed)
        )
    }

    fileprivate func close() throws { try journal.ledger.close() }

    /// Starts the program anew on the same ledger file.
    func restart() throws {
        try journal.ledger.close()
        opened += 1
        journal = try Self.open(folder, clock, opened)
    }

    // MARK: Time

    /// The time now.
    var now: Instant { clock.now }

    /// The clock as the pipeline takes it.
    var time: @Sendable () -> Instant { { [clock] in clock.now } }

    /// Lets time pass.
    func wait(minutes: Int64) { clock.advance(bySeconds: minutes * 60) }

    // MARK: Cal.com

    /// Accepts settings, for all event types unless one is named.
    func accept(
        _ settings: String,
        for scope: SettingsScope = .everyEventType,
        validity: SettingsValidity = .fromNow
    ) async throws {
        _ = try await journal.accept(
            SettingsDocument.decodeSettings(try JSON(parsing: settings)),
            for: scope,
            validity: validity,
            actor: "test",
            isChecked: false
        )
        wait(minutes: 1)
    }

    /// Takes deliveries in, one file each.
    @discardableResult
    func deliver(_ deliveries: Delivery...) async throws -> IntakeSummary {
        var summary = IntakeSummary()
        for delivery in deliveries {
            summary.add(try await take([delivery]))
            wait(minutes: 1)
        }
        return summary
    }

    /// Takes deliveries in, all in one file.
    @discardableResult
    func take(_ deliveries: [Delivery]) async throws -> IntakeSummary {
        let bodies = JSON.array(deliveries.map { $0.body(now) })
        let intake = Intake(journal: journal, now: time)
        return try await intake.take(file: bodies.bytes)
    }

    // MARK: Salesforce

    /// A client for the org that never sleeps.
    func gateway() throws -> any SalesforceGateway {
        interpose(
            try SalesforceClient(
                tokens: tokens,
                http: org.http,
                settings: .init(
                    apiVersion: apiVersion,
                    requestTimeout: .seconds(300),
                    pacing: Pacing(random: { 0.5 }, sleep: { _ in }),
                    paths: paths
                )
            )
        )
    }

    /// What brings the org in step.
    func synchronizer() throws -> Synchronizer {
        Synchronizer(
            journal: journal,
            gateway: try gateway(),
            options: options,
            now: time,
            random: { [chance] in chance.next() }
        )
    }

    /// Brings the org in step.
    @discardableResult
    func reconcile(_ selection: RunSelection = .changed) async throws -> RunReport {
        let report = try await synchronizer().reconcile(selection)
        wait(minutes: 1)
        return report
    }

    /// Takes a delivery in and brings the org in step.
    @discardableResult
    func sync(_ deliveries: Delivery...) async throws -> RunReport {
        for delivery in deliveries { try await deliver(delivery) }
        return try await reconcile()
    }

    /// What a run would do.
    func plan(_ selection: RunSelection = .changed) async throws -> SyncPlan {
        try await synchronizer().plan(selection)
    }

    /// Writes a plan down as a file that may be shared, and applies what is read from it.
    @discardableResult
    func apply(_ plan: SyncPlan) async throws -> RunReport {
        let synchronizer = try synchronizer()
        let file = synchronizer.document(of: plan, isRevealed: false).prettyText
        wait(minutes: 1)
        let report = try await synchronizer.apply(try JSON(parsing: file))
        wait(minutes: 1)
        return report
    }

    /// The event record of a booking, or of the appointment that began with it.
    func eventRecord(
        _ fields: String = "Id",
        of uid: String = Meeting().uid
    ) async throws -> JSON {
        try await org.one("SELECT \(fields) FROM Event WHERE Daybook_Key__c = 'calcom-\(uid)'")
    }

    /// The contact with an address.
    func contact(
        _ fields: String = "Id",
        of email: String = Meeting.Person.dana.email
    ) async throws -> JSON {
        try await org.one("SELECT \(fields) FROM Contact WHERE Email = '\(email)'")
    }

    /// The lead with an address.
    func lead(
        _ fields: String = "Id",
        of email: String = Meeting.Person.dana.email
    ) async throws -> JSON {
        try await org.one("SELECT \(fields) FROM Lead WHERE Email = '\(email)'")
    }

    // MARK: Ledger

    /// The data of the ledger's events of a type, in order.
    func ledger(_ type: String) async throws -> [JSON] {
        try await journal.sealedEvents(after: .start, limit: .max, type: type)
            .map { try JSON(parsing: $0.data) }
    }
}

/// Chance that is the same in every run of a test.
private final class Chance: Sendable {
    private let generator = Mutex(SeededGenerator(seed: 7))

    func next() -> Double { generator.withLock { Double.random(in: 0..<1, using: &$0) } }
}

/// Runs a world for as long as a closure takes.
func withPipeline(
    from start: Instant = ManualClock.beginning,
    _ body: (World) async throws -> Void
) async throws {
    let clock = ManualClock(start)
    let http = HTTPClient(configuration: .salesforce)
    do {
        try await withSalesforceEmulator(EmulatorOptions(now: { clock.now.date })) { base in
            let world = try World(base, http, clock)
            try await world.org.control(
                "tokens",
                #"{"token":"\#(EmulatedOrg.person)","email":"admin@example.com"}"#
            )
            do {
                try await body(world)
            } catch {
                try world.close()
                throw error
            }
            try world.close()
        }
    } catch {
        try await http.shutdown()
        throw error
    }
    try await http.shutdown()
}
