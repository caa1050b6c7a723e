import Testing

@testable import SalesforceEmulator

@Suite("Bulk ingest")
struct BulkIngestTests {
    static let contacts: JSON = ["object": "contact", "operation": "insert"]

    @Test("describes a job as real answers do")
    func description() async throws {
        try await withOrg { org in
            let made = try await org.send("POST", "jobs/ingest/", Self.contacts)
            #expect(made.status == 200)
            #expect(made.id.hasPrefix("750"))
            #expect(made.json["object"] == "Contact")
            #expect(made.json["state"] == "Open")
            #expect(made.json["apiVersion"] == .number(62))
            #expect(made.json["concurrencyMode"] == "Parallel")
            #expect(made.json["contentType"] == "CSV")
            #expect(made.json["lineEnding"] == "LF")
            #expect(made.json["columnDelimiter"] == "COMMA")
            #expect(
                made.json["contentUrl"]?.text
                    == "services/data/v62.0/jobs/ingest/\(made.id)/batches"
            )
            #expect(made.json["numberRecordsProcessed"] == nil)
            let polled = try await org.send("GET", "jobs/ingest/\(made.id)").json
            #expect(polled["jobType"] == "V2Ingest")
            #expect(polled["numberRecordsProcessed"] == 0)
        }
    }

    @Test("writes good rows, refuses bad ones, and completes all the same")
    func insert() async throws {
        try await withOrg { org in
            let csv = """
                LastName,Email,Marketing_Consent__c
                Lee,ann@example.com,yes
                ,nobody@example.com,
                "O""Hara, Bob",not an address,N
                Cem,,0

                """
            let done = try await org.ingest(Self.contacts, csv)
            #expect(done.job["state"] == "JobComplete")
            #expect(done.job["numberRecordsProcessed"] == 4)
            #expect(done.job["numberRecordsFailed"] == 2)
            let found = try await org.query("SELECT Id, Marketing_Consent__c FROM Contact").records
            let first = found.first?["Id"]?.text ?? ""
            #expect(
                done.successful.hasPrefix(
                    """
                    "sf__Id","sf__Created","LastName","Email","Marketing_Consent__c"
                    "\(first)","true","Lee","ann@example.com","yes"

                    """
                )
            )
            #expect(found.map { $0["Marketing_Consent__c"] } == [true, false])
            #expect(
                done.failed == """
                    "sf__Id","sf__Error","LastName","Email","Marketing_Consent__c"
                    "","REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --",\
                    "","nobody@example.com",""
                    "","INVALID_EMAIL_ADDRESS:Email: invalid email address: not an address:Email --",\
                    "O""Hara, Bob","not an address","N"

                    """
            )
            #expect(done.unprocessed == "\"LastName\",\"Email\",\"Marketing_Consent__c\"\n")
            let stats = try await org.control("GET", "stats")
            #expect(stats["perObject"]?["Contact"]?["create"] == 2)
        }
    }

    @Test("leaves empty values alone and empties #N/A")
    func update() async throws {
        try await withOrg { org in
            let id = try await org.create(
                "Contact",
                ["LastName": "A", "Title": "CTO", "Phone": "1", "Department": "x"]
            )
            let csv = "Id,Title,Phone,Department\n\(id),,#N/A,y\n003000000000000AAA,,,z\nnoid,,,\n"
            let done = try await org.ingest(["object": "Contact", "operation": "update"], csv)
            let record = try await org.read("Contact", id, "Title,Phone,Department")
            #expect(record["Title"] == "CTO")
            #expect(record["Phone"] == .null)
            #expect(record["Department"] == "y")
            let failed = OrgClient.Ingested.rows(done.failed)
            #expect(failed.count == 2)
            #expect(failed.first?.contains("INVALID_CROSS_REFERENCE_KEY") == true)
            #expect(failed.last?.contains("MALFORMED_ID:malformed id noid:Id --") == true)
        }
    }

    @Test("upserts by external id, and refers to others by theirs")
    func upsert() async throws {
        try await withOrg { org in
            let ann = try await org.create("Contact", ["LastName": "A", "Email": "a@example.com"])
            let csv = """
                Daybook_Key__c,Subject,StartDateTime,EndDateTime,Contact:Who.Email
                k1,Intro,2026-03-02T09:00:00Z,2026-03-02T09:30:00.000Z,a@example.com
                k1,Changed,2026-03-02T09:00:00Z,2026-03-02T09:30:00Z,
                ,Nothing,2026-03-02T09:00:00Z,2026-03-02T09:30:00Z,
                k2,Lost,2026-03-02T09:00:00Z,2026-03-02T09:30:00Z,b@example.com
                k3,Late,tomorrow,2026-03-02T09:30:00Z,

                """
            let done = try await org.ingest(
                [
                    "object": "Event", "operation": "upsert",
                    "externalIdFieldName": "daybook_key__c",
                ],
                csv
            )
            #expect(done.job["externalIdFieldName"] == "Daybook_Key__c")
            let events = try await org.query("SELECT Subject, WhoId FROM Event").records
            #expect(events.map { $0["Subject"] } == ["Changed"])
            #expect(events.first?["WhoId"]?.text == ann)
            let written = OrgClient.Ingested.rows(done.successful)
            #expect(written.map { $0.split(separator: ",")[1] } == ["\"true\"", "\"false\""])
            let failed = OrgClient.Ingested.rows(done.failed)
            #expect(failed.count == 3)
            for (row, code) in zip(
                failed,
                ["MISSING_ARGUMENT", "INVALID_FIELD:", "INVALID_TYPE_ON_FIELD_IN_RECORD"]
            ) {
                #expect(row.contains(code))
            }
        }
    }

    @Test("upserts by id: rows without one are new")
    func upsertByID() async throws {
        try await withOrg { org in
            let id = try await org.create("Account", ["Name": "A"])
            let done = try await org.ingest(
                ["object": "Account", "operation": "upsert", "externalIdFieldName": "Id"],
                "Id,Name\n\(id),B\n,C\n"
            )
            #expect(done.job["numberRecordsFailed"] == 0)
            let names = try await org.query("SELECT Name FROM Account ORDER BY Name").records
            #expect(names.map { $0["Name"] } == ["B", "C"])
        }
    }

    @Test("deletes into the recycle bin, or past it", arguments: ["delete", "hardDelete"])
    func delete(operation: String) async throws {
        try await withOrg { org in
            let id = try await org.create("Contact", ["LastName": "A"])
            let done = try await org.ingest(
                ["object": "Contact", "operation": .string(operation)],
                "Id\n\(id)\n\(id)\n"
            )
            #expect(done.job["numberRecordsFailed"] == 1)
            #expect(try await org.query("SELECT Id FROM Contact").records.isEmpty)
            let all = try await org.query("SELECT Id FROM Contact", all: true).records
            #expect(all.count == (operation == "delete" ? 1 : 0))
            let undeleted = try await org.send(
                "POST",
                "/emulator/undelete",
                ["ids": [.string(id)]]
            )
            #expect(undeleted.status == (operation == "delete" ? 200 : 404))
            let next = try await org.create("Contact", ["LastName": "B"])
            #expect(next != id)
        }
    }

    @Test("keeps delimiter and line ending of the job in its results")
    func dialect() async throws {
        try await withOrg { org in
            let done = try await org.ingest(
                [
                    "object": "Account", "operation": "insert", "columnDelimiter": "PIPE",
                    "lineEnding": "CRLF",
                ],
                "Name|Phone\r\nA, B|1\r\n"
            )
            #expect(done.successful.contains("\"sf__Id\"|\"sf__Created\"|\"Name\"|\"Phone\"\r\n"))
            #expect(done.successful.hasSuffix("\"true\"|\"A, B\"|\"1\"\r\n"))
        }
    }

    @Test(
        "fails as a whole when the file does not fit, and tries no row",
        arguments: [
            ("insert", "LastName,Nonsense__c\nA,1\n", "Field name not found : Nonsense__c"),
            ("insert", "LastName,lastname\nA,1\n", "Duplicate column heading"),
            ("update", "LastName\nA\n", "Field name not found : Id"),
            ("delete", "Id,LastName\n1,A\n", "Only the column Id"),
            ("insert", "LastName\r\nA\r\n", "LineEnding is invalid on user data"),
            ("insert", "", "No data was uploaded"),
        ]
    )
    func failure(operation: String, csv: String, reason: String) async throws {
        try await withOrg { org in
            let done = try await org.ingest(
                ["object": "Contact", "operation": .string(operation)],
                csv
            )
            #expect(done.job["state"] == "Failed")
            #expect(done.job["errorMessage"]?.text?.contains(reason) == true)
            #expect(done.job["numberRecordsProcessed"] == 0)
            #expect(try await org.query("SELECT Id FROM Contact").records.isEmpty)
            if reason.contains("Nonsense") {
                #expect(done.unprocessed == "\"LastName\",\"Nonsense__c\"\n\"A\",\"1\"\n")
            }
        }
    }

    @Test("takes small data with the job, as a form")
    func multipart() async throws {
        try await withOrg { org in
            let body = [
                "--sep", "Content-Type: application/json",
                "Content-Disposition: form-data; name=\"job\"", "",
                "{\"object\":\"Contact\",\"operation\":\"insert\"}", "--sep",
                "Content-Type: text/csv",
                "Content-Disposition: form-data; name=\"content\"; filename=\"content\"", "",
                "LastName\nA\n", "--sep--", "",
            ]
            .joined(separator: "\r\n")
            let made = try await org.send(
                "POST",
                "jobs/ingest",
                text: body,
                type: "multipart/form-data; boundary=sep"
            )
            #expect(made.json["state"] == "UploadComplete")
            #expect(try await org.ingested(made.id).job["numberRecordsProcessed"] == 1)
        }
    }
}
