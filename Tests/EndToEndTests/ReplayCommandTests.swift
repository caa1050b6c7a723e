import Foundation
import TestSupport
import Testing

/// The past, read again: replay, state, drift and undo over the command line.
@Suite("Replay, state, drift and undo commands", .timeLimit(.minutes(15)))
struct ReplayCommandTests {
    private static let settings = """
        eventTypes:
          "88231":
            attendeeRecord: contact
            onBooking:
              attendee: { Last_Booking_Status__c: Booked }

        """

    /// A trial with one booking that is in step.
    private static func prepare(_ trial: Trial) async throws -> String {
        try await trial.prepare()
        return try #require(try await trial.json("reconcile")["run"]?.text)
    }

    @Test("a replay shows what would be, its settings are accepted, and its plan back-fills")
    func backFills() async throws {
        try await withTrial { trial, org in
            try trial.write(Self.settings, to: "new.yaml")
            _ = try await Self.prepare(trial)
            let changed = try await org.changed
            let what = try await trial.run(
                "replay",
                "--settings",
                "new.yaml",
                "--detailed-exitcode",
                "--output",
                "json"
            )
            #expect(what.status == 2)
            let plan = try Document(what.output)
            #expect(plan["basis"]?["kind"] == "replay")
            #expect(plan["basis"]?["accepted"] == false)
            #expect(try await org.changed == changed)
            #expect(try await trial.json("settings", "history").list.count == 1)

            try await trial.expect("settings", "apply", "new.yaml", "--effective", "all")
            let fields = ["--fields", "Last_Booking_Status__c"]
            let planned = try await trial.run(
                ["replay", "--settings", "2", "--out", "plan.json"] + fields
            )
            #expect(planned.status == 0, "\(planned.messages)")
            let report = try await trial.json("apply", "plan.json")
            #expect(report["stale"] == .list([]))
            let again = try await trial.run(["replay", "--detailed-exitcode"] + fields)
            #expect(again.status == 0)
        }
    }

    @Test("versions are compared: what they say, and what would come of them")
    func compares() async throws {
        try await withTrial { trial, _ in
            try trial.write(Self.settings, to: "new.yaml")
            _ = try await Self.prepare(trial)
            try await trial.expect("settings", "apply", "new.yaml")
            let diff = try await trial.run(
                "settings",
                "diff",
                "1",
                "2",
                "--detailed-exitcode",
                "--output",
                "json"
            )
            #expect(diff.status == 2)
            let places = try Document(diff.output)["differences"]?.list ?? []
            #expect(places.contains { $0["path"] == "attendeeRecord" && $0["before"] == "lead" })
            let same = try await trial.run("settings", "diff", "2", "now", "--detailed-exitcode")
            #expect(same.status == 0)
            let outcome = try await trial.json("replay", "--settings", "2", "--against", "1")
            #expect(outcome["appointments"] == 1)
            #expect(outcome["differences"]?.list.isEmpty == false)
            for word in Recorded.personal { #expect(!"\(outcome)".contains(word)) }
        }
    }

    /// Questions about what is not there, and words that the answer has to hold.
    static let mistakes: [(command: String, status: Int32, says: String)] = [
        ("replay --settings 99", 65, "settings history"),
        ("replay --since 2999-01-01", 65, "future"),
        ("replay --fields Nonsense__c", 65, "Nonsense__c"),
        ("replay --settings missing.yaml", 65, "There is no file 'missing.yaml'."),
        ("replay --out missing/plan.json", 1, "Make its folder first"),
        ("plan --out missing/plan.json", 1, "Make its folder first"),
        ("state person nobody", 65, "name@example.com"),
        ("replay --against 1 --out plan.json", 64, "--against"),
        ("settings diff 1 99", 65, "newest is 1"),
        ("state booking \(Recorded.uid) --at 999999", 65, "daybook events"),
        ("state booking \(Recorded.uid) --at 2999-01-01", 65, "future"),
        ("state booking \(Recorded.uid) --known-at 2999-01-01", 65, "future"),
        ("state booking \(Recorded.uid) --at 1", 65, "knew nothing"),
        ("state booking unknown", 65, "ingest"),
        ("replay --event-type 999", 65, "no history of event type 999"),
        ("replay --fields ,", 64, "--fields names no field"),
        ("events --after 99999", 65, "99999"),
        ("undo nonsense", 65, "run.finished"),
        ("drift --object Opportunity", 65, "Contact"),
        ("drift revert 003000000000001AAA Title", 65, "daybook drift"),
        ("settings bisect 003000000000001AAA Title", 65, "003000000000001AAA"),
        ("explain", 64, "--booking"),
    ]

    @Test("what is not there leaves with what, which, and what now", arguments: mistakes)
    func refuses(mistake: (command: String, status: Int32, says: String)) async throws {
        try await withTrial { trial, _ in
            try await trial.prepare()
            let words = mistake.command.split(separator: " ").map(String.init)
            let finished = try await trial.run(words)
            #expect(finished.status == mistake.status, "\(finished.messages)")
            #expect(finished.output == "")
            #expect(finished.messages.contains(mistake.says), "\(finished.messages)")
        }
    }

    @Test("a plan from another ledger is refused, and nothing is written")
    func otherLedger() async throws {
        try await withTrial { first, org in
            try await first.prepare()
            try await first.expect("plan", "--out", "plan.json")
            let second = try Trial(org: org.url)
            try await second.prepare()
            try second.write("default: { attendeeRecord: lead }", to: "other.yaml")
            try await second.expect("settings", "apply", "other.yaml")
            let file = first.folder.path("plan.json")
            let finished = try await second.run("apply", file)
            #expect(finished.status == 4)
            #expect(finished.messages.contains("another ledger"))
            #expect(try await org.created.isEmpty)
        }
    }

    @Test("the state of a booking is the same, byte for byte, in any process and place")
    func sameEverywhere() async throws {
        try await withTrial { trial, _ in
            _ = try await Self.prepare(trial)
            var answers: Set<String> = []
            for (zone, locale) in [
                ("UTC", "C"), ("Asia/Kathmandu", "tr_TR.UTF-8"), ("Pacific/Apia", "de_DE.UTF-8"),
            ] {
                var abroad = trial
                abroad.environment["TZ"] = zone
                abroad.environment["LC_ALL"] = locale
                let command = ["state", "booking", Recorded.uid, "--output", "json"]
                let finished = try await abroad.run(command)
                #expect(finished.status == 0, "\(finished.messages)")
                answers.insert(finished.output)
            }
            #expect(answers.count == 1)
        }
    }

    @Test("drift is found, explained by who changed the record, and put back through a plan")
    func drift() async throws {
        try await withTrial { trial, org in
            _ = try await Self.prepare(trial)
            let quiet = try await trial.run("drift", "--detailed-exitcode")
            #expect(quiet.status == 0, "\(quiet.output)")
            let event = try #require(try await org.query("SELECT Id FROM Event").first?["Id"]?.text)
            try await org.control(
                "tokens",
                #"{"token":"a token for looking","email":"admin@example.com"}"#
            )
            try await org.edit("Event", event, #"{"Booking_Uid__c":"edited"}"#)
            let found = try await trial.run("drift", "--detailed-exitcode", "--output", "json")
            #expect(found.status == 2, "\(found.messages)")
            let item = try #require(try Document(found.output)["drift"]?.list.first)
            #expect(item["record"]?.text == event)
            #expect(item["field"] == "Booking_Uid__c")
            let writers = try await trial.json("explain", event)
            #expect(writers["lastChange"]?["isDaybooks"] == false)
            try await trial.expect("drift", "revert", event, "Booking_Uid__c", "--out", "back.json")
            try await trial.expect("apply", "back.json")
            let after = try await org.query("SELECT Booking_Uid__c FROM Event")
            #expect(after.first?["Booking_Uid__c"]?.text == Recorded.uid)
            #expect(try await trial.run("drift", "--detailed-exitcode").status == 0)
        }
    }

    @Test("a run is undone through a plan, and stays undone")
    func undoes() async throws {
        try await withTrial { trial, org in
            let run = try await Self.prepare(trial)
            #expect(try await org.query("SELECT Id FROM Event").count == 1)
            let shown = try await trial.run(
                "undo",
                run,
                "--detailed-exitcode",
                "--out",
                "undo.json"
            )
            #expect(shown.status == 2, "\(shown.messages)")
            try await trial.expect("apply", "undo.json")
            #expect(try await org.query("SELECT Id FROM Event").isEmpty)
            try await trial.expect("plan", "--all")
            try await trial.run("reconcile", "--all")
            #expect(try await org.query("SELECT Id FROM Event").isEmpty)
        }
    }

    @Test("a field's value is traced to the version that first gave it, a booking to its standing")
    func bisects() async throws {
        try await withTrial { trial, org in
            _ = try await Self.prepare(trial)
            let event = try #require(try await org.query("SELECT Id FROM Event").first?["Id"]?.text)
            let found = try await trial.json("settings", "bisect", event, "Booking_Uid__c")
            #expect(found["origin"]?["type"] == "booking.confirmed")
            let standing = try await trial.json("explain", "--booking", Recorded.uid)
            #expect(standing["eventRecords"]?.list.first?.text == event)
        }
    }
}
