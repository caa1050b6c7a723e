import Domain
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Journal
import NIOCore
import TestSupport
import Testing

@testable import Server

@Suite("Access to API and pages")
struct AccessTests {
    let ledger: TemporaryJournal

    init() throws { ledger = try TemporaryJournal() }

    private func secret(_ role: Role, days: Int64 = 1) async throws -> (id: String, text: String) {
        let now = ledger.clock.now
        let made = try await ledger.journal.makeToken(
            name: "test",
            role: role,
            expires: now.advanced(byMilliseconds: days * 86_400_000),
            now: now
        )
        return (made.token.id, made.secret)
    }

    @Test(
        "opens nothing to strangers",
        arguments: APIRoutesTests.lists + ["/v1/runs/x", "/v1/bookings/x"]
    )
    func strangers(path: String) async throws {
        try await ledger.server().application.test(.router) { client in
            let answer = try await client.execute(uri: path, method: .get)
            #expect(answer.status == .unauthorized)
            #expect(answer.headers[.wwwAuthenticate] == "Bearer realm=\"daybook\"")
            #expect(answer.headers[.contentType] == "application/problem+json")
        }
    }

    @Test("opens the API to whoever has a token", arguments: APIRoutesTests.lists, Role.allCases)
    func bearers(path: String, role: Role) async throws {
        let secret = try await secret(role).text
        try await ledger.server().application.test(.router) { client in
            let answer = try await client.get(path, secret)
            #expect(answer.status == .ok)
            #expect(answer.headers[.cacheControl] == "no-store")
            #expect(try JSON(parsing: answer.body.readableBytesView).members != nil)
        }
    }

    @Test("ends when a token is taken back, runs out, or was never made")
    func endings() async throws {
        let secret = try await secret(.admin).text
        try await ledger.server().application.test(.router) { client in
            var opened = [
                try await client.opens(secret), try await client.opens(secret + "0"),
                try await client.opens(""),
            ]
            ledger.clock.advance(bySeconds: 86_399)
            opened.append(try await client.opens(secret))
            ledger.clock.advance(bySeconds: 1)
            opened.append(try await client.opens(secret))
            #expect(opened == [true, false, false, true, false])
        }
        let (id, second) = try await self.secret(.admin)
        let revoked = [
            try await ledger.journal.revokeToken(id: id),
            try await ledger.journal.revokeToken(id: "nobody"),
        ]
        #expect(revoked == [true, false])
        try await ledger.server().application.test(.router) { client in
            let isOpen = try await client.opens(second)
            #expect(!isOpen)
        }
    }

    @Test("keeps no secret in the ledger's file")
    func secretsStayOutside() async throws {
        let secret = try await secret(.viewer).text
        #expect(secret.hasPrefix("dbk_"))
        let tokens = try await ledger.journal.tokens()
        #expect(tokens.map(\.name) == ["test"])
        #expect(!"\(tokens)".contains(secret))
        for name in try ledger.folder.names() {
            let bytes = try Data(contentsOf: URL(filePath: ledger.folder.path(name)))
            #expect(bytes.firstRange(of: Data(secret.utf8)) == nil, "\(name)")
        }
    }

    @Test("begins a session for a token, with a cookie that scripts and other sites cannot use")
    func session() async throws {
        let (id, secret) = try await secret(.viewer)
        try await ledger.server().application.test(.router) { client in
            let before = try await client.execute(uri: "/", method: .get)
            #expect(before.status == .seeOther)
            #expect(before.headers[.location] == "/signin")

            let wrong = try await client.signIn("dbk_nothing")
            #expect(wrong.status == .unauthorized)
            #expect(wrong.headers[.setCookie] == nil)

            let entered = try await client.signIn(secret)
            #expect(entered.status == .seeOther)
            let cookie = try #require(entered.headers[.setCookie])
            #expect(cookie.contains("HttpOnly"))
            #expect(cookie.contains("SameSite=Strict"))
            #expect(!cookie.contains(secret))

            let value = try #require(cookie.split(separator: ";").first).description
            #expect(try await client.page("/", value).status == .ok)
            // Whoever makes up another end, or another token, is a stranger.
            let parts = value.split(separator: ".")
            let later = "\(parts[0]).9999999999999.\(parts[2])"
            #expect(try await client.page("/", later).status == .seeOther)
            let other = value.replacing(id, with: "ffffffff")
            #expect(try await client.page("/", other).status == .seeOther)
            #expect(try await client.page("/", "daybook_session=..").status == .seeOther)

            _ = try await ledger.journal.revokeToken(id: id)
            #expect(try await client.page("/", value).status == .seeOther)
        }
    }

    /// Where the server listens, whom it believes, what it is told, and whether TLS is a must.
    ///
    /// Without a network, the peer is `unknown`.
    static let transports: [(host: String, proxy: String, told: String?, isSecure: Bool)] = [
        ("127.0.0.1", "unknown", "https", true), ("127.0.0.1", "unknown", "http, HTTPS", true),
        ("127.0.0.1", "unknown", "http", false), ("127.0.0.1", "unknown", "https, http", false),
        ("127.0.0.1", "unknown", nil, false), ("127.0.0.1", "192.0.2.1", "https", false),
        ("0.0.0.0", "192.0.2.1", nil, true), ("192.0.2.7", "unknown", "http", true),
    ]

    @Test(
        "keeps the cookie from plain connections where the service is reached over TLS",
        arguments: transports
    )
    func secureCookie(
        row: (host: String, proxy: String, told: String?, isSecure: Bool)
    ) async throws {
        let secret = try await secret(.viewer).text
        var limits = ServerLimits()
        limits.trustedProxies = [row.proxy]
        let server = try ledger.server(host: row.host, limits: limits)
        try await server.application.test(.router) { client in
            let proto = try #require(HTTPField.Name("X-Forwarded-Proto"))
            var headers: HTTPFields = [.contentType: "application/x-www-form-urlencoded"]
            headers[proto] = row.told
            func send(_ path: String, _ body: String) async throws -> TestResponse {
                try await client.execute(
                    uri: path,
                    method: .post,
                    headers: headers,
                    body: ByteBuffer(string: body)
                )
            }
            let begun = try #require(
                try await send("/signin", "token=\(secret)").headers[.setCookie]
            )
            #expect(begun.contains("; Secure") == row.isSecure)
            #expect(begun.contains("HttpOnly") && begun.contains("SameSite=Strict"))
            headers[.cookie] = begun.split(separator: ";").first.map(String.init)
            let page = String(buffer: try await client.page("/", headers[.cookie] ?? "").body)
            let key = try #require(page.firstMatch(of: /name="key" value="([0-9a-f]+)"/)?.1)
            let ended = try #require(
                try await send("/signout", "key=\(key)").headers[.setCookie]
            )
            #expect(ended.contains("; Secure") == row.isSecure)
            #expect(ended.contains("Max-Age=0"))
        }
    }

    @Test(
        "begins no session without a token, or for what is no form",
        arguments: [("", 401), ("name=x", 401), ("token=", 401), ("token=a&token=b", 400)]
    )
    func noToken(body: String, status: Int) async throws {
        try await ledger.server().application.test(.router) { client in
            let answer = try await client.form("/signin", body)
            #expect(answer.status.code == status)
            #expect(answer.headers[.setCookie] == nil)
            let left = try await client.form("/signout", body)
            #expect(left.status == .badRequest)
        }
    }

    @Test("ends a session only from our own page")
    func signOut() async throws {
        let secret = try await secret(.viewer).text
        try await ledger.server().application.test(.router) { client in
            let entered = try await client.signIn(secret)
            let cookie = try #require(
                entered.headers[.setCookie]?.split(separator: ";").first
            ).description
            let forged = try await client.form("/signout", "key=abc", cookie)
            #expect(forged.status == .forbidden)

            let page = String(buffer: try await client.page("/", cookie).body)
            let key = try #require(page.firstMatch(of: /name="key" value="([0-9a-f]+)"/)?.1)
            let left = try await client.form("/signout", "key=\(key)", cookie)
            #expect(left.status == .seeOther)
            #expect(left.headers[.setCookie]?.contains("Max-Age=0") == true)
        }
    }
}

extension TestClientProtocol {
    func get(_ path: String, _ secret: String) async throws -> TestResponse {
        try await execute(
            uri: path,
            method: .get,
            headers: [.authorization: "Bearer \(secret)"]
        )
    }

    /// Whether a token opens the API.
    func opens(_ secret: String) async throws -> Bool {
        try await get("/v1/status", secret).status == .ok
    }

    func page(_ path: String, _ cookie: String) async throws -> TestResponse {
        try await execute(uri: path, method: .get, headers: [.cookie: cookie])
    }

    func form(_ path: String, _ body: String, _ cookie: String? = nil) async throws -> TestResponse
    {
        var headers: HTTPFields = [.contentType: "application/x-www-form-urlencoded"]
        headers[.cookie] = cookie
        return try await execute(
            uri: path,
            method: .post,
            headers: headers,
            body: ByteBuffer(string: body)
        )
    }

    func signIn(_ secret: String) async throws -> TestResponse {
        try await form("/signin", "token=\(secret)")
    }
}
