import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Testing

@testable import SalesforceEmulator

@Suite("Log-ins at an org with connected apps")
struct LoginTests {
    /// Asks for a token and gives the answer.
    private func token(_ org: OrgClient, _ form: String) async throws -> OrgClient.Answer {
        try await org.send("POST", "/services/oauth2/token?\(form)")
    }

    /// Follows nothing: the redirect itself is the answer.
    private func redirect(_ org: OrgClient, _ query: String) async throws -> [String: String] {
        let client = HTTPClient(configuration: .init(redirectConfiguration: .disallow))
        let request = HTTPClientRequest(url: "\(org.base)/services/oauth2/authorize?\(query)")
        let location: String?
        do {
            let response = try await client.execute(request, timeout: .seconds(300))
            location = response.headers.first(name: "Location")
        } catch {
            try await client.shutdown()
            throw error
        }
        try await client.shutdown()
        let parameters = location?.split(separator: "?").last.map { FormEncoding.parameters($0) }
        return Dictionary((parameters ?? []).map { ($0.name, $0.value) }) { first, _ in first }
    }

    private static let app: JSON = [
        "clientId": "key", "clientSecret": "secret", "rotates": true,
        "redirectURIs": ["http://localhost:1/callback"],
    ]

    static let refusals: [(form: String, error: String)] = [
        ("grant_type=client_credentials&client_id=other&client_secret=secret", "invalid_client_id"),
        ("grant_type=client_credentials&client_id=key&client_secret=wrong", "invalid_client"),
        ("grant_type=client_credentials&client_id=key", "invalid_client"),
        (
            "grant_type=refresh_token&refresh_token=none&client_id=key&client_secret=secret",
            "invalid_grant"
        ),
        (
            "grant_type=authorization_code&code=none&client_id=key&client_secret=secret",
            "invalid_grant"
        ),
    ]

    @Test("are refused to strangers")
    func strangers() async throws {
        try await withOrg { org in
            try await org.control("POST", "apps", Self.app)
            for refusal in Self.refusals {
                let answer = try await token(org, refusal.form)
                #expect(answer.status == 400, "\(refusal.form)")
                #expect(answer.json["error"]?.text == refusal.error, "\(refusal.form)")
            }
            let good = "grant_type=client_credentials&client_id=key&client_secret=secret"
            #expect(try await token(org, good).status == 200)
            try await org.control("POST", "apps", ["clientId": "key", "runAs": false])
            let answer = try await token(org, "grant_type=client_credentials&client_id=key")
            #expect(
                answer.json["error_description"]?.text == "no client credentials user enabled"
            )
        }
    }

    @Test("rotate refresh tokens: the old one is dead once it was used")
    func rotation() async throws {
        try await withOrg { org in
            try await org.control("POST", "apps", Self.app)
            try await org.control("POST", "refresh-tokens", ["token": "r1", "clientId": "key"])
            let client = "client_id=key&client_secret=secret&grant_type=refresh_token"
            let first = try await token(org, "\(client)&refresh_token=r1")
            let rotated = try #require(first.json["refresh_token"]?.text)
            #expect(try await token(org, "\(client)&refresh_token=r1").status == 400)
            let alive = try await org.send("POST", "/services/oauth2/introspect?token=\(rotated)")
            #expect(alive.json["active"] == true)
            let second = try await token(org, "\(client)&refresh_token=\(rotated)")
            let third = try #require(second.json["refresh_token"]?.text)
            _ = try await org.send("POST", "/services/oauth2/revoke?token=\(third)")
            #expect(try await token(org, "\(client)&refresh_token=\(third)").status == 400)
            let dead = try await org.send("POST", "/services/oauth2/introspect?token=\(third)")
            #expect(dead.json["active"] == false)
        }
    }

    /// The challenge of RFC 7636, appendix B, and its verifier.
    private static let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    private static let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    private static let query = """
        response_type=code&client_id=key&redirect_uri=http%3A%2F%2Flocalhost%3A1%2Fcallback&state=s
        """

    @Test("in the browser give a code that one client can use once, within 15 minutes")
    func code() async throws {
        try await withOrg { org in
            try await org.control("POST", "apps", Self.app)
            let form = """
                grant_type=authorization_code&client_id=key&client_secret=secret\
                &redirect_uri=http%3A%2F%2Flocalhost%3A1%2Fcallback
                """
            let rows: [(more: String, wait: Int, error: String?)] = [
                ("&code_verifier=\(Self.verifier)", 900, nil),
                ("&code_verifier=\(Self.verifier)", 901, "invalid_grant"),
                ("&code_verifier=another", 0, "invalid_request"), ("", 0, "invalid_grant"),
            ]
            for row in rows {
                let back = try await redirect(
                    org,
                    "\(Self.query)&code_challenge=\(Self.challenge)"
                )
                #expect(back["state"] == "s")
                let code = FormEncoding.encoded(try #require(back["code"]))
                try await org.control("POST", "clock", ["advanceSeconds": .integer(row.wait)])
                let answer = try await token(org, "\(form)&code=\(code)\(row.more)")
                #expect(answer.json["error"]?.text == row.error, "\(row)")
                #expect((answer.json["refresh_token"] != nil) == (row.error == nil))
                #expect(try await token(org, "\(form)&code=\(code)\(row.more)").status == 400)
            }
        }
    }

    @Test("in the browser bring back the error, or the state, that was ordered")
    func manners() async throws {
        try await withOrg { org in
            try await org.control("POST", "log-in", ["consentError": "access_denied"])
            let denied = try await redirect(org, Self.query)
            #expect(denied["error"] == "access_denied")
            #expect(denied["code"] == nil)
            try await org.control("POST", "log-in", ["state": "tampered"])
            let tampered = try await redirect(org, Self.query)
            #expect(tampered["state"] == "tampered")
            #expect(tampered["code"] != nil)
            let other = Self.query.replacing("localhost", with: "elsewhere")
            try await org.control("POST", "apps", Self.app)
            #expect(try await redirect(org, other).isEmpty)
        }
    }
}

@Suite("Setting an org up")
struct SetupTests {
    private static let field: JSON = [
        "FullName": "Activity.Meeting_Key__c",
        "Metadata": ["type": "Text", "label": "Meeting Key", "length": 255, "externalId": true],
    ]
    private static let question = """
        tooling/query?q=SELECT+Id+FROM+CustomField+WHERE+DeveloperName+=+'Meeting_Key'\
        +AND+TableEnumOrId+=+'Activity'
        """

    private func sees(_ org: OrgClient) async throws -> JSON? {
        let fields = try await org.send("GET", "sobjects/Event/describe").json["fields"]?.array
        return fields?.first { $0["name"]?.text == "Meeting_Key__c" }
    }

    @Test("hides a new field until a permission set opens it to the user")
    func fieldLevelSecurity() async throws {
        try await withOrg(settings: ["fieldLevelSecurity": true]) { org in
            #expect(try await org.send("GET", Self.question).json["size"] == 0)
            let made = try await org.send("POST", "tooling/sobjects/CustomField", Self.field)
            #expect(made.status == 201)
            #expect(try await org.send("GET", Self.question).json["size"] == 1)
            #expect(try await sees(org) == nil)
            let set = try await org.create("PermissionSet", ["Name": "Open", "Label": "Open"])
            let access: JSON = [
                "ParentId": .string(set), "SobjectType": "Event", "Field": "Event.Meeting_Key__c",
                "PermissionsRead": true,
            ]
            let open = try await org.create("FieldPermissions", access)
            #expect(try await sees(org) == nil)
            _ = try await org.create(
                "PermissionSetAssignment",
                [
                    "PermissionSetId": .string(set),
                    "AssigneeId": .string(DefaultOrg.integrationUser),
                ]
            )
            #expect(try await sees(org)?["createable"] == false)
            let path = "sobjects/FieldPermissions/\(open)"
            _ = try await org.send("PATCH", path, ["PermissionsEdit": true])
            #expect(try await sees(org)?["createable"] == true)
            // What is open to one user is hidden from the others.
            try await org.control(
                "POST",
                "tokens",
                ["token": "t", "email": "priya.raman@example.com"]
            )
            var priya = org
            priya.token = "t"
            #expect(try await sees(priya) == nil)
            #expect(try await org.send("POST", "sobjects/FieldPermissions", access).status == 400)
        }
    }

    @Test("refuses it to who may not")
    func refused() async throws {
        try await withOrg(settings: ["setupAccess": false]) { org in
            let made = try await org.send("POST", "tooling/sobjects/CustomField", Self.field)
            #expect(made.status == 403)
            #expect(made.code == "INSUFFICIENT_ACCESS")
            let set = try await org.send(
                "POST",
                "sobjects/PermissionSet",
                ["Name": "A", "Label": "A"]
            )
            #expect(set.status == 400)
        }
    }

    @Test("takes objects, fields and rights away as ordered")
    func restricted() async throws {
        let settings: JSON = [
            "hiddenObjects": ["Lead"], "readOnlyObjects": ["Contact"],
            "hiddenFields": ["Event.Location"],
        ]
        try await withOrg(settings: settings) { org in
            #expect(try await org.send("GET", "sobjects/Lead/describe").status == 404)
            let contact = try await org.send("GET", "sobjects/Contact/describe").json
            #expect(contact["createable"] == false)
            #expect(try await org.send("POST", "sobjects/Contact", ["LastName": "A"]).status == 400)
            let event = try await org.send("GET", "sobjects/Event/describe").json
            let names = event["fields"]?.array?.compactMap { $0["name"]?.text } ?? []
            #expect(!names.contains("Location"))
            #expect(names.contains("Subject"))
        }
    }
}
