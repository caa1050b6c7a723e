import AsyncHTTPClient
import Testing

@testable import SalesforceEmulator

@Suite("Ordered faults")
struct FaultTests {
    /// A call that an error of some kind strikes.
    private static func provoke(
        _ org: OrgClient,
        _ scope: ErrorCatalogue.Scope
    ) async throws -> OrgClient.Answer {
        switch scope {
        case .row: try await org.send("POST", "sobjects/Contact", ["LastName": "A"])
        case .query: try await org.query("SELECT Id FROM Contact")
        case .request: try await org.send("GET", "limits")
        }
    }

    @Test("give every error by its code, once", arguments: ErrorCatalogue.all.map(\.code))
    func everyCode(code: String) async throws {
        let entry = try #require(ErrorCatalogue.entry(code))
        try await withOrg { org in
            try await org.control("POST", "faults", ["kind": "error", "code": .string(code)])
            let struck = try await Self.provoke(org, entry.scope)
            #expect(struck.status == entry.status)
            #expect(struck.code == code)
            #expect(struck.message == entry.message)
            let fields = struck.json.array?.first?["fields"]
            #expect(fields == (entry.scope == .row ? [] : nil))
            let next = try await Self.provoke(org, entry.scope)
            #expect((200..<300).contains(next.status))
        }
    }

    @Test("can be told what to say")
    func ownError() async throws {
        try await withOrg { org in
            try await org.control(
                "POST",
                "faults",
                ["kind": "error", "code": "BAD_GATEWAY", "status": 502, "message": "x"]
            )
            let answer = try await org.send("GET", "limits")
            #expect(answer.status == 502 && answer.code == "BAD_GATEWAY" && answer.message == "x")
        }
    }

    @Test(
        "are refused when they make no sense",
        arguments: [
            ["kind": "nonsense"], ["kind": "error"], ["kind": "error", "code": "NO_SUCH_CODE"],
            ["kind": "slow", "when": "never"], ["kind": "lockRow", "when": "afterCommit"],
        ] as [JSON]
    )
    func refusedOrders(order: JSON) async throws {
        try await withOrg { org in
            let answer = try await org.send("POST", "/emulator/faults", order)
            #expect(answer.status == 400)
            #expect(try await org.control("GET", "faults")["pending"] == 0)
        }
    }

    /// A rule, and which of four calls it strikes: a read and a write of a contact, a write of a
    /// lead, a composite call about a contact.
    struct Rule: Sendable {
        let rule: JSONObject
        let strikes: [Bool]
    }

    static let rules = [
        Rule(rule: ["match": "sobjects/Contact"], strikes: [true, true, false, false]),
        Rule(rule: ["method": "post"], strikes: [false, true, true, true]),
        Rule(rule: ["object": "contact"], strikes: [true, true, false, true]),
        Rule(
            rule: ["object": "Contact", "method": "POST", "match": "composite"],
            strikes: [false, false, false, true]
        ),
        Rule(rule: ["skip": 2, "count": 1], strikes: [false, false, true, false]),
        Rule(
            rule: ["when": "afterCommit", "object": "Contact"],
            strikes: [false, true, false, true]
        ),
    ]

    @Test("strike by path, method, type, number and moment", arguments: rules)
    func matching(rule: Rule) async throws {
        try await withOrg { org in
            var order = rule.rule
            order["kind"] = "serverUnavailable"
            if order["count"] == nil { order["count"] = 9 }
            try await org.control("POST", "faults", .object(order))
            let record: JSON = ["attributes": ["type": "Contact"], "LastName": "B"]
            let statuses = [
                try await org.send("GET", "sobjects/Contact/describe").status,
                try await org.send("POST", "sobjects/Contact", ["LastName": "A"]).status,
                try await org.send("POST", "sobjects/Lead", ["LastName": "A", "Company": "C"])
                    .status,
                try await org.send("POST", "composite/sobjects", ["records": [record]]).status,
            ]
            #expect(statuses.map { $0 == 503 } == rule.strikes)
            try await org.control("DELETE", "faults")
            let count = try await org.query("SELECT COUNT() FROM Contact").json["totalSize"]
            // What was struck after the commit is there all the same.
            let isLate = order["when"] == "afterCommit"
            let lost = isLate ? 0 : [rule.strikes[1], rule.strikes[3]].count { $0 }
            #expect(count == .integer(2 - lost))
        }
    }

    @Test("strike single rows of collections and of bulk jobs")
    func rows() async throws {
        try await withOrg { org in
            let order: JSON = [
                "kind": "error", "code": "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
                "skip": 1, "object": "Contact",
            ]
            let record: JSON = ["attributes": ["type": "Contact"], "LastName": "A"]
            try await org.control("POST", "faults", order)
            let rows = try await org.send(
                "POST",
                "composite/sobjects",
                ["records": [record, record, record]]
            )
            #expect(rows.json.array?.map { $0["success"] } == [true, false, true])
            let code = rows.json.array?[1]["errors"]?.array?.first?["statusCode"]
            #expect(code == "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY")
            try await org.control("POST", "faults", order)
            let done = try await org.ingest(BulkIngestTests.contacts, "LastName\nA\nB\nC\n")
            #expect(done.job["numberRecordsFailed"] == 1)
            #expect(done.failed.contains("INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY:"))
        }
    }

    @Test("lose the answer to a bulk job that was made all the same")
    func lostJob() async throws {
        try await withOrg { org in
            try await org.control(
                "POST",
                "faults",
                ["kind": "connectionClosed", "when": "afterCommit"]
            )
            await #expect(throws: (any Error).self) {
                try await org.send("POST", "jobs/ingest", BulkIngestTests.contacts)
            }
            let jobs = try await org.send("GET", "jobs/ingest").json["records"]?.array
            #expect(jobs?.count == 1)
        }
    }

    @Test("speak the language of the path: objects for tokens, envelopes for SOAP")
    func shapes() async throws {
        try await withOrg { org in
            try await org.control(
                "POST",
                "faults",
                [
                    "kind": "error", "code": "invalid_grant", "status": 400,
                    "message": "expired access/refresh token", "match": "oauth2",
                ]
            )
            let token = try await org.send("POST", "/services/oauth2/token")
            #expect(token.status == 400)
            #expect(token.json["error"] == "invalid_grant")
            #expect(token.json["error_description"] == "expired access/refresh token")
            try await org.control(
                "POST",
                "faults",
                ["kind": "error", "code": "PASSWORD_LOCKOUT", "match": "Soap"]
            )
            let login = try await org.send(
                "POST",
                "/services/Soap/u/62.0",
                text: "<login/>",
                type: "text/xml"
            )
            #expect(login.status == 500)
            #expect(login.text.contains("<sf:exceptionCode>PASSWORD_LOCKOUT</sf:exceptionCode>"))
        }
    }

    @Test("are listed with what is left of them")
    func list() async throws {
        try await withOrg { org in
            try await org.control("POST", "faults", ["kind": "lockRow", "count": 3])
            _ = try await org.send("POST", "sobjects/Contact", ["LastName": "A"])
            let faults = try await org.control("GET", "faults")["faults"]?.array
            #expect(faults?.first?["count"] == 2)
            #expect(faults?.first?["code"] == "UNABLE_TO_LOCK_ROW")
        }
    }
}
