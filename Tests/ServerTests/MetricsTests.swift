import Domain
import Hummingbird
import HummingbirdTesting
import Journal
import Ledger
import NIOCore
import TestSupport
import Testing

@testable import Server

@Suite("Metrics")
struct MetricsTests {
    let ledger: TemporaryJournal

    init() throws { ledger = try TemporaryJournal() }

    private func scrape(_ client: any TestClientProtocol) async throws -> String {
        let answer = try await client.execute(uri: "/metrics", method: .get)
        #expect(answer.status == .ok)
        #expect(answer.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
        return String(buffer: answer.body)
    }

    @Test("tell what came in, what waits and for how long")
    func intake() async throws {
        try await ledger.server().application.test(.router) { client in
            _ = try await client.send(.recorded("signed_booking_created.raw"))
            _ = try await client.send(.recorded("ping.json", signature: .missing))
            ledger.clock.advance(bySeconds: 90)
            let text = try await scrape(client)
            for line in [
                #"daybook_deliveries_total{verdict="appended"} 1"#,
                #"daybook_deliveries_total{verdict="forged"} 1"#,
                #"daybook_http_requests_total{route="/webhooks/cal",method="POST",status="200"} 1"#,
                #"daybook_http_requests_total{route="/webhooks/cal",method="POST",status="401"} 1"#,
                "daybook_webhook_seconds_count 2", "daybook_lag_appointments 1",
                "daybook_lag_events 1", "daybook_lag_seconds 90.0", "daybook_ledger_events 1",
                #"daybook_writes_total{kind="create",outcome="written"} 0"#,
            ] {
                #expect(text.contains("\(line)\n"), "\(line)")
            }
            for word in ["Dana", "globex", "@"] { #expect(!text.contains(word)) }
        }
    }

    @Test("tell how far each reader of the ledger came, and how large the database is")
    func readers() async throws {
        let signed = try TemporaryJournal(isSigned: true)
        try await signed.server().application.test(.router) { client in
            _ = try await client.send(.recorded("form_submitted_no_event.json"))
            try await signed.journal.ledger.makeCheckpoint()
            let covered = try await scrape(client)
            #expect(covered.contains("daybook_checkpoint_lag_events 0\n"))
            #expect(covered.contains(#"daybook_projector_waiting{projector="appointments"} 0"#))
            #expect(covered.contains(#"daybook_projector_waiting{projector="forms"} 1"#))
            #expect(!covered.contains("daybook_drift_"), "nobody looked for drift yet")

            _ = try await client.send(.recorded("booking_created.json"))
            try await signed.journal.keep(
                DriftSweep(
                    until: ["Contact": .minute(3)],
                    open: [
                        DriftEntry(
                            record: .sample(1, prefix: "003"),
                            object: "Contact",
                            field: "Title",
                            by: nil,
                            after: nil,
                            until: nil
                        )
                    ]
                )
            )
            let text = try await scrape(client)
            #expect(!text.contains("daybook_checkpoint_lag_events 0\n"))
            #expect(text.contains(#"daybook_projector_waiting{projector="appointments"} 1"#))
            let until = Instant.minute(3).milliseconds / 1_000
            #expect(
                text.contains(#"daybook_drift_read_until_seconds{object="Contact"} \#(until)"#)
            )
            #expect(text.contains("daybook_drift_fields 1\n"))
            for name in ["daybook_database_bytes", "daybook_database_wal_bytes"] {
                #expect(try #require(value(of: name, in: text)) > 4_096)
            }
            #expect(value(of: "daybook_database_free_bytes", in: text) != nil)
        }
    }

    private func value(of name: String, in text: String) -> Int? {
        text.split(separator: "\n").first { $0.hasPrefix("\(name) ") }
            .flatMap { Int($0.dropFirst(name.count + 1)) }
    }

    @Test("count what runs did since the process began, and what they needed not to do")
    func runs() async throws {
        try await ledger.server().application.test(.router) { client in
            func finish(_ id: String, _ summary: String) async throws {
                try await ledger.journal.note(
                    run: id,
                    "finished",
                    summary: JSON(parsing: summary)
                )
            }
            try await finish("run-1", #"{"create":7,"apiCalls":1}"#)
            #expect(
                try await scrape(client).contains(
                    #"daybook_writes_total{kind="create",outcome="written"} 0"#
                )
            )
            try await finish(
                "run-2",
                #"{"create":2,"update":1,"failed":3,"unchanged":40,"apiCalls":5}"#
            )
            for _ in 0..<2 {
                let text = try await scrape(client)
                for line in [
                    #"daybook_writes_total{kind="create",outcome="written"} 2"#,
                    #"daybook_writes_total{kind="update",outcome="written"} 1"#,
                    #"daybook_writes_total{kind="any",outcome="failed"} 3"#,
                    "daybook_writes_avoided_total 40", "daybook_api_calls_total 5",
                    #"daybook_runs_total{state="finished"} 1"#,
                ] {
                    #expect(text.contains("\(line)\n"), "\(line)")
                }
            }
        }
    }

    @Test("are written as Prometheus reads them")
    func format() async throws {
        try await ledger.server().application.test(.router) { client in
            _ = try await client.send(.recorded("signed_booking_created.raw"))
            let text = try await scrape(client)
            let sample = /[a-z_]+(\{[a-z]+="[^"\n]*"(,[a-z]+="[^"\n]*")*\})? [-+0-9.eInf]+/
            var declared: Set<String> = []
            for line in text.split(separator: "\n") {
                if line.hasPrefix("# TYPE ") {
                    let name = String(line.split(separator: " ")[2])
                    #expect(declared.insert(name).inserted, "\(name) is declared once")
                } else if !line.hasPrefix("# HELP ") {
                    #expect(line.wholeMatch(of: sample) != nil, "\(line)")
                }
            }
            #expect(declared.count > 10)
        }
        var text = PrometheusText()
        text.sample("a", [("b", "c\"\u{301}d\\e\r\nf")], 1)
        let line = "a{b=\"c\\\"\u{301}d\\\\e\r\\nf\"} 1\n"
        #expect(Array(text.text.utf8) == Array(line.utf8))
    }
}

@Suite("Readiness")
struct ReadinessTests {
    @Test("tries a write, and remembers what came of it for a few seconds")
    func probe() async throws {
        let clock = ManualClock()
        let tries = Tries()
        let probe = WriteProbe(now: { clock.now }) { _ throws(LedgerError) in
            if await tries.count() > 1 { throw .unwritable(reason: "the disk is full") }
        }
        try await probe.check()
        try await probe.check()
        #expect(await tries.made == 1)
        clock.advance(bySeconds: 6)
        await #expect(throws: LedgerError.self) { try await probe.check() }
        await #expect(throws: LedgerError.self) { try await probe.check() }
        #expect(await tries.made == 2)
    }

    private actor Tries {
        var made = 0

        func count() -> Int {
            made += 1
            return made
        }
    }

    @Test("ends when the ledger can be read and not written")
    func unwritable() async throws {
        let ledger = try TemporaryJournal()
        let health = HealthRoutes(
            head: { () throws(LedgerError) in try await ledger.journal.head() },
            deliveryCounts: { [:] },
            probe: { () throws(LedgerError) in throw .unwritable(reason: "the disk is full") },
            sync: { nil },
            logger: RecordedLog().logger
        )
        let router = Routes(webhooks: .sample(), health: health, pages: nil).router
        try await Application(router: router).test(.router) { client in
            let ready = try await client.execute(uri: "/readyz", method: .get)
            #expect(ready.status == .serviceUnavailable)
            #expect(try await client.execute(uri: "/livez", method: .get).status == .ok)
        }
    }
}
