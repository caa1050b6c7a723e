import Foundation
import HTTPTypes
import Testing

/// What operators are told of, as it arrives at their receivers.
@Suite("Alerts of a running service", .serialized, .timeLimit(.minutes(15)))
struct AlertDeliveryTests {
    /// Serves a ledger with failures that need a person, with both receivers at one address.
    private func withAlerts(
        answering statuses: [HTTPResponse.Status] = [],
        _ variables: [String] = ["DAYBOOK_ALERT_URL", "DAYBOOK_ALERT_SLACK_URL"],
        _ body: (Trial, Receiver) async throws -> Void
    ) async throws -> Finished {
        var ended: Finished?
        try await withTrial { trial, org in
            try await withReceiver(answering: statuses) { receiver in
                var trial = trial
                for name in variables {
                    trial.environment[name] = "\(receiver.address)/\(name)?key=secret"
                }
                trial.environment["DAYBOOK_ALERT_ALLOW_LOOPBACK"] = "true"
                trial.environment["DAYBOOK_ALERT_AFTER_SECONDS"] = "0"
                trial.environment["DAYBOOK_ALERT_EVERY_SECONDS"] = "1"
                try await fail(trial, org)
                let server = try await trial.start("serve", "--port", "0")
                do {
                    try await body(trial, receiver)
                } catch {
                    server.signal(SIGKILL)
                    throw error
                }
                server.signal(SIGTERM)
                ended = try await server.finished()
            }
        }
        return try #require(ended)
    }

    /// Has the org refuse every lead, and a run try to write one.
    private func fail(_ trial: Trial, _ org: Org) async throws {
        let rule = #"{"errorCode":"FIELD_CUSTOM_VALIDATION_EXCEPTION","message":"No."}"#
        try await org.control(
            "settings",
            #"{"automation":[{"object":"Lead","reject":\#(rule)}]}"#
        )
        try await trial.prepare()
        #expect(try await trial.run("reconcile").status == 3)
    }

    /// Leaves every failure alone, so that no person is needed any more.
    private func ignoreAll(_ trial: Trial) async throws {
        let failures = try await trial.json("failures", "list")
        for failure in failures["failures"]?.list ?? [] {
            let name = try #require(failure["name"]?.text)
            _ = try await trial.run("failures", "ignore", name)
        }
    }

    @Test("tell of a change once, in both forms, and nothing of people")
    func forms() async throws {
        let ended = try await withAlerts { trial, receiver in
            let json = try await receiver.next()
            let slack = try await receiver.next()
            #expect(
                [json, slack].map(\.path) == ["/DAYBOOK_ALERT_URL", "/DAYBOOK_ALERT_SLACK_URL"]
            )
            #expect([json, slack].allSatisfy { $0.contentType == "application/json" })
            let document = try Document(json.text)
            #expect(document.keys == ["condition", "state", "summary", "since", "text"])
            #expect(document["condition"] == "failures")
            #expect(document["state"] == "firing")
            let text = try #require(document["text"]?.text)
            #expect(text.hasPrefix("Daybook: ") && text.contains("daybook failures list"))
            #expect(try Document(slack.text) == ["text": .text(text)])

            // The service looked again while these commands ran, and told nothing.
            try await ignoreAll(trial)
            let over = [try await receiver.next(), try await receiver.next()]
            #expect(over.map(\.path) == [json, slack].map(\.path))
            #expect(try Document(over[0].text)["state"] == "resolved")
            #expect(try Document(over[1].text)["text"]?.text?.hasPrefix("Daybook: over") == true)
            for word in Recorded.personal {
                #expect(![json, slack, over[0], over[1]].contains { $0.text.contains(word) })
            }
        }
        #expect(ended.status == 0)
        #expect(!ended.messages.contains("key=secret"), "an address is a secret")
    }

    @Test("are told again to a receiver that did not take them, and follow it nowhere")
    func refused() async throws {
        let ended = try await withAlerts(
            answering: [.internalServerError, .found],
            ["DAYBOOK_ALERT_URL"]
        ) { _, receiver in
            for _ in 1...3 {
                let message = try await receiver.next()
                #expect(message.path == "/DAYBOOK_ALERT_URL")
                #expect(try Document(message.text)["state"] == "firing")
            }
        }
        #expect(ended.messages.contains("The receiver of alerts answered 500."))
        #expect(ended.messages.contains("The receiver of alerts answered 302."))
    }

    /// Addresses that lead where a service can reach and its operator perhaps cannot.
    static let inside = [
        "http://127.0.0.1:9/", "https://127.0.0.1:9/", "https://localhost/", "https://[::1]/",
        "http://169.254.169.254/latest/meta-data/", "https://169.254.169.254/latest/meta-data/",
        "https://10.0.0.1/", "https://[fd00::1]/", "http://hooks.example/", "file:///etc/passwd",
    ]

    @Test("go nowhere inside: the service does not start with such an address", arguments: inside)
    func forgedAddress(address: String) async throws {
        try await withoutOrg { trial in
            for name in ["DAYBOOK_ALERT_URL", "DAYBOOK_ALERT_SLACK_URL"] {
                var trial = trial
                trial.environment[name] = address
                let ended = try await trial.run("serve", "--port", "0")
                #expect(ended.status == 78)
                #expect(ended.messages.contains(name))
                #expect(!ended.messages.contains(address))
            }
        }
    }
}
