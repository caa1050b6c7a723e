import CalComEmulator
import Foundation
import Testing

/// Reading bookings through Cal.com's API, with the real binary and a local stand-in.
@Suite("Reading Cal.com", .timeLimit(.minutes(15)))
struct SourceCommandTests {
    private static let key = "cal_of_the_trial"

    /// The day some days ago, in UTC.
    private static func day(_ ago: Int) -> String {
        let date = Date(timeIntervalSinceNow: -86_400 * Double(ago))
        return String(date.formatted(.iso8601).prefix(10))
    }

    private static let since = day(7)

    /// A trial whose configuration names a Cal.com of its own.
    private func withCalCom(_ body: (Trial) async throws -> Void) async throws {
        let emulator = CalComEmulator(key: Self.key)
        for sample in ["api_v2_bookings_offset_page.json", "api_v2_event_type.json"] {
            // Recorded at a certain time, and read as if that had been yesterday.
            let text = try Recorded.text(sample).replacing(
                /"(createdAt|updatedAt)": *"[^"]*"/
            ) { "\"\($0.output.1)\":\"\(Self.day(1))T12:00:00.000Z\"" }
            try await emulator.load(Data(text.utf8))
        }
        try await withCalComEmulator(emulator) { address in
            try await withoutOrg { trial in
                var trial = trial
                trial.environment["DAYBOOK_CALCOM_API_URL"] = address
                trial.environment["DAYBOOK_CALCOM_API_KEY"] = Self.key
                try await body(trial)
            }
        }
    }

    @Test("appends what no webhook told, once, and says what it was")
    func poll() async throws {
        try await withCalCom { trial in
            let gaps = try await trial.json("source", "gaps", "--since", Self.since)
            #expect(gaps["summary"]?["found"] == 4)
            #expect(try await trial.json("status")["events"] == 0)
            let first = try await trial.json("source", "poll", "--since", Self.since)
            #expect(first["summary"]?["found"] == 4)
            let again = try await trial.json("source", "poll", "--since", Self.since)
            #expect(again["summary"]?["found"] == 0 && again["summary"]?["read"] == 4)
            let trace = try await trial.expect("trace", "booking", Recorded.uid)
            #expect(trace.output.contains("told by no webhook"))
            try await trial.expect("source", "poll")
            let status = try await trial.json("source", "status")
            #expect(status["reachable"] == true && status["readUntil"]?.text != nil)
            try await trial.expect("ledger", "verify")
        }
    }

    @Test("tells changes by its exit code, if asked")
    func exitCode() async throws {
        try await withCalCom { trial in
            let gaps = ["source", "gaps", "--since", Self.since, "--detailed-exitcode"]
            #expect(try await trial.run(gaps).status == 2)
            try await trial.expect("source", "poll", "--since", Self.since)
            #expect(try await trial.run(gaps).status == 0)
        }
    }

    @Test("takes over the settings of an event type")
    func settings() async throws {
        try await withCalCom { trial in
            let imported = try await trial.json("settings", "import", "--from-calcom", "88231")
            #expect(imported["versions"]?.list.first?["scope"]?.text?.contains("88231") == true)
            let missing = try await trial.run("settings", "import", "--from-calcom", "1")
            #expect(missing.status == 65)
            #expect(missing.messages.contains("event type 1"))
        }
    }

    @Test("is refused without a key, with a wrong one, and where nobody answers")
    func refused() async throws {
        try await withCalCom { trial in
            var without = trial
            without.environment["DAYBOOK_CALCOM_API_KEY"] = nil
            let none = try await without.run("source", "poll")
            #expect(none.status == 78 && none.messages.contains("DAYBOOK_CALCOM_API_KEY"))
            var wrong = trial
            wrong.environment["DAYBOOK_CALCOM_API_KEY"] = "cal_wrong"
            let refused = try await wrong.run("source", "poll")
            #expect(refused.status == 77 && !refused.messages.contains("cal_wrong"))
            var insecure = trial
            insecure.environment["DAYBOOK_CALCOM_API_URL"] = "http://api.cal.example/v2"
            #expect(try await insecure.run("source", "status").status == 78)
        }
    }

    @Test("is done by the service, too, which tells how far it came")
    func serve() async throws {
        try await withCalCom { trial in
            let server = try await trial.start("serve", "--port", "0", "--log-format", "json")
            do {
                let address = try await server.line(beginning: "Listening on ")
                var ready = ""
                while !ready.contains(#""source":{"state":"in-step""#) {
                    try Task.checkCancellation()
                    ready = try await Web.send("GET", "\(address)/readyz").text
                }
                let metrics = try await Web.send("GET", "\(address)/metrics").text
                #expect(metrics.contains("daybook_source_problem 0\n"))
            } catch {
                server.signal(SIGKILL)
                throw error
            }
            server.signal(SIGTERM)
            let ended = try await server.finished()
            #expect(ended.status == 0)
            for line in ended.messages.split(separator: "\n") {
                let entry = try Document(String(line))
                #expect(entry["level"]?.text != nil && entry["message"]?.text != nil, "\(line)")
            }
            for word in Recorded.personal { #expect(!ended.messages.contains(word)) }
        }
    }
}
