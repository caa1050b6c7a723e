import Crypto
public import Domain
import Journal
import Ledger
import Reconciliation
import Salesforce

extension Synchronizer {
    /// How many operations of a replay are kept for showing.
    private static let mostShown = 1_000

    /// Reads a part of history by given settings and plans what that calls for.
    ///
    /// Never writes, and needs no change of the settings. Walks history in windows, so that the
    /// memory it takes depends on what the plan keeps, not on the length of history.
    ///
    /// - Parameters:
    ///   - request: The settings, and which part of history.
    ///   - keepsAll: Whether the plan keeps every write and every hold in memory, or only the first
    ///     thousand. What changes nothing is counted and not kept.
    ///   - each: Given every write and every hold as soon as it is known; a ``PlanFile`` takes them.
    /// - Returns: The plan.
    /// - Throws: ``ReplayError``, ``SalesforceError``, ``LedgerError``, ``RunRefusal``, or what
    ///   `each` throws.
    public func replay(
        _ request: ReplayRequest,
        keepsAll: Bool = true,
        each: (PlanOperation) throws -> Void = { _ in }
    ) async throws -> SyncPlan {
        var replay = try Replay(request, try await journal.settingsRevisions(), now: now())
        var whole = try await emptyPlan()
        whole.basis = .replay(request, isAccepted: replay.isAccepted)
        let head = LedgerPosition(try await journal.head().position)
        var walk = HistoryWalk(journal: journal, since: request.since, limit: options.replayWindow)
        while let window = try await walk.next() {
            replay.window = ReplayWindow(window, room: walk.room, head: head)
            options.progress("Replaying: \(walk.done) appointments so far")
            let part = try await makePlan(for: window, as: replay, isWindow: true)
            walk.pass(part.appointments)
            for operation in part.operations where operation.kind != .unchanged {
                try each(operation)
            }
            whole.take(part, keeping: keepsAll ? .max : Self.mostShown)
        }
        try request.checkHistory(whole.included)
        whole.usage = await gateway.usage
        return try await signed(whole)
    }

    /// Makes the plan of a file again, from what it is a plan of.
    func remake(_ approved: ApprovedPlan) async throws -> SyncPlan {
        switch approved.basis {
        case .changes: return try await makePlan(for: approved.appointments)
        case .replay(let request, let isAccepted):
            guard isAccepted else { throw RunRefusal.stalePlan(Self.notAccepted) }
            let replay = try Replay(request, try await journal.settingsRevisions(), now: now())
            guard replay.isAccepted else { throw RunRefusal.stalePlan(Self.notAccepted) }
            var plan = try await makePlan(for: approved.appointments, as: replay)
            // What a replay looks at is not all that waits: the next run still has to look.
            plan.appointments = []
            return plan
        case .drift(let action, let places): return try await plan(action, places)
        case .undo(let run): return try await plan(undoing: run)
        }
    }

    private static let notAccepted = """
        its settings are not in force for that history, so that the next run would take everything \
        back. Accept them with 'daybook settings apply FILE --effective DATE' first, and plan with \
        'daybook replay'
        """
}

extension SyncPlan {
    /// Adds the plan of a window; what changes nothing is only counted.
    mutating func take(_ part: SyncPlan, keeping most: Int) {
        if !part.org.isEmpty { org = part.org }
        (head, settings) = (part.head, part.settings)
        included += part.included
        leftOut += part.leftOut
        cost.add(part.cost)
        for operation in part.operations {
            if operation.kind == .unchanged || operations.count >= most {
                omitted.count(operation)
            } else {
                operations.append(operation)
            }
        }
    }
}

/// Goes through the appointments of a ledger, window by window.
struct HistoryWalk {
    let journal: Journal
    let since: Instant?
    let limit: Int
    /// How many appointments were given out, or passed over.
    private(set) var done = 0
    private var last: AppointmentID?
    private var isAtEnd = false
    /// Appointments further on that were looked at already.
    private var passed: Set<Mark> = []

    /// How many appointments further on may be looked at with the next window, so that neither a
    /// window nor what is remembered of it grows with history.
    var room: Int { max(0, min(4 * limit, Self.mostPassed - passed.count)) }

    /// As many as take some 16 MB.
    private static let mostPassed = 500_000

    /// Stands for an appointment in 16 bytes, a quarter of what its name takes; nobody finds two
    /// appointments with one of them.
    private struct Mark: Hashable {
        private let first: UInt64
        private let second: UInt64

        init(_ appointment: AppointmentID) {
            let digest = SHA256.hash(data: Array(appointment.root.rawValue.utf8))
            (first, second) = digest.withUnsafeBytes { bytes in
                (
                    bytes.loadUnaligned(as: UInt64.self),
                    bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
                )
            }
        }
    }

    init(journal: Journal, since: Instant?, limit: Int) {
        (self.journal, self.since, self.limit) = (journal, since, limit)
    }

    /// The next appointments that were not looked at yet, by root uid; nil at the end.
    mutating func next() async throws(LedgerError) -> [AppointmentID]? {
        var window: [AppointmentID] = []
        while window.count < limit, !isAtEnd {
            let asked = limit - window.count
            let found = try await journal.appointments(after: last, since: since, limit: asked)
            (last, isAtEnd) = (found.last ?? last, found.count < asked)
            window += found.filter { passed.isEmpty || passed.remove(Mark($0)) == nil }
        }
        done += window.count
        return window.isEmpty ? nil : window
    }

    /// Passes over those of some appointments that are further on: they were looked at.
    mutating func pass(_ appointments: [AppointmentID]) {
        guard let last else { return }
        let further = appointments.filter { $0 > last }
        passed.formUnion(further.map(Mark.init))
        done += further.count
    }
}
