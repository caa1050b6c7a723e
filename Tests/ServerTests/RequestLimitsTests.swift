import Domain
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Journal
import Ledger
import NIOCore
import TestSupport
import Testing

@testable import Server

@Suite("Limits of requests")
struct RequestLimitsTests {
    let ledger: TemporaryJournal

    init() throws { ledger = try TemporaryJournal() }

    @Test("give a quiet source twice its allowance, and then the allowance of each second")
    func buckets() {
        let buckets = TokenBuckets(perSecond: 5)
        let now = ManualClock.beginning
        for _ in 0..<10 { #expect(buckets.take("a", now: now) == nil) }
        #expect(buckets.take("a", now: now) == 1)
        #expect(buckets.take("b", now: now) == nil, "another source has its own")
        let later = now.advanced(byMilliseconds: 1_000)
        for _ in 0..<5 { #expect(buckets.take("a", now: later) == nil) }
        #expect(buckets.take("a", now: later) == 1)
        #expect(buckets.take("a", now: now) == 1, "a clock that goes back gives nothing")
    }

    @Test("remember only so many sources")
    func forgetting() {
        let buckets = TokenBuckets(perSecond: 1, mostSources: 4)
        for number in 0..<100 {
            let moment = ManualClock.beginning.advanced(byMilliseconds: Int64(number))
            #expect(buckets.take("source \(number)", now: moment) == nil)
        }
    }

    @Test("answer 429 with the time to wait, and go by whom a trusted proxy names")
    func perSource() async throws {
        var limits = ServerLimits()
        limits.perSecond = 2
        limits.trustedProxies = ["unknown"]
        try await ledger.server(limits: limits).application.test(.router) { client in
            let forwarded = try #require(HTTPField.Name("X-Forwarded-For"))
            func status(_ hops: String) async throws -> HTTPResponse.Status {
                try await client.execute(
                    uri: "/livez",
                    method: .get,
                    headers: [forwarded: hops]
                ).status
            }
            for _ in 0..<4 { #expect(try await status("192.0.2.1") == .ok) }
            #expect(try await status("192.0.2.1") == .tooManyRequests)
            #expect(
                try await status("198.51.100.7, 192.0.2.1") == .tooManyRequests,
                "what the sender claims before our proxy's word does not count"
            )
            #expect(try await status("192.0.2.2") == .ok)
        }
    }

    @Test("answer 503 to what is too much at once, and free the place afterwards")
    func atOnce() async throws {
        var limits = ServerLimits()
        limits.mostAtOnce = 1
        let gate = RequestGate(limits)
        #expect(gate.enter())
        #expect(!gate.enter())
        gate.leave()
        #expect(gate.enter())
        let health = HealthRoutes(
            head: { () throws(LedgerError) in try await ledger.journal.head() },
            deliveryCounts: { [:] },
            sync: { nil },
            logger: RecordedLog().logger
        )
        let front = Routes.Front(
            log: RequestLog(
                metrics: ServerMetrics(),
                newID: { "0123456789abcdef" },
                now: { ContinuousClock.now },
                logger: RecordedLog().logger
            ),
            limits: RequestLimits(limits: limits, gate: gate, now: { ManualClock.beginning })
        )
        let routes = Routes(webhooks: .sample(), health: health, pages: nil, front: front)
        try await Application(router: routes.router).test(.router) { client in
            let busy = try await client.execute(uri: "/livez", method: .get)
            #expect(busy.status == .serviceUnavailable)
            #expect(busy.headers[.retryAfter] == "1")
            gate.leave()
            #expect(try await client.execute(uri: "/livez", method: .get).status == .ok)
            #expect(try await client.execute(uri: "/livez", method: .get).status == .ok)
        }
        #expect(gate.count == 0)
    }

    @Test("give each request an id, and take over one that can be logged")
    func requestID() async throws {
        try await ledger.server().application.test(.router) { client in
            let name = try #require(HTTPField.Name("X-Request-Id"))
            let own = try await client.execute(uri: "/livez", method: .get)
            #expect(own.headers[name]?.count == 16)
            let given = try await client.execute(
                uri: "/missing",
                method: .get,
                headers: [name: "trace-0123456789"]
            )
            #expect(given.headers[name] == "trace-0123456789")
            let bad = try await client.execute(
                uri: "/livez",
                method: .get,
                headers: [name: "dana@globex.example"]
            )
            #expect(bad.headers[name]?.count == 16)
        }
    }
}
