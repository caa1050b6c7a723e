import AsyncHTTPClient
import CalComEmulator
import Domain
import Foundation
import NIOCore
import NIOHTTP1
import Synchronization
import TestSupport
import Testing

@testable import CalCom

@Suite("The client for Cal.com's API")
struct CalComClientTests {
    /// Answers in order, and what was asked and waited for meanwhile.
    private final class Wire: Sendable {
        let clock = ManualClock()
        private let state: Mutex<(replies: [APIReply?], calls: [APICall], waits: [Duration])>

        init(_ replies: [APIReply?]) { state = Mutex((replies, [], [])) }

        var calls: [APICall] { state.withLock { $0.calls } }
        var waits: [Duration] { state.withLock { $0.waits } }

        func client(perMinute: Int = 120) throws -> CalComClient {
            try CalComClient(
                settings: .init(
                    apiURL: "http://127.0.0.1:1",
                    key: "cal_secret",
                    perMinute: perMinute
                ),
                transport: { call throws(APISilence) in try self.answer(call) },
                now: { self.clock.now },
                sleep: { duration in
                    self.state.withLock { $0.waits.append(duration) }
                    let (seconds, rest) = duration.components
                    self.clock.advance(
                        byMilliseconds: seconds * 1_000 + rest / 1_000_000_000_000_000
                    )
                }
            )
        }

        private func answer(_ call: APICall) throws(APISilence) -> APIReply {
            let reply: APIReply? = state.withLock { state in
                state.calls.append(call)
                return state.replies.count > 1 ? state.replies.removeFirst() : state.replies[0]
            }
            guard let reply else { throw APISilence(reason: "nothing answered") }
            return reply
        }
    }

    private static func reply(
        _ status: Int = 200,
        _ headers: [String: String] = [:],
        _ body: String = #"{"status":"success","data":[]}"#
    ) -> APIReply {
        APIReply(status: status, headers: headers, body: Array(body.utf8))
    }

    private static let everything = BookingQuery(.updated(since: ManualClock.beginning))

    @Test("sends the key and the version, and asks for what is meant")
    func request() async throws {
        let wire = Wire([Self.reply()])
        let query = BookingQuery(
            .created(since: .minute(0), until: .minute(1)),
            eventTypes: [EventTypeID(1), EventTypeID(2)]
        )
        _ = try await wire.client().page(query)
        let call = try #require(wire.calls.first)
        #expect(call.headers["Authorization"] == "Bearer cal_secret")
        #expect(call.headers["cal-api-version"] == "2024-08-13")
        #expect(
            call.url == """
                http://127.0.0.1:1/v2/bookings?afterCreatedAt=2026-11-03T14%3A00%3A00.000Z\
                &beforeCreatedAt=2026-11-03T14%3A01%3A00.000Z&sortCreated=asc\
                &eventTypeIds=1%2C2&take=100
                """
        )
    }

    @Test(
        "takes https, and http on this machine only",
        arguments: [
            ("https://api.cal.com/v2", "https://api.cal.com/v2"),
            ("https://api.cal.com/v2/", "https://api.cal.com/v2"),
            ("https://cal.example", "https://cal.example/v2"),
            ("http://127.0.0.1:5", "http://127.0.0.1:5/v2"),
            ("http://api.cal.com/v2", nil), ("ftp://api.cal.com", nil), ("api.cal.com", nil),
            ("https://u:p@api.cal.com", nil), ("https://api.cal.com/v2?x=1", nil), ("", nil),
            ("http://127.0.0.1.evil.example", nil), ("http://localhost.evil.example", nil),
        ]
    )
    func address(written: String, read: String?) throws {
        if let read {
            #expect(try APIBase(written).text == read)
        } else {
            #expect(throws: CalComError.self) { try APIBase(written) }
        }
    }

    @Test("waits for the reset that a refusal names, and then asks again")
    func limited() async throws {
        let reset = "\(ManualClock.beginning.milliseconds / 1_000 + 30)"
        let wire = Wire([
            Self.reply(429, ["x-ratelimit-reset-default": reset]), Self.reply(),
        ])
        _ = try await wire.client().page(Self.everything)
        #expect(wire.waits == [.milliseconds(30_000)])
        #expect(wire.calls.count == 2)
    }

    @Test("stops asking before the limit is passed")
    func exhausted() async throws {
        let reset = "\(ManualClock.beginning.milliseconds / 1_000 + 12)"
        let wire = Wire([
            Self.reply(
                200,
                ["x-ratelimit-remaining-default": "0", "x-ratelimit-reset-default": reset]
            ),
            Self.reply(),
        ])
        let client = try wire.client()
        _ = try await client.page(Self.everything)
        #expect(wire.waits.isEmpty)
        _ = try await client.page(Self.everything)
        #expect(wire.waits == [.milliseconds(12_000)])
    }

    @Test("keeps to its own count where the server tells nothing")
    func ownCount() async throws {
        let wire = Wire([Self.reply()])
        let client = try wire.client(perMinute: 3)
        for _ in 0..<7 { _ = try await client.page(Self.everything) }
        #expect(wire.waits == [.milliseconds(60_000), .milliseconds(60_000)])
    }

    @Test("does not wait for ever on a server whose clock is wrong")
    func wrongClock() async throws {
        let wire = Wire([
            Self.reply(429, ["x-ratelimit-reset-default": "9999999999"]), Self.reply(),
        ])
        _ = try await wire.client().page(Self.everything)
        #expect(wire.waits == [.milliseconds(120_000)])
    }

    @Test("tries again where there was no answer, or a broken one, with longer and longer waits")
    func retries() async throws {
        let wire = Wire([nil, Self.reply(524), Self.reply(500), Self.reply()])
        _ = try await wire.client().page(Self.everything)
        #expect(wire.waits == [.seconds(1), .seconds(2), .seconds(4)])
        let away = Wire([nil])
        await #expect(throws: CalComError.unreachable("nothing answered")) {
            try await away.client().page(Self.everything)
        }
        #expect(away.calls.count == 4)
    }

    @Test(
        "asks once where asking again cannot help",
        arguments: [
            (401, CalComError.unauthorised), (403, .forbidden("bookings")),
            (404, .missing("bookings")), (400, .unexpected("status 400")),
            (302, .unexpected("status 302")),
        ]
    )
    func final(status: Int, error: CalComError) async throws {
        let wire = Wire([Self.reply(status, [:], "<html>")])
        await #expect(throws: error) { try await wire.client().page(Self.everything) }
        #expect(wire.calls.count == 1)
    }

    @Test(
        "takes nothing for an answer that is none",
        arguments: ["<html>", "[]", "{}", #"{"status":"error"}"#, #"{"status":"success"}"#]
    )
    func nonsense(body: String) async throws {
        let wire = Wire([Self.reply(200, [:], body)])
        await #expect(throws: CalComError.self) { try await wire.client().page(Self.everything) }
    }

    @Test("goes on by cursor where the server pages so")
    func cursor() async throws {
        let first = String(
            decoding: try Sample.bytes("api_v2_bookings_cursor_page.json"),
            as: UTF8.self
        )
        let last =
            #"{"status":"success","data":[{"uid":"x","status":"rejected"}],"pagination":{"nextCursor":null,"hasMore":false}}"#
        let wire = Wire([Self.reply(200, [:], first), Self.reply(200, [:], last)])
        let client = try wire.client()
        let page = try await client.page(Self.everything)
        let next = try #require(page.next)
        #expect(next.cursor == "eyJ2IjoxLCJzb3J0VXVpZCI6IjAxOTNleGFtcGxlIn0")
        let second = try await client.page(next)
        #expect(second.next == nil && second.bookings.count == 1)
        #expect(wire.calls[1].url.contains("cursor=eyJ2"))
    }

    @Test("reads a list to its end, by counting", arguments: [99, 100, 101, 350])
    func offset(count: Int) async throws {
        try await withOffice(count: count) { client in
            let query = BookingQuery(
                .created(since: .minute(-10), until: .minute(1_000))
            )
            let all = try await Self.all(query, client)
            #expect(all.count == count)
        }
    }

    @Test("passes over no booking when another one changes while the list is read")
    func moving() async throws {
        let clock = ManualClock()
        let emulator = CalComEmulator(now: { clock.now.date })
        try await emulator.load(Self.bookings(count: 150))
        try await withCalComEmulator(emulator) { address in
            try await Self.withClient(address, clock) { client, http in
                let first = try await client.page(
                    BookingQuery(.updated(since: .minute(-10)))
                )
                clock.set(.minute(10_000))
                var request = HTTPClientRequest(
                    url: address.replacing("/v2", with: "/emulator/bookings/bk-3")
                )
                request.method = .POST
                request.body = .bytes(Array(#"{"title":"Another"}"#.utf8))
                _ = try await http.execute(request, timeout: .seconds(10))
                var seen = Set(first.bookings.map(\.booking.uid.rawValue))
                let rest = try await Self.all(try #require(first.next), client)
                seen.formUnion(rest.map(\.booking.uid.rawValue))
                #expect(seen.count == 150)
            }
        }
    }

    @Test("reads a page whose bookings all changed at once")
    func oneMoment() async throws {
        let clock = ManualClock()
        let emulator = CalComEmulator(now: { clock.now.date })
        try await emulator.load(Self.bookings(count: 230, changedAtOnce: true))
        try await withCalComEmulator(emulator) { address in
            try await Self.withClient(address, clock) { client, _ in
                let query = BookingQuery(.updated(since: .minute(-10)))
                let all = try await Self.all(query, client).map(\.booking.uid)
                #expect(Set(all).count == 230)
            }
        }
    }

    // MARK: Helpers

    private static func bookings(count: Int, changedAtOnce: Bool = false) -> Data {
        let list = (0..<count).map { number -> JSON in
            .compact([
                ("uid", .string("bk-\(number)")), ("status", .string("accepted")),
                ("createdAt", .string(Instant.minute(number).rfc3339)),
                (
                    "updatedAt",
                    .string(Instant.minute(changedAtOnce ? 0 : number).rfc3339)
                ),
            ])
        }
        return Data(JSON.compact([("bookings", .array(list))]).bytes)
    }

    private func withOffice(
        count: Int,
        _ body: (CalComClient) async throws -> Void
    ) async throws {
        let emulator = CalComEmulator()
        try await emulator.load(Self.bookings(count: count))
        try await withCalComEmulator(emulator) { address in
            try await Self.withClient(address, ManualClock()) { client, _ in try await body(client)
            }
        }
    }

    private static func withClient(
        _ address: String,
        _ clock: ManualClock,
        _ body: (CalComClient, HTTPClient) async throws -> Void
    ) async throws {
        let http = HTTPClient(configuration: .init(redirectConfiguration: .disallow))
        let client = try CalComClient(
            settings: .init(apiURL: address, key: "any"),
            http: http,
            now: { clock.now },
            sleep: { _ in }
        )
        do {
            try await body(client, http)
        } catch {
            try await http.shutdown()
            throw error
        }
        try await http.shutdown()
    }

    private static func all(
        _ query: BookingQuery,
        _ client: CalComClient
    ) async throws -> [SeenBooking] {
        var found: [SeenBooking] = []
        var query: BookingQuery? = query
        while let current = query {
            let page = try await client.page(current)
            found += page.bookings
            query = page.next
        }
        return found
    }
}
