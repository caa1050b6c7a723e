import Testing

@testable import SalesforceEmulator

@Suite("Bulk job")
struct BulkJobTests {
    @Test("is in progress as often as the setting says, then complete")
    func polls() async throws {
        try await withOrg(settings: ["bulkPolls": 2]) { org in
            let id = try await org.openJob(BulkIngestTests.contacts)
            try await org.upload("LastName\nA\n", to: id)
            var states: [JSON?] = []
            for _ in 0..<4 {
                states.append(try await org.send("GET", "jobs/ingest/\(id)").json["state"])
            }
            #expect(states == ["InProgress", "InProgress", "JobComplete", "JobComplete"])
            #expect(try await org.query("SELECT Id FROM Contact").records.count == 1)
        }
    }

    @Test("is done by the org's clock when nobody asks for it")
    func clock() async throws {
        try await withOrg(settings: ["bulkSeconds": 60]) { org in
            let id = try await org.openJob(BulkIngestTests.contacts)
            try await org.upload("LastName\nA\n", to: id)
            try await org.control("POST", "clock", ["advanceSeconds": 59])
            #expect(try await org.query("SELECT Id FROM Contact").records.isEmpty)
            try await org.control("POST", "clock", ["advanceSeconds": 1])
            #expect(try await org.query("SELECT Id FROM Contact").records.count == 1)
            let stats = try await org.control("GET", "stats")
            #expect(stats["perObject"]?["Contact"]?["create"] == 1)
        }
    }

    @Test("writes as the user who made it")
    func user() async throws {
        try await withOrg { org in
            try await org.control(
                "POST",
                "tokens",
                ["token": "priya", "email": "priya.raman@example.com"]
            )
            let id = try await OrgClient(base: org.base, token: "priya")
                .openJob(BulkIngestTests.contacts)
            try await org.upload("LastName\nA\n", to: id)
            _ = try await org.ingested(id)
            let soql = "SELECT Owner.Email FROM Contact"
            let owner = try await org.query(soql).records.first?["Owner"]
            #expect(owner?["Email"] == "priya.raman@example.com")
        }
    }

    @Test("can be aborted before its end, and gives back what it did not try")
    func abort() async throws {
        try await withOrg(settings: ["bulkPolls": 1]) { org in
            let id = try await org.openJob(BulkIngestTests.contacts)
            try await org.upload("LastName\nA\nB\n", to: id)
            #expect(try await org.send("GET", "jobs/ingest/\(id)").json["state"] == "InProgress")
            let early = try await org.send("GET", "jobs/ingest/\(id)/successfulResults")
            #expect(early.status == 400)
            #expect(early.code == "INVALIDJOBSTATE")
            let path = "jobs/ingest/\(id)"
            let aborted = try await org.send("PATCH", path, ["state": "Aborted"])
            #expect(aborted.json["state"] == "Aborted")
            let done = try await org.ingested(id)
            #expect(done.job["state"] == "Aborted")
            #expect(done.unprocessed == "\"LastName\"\n\"A\"\n\"B\"\n")
            #expect(try await org.query("SELECT Id FROM Contact").records.isEmpty)
            let again = try await org.send("PATCH", path, ["state": "Aborted"])
            #expect(again.code == "INVALIDJOBSTATE")
        }
    }

    @Test("is gone once deleted, which an open one cannot be")
    func delete() async throws {
        try await withOrg { org in
            let id = try await org.openJob(BulkIngestTests.contacts)
            #expect(try await org.send("DELETE", "jobs/ingest/\(id)").code == "INVALIDJOBSTATE")
            try await org.upload("LastName\nA\n", to: id)
            #expect(try await org.send("DELETE", "jobs/ingest/\(id)").status == 204)
            #expect(try await org.send("GET", "jobs/ingest/\(id)").status == 404)
            #expect(try await org.openJob(BulkIngestTests.contacts) != id)
        }
    }

    @Test("takes one upload, of a size and type that it takes")
    func uploads() async throws {
        try await withOrg(settings: ["bulkUploadBytes": 20]) { org in
            let id = try await org.openJob(BulkIngestTests.contacts)
            let path = "jobs/ingest/\(id)/batches"
            let json = try await org.send("PUT", path, text: "[]", type: "application/json")
            #expect(json.status == 415)
            let long = "LastName\n\(String(repeating: "x", count: 20))\n"
            #expect(try await org.send("PUT", path, text: long, type: "text/csv").status == 413)
            let fine = "LastName\nA\n"
            #expect(try await org.send("PUT", path, text: fine, type: "text/csv").status == 201)
            let second = try await org.send("PUT", path, text: fine, type: "text/csv")
            #expect(second.code == "INVALIDJOBSTATE")
            #expect(second.message?.contains("Found multiple contents for job") == true)
        }
    }

    @Test("is listed with the others of its kind")
    func list() async throws {
        try await withOrg { org in
            let id = try await org.openJob(BulkIngestTests.contacts)
            _ = try await org.extract("SELECT Id FROM Contact")
            let list = try await org.send("GET", "jobs/ingest/").json
            #expect(list["done"] == true)
            #expect(list["nextRecordsUrl"] == .null)
            #expect(list["records"]?.array?.map { $0["id"]?.text } == [id])
            let classic = try await org.send("GET", "jobs/ingest?jobType=Classic").json
            #expect(classic["records"] == [])
        }
    }

    @Test("fails alone when its type goes away, and stops nobody else")
    func lostType() async throws {
        try await withOrg(settings: ["bulkSeconds": 60]) { org in
            let made = try await org.send(
                "POST",
                "jobs/query",
                ["operation": "query", "query": "SELECT Id FROM EventWhoRelation"]
            )
            try await org.control("POST", "settings", ["sharedActivities": false])
            try await org.control("POST", "clock", ["advanceSeconds": 60])
            #expect(try await org.send("GET", "limits").status == 200)
            let job = try await org.send("GET", "jobs/query/\(made.id)").json
            #expect(job["state"] == "Failed")
            #expect(job["errorMessage"]?.text?.contains("EventWhoRelation") == true)
        }
    }

    @Test("ends by itself: open for a day, kept for a week")
    func life() async throws {
        try await withOrg { org in
            let id = try await org.openJob(BulkIngestTests.contacts)
            try await org.control("POST", "clock", ["advanceSeconds": .integer(24 * 3600)])
            #expect(try await org.send("GET", "jobs/ingest/\(id)").json["state"] == "Aborted")
            try await org.control("POST", "clock", ["advanceSeconds": .integer(7 * 24 * 3600)])
            #expect(try await org.send("GET", "jobs/ingest/\(id)").status == 404)
        }
    }

    @Test("counts for the limits of the day")
    func limits() async throws {
        try await withOrg(settings: ["dailyBulkBatches": 1, "dailyBulkQueries": 1]) { org in
            _ = try await org.ingest(BulkIngestTests.contacts, "LastName\nA\n")
            let refused = try await org.send("POST", "jobs/ingest", BulkIngestTests.contacts)
            #expect(refused.code == "LIMIT_EXCEEDED")
            _ = try await org.extract("SELECT Id FROM Contact")
            let query: JSON = ["operation": "query", "query": "SELECT Id FROM Contact"]
            #expect(try await org.send("POST", "jobs/query", query).code == "LIMIT_EXCEEDED")
            let limits = try await org.send("GET", "limits").json
            #expect(limits["DailyBulkApiBatches"]?["Remaining"] == 0)
            #expect(limits["DailyBulkV2QueryJobs"]?["Remaining"] == 0)
            try await org.control("POST", "clock", ["advanceSeconds": .integer(24 * 3600)])
            #expect(try await org.send("POST", "jobs/query", query).status == 200)
        }
    }

    @Test(
        "is refused when it cannot be understood",
        arguments: [
            (["object": "Nothing", "operation": "insert"], "INVALIDENTITY"),
            (["object": "Contact", "operation": "query"], "INVALIDJOB"),
            (["object": "Contact", "operation": "upsert"], "INVALIDJOB"),
            (
                [
                    "object": "Contact", "operation": "upsert", "externalIdFieldName": "LastName",
                ], "INVALIDJOB"
            ),
            (["object": "Contact", "operation": "insert", "lineEnding": "CR"], "INVALIDJOB"),
            (["object": "Contact", "operation": "insert", "columnDelimiter": "X"], "INVALIDJOB"),
            (["object": "Contact", "operation": "insert", "contentType": "JSON"], "INVALIDJOB"),
        ] as [(JSON, String)]
    )
    func refusal(body: JSON, code: String) async throws {
        try await withOrg { org in
            let answer = try await org.send("POST", "jobs/ingest", body)
            #expect(answer.status == 400)
            #expect(answer.code == code)
        }
    }
}
