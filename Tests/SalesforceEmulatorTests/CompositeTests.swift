import Testing

@testable import SalesforceEmulator

@Suite("Composite")
struct CompositeTests {
    private static let root = "/services/data/v62.0"

    private func part(
        _ method: String,
        _ path: String,
        _ reference: String,
        _ body: JSON? = nil
    ) -> JSON {
        var part: JSONObject = [
            "method": .string(method), "url": .string("\(Self.root)/\(path)"),
            "referenceId": .string(reference),
        ]
        part["body"] = body
        return .object(part)
    }

    private func run(
        _ org: OrgClient,
        _ parts: [JSON],
        allOrNone: Bool = false
    ) async throws -> [JSON] {
        let answer = try await org.send(
            "POST",
            "composite",
            ["allOrNone": .bool(allOrNone), "compositeRequest": .array(parts)]
        )
        return answer.json["compositeResponse"]?.array ?? []
    }

    @Test("lets later parts use what earlier ones found or made")
    func references() async throws {
        try await withOrg { org in
            let rows: JSON = [
                "records": [
                    ["attributes": ["type": "Contact"], "LastName": "A"],
                    ["attributes": ["type": "Contact"], "LastName": "B"],
                ]
            ]
            let responses = try await run(
                org,
                [
                    part("POST", "composite/sobjects", "people", rows),
                    part("GET", "query/?q=SELECT+Id,LastName+FROM+Contact+ORDER+BY+LastName", "q"),
                    part(
                        "POST",
                        "sobjects/Event",
                        "event",
                        [
                            "StartDateTime": "2026-03-01T09:00:00Z", "DurationInMinutes": 5,
                            "WhoId": "@{people[1].id}", "Subject": "With @{q.records[0].LastName}",
                        ]
                    ),
                    part("GET", "sobjects/Event/@{event.id}?fields=Subject,Who.Name", "read"),
                ]
            )
            #expect(responses.map { $0["httpStatusCode"] } == [200, 200, 201, 200])
            #expect(responses.last?["body"]?["Subject"] == "With A")
            #expect(responses.last?["body"]?["Who"]?["Name"] == "B")
            #expect(responses[2]["httpHeaders"]?["Location"] != nil)
        }
    }

    @Test("takes a reference for one, whatever mark follows its brace")
    func marks() async throws {
        try await withOrg { org in
            let body: JSON = ["LastName": "@{\u{301}x.id}"]
            let responses = try await run(org, [part("POST", "sobjects/Contact", "a", body)])
            #expect(responses.map { $0["httpStatusCode"] } == [400])
        }
    }

    @Test("keeps what succeeded beside what failed")
    func partial() async throws {
        try await withOrg { org in
            let responses = try await run(
                org,
                [
                    part("POST", "sobjects/Contact", "bad", [:]),
                    part("POST", "sobjects/Contact", "good", ["LastName": "A"]),
                    part("PATCH", "sobjects/Contact/@{bad.id}", "after", ["Title": "x"]),
                    part("PATCH", "sobjects/Contact/@{good.id}", "last", ["Title": "x"]),
                ]
            )
            #expect(responses.map { $0["httpStatusCode"] } == [400, 201, 400, 204])
            #expect(responses[2]["body"]?.array?.first?["errorCode"] == "PROCESSING_HALTED")
            #expect(responses[3]["body"] == .null)
        }
    }

    @Test("takes everything back when all or none is asked for")
    func allOrNone() async throws {
        try await withOrg { org in
            let responses = try await run(
                org,
                [
                    part("POST", "sobjects/Contact", "a", ["LastName": "A"]),
                    part("POST", "sobjects/Contact", "b", [:]),
                    part("POST", "sobjects/Contact", "c", ["LastName": "C"]),
                ],
                allOrNone: true
            )
            let codes = responses.map { $0["body"]?.array?.first?["errorCode"] }
            #expect(codes == ["PROCESSING_HALTED", "REQUIRED_FIELD_MISSING", "PROCESSING_HALTED"])
            #expect(try await org.query("SELECT COUNT() FROM Contact").json["totalSize"] == 0)
            let stats = try await org.control("GET", "stats")
            #expect(stats["writes"]?["create"] == 0)
        }
    }

    @Test("has 25 parts at most, 5 of them queries or collections, and counts as one call")
    func limits() async throws {
        try await withOrg { org in
            let many = (0..<26).map { part("GET", "sobjects/Contact", "r\($0)") }
            let queries = (0..<6).map { part("GET", "query?q=SELECT+Id+FROM+Lead", "r\($0)") }
            for parts in [many, queries] {
                let body: JSON = ["compositeRequest": .array(parts)]
                #expect(try await org.send("POST", "composite", body).status == 400)
            }
            try await org.control("POST", "stats/reset")
            _ = try await run(org, Array(queries.prefix(5)))
            let stats = try await org.control("GET", "stats")
            #expect(stats["apiCalls"] == 1)
            #expect(stats["queries"] == 5)
        }
    }

    @Test("batch counts one call per part")
    func batch() async throws {
        try await withOrg { org in
            let answer = try await org.send(
                "POST",
                "composite/batch",
                [
                    "haltOnError": true,
                    "batchRequests": [
                        ["method": "GET", "url": "/services/data/v62.0/limits"],
                        ["method": "GET", "url": "v62.0/nothing"],
                        ["method": "GET", "url": "v62.0/limits"],
                    ],
                ]
            )
            let codes = answer.json["results"]?.array?.map { $0["statusCode"] }
            #expect(codes == [200, 404, 412])
            #expect(try await org.control("GET", "stats")["apiCalls"] == 3)
        }
    }

    @Test("graphs happen or do not, each by itself")
    func graphs() async throws {
        try await withOrg { org in
            let good = part("POST", "sobjects/Contact", "a", ["LastName": "A"])
            let bad = part("POST", "sobjects/Contact", "b", [:])
            let answer = try await org.send(
                "POST",
                "composite/graph",
                [
                    "graphs": [
                        ["graphId": "g1", "compositeRequest": [good]],
                        ["graphId": "g2", "compositeRequest": [good, bad]],
                    ]
                ]
            )
            let graphs = answer.json["graphs"]?.array ?? []
            #expect(graphs.map { $0["isSuccessful"] } == [true, false])
            #expect(try await org.query("SELECT COUNT() FROM Contact").json["totalSize"] == 1)
        }
    }

    @Test("tree makes parents and children, or says what was wrong")
    func tree() async throws {
        try await withOrg { org in
            let child: JSON = [
                "records": [
                    ["attributes": ["type": "Contact", "referenceId": "c"], "LastName": "C"]
                ]
            ]
            let records: JSON = [
                "records": [
                    [
                        "attributes": ["type": "Account", "referenceId": "a"], "Name": "A",
                        "Contacts": child,
                    ]
                ]
            ]
            let made = try await org.send("POST", "composite/tree/Account", records)
            #expect(made.status == 201 && made.json["results"]?.array?.count == 2)
            let found = try await org.query("SELECT LastName FROM Contact WHERE Account.Name = 'A'")
            #expect(found.records.count == 1)
        }
    }
}
