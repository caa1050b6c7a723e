import Foundation
import TestSupport
import Testing

/// Disks that fail, and files that are not what they were.
@Suite("Trouble with the disk", .timeLimit(.minutes(15)))
struct StorageTests {
    @Test("a full disk is told, keeps nothing by halves, and is over once there is room")
    func full() async throws {
        let bookings = try Bookings()
        try await withoutOrg { trial in
            try await trial.expect("ingest", Recorded.created)
            let head = try await trial.json("ledger", "verify")
            let size = try trial.folder.bytes(of: "daybook.sqlite").count
            let failed = try await trial.run(
                "ingest",
                "-",
                filesUpTo: size + 8_192,
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
        "a disk that cannot be flushed is told, and what was acknowledged is there",
        arguments: [0, 1, 2, 5]
    )
    func flushes(before: Int) async throws {
        let bookings = try Bookings()
        try await withoutOrg { trial in
            try await trial.expect("ingest", Recorded.created)
            let failing = try FailingSystem(in: trial.folder).trial(trial, after: before)
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
            let failing = try FailingSystem(in: trial.folder).trial(trial, after: 25, times: 1)
            let server = try failing.start("serve", "--port", "0")
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
            let server = try serving.start("serve", "--port", "0")
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
