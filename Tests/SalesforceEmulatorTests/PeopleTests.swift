import Testing

@testable import SalesforceEmulator

@Suite("What people and the org itself do")
struct PeopleTests {
    @Test("is stamped with who did it, and counts for no client")
    func edit() async throws {
        try await withOrg { org in
            let id = try await org.create("Contact", ["LastName": "A"])
            try await org.control("POST", "stats/reset")
            let fields = "Title,LastModifiedBy.Email,SystemModstamp"
            let soql = "SELECT \(fields) FROM Contact WHERE Id = '\(id)'"
            let before = try await org.query(soql).records.first
            let edited = try await org.control(
                "POST",
                "edit",
                ["id": .string(id), "set": ["Title": "CTO"], "email": "priya.raman@example.com"]
            )
            #expect(edited["success"] == true)
            let after = try await org.query(soql).records.first
            #expect(after?["Title"] == "CTO")
            #expect(after?["LastModifiedBy"]?["Email"] == "priya.raman@example.com")
            #expect(after?["SystemModstamp"] != before?["SystemModstamp"])
            let stats = try await org.control("GET", "stats")
            #expect(stats["perObject"] == [:])
        }
    }

    @Test("follows the rules, as an administrator unless told otherwise")
    func rules() async throws {
        try await withOrg { org in
            let made = try await org.control(
                "POST",
                "create",
                ["object": "Contact", "set": ["LastName": "A"]]
            )
            let id = try #require(made["id"]?.text)
            let wrong = try await org.send(
                "POST",
                "/emulator/edit",
                ["id": .string(id), "set": ["Email": "nonsense"]]
            )
            #expect(wrong.code == "INVALID_EMAIL_ADDRESS")
            let soql = "SELECT CreatedBy.Email FROM Contact"
            let creator = try await org.query(soql).records.first?["CreatedBy"]
            #expect(creator?["Email"] == "admin@example.com")
            let nobody = try await org.send(
                "POST",
                "/emulator/edit",
                ["id": .string(id), "set": [:], "email": "nobody@example.com"]
            )
            #expect(nobody.status == 400)
        }
    }

    @Test("deletes, restores and purges")
    func bin() async throws {
        try await withOrg { org in
            let id = try await org.create("Contact", ["LastName": "A"])
            let soql = "SELECT Id FROM Contact"
            let body: JSON = ["ids": [.string(id)]]
            try await org.control("POST", "delete", body)
            #expect(try await org.query(soql).records.isEmpty)
            try await org.control("POST", "undelete", body)
            #expect(try await org.query(soql).records.count == 1)
            try await org.control("POST", "delete", body)
            try await org.control("POST", "purge", body)
            #expect(try await org.query(soql, all: true).records.isEmpty)
            #expect(try await org.send("POST", "/emulator/undelete", body).status == 404)
        }
    }

    @Test("keeps what was deleted for 15 days")
    func binLife() async throws {
        try await withOrg { org in
            let id = try await org.create("Contact", ["LastName": "A"])
            let kept = try await org.create("Contact", ["LastName": "B"])
            let body: JSON = ["ids": [.string(id)]]
            try await org.control("POST", "delete", body)
            let soql = "SELECT Id FROM Contact"
            try await org.control("POST", "clock", ["advanceSeconds": .integer(15 * 86_400 - 1)])
            #expect(try await org.query(soql, all: true).records.count == 2)
            try await org.control("POST", "clock", ["advanceSeconds": 2])
            let left = try await org.query(soql, all: true).records
            #expect(left.map { $0["Id"]?.text } == [kept])
            #expect(try await org.send("POST", "/emulator/undelete", body).status == 404)
        }
    }

    @Test("archives events: query forgets them, queryAll and ids do not")
    func archive() async throws {
        try await withOrg { org in
            var ids: [String] = []
            for day in ["2025-12-01", "2026-02-01", "2026-02-25"] {
                ids.append(
                    try await org.create(
                        "Event",
                        ["StartDateTime": .string("\(day)T09:00:00Z"), "DurationInMinutes": 5]
                    )
                )
            }
            let stamps = try await org.query("SELECT SystemModstamp FROM Event").records
            try await org.control("POST", "archive", ["ids": [.string(ids[2])]])
            let old = try await org.control("POST", "archive", ["olderThanDays": 60])
            #expect(old["archived"] == 1)
            let found = try await org.query("SELECT Id FROM Event").records
            #expect(found.map { $0["Id"]?.text } == [ids[1]])
            let all = try await org.query("SELECT IsArchived, SystemModstamp FROM Event", all: true)
            #expect(all.records.map { $0["IsArchived"] } == [true, false, true])
            #expect(all.records.map { $0["SystemModstamp"] } == stamps.map { $0["SystemModstamp"] })
            #expect(try await org.read("Event", ids[0], "IsArchived")["IsArchived"] == true)
            let patch = try await org.send("PATCH", "sobjects/Event/\(ids[0])", ["Subject": "x"])
            #expect(patch.status == 204)
        }
    }

    @Test("converts a lead into an opportunity too, which its events are about then")
    func opportunity() async throws {
        try await withOrg { org in
            let lead = try await org.create("Lead", ["LastName": "L", "Company": "C"])
            let event = try await org.create(
                "Event",
                [
                    "StartDateTime": "2026-03-01T09:00:00Z", "DurationInMinutes": 5,
                    "WhoId": .string(lead),
                ]
            )
            let result = try await org.control(
                "POST",
                "convert-lead",
                ["leadId": .string(lead), "opportunityName": "Deal"]
            )
            #expect(result["opportunityId"]?.text?.hasPrefix("006") == true)
            let about = try await org.read("Event", event, "WhatId,WhoId")
            #expect(about["WhatId"] == result["opportunityId"])
            let converted = try await org.read("Lead", lead, "ConvertedOpportunityId")
            #expect(converted["ConvertedOpportunityId"] == result["opportunityId"])
        }
    }
}
