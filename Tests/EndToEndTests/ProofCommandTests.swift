import Foundation
import TestSupport
import Testing

/// What an auditor does with a ledger.
@Suite("Proofs on the command line", .timeLimit(.minutes(15)))
struct ProofCommandTests {
    /// The public key, in a file.
    private func publicKey(_ trial: Trial) async throws -> String {
        let key = try await trial.expect("ledger", "checkpoint", "--public-key").output
        try trial.write(key, to: "public-key")
        return trial.folder.path("public-key")
    }

    @Test("are made and checked without the ledger, and refused after a change: 5")
    func proofs() async throws {
        try await withoutOrg { trial in
            try await trial.expect("ingest", Recorded.created)
            let key = try await publicKey(trial)
            let proof = try await trial.expect("ledger", "prove", "1").output
            try trial.write(proof, to: "1.tlog-proof")
            for word in Recorded.personal { #expect(!proof.contains(word)) }

            var elsewhere = trial
            elsewhere.environment["DAYBOOK_LEDGER"] = trial.folder.path("no-such.sqlite")
            let checked = try await elsewhere.json(
                "ledger",
                "check-proof",
                "1.tlog-proof",
                "--public-key",
                key
            )
            #expect(checked["ok"] == true && checked["position"]?.int == 1)
            #expect(checked["type"]?.text == "booking.confirmed")
            let names = try trial.folder.names()
            #expect(!names.contains { $0.hasPrefix("no-such") }, "no ledger was made for that")

            try trial.write(proof.replacingOccurrences(of: "index 0", with: "index 1"), to: "bad")
            let bad = try await elsewhere.run("ledger", "check-proof", "bad", "--public-key", key)
            #expect(bad.status == 5)
            try trial.write("noise", to: "noise")
            let noise = try await elsewhere.run(
                "ledger",
                "check-proof",
                "noise",
                "--public-key",
                key
            )
            #expect(noise.status == 65)
        }
    }

    /// The public key of a witness that never saw this ledger: as in the test vectors of signed notes.
    private static let stranger =
        "witness.example/w1+7bede9df+BOfxYqEL7FWa/qGV5NzoS2lWjV0ssJY+tEbAaF4rF/Lw"

    @Test("are believed when the policy's quorum signed, and refused with 5 when it did not")
    func policy() async throws {
        try await withoutOrg { trial in
            try await trial.expect("ingest", Recorded.created)
            let key = try await trial.expect("ledger", "checkpoint", "--public-key").output
            try trial.write(try await trial.expect("ledger", "prove", "1").output, to: "proof")
            let rows: [(quorum: String, status: Int32)] = [("none", 0), ("w1", 5), ("w2", 65)]
            for row in rows {
                let lines = [
                    "log \(key.trimmingCharacters(in: .whitespacesAndNewlines))",
                    "witness w1 \(Self.stranger)", "quorum \(row.quorum)",
                ]
                try trial.write(lines.joined(separator: "\n"), to: "policy")
                let check = try await trial.run(
                    "ledger",
                    "check-proof",
                    "proof",
                    "--policy",
                    "policy"
                )
                #expect(check.status == row.status, "quorum \(row.quorum): \(check.messages)")
            }
        }
    }

    @Test("show that the ledger continues a checkpoint that somebody kept")
    func consistency() async throws {
        try await withoutOrg { trial in
            try await trial.expect("ingest", Recorded.created)
            let key = try await publicKey(trial)
            let old = try await trial.expect("ledger", "checkpoint").output
            try trial.write(old, to: "monday")
            try await trial.expect("ingest", Recorded.path("booking_rescheduled.json"))
            let proof = try await trial.expect("ledger", "consistency", "monday").output
            try trial.write(proof, to: "to-now")
            let checked = try await trial.json(
                "ledger",
                "check-proof",
                "to-now",
                "--old",
                "monday",
                "--public-key",
                key
            )
            #expect(checked["ok"] == true && checked["from"]?.int == 1)
            try await trial.expect("ledger", "verify", "--checkpoint", "monday")
            #expect(try await trial.run("ledger", "consistency", "99").status == 65)
            #expect(try await trial.run("ledger", "prove", "99").status == 65)
        }
    }

    @Test("go on after a change of the signing key, and the old ones are checked as before")
    func changesKey() async throws {
        try await withoutOrg { trial in
            try await trial.expect("ingest", Recorded.created)
            try trial.write(
                try await trial.expect("ledger", "checkpoint", "--public-key").output,
                to: "old-key"
            )
            try trial.write(try await trial.expect("ledger", "prove", "1").output, to: "before")
            try trial.write(try await trial.expect("ledger", "checkpoint").output, to: "monday")
            try await trial.expect("ledger", "rotate-key")
            #expect(
                try await trial.run("ledger", "rotate-key", "--retire", "--output", "json").status
                    == 0
            )
            let again = try await trial.run("ledger", "rotate-key", "--retire")
            #expect(again.status == 65 && again.messages.contains("rotate-key"))
            try trial.write(
                try await trial.expect("ledger", "checkpoint", "--public-key").output,
                to: "new-key"
            )
            try await trial.expect("ingest", Recorded.path("booking_rescheduled.json"))
            try trial.write(try await trial.expect("ledger", "prove", "1").output, to: "after")
            try trial.write(
                try await trial.expect("ledger", "consistency", "monday").output,
                to: "to-now"
            )
            let rows: [(proof: String, key: String, status: Int32)] = [
                ("before", "old-key", 0), ("after", "new-key", 0), ("before", "new-key", 5),
                ("after", "old-key", 5),
            ]
            for row in rows {
                let check = try await trial.run(
                    "ledger",
                    "check-proof",
                    row.proof,
                    "--public-key",
                    row.key
                )
                #expect(check.status == row.status, "\(row.proof) with \(row.key)")
            }
            try await trial.expect(
                "ledger",
                "check-proof",
                "to-now",
                "--old",
                "monday",
                "--public-key",
                "old-key",
                "--public-key",
                "new-key"
            )
            try await trial.expect("ledger", "check-proof", "before")
            try await trial.expect("ledger", "verify", "--checkpoint", "monday")
        }
    }

    @Test("are exported, and checked by Daybook and by the script that knows nothing of it")
    func export() async throws {
        try await withTrial { trial, _ in
            try await trial.prepare()
            try await trial.expect("reconcile")
            let key = try await publicKey(trial)
            let manifest = try await trial.json("ledger", "export", "audit")
            #expect(try #require(manifest["events"]?.int) > 5)
            try await trial.expect("ledger", "check-export", "audit", "--public-key", key)
            #expect(try await trial.run("ledger", "export", "audit").status == 1)
            #expect(try await trial.run("ledger", "export", "past", "--to", "999").status == 65)
            #expect(!FileManager.default.fileExists(atPath: trial.folder.path("past")))
        }
    }

    @Test("are made at every plan and apply, with a key that only its owner can read")
    func cadence() async throws {
        try await withTrial { trial, _ in
            try await trial.prepare()
            #expect(!(try trial.folder.names()).contains("daybook.sqlite.checkpoint"))
            try await trial.expect("plan")
            let planned = try trial.folder.bytes(of: "daybook.sqlite.checkpoint")
            #expect(!planned.isEmpty)
            try await trial.expect("reconcile")
            let applied = try trial.folder.bytes(of: "daybook.sqlite.checkpoint")
            #expect(applied != planned)
            try await trial.expect("ingest", Recorded.path("booking_rescheduled.json"))
            try await trial.expect("replay")
            #expect(try trial.folder.bytes(of: "daybook.sqlite.checkpoint") != applied)
            let path = "\(trial.ledger).signing-key"
            let key = try FileManager.default.attributesOfItem(atPath: path)
            #expect(key[.posixPermissions] as? Int == 0o600)
            try FileManager.default.moveItem(atPath: path, toPath: "\(path).away")
            #expect(try await trial.run("status").status == 78)
            #expect(!FileManager.default.fileExists(atPath: path), "a new key would hide the loss")
        }
    }

    @Test("let a restored older copy be noticed: it appends nothing until told how to go on")
    func restore() async throws {
        try await withoutOrg { trial in
            try await trial.expect("ingest", Recorded.created)
            try await trial.expect("ledger", "backup", "copy.sqlite")
            #expect(try await trial.run("ledger", "backup", "copy.sqlite").status == 1)
            try await trial.expect("ingest", Recorded.path("booking_rescheduled.json"))
            let newest = try await trial.expect("ledger", "checkpoint").output
            try trial.write(newest, to: "newest")
            #expect(try await trial.run("ledger", "restore", "copy.sqlite").status == 1)
            for suffix in ["", "-wal", "-shm"] { unlink(trial.ledger + suffix) }
            #expect(try await trial.run("status").status == 4, "a lost ledger is not a new one")
            #expect(!FileManager.default.fileExists(atPath: trial.ledger))

            let restored = try await trial.run("ledger", "restore", "copy.sqlite")
            #expect(restored.status == 3 && restored.messages.contains("ledger continue"))
            let refused = try await trial.run("ingest", Recorded.path("booking_cancelled.json"))
            #expect(refused.status == 4)
            try await trial.expect("events")
            #expect(try await trial.run("ledger", "verify").status == 5)
            #expect(try await trial.run("ledger", "continue").status == 4)
            let went = try await trial.json("ledger", "continue", "--accept-loss")
            #expect(went["origin"]?.text?.hasSuffix("/r2") == true)
            try await trial.expect("ingest", Recorded.path("booking_cancelled.json"))
            try await trial.expect("ledger", "verify")
            let lost = try await trial.run("ledger", "verify", "--checkpoint", "newest")
            #expect(lost.status == 5, "whoever holds the lost checkpoint sees the loss")
            #expect(try await trial.run("ledger", "continue", "--accept-loss").status == 65)
        }
    }

    @Test("let go on with a copy from before an erasure, which is made again and counted")
    func erasedSince() async throws {
        try await withoutOrg { trial in
            let email = "dana.okafor@globex.example"
            try await trial.expect("ingest", Recorded.created)
            try await trial.expect("ledger", "backup", "copy.sqlite")
            try await trial.expect("privacy", "erase", email)
            for suffix in ["", "-wal", "-shm"] { unlink(trial.ledger + suffix) }
            #expect(try await trial.run("ledger", "restore", "copy.sqlite").status == 3)

            let went = try await trial.expect("ledger", "continue", "--accept-loss").output
            #expect(went.contains("1 person was erased again."))
            let found = try await trial.json("privacy", "find", email)
            #expect(found["erased"]?.int != nil && found["parts"]?.int == 0)
        }
    }
}
