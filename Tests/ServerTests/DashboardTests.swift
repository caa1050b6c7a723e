import Domain
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Journal
import NIOCore
import Pipeline
import TestSupport
import Testing

@testable import Server

@Suite("The dashboard")
struct DashboardTests {
    let ledger: TemporaryJournal

    init() throws { ledger = try TemporaryJournal() }

    static let pages = [
        "/", "/bookings", "/records", "/plans", "/runs", "/drift", "/failures", "/settings",
        "/replay", "/ledger", "/privacy",
    ]

    private func withSession(
        _ role: Role = .operator,
        _ body: @Sendable (@Sendable (String) async throws -> TestResponse) async throws -> Void
    ) async throws {
        let now = ledger.clock.now
        let secret = try await ledger.journal.makeToken(
            name: "Mara <Admin\"\u{301}>",
            role: role,
            expires: now.advanced(byMilliseconds: 86_400_000),
            now: now
        ).secret
        try await ledger.server().application.test(.router) { client in
            let entered = try await client.signIn(secret)
            let cookie = try #require(
                entered.headers[.setCookie]?.split(separator: ";").first
            ).description
            try await body { path in try await client.page(path, cookie) }
        }
    }

    private func takeBooking() async throws {
        _ = try await ledger.intake.take(
            webhook: Sample.recorded("booking_created.json").body,
            headers: [:]
        )
    }

    @Test("says what to type where there is nothing yet", arguments: pages)
    func empty(path: String) async throws {
        try await withSession { get in
            let page = try await get(path)
            #expect(page.status == .ok)
            let html = String(buffer: page.body)
            #expect(html.contains("<code>daybook "))
            #expect(html.contains("aria-current=\"page\""))
        }
    }

    @Test("loads nothing from elsewhere, runs no script, and is kept by nobody", arguments: pages)
    func strict(path: String) async throws {
        try await takeBooking()
        try await withSession { get in
            let page = try await get(path)
            let policy = try #require(page.headers[.contentSecurityPolicy])
            #expect(policy.hasPrefix("default-src 'none'"))
            #expect(page.headers[.cacheControl] == "no-store")
            let html = String(buffer: page.body)
            for word in ["<script", "style=", "http://", "https://", "onclick"] {
                #expect(!html.contains(word), "\(word)")
            }
            // A mark behind a quote makes it another character, and no less a quote.
            #expect(html.utf8.contains("Mara &lt;Admin&quot;\u{301}&gt;".utf8))
        }
    }

    @Test("tells on its first line that a meeting waits")
    func overview() async throws {
        try await takeBooking()
        try await withSession { get in
            let html = String(buffer: try await get("/").body)
            #expect(html.contains("One meeting waits"))
        }
    }

    @Test("shows what was booked to operators, and hides it from viewers", arguments: Role.allCases)
    func bookings(role: Role) async throws {
        try await takeBooking()
        try await withSession(role) { get in
            let list = String(buffer: try await get("/bookings").body)
            #expect(list.contains("hT4xWq9vNc2LmZ7pRkD3sB"))
            #expect(list.contains("2026-11-10 15:00–15:30 UTC"))
            #expect(list.contains("Dana Okafor") == (role >= .operator))
            let thread = String(buffer: try await get("/bookings/hT4xWq9vNc2LmZ7pRkD3sB").body)
            #expect(thread.contains("booking.confirmed"))
            #expect(thread.contains("dana.okafor@globex.example") == (role >= .operator))
        }
    }

    @Test("shows the settings of one event type, and the numbers of their versions stay")
    func settings() async throws {
        for scope in [SettingsScope.everyEventType, .eventType(EventTypeID(7))] {
            _ = try await ledger.journal.accept(
                SyncSettings(),
                for: scope,
                validity: .fromNow,
                actor: "test",
                isChecked: false
            )
        }
        try await withSession { get in
            let all = String(buffer: try await get("/settings").body)
            #expect(all.contains("class=\"badge\">1<") && all.contains("class=\"badge\">2<"))
            let one = String(buffer: try await get("/settings?scope=7").body)
            #expect(!one.contains("class=\"badge\">1<") && one.contains("class=\"badge\">2<"))
            #expect(one.contains("<option value=\"7\" selected>event type 7</option>"))
            #expect(one.contains("/v1/settings?scope=7"))
            let none = String(buffer: try await get("/settings?scope=8").body)
            #expect(none.contains("Show every version"))
            #expect(try await get("/settings?scope=odd").status == .badRequest)
            #expect(try await get("/settings?scope=").status == .ok, "as the form sends it")
            let api = try await get("/v1/settings?scope=7")
            #expect(api.headers[.eTag] == "\"2\"")
            #expect(try JSON(parsing: api.body.readableBytesView).list("items").count == 1)
        }
    }

    private func fail(_ uid: String, fields: [FieldName: FailureNote] = [:]) async throws {
        var result = OperationResult(
            operation: .sample(.create, uid),
            outcome: fields.isEmpty ? .failed(.sample("DUPLICATE_VALUE")) : .settled,
            record: nil
        )
        result.fieldFailures = fields
        try await ledger.journal.receive([result], run: "r1")
    }

    @Test("shows failures in pages, and only those of a state or a code if asked")
    func failures() async throws {
        try await fail("a", fields: ["Subject": .sample("STRING_TOO_LONG", nextTry: .minute(9))])
        try await fail("b")
        try await withSession { get in
            let first = String(buffer: try await get("/failures?limit=1").body)
            #expect(first.contains("2 things need a look"))
            #expect(first.contains("event/a#Subject") && !first.contains("event/b"))
            #expect(first.contains("href=\"?cursor=event/a%23Subject\""))
            let second = String(buffer: try await get("/failures?cursor=event/a%23Subject").body)
            #expect(second.contains("event/b") && !second.contains("event/a#Subject"))
            for query in ["state=waiting", "code=STRING_TOO_LONG", "state=waiting&code="] {
                let page = String(buffer: try await get("/failures?\(query)").body)
                #expect(page.contains("1 thing needs a look"))
                #expect(page.contains("event/a#Subject") && !page.contains("event/b"))
            }
            let none = String(buffer: try await get("/failures?state=review").body)
            #expect(none.contains("Show all failures"))
            #expect(try await get("/failures?state=odd").status == .badRequest)
        }
    }

    @Test("leads from every table to the same as JSON and as CSV")
    func tables() async throws {
        try await takeBooking()
        let booking = "/bookings/hT4xWq9vNc2LmZ7pRkD3sB"
        try await withSession { get in
            for path in Self.pages.dropFirst().filter({ $0 != "/replay" }) + [booking] {
                let html = String(buffer: try await get(path).body)
                let links = html.matches(of: /<a href="(\/v1\/[^"]+)">(?:JSON|CSV)<\/a>/)
                #expect(links.count == 2, "\(path)")
                for link in links {
                    let target = String(link.1).replacing("&amp;", with: "&")
                    #expect(try await get(target).status == .ok, "\(path): \(target)")
                }
            }
        }
    }

    @Test("shows a page, and not a stack, for what is not there")
    func missing() async throws {
        try await withSession { get in
            for path in ["/bookings/unknown", "/runs/unknown", "/records/001000000000001AAA"] {
                let page = try await get(path)
                #expect(page.status == .notFound)
                #expect(String(buffer: page.body).contains("in this ledger"))
            }
        }
    }

    @Test("has its own files, and no others")
    func assets() async throws {
        try await ledger.server().application.test(.router) { client in
            let style = try await client.execute(uri: "/assets/daybook.css", method: .get)
            #expect(style.headers[.contentType] == "text/css; charset=utf-8")
            let text = String(buffer: style.body)
            #expect(!text.contains("url(") && !text.contains("@import"))
            for name in ["nothing.css", "..%2Ftemplates%2Flayout.mustache", "layout.mustache"] {
                let answer = try await client.execute(uri: "/assets/\(name)", method: .get)
                #expect(answer.status == .notFound)
            }
        }
    }
}

@Suite("Parts of pages")
struct PagePartsTests {
    @Test(
        "put the worst news first",
        arguments: [
            (#"{"waiting":0,"failures":0,"unknownOutcomes":0}"#, "good"),
            (#"{"waiting":2,"failures":0,"unknownOutcomes":0}"#, "wait"),
            (#"{"waiting":2,"failures":0,"unknownOutcomes":1}"#, "wait"),
            (#"{"waiting":2,"failures":1,"unknownOutcomes":1}"#, "bad"),
            (#"{"waiting":0,"failures":0,"sync":{"state":"stuck","reason":"r"}}"#, "bad"),
            (#"{"waiting":0,"failures":0,"sync":{"state":"in-step"}}"#, "good"),
        ]
    )
    func verdict(status: String, mood: String) throws {
        let verdict = PageParts.verdict(try JSON(parsing: status))
        #expect(verdict["mood"] as? String == mood)
    }

    @Test("show values as people read them, and hidden ones as hidden")
    func readings() throws {
        let values = [#""text""#, #""""#, "null", "12", "true", #"{"digest":"ab"}"#]
        let read = try values.map { try JSON(parsing: $0).reading }
        #expect(read == ["text", "(empty)", "(empty)", "12", "true", "(hidden)"])
    }

    @Test("draw every day within the picture")
    func chart() throws {
        let days =
            try JSON(
                parsing: """
                    [{"day":"2026-11-01","count":1},{"day":"2026-11-02","count":0},
                     {"day":"2026-11-03","count":1000}]
                    """
            ).array ?? []
        let bars = try #require(PageParts.chart(days)["bars"] as? [TemplateValues])
        let heights = bars.compactMap { ($0["height"] as? String).flatMap(Int.init) }
        #expect(heights == [2, 0, 140])
    }
}
