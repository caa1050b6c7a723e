import Foundation
import TestSupport
import Testing

/// Plan, reconcile and apply, with everything real but Salesforce.
@Suite("Plan, reconcile and apply", .timeLimit(.minutes(15)))
struct SynchronizationTests {
    private static let keys: Set = [
        "create", "update", "delete", "hold", "unchanged", "failed", "apiCalls",
    ]

    @Test("a plan has something to write, until it was written")
    func converges() async throws {
        try await withTrial { trial, org in
            try await trial.prepare()
            let plan = try await trial.json("plan", "--detailed-exitcode", status: 2)
            #expect(plan["summary"]?.keys.isSuperset(of: Self.keys) == true)
            #expect(plan["summary"]?["create"] == 3)
            #expect(try await org.created == [:])

            let report = try await trial.json("reconcile")
            #expect(report["summary"]?.keys.isSuperset(of: Self.keys) == true)
            #expect(report["summary"]?["create"] == 3)
            #expect(report["summary"]?["failed"] == 0)
            #expect(try await org.created == ["Event": 1, "Lead": 2])

            for arguments in [["plan"], ["plan", "--all"]] {
                let again = try await trial.run(arguments + ["--detailed-exitcode"])
                #expect(again.status == 0, "\(again.output)")
            }
            try await trial.expect("reconcile", "--all")
            #expect(try await org.created == ["Event": 1, "Lead": 2])
            #expect(try await org.changed == 0)
        }
    }

    @Test("a booking costs one call to read and at most two to write")
    func isCheap() async throws {
        try await withTrial { trial, org in
            try await trial.prepare()
            try await org.control("stats/reset", "{}")
            let report = try await trial.json("reconcile")
            let counted = try await org.control("stats")["apiCalls"]?.int
            #expect(report["summary"]?["apiCalls"]?.int == counted)
            #expect(try #require(counted) <= 3)
        }
    }

    @Test("the event record says what was booked, when it moved and that it was cancelled")
    func followsBooking() async throws {
        try await withTrial { trial, org in
            try await trial.prepare()
            try await trial.expect("reconcile")
            let soql = "SELECT Id, Subject, StartDateTime, Booking_Status__c FROM Event"
            let made = try await org.query(soql)
            #expect(made.count == 1)
            #expect(made.first?["StartDateTime"]?.text?.hasPrefix("2026-11-10T15:00:00") == true)

            try await trial.expect("ingest", Recorded.path("booking_rescheduled.json"))
            try await trial.expect("reconcile")
            let moved = try await org.query(soql)
            #expect(moved.map { $0["Id"] } == made.map { $0["Id"] })
            #expect(moved.first?["StartDateTime"]?.text?.hasPrefix("2026-11-10T15:00") == false)

            try await trial.expect("ingest", Recorded.path("booking_cancelled.json"))
            try await trial.expect("reconcile")
            let cancelled = try await org.query(soql)
            #expect(cancelled.first?["Booking_Status__c"] == "Cancelled")
            #expect(cancelled.count == 1)
        }
    }

    @Test("what a person edited or deleted stays so")
    func respectsPeople() async throws {
        try await withTrial { trial, org in
            try await trial.prepare()
            try await trial.expect("reconcile")
            let id = try #require(try await org.query("SELECT Id FROM Event").first?["Id"]?.text)
            try await org.edit("Event", id, #"{"Subject":"Call first"}"#)
            try await trial.expect("reconcile", "--all")
            let subjects = try await org.query("SELECT Subject FROM Event").map { $0["Subject"] }
            #expect(subjects == ["Call first"])
            #expect(try await org.changed == 1)
        }
    }

    @Test("a plan that was written down is applied as it was read")
    func appliesPlan() async throws {
        try await withTrial { trial, org in
            try await trial.prepare()
            try await trial.expect("plan", "--out", "the.plan")
            let report = try await trial.json("apply", "the.plan")
            #expect(report["summary"]?["create"] == 3)
            #expect(report["stale"]?.list == [])
            #expect(try await org.created == ["Event": 1, "Lead": 2])
        }
    }

    @Test("a plan that does not fit any more is refused with 4, and nothing is written")
    func refusesStalePlan() async throws {
        try await withTrial { trial, org in
            try await trial.prepare()
            try await trial.expect("plan", "--out", "the.plan")
            try await trial.importSettings()
            let settings = try await trial.run("apply", "the.plan")
            #expect(settings.status == 4)
            #expect(settings.messages.contains("settings changed"))

            try await trial.expect("plan", "--out", "the.plan")
            let path = trial.folder.path("the.plan")
            let text = try String(contentsOfFile: path, encoding: .utf8)
            let changed = text.replacingOccurrences(of: "\"create\" : 3", with: "\"create\" : 2")
                .replacingOccurrences(of: "\"create\": 3", with: "\"create\": 2")
            #expect(changed != text)
            try trial.write(changed, to: "the.plan")
            let edited = try await trial.run("apply", "the.plan")
            #expect(edited.status == 4)
            #expect(edited.messages.contains("changed after it was made"))
            #expect(try await org.created == [:])
        }
    }

    @Test("a plan that was applied already writes nothing, and says so with 4")
    func refusesPlanTwice() async throws {
        try await withTrial { trial, org in
            try await trial.prepare()
            try await trial.expect("plan", "--out", "the.plan")
            try await trial.expect("apply", "the.plan")
            #expect(try await trial.run("apply", "the.plan").status == 4)
            #expect(try await org.created == ["Event": 1, "Lead": 2])
        }
    }

    @Test("neither plans as JSON, nor plan files, nor messages tell who booked")
    func tellsNoNames() async throws {
        try await withTrial { trial, _ in
            try await trial.prepare()
            let plan = try await trial.expect("plan", "--output", "json", "--out", "the.plan")
            let run = try await trial.expect("reconcile", "--output", "json")
            let rest = [
                try await trial.expect("status", "--output", "json"),
                try await trial.expect("ledger", "verify", "--output", "json"),
                try await trial.expect("doctor", "--output", "json"),
            ]
            let file = try String(contentsOfFile: trial.folder.path("the.plan"), encoding: .utf8)
            let texts = ([plan, run] + rest).flatMap { [$0.output, $0.messages] } + [file]
            for word in Recorded.personal {
                for text in texts { #expect(!text.contains(word), "'\(word)' is shown") }
            }
            // Asked for, it is shown: the words are the right ones.
            try await trial.expect(
                "ingest",
                Recorded.path("booking_created_after_confirmation.json")
            )
            let revealed = try await trial.expect("plan", "--output", "json", "--reveal").output
            #expect(revealed.contains("@"))
        }
    }

    @Test("a failure tells nothing of the person either")
    func failsWithoutNames() async throws {
        try await withTrial { trial, org in
            try await trial.prepare()
            try await org.fail("lockRow", count: 1_000)
            let report = try await trial.run("reconcile", "--output", "json")
            #expect(report.status == 3)
            #expect(try Document(report.output)["summary"]?["failed"]?.int != 0)
            let text = try await trial.run("reconcile")
            for word in Recorded.personal {
                #expect(!report.output.contains(word))
                #expect(!(report.messages + text.messages).contains(word))
            }
        }
    }

    @Test("every command prints one document with --output json, and nothing else")
    func printsOneDocument() async throws {
        try await withTrial { trial, _ in
            try await trial.prepare()
            try await trial.expect("reconcile")
            let commands: [[String]] = [
                ["doctor"], ["settings", "show"], ["settings", "history"],
                ["settings", "validate", "shown.json"], ["settings", "apply", "shown.json"],
                ["settings", "import", Recorded.appData, "--default"],
                ["ingest", Recorded.created], ["plan"], ["plan", "--all"], ["apply"],
                ["reconcile"], ["status"], ["ledger", "verify"],
                ["route-owner", "dana.okafor@globex.example", "--event-type", "88231"],
            ]
            try trial.write(
                try await trial.expect("settings", "show", "--output", "json").output,
                to: "shown.json"
            )
            for command in commands {
                let finished = try await trial.run(command + ["--output", "json"])
                #expect(finished.status == 0, "\(command): \(finished.messages)")
                #expect(throws: Never.self, "\(command)") { _ = try Document(finished.output) }
            }
        }
    }
}
