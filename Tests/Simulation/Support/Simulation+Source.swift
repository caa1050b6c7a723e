import Domain
import Journal
import Ledger
import Pipeline
import TestSupport

// Readings of Cal.com's list of bookings, for what no delivery told.
extension Simulation {
    /// Reads what changed lately, what lies ahead, or some of history.
    func readScope() -> SourcePoll.Scope {
        let hours = chance.any([1, 4, 24])
        let since = time().advanced(byMilliseconds: -Int64(hours) * 3_600_000)
        return chance.any([.changes, .changes, .ahead, .since(since)])
    }

    /// Reads once; faults may end it.
    func read(_ scope: SourcePoll.Scope) async throws {
        let (last, count) = (try await journal.head().position, told.count)
        try await attempt(isRun: false) { simulation in
            _ = try await simulation.poll().run(scope)
        }
        try await collectFindings(after: last, count)
    }

    /// Reads everything once the world is calm; a second reading of the same finds nothing.
    func readToTheEnd() async throws {
        let all = SourcePoll.Scope.since(clock.now.advanced(byMilliseconds: -20 * 86_400_000))
        try await read(all)
        let findings = try await poll().run(all).findings
        for finding in findings {
            violations.append("\(finding.booking.rawValue): \(finding.gaps) was found twice")
        }
    }

    /// Takes note of what was found since the ledger ended at a position.
    private func collectFindings(after last: Int64, _ count: Int) async throws {
        let found = try await journal.sealedEvents(
            after: LedgerPosition(last),
            limit: .max,
            type: "booking.observed"
        )
        var findings: [(position: Int64, facts: (NaiveModel) -> [SimulatedFact])] = []
        for event in found {
            let uid = String(event.stream.dropFirst("booking-".count))
            guard let booking = BookingUID(uid),
                let history = try await journal.history(ofBooking: booking),
                let recorded = history.facts.first(where: {
                    $0.position == LedgerPosition(event.position)
                })
            else {
                violations.append("what was found of \(uid) is not in its history")
                continue
            }
            findings.append((event.position, { [office] in office.facts(told: recorded, $0) }))
        }
        hear(after: count, findings)
    }

    private func poll() -> SourcePoll {
        let source = SimulatedSource(
            office: office,
            chaos: chaos,
            clock: clock,
            most: chance.any([1, 2, 100])
        ) { [post, journal, chaos, clock, chance, time] in
            guard chance.isOneIn(4) else { return }
            await post.deliver(to: journal, chaos, clock, now: time())
        }
        return SourcePoll(journal: journal, source: source, now: time)
    }
}
