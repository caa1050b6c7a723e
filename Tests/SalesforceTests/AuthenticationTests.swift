import Domain
import Synchronization
import Testing

@testable import Salesforce

@Suite("Authentication")
struct AuthenticationTests {
    private let org = TinyOrg()

    private static func grant(_ token: String, refresh: String? = nil) -> HTTPReply {
        let rotated = refresh.map { #","refresh_token":"\#($0)""# } ?? ""
        return .json(
            200,
            #"{"access_token":"\#(token)","instance_url":"http://127.0.0.1:1"\#(rotated)}"#
        )
    }

    private func flow(
        persist: @escaping @Sendable (String) async throws -> Void = { _ in }
    ) throws -> RefreshTokenFlow {
        let credentials = RefreshTokenFlow.Credentials(
            clientID: "key",
            clientSecret: "s&cret",
            refreshToken: "first refresh token",
            loginURL: try InstanceURL("https://login.salesforce.com")
        )
        return RefreshTokenFlow(credentials, transport: org.transport, persist: persist)
    }

    @Test("exchanges a refresh token")
    func refresh() async throws {
        org.script(.success(Self.grant("a")))
        #expect(try await flow().token().value == "a")
        #expect(org.calls[0].url == "https://login.salesforce.com/services/oauth2/token")
        #expect(
            String(decoding: org.calls[0].body ?? [], as: UTF8.self)
                == "grant_type=refresh_token&client_id=key"
                + "&refresh_token=first%20refresh%20token&client_secret=s%26cret"
        )
    }

    @Test("logs in once for requests that expired together")
    func shared() async throws {
        org.script(.success(Self.grant("a")), .success(Self.grant("b")))
        let flow = try flow()
        let expired = try await flow.token()
        let tokens = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<20 { group.addTask { try await flow.renew(after: expired).value } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(tokens) == ["b"])
        #expect(org.calls.count == 2)
    }

    @Test("stores a rotated refresh token before the access token is used, and uses it next")
    func rotation() async throws {
        let stored = Mutex<[String]>([])
        org.script(.success(Self.grant("a", refresh: "r2")), .success(Self.grant("b")))
        let flow = try flow { token in stored.withLock { $0.append(token) } }
        let first = try await flow.token()
        #expect(stored.withLock { $0 } == ["r2"])
        _ = try await flow.renew(after: first)
        let body = String(decoding: org.calls[1].body ?? [], as: UTF8.self)
        #expect(body.contains("refresh_token=r2&"))
    }

    @Test("gives out no token if the rotated refresh token could not be stored")
    func notStored() async throws {
        struct Full: Error {}
        org.script(.success(Self.grant("a", refresh: "r2")))
        let flow = try flow { _ in throw Full() }
        await #expect(
            throws: SalesforceError.configuration(
                "the org's new refresh token could not be stored"
            )
        ) { try await flow.token() }
    }

    @Test("tells why a log-in was refused, without any secret")
    func refused() async throws {
        let body = #"{"error":"invalid_grant","error_description":"expired access/refresh token"}"#
        org.script(.success(.json(400, body)))
        await #expect(
            throws: SalesforceError.unauthorised("invalid_grant (expired access/refresh token)")
        ) { try await flow().token() }
        let leak = #"{"error":"invalid_grant","error_description":"bad s&cret given"}"#
        org.script(.success(.json(400, leak)))
        await #expect(throws: SalesforceError.unauthorised("invalid_grant")) {
            try await flow().token()
        }
    }

    @Test("tells a log-in server that is down from one that refuses")
    func down() async throws {
        org.script(.success(.json(503, "")))
        await #expect(
            throws: SalesforceError.unreachable("the log-in server answered 503")
        ) { try await flow().token() }
    }

    @Test("logs in with client credentials")
    func clientCredentials() async throws {
        org.script(.success(Self.grant("a")))
        let flow = ClientCredentialsFlow(
            clientID: "key",
            clientSecret: "secret",
            loginURL: try InstanceURL("https://acme.my.salesforce.com"),
            transport: org.transport
        )
        #expect(try await flow.token().value == "a")
        #expect(try await flow.token().value == "a")
        #expect(org.calls.count == 1)
    }

    @Test("renews an expired token once, and then gives up", arguments: [1, 2])
    func expired(times: Int) async throws {
        for _ in 0..<times {
            org.script(
                .success(Self.grant("a")),
                .success(.error(401, "INVALID_SESSION_ID"))
            )
        }
        org.script(
            .success(Self.grant("b")),
            .success(.json(200, #"{"done":true,"records":[]}"#))
        )
        let client = try SalesforceClient(tokens: flow(), transport: org.transport)
        let question = ReadRequest.query(Query(["Id"], from: .contact, where: .all))
        if times == 1 {
            #expect(try await client.read([question]) == [.rows([])])
            #expect(org.calls.last?.headers.first?.value == "Bearer b")
        } else {
            await #expect(throws: SalesforceError.unauthorised("INVALID_SESSION_ID")) {
                try await client.read([question])
            }
        }
        #expect(await client.usage.calls == 2)
    }

    @Test("shows no token in a description")
    func description() throws {
        let token = AccessToken(value: "s3cret", instanceURL: try InstanceURL("https://x.com"))
        #expect(!"\(token)".contains("s3cret"))
        #expect(!String(reflecting: token).contains("s3cret"))
    }

    static let addresses: [(text: String, result: String?)] = [
        ("https://Acme.my.salesforce.com/", "https://Acme.my.salesforce.com"),
        ("https://acme.my.salesforce.com/services/x?y", "https://acme.my.salesforce.com"),
        ("http://127.0.0.1:8931", "http://127.0.0.1:8931"),
        ("http://localhost:8931/", "http://localhost:8931"),
        ("http://[::1]:8931", "http://[::1]:8931"),
        ("http://acme.my.salesforce.com", nil),
        ("http://127.0.0.1.evil.com", nil),
        ("http://localhost.evil.com", nil),
        ("https://user:pass@acme.com", nil),
        ("acme.my.salesforce.com", nil),
        ("ftp://127.0.0.1", nil),
        ("https://", nil),
        ("", nil),
    ]

    @Test("accepts encrypted addresses, and others on this machine only", arguments: addresses)
    func address(text: String, result: String?) throws {
        guard let result else {
            #expect(throws: SalesforceError.self) { try InstanceURL(text) }
            return
        }
        #expect(try InstanceURL(text).text == result)
    }
}

@Suite("HTTP dates")
struct HTTPDateTests {
    static let dates: [(moment: String, date: String)] = [
        ("1970-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 GMT"),
        ("1994-11-06T08:49:37Z", "Sun, 06 Nov 1994 08:49:37 GMT"),
        ("2026-12-31T23:59:59.999Z", "Thu, 31 Dec 2026 23:59:59 GMT"),
        ("1969-12-31T23:59:59Z", "Wed, 31 Dec 1969 23:59:59 GMT"),
    ]

    @Test("name the right weekday", arguments: dates)
    func date(moment: String, date: String) throws {
        #expect(try #require(Instant(rfc3339: moment)).httpDate == date)
    }
}
