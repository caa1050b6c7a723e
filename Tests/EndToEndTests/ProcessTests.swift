import Foundation
import TestSupport
import Testing

/// The commands that run a local org.
@Suite("Emulator and demonstration", .timeLimit(.minutes(15)))
struct ProcessTests {
    @Test("the emulator says where it listens, and keeps its records in a file")
    func emulates() async throws {
        try await withoutOrg { trial in
            for expected in [1, 1] {
                let emulator = try await trial.start(
                    "emulator",
                    "--port",
                    "0",
                    "--org",
                    "org.sqlite"
                )
                do {
                    let url = try await emulator.line(beginning: "Salesforce emulator at ")
                    var trial = trial
                    trial.environment["DAYBOOK_SALESFORCE_INSTANCE_URL"] = url
                    try await trial.prepare()
                    try await trial.expect("reconcile")
                    let events = try await Org(url: url).query("SELECT Id FROM Event")
                    #expect(events.count == expected)
                } catch {
                    emulator.signal(SIGKILL)
                    throw error
                }
                emulator.signal(SIGTERM)
                _ = try await emulator.finished()
            }
        }
    }

    /// What every demonstration has to show, by its chapters.
    private static let told = [
        #"held back \(edited-by-other\).*Her edit stands"#,
        #"formed from +\{team-size\}"#,
        #"[1-9]\d* records would be updated, and 0 fields held back\. Nothing was written"#,
        #"[1-9]\d* records updated: no other field was read or written"#,
        #"\d+ events, root [0-9a-f]{64}: no problems found"#,
        #"Event 1, .* is one of the \d+ events that .* signed"#,
        #"[1-9]\d* sealed parts, their key and [1-9]\d* kept deliveries are gone"#,
        "an erased person booked a meeting",
    ]

    @Test("the demonstration goes through, alone")
    func demonstrates() async throws {
        try await withoutOrg { trial in
            let tour = try await trial.expect("demo", "--folder", trial.folder.path("demo"))
            for told in Self.told {
                let match = tour.output.firstMatch(of: try Regex(told))
                #expect(match != nil, "'\(told)' is missing")
            }
            let verified = try await trial.json(
                "ledger",
                "verify",
                "--config",
                trial.folder.path("demo/daybook.yaml")
            )
            #expect(verified["ok"] == true)
        }
    }

    @Test("the demonstration never takes a folder that holds a ledger")
    func leavesLedgersAlone() async throws {
        try await withoutOrg { trial in
            try await trial.expect("status")
            #expect(try await trial.run("demo", "--folder", trial.folder.url.path).status == 65)
        }
    }
}
