import Testing

@testable import SalesforceEmulator

@Suite("Event")
struct EventTests {
    /// Times as given, and what becomes of them.
    struct Times: Sendable {
        let given: JSON
        var end: JSON?
        var minutes: JSON?
        var refusal: String?
    }

    static let start: JSON = "2026-03-01T09:00:00Z"

    static let rows = [
        Times(
            given: ["StartDateTime": start, "EndDateTime": "2026-03-01T09:45:00Z"],
            end: "2026-03-01T09:45:00.000+0000",
            minutes: 45
        ),
        Times(
            given: ["StartDateTime": start, "DurationInMinutes": 30],
            end: "2026-03-01T09:30:00.000+0000",
            minutes: 30
        ),
        Times(
            given: ["ActivityDateTime": start, "DurationInMinutes": 0],
            end: "2026-03-01T09:00:00.000+0000",
            minutes: 0
        ),
        Times(
            given: ["IsAllDayEvent": true, "ActivityDate": "2026-03-01"],
            end: "2026-03-01T00:00:00.000+0000",
            minutes: 1440
        ),
        Times(given: ["StartDateTime": start], refusal: "REQUIRED_FIELD_MISSING"),
        Times(given: ["DurationInMinutes": 30], refusal: "REQUIRED_FIELD_MISSING"),
        Times(
            given: [
                "StartDateTime": start, "EndDateTime": "2026-03-01T09:45:00Z",
                "DurationInMinutes": 30,
            ],
            refusal: "INVALID_FIELD_FOR_INSERT_UPDATE"
        ),
        Times(
            given: ["StartDateTime": start, "EndDateTime": "2026-03-01T08:00:00Z"],
            refusal: "FIELD_INTEGRITY_EXCEPTION"
        ),
        Times(
            given: ["StartDateTime": start, "DurationInMinutes": 20161],
            refusal: "FIELD_INTEGRITY_EXCEPTION"
        ),
        Times(
            given: ["StartDateTime": "2026-03-01 09:00:00", "DurationInMinutes": 1],
            refusal: "JSON_PARSER_ERROR"
        ),
    ]

    @Test("gets the times that follow from those given, or is refused", arguments: rows)
    func times(row: Times) async throws {
        try await withOrg { org in
            let answer = try await org.send("POST", "sobjects/Event", row.given)
            #expect(answer.code == row.refusal)
            guard row.refusal == nil else { return }
            let record = try await org.read(
                "Event",
                answer.id,
                "EndDateTime,DurationInMinutes,ActivityDate"
            )
            #expect(record["EndDateTime"] == row.end)
            #expect(record["DurationInMinutes"] == row.minutes)
            #expect(record["ActivityDate"] == "2026-03-01")
        }
    }

    @Test("keeps its length when only its start moves")
    func moved() async throws {
        try await withOrg { org in
            let id = try await org.create(
                "Event",
                ["StartDateTime": Self.start, "DurationInMinutes": 30]
            )
            _ = try await org.send(
                "PATCH",
                "sobjects/Event/\(id)",
                ["StartDateTime": "2026-03-02T10:00:00Z"]
            )
            let record = try await org.read("Event", id, "EndDateTime")
            #expect(record["EndDateTime"] == "2026-03-02T10:30:00.000+0000")
        }
    }

    @Test("takes its account from the contact, and no lead beside a related record")
    func relations() async throws {
        try await withOrg(seed: SampleOrg.seed) { org in
            let contact = try await org.query(
                "SELECT Id, AccountId FROM Contact WHERE FirstName = 'Ann'"
            )
            let lead = try await org.query("SELECT Id FROM Lead")
            let who = try #require(contact.records.first?["Id"])
            let account = try #require(contact.records.first?["AccountId"])
            let id = try await org.create(
                "Event",
                ["StartDateTime": Self.start, "DurationInMinutes": 30, "WhoId": who]
            )
            #expect(try await org.read("Event", id, "AccountId")["AccountId"] == account)
            let both = try await org.send(
                "POST",
                "sobjects/Event",
                [
                    "StartDateTime": Self.start, "DurationInMinutes": 30, "WhatId": account,
                    "WhoId": lead.records.first?["Id"] ?? .null,
                ]
            )
            #expect(both.code == "FIELD_INTEGRITY_EXCEPTION")
        }
    }

    @Test("can have several contacts when the org shares activities")
    func sharedActivities() async throws {
        try await withOrg { org in
            let ann = try await org.create("Contact", ["LastName": "Ann"])
            let bob = try await org.create("Contact", ["LastName": "Bob"])
            let id = try await org.create(
                "Event",
                [
                    "StartDateTime": Self.start, "DurationInMinutes": 30,
                    "EventWhoIds": [.string(ann), .string(bob)],
                ]
            )
            let found = try await org.query("SELECT WhoId, WhoCount FROM Event WHERE Id = '\(id)'")
            #expect(found.records.first?["WhoId"] == .string(ann))
            #expect(found.records.first?["WhoCount"] == 2)
            _ = try await org.send("PATCH", "sobjects/Event/\(id)", ["EventWhoIds": .null])
            let relations = try await org.query("SELECT RelationId, Type FROM EventWhoRelation")
            #expect(relations.records.map { $0["RelationId"] } == [.string(ann)])
        }
    }

    @Test("has one person at most when the org does not share activities")
    func unsharedActivities() async throws {
        try await withOrg(settings: ["sharedActivities": false]) { org in
            let describe = try await org.send("GET", "sobjects/Event/describe")
            let names = describe.json["fields"]?.array?.compactMap { $0["name"]?.text } ?? []
            #expect(!names.contains("EventWhoIds") && !names.contains("WhoCount"))
            let answer = try await org.send(
                "POST",
                "sobjects/Event",
                ["StartDateTime": Self.start, "DurationInMinutes": 30, "EventWhoIds": []]
            )
            #expect(
                answer.json == [
                    [
                        "message": "No such column 'EventWhoIds' on sobject of type Event",
                        "errorCode": "INVALID_FIELD",
                    ]
                ]
            )
        }
    }
}
