import Testing

@testable import SalesforceEmulator

@Suite("Bulk API 1")
struct AsyncTests {
    private static let base = "/services/async/59.0/job"
    private static let session = ["X-SFDC-Session": "token"]

    private static func send(
        _ org: OrgClient,
        _ method: String,
        _ path: String,
        _ body: JSON? = nil
    ) async throws -> OrgClient.Answer {
        try await OrgClient(base: org.base, token: nil)
            .send(method, base + path, body, headers: session)
    }

    @Test("writes rows and tells what became of each")
    func rows() async throws {
        try await withOrg { org in
            let job = try await Self.send(
                org,
                "POST",
                "",
                [
                    "operation": "upsert", "object": "Contact", "externalIdFieldName": "Email",
                    "concurrencyMode": 1, "contentType": "JSON",
                ]
            )
            #expect(job.json["state"] == "Open")
            #expect(job.json["concurrencyMode"] == "Serial")
            let rows: JSON = [
                ["email": "a@example.com", "LastName": "A"], ["Email": "b@example.com"],
                ["Email": "a@example.com", "Title": "CTO"],
            ]
            let batch = try await Self.send(org, "POST", "/\(job.id)/batch", rows)
            #expect(batch.json["state"] == "Queued")
            #expect(batch.json["jobId"]?.text == job.id)
            let path = "/\(job.id)/batch/\(batch.id)"
            let done = try await Self.send(org, "GET", path).json
            #expect(done["state"] == "Completed")
            #expect(done["numberRecordsFailed"] == 1)
            let results = try await Self.send(org, "GET", "\(path)/result").json.array ?? []
            #expect(results.map { $0["success"] } == [true, false, true])
            #expect(results.map { $0["created"] } == [true, false, false])
            #expect(results[2]["id"] == results[0]["id"])
            let code = results[1]["errors"]?.array?.first?["statusCode"]
            #expect(code == "REQUIRED_FIELD_MISSING")
            #expect(try await Self.send(org, "GET", "\(path)/request").json == rows)
            let closed = try await Self.send(org, "POST", "/\(job.id)", ["state": "Closed"])
            #expect(closed.json["state"] == "Closed")
            let late = try await Self.send(org, "POST", "/\(job.id)/batch", rows)
            #expect(late.json["exceptionCode"] == "InvalidJobState")
            let titles = try await org.query("SELECT Title FROM Contact").records
            #expect(titles.map { $0["Title"] } == ["CTO"])
        }
    }

    @Test("queries, and fails the batch for a query that is none", arguments: [true, false])
    func query(isValid: Bool) async throws {
        try await withOrg(seed: SampleOrg.seed) { org in
            let job = try await Self.send(
                org,
                "POST",
                "",
                ["operation": "query", "object": "Contact", "contentType": "JSON"]
            )
            let soql = isValid ? "SELECT LastName FROM Contact" : "SELECT Nonsense FROM Contact"
            let batch = try await org.send(
                "POST",
                "\(Self.base)/\(job.id)/batch",
                text: soql,
                type: "application/json"
            )
            let path = "/\(job.id)/batch/\(batch.id)"
            let done = try await Self.send(org, "GET", path).json
            #expect(done["state"] == (isValid ? "Completed" : "Failed"))
            #expect((done["stateMessage"]?.text?.contains("INVALID_FIELD") == true) != isValid)
            guard isValid else { return }
            let ids = try await Self.send(org, "GET", "\(path)/result").json.array ?? []
            let id = try #require(ids.first?.text)
            let records = try await Self.send(org, "GET", "\(path)/result/\(id)").json.array
            #expect(records?.count == 3)
        }
    }

    @Test("refuses in its own form")
    func refusals() async throws {
        try await withOrg { org in
            let stranger = try await OrgClient(base: org.base, token: nil)
                .send("POST", Self.base, ["operation": "insert", "object": "Contact"])
            #expect(stranger.status == 400)
            #expect(stranger.json["exceptionCode"] == "InvalidSessionId")
            let lost = try await Self.send(org, "GET", "/750000000000001AAA")
            #expect(lost.json["exceptionCode"] == "InvalidJob")
            let wrong = try await Self.send(org, "POST", "", ["operation": "dance"])
            #expect(wrong.json["exceptionCode"] == "InvalidOperation")
        }
    }
}
