import Domain
import HTTPTypes
import HummingbirdTesting
import Journal
import NIOCore
import TestSupport
import Testing

@testable import Server

@Suite("The dashboard's forms")
struct FormTests {
    let ledger: TemporaryJournal

    init() throws { ledger = try TemporaryJournal() }

    /// What every form sends beside its key.
    static let forms = [
        ("/plans", "all=yes"), ("/plans/abc/apply", "version=1"),
        ("/failures/retry", "name=event%2Fa"), ("/failures/ignore", "name=event%2Fa"),
        ("/failures/bind", "name=event%2Fa&record=00U000000000001AAA"), ("/drift", "x=y"),
        ("/privacy", "name=dana%40example.com"),
    ]

    /// Signs in, and gives the cookie and the key that the pages' forms carry.
    private func session(
        _ role: Role,
        _ client: any TestClientProtocol
    ) async throws -> (cookie: String, key: String) {
        let now = ledger.clock.now
        let secret = try await ledger.journal.makeToken(
            name: "test",
            role: role,
            expires: now.advanced(byMilliseconds: 86_400_000),
            now: now
        ).secret
        let entered = try await client.signIn(secret)
        let cookie = try #require(entered.headers[.setCookie]?.split(separator: ";").first)
        let page = String(buffer: try await client.page("/", String(cookie)).body)
        let key = try #require(page.firstMatch(of: /name="key" value="([0-9a-f]+)"/)?.1)
        return (String(cookie), String(key))
    }

    private func noted() async throws -> Int {
        try await ledger.journal.sealedEvents(after: .start, limit: .max, type: "access.noted")
            .count
    }

    @Test("are taken from our own pages only, and nothing else is done or noted", arguments: forms)
    func forged(path: String, fields: String) async throws {
        try await ledger.server().application.test(.router) { client in
            let own = try await session(.operator, client)
            let other = try await session(.operator, client)
            let rows: [(body: String, cookie: String?, status: Int)] = [
                ("key=\(own.key)&\(fields)", nil, 303), ("key=&\(fields)", own.cookie, 403),
                ("key=0000&\(fields)", own.cookie, 403), (fields, own.cookie, 400),
                ("key=\(other.key)&\(fields)", own.cookie, 403),
                ("key=\(own.key)&\(fields)", own.cookie + "0", 303),
            ]
            for row in rows {
                let answer = try await client.form(path, row.body, row.cookie)
                #expect(answer.status.code == row.status, "\(row)")
            }
            #expect(try await noted() == 0)
        }
    }

    @Test("are for operators", arguments: forms)
    func viewers(path: String, fields: String) async throws {
        try await ledger.server().application.test(.router) { client in
            let viewer = try await session(.viewer, client)
            let body = "key=\(viewer.key)&\(fields)"
            #expect(try await client.form(path, body, viewer.cookie).status == .forbidden)
            #expect(try await noted() == 0)
            // An operator comes through, to what this server does, or says that it cannot do.
            let person = try await session(.operator, client)
            let answer = try await client.form(path, "key=\(person.key)&\(fields)", person.cookie)
            #expect([200, 404, 503].contains(answer.status.code))
            #expect(try await noted() == 1)
        }
    }
}
