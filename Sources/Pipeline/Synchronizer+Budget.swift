import Domain
import Journal
import Ledger
import Salesforce

// How many API calls may be made, and what yields when they run short.
//
// | what is left in the org | what is done |
// |---|---|
// | more than twice the reserve | everything |
// | less than that | new events only: retries and sweeps wait |
// | the reserve | nothing more is written; the rest is left for a later run |
// | nothing: `REQUEST_LIMIT_EXCEEDED` | the org is left alone for 5 minutes, doubled up to an hour |
extension Synchronizer {
    /// How old a word of the org's may be before a run is refused because of it: milliseconds.
    private static let freshness: Int64 = 5 * 60_000

    /// What is known of the allowance: from this gateway's answers, else from earlier runs.
    func allowance() async throws -> APIAllowance? {
        let usage = await gateway.usage
        if usage.usedToday != nil { return APIAllowance(usage, at: now()) }
        let known = try await journal.allowance()
        return known.flatMap { $0.isStale(at: now()) ? nil : $0 }
    }

    /// Whether retries have to wait: in a pause, and while little is left.
    func mustYield() async throws -> Bool {
        if let until = try await journal.allowance()?.pausedUntil, until > now() { return true }
        guard try await !journal.failures().isEmpty else { return false }
        return options.budget.isTight(try await freshAllowance())
    }

    /// What is known of the allowance; asked anew when it was little, and is some minutes old.
    private func freshAllowance() async throws -> APIAllowance? {
        let known = try await allowance()
        guard options.budget.isTight(known), let seen = known?.observed,
            seen.advanced(byMilliseconds: Self.freshness) <= now()
        else { return known }
        return APIAllowance(try await gateway.limits(), at: now())
    }

    /// Lets a run begin that has work to do.
    ///
    /// - Parameter selection: What it looks at.
    /// - Throws: ``RunRefusal/limitPause(until:)`` while the org is left alone, and
    ///   ``RunRefusal/budget(_:)`` when nothing may be used.
    func openBudget(_ selection: RunSelection) async throws {
        try await endPause()
        let known = try await freshAllowance()
        let isTight = options.budget.isTight(known)
        guard options.budget.left(known, made: 0) > 0, !(isTight && selection == .everything) else {
            throw RunRefusal.budget(BudgetShortage(known, options.budget, selection))
        }
    }

    /// How many calls a run may still make.
    func callsLeft(_ report: RunReport) async throws -> Int {
        let made = await gateway.usage.calls - report.callsBefore
        return options.budget.left(try await allowance(), made: made)
    }

    // MARK: Pauses

    /// Refuses while the org is left alone; afterwards asks whether the window has moved.
    func endPause() async throws {
        guard let known = try await journal.allowance(), let until = known.pausedUntil else {
            return
        }
        guard until <= now() else { throw RunRefusal.limitPause(until: until) }
        let fresh: APIAllowance
        do {
            fresh = APIAllowance(try await gateway.limits(), at: now())
        } catch {
            guard case .limitReached = error else { throw error }
            throw RunRefusal.limitPause(until: try await pause())
        }
        guard options.budget.left(fresh, made: 0) > 0 else {
            throw RunRefusal.limitPause(until: try await pause())
        }
        try await journal.keep(fresh)
    }

    /// Does something that makes calls, and keeps what the org says of its allowance.
    func watchingLimit<Result>(_ body: () async throws -> Result) async throws -> Result {
        do {
            let result = try await body()
            let usage = await gateway.usage
            if usage.usedToday != nil { try await journal.keep(APIAllowance(usage, at: now())) }
            return result
        } catch let error as SalesforceError {
            if case .limitReached = error { _ = try await pause() }
            throw error
        }
    }

    /// Leaves the org alone for a while.
    ///
    /// - Returns: Until when.
    private func pause() async throws -> Instant {
        let usage = await gateway.usage
        let before = try await journal.allowance()
        var known = APIAllowance(usage, at: now())
        known.allowed = known.allowed ?? before?.allowed
        known.pauses = before?.pauses ?? 0
        let paused = known.paused(at: now())
        try await journal.keep(paused)
        return paused.pausedUntil ?? now()
    }
}

extension APIAllowance {
    /// What a gateway heard.
    init(_ usage: APIUsage, at now: Instant) {
        self.init(used: usage.usedToday, allowed: usage.allowedToday, observed: now)
    }
}
