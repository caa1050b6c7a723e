import Foundation
import Testing

/// Settings, from Cal.com and by hand, over the command line.
@Suite("Settings commands", .timeLimit(.minutes(15)))
struct SettingsTests {
    private static let appData = Recorded.appData
    private static let eventType = Recorded.path("api_v2_event_type.json")

    @Test(
        "imports Cal.com's settings from any moment on",
        arguments: ["now", "all", "2026-01-01", "2026-01-01T08:00:00Z"]
    )
    func imports(_ effective: String) async throws {
        try await withTrial { trial, _ in
            let accepted = try await trial.json(
                "settings",
                "import",
                Self.appData,
                "--event-type",
                "88231",
                "--effective",
                effective
            )
            let version = try #require(accepted["versions"]?.list.first)
            #expect(version["version"] == 1)
            #expect(version["scope"] == "88231")
            #expect(version["settings"]?["attendeeRecord"] == "lead")
            let said = try #require(version["effective"]?.text)
            #expect(said.hasPrefix(effective.prefix(10)))
        }
    }

    @Test("imports an event type of API v2, which says itself for which it is")
    func importsEventType() async throws {
        try await withTrial { trial, _ in
            let accepted = try await trial.json("settings", "import", Self.eventType)
            #expect(accepted["versions"]?.list.first?["scope"] == "88231")
            let shown = try await trial.json("settings", "show")
            #expect(shown["eventTypes"]?["88231"]?["attendeeRecord"] == "lead")
        }
    }

    @Test("imports for all event types with --default")
    func importsDefault() async throws {
        try await withTrial { trial, _ in
            let accepted = try await trial.json("settings", "import", Self.appData, "--default")
            #expect(accepted["versions"]?.list.first?["scope"] == "default")
        }
    }

    @Test("asks for the event type where the file names none")
    func asksForScope() async throws {
        try await withTrial { trial, _ in
            let finished = try await trial.run("settings", "import", Self.appData)
            #expect(finished.status == 65)
            #expect(finished.messages.contains("--event-type"))
        }
    }

    @Test("applies from all history, so that earlier bookings are written, too")
    func reachesBack() async throws {
        for (effective, creates) in [("now", 0), ("all", 3), ("2026-01-01", 3)] {
            try await withTrial { trial, _ in
                try await trial.expect("ingest", Recorded.created)
                try await trial.importSettings(effective: effective)
                let plan = try await trial.json("plan", "--all")
                #expect(plan["summary"]?["create"]?.int == creates, "--effective \(effective)")
            }
        }
    }

    @Test("takes what it shows back in, and lists every version")
    func roundTrips() async throws {
        try await withTrial { trial, _ in
            try await trial.importSettings()
            let shown = try await trial.expect("settings", "show", "--output", "json").output
            try trial.write(shown, to: "settings.json")
            try await trial.expect("settings", "validate", "settings.json")
            try await trial.expect("settings", "apply", "settings.json")
            #expect(
                try await trial.json("settings", "show") == Document(shown)
            )
            let history = try await trial.json("settings", "history").list
            #expect(history.compactMap { $0["version"]?.int } == [1, 2])
        }
    }

    @Test("are refused with 65 where they do not fit, and nothing changes")
    func areRefused() async throws {
        try await withTrial { trial, _ in
            try trial.write("default: { attendeRecord: lead }", to: "slip.yaml")
            let slip = try await trial.run("settings", "apply", "slip.yaml")
            #expect(slip.status == 65)
            #expect(slip.messages.contains("'slip.yaml': Unknown key"))
            #expect(slip.messages.contains("attendeeRecord"))

            let field = "default: { onBooking: { eventRecord: { Nowhere__c: x } } }"
            try trial.write(field, to: "field.yaml")
            let unknown = try await trial.run("settings", "apply", "field.yaml")
            #expect(unknown.status == 65)
            #expect(unknown.messages.contains("Nowhere__c"))
            try trial.write("default: {}", to: "late.yaml")
            let late = try await trial.run(
                "settings",
                "apply",
                "late.yaml",
                "--effective",
                "2999-01-01"
            )
            #expect(late.status == 65)
            #expect(late.messages.contains("2999-01-01T00:00:00Z lies in the future"))
            #expect(try await trial.json("settings", "history").list == [])
        }
    }

    @Test("are accepted while the org is away, and say that nothing was checked")
    func areAcceptedUnchecked() async throws {
        try await withoutOrg { trial in
            let finished = try await trial.expect(
                "settings",
                "import",
                Self.appData,
                "--event-type",
                "88231"
            )
            #expect(finished.messages.contains("not checked"))
        }
    }

    @Test("lay the options of a routing form over those in force, and refuse a query that writes")
    func routingForm() async throws {
        try await withTrial { trial, _ in
            try await trial.importSettings()
            let options = Recorded.path("salesforce_routing_form_options.json")
            let accepted = try await trial.json(
                "settings",
                "import",
                options,
                "--event-type",
                "88231"
            )
            let settings = accepted["versions"]?.list.first?["settings"]
            #expect(settings?["attendeeRecord"] == "lead")
            #expect(settings?["ownerRouting"]?["accountUserField"] == "Region__r.Owner__c")
            let query = #"{"rrSkipToCustomSoql": true, "customSoqlQuery": "DELETE FROM Lead"}"#
            try trial.write(query, to: "query.json")
            let refused = try await trial.run(
                "settings",
                "import",
                "query.json",
                "--event-type",
                "88231"
            )
            #expect(refused.status == 65)
            #expect(refused.messages.contains("does not begin with SELECT"))
            #expect(refused.messages.contains("Correct it in the file"))
        }
    }

    @Test("take answers for routing, and refuse what is none")
    func routeOwnerAnswers() async throws {
        try await withTrial { trial, _ in
            try await trial.importSettings()
            let person = ["route-owner", "a@unknown.example", "--event-type", "88231", "--answer"]
            let known = try await trial.run(person + ["country=Germany", "--output", "json"])
            #expect(known.status == 0)
            let broken = try await trial.run(person + ["Germany"])
            #expect(broken.status == 65)
            #expect(broken.messages.contains("QUESTION=ANSWER"))
        }
    }

    @Test("route a known person to the owner, and an unknown one to nobody")
    func routeOwner() async throws {
        try await withTrial { trial, _ in
            try await trial.importSettings()
            let answer = try await trial.json(
                "route-owner",
                "somebody@unknown.example",
                "--event-type",
                "88231"
            )
            #expect(answer.keys == ["owner", "reason"])
            #expect(answer["owner"] == .null)
            #expect(answer["reason"]?.text?.isEmpty == false)
        }
    }
}
