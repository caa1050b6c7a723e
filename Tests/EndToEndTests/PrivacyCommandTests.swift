import Foundation
import TestSupport
import Testing

/// What a data protection officer does with a ledger.
@Suite("Privacy on the command line", .timeLimit(.minutes(15)))
struct PrivacyCommandTests {
    /// The address of the recorded booking's booker.
    private func booker() throws -> String {
        let text = try Recorded.text("booking_created.json")
        let match = try #require(text.firstMatch(of: /dana\.okafor@[a-z.]+/))
        return String(match.0)
    }

    @Test("finds, hands out and erases a person; nothing of the person is left in any file")
    func erases() async throws {
        try await withTrial { trial, org in
            try await trial.prepare()
            try await trial.expect("reconcile")
            let email = try booker()
            let found = try await trial.json("privacy", "find", email)
            #expect(try #require(found["parts"]?.int) > 1)
            #expect(found["deliveries"]?.int == 1)
            #expect(found["records"]?.list.isEmpty == false)
            let export = try await trial.expect("privacy", "export", email).output
            #expect(export.contains("Okafor") && export.contains("+12025550143"))

            let receipt = try await trial.json("privacy", "erase", email, "--receipt", "receipt")
            #expect(receipt["person"] == found["person"])
            #expect(receipt["backupDays"]?.int == 30)
            let remains = (receipt["remains"]?.list ?? []).compactMap(\.text)
            for object in ["Lead", "Event"] {
                let isNamed = remains.contains { $0.hasPrefix("\(object) 00") }
                #expect(isNamed, "the \(object) that stays is not named: \(remains)")
            }
            try trial.write(try #require(receipt["proof"]?.text), to: "erasure.tlog-proof")
            let leaf = try await trial.json(
                "ledger",
                "prove",
                try #require(receipt["event"]?.int).description
            )
            try trial.write(try #require(leaf["proof"]?.text), to: "erasure.tlog-proof")
            try await trial.expect("ledger", "check-proof", "erasure.tlog-proof")

            try await trial.expect("ledger", "export", "audit")
            let outputs = try await outputs(of: trial, email)
            for word in Recorded.personal where !word.contains("lee.marsh") {
                #expect(!outputs.contains(word), "'\(word)' is still shown")
            }
            try expectNothing(of: email, in: trial)
            try await trial.expect("ledger", "verify")
        }
    }

    /// Everything that goes on working, as it is shown.
    private func outputs(of trial: Trial, _ email: String) async throws -> String {
        var text = try await trial.expect("trace", "booking", Recorded.uid).output
        #expect(text.contains("an erased person"))
        let person = try await trial.expect("trace", "person", email).output
        #expect(person.contains("was erased"))
        let plan = try await trial.json("plan", "--all")
        #expect(plan["summary"]?["create"]?.int == 0 && plan["summary"]?["update"]?.int == 0)
        text += person
        // Salesforce still holds what was written there, and a plan shows it to whoever runs it.
        try await trial.expect("reconcile", "--all")
        text += try await trial.expect("events", "--output", "json").output
        return text
    }

    private func expectNothing(of email: String, in trial: Trial) throws {
        let files = try #require(FileManager.default.enumerator(atPath: trial.folder.url.path))
        var searched = 0
        for case let name as String in files {
            let path = trial.folder.path(name)
            guard name.hasPrefix("daybook.sqlite") || name.hasPrefix("audit"),
                FileManager.default.contents(atPath: path) != nil
            else { continue }
            let bytes = try Data(contentsOf: URL(filePath: path))
            searched += 1
            for word in [email, "Okafor", "+12025550143"] {
                #expect(bytes.range(of: Data(word.utf8)) == nil, "'\(word)' is in \(name)")
            }
        }
        #expect(searched > 8)
    }

    @Test("refuses a person who is unknown, gone already, or no address at all: 65")
    func refuses() async throws {
        try await withoutOrg { trial in
            try await trial.expect("ingest", Recorded.created)
            let email = try booker()
            #expect(try await trial.run("privacy", "erase", "no address").status == 65)
            #expect(try await trial.run("privacy", "erase", "nobody@example.com").status == 65)
            try await trial.expect("privacy", "erase", email)
            let again = try await trial.run("privacy", "erase", email)
            #expect(again.status == 65 && again.messages.contains("erased already"))
            #expect(!again.messages.contains(email))
            let found = try await trial.json("privacy", "find", email)
            #expect(found["erased"]?.int != nil && found["parts"]?.int == 0)
        }
    }

    @Test("prints the receipt even where it cannot be written to its file, and says so: 1")
    func keepsReceipt() async throws {
        try await withoutOrg { trial in
            try await trial.expect("ingest", Recorded.created)
            let file = "missing/receipt"
            let erased = try await trial.run("privacy", "erase", try booker(), "--receipt", file)
            #expect(erased.status == 1)
            #expect(erased.output.contains("Erased person"))
            #expect(erased.output.contains("\"commitments\""))
            #expect(erased.messages.contains("Keep the one that was printed"))
        }
    }

    @Test("does not create the person again from the same delivery, and begins anew with a new one")
    func stays() async throws {
        try await withTrial { trial, org in
            try await trial.prepare()
            let email = try booker()
            try await trial.expect("privacy", "erase", email)
            try await trial.expect("ingest", Recorded.created)
            try await trial.expect("reconcile", "--all")
            let people = try await org.query("SELECT Id FROM Lead WHERE Email = '\(email)'")
            #expect(people.isEmpty)
            let text = try Recorded.text("booking_created.json")
                .replacingOccurrences(of: Recorded.uid, with: "newUidOfAnotherBooking")
            try trial.write(text, to: "new.json")
            try await trial.expect("ingest", "new.json")
            let found = try await trial.json("privacy", "find", email)
            #expect(found["erased"] == nil && found["appointments"]?.list.count == 1)
        }
    }
}
