import Domain
import Foundation
import Testing

/// The whole system in worlds that are made from seeds.
///
/// `tools/simulate SEEDS` runs others than those that every test run has.
@Suite("In a simulated world")
struct SimulationTests {
    /// The seeds of this run: `DAYBOOK_SIMULATION_SEEDS` has `FIRST-LAST`, or one seed.
    static let seeds: [UInt64] = {
        let text = ProcessInfo.processInfo.environment["DAYBOOK_SIMULATION_SEEDS"] ?? "1-300"
        let ends = text.split(separator: "-").compactMap { UInt64($0) }
        guard let first = ends.first, let last = ends.last, first <= last else { return [] }
        return Array(first...last)
    }()

    /// Lives through a world, and returns what broke a law.
    private func violations(_ seed: UInt64) async throws -> (broken: [String], history: [String]) {
        let simulation = try Simulation(seed: seed)
        try await simulation.run()
        var laws = Laws(simulation)
        laws.checkAll()
        let ledger = try await LedgerLaws(simulation: simulation).violations()
        // One seed alone is looked at by somebody who wants to know what happened.
        if Self.seeds.count == 1 {
            for line in try await Story(simulation: simulation).lines() { print(line) }
        }
        try simulation.close()
        return (simulation.violations + laws.violations + ledger, simulation.chaos.history)
    }

    @Test("nothing is lost, nothing doubled, and nobody's edit trampled", arguments: seeds)
    func laws(seed: UInt64) async throws {
        let (broken, history) = try await violations(seed)
        #expect(
            broken.isEmpty,
            """
            seed \(seed): \(broken.joined(separator: "; "))
            what went wrong before: \(history.joined(separator: ", "))
            once more: tools/simulate \(seed)
            """
        )
    }

    @Test("a seed replays exactly", arguments: [UInt64(3), 7])
    func replay(seed: UInt64) async throws {
        let first = try await violations(seed)
        let second = try await violations(seed)
        #expect(first.broken == second.broken)
        #expect(first.history == second.history)
    }
}
