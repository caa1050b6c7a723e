import Testing

@testable import SalesforceEmulator

@Suite("Users invited to an event")
struct InviteeTests {
    /// An event with one invited user; gives the ids of event, invitation and copy.
    private static func invite(
        _ org: OrgClient
    ) async throws -> (event: String, relation: String, copy: String) {
        let event = try await org.create(
            "Event",
            [
                "Subject": "Demo", "StartDateTime": "2026-03-01T09:00:00Z",
                "DurationInMinutes": 30, "Daybook_Key__c": "k",
            ]
        )
        let soql = "SELECT Id FROM User WHERE Email = 'priya.raman@example.com'"
        let user = try #require(try await org.query(soql).records.first?["Id"])
        let relation = try await org.create(
            "EventRelation",
            ["EventId": .string(event), "RelationId": user, "IsInvitee": true]
        )
        let copies = try await org.query("SELECT Id FROM Event WHERE IsChild = true").records
        return (event, relation, try #require(copies.first?["Id"]?.text))
    }

    @Test("get a copy of their own, without the event's key")
    func copy() async throws {
        try await withOrg { org in
            let made = try await Self.invite(org)
            let fields = "Subject,StartDateTime,IsChild,GroupEventType,Daybook_Key__c,OwnerId"
            let copy = try await org.read("Event", made.copy, fields)
            #expect(copy["Subject"] == "Demo")
            #expect(copy["StartDateTime"] == "2026-03-01T09:00:00.000+0000")
            #expect(copy["Daybook_Key__c"] == .null)
            let event = try await org.read("Event", made.event, "IsChild,IsGroupEvent,OwnerId")
            #expect(event["IsChild"] == false)
            #expect(event["IsGroupEvent"] == true)
            #expect(event["OwnerId"] != copy["OwnerId"])
            let own = try await org.query("SELECT Id FROM Event WHERE IsChild = false").records
            #expect(own.map { $0["Id"]?.text } == [made.event])
        }
    }

    @Test(
        "see the copy follow its event, and vanish with it",
        arguments: ["Event", "EventRelation"]
    )
    func following(deleted: String) async throws {
        try await withOrg { org in
            let made = try await Self.invite(org)
            let moved: JSON = ["StartDateTime": "2026-03-02T09:00:00Z", "DurationInMinutes": 30]
            _ = try await org.send("PATCH", "sobjects/Event/\(made.event)", moved)
            let copy = try await org.read("Event", made.copy, "StartDateTime")
            #expect(copy["StartDateTime"] == "2026-03-02T09:00:00.000+0000")
            let id = deleted == "Event" ? made.event : made.relation
            #expect(try await org.send("DELETE", "sobjects/\(deleted)/\(id)").status == 204)
            let left = try await org.query("SELECT Id FROM Event WHERE IsChild = true").records
            #expect(left.isEmpty)
        }
    }

    @Test("may change the reminder of the copy and nothing else")
    func reminder() async throws {
        try await withOrg { org in
            let made = try await Self.invite(org)
            let path = "sobjects/Event/\(made.copy)"
            let reminder: JSON = [
                "IsReminderSet": true, "ReminderDateTime": "2026-03-01T08:00:00Z",
            ]
            #expect(try await org.send("PATCH", path, reminder).status == 204)
            let refused = try await org.send("PATCH", path, ["Subject": "Mine"])
            #expect(refused.code == "FIELD_INTEGRITY_EXCEPTION")
            let again = try await org.send(
                "POST",
                "sobjects/EventRelation",
                ["EventId": .string(made.copy), "RelationId": .string(DefaultOrg.admin)]
            )
            #expect(again.code == "FIELD_INTEGRITY_EXCEPTION")
        }
    }
}
