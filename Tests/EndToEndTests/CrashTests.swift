import Foundation
import SalesforceEmulator
import TestSupport
import Testing

/// What is left when a process is killed at any moment, as by `kill -9` or a crash of its own.
///
/// A moment is one of the calls by which the process changes a file or sends something; between two
/// of them it changes nothing that outlives it. The process is killed in place of the call, so that
/// each one dies at work, and no test has to guess how long that takes.
///
/// `tools/crash COUNT` repeats each of the five kinds more often than every test run does.
@Suite("A process that is killed at a random moment", .timeLimit(.minutes(60)))
struct CrashTests {
    /// The seeds of the moments; `DAYBOOK_CRASHES` has the number for each kind.
    static let seeds: [UInt64] = {
        let text = ProcessInfo.processInfo.environment["DAYBOOK_CRASHES"] ?? ""
        return Array(1...(UInt64(text) ?? 4))
    }()

    /// What the suite knows of all its processes.
    private static let tally = CrashTally(kills: 5 * seeds.count)

    /// A command to be killed, and what makes a folder ready for it.
    struct Work: Sendable {
        let arguments: [String]
        let prepare: @Sendable (Trial) async throws -> Void

        init(_ arguments: String..., prepare: @escaping @Sendable (Trial) async throws -> Void) {
            (self.arguments, self.prepare) = (arguments, prepare)
        }
    }

    /// A random one of some calls; each seed has its own part of them, so that all parts are tried.
    private func moment(_ seed: UInt64, of calls: Int) -> Int {
        var generator = SeededGenerator(seed: seed)
        let share = Double(seed) - Double.random(in: 0..<1, using: &generator)
        return max(1, Int((share / Double(Self.seeds.count) * Double(calls)).rounded(.up)))
    }

    /// Starts a command in a folder that is ready for it, and kills it at a random moment of its work.
    private func kill(_ work: Work, in trial: Trial, _ seed: UInt64) async throws {
        let calls = try await Self.tally.calls(of: work)
        let system = try await FailingSystem(in: trial.folder)
        let moment = moment(seed, of: calls)
        try system.kill(inPlaceOf: moment)
        try await expectDeath(
            try system.trial(trial).start(work.arguments),
            "in place of call \(moment) of \(calls)",
            // An answer may come in one piece or in several, so that a run makes some calls less.
            mayEnd: moment > calls - calls / 20
        )
    }

    /// Waits for the end of a process, which has to be the one that it was meant to have.
    private func expectDeath(
        _ program: RunningProgram,
        _ moment: String,
        mayEnd: Bool = false
    ) async throws {
        let finished = try await program.finished()
        let isKilled = finished.isKilled && finished.status == SIGKILL
        let hasEnded = !finished.isKilled && finished.status == 0
        #expect(
            isKilled || (mayEnd && hasEnded),
            "It was not killed \(moment): \(finished.messages)"
        )
        await Self.tally.note(isKilled: isKilled)
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
            let system = try await FailingSystem(in: trial.folder)
            let server = try await system.trial(trial).start("serve", "--port", "0")
            let acknowledged: Int
            do {
                let address = try await server.line(beginning: "Listening on ")
                let moment = moment(seed, of: 400)
                try system.kill(inPlaceOf: moment)
                acknowledged = await post(bookings, to: address)
                // One that goes on living is ended, and is not what was expected.
                server.signal(SIGTERM)
                try await expectDeath(server, "in place of call \(moment) after it listened")
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

    /// Sends one webhook after the other until one is not acknowledged, and counts those that were.
    ///
    /// At most 1,000, so that a server that goes on answering ends the test.
    private func post(_ bookings: Bookings, to address: String) async -> Int {
        for number in 0..<1_000 {
            do {
                guard try await bookings.post(number, to: address) == 200 else { return number }
            } catch {
                return number
            }
        }
        return 1_000
    }

    private static let run = Work("reconcile", "--allow-large-change") { trial in
        try await trial.importSettings()
        try await trial.expect("ingest", "-", input: try Bookings().lines(0..<30))
    }

    @Test(
        "during a run: the next one finishes it, and every record is there once",
        arguments: seeds
    )
    func reconcile(seed: UInt64) async throws {
        try await withTrial { trial, org in
            try await Self.run.prepare(trial)
            try await kill(Self.run, in: trial, seed)
            // As if the lease's time had passed.
            try SQLiteFile.execute("UPDATE lease SET expires = 0", on: trial.ledger)
            try await trial.expect("reconcile")
            #expect(try await org.created == ["Event": 30, "Lead": 2])
            try await trial.expect("plan", "--all", "--detailed-exitcode")
            #expect(try await trial.json("status")["unknownOutcomes"] == 0)
            try await trial.expect("ledger", "verify")
        }
    }

    private static let replay = Work("replay", "--out", "plan.json") { trial in
        try await trial.prepare()
        try await trial.expect("reconcile")
    }

    @Test(
        "during a replay: nothing is changed, and its plan is whole or not there",
        arguments: seeds
    )
    func replay(seed: UInt64) async throws {
        try await withTrial { trial, org in
            try await Self.replay.prepare(trial)
            let made = try await org.created
            try await kill(Self.replay, in: trial, seed)
            #expect(try await org.changed == 0)
            #expect(try await org.created == made)
            let plan = try trial.folder.bytes(of: "plan.json")
            if !plan.isEmpty { _ = try Document(String(decoding: plan, as: UTF8.self)) }
            try await trial.expect("replay")
            try await trial.expect("ledger", "verify")
        }
    }

    private static let email = "dana.okafor@globex.example"
    private static let erasure = Work("privacy", "erase", email) { trial in
        try await trial.expect("ingest", "-", input: try Bookings().lines(0..<40))
        _ = try await secrets(trial)
    }

    /// The person to be erased, and what keeps the person secret.
    private static func secrets(_ trial: Trial) async throws -> (person: String, all: Set<Data>) {
        let found = try await trial.json("privacy", "find", email)
        let person = try #require(found["person"]?.text)
        return (person, try SealedBytes(of: person, in: trial).all)
    }

    @Test("during an erasure: it is finished when it is asked for again", arguments: seeds)
    func erasure(seed: UInt64) async throws {
        try await withoutOrg { trial in
            try await Self.erasure.prepare(trial)
            let (person, before) = try await Self.secrets(trial)
            let isThere = SealedBytes.standing(before, in: try SealedBytes.files(of: trial))
            #expect(isThere == before, "the control")
            try await kill(Self.erasure, in: trial, seed)
            // Whoever was erased already is refused with 65.
            let status = try await trial.run("privacy", "erase", Self.email).status
            #expect(status == 0 || status == 65)
            let files = try SealedBytes.files(of: trial)
            let after = try SealedBytes(of: person, in: trial)
            let gone = before.subtracting(after.all)
            #expect(
                after.keys.isEmpty && gone.count > 80,
                "of each booking a part, and its delivery"
            )
            #expect(SealedBytes.standing(gone, in: files).isEmpty)
            let again = try await trial.json("privacy", "find", Self.email)
            #expect(again["erased"]?.int != nil && again["parts"]?.int == 0)
            try await trial.expect("ledger", "verify")
        }
    }

    private static let backup = Work("ledger", "backup", "copy.sqlite") { trial in
        try await trial.expect("ingest", "-", input: try Bookings().lines(0..<200))
    }

    @Test("during a backup: there is a whole copy under the name, or none", arguments: seeds)
    func backup(seed: UInt64) async throws {
        try await withoutOrg { trial in
            try await Self.backup.prepare(trial)
            try await kill(Self.backup, in: trial, seed)
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
