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
