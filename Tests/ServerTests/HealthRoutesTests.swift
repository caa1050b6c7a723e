import Domain
import Hummingbird
import HummingbirdTesting
import Journal
import Ledger
import NIOCore
import TestSupport
import Testing

@testable import Server

@Suite("Health routes")
struct HealthRoutesTests {
    let ledger: TemporaryJournal

    init() throws { ledger = try TemporaryJournal() }

    @Test("are alive and ready with a ledger that answers")
    func ready() async throws {
        try await ledger.server().application.test(.router) { client in
            _ = try await client.send(.recorded("signed_booking_created.raw"))
            _ = try await client.send(.recorded("ping.json"))
            _ = try await client.send(.recorded("ping.json", signature: .missing))

            let live = try await client.execute(uri: "/livez", method: .get)
            #expect(live.status == .ok)
            #expect(String(buffer: live.body) == #"{"status":"alive"}"#)

            let ready = try await client.execute(uri: "/readyz", method: .get)
            #expect(ready.status == .ok)
            let text = """
                {"status":"ready","ledger":{"position":2},"deliveries":{"appended":1,"noted":1,\
                "duplicate":0,"unrecognised":0,"rejected":0,"forged":1}}
                """
            #expect(String(buffer: ready.body) == text)
        }
    }

    @Test("are alive and not ready with a ledger that fails")
    func notReady() async throws {
        let server = try ledger.server()
        try ledger.journal.ledger.close()
        try await server.application.test(.router) { client in
            #expect(try await client.execute(uri: "/livez", method: .get).status == .ok)
            let ready = try await client.execute(uri: "/readyz", method: .get)
            #expect(ready.status == .serviceUnavailable)
            #expect(ready.headers[.contentType] == "application/problem+json")
            #expect(try JSON(parsing: ready.body.readableBytesView)["status"]?.int == 503)
        }
    }

    @Test("answer HEAD without a body, also when they refuse", arguments: ["/livez", "/readyz"])
    func head(path: String) async throws {
        try await ledger.server().application.test(.router) { client in
            let head = try await client.execute(uri: path, method: .head)
            #expect(head.status == .ok)
            #expect(head.body.readableBytes == 0)
            let missing = try await client.execute(uri: "/missing", method: .head)
            #expect(missing.status == .notFound)
            #expect(missing.body.readableBytes == 0)
            let post = try await client.execute(uri: path, method: .post)
            #expect(post.status == .methodNotAllowed)
            #expect(post.headers[.allow] == "GET, HEAD")
        }
    }
}
