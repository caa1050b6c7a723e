import Foundation
import TestSupport
import Testing

/// The ledger as a file that an operator looks after.
@Suite("The ledger's file", .timeLimit(.minutes(15)))
struct LedgerFileTests {
    @Test("is made by whichever command comes first", arguments: ["ingest", "settings", "status"])
    func isMade(by command: String) async throws {
        try await withoutOrg { trial in
            switch command {
            case "ingest": try await trial.expect("ingest", Recorded.created)
            case "settings": try await trial.importSettings()
            default: try await trial.expect("status")
            }
            #expect(FileManager.default.fileExists(atPath: trial.ledger))
        }
    }

    @Test("has a key beside it that only its owner can read")
    func hasKey() async throws {
        try await withoutOrg { trial in
            try await trial.expect("status")
            let key = try FileManager.default.attributesOfItem(atPath: "\(trial.ledger).key")
            #expect(key[.posixPermissions] as? Int == 0o600)
        }
    }

    @Test("verifies, and tells how many events it holds and their root")
    func verifies() async throws {
        try await withTrial { trial, _ in
            try await trial.prepare()
            try await trial.expect("reconcile")
            let report = try await trial.json("ledger", "verify")
            #expect(report["ok"] == true)
            #expect(try #require(report["events"]?.int) > 5)
            #expect(report["root"]?.text?.count == 64)
            #expect(try await trial.json("status")["root"] == report["root"])
        }
    }

    @Test("does not verify when one byte was changed: 5")
    func noticesChange() async throws {
        try await withoutOrg { trial in
            try await trial.expect("ingest", Recorded.created)
            try SQLiteFile.execute(
                """
                DROP TRIGGER eventNoUpdate;
                UPDATE event SET leaf = CAST(substr(leaf, 1, length(leaf) - 1) || x'00' AS BLOB)
                WHERE position = 1;
                """,
                on: trial.ledger
            )
            let report = try await trial.json("ledger", "verify", status: 5)
            #expect(report["ok"] == false)
            #expect(report["problems"]?.list.isEmpty == false)
        }
    }

    @Test("does not verify when an event was taken out: 5")
    func noticesRemoval() async throws {
        try await withoutOrg { trial in
            try await trial.expect(
                "ingest",
                Recorded.created,
                Recorded.path("booking_rescheduled.json")
            )
            try SQLiteFile.execute(
                """
                DROP TRIGGER eventNoDelete; DROP TRIGGER sealedNoDelete;
                DELETE FROM sealed WHERE position = 1; DELETE FROM event WHERE position = 1;
                """,
                on: trial.ledger
            )
            #expect(try await trial.json("ledger", "verify", status: 5)["ok"] == false)
        }
    }

    @Test("refuses to change or delete events, whoever opens it")
    func isAppendOnly() async throws {
        try await withoutOrg { trial in
            try await trial.expect("ingest", Recorded.created)
            for sql in [
                "UPDATE event SET recorded = 0", "DELETE FROM event",
                "REPLACE INTO event SELECT * FROM event",
            ] {
                #expect(throws: SQLiteFile.Failure.self) {
                    try SQLiteFile.execute(sql, on: trial.ledger)
                }
            }
            try await trial.expect("ledger", "verify")
        }
    }

    @Test("of a newer version is left alone: 78")
    func isNewer() async throws {
        try await withoutOrg { trial in
            try await trial.expect("status")
            try SQLiteFile.execute(
                "INSERT INTO grdb_migrations VALUES ('ledger-99')",
                on: trial.ledger
            )
            let finished = try await trial.run("status")
            #expect(finished.status == 78)
            #expect(finished.messages.contains("newer version"))
        }
    }

    @Test("is not opened without its key, or with another one: 78")
    func needsKey() async throws {
        try await withoutOrg { trial in
            try await trial.expect("ingest", Recorded.created)
            let key = "\(trial.ledger).key"
            try FileManager.default.moveItem(atPath: key, toPath: "\(key).away")
            let without = try await trial.run("status")
            #expect(without.status == 78)
            #expect(!FileManager.default.fileExists(atPath: key), "a new key would hide the loss")

            try trial.write(Data(repeating: 7, count: 32).base64EncodedString(), to: "other")
            var other = trial
            other.environment["DAYBOOK_LEDGER_KEY_FILE"] = trial.folder.path("other")
            #expect(try await other.run("status").status == 78)
            try trial.write("too short", to: "other")
            let short = try await other.run("status")
            #expect(short.status == 78 && short.messages.contains("44 characters"))

            other.environment["DAYBOOK_LEDGER_KEY_FILE"] = "\(key).away"
            try await other.expect("status")
        }
    }

    @Test("holds names, addresses and answers in no readable form")
    func sealsPeople() async throws {
        try await withTrial { trial, _ in
            try await trial.prepare()
            try await trial.expect("reconcile")
            for name in try trial.folder.names() where name.hasPrefix("daybook.sqlite") {
                let bytes = Data(try trial.folder.bytes(of: name))
                for word in Recorded.personal {
                    #expect(bytes.range(of: Data(word.utf8)) == nil, "'\(word)' is in \(name)")
                }
            }
        }
    }
}
