import Domain
import Synchronization
import TestSupport
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
        _ store: any RefreshTokenStore = MemoryTokenStore("first refresh token")
    )
        throws -> RefreshTokenFlow
    {
        RefreshTokenFlow(
            app: ConnectedApp(clientID: "key", clientSecret: "s&cret"),
            loginURL: .production,
            transport: org.transport,
            store: store
        )
    }

    private func body(_ place: Int) -> String {
        String(decoding: org.calls[place].body ?? [], as: UTF8.self)
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
        let store = MemoryTokenStore("r1")
        org.script(.success(Self.grant("a", refresh: "r2")), .success(Self.grant("b")))
        let flow = try flow(store)
        let first = try await flow.token()
        #expect(await store.token() == "r2")
        _ = try await flow.renew(after: first)
        #expect(body(1).contains("refresh_token=r2&"))
    }

    @Test("gives out no token until the rotated refresh token could be stored")
    func notStored() async throws {
        let store = MemoryTokenStore("r1")
        await store.fail()
        org.script(.success(Self.grant("a", refresh: "r2")), .success(Self.grant("b")))
        let flow = try flow(store)
        let failed = await #expect(throws: SalesforceError.self) { try await flow.token() }
        guard case .configuration(let text)? = failed else { Issue.record("\(failed)"); return }
        #expect(text.contains("could not be stored"))
        await store.recover()
        #expect(try await flow.token().value == "b")
        // The one that could not be stored is the only one alive: it is used, and stored now.
        #expect(body(1).contains("refresh_token=r2&"))
        #expect(await store.token() == "r2")
    }

    @Test("takes the token that another process rotated meanwhile")
    func rotatedElsewhere() async throws {
        let store = MemoryTokenStore("r1")
        let flow = try flow(store)
        org.script(
            .success(Self.refusal("invalid_grant", "expired access/refresh token")),
            .success(Self.grant("a"))
        )
        await store.replace(with: "r2", afterReads: 1)
        #expect(try await flow.token().value == "a")
        #expect(body(0).contains("refresh_token=r1&"))
        #expect(body(1).contains("refresh_token=r2&"))
    }

    @Test("tells who has not logged in yet how to do so, and asks nobody")
    func notConnected() async throws {
        let error = await #expect(throws: SalesforceError.self) {
            try await flow(MemoryTokenStore(nil)).token()
        }
        #expect("\(try #require(error))".contains("daybook org connect"))
        #expect(org.calls.isEmpty)
    }

    private static func refusal(_ code: String, _ words: String) -> HTTPReply {
        .json(400, #"{"error":"\#(code)","error_description":"\#(words)"}"#)
    }

    @Test("tells why a log-in was refused, without any secret")
    func refused() async throws {
        org.script(.success(Self.refusal("invalid_grant", "expired access/refresh token")))
        let dead = await #expect(throws: SalesforceError.self) { try await flow().token() }
        let words = "\(try #require(dead))"
        #expect(words.contains("invalid_grant (expired access/refresh token)"))
        #expect(words.contains("daybook org connect"))
        org.script(.success(Self.refusal("invalid_client", "bad s&cret given")))
        let leak = await #expect(throws: SalesforceError.self) { try await flow().token() }
        #expect("\(try #require(leak))".contains("invalid_client"))
        #expect(!"\(try #require(leak))".contains("s&cret"))
    }

    @Test("tells too many log-ins from a refusal: later they will do")
    func tooMany() async throws {
        org.script(.success(Self.refusal("rate_limit_exceeded", "login rate exceeded")))
        await #expect(throws: SalesforceError.limitReached("too many log-ins")) {
            try await flow().token()
        }
    }

    @Test(
        "tells a page of a proxy from an answer of Salesforce, and where to look",
        arguments: [
            (200, "<!DOCTYPE html><html>Sign in</html>"), (407, "\n  <html></html>"), (302, ""),
            (200, "\u{FEFF}<html></html>"),
        ]
    )
    func proxy(status: Int, page: String) async throws {
        org.script(.success(.json(status, page)))
        let error = await #expect(throws: SalesforceError.self) { try await flow().token() }
        guard case .unreachable(let text)? = error else { Issue.record("\(error)"); return }
        #expect(text.contains("web page (status \(status))"))
        #expect(text.contains("salesforce.auth.loginURL"))
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
        let flow = try ClientCredentialsFlow(
            app: ConnectedApp(clientID: "key", clientSecret: "secret"),
            loginURL: try InstanceURL("https://acme.my.salesforce.com"),
            transport: org.transport
        )
        #expect(try await flow.token().value == "a")
        #expect(try await flow.token().value == "a")
        #expect(org.calls.count == 1)
    }

    @Test(
        "needs the org's own domain for client credentials",
        arguments: ["production", "sandbox"]
    )
    func clientCredentialsHost(host: String) throws {
        let error = #expect(throws: SalesforceError.self) {
            try ClientCredentialsFlow(
                app: ConnectedApp(clientID: "key", clientSecret: "secret"),
                loginURL: try InstanceURL(written: host),
                transport: org.transport
            )
        }
        #expect("\(try #require(error))".contains("my.salesforce.com"))
        #expect(org.calls.isEmpty)
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
            let error = #expect(throws: SalesforceError.self) { try InstanceURL(text) }
            let words = try #require(error).description
            #expect(words.contains("'salesforce.instanceURL'"))
            #expect(words.hasSuffix(".") && !words.contains(".."))
            return
        }
        #expect(try InstanceURL(text).text == result)
    }
}

@Suite("Written addresses")
struct WrittenAddressTests {
    static let rows: [(written: String, address: String, audience: String)] = [
        ("production", "https://login.salesforce.com", "https://login.salesforce.com"),
        ("Sandbox", "https://test.salesforce.com", "https://test.salesforce.com"),
        ("acme", "https://acme.my.salesforce.com", "https://login.salesforce.com"),
        (
            "acme--uat", "https://acme--uat.sandbox.my.salesforce.com",
            "https://test.salesforce.com"
        ),
        (
            "acme.my.salesforce.com", "https://acme.my.salesforce.com",
            "https://login.salesforce.com"
        ),
        (
            "https://acme--uat.sandbox.lightning.force.com/lightning/page/home",
            "https://acme--uat.sandbox.my.salesforce.com", "https://test.salesforce.com"
        ),
        (
            "https://login.salesforce.com/", "https://login.salesforce.com",
            "https://login.salesforce.com"
        ),
        ("http://127.0.0.1:8931", "http://127.0.0.1:8931", "https://login.salesforce.com"),
    ]

    @Test("mean production, a sandbox, a My Domain, or themselves", arguments: rows)
    func address(written: String, address: String, audience: String) throws {
        let url = try InstanceURL(written: written)
        #expect(url.text == address)
        #expect(url.audience == audience)
    }

    @Test("are refused when they are none", arguments: ["", "x", "http://acme.example", "a b"])
    func refused(written: String) {
        #expect(throws: SalesforceError.self) { try InstanceURL(written: written) }
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
        let instant = try #require(Instant(rfc3339: moment))
        #expect(instant.httpDate == date)
        #expect(Instant(httpDate: date) == instant.wholeSeconds)
    }

    @Test(
        "are not read in other forms",
        arguments: ["", "1994-11-06T08:49:37Z", "Sun Nov  6 1994"]
    )
    func otherForms(text: String) { #expect(Instant(httpDate: text) == nil) }
}
