import Foundation
import Journal
import Ledger
import TestSupport
import Testing

/// A world depends on nothing but its seed: not on the process, nor on what else runs in it.
@Suite("In two processes")
struct ReplayTests {
    /// Names the file into which a world's story is written; set for the other process only.
    private static let file = "DAYBOOK_SIMULATION_STORY"
    private static let environment = ProcessInfo.processInfo.environment

    @Test("a world tells its story", .enabled(if: environment[file] != nil))
    func tell() async throws {
        let simulation = try Simulation(seed: #require(SimulationTests.seeds.first))
        try await simulation.run()
        let root = try await simulation.journal.head().root
        let lines = try await ["\(root)"] + Story(simulation: simulation).lines()
        try simulation.close()
        let file = try #require(Self.environment[Self.file])
        try Data(lines.joined(separator: "\n").utf8).write(to: URL(filePath: file))
    }

    @Test("a seed gives the same ledger and the same story", arguments: [UInt64(3), 7])
    func processes(seed: UInt64) async throws {
        let folder = try TemporaryFolder()
        let (first, second) = (folder.path("first"), folder.path("second"))
        for file in [first, second] { try await tell(file, seed) }
        let story = try String(contentsOfFile: first, encoding: .utf8)
        #expect(story.split(separator: "\n").count > 100)
        #expect(try String(contentsOfFile: second, encoding: .utf8) == story)
    }

    /// Lets another process write the story of a seed, with the hashing of `tools/simulate`.
    private func tell(_ file: String, _ seed: UInt64) async throws {
        let process = try await ChildProcess(
            [
                CommandLine.arguments[0], "--testing-library", "swift-testing", "--filter",
                "SimulationTests.ReplayTests/tell",
            ],
            environment: Self.environment.merging([
                "SWIFT_DETERMINISTIC_HASHING": "1", "DAYBOOK_SIMULATION_SEEDS": String(seed),
                Self.file: file,
            ]) { $1 }
        )
        #expect(try await process.end().status == 0)
    }
}
