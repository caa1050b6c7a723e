import Domain
import Salesforce
import Synchronization
import TestSupport

/// The way to the simulated org: what the client promises, with everything that can go wrong.
final class SimulatedGateway: SalesforceGateway {
    let org: SharedOrg
    let chaos: Chaos
    let clock: ManualClock
    /// Whether it takes bulk jobs.
    private let takesJobs: Bool
    private let calls = Mutex(0)
    /// Where the changes of the last write begin.
    private let written = Mutex<Int?>(nil)
    /// When the run began, which has a gateway of its own.
    let begun: Instant
    /// What somebody does just before a write, in the org or at Cal.com.
    let interfere: @Sendable () async -> Void

    init(
        _ org: SharedOrg,
        _ chaos: Chaos,
        _ clock: ManualClock,
        takesJobs: Bool,
        interfere: @escaping @Sendable () async -> Void
    ) {
        (self.org, self.chaos, self.clock, self.interfere) = (org, chaos, clock, interfere)
        (self.takesJobs, begun) = (takesJobs, clock.now)
    }

    var bulk: (any BulkGateway)? { takesJobs ? self : nil }

    var usage: APIUsage {
        get async { APIUsage(calls: calls.withLock { $0 }, usedToday: 100, allowedToday: 100_000) }
    }

    func begin(_ effect: Chaos.Effect) throws(SalesforceError) -> Chaos.Fault? {
        calls.withLock { $0 += 1 }
        clock.advance(bySeconds: 1)
        org.use { $0.work(until: clock.now) }
        guard !chaos.isDead else { throw .unreachable("the program is dead") }
        let fault = chaos.strike(effect)
        switch fault {
        case .crashBefore:
            chaos.die()
            throw .unreachable("the program died")
        case .failure: throw .unreachable("503")
        case .limit: throw .limitReached("REQUEST_LIMIT_EXCEEDED")
        case .expired: throw .unauthorised("INVALID_SESSION_ID")
        default: return fault
        }
    }

    /// Asks something that changes nothing; throws where the answer does not arrive as a whole.
    func ask() throws(SalesforceError) {
        switch try begin(.read) {
        case .crashAfter:
            chaos.die()
            throw .unreachable("the program died")
        case .half: throw .unexpectedAnswer("the answer ends too early")
        default: return
        }
    }

    func read(_ requests: [ReadRequest]) async throws(SalesforceError) -> [ReadAnswer] {
        do throws(SalesforceError) {
            try ask()
        } catch {
            if case .ownUser? = requests.first { noteUnknownEditor() }
            throw error
        }
        return org.use { org in requests.map(org.answer) }
    }

    /// Notes what was written last, for the case that nobody says afterwards who we are.
    func noteWrite(from place: Int) { written.withLock { $0 = place } }

    /// Notes that nothing tells our own changes from others' in what was read back: it counts as not
    /// seen.
    private func noteUnknownEditor() {
        guard let first = written.withLock({ $0 }) else { return }
        org.use { org in
            for place in org.changes.indices[first...] { org.changes[place].isUnseen = true }
        }
    }

    func batches(of requests: [WriteRequest]) -> [[WriteRequest]] {
        // Small ones, so that runs are interrupted between them.
        let levels = Dictionary(grouping: requests) { $0.awaited.isEmpty ? 0 : 1 }
        return levels.sorted { $0.key < $1.key }.flatMap { _, writes in
            stride(from: 0, to: writes.count, by: 3).map {
                Array(writes[$0..<min($0 + 3, writes.count)])
            }
        }
    }

    func send(
        _ batch: [WriteRequest],
        known: [OperationID: SalesforceID]
    ) async throws(SalesforceError) -> [WriteOutcome] {
        let fault = try begin(.send)
        if fault == .lostRequest { return batch.map { _ in .unknown("no answer") } }
        if fault == .edit { await interfere() }
        let (outcomes, place) = org.use { org in
            let place = org.changes.count
            var writer = OrgWriter(
                known: known,
                now: clock.now,
                begun: begun,
                locked: fault == .lock
            )
            return (batch.map { writer.write($0, in: &org) }, place)
        }
        if fault == .crashAfter {
            chaos.die()
            throw .unreachable("the program died")
        }
        let answers = outcomes.enumerated().map { number, outcome in
            let isCut = fault == .lostAnswer || fault == .half && number.isMultiple(of: 2)
            return isCut ? WriteOutcome.unknown("no answer") : outcome
        }
        org.use { $0.answer(Set(answers.compactMap(\.record)), since: place) }
        noteWrite(from: place)
        return answers
    }
}

extension WriteOutcome {
    /// The record that was written.
    var record: SalesforceID? {
        if case .written(let id, _, _) = self { id } else { nil }
    }
}

/// An org that a gateway and the people in it use by turns.
final class SharedOrg: Sendable {
    private let org: Mutex<SimulatedOrg>

    init(_ org: SimulatedOrg) { self.org = Mutex(org) }

    func use<Result: Sendable>(_ body: (inout SimulatedOrg) -> Result) -> Result {
        org.withLock { org in body(&org) }
    }

    var copy: SimulatedOrg { org.withLock { $0 } }
}
