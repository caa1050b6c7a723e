import Foundation
import TestSupport
import Testing

/// Disks that fail, and files that are not what they were.
@Suite("Trouble with the disk", .timeLimit(.minutes(15)))
struct StorageTests {
    @Test("a file that must not grow is told, keeps nothing by halves, and goes on once it may")
    func limitedFiles() async throws {
        let bookings = try Bookings()
        try await withoutOrg { trial in
            try await trial.expect("ingest", Recorded.created)
            let head = try await trial.json("ledger", "verify")
            let size = try trial.folder.bytes(of: "daybook.sqlite").count
            let failed = try await trial.limited(filesUpTo: size + 8_192).run(
                "ingest",
                "-",
                input: try bookings.lines(0..<300)
            )
            #expect(failed.status == 1, "\(failed.messages)")
            #expect(failed.messages.contains("The ledger cannot be written"))
            #expect(try await trial.json("ledger", "verify") == head)
            let taken = try await trial.json("ingest", "-", input: try bookings.lines(0..<300))
            #expect(taken["appended"] == 300)
            try await trial.expect("ledger", "verify")
        }
    }

    @Test(
        "a full disk is told, keeps nothing by halves, and is over once there is room",
        arguments: [0, 40_000, 400_000]
    )
    func full(room: Int64) async throws {
        let bookings = try Bookings()
        try await withoutOrg { trial in
            try await trial.expect("ingest", Recorded.created)
            let head = try await trial.json("ledger", "verify")
            let system = try await FailingSystem(in: trial.folder)
            let full = system.trial(trial)
            try system.leaveRoom(room)
            let failed = try await full.run("ingest", "-", input: try bookings.lines(0..<300))
            #expect(failed.status == 1, "\(failed.messages)")
            #expect(
                failed.messages.contains(
                    "The ledger cannot be written: the disk is full. Free some space"
                )
            )
            #expect(try await trial.json("ledger", "verify") == head)
            try system.leaveRoom(.max)
            let taken = try await full.json("ingest", "-", input: try bookings.lines(0..<300))
            #expect(taken["appended"] == 300)
            try await trial.expect("ledger", "verify")
        }
    }

    @Test(
        "a service on a full disk acknowledges only what it keeps, and goes on once there is room"
    )
    func fullUnderService() async throws {
        let bookings = try Bookings()
        try await withoutOrg { trial in
            let system = try await FailingSystem(in: trial.folder)
            let server = try await system.trial(trial).start("serve", "--port", "0")
            var acknowledged = 0
            do {
                let address = try await server.line(beginning: "Listening on ")
                try system.leaveRoom(400_000)
                var status = 200
                while status == 200, acknowledged < 1_000 {
                    status = try await bookings.post(acknowledged, to: address)
                    if status == 200 { acknowledged += 1 }
                }
                #expect(status == 503 && acknowledged > 0)
                #expect(try await bookings.post(acknowledged, to: address) == 503)
                try system.leaveRoom(.max)
                for _ in 0..<5 {
                    #expect(try await bookings.post(acknowledged, to: address) == 200)
                    acknowledged += 1
                }
            } catch {
                server.signal(SIGKILL)
                throw error
            }
            server.signal(SIGKILL)
            _ = try await server.finished()
            #expect(try await trial.json("status")["deliveries"]?["appended"]?.int == acknowledged)
            try await trial.expect("ledger", "verify")
        }
    }

    @Test("a ledger that must not be written is told and read, and stays as it is")
    func readOnly() async throws {
        try await withoutOrg { trial in
            try await trial.expect("ingest", Recorded.created)
            let files = ["daybook.sqlite", "daybook.sqlite-wal"]
            let before = try files.map { try trial.folder.bytes(of: $0) }
            #expect(chmod(trial.ledger, 0o444) == 0)
            let bound = trial.boundByPermissions()
            let body = try Bookings().body(1)
            let email = "dana.okafor@globex.example"
            for command in [
                ["ingest", "-"], ["privacy", "erase", email], ["ledger", "checkpoint"],
            ] {
                let refused = try await bound.run(command, input: body)
                #expect(refused.status == 1, "\(command): \(refused.messages)")
                #expect(
                    refused.messages.contains("The ledger cannot be written: the file is read-only")
                        && refused.messages.contains("correct the permissions of the file")
                )
            }
            try await bound.expect("ledger", "verify")
            try await bound.expect("trace", "booking", Recorded.uid)
            #expect(try files.map { try trial.folder.bytes(of: $0) } == before)
            #expect(chmod(trial.ledger, 0o644) == 0)
            try await bound.expect("ingest", "-", input: body)
            #expect(try await trial.json("status")["deliveries"]?["appended"] == 2)
        }
    }

    @Test("a folder that must not be written is told with its reason, and with the file")
    func readOnlyFolder() async throws {
        try await withoutOrg { trial in
            let folder = trial.folder.path("kept")
            try FileManager.default.createDirectory(
                atPath: folder,
                withIntermediateDirectories: true
            )
            try trial.write(
                Trial.configuration(ledger: "\(folder)/daybook.sqlite", org: "http://127.0.0.1:1"),
                to: "daybook.yaml"
            )
            try await trial.expect("ingest", Recorded.created)
            #expect(chmod(folder, 0o555) == 0)
            let bound = trial.boundByPermissions()
            let refused = try await bound.run("ledger", "checkpoint")
            #expect(refused.status == 1)
            #expect(
                refused.messages.contains(
                    "daybook.sqlite.checkpoint' cannot be written: Permission denied"
                ),
                "\(refused.messages)"
            )
            #expect(chmod(folder, 0o755) == 0)
            try await bound.expect("ledger", "checkpoint")
            try await trial.expect("ledger", "verify")
        }
    }

    @Test("a torn page is found by a verification, and leads to a backup")
    func tornPage() async throws {
        try await withoutOrg { trial in
            try await trial.expect("ingest", "-", input: try Bookings().lines(0..<20))
            try await trial.expect("ledger", "backup", "copy.sqlite")
            let pages = try ["delivery", "event", "ledger"].map { table in
                try SQLiteFile.texts(
                    "SELECT rootpage FROM sqlite_schema WHERE name = '\(table)'",
                    on: trial.ledger
                )
            }
            // What stands in the log would count in place of the page.
            try SQLiteFile.execute("PRAGMA wal_checkpoint(TRUNCATE)", on: trial.ledger)
            let whole = try trial.folder.bytes(of: "daybook.sqlite")
            for page in pages.joined() {
                try tear(try #require(Int(page)), of: whole, in: trial)
                let found = try await trial.run("ledger", "verify")
                #expect(found.status == 5, "\(page): \(found.messages)")
                let words = found.output + found.messages
                #expect(words.contains("database file is damaged"))
                #expect(words.contains("backup") && words.contains("evidence"))
            }
            #expect(try await trial.run("ingest", Recorded.created).status == 5)
            for end in ["", "-wal", "-shm"] { unlink(trial.ledger + end) }
            try await trial.expect("ledger", "restore", "copy.sqlite")
            try await trial.expect("ledger", "verify")
        }
    }

    /// Writes the ledger's file with noise in the half of a page that came too late for the disk.
    private func tear(_ page: Int, of whole: [UInt8], in trial: Trial) throws {
        var (torn, generator) = (whole, SeededGenerator(seed: UInt64(page)))
        for place in page * 4_096 - 2_048..<page * 4_096 {
            torn[place] = UInt8(truncatingIfNeeded: generator.next())
        }
        try Data(torn).write(to: URL(filePath: trial.ledger))
    }

    @Test("a clock that is set back holds nothing up, and what follows is in order")
    func clockSetBack() async throws {
        let bookings = try Bookings()
        try await withTrial { trial, org in
            try await trial.importSettings()
            try await trial.expect("ingest", "-", input: try bookings.lines(0..<3))
            let system = try await FailingSystem(in: trial.folder)
            // It dies in the middle, and its lease is from the future by the clock that follows.
            try system.kill(inPlaceOf: 40)
            #expect(try await system.trial(trial).run("reconcile").isKilled)
            let leases = try SQLiteFile.texts("SELECT holder FROM lease", on: trial.ledger)
            #expect(leases.count == 1, "the control: it holds its lease")
            let behind = system.trial(trial, secondsBehind: 86_400)
            try await behind.expect("ingest", "-", input: try bookings.lines(3..<6))
            try await behind.expect("reconcile")
            #expect(try await org.created["Event"] == 6)
            try await behind.expect("plan", "--all", "--detailed-exitcode")
            try await trial.expect("ingest", "-", input: try bookings.lines(6..<7))
            try await trial.expect("reconcile")
            #expect(try await org.created["Event"] == 7)
            try await trial.expect("ledger", "verify")
        }
    }

    @Test(
        "a disk that cannot be flushed is told, and what was acknowledged is there",
        arguments: [0, 1, 2, 5]
    )
    func flushes(before: Int) async throws {
        let bookings = try Bookings()
        try await withoutOrg { trial in
            try await trial.expect("ingest", Recorded.created)
            let failing = try await FailingSystem(in: trial.folder).trial(trial, after: before)
            var acknowledged = 0
            var failures = 0
            for number in 0..<8 {
                let told = try await failing.run("ingest", "-", input: bookings.body(number))
                if told.status == 0 {
                    acknowledged += 1
                } else {
                    failures += 1
                    #expect(told.status == 1, "\(told.messages)")
                    #expect(told.messages.contains("The ledger cannot be written"))
                }
            }
            #expect(before > 0 || failures == 8, "the control")
            let kept = try await trial.json("status")["deliveries"]?["appended"]?.int ?? 0
            #expect(kept >= 1 + acknowledged)
            try await trial.expect("ledger", "verify")
            try await trial.expect("ingest", "-", input: try bookings.lines(0..<8))
            #expect(try await trial.json("status")["deliveries"]?["appended"]?.int == 9)
        }
    }

    @Test("a flush that fails once stops no service: the webhook is refused, and taken next time")
    func oneFlush() async throws {
        let bookings = try Bookings()
        try await withoutOrg { trial in
            try await trial.expect("ingest", Recorded.created)
            let failing = try await FailingSystem(in: trial.folder).trial(
                trial,
                after: 25,
                times: 1
            )
            let server = try await failing.start("serve", "--port", "0")
            var refused = 0
            do {
                let address = try await server.line(beginning: "Listening on ")
                for number in 0..<40 {
                    var status = try await bookings.post(number, to: address)
                    if status == 503 {
                        refused += 1
                        status = try await bookings.post(number, to: address)
                    }
                    #expect(status == 200)
                }
            } catch {
                server.signal(SIGKILL)
                throw error
            }
            server.signal(SIGKILL)
            _ = try await server.finished()
            #expect(refused == 1)
            #expect(try await trial.json("status")["deliveries"]?["appended"]?.int == 41)
            try await trial.expect("ledger", "verify")
        }
    }

    @Test("a lost log is noticed where it held what was signed")
    func lostLog() async throws {
        let bookings = try Bookings()
        try await withoutOrg { trial in
            try await trial.expect("ingest", "-", input: try bookings.lines(0..<3))
            var serving = trial
            serving.environment["DAYBOOK_CHECKPOINT_SECONDS"] = "3600"
            let server = try await serving.start("serve", "--port", "0")
            do {
                // While the server has the file open, what others write stays in the log.
                _ = try await server.line(beginning: "Listening on ")
                try await trial.expect("ingest", "-", input: try bookings.lines(3..<6))
                try await trial.expect("ledger", "checkpoint")
            } catch {
                server.signal(SIGKILL)
                throw error
            }
            server.signal(SIGKILL)
            _ = try await server.finished()
            #expect(try trial.folder.bytes(of: "daybook.sqlite-wal").isEmpty == false)
            for end in ["-wal", "-shm"] { unlink(trial.ledger + end) }
            #expect(try await trial.run("ledger", "verify").status == 5)
            let refused = try await trial.run("ingest", "-", input: bookings.body(7))
            #expect(refused.status == 4, "\(refused.messages)")
        }
    }

    @Test("two processes write to one ledger, and neither loses anything")
    func twoWriters() async throws {
        let bookings = try Bookings()
        try await withoutOrg { trial in
            try await trial.expect("status")
            let first = try bookings.lines(0..<120)
            let second = try bookings.lines(60..<180)
            async let one = trial.json("ingest", "-", input: first)
            async let two = trial.json("ingest", "-", input: second)
            let counts = try await (one["appended"]?.int ?? 0) + (two["appended"]?.int ?? 0)
            #expect(counts == 180)
            #expect(try await trial.json("ledger", "verify")["ok"] == true)
        }
    }
}
