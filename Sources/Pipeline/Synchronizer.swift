public import Domain
public import Journal
import Ledger
import Reconciliation
public import Salesforce

/// Brings Salesforce in step with the ledger.
///
/// A run reads as the picture in the README: derive what the ledger calls for, look at what is
/// there, compare, guard, write. Only ``write`` changes anything outside the ledger.
public struct Synchronizer: Sendable {
    let journal: Journal
    let gateway: any SalesforceGateway
    let options: SyncOptions
    let now: @Sendable () -> Instant
    let random: @Sendable () -> Double

    /// Creates a synchronizer.
    ///
    /// - Parameters:
    ///   - journal: The ledger's journal.
    ///   - gateway: The org.
    ///   - options: How a run behaves.
    ///   - now: The time.
    ///   - random: A number from 0 up to 1, for spreading retries.
    public init(
        journal: Journal,
        gateway: any SalesforceGateway,
        options: SyncOptions = SyncOptions(),
        now: @escaping @Sendable () -> Instant,
        random: @escaping @Sendable () -> Double
    ) {
        (self.journal, self.gateway, self.options) = (journal, gateway, options)
        (self.now, self.random) = (now, random)
    }

    // MARK: The flow

    /// Plans, and changes nothing in Salesforce.
    ///
    /// - Parameter selection: Which appointments to look at.
    /// - Returns: What a run would do.
    /// - Throws: ``SalesforceError``, ``LedgerError`` or ``RunRefusal``.
    public func plan(_ selection: RunSelection = .changed) async throws -> SyncPlan {
        try await watchingLimit {
            if try await !mustYield() { try await wakeFailures() }
            let appointments = try await appointments(selection)
            if !appointments.isEmpty { try await endPause() }
            return try await signed(try await makePlan(for: appointments))
        }
    }

    /// A plan names the end of the ledger; a checkpoint says that the ledger stood there.
    func signed(_ plan: SyncPlan) async throws -> SyncPlan {
        if journal.ledger.setBack == nil { try await journal.ledger.makeCheckpoint() }
        return plan
    }

    /// Plans and writes, again where an outcome was unclear, and stores the plan with the run.
    ///
    /// - Parameter selection: Which appointments to look at.
    /// - Returns: What was done.
    /// - Throws: ``RunRefusal`` before anything was written; ``SalesforceError`` or
    ///   ``LedgerError``, after which everything that was written is recorded.
    public func reconcile(_ selection: RunSelection = .changed) async throws -> RunReport {
        try await exclusively { run in
            var report = RunReport(run: run, callsBefore: await gateway.usage.calls)
            if try await !mustYield() { try await wakeFailures() }
            let windows = windows(of: try await appointments(selection))
            if !windows.isEmpty { try await openBudget(selection) }
            if windows.count > 1 { try await survey(windows) }
            for window in windows {
                var remaining = window
                for pass in 0..<Self.mostPasses where !remaining.isEmpty {
                    guard try await callsLeft(report) > 0 else {
                        // What was not looked at stays marked, and is the next run's.
                        if pass == 0 { report.summary.postponed += remaining.count }
                        break
                    }
                    try await recoverJobs(run)
                    let plan = try await makePlan(for: remaining, isWindow: true)
                    try await check(plan, run: run, isGuarded: windows.count == 1)
                    remaining = try await write(plan, run: run, into: &report)
                }
            }
            return report
        }
    }

    /// Writes what a plan file says, as far as the same would be planned now.
    ///
    /// - Parameter document: A plan as ``document(of:isRevealed:)`` made it.
    /// - Returns: What was done; operations that would be different now are counted as stale.
    /// - Throws: ``RunRefusal/stalePlan(_:)`` and the errors of ``reconcile(_:)``.
    public func apply(_ document: JSON) async throws -> RunReport {
        try await exclusively { run in
            let approved = try ApprovedPlan(document, now: now())
            let before = await gateway.usage.calls
            if !approved.appointments.isEmpty { try await openBudget(.changed) }
            let fresh = try await remake(approved)
            try approved.check(fresh)
            var report = RunReport(run: run, callsBefore: before)
            let (plan, stale) = try approved.narrow(fresh, digest: digest)
            report.stale = stale
            try await check(plan, run: run, isGuarded: true)
            _ = try await write(plan, run: run, into: &report)
            return report
        }
    }

    /// A plan as a document, for people, for sharing and for ``apply(_:)``.
    ///
    /// - Parameters:
    ///   - plan: The plan.
    ///   - isRevealed: Whether values that come from people are shown. Without, they stand as keyed
    ///     digests, and the plan can be shared.
    /// - Returns: The document.
    public func document(of plan: SyncPlan, isRevealed: Bool) -> JSON {
        plan.document(now: now(), isRevealed: isRevealed, digest: digest)
    }

    /// Plans what appointments call for.
    ///
    /// - Parameters:
    ///   - appointments: The appointments.
    ///   - replay: Which settings read their events; nil for those in force.
    ///   - isWindow: Whether they are a window of a run, which is planned and written at once, or of
    ///     a replay, whose plan is applied at once.
    /// - Returns: The plan.
    /// - Throws: `SalesforceError`, `LedgerError` or ``RunRefusal``.
    func makePlan(
        for appointments: [AppointmentID],
        as replay: Replay? = nil,
        isWindow: Bool = false
    ) async throws -> SyncPlan {
        guard !appointments.isEmpty else { return try await emptyPlan() }
        options.progress("Reading the history of \(appointments.count) appointments")
        let desired = try await DesiredState.derive(appointments, from: journal, as: replay)
        options.progress("Asking Salesforce")
        let begun = try await begunWrites(of: desired)
        let (view, directory) = try await look(for: desired, begun)
        let overwrites = replay?.request.overwrites ?? options.replayOverwrites
        var plan = try await compare(desired, view, directory, begun, overwrites: overwrites)
        let windows = isWindow ? [desired.appointments] : windows(of: appointments)
        plan.cost = await estimate(plan, in: windows, looks: view.calls)
        return plan
    }

    var digest: @Sendable (String) -> ValueDigest {
        { [journal] text in ValueDigest(journal.digest("value|\(text)")) }
    }

    // MARK: Guard

    /// How many appointments of a run are planned and written at a time; what bounds its memory.
    ///
    /// Very large runs take more at a time, because there a job costs fewer API calls.
    private static func window(of count: Int) -> Int { count > 20_000 ? 10_000 : 2_000 }

    func windows(of appointments: [AppointmentID]) -> [[AppointmentID]] {
        let size = Self.window(of: appointments.count)
        return stride(from: 0, to: appointments.count, by: size).map { start in
            Array(appointments[start..<min(start + size, appointments.count)])
        }
    }

    /// Plans all windows before the first is written, because the guard is about the whole run.
    private func survey(_ windows: [[AppointmentID]]) async throws {
        guard !options.allowsLargeChange else { return }
        var tally = ChangeGuard.Tally()
        for window in windows {
            tally.add(try await makePlan(for: window, isWindow: true).operations)
        }
        try refuse(tally, linked: try await journal.linkedCounts())
    }

    private func refuse(_ tally: ChangeGuard.Tally, linked: [ObjectName: Int]) throws {
        if let refusal = options.changeGuard.refusal(of: tally, linked: linked) {
            throw RunRefusal.largeChange(refusal)
        }
    }

    private func check(_ plan: SyncPlan, run: String, isGuarded: Bool) async throws {
        try await journal.note(
            run: run,
            "planned",
            summary: plan.summary.json,
            plan: plan.document(now: now(), isRevealed: false, digest: digest)
        )
        guard !options.allowsLargeChange else { return }
        if let refusal = options.changeGuard.refusal(ofVanished: plan.vanished) {
            throw RunRefusal.largeChange(refusal)
        }
        guard isGuarded else { return }
        var tally = ChangeGuard.Tally()
        tally.add(plan.operations)
        try refuse(tally, linked: try await journal.linkedCounts())
    }

    // MARK: Runs

    /// How often a run looks again at what was left unclear.
    private static let mostPasses = 3

    private func appointments(_ selection: RunSelection) async throws -> [AppointmentID] {
        switch selection {
        case .changed: try await journal.dirtyAppointments(limit: .max)
        case .everything: try await journal.appointments()
        }
    }

    /// Makes a run while no other one is at work, and records how it ended.
    private func exclusively(
        _ body: (_ run: String) async throws -> RunReport
    ) async throws -> RunReport {
        let run = EventID(
            milliseconds: now().milliseconds,
            random: (0..<10).map { _ in UInt8(random() * 255.99) }
        ).description
        guard try await journal.takeLease(run, now: now()) != nil else { throw RunRefusal.busy }
        let before = await gateway.usage.calls
        do {
            try await journal.note(run: run, "started", summary: .object([]))
            var report = try await watchingLimit {
                try await recoverJobs(run)
                return try await body(run)
            }
            report.summary.apiCalls = await gateway.usage.calls - before
            try await journal.note(run: run, "finished", summary: report.summary.json)
            try await journal.dropLease(run)
            return report
        } catch {
            let state = error is RunRefusal ? "refused" : "stopped"
            let why = JSON.compact([("why", .string(Self.kind(of: error)))])
            try await journal.note(run: run, state, summary: why)
            try await journal.dropLease(run)
            throw error
        }
    }

    /// What stopped a run, in a word that holds no data.
    private static func kind(of error: any Error) -> String {
        switch error {
        case let error as SalesforceError:
            switch error {
            case .unreachable: "unreachable"
            case .unauthorised, .logInRefused: "unauthorised"
            case .forbidden: "forbidden"
            case .limitReached: "limit-reached"
            case .rejected: "rejected"
            case .unexpectedAnswer: "unexpected-answer"
            case .configuration: "configuration"
            }
        case let refusal as RunRefusal:
            switch refusal {
            case .busy: "busy"
            case .largeChange: "large-change"
            case .stalePlan: "stale-plan"
            case .otherOrg: "other-org"
            case .limitPause: "limit-pause"
            case .budget: "budget"
            }
        case is LedgerError: "ledger"
        case is CancellationError: "interrupted"
        default: "error"
        }
    }
}
