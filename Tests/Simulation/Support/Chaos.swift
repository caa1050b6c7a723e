import Domain
import GRDB
import Synchronization
import TestSupport

/// What goes wrong, and when; everything follows from a seed.
///
/// Once the program has crashed nothing succeeds any more, until it is started anew.
final class Chaos: Sendable {
    /// An effect at which something can go wrong.
    enum Effect: String {
        case beforeCommit
        case afterCommit
        case read
        case send
        /// An erased person's remains are swept out of the files.
        case sweep
    }

    /// What goes wrong.
    enum Fault: String {
        /// The program dies before the effect.
        case crashBefore
        /// The program dies after the effect, before anyone learned of it.
        case crashAfter
        /// The disk is full, or the server gives a 503.
        case failure
        /// Another process holds the file, or another transaction the record.
        case lock
        /// The allowance of API calls is used up.
        case limit
        /// The access token has expired.
        case expired
        /// A part of the answer is missing.
        case half
        /// The request took hold, and its answer was lost.
        case lostAnswer
        /// The request was lost, and nobody knows.
        case lostRequest
        /// Somebody edits a record just then.
        case edit
    }

    private struct State {
        var generator: SeededGenerator
        var isCalm = true
        var isDead = false
        var count = 0
        var history: [String] = []
        /// What happens at the moment at which the program dies.
        var atDeath: @Sendable () -> Void = {}
    }

    private let state: Mutex<State>
    /// One in so many effects fails.
    private let rarity: Int

    init(seed: UInt64, rarity: Int) {
        state = Mutex(State(generator: SeededGenerator(seed: seed)))
        self.rarity = rarity
    }

    /// Whether the program has crashed.
    var isDead: Bool { state.withLock { $0.isDead } }

    /// What went wrong so far, with the number of the effect.
    var history: [String] { state.withLock { $0.history } }

    /// How many effects there were.
    var count: Int { state.withLock { $0.count } }

    var isCalm: Bool { state.withLock { $0.isCalm } }

    func set(isCalm: Bool) { state.withLock { $0.isCalm = isCalm } }

    /// The program is started anew.
    func revive() { state.withLock { $0.isDead = false } }

    /// The program dies now, if it has not before.
    func die() {
        let last = state.withLock { state in
            defer { state.isDead = true }
            return state.isDead ? nil : state.atDeath
        }
        last?()
    }

    /// Says what happens at the moment at which the program dies.
    func atDeath(_ body: @escaping @Sendable () -> Void) { state.withLock { $0.atDeath = body } }

    /// What goes wrong at an effect; nil for nothing.
    func strike(_ effect: Effect) -> Fault? {
        state.withLock { state in
            state.count += 1
            guard !state.isCalm, state.generator.oneIn(rarity) else { return nil }
            let fault = state.generator.any(Self.faults(at: effect))
            state.history.append("\(state.count) \(effect.rawValue) \(fault.rawValue)")
            return fault
        }
    }

    private static func faults(at effect: Effect) -> [Fault] {
        switch effect {
        case .beforeCommit: [.crashBefore, .failure, .lock]
        case .afterCommit, .sweep: [.crashAfter]
        case .read: [.crashBefore, .crashAfter, .failure, .limit, .expired, .half]
        case .send:
            [
                .crashBefore, .crashAfter, .failure, .lock, .limit, .expired, .half, .lostAnswer,
                .lostRequest, .edit, .edit,
            ]
        }
    }
}

/// Lets commits of the ledger's database fail.
final class CommitChaos: TransactionObserver {
    private let chaos: Chaos
    private let org: SharedOrg

    init(_ chaos: Chaos, _ org: SharedOrg) { (self.chaos, self.org) = (chaos, org) }

    func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool { false }

    func databaseDidChange(with event: DatabaseEvent) {}

    func databaseWillCommit() throws {
        if chaos.isDead { throw Crash() }
        guard let fault = chaos.strike(.beforeCommit) else { return }
        org.use { $0.forgetAnswers() }
        switch fault {
        case .failure: throw DatabaseError(resultCode: .SQLITE_FULL)
        case .lock: throw DatabaseError(resultCode: .SQLITE_BUSY)
        default:
            chaos.die()
            throw Crash()
        }
    }

    func databaseDidCommit(_ db: Database) {
        org.use { $0.writeDownAnswers() }
        if chaos.strike(.afterCommit) != nil { chaos.die() }
    }

    func databaseDidRollback(_ db: Database) {}
}

/// The program is dead.
struct Crash: Error {}
