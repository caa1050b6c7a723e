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

    static let lists = [
        "/v1/status", "/v1/bookings", "/v1/records", "/v1/people", "/v1/events", "/v1/plans",
        "/v1/runs", "/v1/failures", "/v1/settings", "/v1/drift", "/v1/ledger",
    ]

    @Test("tells no viewer who booked, whatever is asked", arguments: lists)
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

    @Test("gives drift and settings in pages, too")
    func morePages() async throws {
        let ids = (1...3).map { SalesforceID.sample($0, prefix: "003") }
        let open = ids.reversed().flatMap { id in
            ["Title", "Phone"].map { field in
                DriftEntry(
                    record: id,
                    object: "Contact",
                    field: FieldName(field),
                    by: nil,
                    after: nil,
                    until: nil
                )
            }
        }
        try await ledger.journal.keep(DriftSweep(open: open.dropLast()))
        for type in 1...3 {
            _ = try await ledger.journal.accept(
                SyncSettings(),
                for: .eventType(EventTypeID(type)),
                validity: .fromNow,
                actor: "test",
                isChecked: false
            )
        }
        try await withClient(.viewer) { get in
            /// Reads all pages of two rows.
            func all(_ path: String) async throws -> (pages: Int, rows: [JSON], last: JSON) {
                var (pages, rows, cursor) = (0, [JSON](), "")
                while true {
                    let answer = try await get("\(path)?limit=2\(cursor)")
                    let json = try JSON(parsing: answer.body.readableBytesView)
                    rows += json.list("items")
                    pages += 1
                    guard let next = json["next"]?.string else { return (pages, rows, json) }
                    cursor = "&cursor=\(next)"
                }
            }
            let drift = try await all("/v1/drift")
            #expect(drift.pages == 3)
            #expect(
                drift.rows.map { "\($0["record"]?.string ?? "")/\($0["field"]?.string ?? "")" }
                    == open.dropLast().map { "\($0.record.rawValue)/\($0.field.rawValue)" }.sorted()
            )
            #expect(drift.last["count"]?.int == 5)
            #expect(drift.last.list("fields").compactMap { $0["count"]?.int } == [3, 2])
            let settings = try await all("/v1/settings")
            #expect(settings.rows.compactMap { $0["version"]?.int } == [3, 2, 1])
        }
    }

    @Test("tells of the last thirty days, and of those on which nothing happened, too")
    func days() async throws {
        try await record("a")
        ledger.clock.advance(bySeconds: 3 * 86_400)
        try await record("b")
        try await withClient(.viewer) { get in
            let json = try JSON(parsing: try await get("/v1/ledger").body.readableBytesView)
            let days = json.list("days")
            #expect(days.compactMap { $0["day"]?.string }.first == "2026-10-08")
            #expect(days.compactMap { $0["day"]?.string }.last == "2026-11-06")
            let counts = days.compactMap { $0["count"]?.int }
            #expect(counts.count == 30)
            #expect(counts.map { $0 > 0 }.suffix(5) == [false, true, false, false, true])
        }
    }

    @Test(
        "refuses what cannot be meant",
        arguments: [
            ("/v1/bookings?limit=0", 400), ("/v1/bookings?limit=many", 400),
            ("/v1/bookings?limit=201", 400), ("/v1/bookings?cursor=x", 400),
            ("/v1/events?cursor=-1", 400), ("/v1/records/short", 400),
            ("/v1/records/short/fields/Subject", 400), ("/v1/records/001000000000001AAA", 404),
            ("/v1/records/001000000000001AAA/fields", 404), ("/v1/bookings/unknown", 404),
            ("/v1/runs/unknown", 404), ("/v1/nowhere", 404),
            ("/v1/bookings?colour=red", 400), ("/v1/bookings?format=pdf", 400),
            ("/v1/plans/unknown", 404), ("/v1/people/unknown", 404), ("/v1/settings/7", 404),
            ("/v1/events/0/proof", 400), ("/v1/events/9/proof", 404),
            ("/v1/routing/owner?email=x", 400), ("/v1/routing/owner?email=a@b.example", 503),
            ("/v1/failures?state=odd", 400), ("/v1/failures?state=", 400),
            ("/v1/settings?scope=", 400), ("/v1/settings?scope=odd", 400),
            ("/v1/failures/retry", 405), ("/v1/bookings/", 200),
        ]
    )
    func refusals(path: String, status: Int) async throws {
        try await withClient(.admin) { get in
            let answer = try await get(path)
            #expect(answer.status.code == status)
            guard status >= 400 else { return }
            #expect(answer.headers[.contentType] == "application/problem+json")
        }
    }

    @Test("tells whoever is lost where all addresses are")
    func lost() async throws {
        try await withClient(.viewer) { get in
            let answer = try await get("/v1/nowhere")
            #expect(String(buffer: answer.body).contains("/v1/openapi.json"))
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

    // MARK: Acting

    /// Serves to somebody who sends things.
    private func withSender(
        _ role: Role,
        _ body:
            @Sendable (
                @Sendable (_ path: String, _ body: String, _ headers: HTTPFields) async throws ->
                    TestResponse
            ) async throws -> Void
    ) async throws {
        let now = ledger.clock.now
        let secret = try await ledger.journal.makeToken(
            name: "test",
            role: role,
            expires: now.advanced(byMilliseconds: 86_400_000),
            now: now
        ).secret
        try await ledger.server().application.test(.router) { client in
            try await body { path, body, headers in
                var fields = headers
                fields[.authorization] = "Bearer \(secret)"
                if fields[.contentType] == nil { fields[.contentType] = "application/json" }
                return try await client.execute(
                    uri: path,
                    method: .post,
                    headers: fields,
                    body: ByteBuffer(string: body)
                )
            }
        }
    }

    static let refused: [(path: String, body: String, headers: HTTPFields, status: Int)] = [
        ("/v1/failures/retry", "{}", [:], 422),
        ("/v1/failures/retry", "{\"names\":[\"event/x\"]}", [:], 404),
        ("/v1/failures/retry", "no JSON", [:], 400),
        ("/v1/failures/retry", "[1]", [:], 422),
        ("/v1/failures/retry", "names=x", [.contentType: "application/x-www-form-urlencoded"], 415),
        ("/v1/people/search", "{\"email\":\"nobody@x.example\"}", [:], 404),
        ("/v1/people/search", "{\"email\":\"x\"}", [:], 422),
        ("/v1/plans", "{}", [:], 503),
        ("/v1/settings", "{\"scope\":\"default\",\"settings\":{}}", [:], 428),
        ("/v1/bookings", "{}", [:], 405),
    ]

    @Test("refuses what cannot be done, and says so as a problem", arguments: refused)
    func refusedActs(
        row: (path: String, body: String, headers: HTTPFields, status: Int)
    ) async throws {
        try await withSender(.admin) { send in
            let answer = try await send(row.path, row.body, row.headers)
            #expect(answer.status.code == row.status)
            #expect(answer.headers[.contentType] == "application/problem+json")
        }
    }

    @Test("lets no viewer act", arguments: ["/v1/plans", "/v1/failures/retry", "/v1/settings"])
    func viewer(path: String) async throws {
        try await withSender(.viewer) { send in
            let answer = try await send(path, "{}", [:])
            #expect(answer.status == .forbidden)
            #expect(String(buffer: answer.body).contains("daybook token create --name NAME"))
        }
    }

    @Test("records who acted and who read about people, and nothing that a caller made up")
    func recorded() async throws {
        try await take(Self.created)
        try await withClient(.operator) { get in
            _ = try await get("/v1/bookings/\(Self.uid)")
            _ = try await get("/v1/bookings")
            _ = try await get("/v1/bookings/dana.okafor@globex.example")
        }
        try await withClient(.viewer) { get in _ = try await get("/v1/bookings/\(Self.uid)") }
        try await withSender(.operator) { send in _ = try await send("/v1/plans", "{}", [:]) }
        let events = try await ledger.journal.sealedEvents(
            after: .start,
            limit: .max,
            type: "access.noted"
        ).map { try JSON(parsing: $0.data) }
        #expect(events.compactMap { $0["method"]?.string } == ["GET", "GET", "POST"])
        #expect(events.map { $0["subject"]?.string } == [Self.uid, nil, nil])
        #expect(events.map { $0["personal"]?.bool } == [true, true, false])
    }

    @Test("answers a request with the same Idempotency-Key once, and refuses another one with it")
    func idempotent() async throws {
        guard let name = HTTPField.Name("Idempotency-Key") else { return }
        let key: HTTPFields = [name: "one"]
        try await withSender(.admin) { send in
            let body = "{\"version\":1}"
            // Without a desk nothing is compared, and a failed answer is not kept.
            for _ in 1...2 {
                let answer = try await send("/v1/replays", body, key)
                #expect(answer.status == .serviceUnavailable)
            }
        }
        let journal = ledger.journal
        let now = ledger.clock.now
        #expect(try await journal.begin(request: "a", key: "k", now: now) == .begun)
        #expect(try await journal.begin(request: "a", key: "k", now: now) == .underWay)
        #expect(try await journal.begin(request: "b", key: "k", now: now) == .otherRequest)
        try await journal.finish(key: "k", answer: .string("done"), now: now)
        #expect(
            try await journal.begin(request: "a", key: "k", now: now) == .answered(.string("done"))
        )
        let later = now.advanced(byMilliseconds: Journal.answerRetention)
        #expect(try await journal.begin(request: "b", key: "k", now: later) == .begun)
    }

    @Test("gives lists as tables in which no cell becomes a formula")
    func tables() async throws {
        let rows: [JSON] = [
            .compact([("a", .string("=1+1")), ("b", .integer(-2))]),
            .compact([("a", .string("x, \"y\""))]),
        ]
        #expect(CSVTable(rows: rows).text == "a,b\r\n'=1+1,-2\r\n\"x, \"\"y\"\"\",\r\n")
        // What is one character with a mark, or two of a line end, is read one by one.
        let texts = ["=\u{301}1", "x,\u{301}", "\"\u{301}", "x\r\ny"]
        let cells = ["'=\u{301}1", "\"x,\u{301}\"", "\"\"\"\u{301}\"", "\"x\r\ny\""]
        for (text, cell) in zip(texts, cells) {
            let table = CSVTable(rows: [.compact([("a", .string(text))])]).text
            #expect(Array(table.utf8) == Array("a\r\n\(cell)\r\n".utf8))
        }
        try await record("a")
        try await withClient(.viewer) { get in
            let answer = try await get("/v1/bookings?format=csv")
            #expect(answer.headers[.contentType] == "text/csv; charset=utf-8")
            #expect(String(buffer: answer.body).hasPrefix("uid,newest,occurred,waiting\r\na,"))
            for (path, head) in [
                ("/v1/bookings/a", "position,occurred,recorded,type"), ("/v1/ledger", "day,count"),
            ] {
                let table = try await get("\(path)?format=csv")
                #expect(table.headers[.contentType] == "text/csv; charset=utf-8")
                #expect(String(buffer: table.body).hasPrefix(head))
            }
        }
    }

    @Test("gives a plan as a table with a row for each field")
    func operations() throws {
        let operations = try JSON(
            parsing: """
                [{"operation":"event/a","kind":"create","reason":"r","fields":[
                    {"field":"Subject","outcome":"write","reason":"first-claim","desired":"Demo"},
                    {"field":"Location","outcome":"hold","reason":"edited","live":"Room 1"}]},
                 {"operation":"event/b","kind":"delete","reason":"cancelled","record":"00U"}]
                """
        ).array
        #expect(
            CSVTable(rows: CSVTable.rows(ofOperations: operations ?? [])).text == """
                operation,kind,object,record,reason,field,outcome,live,desired,fieldReason\r
                event/a,create,,,r,Subject,write,,Demo,first-claim\r
                event/a,create,,,r,Location,hold,Room 1,,edited\r
                event/b,delete,,00U,cancelled,,,,,\r\n
                """
        )
    }
}
