import Domain
import Testing

@testable import Salesforce

@Suite("Query jobs")
struct BulkQueryTests {
    private static let question = ReadRequest.query(
        Query(
            ["Id", "LastName", "HasOptedOutOfEmail", "NumberOfSeats__c", "Owner.Name"],
            from: .contact,
            where: .differs("LastName", .empty),
            orderBy: ["Id"]
        )
    )

    private static let id = "7505e000002XXXXAA0"
    private static let page = """
        {"totalSize":20000,"done":false,"nextRecordsUrl":"/services/data/v62.0/query/x-2000",\
        "records":[{"Id":"003000000000001AAA"}]}
        """

    /// A client that knows what the org says about contacts.
    private func client(_ org: TinyOrg) async throws -> SalesforceClient {
        let client = try org.client()
        let types = [
            "LastName": "string", "HasOptedOutOfEmail": "boolean", "NumberOfSeats__c": "double",
        ]
        let fields = types.map { name, type in
            """
            {"name":"\(name)","label":"","type":"\(type)","length":80,"createable":true,\
            "updateable":true,"nillable":true,"defaultedOnCreate":false,"picklistValues":[]}
            """
        }
        let json = try JSON(
            parsing: """
                {"name":"Contact","createable":true,"updateable":true,"deletable":true,\
                "fields":[\(fields.joined(separator: ","))]}
                """
        )
        await client.api.memory.learn([try #require(ObjectDescription(describe: json))])
        return client
    }

    private func job(_ state: String) -> Result<HTTPReply, TransportFailure> {
        .success(.json(200, #"{"id":"\#(Self.id)","operation":"query","state":"\#(state)"}"#))
    }

    private func csv(_ text: String, locator: String) -> Result<HTTPReply, TransportFailure> {
        .success(HTTPReply(status: 200, locator: locator, body: Array(text.utf8)))
    }

    static let sizes: [(rows: Int, isJob: Bool)] = [
        (1, false), (2_000, false), (10_000, false), (12_000, false), (12_001, true),
        (200_000, true),
    ]

    @Test(
        "read the rest of an answer where that costs fewer calls than its pages",
        arguments: sizes
    )
    func choice(rows: Int, isJob: Bool) {
        #expect(BulkStatement.isJobCheaper(rows: rows) == isJob)
    }

    @Test("give the same rows as pages do, locator by locator")
    func locators() async throws {
        let org = TinyOrg()
        let client = try await client(org)
        let header =
            "\"Id\",\"LastName\",\"HasOptedOutOfEmail\",\"NumberOfSeats__c\",\"Owner.Name\"\n"
        org.script(
            .success(.json(200, Self.page)),
            job("UploadComplete"),
            job("InProgress"),
            job("JobComplete"),
            csv(
                header + "\"003000000000001AAA\",\"A \"\"B\"\"\",\"true\",\"4.0\",\"Priya\"\n",
                locator: "MQ=="
            ),
            csv(header + "\"003000000000002AAA\",\"\",\"false\",\"\",\"Priya\"\n", locator: "null")
        )
        let rows = try await client.read([Self.question])[0].rows
        #expect(
            rows.map(\.text) == [
                """
                {"Id":"003000000000001AAA","LastName":"A \\"B\\"","HasOptedOutOfEmail":true,\
                "NumberOfSeats__c":4.0,"Owner":{"Name":"Priya"}}
                """,
                """
                {"Id":"003000000000002AAA","LastName":null,"HasOptedOutOfEmail":false,\
                "NumberOfSeats__c":null,"Owner":{"Name":"Priya"}}
                """,
            ]
        )
        let body = try JSON(parsing: org.calls[1].body ?? [])
        #expect(body["operation"] == .string("query"))
        #expect(body["query"]?.string?.hasPrefix("SELECT Id,LastName") == true)
        let paths = org.calls.suffix(2).map { String($0.url.split(separator: "/").last ?? "") }
        #expect(
            paths == ["results?maxRecords=50000", "results?maxRecords=50000&locator=MQ%3D%3D"]
        )
    }

    static let refusals: [[Result<HTTPReply, TransportFailure>]] = [
        [.success(.error(400, "LIMIT_EXCEEDED", "no more jobs today"))],
        [
            .success(
                .json(200, #"{"id":"7505e000002XXXXAA0","operation":"query","state":"Open"}"#)
            ),
            .success(
                .json(200, #"{"id":"7505e000002XXXXAA0","operation":"query","state":"Failed"}"#)
            ),
        ],
    ]

    @Test("give way to pages when the org takes none, or they fail", arguments: refusals.indices)
    func refusal(index: Int) async throws {
        let org = TinyOrg()
        let client = try await client(org)
        org.script(.success(.json(200, Self.page)))
        for answer in Self.refusals[index] { org.script(answer) }
        let last = #"{"totalSize":20000,"done":true,"records":[{"Id":"003000000000002AAA"}]}"#
        org.script(.success(.json(200, last)))
        let rows = try await client.read([Self.question])[0].rows
        #expect(rows.map { $0["Id"]?.string } == ["003000000000001AAA", "003000000000002AAA"])
    }

    @Test("are an error when a page of results is missing, never a shorter answer")
    func missingPage() async throws {
        let org = TinyOrg()
        let client = try await client(org)
        org.script(
            .success(.json(200, Self.page)),
            job("UploadComplete"),
            job("JobComplete"),
            csv("\"Id\"\n\"003000000000001AAA\"\n", locator: "MQ=="),
            .success(.error(400, "INVALID_QUERY_LOCATOR"))
        )
        await #expect(throws: SalesforceError.self) { try await client.read([Self.question]) }
    }

    @Test("are not made for an object that was not described, nor for what CSV cannot say")
    func unsuited() async throws {
        for field in ["EventWhoIds", "Subject"] {
            let org = TinyOrg()
            let client = field == "Subject" ? try org.client() : try await client(org)
            let object: ObjectName = field == "Subject" ? .eventRecord : .contact
            org.script(
                .success(.json(200, Self.page)),
                .success(.json(200, #"{"totalSize":20000,"done":true,"records":[]}"#))
            )
            let query = Query(["Id", field], from: object, where: .all)
            #expect(try await client.read([.query(query)])[0].rows.count == 1)
            #expect(org.calls.allSatisfy { !$0.url.contains("/jobs/") })
        }
    }
}
