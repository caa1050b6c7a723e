import Foundation
import Testing

/// What scripts and people do through a running service, against a running org.
@Suite("The service", .serialized, .timeLimit(.minutes(15)))
struct ServiceTests {
    /// A running service, and somebody who may do something.
    struct Caller {
        let address: String
        let token: String

        func send(
            _ method: String,
            _ path: String,
            _ body: String? = nil,
            headers: [String: String] = [:]
        ) async throws -> (status: Int, json: Document) {
            var fields = ["Authorization": "Bearer \(token)", "Content-Type": "application/json"]
            fields.merge(headers) { $1 }
            let answer = try await Web.send(method, address + path, headers: fields, body: body)
            return (answer.status, try Document(answer.text))
        }

        func get(_ path: String) async throws -> Document { try await send("GET", path).json }
    }

    private func withCaller(
        _ role: String = "admin",
        _ body: (Trial, Org, Caller) async throws -> Void
    ) async throws {
        try await withTrial { trial, org in
            try await trial.prepare()
            let made = try await trial.json("token", "create", "--name", "test", "--role", role)
            let token = try #require(made["token"]?.text)
            let server = try await trial.start("serve", "--port", "0")
            do {
                let address = try await server.line(beginning: "Listening on ")
                try await body(trial, org, Caller(address: address, token: token))
            } catch {
                server.signal(SIGKILL)
                throw error
            }
            server.signal(SIGTERM)
            #expect(try await server.finished().status == 0)
        }
    }

    @Test("makes a plan, applies it once somebody approved it, and then has nothing to do")
    func plan() async throws {
        try await withCaller { trial, org, caller in
            let made = try await caller.send("POST", "/v1/plans", "{}")
            #expect(made.status == 201)
            let id = try #require(made.json["id"]?.text)
            #expect((made.json["summary"]?["create"]?.int ?? 0) > 0)
            #expect(try await org.created.isEmpty, "a plan writes nothing")
            #expect(try await caller.send("POST", "/v1/plans/\(id)/apply").status == 409)

            let seen = ["If-Match": "\"1\""]
            let approved = try await caller.send(
                "POST",
                "/v1/plans/\(id)/approve",
                headers: seen
            )
            #expect(approved.status == 200)
            #expect(approved.json["version"] == 2)
            let stale = try await caller.send("POST", "/v1/plans/\(id)/apply", headers: seen)
            #expect(stale.status == 412)

            let once = ["Idempotency-Key": "apply-\(id)"]
            let applied = try await caller.send("POST", "/v1/plans/\(id)/apply", headers: once)
            #expect(applied.status == 200)
            #expect(applied.json["state"] == "applied")
            let writes = try await org.created
            #expect(!writes.isEmpty)
            let again = try await caller.send("POST", "/v1/plans/\(id)/apply", headers: once)
            #expect(again.json == applied.json)
            #expect(try await caller.send("POST", "/v1/plans/\(id)/apply").status == 409)
            #expect(try await org.created == writes)

            let second = try await caller.send("POST", "/v1/plans", #"{"all":true}"#)
            for kind in ["create", "update", "delete"] {
                #expect(second.json["summary"]?[kind] == 0)
            }
            let run = try #require(applied.json["run"]?.text)
            #expect(try await caller.get("/v1/runs/\(run)")["state"] == "finished")
            #expect(try await trial.json("plan")["summary"]?["create"] == 0)
        }
    }

    @Test("has a failure tried again, and the next plan writes it")
    func retry() async throws {
        try await withCaller { trial, org, caller in
            let rule =
                #"{"errorCode":"FIELD_CUSTOM_VALIDATION_EXCEPTION","message":"No."}"#
            try await org.control(
                "settings",
                #"{"automation":[{"object":"Lead","reject":\#(rule)}]}"#
            )
            #expect(try await trial.run("reconcile").status == 3)
            try await org.control("settings", #"{"automation":[]}"#)
            let failures = try await caller.get("/v1/failures")["items"]?.list ?? []
            #expect(!failures.isEmpty)
            #expect(failures.allSatisfy { $0["remedy"]?.text?.isEmpty == false })
            let names = failures.compactMap { $0["name"]?.text }
            let list = names.map { "\"\($0)\"" }.joined(separator: ",")
            let held = try await caller.send("POST", "/v1/plans", #"{"all":true}"#)
            #expect(held.json["summary"]?["create"] == 0)
            let retried = try await caller.send(
                "POST",
                "/v1/failures/retry",
                #"{"names":[\#(list)]}"#
            )
            #expect(retried.status == 200)
            let plan = try await caller.send("POST", "/v1/plans")
            let id = try #require(plan.json["id"]?.text)
            _ = try await caller.send("POST", "/v1/plans/\(id)/approve")
            _ = try await caller.send("POST", "/v1/plans/\(id)/apply")
            #expect(try await caller.get("/v1/failures")["items"]?.list.isEmpty == true)
            let acted = try await caller.get("/v1/events?type=operator.acted")["items"]?.list ?? []
            #expect(acted.allSatisfy { $0["actor"]?.text?.hasPrefix("token-") == true })
        }
    }

    @Test("goes on with the record that an operator names for an address, and repeats no address")
    func bind() async throws {
        try await withCaller("operator") { trial, org, caller in
            let rule = #"{"errorCode":"DUPLICATES_DETECTED","message":"No."}"#
            try await org.control(
                "settings",
                #"{"automation":[{"object":"Lead","reject":\#(rule)}]}"#
            )
            #expect(try await trial.run("reconcile").status == 3)
            try await org.control("settings", #"{"automation":[]}"#)
            try await org.control("seed", #"{"records":{"Contact":[{"LastName":"Okafor"}]}}"#)
            let contacts = try await org.query("SELECT Id FROM Contact ORDER BY Id LIMIT 1")
            let contact = try #require(contacts.first?["Id"]?.text)

            func bind(_ name: String) async throws -> (status: Int, json: Document) {
                let body = #"{"name":"\#(name)","record":"\#(contact)"}"#
                return try await caller.send("POST", "/v1/failures/bind", body)
            }
            let bound = try await bind("dana.okafor@globex.example")
            #expect(bound.status == 200)
            #expect(bound.json["name"]?.text?.hasPrefix("person/") == true)
            #expect(bound.json["appointments"] == 1)
            #expect(try await bind("nobody@globex.example").status == 404)
            #expect(try await bind("no-such-booking").status == 404)
            // An attendee is no appointment, whose record begins with 00U.
            #expect(try await bind(Recorded.uid).status == 422)

            try await trial.expect("reconcile")
            let acted = try await caller.get("/v1/events?type=operator.acted")["items"]?.list ?? []
            #expect(acted.first?["actor"]?.text?.hasPrefix("token-") == true)
            let told = try await trial.expect("events").output
            #expect(!told.contains("globex.example"))
        }
    }

    @Test("lets a person choose on a page which of several records is meant")
    func choose() async throws {
        try await withTrial { trial, org in
            try trial.write(
                #"{"default":{"attendeeRecord":"contact","onAmbiguous":"review"}}"#,
                to: "settings.json"
            )
            try await trial.expect("settings", "apply", "settings.json")
            let email = "dana.okafor@globex.example"
            let twins = #"{"LastName":"Okafor","Email":"\#(email)"}"#
            try await org.control("seed", #"{"records":{"Contact":[\#(twins),\#(twins)]}}"#)
            try await trial.expect("ingest", Recorded.created)
            #expect(try await trial.run("reconcile").status == 3)
            let made = try await trial.json("token", "create", "--name", "t", "--role", "operator")
            let token = try #require(made["token"]?.text)
            let server = try await trial.start("serve", "--port", "0")
            do {
                let address = try await server.line(beginning: "Listening on ")
                try await choose(address, token)
            } catch {
                server.signal(SIGKILL)
                throw error
            }
            server.signal(SIGTERM)
            #expect(try await server.finished().status == 0)
            try await trial.expect("reconcile")
            let list = try await trial.json("failures", "list")["failures"]?.list
            #expect(list?.contains { $0["state"] == "review" } == false)
        }
    }

    /// Signs in, and presses the first button that names a record.
    private func choose(_ address: String, _ token: String) async throws {
        let form = ["Content-Type": "application/x-www-form-urlencoded"]
        _ = try await Web.send("POST", "\(address)/signin", headers: form, body: "token=\(token)")
        let page = try await Web.send("GET", "\(address)/failures?state=review").text
        let fields = try ["key", "name", "record"].map { name in
            let field = try Regex(#"failures/bind".*?name="\#(name)" value="([^"]+)""#)
            let value = try #require(page.firstMatch(of: field)?.output[1].substring)
            return "\(name)=\(value)"
        }
        let chosen = try await Web.send(
            "POST",
            "\(address)/failures/bind",
            headers: form,
            body: fields.joined(separator: "&")
        )
        #expect(chosen.status == 200, "it leads back to the failures")
        #expect(!chosen.text.contains("Use this one"))
    }

    @Test("accepts settings only from who saw the newest, and shows what a version changed")
    func settings() async throws {
        try await withCaller { trial, _, caller in
            let body = #"{"scope":"77","settings":{"attendeeRecord":"lead"},"effective":"now"}"#
            #expect(try await caller.send("POST", "/v1/settings", body).status == 428)
            let wrong = ["If-Match": "\"9\""]
            #expect(
                try await caller.send("POST", "/v1/settings", body, headers: wrong).status == 412
            )
            let newest = try await trial.json("settings", "history").list.count
            let right = ["If-Match": "\"\(newest)\""]
            let made = try await caller.send("POST", "/v1/settings", body, headers: right)
            #expect(made.status == 201)
            #expect(made.json["version"]?.int == newest + 1)
            let diff = try await caller.get("/v1/settings/\(newest + 1)/diff")
            #expect(diff["differences"]?.list.first?["scope"] == "77")
            let odd = #"{"scope":"77","settings":{"attendeRecord":"lead"}}"#
            let any = ["If-Match": "*"]
            #expect(try await caller.send("POST", "/v1/settings", odd, headers: any).status == 422)
        }
    }

    @Test("accepts one of two versions of the settings that were made from the same one")
    func settingsAtOnce() async throws {
        try await withCaller { trial, _, caller in
            let newest = try await trial.json("settings", "history").list.count
            let seen = ["If-Match": "\"\(newest)\""]
            func post(_ scope: Int) async throws -> Int {
                let body = #"{"scope":"\#(scope)","settings":{"attendeeRecord":"lead"}}"#
                return try await caller.send("POST", "/v1/settings", body, headers: seen).status
            }
            async let first = post(77)
            async let second = post(78)
            let statuses = [try await first, try await second].sorted()
            #expect(statuses == [201, 412])
            #expect(try await trial.json("settings", "history").list.count == newest + 1)
        }
    }

    @Test("answers who should host from memory while the org stands still, and says so")
    func owner() async throws {
        try await withCaller { _, _, caller in
            let path = "/v1/routing/owner?email=dana.okafor@globex.example"
            let first = try await caller.get(path)
            #expect(first["source"] == "live")
            #expect(first["reason"]?.text != nil)
        }
    }
}
