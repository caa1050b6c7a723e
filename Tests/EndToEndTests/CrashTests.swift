import Foundation
import SalesforceEmulator
import TestSupport
import Testing

/// What is left when a process is killed at any moment, as by `kill -9` or a crash of its own.
///
/// `tools/crash COUNT` repeats each of the five kinds more often than every test run does.
@Suite("A process that is killed at a random moment", .timeLimit(.minutes(60)))
struct CrashTests {
    /// The seeds of the moments; `DAYBOOK_CRASHES` has the number for each kind.
    static let seeds: [UInt64] = {
        let text = ProcessInfo.processInfo.environment["DAYBOOK_CRASHES"] ?? ""
        return Array(1...(UInt64(text) ?? 4))
    }()

    /// Kills a process within a time that is random for each seed, unless it ends before.
    private func kill(
        _ program: RunningProgram,
        _ seed: UInt64,
        within milliseconds: Int
    ) async throws {
        var generator = SeededGenerator(seed: seed)
        // The moment is what is tested: nothing that could be waited for instead.
        try await Task.sleep(for: .milliseconds(generator.number(1...milliseconds)))
        program.signal(SIGKILL)
        _ = try await program.finished()
    }

    private func appended(_ trial: Trial) async throws -> Int {
        try await trial.json("status")["deliveries"]?["appended"]?.int ?? 0
    }

    @Test(
        "during intake: what was acknowledged is there, and nothing is there twice",
        arguments: seeds
    )
    func intake(seed: UInt64) async throws {
        let bookings = try Bookings()
        try await withoutOrg { trial in
            let server = try trial.start("serve", "--port", "0")
            let acknowledged: Int
            do {
                let address = try await server.line(beginning: "Listening on ")
                async let killed: Void = kill(server, seed, within: 700)
                acknowledged = await post(bookings, to: address)
                try await killed
            } catch {
                server.signal(SIGKILL)
                throw error
            }
            let kept = try await appended(trial)
            #expect(kept == acknowledged || kept == acknowledged + 1)
            let again = try await trial.json(
                "ingest",
                "-",
                input: try bookings.lines(0..<acknowledged + 1)
            )
            #expect(again["deliveries"]?.int == acknowledged + 1)
            #expect(try await appended(trial) == acknowledged + 1)
            try await trial.expect("ledger", "verify")
        }
    }

    /// Sends one webhook after the other until nobody answers, and counts those acknowledged.
    private func post(_ bookings: Bookings, to address: String) async -> Int {
        for number in 0..<100_000 {
            if (try? await bookings.post(number, to: address)) != 200 { return number }
        }
        return 100_000
    }

    @Test(
        "during a run: the next one finishes it, and every record is there once",
        arguments: seeds
    )
    func reconcile(seed: UInt64) async throws {
        let bookings = try Bookings()
        try await withTrial { trial, org in
            try await trial.importSettings()
            try await trial.expect("ingest", "-", input: try bookings.lines(0..<30))
            try await kill(
                try trial.start("reconcile", "--allow-large-change"),
                seed,
                within: 2_500
            )
            // As if the lease's time had passed.
            try SQLiteFile.execute("UPDATE lease SET expires = 0", on: trial.ledger)
            try await trial.expect("reconcile")
            #expect(try await org.created == ["Event": 30, "Lead": 2])
            try await trial.expect("plan", "--all", "--detailed-exitcode")
            #expect(try await trial.json("status")["unknownOutcomes"] == 0)
            try await trial.expect("ledger", "verify")
        }
    }

    @Test(
        "during a replay: nothing is changed, and its plan is whole or not there",
        arguments: seeds
    )
    func replay(seed: UInt64) async throws {
        try await withTrial { trial, org in
            try await trial.prepare()
            try await trial.expect("reconcile")
            let before = try await org.changed
            let replay = try trial.start("replay", "--out", trial.folder.path("plan.json"))
            try await kill(replay, seed, within: 900)
            #expect(try await org.changed == before)
            let plan = try trial.folder.bytes(of: "plan.json")
            if !plan.isEmpty { _ = try Document(String(decoding: plan, as: UTF8.self)) }
            try await trial.expect("replay")
            try await trial.expect("ledger", "verify")
        }
    }

    @Test("during an erasure: it is finished when it is asked for again", arguments: seeds)
    func erasure(seed: UInt64) async throws {
        let bookings = try Bookings()
        try await withoutOrg { trial in
            try await trial.expect("ingest", "-", input: try bookings.lines(0..<40))
            let email = "dana.okafor@globex.example"
            let person = try await trial.json("privacy", "find", email)
            #expect(person["parts"]?.int ?? 0 > 0)
            try await kill(try trial.start("privacy", "erase", email), seed, within: 900)
            // Whoever was erased already is refused with 65.
            let status = try await trial.run("privacy", "erase", email).status
            #expect(status == 0 || status == 65)
            let found = try await trial.json("privacy", "find", email)
            #expect(found["erased"]?.int != nil && found["parts"]?.int == 0)
            try await trial.expect("ledger", "verify")
            for name in try trial.folder.names() where name.hasPrefix("daybook.sqlite") {
                let bytes = try trial.folder.bytes(of: name)
                #expect(Data(bytes).range(of: Data("Okafor".utf8)) == nil, "in \(name)")
            }
        }
    }

    @Test("during a backup: there is a whole copy under the name, or none", arguments: seeds)
    func backup(seed: UInt64) async throws {
        let bookings = try Bookings()
        try await withoutOrg { trial in
            try await trial.expect("ingest", "-", input: try bookings.lines(0..<200))
            try await kill(try trial.start("ledger", "backup", "copy.sqlite"), seed, within: 900)
            if !FileManager.default.fileExists(atPath: trial.folder.path("copy.sqlite")) {
                try await trial.expect("ledger", "backup", "copy.sqlite")
            }
            try await trial.expect("ledger", "verify")
            for end in ["", "-wal", "-shm"] { unlink(trial.ledger + end) }
            try await trial.expect("ledger", "restore", "copy.sqlite")
            try await trial.expect("ledger", "verify")
            #expect(try await appended(trial) == 200)
        }
    }
}
