import Domain
import Foundation
import Testing

/// The whole system in worlds that are made from seeds.
///
/// `tools/simulate SEEDS` runs others than those that every test run has.
@Suite("In a simulated world")
struct SimulationTests {
    /// The seeds of this run: `DAYBOOK_SIMULATION_SEEDS` has `FIRST-LAST`, or one seed.
    static let seeds: [UInt64] = range(
        ProcessInfo.processInfo.environment["DAYBOOK_SIMULATION_SEEDS"] ?? "1-300"
    )

    /// The seeds that a text names: none where it has another form, or begins after its end.
    static func range(_ text: String) -> [UInt64] {
        let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { UInt64($0) }
        guard ends.count <= 2, let first = ends[0], let last = ends[ends.count - 1],
            first <= last
        else { return [] }
        return Array(first...last)
    }

    @Test("a run has seeds")
    func someSeeds() {
        #expect(
            !Self.seeds.isEmpty,
            "DAYBOOK_SIMULATION_SEEDS names no seeds: it has to be FIRST-LAST, or one seed"
        )
    }

    @Test(
        "seeds are a range that goes up, or one",
        arguments: [
            ("7", [7]), ("3-5", [3, 4, 5]), ("4-4", [4]), ("300-1", []), ("", []), ("-5", []),
            ("5-", []), ("1-2-3", []), ("all", []), ("1-all", []),
        ] as [(String, [UInt64])]
    )
    func ranges(text: String, expected: [UInt64]) {
        #expect(Self.range(text) == expected)
    }

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
