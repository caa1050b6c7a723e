import Domain
import Testing

@testable import Salesforce

@Suite("Reading")
struct ReadTests {
    private let org = TinyOrg()

    /// Answers every GET with rows.
    private func answer(_ body: @escaping @Sendable (_ url: String) -> Subanswer) {
        org.arrange { $0.get = body }
    }

    private static func rows(_ ids: String..., next: String? = nil) -> Subanswer {
        let records = JSON.array(ids.map { .compact([("Id", .string($0))]) })
        return Subanswer(
            status: 200,
            body: .compact([
                ("done", .bool(next == nil)), ("records", records),
                ("nextRecordsUrl", next.map(JSON.string)),
            ])
        )
    }

    private static func query(_ field: String) -> ReadRequest {
        .query(Query([field], from: .contact, where: .all))
    }

    @Test("asks a single short question directly")
    func single() async throws {
        answer { _ in Self.rows("1") }
        let answers = try await org.client().read([Self.query("Id")])
        #expect(answers == [.rows([.compact([("Id", .string("1"))])])])
        #expect(org.calls.map(\.method) == ["GET"])
        #expect(
            org.calls[0].url.hasSuffix("/services/data/v62.0/query?q=SELECT%20Id%20FROM%20Contact")
        )
    }

    @Test("packs up to five queries and any number of describes into one call")
    func packed() async throws {
        answer { url in
            url.hasSuffix("/describe")
                ? Subanswer(status: 404, body: .array([])) : Self.rows(String(url.suffix(14)))
        }
        let id = try #require(SalesforceID("003000000000001AAA"))
        let requests =
            (0..<3).map { Self.query("F\($0)") }
            + [.records(.contact, [id], fields: ["Email"])]
            + [Self.query("Z"), .describe(.contact), .describe("Nothing")]
        let answers = try await org.client().read(requests)
        #expect(org.calls.count == 1)
        #expect(answers.count == 7)
        #expect(answers[3] == .rows([]))
        #expect(answers[6] == .description(nil))
        _ = try await org.client().read((0..<11).map { Self.query("F\($0)") })
        #expect(org.calls.count == 1 + 3)
    }

    @Test("answers nothing without a call")
    func nothing() async throws {
        let requests: [ReadRequest] = [
            .query(Query(["Id"], from: .contact, where: .isIn("Email", []))),
            .records(.contact, [], fields: ["Email"]),
        ]
        #expect(try await org.client().read(requests) == [.rows([]), .rows([])])
        #expect(org.calls.isEmpty)
    }

    @Test("follows pages, those of several queries in one call")
    func pages() async throws {
        answer { url in
            switch url {
            case let url where url.hasSuffix("Contact") && url.contains("F1"):
                Self.rows("1", next: "/services/data/v62.0/query/01g1-2000")
            case let url where url.hasSuffix("Contact"):
                Self.rows("2", next: "/services/data/v62.0/query/01g2-2000")
            case let url where url.hasSuffix("01g1-2000"): Self.rows("3")
            default: Self.rows("4")
            }
        }
        let answers = try await org.client().read([Self.query("F1"), Self.query("F2")])
        #expect(
            answers.map { $0.rows.compactMap { $0["Id"]?.string } } == [["1", "3"], ["2", "4"]]
        )
        #expect(org.calls.count == 2)
    }

    @Test("reads known records 2,000 at a time and leaves out what cannot be seen")
    func records() async throws {
        let ids = (0..<4_500).compactMap { SalesforceID("003" + String(100_000_000_000 + $0)) }
        let known = ids[4_321].rawValue
        org.arrange { $0.records[known] = ["Email": .string("a@x.com")] }
        let request = ReadRequest.records(.contact, ids + ids, fields: ["Email"])
        let rows = try await org.client().read([request])[0].rows
        #expect(rows.count == 1)
        #expect(org.calls.count == 1)
        #expect(try org.subrequests(0).count == 3)
    }

    @Test("asks for deleted rows where they are")
    func deleted() async throws {
        answer { _ in Self.rows() }
        let query = Query(["Id"], from: .contact, where: .all, includesDeleted: true)
        _ = try await org.client().read([.query(query)])
        #expect(org.calls[0].url.contains("/queryAll?q="))
    }

    @Test("never takes a failed look-up for an empty answer", arguments: [1, 2])
    func failure(count: Int) async throws {
        answer { url in
            url.contains("F0")
                ? Subanswer(
                    status: 400,
                    body: .array([
                        .compact([
                            ("errorCode", .string("INVALID_FIELD")),
                            (
                                "message",
                                .string(
                                    """

                                    WHERE Email IN ('a@x.com')
                                    ^
                                    ERROR at Row:1:Column:8
                                    No such column 'F0' on entity 'Contact'.
                                    """
                                )
                            ),
                        ])
                    ])
                ) : Self.rows()
        }
        let message = "ERROR at Row:1:Column:8 No such column 'F0' on entity 'Contact'."
        await #expect(throws: SalesforceError.rejected(code: "INVALID_FIELD", message)) {
            try await org.client().read((0..<count).map { Self.query("F\($0)") })
        }
    }

    @Test("tries again with growing pauses, and gives up")
    func retries() async throws {
        let pauses = Pauses()
        answer { _ in Self.rows("1") }
        org.script(
            .failure(.beforeSending("refused")),
            .success(.json(502, "<html>")),
            .failure(.afterSending("time-out"))
        )
        _ = try await org.client(pauses: pauses).read([Self.query("Id")])
        #expect(pauses.all == [.milliseconds(375), .milliseconds(750), .milliseconds(1_500)])
        org.script(
            .success(.error(500, "UNKNOWN_EXCEPTION")),
            .success(.error(503, "SERVER_UNAVAILABLE"))
        )
        await #expect(throws: SalesforceError.unreachable("the server is busy")) {
            try await org.client(tries: 2).read([Self.query("Id")])
        }
    }

    @Test("asks a part again that failed inside a composite call")
    func partRetried() async throws {
        let pauses = Pauses()
        let client = try org.client(pauses: pauses)
        // The second call holds the failed part alone, and goes without an envelope.
        org.script(
            .success(
                .json(
                    200,
                    #"""
                    {"compositeResponse":[
                    {"body":[],"httpStatusCode":500,"referenceId":"r0"},
                    {"body":{"done":true,"records":[]},"httpStatusCode":200,"referenceId":"r1"}]}
                    """#
                )
            )
        )
        answer { _ in Self.rows("1") }
        let answers = try await client.read([Self.query("F0"), Self.query("F1")])
        #expect(answers.map(\.rows.count) == [1, 0])
        #expect(org.calls.map(\.method) == ["POST", "GET"])
        #expect(pauses.all.count == 1)
    }

    @Test("does without EventWhoIds where the org does not show them")
    func attendees() async throws {
        org.arrange { state in
            state.unreadable = ["EventWhoIds"]
            state.records["00U000000000001AAA"] = ["Subject": .string("Intro")]
        }
        let id = try #require(SalesforceID("00U000000000001AAA"))
        let request = ReadRequest.records(.eventRecord, [id], fields: ["EventWhoIds", "Subject"])
        let rows = try await org.client().read([request])[0].rows
        #expect(rows.map { $0["Subject"]?.string } == ["Intro"])
    }

    @Test("counts its calls and notes the org's allowance")
    func usage() async throws {
        let client = try org.client()
        org.script(
            .success(
                .json(
                    200,
                    #"{"done":true,"records":[]}"#,
                    limitInfo: "api-usage=25/5000; per-app-api-usage=17/250(appName=x)"
                )
            )
        )
        _ = try await client.read([Self.query("Id")])
        #expect(await client.usage == APIUsage(calls: 1, usedToday: 25, allowedToday: 5_000))
    }

    @Test("tells which org it is")
    func organization() async throws {
        let row =
            #"{"Id":"00D000000000001EAA","Name":"Acme","IsSandbox":true,"OrganizationType":"T"}"#
        org.script(.success(.json(200, #"{"done":true,"records":[\#(row)]}"#)))
        let id = try #require(SalesforceID("00D000000000001EAA"))
        #expect(
            try await org.client().organization()
                == Organization(id: id, name: "Acme", isSandbox: true, type: "T")
        )
    }

    @Test("keeps describes for the records it reads later, values by API name in any translation")
    func describe() async throws {
        let describe = #"""
            {"name":"Contact","createable":true,"updateable":true,"deletable":false,"fields":[
            {"name":"Tier__c","label":"Tier","type":"multipicklist","length":40,"createable":true,
            "updateable":false,"nillable":false,"defaultedOnCreate":true,"externalId":false,
            "restrictedPicklist":true,"picklistValues":[{"active":true,"value":"A","label":"Erste"},
            {"active":false,"value":"B","label":"Zweite"}],"referenceTo":[]}]}
            """#
        let client = try org.client()
        org.script(.success(.json(200, describe)))
        let answers = try await client.read([.describe(.contact)])
        let field = FieldDescription(
            name: "Tier__c",
            label: "Tier",
            type: "multipicklist",
            length: 40,
            isUpdateable: false,
            isNillable: false,
            isDefaultedOnCreate: true,
            isRestrictedPicklist: true,
            activeValues: ["A"]
        )
        let description = ObjectDescription(
            name: .contact,
            isCreateable: true,
            isUpdateable: true,
            isDeletable: false,
            fields: ["Tier__c": field]
        )
        #expect(answers == [.description(description)])
        var contact = Sample.contact(1)
        contact.fields["Tier__c"] = .value(.choices(["A", "C"]))
        let outcome = try await client.send([contact], known: [:])[0]
        guard case .written(_, _, let seen) = outcome else {
            Issue.record("not written")
            return
        }
        #expect(seen?.value("Tier__c") == .choices(["A", "C"]))
    }
}
