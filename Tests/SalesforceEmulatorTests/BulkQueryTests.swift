import Testing

@testable import SalesforceEmulator

@Suite("Bulk query")
struct BulkQueryTests {
    @Test("gives rows as a file, with parents, days, instants and nulls")
    func rows() async throws {
        try await withOrg(seed: SampleOrg.seed) { org in
            let made = try await org.send(
                "POST",
                "jobs/query/",
                [
                    "operation": "query",
                    "query": """
                    SELECT lastname, Account.Name, Last_Demo__c, Marketing_Consent__c \
                    FROM Contact ORDER BY LastName
                    """,
                ]
            )
            #expect(made.json["state"] == "UploadComplete")
            #expect(made.json["object"] == "Contact")
            let done = try await org.send("GET", "jobs/query/\(made.id)").json
            #expect(done["state"] == "JobComplete")
            #expect(done["jobType"] == "V2Query")
            #expect(done["numberRecordsProcessed"] == 3)
            let answer = try await org.send("GET", "jobs/query/\(made.id)/results")
            #expect(answer.headers["content-type"]?.hasPrefix("text/csv") == true)
            #expect(answer.headers["sforce-numberofrecords"] == "3")
            #expect(answer.headers["sforce-locator"] == "null")
            #expect(
                answer.text == """
                    "LastName","Account.Name","Last_Demo__c","Marketing_Consent__c"
                    "100%_Sure","","","false"
                    "Lee","Acme","2026-02-27","true"
                    "O'Hara","Globex","2026-03-01","false"

                    """
            )
            let event = try await org.extract("SELECT StartDateTime FROM Event LIMIT 1")
            let file = try await org.send("GET", "jobs/query/\(event)/results").text
            #expect(file == "\"StartDateTime\"\n\"2026-03-02T09:00:00.000Z\"\n")
        }
    }

    @Test("is read page by page, to a locator that says null")
    func pages() async throws {
        try await withOrg { org in
            let names = (1...5).map { "N\($0)" }
            let csv = "Name\n\(names.joined(separator: "\n"))\n"
            _ = try await org.ingest(["object": "Account", "operation": "insert"], csv)
            let id = try await org.extract(
                "SELECT Name FROM Account ORDER BY Name",
                [("lineEnding", "CRLF"), ("columnDelimiter", "TAB")]
            )
            var found: [String] = []
            var counts: [String?] = []
            var locator = ""
            while locator != "null" {
                let page = try await org.send(
                    "GET",
                    "jobs/query/\(id)/results?maxRecords=2&locator=\(FormEncoding.encoded(locator))"
                )
                let lines = page.text.split(separator: "\r\n").map(String.init)
                #expect(lines.first == "\"Name\"")
                found += lines.dropFirst()
                counts.append(page.headers["sforce-numberofrecords"])
                locator = try #require(page.headers["sforce-locator"])
            }
            #expect(found == names.map { "\"\($0)\"" })
            #expect(counts == ["2", "2", "1"])
            let wrong = try await org.send("GET", "jobs/query/\(id)/results?locator=zzz")
            #expect(wrong.code == "INVALID_QUERY_LOCATOR")
        }
    }

    @Test("keeps what it found when the records change afterwards")
    func snapshot() async throws {
        try await withOrg { org in
            let id = try await org.create("Account", ["Name": "A"])
            let job = try await org.extract("SELECT Name FROM Account")
            _ = try await org.send("PATCH", "sobjects/Account/\(id)", ["Name": "B"])
            let file = try await org.send("GET", "jobs/query/\(job)/results").text
            #expect(file == "\"Name\"\n\"A\"\n")
        }
    }

    @Test("finds deleted records with queryAll only", arguments: ["query", "queryAll"])
    func deleted(operation: String) async throws {
        try await withOrg { org in
            let id = try await org.create("Account", ["Name": "A"])
            _ = try await org.send("DELETE", "sobjects/Account/\(id)")
            let job = try await org.extract(
                "SELECT Name FROM Account",
                [("operation", .string(operation))]
            )
            let file = try await org.send("GET", "jobs/query/\(job)/results").text
            #expect(file.contains("A\"") == (operation == "queryAll"))
        }
    }

    @Test(
        "is refused for what a file cannot hold",
        arguments: [
            ("SELECT COUNT() FROM Contact", "API_ERROR"),
            ("SELECT LastName, COUNT(Id) FROM Contact GROUP BY LastName", "API_ERROR"),
            ("SELECT Id, (SELECT Id FROM Contacts) FROM Account", "API_ERROR"),
            ("SELECT Id FROM Contact LIMIT 1 OFFSET 1", "API_ERROR"),
            ("SELECT MailingAddress FROM Contact", "API_ERROR"),
            ("SELECT TYPEOF Who WHEN Contact THEN Email END FROM Event", "API_ERROR"),
            ("SELECT Nonsense FROM Contact", "INVALID_FIELD"),
            ("SELECT Id FRM Contact", "MALFORMED_QUERY"),
        ]
    )
    func refusal(soql: String, code: String) async throws {
        try await withOrg { org in
            let answer = try await org.send(
                "POST",
                "jobs/query",
                ["operation": "query", "query": .string(soql)]
            )
            #expect(answer.status == 400)
            #expect(answer.code == code)
        }
    }

    @Test("can be aborted and deleted; its results need its version")
    func life() async throws {
        try await withOrg(settings: ["bulkPolls": 1]) { org in
            let made = try await org.send(
                "POST",
                "jobs/query",
                ["operation": "query", "query": "SELECT Id FROM Contact"]
            )
            let path = "jobs/query/\(made.id)"
            #expect(try await org.send("GET", "\(path)/results").code == "INVALIDJOBSTATE")
            let other = try await org.send("GET", "/services/data/v60.0/\(path)/results")
            #expect(other.status == 409)
            #expect(try await org.send("DELETE", path).code == "INVALIDJOBSTATE")
            #expect(
                try await org.send("PATCH", path, ["state": "Aborted"]).json["state"] == "Aborted"
            )
            #expect(try await org.send("DELETE", path).status == 204)
            #expect(try await org.send("GET", path).status == 404)
        }
    }
}
