import CalCom
import Domain
import Foundation
import GRDB
import Journal
import Pipeline
import Salesforce
import Synchronization
import TestSupport

@testable import Ledger

/// One world from one seed: bookings, deliveries, people in the org, and everything that goes wrong.
///
/// The real intake, projection, reconciliation and ledger run, on a real file; the org, the clock,
/// chance and ids follow from the seed.
final class Simulation {
    let seed: UInt64
    /// The clock of the world: Cal.com's and the org's.
    let clock: ManualClock
    /// The clock of the machine on which Daybook runs.
    private let machine: MachineClock
    let chaos: Chaos
    let org: SharedOrg
    let people: SimulatedPeople
    private(set) var told: [Told] = []
    private(set) var accepted: [Accepted] = []
    private(set) var erased: [Erased] = []
    private(set) var bound: [Bound] = []
    /// When a delivery last named a person, by address.
    private(set) var named: [String: Instant] = [:]
    /// What broke a law.
    var violations: [String] = []
    private(set) var journal: Journal
    private(set) var path: String
    private let folder: TemporaryFolder
    private var generator: SeededGenerator
    /// The settings that were accepted first, for every event type.
    let first: SimulatedSettings
    /// The settings of every scope that has any.
    private var settings: [SettingsScope: SimulatedSettings] = [:]
    private var queue: [SimulatedDelivery] = []
    let post = SimulatedPost()
    /// Cal.com's list of bookings, and whether anybody reads it.
    private(set) var office = SimulatedOffice()
    let isOfficeRead: Bool
    private var opened: UInt64 = 0
    let chance: Chance
    /// Whether writes go through bulk jobs.
    private let takesJobs: Bool
    /// Whether somebody looked at a large plan that was refused, and lets it pass.
    private var allowsLargeChange = false
    /// Whether a run ended without its end: its lease may last.
    private var isLeaseLeft = false

    init(seed: UInt64) throws {
        self.seed = seed
        generator = SeededGenerator(seed: seed)
        clock = ManualClock(Self.beginning(using: &generator))
        machine = MachineClock(clock)
        chaos = Chaos(seed: seed ^ 0xC4A05, rarity: generator.any([12, 25, 60, 1_000_000]))
        chance = Chance(seed: seed ^ 0xC4A9CE)
        isOfficeRead = chance.isOneIn(2)
        first = SimulatedSettings(using: &generator)
        org = SharedOrg(SimulatedOrg(isShared: generator.oneIn(2), hasKey: !generator.oneIn(3)))
        takesJobs = generator.oneIn(3)
        let automation = Self.automation(using: &generator)
        org.use { $0.automation = automation }
        people = SimulatedPeople(org, clock, seed: seed ^ 0x9E09)
        folder = try TemporaryFolder()
        path = folder.path("ledger-0.sqlite")
        journal = try Self.open(path, machine, seed, chaos, org)
        watchForDeath()
    }

    /// At any hour of the day, in some worlds days before clocks are set to winter time.
    private static func beginning(using generator: inout SeededGenerator) -> Instant {
        let hours = Int64(generator.any([0, 0, -240, -84]) + generator.number(0...23))
        return ManualClock.beginning.advanced(byMilliseconds: hours * 3_600_000)
    }

    /// What the org does by itself, in some worlds.
    private static func automation(
        using generator: inout SeededGenerator
    ) -> SimulatedOrg.Automation? {
        guard generator.oneIn(3) else { return nil }
        let object = generator.any([ObjectName.contact, .lead, .eventRecord])
        let fields =
            object == .eventRecord
            ? ["Subject", "Location", "Booking_Uid__c"]
            : SimulatedSettings.policies.map(\.field)
        return SimulatedOrg.Automation(
            object: object,
            trigger: generator.any(fields.filter { $0 != "Watched_Size__c" }),
            field: generator.any(fields),
            isLate: generator.oneIn(2)
        )
    }

    // MARK: The ledger file

    private static func open(
        _ path: String,
        _ clock: MachineClock,
        _ seed: UInt64,
        _ chaos: Chaos,
        _ org: SharedOrg
    ) throws -> Journal {
        let chance = Chance(seed: seed)
        let environment = LedgerEnvironment(
            now: { clock.now.milliseconds },
            random: { chance.bytes($0) }
        )
        let journal = try Journal(path: path, key: .test, environment: environment)
        // The machine does not lose power here, only the program dies: waiting for the disk would
        // show nothing, and take most of the time.
        try journal.ledger.pool.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA synchronous = OFF")
        }
        let observer = CommitChaos(chaos, org)
        journal.ledger.pool.add(transactionObserver: observer, extent: .databaseLifetime)
        return journal
    }

    /// Has the files copied at the moment at which the program dies.
    ///
    /// They are copied, not closed: what a dying program leaves is not tidied up, and nothing that
    /// it would have done afterwards has happened.
    private func watchForDeath() {
        let (path, copy) = (path, folder.path("ledger-\(opened + 1).sqlite"))
        chaos.atDeath {
            do {
                // The log last: whatever is moved on from it meanwhile still stands in it.
                for end in ["", "-wal"] where FileManager.default.fileExists(atPath: path + end) {
                    try FileManager.default.copyItem(atPath: path + end, toPath: copy + end)
                }
            } catch {
                preconditionFailure("what a dying program leaves cannot be copied: \(error)")
            }
        }
    }

    /// Starts the program anew from what the file held at the moment at which it died.
    private func restart() throws {
        opened += 1
        let copy = folder.path("ledger-\(opened).sqlite")
        let old = journal
        chaos.revive()
        org.use { $0.forgetAnswers() }
        let wasCalm = chaos.isCalm
        chaos.set(isCalm: true)
        if chance.isOneIn(3) { machine.set(to: chance.any(Self.skews)) }
        journal = try Self.open(copy, machine, seed &+ opened &* 7_919, chaos, org)
        path = copy
        watchForDeath()
        try old.ledger.close()
        chaos.set(isCalm: wasCalm)
        // The lease of the dead program has to end.
        clock.advance(bySeconds: 120)
    }

    /// By how much the machine's clock may be wrong: milliseconds.
    ///
    /// Minutes and hours ahead and behind,
    /// so that it goes back by as much when it is set right.
    private static let skews: [Int64] = [
        0, 0, -180_000, -2_400_000, -10_800_000, 420_000, 3_600_000,
    ]

    func close() throws { try journal.ledger.close() }

    // MARK: The course of the world

    /// Lives through the world, then lets it calm down.
    func run() async throws {
        people.furnish()
        try await accept(first, for: .everyEventType, .fromNow)
        for scope in Self.scopes.dropFirst() where generator.oneIn(3) {
            try await accept(first.changed(using: &generator), for: scope, .fromNow)
        }
        let life = SimulatedLife(
            using: SeededGenerator(seed: seed ^ 0x11FE),
            from: clock.now.advanced(byMilliseconds: 600_000)
        )
        chaos.set(isCalm: false)
        var facts = life.facts[...]
        while !facts.isEmpty {
            clock.advance(bySeconds: Int64(generator.number(120...900)))
            while let fact = facts.first, fact.occurred <= clock.now {
                let next = facts.removeFirst()
                office.happen(next)
                post(next)
            }
            try await deliver()
            if generator.oneIn(3) {
                try await reconcile(generator.oneIn(4) ? .everything : .changed)
            }
            if generator.oneIn(4) { people.act() }
            if generator.oneIn(4) { try await operate() }
            if generator.oneIn(60), try await journal.openIntents().isEmpty { try await erase() }
            if generator.oneIn(25) { try await changeSettings() }
            if generator.oneIn(20) { try await replay() }
            if isOfficeRead, chance.isOneIn(10) { try await read(readScope()) }
            if chance.isOneIn(6) { try await askForHosts() }
            if generator.oneIn(80) { try await compareWindowsUnlessPaused() }
        }
        chaos.set(isCalm: true)
        try await desk.wakeAll()
        try await calmDown()
    }

    /// Compares windows, unless the org is left alone for a while.
    private func compareWindowsUnlessPaused() async throws {
        do {
            try await compareWindows()
        } catch RunRefusal.limitPause {
            // The end of the world compares again.
        }
    }

    // MARK: Operators

    private var desk: SimulatedOperator {
        let gateway = SimulatedGateway(org, chaos, clock, takesJobs: false) {}
        return SimulatedOperator(journal: journal, gateway: gateway, now: time)
    }

    /// An operator looks at what failed, and decides about some of it.
    private func operate() async throws {
        guard let decision = try await desk.decide(using: &generator) else { return }
        try await persist("a decision") { simulation in
            try await simulation.desk.carryOut(decision)
            guard !simulation.chaos.isDead else { throw Crash() }
        }
        guard case .bind(let subject, let record) = decision,
            try await desk.isBound(subject, to: record)
        else { return }
        bound.append(Bound(email: org.copy.email(of: record), record: record, time: clock.now))
    }

    /// Erases somebody, unless a record may have been made of which nothing is known.
    private func erase() async throws {
        let person = generator.any(SimulatedPerson.attendees).email
        guard let email = EmailAddress(person) else { return }
        try await persist("erasure") { simulation in
            do {
                try await simulation.journal.erase(email, actor: "simulation")
            } catch LedgerError.erased, LedgerError.notFound {
                // Nobody is left: an earlier try came as far as that, or nobody ever told.
            }
            if simulation.chaos.strike(.sweep) != nil { simulation.chaos.die() }
            guard !simulation.chaos.isDead else { throw Crash() }
        }
        erased.append(Erased(email: person, after: told.count, time: clock.now))
    }

    /// Sends a fact on its way: once, twice, late or never.
    private func post(_ fact: SimulatedFact) {
        if generator.oneIn(25) { return }
        func delivery(_ delay: Int64) -> SimulatedDelivery {
            let wait = generator.oneIn(3) ? Int64(generator.number(1...14_400)) : 0
            return SimulatedDelivery(
                fact: fact,
                delay: delay,
                due: clock.now.advanced(byMilliseconds: wait * 1_000)
            )
        }
        queue.append(delivery(0))
        if generator.oneIn(5) { queue.append(delivery(0)) }
        if generator.oneIn(6) { queue.append(delivery(1_000)) }
    }

    /// Moves what the log holds on into the file, as happens beside commits once there is much.
    private func moveLogOn() async throws {
        try await journal.ledger.pool.writeWithoutTransaction { db in
            _ = try db.checkpoint(.passive)
        }
    }

    func deliver() async throws {
        if chance.isOneIn(12) { try await moveLogOn() }
        var due = queue.filter { $0.due <= clock.now }
        queue.removeAll { $0.due <= clock.now }
        due.shuffle(using: &generator)
        for delivery in due { try await take(delivery) }
    }

    /// Delivers until it is acknowledged, as Cal.com would.
    private func take(_ delivery: SimulatedDelivery) async throws {
        let body = delivery.fact.delivery(delay: delivery.delay)
        defer { for email in delivery.fact.booking.emails { named[email] = clock.now } }
        try await persist("intake") { simulation in
            let intake = Intake(journal: simulation.journal, now: simulation.time)
            let receipt = try await intake.take(webhook: body, headers: [:])
            guard !simulation.chaos.isDead else { throw Crash() }
            simulation.acknowledge(delivery, receipt, simulation.clock.now)
        }
    }

    private func acknowledge(
        _ delivery: SimulatedDelivery,
        _ receipt: DeliveryReceipt,
        _ time: Instant
    ) {
        guard [.appended, .duplicate].contains(receipt.verdict), let position = receipt.position
        else {
            violations.append("a delivery was \(receipt.verdict)")
            return
        }
        guard !told.contains(where: { $0.fact.number == delivery.fact.number }) else { return }
        let delay = delivery.fact.kind.isTimed ? 0 : delivery.delay
        let occurred = delivery.fact.occurred.advanced(byMilliseconds: delay)
        told.append(
            Told(
                fact: delivery.fact,
                occurred: occurred,
                number: told.count,
                acknowledged: time,
                position: position.rawValue
            )
        )
    }

    /// Takes note of what arrived while a run was under way.
    private func collectPost() {
        let (waiting, arrived) = post.empty()
        queue = waiting
        for arrival in arrived {
            for email in arrival.delivery.fact.booking.emails { named[email] = arrival.time }
            acknowledge(arrival.delivery, arrival.receipt, arrival.time)
        }
    }

    /// Takes note of what a reading of Cal.com's list told, in the order of the ledger.
    ///
    /// - Parameters:
    ///   - count: How much had been told before the reading.
    ///   - findings: Each with its position, and what it told, given what was known by then.
    func hear(
        after count: Int,
        _ findings: [(position: Int64, facts: (NaiveModel) -> [SimulatedFact])]
    ) {
        var delivered = told[count...]
        told.removeSubrange(count...)
        for finding in findings {
            while let next = delivered.first, next.position < finding.position {
                append(delivered.removeFirst())
            }
            for fact in finding.facts(NaiveModel(told, accepted, erased)) {
                let (moment, position) = (fact.occurred, finding.position)
                append(
                    Told(
                        fact: fact,
                        occurred: moment,
                        number: 0,
                        acknowledged: clock.now,
                        position: position
                    )
                )
                for email in fact.booking.emails where !isLeftBehind(email, fact.booking.uid) {
                    named[email] = clock.now
                }
            }
        }
        for last in delivered { append(last) }
    }

    private func append(_ last: Told) {
        var numbered = last
        numbered.number = told.count
        told.append(numbered)
    }

    /// Whether somebody took part in a booking and was erased since, so that nothing more is told of it.
    private func isLeftBehind(_ email: String, _ uid: String) -> Bool {
        erased.contains { erased in
            erased.email == email
                && told.prefix(erased.after).contains {
                    $0.fact.booking.uid == uid && $0.fact.booking.emails.contains(email)
                }
        }
    }

    /// Notes that somebody named a person.
    func note(named email: String) { named[email] = clock.now }

    // MARK: Settings

    /// Everybody, and event types that may have settings of their own; another one never has.
    static let scopes =
        [SettingsScope.everyEventType]
        + SimulatedBooking.eventTypes.dropFirst().map { .eventType(EventTypeID($0)) }

    /// Somebody takes over other settings for a scope, or removes those of an event type.
    private func changeSettings() async throws {
        let scope = generator.any(Self.scopes)
        let isRemoved = scope != .everyEventType && settings[scope] != nil && generator.oneIn(3)
        let changed = (settings[scope] ?? first).changed(using: &generator)
        try await accept(isRemoved ? nil : changed, for: scope, validity())
    }

    /// To what a later version of the settings applies: a date may be past or still to come.
    private func validity() -> SettingsValidity {
        switch generator.number(0...3) {
        case 0: .fromNow
        case 1: .allHistory
        default:
            .from(clock.now.advanced(byMilliseconds: Int64(generator.number(-240...60)) * 60_000))
        }
    }

    private func accept(
        _ settings: SimulatedSettings?,
        for scope: SettingsScope,
        _ validity: SettingsValidity
    ) async throws {
        let read = try settings.map { try SettingsDocument.decodeSettings($0.document) }
        try await persist("settings") { simulation in
            _ = try await simulation.journal.accept(
                read,
                for: scope,
                validity: validity,
                actor: "simulation",
                isChecked: false
            )
            guard !simulation.chaos.isDead else { throw Crash() }
        }
        accepted.append(
            Accepted(settings: settings, scope: scope, after: told.count, validity: validity)
        )
        self.settings[scope] = settings
    }

    /// Tries something until it succeeds, starting the program anew where it died.
    private func persist(
        _ what: String,
        _ body: (Simulation) async throws -> Void
    ) async throws {
        for _ in 0..<100 {
            let faults = chaos.history.count
            do {
                try await body(self)
                return
            } catch  where chaos.history.count > faults {
                if chaos.isDead { try restart() }
                clock.advance(bySeconds: 7)
            } catch {
                violations.append("\(what) failed for no reason: \(error)")
                return
            }
        }
        violations.append("\(what) never succeeded")
    }

    // MARK: Runs

    var time: @Sendable () -> Instant { { [machine] in machine.now } }

    func synchronizer(replayWindow: Int = SyncOptions().replayWindow) -> Synchronizer {
        var options = SyncOptions()
        options.allowsLargeChange = allowsLargeChange
        options.replayWindow = replayWindow
        return Synchronizer(
            journal: journal,
            gateway: SimulatedGateway(org, chaos, clock, takesJobs: takesJobs) {
                [people, post, journal, chaos, clock, chance, time] in
                if chance.isOneIn(4) {
                    await post.deliver(to: journal, chaos, clock, now: time())
                } else {
                    people.interfere()
                }
            },
            options: options,
            now: time,
            random: { [chance] in chance.next() }
        )
    }

    private func reconcile(_ selection: RunSelection) async throws {
        try await run { _ = try await $0.reconcile(selection) }
    }

    /// Makes a run; only faults and known refusals may end it.
    func run(_ body: (Synchronizer) async throws -> Void) async throws {
        try await attempt(isRun: true) { simulation in
            try await body(simulation.synchronizer())
            (simulation.allowsLargeChange, simulation.isLeaseLeft) = (false, false)
        }
    }

    /// Does something that faults may end, and refusals that are known.
    ///
    /// - Parameters:
    ///   - isRun: Whether it takes the lease.
    ///   - pause: How long nothing else happens afterwards: seconds.
    ///   - body: What is done.
    /// - Throws: What stops the world: the ledger that a dead program left cannot be opened.
    func attempt(
        isRun: Bool,
        pause: Int64 = 30,
        _ body: (Simulation) async throws -> Void
    ) async throws {
        post.fill(queue)
        defer { collectPost() }
        let faults = chaos.history.count
        do {
            try await body(self)
        } catch {
            note(error, isExpected: chaos.history.count > faults, isRun: isRun)
        }
        if chaos.isDead { try restart() }
        clock.advance(bySeconds: pause)
    }

    /// Only what can be expected may end a run or a plan.
    ///
    /// - Parameters:
    ///   - error: What ended it.
    ///   - isExpected: Whether something went wrong meanwhile.
    ///   - isRun: Whether it had taken the lease.
    private func note(_ error: any Error, isExpected: Bool, isRun: Bool) {
        switch error {
        case is SalesforceError where isExpected, is LedgerError where isExpected,
            is CalComError where isExpected:
            if isRun { isLeaseLeft = true }
        // The lease ends by the machine's clock, which may have been set back since.
        case RunRefusal.busy where isLeaseLeft: return
        case RunRefusal.limitPause where chaos.history.contains { $0.hasSuffix("limit") }: return
        case RunRefusal.largeChange where mayChangeMuch: allowsLargeChange = true
        default: violations.append("a run ended with \(error)")
        }
    }

    /// Settings for what was told before may ask for more than passes without a second look.
    private var mayChangeMuch: Bool { accepted.contains(where: \.isRetroactive) }

    /// Delivers what is left, and runs until nothing is left to do.
    private func calmDown() async throws {
        clock.advance(bySeconds: 30_000)
        try await deliver()
        if isOfficeRead { try await readToTheEnd() }
        for _ in 0..<8 {
            clock.advance(bySeconds: 7_200)
            do {
                _ = try await synchronizer().reconcile(.changed)
                let report = try await synchronizer().reconcile(.everything)
                let plan = try await synchronizer().plan(.everything)
                if report.summary.failed == 0, !plan.summary.hasWrites {
                    // What is late would change fields again while plans are made.
                    if org.copy.automation?.isLate != true { try await compareWindows() }
                    return
                }
            } catch RunRefusal.limitPause {
                continue
            } catch RunRefusal.largeChange where mayChangeMuch && !allowsLargeChange {
                allowsLargeChange = true
            } catch {
                violations.append("in calm weather a run ended with \(error)")
                return
            }
        }
        let plan = try await synchronizer().plan(.everything)
        let writes = plan.operations.filter(\.isWrite).map { "\($0.id.rawValue) \($0.reason)" }
        violations.append("something is left to do: \(writes)")
    }
}

/// Chance that follows from a seed.
final class Chance: Sendable {
    private let generator: Mutex<SeededGenerator>

    init(seed: UInt64) { generator = Mutex(SeededGenerator(seed: seed)) }

    func next() -> Double { generator.withLock { Double.random(in: 0..<1, using: &$0) } }

    func bytes(_ count: Int) -> [UInt8] { generator.withLock { $0.bytes(count) } }

    func isOneIn(_ count: Int) -> Bool { generator.withLock { $0.oneIn(count) } }

    func any<Value: Sendable>(_ values: [Value]) -> Value { generator.withLock { $0.any(values) } }

    func using<Value: Sendable>(_ body: (inout SeededGenerator) -> sending Value) -> Value {
        generator.withLock { body(&$0) }
    }
}

/// The clock of one machine, which goes with the world's and may be wrong.
private final class MachineClock: Sendable {
    private let world: ManualClock
    private let skew = Mutex<Int64>(0)

    init(_ world: ManualClock) { self.world = world }

    var now: Instant { world.now.advanced(byMilliseconds: skew.withLock { $0 }) }

    /// Sets it wrong, or right, by milliseconds ahead of the world's.
    func set(to milliseconds: Int64) { skew.withLock { $0 = milliseconds } }
}
