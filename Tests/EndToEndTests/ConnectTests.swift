import Foundation
import SalesforceEmulator
import TestSupport
import Testing

/// From a log-in to a record that was written, by every way to log in.
@Suite("Connecting an org", .timeLimit(.minutes(15)))
struct ConnectTests {
    /// A booking has to reach the org by the configured log-in alone.
    private func reconcile(_ trial: Trial, _ org: Org) async throws {
        try await trial.prepare()
        try await trial.expect("reconcile")
        #expect(try await org.created["Event"] == 1)
    }

    /// An org that knows one app, and a trial that is set up for a flow.
    private func withApp(
        _ app: String = "",
        auth: String,
        _ body: (inout Trial, Org) async throws -> Void
    ) async throws {
        try await withTrial { trial, org in
            var trial = trial
            let members = app.isEmpty ? "" : ", \(app)"
            try await org.control("apps", #"{"clientId":"key"\#(members)}"#)
            try trial.configure(org: org, auth: auth)
            try await body(&trial, org)
        }
    }

    /// A text as JSON.
    private static func json(_ text: String) throws -> String {
        String(decoding: try JSONEncoder().encode(text), as: UTF8.self)
    }

    @Test("by the browser keeps an encrypted refresh token, with which everything else works")
    func browser() async throws {
        try await withApp(auth: "flow: refreshToken") { trial, org in
            let (finished, page) = try await trial.connectByBrowser()
            #expect(finished.status == 0, "\(finished.messages)")
            #expect(page?.status == 200)
            #expect(page?.text.contains("close this window") == true)
            let document = try Document(finished.output)
            #expect(document["outcome"] == "first")
            #expect(document["user"]?["username"] == "integration@daybook.example")
            #expect(document["instanceURL"]?.text == org.url)
            #expect(try trial.folder.names().contains("daybook.sqlite.log-in"))
            #expect(try !trial.filesContain("5Aep861"))
            try await reconcile(trial, org)
            let list = try await trial.json("org", "list")
            #expect(list["orgs"]?.list.first?["id"] == document["org"]?["id"])
            #expect(list["logInKept"] == true)
        }
    }

    @Test("by a refresh token keeps each rotated one, and never uses a dead one again")
    func rotation() async throws {
        try await withApp(#""clientSecret":"s","rotates":true"#, auth: "flow: refreshToken") {
            trial,
            org in
            try await org.control("refresh-tokens", #"{"token":"first-one","clientId":"key"}"#)
            trial.environment["DAYBOOK_SALESFORCE_REFRESH_TOKEN"] = "first-one"
            trial.environment["DAYBOOK_SALESFORCE_CLIENT_SECRET"] = "s"
            try await trial.expect("org", "connect")
            try await trial.expect("doctor")
            try await reconcile(trial, org)
            #expect(try !trial.filesContain("5Aep861"))
            #expect(try !trial.filesContain("first-one"))
            // A token that was put into the environment since then is newer than the kept one.
            try await org.control("refresh-tokens", #"{"token":"second-one","clientId":"key"}"#)
            trial.environment["DAYBOOK_SALESFORCE_REFRESH_TOKEN"] = "second-one"
            try await trial.expect("doctor")
            try await trial.expect("doctor")
            trial.environment["DAYBOOK_SALESFORCE_REFRESH_TOKEN"] = "unknown"
            let refused = try await trial.run("doctor")
            #expect(refused.status == 77)
            #expect(refused.output.contains("daybook org connect"))
        }
    }

    @Test("by client credentials works")
    func clientCredentials() async throws {
        try await withApp(#""clientSecret":"s""#, auth: "flow: clientCredentials") { trial, org in
            trial.environment["DAYBOOK_SALESFORCE_CLIENT_SECRET"] = "wrong"
            let refused = try await trial.run("org", "connect")
            #expect(refused.status == 77)
            #expect(refused.messages.contains("DAYBOOK_SALESFORCE_CLIENT_SECRET"))
            trial.environment["DAYBOOK_SALESFORCE_CLIENT_SECRET"] = "s"
            try await trial.expect("org", "connect")
            try await reconcile(trial, org)
        }
    }

    @Test("by a key works, and tells a wrong key, a wrong clock and a missing approval apart")
    func jwtBearer() async throws {
        let auth = "flow: jwtBearer, username: integration@daybook.example, keyFile: key.pem"
        let certificate = #""publicKey":\#(try Self.json(TestKeys.certificate))"#
        try await withApp(certificate, auth: auth) { trial, org in
            try trial.write(TestKeys.otherPrivateKey, to: "key.pem")
            let otherKey = try await trial.run("org", "connect")
            #expect(otherKey.status == 77)
            #expect(otherKey.messages.contains("salesforce.auth.keyFile"))

            try trial.write(TestKeys.certificate, to: "key.pem")
            let noKey = try await trial.run("org", "connect")
            #expect(noKey.status == 78)
            #expect(noKey.messages.contains("the private key"))

            try trial.write(TestKeys.privateKey, to: "key.pem")
            try await org.control("clock", #"{"advanceSeconds":600}"#)
            let late = try await trial.run("org", "connect")
            #expect(late.status == 77)
            #expect(late.messages.contains("clock"))
            try await org.control("clock", #"{"advanceSeconds":-600}"#)

            try await org.control(
                "apps",
                #"{"clientId":"key","approved":false,\#(certificate)}"#
            )
            let unapproved = try await trial.run("org", "connect")
            #expect(unapproved.status == 77)
            #expect(unapproved.messages.contains("pre-authorized"))

            try await org.control("apps", #"{"clientId":"key",\#(certificate)}"#)
            try await trial.expect("org", "connect")
            try await reconcile(trial, org)
            #expect(try !trial.filesContain("BEGIN PRIVATE KEY"))
        }
    }

    @Test("by an access token works, for trials")
    func accessToken() async throws {
        try await withTrial { trial, org in
            let connected = try await trial.run("org", "connect")
            #expect(connected.status == 0)
            #expect(connected.output.contains("Daybook Example"))
            try await reconcile(trial, org)
        }
    }

    @Test("is not done when the person refuses, and tells what to press")
    func refusedConsent() async throws {
        try await withApp(auth: "flow: refreshToken") { trial, org in
            try await org.control("log-in", #"{"consentError":"access_denied"}"#)
            let (finished, page) = try await trial.connectByBrowser()
            #expect(finished.status == 77)
            #expect(finished.output.isEmpty)
            #expect(finished.messages.contains("press Allow"))
            #expect(page?.status == 400)
            #expect(try !trial.folder.names().contains("daybook.sqlite.log-in"))
        }
    }

    @Test("is not done by an answer that belongs to another log-in")
    func wrongState() async throws {
        try await withApp(auth: "flow: refreshToken") { trial, org in
            try await org.control("log-in", #"{"state":"tampered"}"#)
            let (finished, _) = try await trial.connectByBrowser()
            #expect(finished.status == 77)
            #expect(finished.messages.contains("does not belong to this log-in"))
            #expect(try !trial.folder.names().contains("daybook.sqlite.log-in"))
        }
    }

    @Test("waits for the browser no longer than it was told, and answers one path only")
    func timeout() async throws {
        try await withApp(auth: "flow: refreshToken") { trial, _ in
            let (finished, page) = try await trial.connectByBrowser(
                ["--timeout", "2"],
                visit: { $0.replacingOccurrences(of: "/callback", with: "/elsewhere") }
            )
            #expect(page?.status == 404)
            #expect(finished.status == 75)
            #expect(finished.messages.contains("--timeout"))
        }
    }

    @Test(
        "ends at once when somebody stops it",
        arguments: [(SIGINT, Int32(130)), (SIGTERM, Int32(143))]
    )
    func interrupted(signal: Int32, status: Int32) async throws {
        try await withApp(auth: "flow: refreshToken") { trial, _ in
            let program = try await trial.start("org", "connect", "--port", "0")
            _ = try await program.message(beginning: "Waiting")
            program.signal(signal)
            let finished = try await program.finished()
            // Before the handler is in place the signal itself ends the process: the same number.
            let shown = finished.isKilled ? 128 + finished.status : finished.status
            #expect(shown == status)
        }
    }

    @Test("says who stands in the way when a proxy answers in Salesforce's place")
    func proxyPage() async throws {
        try await withApp(#""clientSecret":"s""#, auth: "flow: clientCredentials") { trial, org in
            trial.environment["DAYBOOK_SALESFORCE_CLIENT_SECRET"] = "s"
            try await org.control("log-in", #"{"proxyPage":true}"#)
            let finished = try await trial.run("org", "connect")
            #expect(finished.status == 69)
            #expect(finished.messages.contains("proxy"))
        }
    }

    @Test("refuses another org, keeps nothing of it, and takes it when told by its id")
    func otherOrg() async throws {
        try await withApp(auth: "flow: refreshToken") { trial, org in
            let (first, _) = try await trial.connectByBrowser()
            let home = try Document(first.output)["org"]?["id"]?.text ?? ""
            try await reconcile(trial, org)
            let kept = try trial.folder.bytes(of: "daybook.sqlite.log-in")
            try await withSalesforceEmulator(.init(seed: 2)) { [trial] address in
                var trial = trial
                let other = Org(url: address)
                try await other.control("apps", #"{"clientId":"key"}"#)
                try trial.configure(org: other, auth: "flow: refreshToken")
                let (refused, _) = try await trial.connectByBrowser()
                #expect(refused.status == 77)
                #expect(refused.messages.contains(home))
                #expect(try trial.folder.bytes(of: "daybook.sqlite.log-in") == kept)
                let id = try await other.query("SELECT Id FROM Organization").first?["Id"]?.text
                let (accepted, _) = try await trial.connectByBrowser(["--accept-org", id ?? ""])
                #expect(accepted.status == 0, "\(accepted.messages)")
                #expect(try Document(accepted.output)["outcome"] == "replaced")
                // Everything is looked at again, in the new org.
                try await trial.expect("reconcile")
                #expect(try await other.created["Event"] == 1)
                let list = try await trial.json("org", "list")["orgs"]?.list ?? []
                #expect(list.map { $0["connected"] } == [false, true])
            }
        }
    }
}

/// The kept refresh token.
@Suite("A kept log-in")
struct KeptLogInTests {
    @Test("that an older version wrote in the clear is sealed, and the clear one is gone")
    func plainFile() async throws {
        try await withTrial { trial, org in
            var trial = trial
            try await org.control("apps", #"{"clientId":"key"}"#)
            try await org.control("refresh-tokens", #"{"token":"old-token","clientId":"key"}"#)
            try trial.configure(org: org, auth: "flow: refreshToken")
            try trial.write("old-token\n", to: "daybook.sqlite.refresh-token")
            try await trial.expect("doctor")
            let names = try trial.folder.names()
            #expect(!names.contains("daybook.sqlite.refresh-token"))
            #expect(names.contains("daybook.sqlite.log-in"))
            #expect(try !trial.filesContain("old-token"))
        }
    }

    @Test("that was sealed with another key is refused, with the next step")
    func otherKey() async throws {
        try await withTrial { trial, org in
            var trial = trial
            try await org.control("apps", #"{"clientId":"key"}"#)
            try trial.configure(org: org, auth: "flow: refreshToken")
            try trial.write("no sealed file", to: "daybook.sqlite.log-in")
            let finished = try await trial.run("doctor")
            #expect(finished.status == 78)
            #expect(finished.output.contains("delete the file and log in again"))
        }
    }
}
