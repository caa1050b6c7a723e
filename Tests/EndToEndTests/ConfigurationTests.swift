import Foundation
import TestSupport
import Testing

/// Where settings of the program itself come from, and which win.
@Suite("The configuration", .timeLimit(.minutes(15)))
struct ConfigurationTests {
    @Test("is found by --config, by DAYBOOK_CONFIG, and in the folder; in this order")
    func isFound() async throws {
        try await withoutOrg { trial in
            var trial = trial
            for name in ["flag", "variable"] {
                try trial.write("ledger: \(name).sqlite\n", to: "\(name).yaml")
            }
            try await trial.expect("status")
            #expect(try trial.folder.names().contains("daybook.sqlite"))

            trial.environment["DAYBOOK_CONFIG"] = trial.folder.path("variable.yaml")
            try await trial.expect("status")
            #expect(try trial.folder.names().contains("variable.sqlite"))
            #expect(try !trial.folder.names().contains("flag.sqlite"))

            try await trial.expect("status", "--config", "flag.yaml")
            #expect(try trial.folder.names().contains("flag.sqlite"))
        }
    }

    @Test("gives way to the environment")
    func givesWay() async throws {
        try await withTrial { trial, org in
            var trial = trial
            try trial.write(
                Trial.configuration(ledger: "file.sqlite", org: "http://127.0.0.1:1"),
                to: "daybook.yaml"
            )
            trial.environment["DAYBOOK_LEDGER"] = trial.folder.path("variable.sqlite")
            trial.environment["DAYBOOK_SALESFORCE_INSTANCE_URL"] = org.url
            try await trial.expect("doctor")
            #expect(try trial.folder.names().contains("variable.sqlite"))
            #expect(try !trial.folder.names().contains("file.sqlite"))
        }
    }

    @Test("is not needed where the environment says everything")
    func isNotNeeded() async throws {
        try await withTrial { trial, org in
            var trial = trial
            try FileManager.default.removeItem(atPath: trial.folder.path("daybook.yaml"))
            trial.environment["DAYBOOK_SALESFORCE_INSTANCE_URL"] = org.url
            try await trial.prepare()
            try await trial.expect("reconcile")
        }
    }

    @Test("takes a secret from a file, and never from the configuration")
    func takesSecretFromFile() async throws {
        try await withTrial { trial, _ in
            var trial = trial
            trial.environment["DAYBOOK_SALESFORCE_ACCESS_TOKEN"] = nil
            let without = try await trial.run("plan")
            #expect(without.status == 77)
            #expect(without.messages.contains("DAYBOOK_SALESFORCE_ACCESS_TOKEN_FILE"))

            try trial.write("a token\n", to: "token")
            trial.environment["DAYBOOK_SALESFORCE_ACCESS_TOKEN_FILE"] = trial.folder.path("token")
            try await trial.expect("plan")
        }
    }

    @Test(
        "is refused with 78 where it cannot be meant",
        arguments: [
            ("salesfroce: {}", "salesfroce"),
            (
                "salesforce: { auth: { flow: accessToken, password: x } }",
                "salesforce.auth.password"
            ),
            ("salesforce: { auth: { flow: magic } }", "accessToken"),
            ("server: { port: many }", "server.port"),
            ("salesforce: { bulkThreshold: often }", "salesforce.bulkThreshold"),
            ("salesforce: { instanceURL: 'http://salesforce.example' }", "http"),
            ("salesforce: { auth: { flow: jwtBearer } }", "salesforce.auth.username"),
            ("salesforce: { auth: { flow: jwtBearer, username: u } }", "salesforce.auth.clientId"),
            (
                "salesforce: { auth: { flow: jwtBearer, username: u, clientId: k } }",
                "salesforce.auth.keyFile"
            ),
            (
                "salesforce: { auth: { flow: jwtBearer, username: u, clientId: k, keyFile: gone.pem } }",
                "cannot be read"
            ),
            ("salesforce: { auth: { flow: refreshToken } }", "salesforce.auth.clientId"),
            ("salesforce: { auth: { callbackPort: 70000 } }", "callbackPort"),
        ]
    )
    func isRefused(_ yaml: String, names word: String) async throws {
        try await withoutOrg { trial in
            try trial.write(yaml, to: "daybook.yaml")
            let finished = try await trial.run("doctor")
            #expect(finished.status == 78)
            #expect((finished.messages + finished.output).contains(word))
        }
    }

    @Test("that is no YAML is refused with the place, and nothing of it is shown")
    func isNoYAML() async throws {
        try await withoutOrg { trial in
            try trial.write("ledger: hush: hush\n", to: "daybook.yaml")
            let finished = try await trial.run("status")
            #expect(finished.status == 65)
            #expect(finished.messages.contains("'daybook.yaml' is no YAML: line 1, column "))
            #expect(!finished.messages.contains("hush"))
        }
    }

    @Test("is refused with 78 when the named file is not there")
    func isMissed() async throws {
        try await withoutOrg { trial in
            let finished = try await trial.run("status", "--config", "nowhere.yaml")
            #expect(finished.status == 78)
            #expect(finished.messages.contains("nowhere.yaml"))
        }
    }

    @Test("tells a doctor everything is fine, or what is not")
    func isExamined() async throws {
        try await withTrial { trial, org in
            let fresh = try await trial.json("doctor")
            #expect(fresh["ok"] == true)
            let checks = Set(fresh["checks"]?.list.compactMap { $0["check"]?.text } ?? [])
            #expect(
                checks.isSuperset(
                    of: ["ledger", "connection", "permissions", "key field", "settings"]
                )
            )
            try await org.control("tokens/revoke", #"{"token":"token of the trial"}"#)
            let refused = try await trial.json("doctor", status: 77)
            #expect(refused["ok"] == false)
        }
        try await withoutOrg { trial in
            let unreachable = try await trial.run("doctor")
            #expect(unreachable.status == 69)
            #expect(unreachable.output.contains("bad"))
        }
    }
}
