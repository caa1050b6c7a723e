import Foundation
import Testing

/// What an operator does about failures, with the real program.
@Suite("daybook failures", .serialized)
struct FailureCommandTests {
    /// Lets the org refuse all leads with a code.
    private func refuse(_ code: String, _ org: Org) async throws {
        try await org.control(
            "settings",
            #"{"automation":[{"object":"Lead","reject":{"errorCode":"\#(code)","message":"No."}}]}"#
        )
    }

    private func accept(_ org: Org) async throws {
        try await org.control("settings", #"{"automation":[]}"#)
    }

    private func list(_ trial: Trial) async throws -> [Document] {
        try await trial.json("failures", "list")["failures"]?.list ?? []
    }

    @Test("lists what failed and says why, has it tried again, and shows nobody's data")
    func retry() async throws {
        try await withTrial { trial, org in
            try await trial.prepare()
            try await refuse("FIELD_CUSTOM_VALIDATION_EXCEPTION", org)
            let run = try await trial.run("reconcile")
            #expect(run.status == 3)
            #expect(run.messages.contains("daybook failures list"))
            let failures = try await list(trial).filter { $0["object"] == .text("Lead") }
            #expect(failures.count == 2)
            let name = try #require(failures.first?["name"]?.text)
            #expect(failures.first?["state"] == .text("stopped"))

            let text = try await trial.expect("failures").output
            let shown = try await trial.expect("failures", "show", name).output
            #expect(shown.contains("A validation rule of the org refuses the record."))
            #expect(shown.contains("attempt 1"))
            let csv = try await trial.expect("failures", "export").output
            #expect(csv.hasPrefix("name,state,object"))
            for secret in Recorded.personal {
                for output in [text, shown, csv] { #expect(!output.contains(secret)) }
            }

            try await accept(org)
            #expect(try await trial.run("reconcile", "--all").status == 0)
            #expect(try await org.created["Lead"] == nil, "nothing that it waits for has changed")
            try await trial.expect("failures", "retry", "--all")
            try await trial.expect("reconcile")
            #expect(try await org.created["Lead"] == 2)
            #expect(try await list(trial).isEmpty)
        }
    }

    @Test("leaves alone what an operator ignores, and takes it up again")
    func ignore() async throws {
        try await withTrial { trial, org in
            try await trial.prepare()
            try await refuse("UNABLE_TO_LOCK_ROW", org)
            #expect(try await trial.run("reconcile").status == 3)
            let names = try await list(trial).compactMap { failure in
                failure["object"] == .text("Lead") ? failure["name"]?.text : nil
            }
            #expect(names.count == 2)
            for name in names { try await trial.expect("failures", "ignore", name) }
            try await accept(org)
            try SQLiteFile.execute(
                "UPDATE failure SET nextTry = 1 WHERE nextTry > 0",
                on: trial.ledger
            )
            try await trial.expect("reconcile", "--all")
            #expect(try await org.created["Lead"] == nil)
            let ignored = try await trial.json("failures", "list", "--state", "ignored")
            #expect(ignored["failures"]?.list.count == 2)
            for name in names { try await trial.expect("failures", "retry", name) }
            try await trial.expect("reconcile")
            #expect(try await org.created["Lead"] == 2)
        }
    }

    @Test("goes on with the record that an operator names for an address")
    func bind() async throws {
        try await withTrial { trial, org in
            try await trial.prepare()
            try await refuse("DUPLICATES_DETECTED", org)
            #expect(try await trial.run("reconcile").status == 3)
            try await accept(org)
            try await org.control(
                "seed",
                #"{"records":{"Contact":[{"LastName":"Okafor"}],"Account":[{"Name":"Globex"}]}}"#
            )
            let contact = try #require(
                try await org.query("SELECT Id FROM Contact ORDER BY Id LIMIT 1").first?["Id"]?.text
            )
            let account = try #require(
                try await org.query("SELECT Id FROM Account ORDER BY Id LIMIT 1").first?["Id"]?.text
            )
            let email = "dana.okafor@globex.example"
            #expect(try await trial.run("failures", "bind", email, account).status == 65)
            try await trial.expect("failures", "bind", email, String(contact.prefix(15)))
            try await trial.expect("reconcile")
            let acted = try await trial.expect("events", "--type", "operator.acted").output
            #expect(acted.contains("operator.acted"))
            #expect(!acted.contains("globex"))
        }
    }

    /// Mistakes, what follows, and what the message names.
    static let mistakes: [(arguments: [String], status: Int32, told: String)] = [
        (["failures", "show", "person/nobody/contact"], 65, "failures list"),
        (["failures", "show", "somebody@example.com"], 65, "written in capitals"),
        (["failures", "export", "--out", "missing/failures.csv"], 1, "Make its folder first"),
        (["failures", "retry", "person/nobody/contact"], 65, "failures list"),
        (["failures", "ignore", "event/nothing"], 65, "failures list"),
        (["failures", "retry"], 64, "--all"),
        (["failures", "list", "--state", "lost"], 64, "lost"),
        (["failures", "bind", "no-such-booking", "00U000000000001"], 65, "no-such-booking"),
        (["failures", "bind", "event/b", "00U"], 65, "15 or 18"),
    ]

    @Test("says what is wrong with a command, and how to go on", arguments: mistakes)
    func mistake(row: (arguments: [String], status: Int32, told: String)) async throws {
        try await withoutOrg { trial in
            let finished = try await trial.run(row.arguments)
            #expect(finished.status == row.status, "\(finished.messages)")
            #expect(finished.messages.contains(row.told), "\(finished.messages)")
            #expect(!finished.messages.contains("somebody"), "\(finished.messages)")
        }
    }

    @Test("explains a code, known or not, without a ledger")
    func codes() async throws {
        try await withoutOrg { trial in
            let known = try await trial.expect("failures", "show", "UNABLE_TO_LOCK_ROW").output
            #expect(known.contains("Another transaction held the record"))
            let unknown = try await trial.json("failures", "show", "SOMETHING_QUITE_NEW")
            #expect(unknown["known"] == .flag(false))
            #expect(!FileManager.default.fileExists(atPath: trial.ledger))
        }
    }

    @Test("ends a run with 75 when the API calls are kept for others, and status says so")
    func budget() async throws {
        try await withTrial { trial, org in
            try await trial.prepare()
            try await org.control("settings", #"{"dailyLimit":1000,"used":850}"#)
            // The first call tells how little is left.
            let first = try await trial.run("reconcile")
            #expect(first.status == 75, "\(first.messages)")
            #expect(try await org.created == [:])
            let status = try await trial.json("status")
            #expect(status["apiCalls"]?["allowed"]?.int == 1_000)
            #expect(status["apiCalls"]?["reserve"]?.int == 200)
            var generous = trial
            generous.environment["DAYBOOK_SALESFORCE_API_RESERVE_PERCENT"] = "5"
            try await generous.expect("reconcile")
            #expect(try await org.created["Event"] == 1)
        }
    }

    @Test("refuses a budget that cannot be", arguments: ["-1", "101", "few"])
    func badBudget(value: String) async throws {
        try await withoutOrg { trial in
            var trial = trial
            trial.environment["DAYBOOK_SALESFORCE_API_RESERVE_PERCENT"] = value
            let finished = try await trial.run("status")
            #expect(finished.status == 78)
            #expect(finished.messages.contains("DAYBOOK_SALESFORCE_API_RESERVE_PERCENT"))
        }
    }
}
