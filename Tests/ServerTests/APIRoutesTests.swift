import Domain
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Journal
import Ledger
import NIOCore
import Pipeline
import TestSupport
import Testing

@testable import Server

@Suite("The API")
struct APIRoutesTests {
    let ledger: TemporaryJournal

    init() throws { ledger = try TemporaryJournal() }

    /// Serves to somebody with a role.
    private func withClient(
        _ role: Role,
        _ body: @Sendable (@Sendable (String) async throws -> TestResponse) async throws -> Void
    ) async throws {
        let now = ledger.clock.now
        let secret = try await ledger.journal.makeToken(
            name: "test",
            role: role,
            expires: now.advanced(byMilliseconds: 86_400_000),
            now: now
        ).secret
        try await ledger.server().application.test(.router) { client in
            try await body { path in try await client.get(path, secret) }
        }
    }

    private func take(_ sample: String) async throws {
        let body = Sample.recorded(sample).body
        _ = try await ledger.intake.take(webhook: body, headers: [:])
    }

    private static let created = "booking_created.json"
    private static let uid = "hT4xWq9vNc2LmZ7pRkD3sB"

    @Test("tells a booking's story, with people only for operators", arguments: Role.allCases)
    func story(role: Role) async throws {
        try await take(Self.created)
        try await withClient(role) { get in
            let answer = try await get("/v1/bookings/\(Self.uid)")
            #expect(answer.status == .ok)
            let text = String(buffer: answer.body)
            #expect(text.contains("booking.confirmed"))
            #expect(text.contains("dana.okafor@globex.example") == (role >= .operator))
            #expect(text.contains(Reader.mask) == (role < .operator))
        }
    }

    @Test("tells no viewer who booked, whatever is asked", arguments: APIRoutes.lists)
    func noPeople(path: String) async throws {
        try await take(Self.created)
        try await withClient(.viewer) { get in
            let text = String(buffer: try await get(path).body)
            for word in ["Okafor", "globex", "Dana"] { #expect(!text.contains(word)) }
        }
    }

    @Test("gives lists in pages that neither repeat nor miss a row when something new comes in")
    func pages() async throws {
        for uid in ["a", "b", "c", "d", "e"] { try await record(uid) }
        try await withClient(.viewer) { get in
            let first = try JSON(
                parsing: try await get("/v1/bookings?limit=2").body.readableBytesView
            )
            #expect(first.list("items").compactMap { $0["uid"]?.string } == ["e", "d"])
            try await record("f")
            let next = try #require(first["next"]?.string)
            let second = try JSON(
                parsing: try await get("/v1/bookings?limit=2&cursor=\(next)").body.readableBytesView
            )
            #expect(second.list("items").compactMap { $0["uid"]?.string } == ["c", "b"])
            let last = try #require(second["next"]?.string)
            let third = try JSON(
                parsing: try await get("/v1/bookings?limit=2&cursor=\(last)").body.readableBytesView
            )
            #expect(third.list("items").compactMap { $0["uid"]?.string } == ["a"])
            #expect(third["next"] == nil)
        }
    }

    /// Takes in the recorded booking under another uid.
    private func record(_ uid: String) async throws {
        let recorded = String(decoding: Sample.recorded(Self.created).body, as: UTF8.self)
        let body = recorded.replacing(Self.uid, with: uid)
        _ = try await ledger.intake.take(webhook: Array(body.utf8), headers: [:])
    }

    @Test(
        "refuses what cannot be meant",
        arguments: [
            ("/v1/bookings?limit=0", 400), ("/v1/bookings?limit=many", 400),
            ("/v1/bookings?limit=201", 400), ("/v1/bookings?cursor=x", 400),
            ("/v1/events?cursor=-1", 400), ("/v1/records/short", 400),
            ("/v1/records/short/fields/Subject", 400), ("/v1/records/001000000000001AAA", 404),
            ("/v1/bookings/unknown", 404), ("/v1/runs/unknown", 404), ("/v1/nowhere", 404),
        ]
    )
    func refusals(path: String, status: Int) async throws {
        try await withClient(.admin) { get in
            let answer = try await get(path)
            #expect(answer.status.code == status)
            #expect(answer.headers[.contentType] == "application/problem+json")
        }
    }

    @Test("answers 503 when the ledger fails, and says nothing of why")
    func ledgerFails() async throws {
        try await withClient(.viewer) { get in
            #expect(try await get("/v1/status").status == .ok)
            try ledger.journal.ledger.close()
            let answer = try await get("/v1/status")
            #expect(answer.status == .serviceUnavailable)
            #expect(!String(buffer: answer.body).contains("SQLite"))
        }
    }
}
