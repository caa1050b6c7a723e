import AsyncHTTPClient
import NIOCore
import Testing

@testable import SalesforceEmulator

@Suite("Gateway")
struct GatewayTests {
    /// A failure that can be ordered, and what the client sees.
    struct Row: Sendable {
        let kind: JSON
        let status: Int
        let code: String
        let isWritten: Bool
    }

    static let answered = [
        Row(kind: "serverUnavailable", status: 503, code: "SERVER_UNAVAILABLE", isWritten: false),
        Row(kind: "unknownException", status: 500, code: "UNKNOWN_EXCEPTION", isWritten: false),
        Row(kind: "requestLimit", status: 403, code: "REQUEST_LIMIT_EXCEEDED", isWritten: false),
        Row(kind: "lockRow", status: 400, code: "UNABLE_TO_LOCK_ROW", isWritten: false),
        Row(kind: "expiredToken", status: 401, code: "INVALID_SESSION_ID", isWritten: false),
    ]

    @Test("fails as ordered, once, and then works again", arguments: answered)
    func faults(row: Row) async throws {
        try await withOrg { org in
            try await org.control("POST", "faults", ["kind": row.kind, "match": "Contact"])
            let failed = try await org.send("POST", "sobjects/Contact", ["LastName": "A"])
            #expect(failed.status == row.status)
            #expect(failed.code == row.code)
            let count = try await OrgClient(base: org.base, token: "fresh")
                .query("SELECT COUNT() FROM Contact")
            #expect(count.json["totalSize"] == 0)
            let next = try await OrgClient(base: org.base, token: "fresh")
                .send("POST", "sobjects/Contact", ["LastName": "A"])
            #expect(next.status == 201)
        }
    }

    @Test("hangs up without an answer", arguments: ["connectionClosed", "timeoutAfterCommit"])
    func hangUp(kind: String) async throws {
        try await withOrg { org in
            try await org.control("POST", "faults", ["kind": .string(kind)])
            if kind == "timeoutAfterCommit" {
                #expect(try await org.query("SELECT Id FROM Contact").status == 200)
            }
            await #expect(throws: (any Error).self) {
                try await org.send("POST", "sobjects/Contact", ["LastName": "A"])
            }
            let count = try await org.query("SELECT COUNT() FROM Contact").json["totalSize"]
            #expect(count == (kind == "timeoutAfterCommit" ? 1 : 0))
        }
    }

    @Test("takes orders back")
    func clearFaults() async throws {
        try await withOrg { org in
            try await org.control("POST", "faults", ["kind": "serverUnavailable", "count": 9])
            try await org.control("DELETE", "faults")
            #expect(try await org.send("GET", "limits").status == 200)
        }
    }

    @Test("needs a token, and knows dead ones")
    func tokens() async throws {
        try await withOrg { org in
            let without = try await OrgClient(base: org.base, token: nil).send("GET", "limits")
            #expect(without.status == 401)
            #expect(
                without.json == [
                    ["message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"]
                ]
            )
            try await org.control("POST", "tokens/revoke", ["token": "token"])
            #expect(try await org.send("GET", "limits").status == 401)
            #expect(
                try await OrgClient(base: org.base, token: nil).send("GET", "/services/data").status
                    == 200
            )
        }
    }

    @Test("lets a token act as another user")
    func actingUser() async throws {
        try await withOrg { org in
            try await org.control(
                "POST",
                "tokens",
                ["token": "p", "email": "priya.raman@example.com"]
            )
            let priya = OrgClient(base: org.base, token: "p")
            let id = try await priya.create("Contact", ["LastName": "A"])
            let found = try await org.query(
                "SELECT Owner.Name, CreatedBy.Name FROM Contact WHERE Id = '\(id)'"
            )
            #expect(found.records.first?["CreatedBy"]?["Name"] == "Priya Raman")
            let identity = try await priya.send("GET", "/services/oauth2/userinfo")
            #expect(identity.json["email"] == "priya.raman@example.com")
        }
    }

    @Test("stops at the daily limit, and says how far it is")
    func dailyLimit() async throws {
        try await withOrg(settings: ["dailyLimit": 10, "used": 9]) { org in
            let last = try await org.send("GET", "limits")
            #expect(last.headers["sforce-limit-info"] == "api-usage=10/10")
            let next = try await org.send("GET", "limits")
            #expect(next.status == 403 && next.code == "REQUEST_LIMIT_EXCEEDED")
        }
    }

    @Test("counts what was done, and not what the control interface did")
    func counters() async throws {
        try await withOrg { org in
            let id = try await org.create("Contact", ["LastName": "A"])
            _ = try await org.send("PATCH", "sobjects/Contact/\(id)", ["Title": "x"])
            _ = try await org.send("DELETE", "sobjects/Contact/\(id)")
            _ = try await org.query("SELECT Id FROM Contact")
            _ = try await org.send("POST", "sobjects/Contact", [:])
            let stats = try await org.control("GET", "stats")
            let writes: JSON = ["create": 1, "update": 1, "delete": 1]
            #expect(
                stats == [
                    "apiCalls": 5, "requests": 5, "queries": 1, "writes": writes,
                    "perObject": ["Contact": writes],
                ]
            )
        }
    }

    /// A request that leads nowhere.
    static let wrong: [(method: String, path: String, status: Int, code: String)] = [
        ("GET", "/nothing", 404, "NOT_FOUND"),
        ("GET", "nothing", 404, "NOT_FOUND"),
        ("GET", "/services/data/v20.0/limits", 410, "UNSUPPORTED_API_VERSION"),
        ("GET", "/services/data/v99.0/limits", 404, "NOT_FOUND"),
        ("DELETE", "sobjects/Contact", 405, "METHOD_NOT_ALLOWED"),
        ("POST", "query?q=x", 405, "METHOD_NOT_ALLOWED"),
        ("POST", "sobjects/Contact", 400, "JSON_PARSER_ERROR"),
    ]

    @Test("answers what leads nowhere as the real service does")
    func wrongRequests() async throws {
        try await withOrg { org in
            for row in Self.wrong {
                let answer = try await org.send(row.method, row.path)
                #expect(answer.status == row.status, "\(row.method) \(row.path)")
                #expect(answer.code == row.code, "\(row.method) \(row.path)")
                #expect(answer.headers["content-type"] == "application/json;charset=UTF-8")
            }
        }
    }

    /// The forms by which a token is got.
    static let grants: [(form: String, status: Int)] = [
        ("grant_type=refresh_token&refresh_token=r", 200),
        ("grant_type=client_credentials", 200),
        ("grant_type=password&username=admin@example.com&password=p", 200),
        ("grant_type=password&username=ivo.gone@example.com&password=p", 400),
        ("grant_type=password&username=admin@example.com&password=wrong", 400),
        ("grant_type=authorization_code&code=c", 200),
        ("grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer&assertion=a", 200),
        ("grant_type=nothing", 400),
    ]

    @Test("gives tokens that work")
    func logIn() async throws {
        try await withOrg { org in
            for grant in Self.grants {
                let answer = try await org.send(
                    "POST",
                    "/services/oauth2/token?\(grant.form)"
                )
                #expect(answer.status == grant.status, "\(grant.form)")
                #expect((answer.json["error"] != nil) == (grant.status == 400))
                guard let token = answer.json["access_token"]?.text else { continue }
                let client = OrgClient(base: org.base, token: token)
                #expect(try await client.send("GET", "limits").status == 200)
                #expect(answer.json["instance_url"] == .string(org.base))
            }
        }
    }
}
