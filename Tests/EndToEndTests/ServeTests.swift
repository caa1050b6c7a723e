import Foundation
import TestSupport
import Testing

/// Webhooks, as Cal.com sends them.
@Suite("The webhook receiver", .timeLimit(.minutes(15)))
struct ServeTests {
    /// The signature that was recorded with the signed delivery.
    private static let signature =
        "6d0b1e7c3fdf6f1a44a54d0ed25b2cee12011ab54e07bfcc028ae07cf0673906"
    /// The same for the recorded test; both were made with the secret of the trial.
    private static let signatureOfPing =
        "3536a59ce4a662f3f897b6d4d77906123b685fd9eaa3498e8f95e7a180bf1593"
    private static let header = "X-Cal-Signature-256"

    /// Runs the server for as long as a closure takes, and ends it in any case.
    private func withServer(
        _ trial: Trial,
        _ options: [String] = [],
        _ body: (_ address: String) async throws -> Void
    ) async throws -> Finished {
        let server = try await trial.start(["serve", "--port", "0"] + options)
        do {
            try await body(try await server.line(beginning: "Listening on "))
        } catch {
            server.signal(SIGKILL)
            throw error
        }
        server.signal(SIGTERM)
        return try await server.finished()
    }

    private func post(
        _ body: String,
        to address: String,
        signature: String?
    ) async throws -> Web.Answer {
        var headers = ["Content-Type": "application/json"]
        headers[Self.header] = signature
        return try await Web.send(
            "POST",
            "\(address)/webhooks/cal",
            headers: headers,
            body: body
        )
    }

    @Test("signs what came in, every so often and when it stops", arguments: ["1", "3600"])
    func signs(seconds: String) async throws {
        try await withoutOrg { trial in
            var trial = trial
            trial.environment["DAYBOOK_CHECKPOINT_SECONDS"] = seconds
            let (running, body) = (trial, try Recorded.text("signed_booking_created.raw"))
            func isSigned() throws -> Bool {
                let note = try running.folder.bytes(of: "daybook.sqlite.checkpoint")
                return String(decoding: note, as: UTF8.self).contains("\n1\n")
            }
            let ended = try await withServer(running) { address in
                _ = try await post(body, to: address, signature: Self.signature)
                while try seconds == "1" && !isSigned() {
                    try Task.checkCancellation()
                    await Task.yield()
                }
            }
            #expect(ended.status == 0)
            #expect(try isSigned())
            try await running.expect("ledger", "verify")
        }
    }

    @Test("keeps a signed delivery before it answers 200, and knows it the second time")
    func takesSigned() async throws {
        try await withoutOrg { trial in
            let body = try Recorded.text("signed_booking_created.raw")
            let ended = try await withServer(trial) { address in
                let first = try await post(body, to: address, signature: Self.signature)
                #expect(first.status == 200)
                // Another process sees it at once.
                #expect(try await trial.json("status")["deliveries"]?["appended"] == 1)
                let second = try await post(body, to: address, signature: Self.signature)
                #expect(second.status == 200)
                #expect(try await trial.json("status")["deliveries"]?["duplicate"] == 1)
            }
            #expect(ended.status == 0)
            for word in Recorded.personal { #expect(!ended.messages.contains(word)) }
            try await trial.expect("ledger", "verify")
        }
    }

    @Test("writes to Salesforce by itself, if it shall, and ends cleanly")
    func keepsInStep() async throws {
        try await withTrial { trial, org in
            try await trial.importSettings()
            let body = try Recorded.text("signed_booking_created.raw")
            let ended = try await withServer(trial, ["--sync"]) { address in
                #expect(try await post(body, to: address, signature: Self.signature).status == 200)
                var records: [Document] = []
                // Asking takes its time; a booking is there after a few hundred times at most.
                for _ in 0..<20_000 where records.isEmpty {
                    records = try await org.query("SELECT Id FROM Event")
                }
                #expect(records.count == 1)
                let ready = try await Web.send("GET", "\(address)/readyz")
                #expect(ready.status == 200)
                #expect(ready.text.contains(#""sync":{"state":"#))
            }
            #expect(ended.status == 0)
            #expect(try await trial.json("plan")["summary"]?["create"] == 0)
        }
    }

    @Test("shows pages and the API to whoever has a token, and to nobody else")
    func dashboard() async throws {
        try await withoutOrg { trial in
            try await trial.expect("ingest", Recorded.created)
            let made = try await trial.json("token", "create", "--name", "test", "--role", "viewer")
            let token = try #require(made["token"]?.text)
            _ = try await withServer(trial) { address in
                #expect(try await Web.send("GET", "\(address)/v1/status").status == 401)
                let bearer = ["Authorization": "Bearer \(token)"]
                let status = try await Web.send("GET", "\(address)/v1/status", headers: bearer)
                #expect(status.status == 200)
                #expect(try Document(status.text)["waiting"] == 1)
                let page = try await Web.send("GET", "\(address)/", headers: bearer)
                #expect(page.text.contains("One meeting waits"))
                let id = try #require(made["id"]?.text)
                try await trial.expect("token", "revoke", id)
                #expect(
                    try await Web.send("GET", "\(address)/v1/status", headers: bearer).status == 401
                )
            }
        }
    }

    @Test("writes nothing to Salesforce unless it shall")
    func onlyReceives() async throws {
        try await withTrial { trial, _ in
            try await trial.importSettings()
            let body = try Recorded.text("signed_booking_created.raw")
            _ = try await withServer(trial) { address in
                #expect(try await post(body, to: address, signature: Self.signature).status == 200)
                let ready = try await Web.send("GET", "\(address)/readyz")
                #expect(!ready.text.contains("sync"))
            }
            #expect(try await trial.json("status")["waiting"] == 1)
        }
    }

    @Test("what it acknowledged survives being killed")
    func survivesKill() async throws {
        try await withoutOrg { trial in
            let server = try await trial.start("serve", "--port", "0")
            do {
                let address = try await server.line(beginning: "Listening on ")
                let body = try Recorded.text("signed_booking_created.raw")
                #expect(try await post(body, to: address, signature: Self.signature).status == 200)
            } catch {
                server.signal(SIGKILL)
                throw error
            }
            server.signal(SIGKILL)
            #expect(try await server.finished().isKilled)
            #expect(try await trial.json("status")["deliveries"]?["appended"] == 1)
            try await trial.expect("ledger", "verify")
        }
    }

    @Test("answers 401 without the right signature, and keeps the delivery as evidence")
    func refusesForged() async throws {
        try await withoutOrg { trial in
            let body = try Recorded.text("signed_booking_created.raw")
            _ = try await withServer(trial) { address in
                let wrong = String(Self.signature.reversed())
                for signature in [nil, wrong, "no-secret-provided"] {
                    let answer = try await post(body, to: address, signature: signature)
                    #expect(answer.status == 401)
                    for word in Recorded.personal { #expect(!answer.text.contains(word)) }
                }
                let status = try await trial.json("status")
                #expect(status["deliveries"]?["appended"] == 0)
                #expect(try #require(status["deliveries"]?["forged"]?.int) >= 1)
            }
        }
    }

    @Test("answers 413 to what is too large, and keeps nothing")
    func refusesLarge() async throws {
        try await withoutOrg { trial in
            _ = try await withServer(trial) { address in
                let body = String(repeating: " ", count: 2_000_000)
                let answer = try await post(body, to: address, signature: Self.signature)
                let events = try await trial.json("status")["events"]
                #expect(answer.status == 413)
                #expect(events == 0)
            }
        }
    }

    @Test("answers the test that Cal.com's screen sends with 200")
    func takesPing() async throws {
        try await withoutOrg { trial in
            let body = try Recorded.text("ping.json")
            _ = try await withServer(trial) { address in
                let answer = try await post(body, to: address, signature: Self.signatureOfPing)
                let noted = try await trial.json("status")["deliveries"]?["noted"]
                #expect(answer.status == 200)
                #expect(noted == 1)
            }
        }
    }

    @Test("is not started without a secret")
    func needsSecret() async throws {
        try await withoutOrg { trial in
            var trial = trial
            trial.environment["DAYBOOK_CALCOM_WEBHOOK_SECRET"] = nil
            let finished = try await trial.run("serve", "--port", "0")
            #expect([77, 78].contains(finished.status))
            #expect(finished.messages.contains("DAYBOOK_CALCOM_WEBHOOK_SECRET"))
        }
    }
}
