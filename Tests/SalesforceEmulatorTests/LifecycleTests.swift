import Foundation
import Testing

@testable import SalesforceEmulator

@Suite("A record's life in the org")
struct LifecycleTests {
    @Test("ends in the recycle bin, where only queryAll and getDeleted see it")
    func deletion() async throws {
        try await withOrg { org in
            let id = try await org.create("Contact", ["LastName": "A"])
            #expect(try await org.send("DELETE", "sobjects/Contact/\(id)").status == 204)
            let soql = "SELECT IsDeleted FROM Contact WHERE Id = '\(id)'"
            #expect(try await org.query(soql).records.isEmpty)
            #expect(try await org.query(soql, all: true).records.first?["IsDeleted"] == true)
            let patch = try await org.send("PATCH", "sobjects/Contact/\(id)", ["Title": "x"])
            #expect(patch.status == 404 && patch.code == "ENTITY_IS_DELETED")
            let deleted = try await org.send(
                "GET",
                """
                sobjects/Contact/deleted/?start=2026-03-01T00%3A00%3A00%2B00%3A00\
                &end=2026-03-03T00%3A00%3A00Z
                """
            )
            #expect(deleted.json["deletedRecords"]?.array?.map { $0["id"] } == [.string(id)])
            try await org.control("POST", "undelete", ["ids": [.string(id)]])
            #expect(try await org.query(soql).records.count == 1)
        }
    }

    @Test("can go on in the record that it was merged into")
    func merge() async throws {
        try await withOrg { org in
            let winner = try await org.create("Contact", ["LastName": "A"])
            let loser = try await org.create("Contact", ["LastName": "B"])
            let event = try await org.create(
                "Event",
                [
                    "StartDateTime": "2026-03-01T09:00:00Z", "DurationInMinutes": 5,
                    "WhoId": .string(loser),
                ]
            )
            try await org.control(
                "POST",
                "merge",
                ["winner": .string(winner), "losers": [.string(loser)]]
            )
            let found = try await org.query(
                "SELECT MasterRecordId FROM Contact WHERE Id = '\(loser)'",
                all: true
            )
            #expect(found.records.first?["MasterRecordId"] == .string(winner))
            #expect(try await org.read("Event", event, "WhoId")["WhoId"] == .string(winner))
        }
    }

    @Test("as a lead ends when it becomes a contact, which takes over its activities")
    func conversion() async throws {
        try await withOrg { org in
            let lead = try await org.create("Lead", ["LastName": "L", "Company": "C"])
            let event = try await org.create(
                "Event",
                [
                    "StartDateTime": "2026-03-01T09:00:00Z", "DurationInMinutes": 5,
                    "WhoId": .string(lead),
                ]
            )
            let result = try await org.control("POST", "convert-lead", ["leadId": .string(lead)])
            let patch = try await org.send("PATCH", "sobjects/Lead/\(lead)", ["Title": "x"])
            #expect(patch.code == "CANNOT_UPDATE_CONVERTED_LEAD")
            let found = try await org.query("SELECT WhoId, WhatId FROM Event WHERE Id = '\(event)'")
            #expect(found.records.first?["WhoId"] == result["contactId"])
            #expect(found.records.first?["WhatId"] == result["accountId"])
            let converted = try await org.read("Lead", lead, "IsConverted,ConvertedContactId")
            #expect(converted["ConvertedContactId"] == result["contactId"])
        }
    }

    @Test("goes on after a restart when the org has a file")
    func file() async throws {
        let path = FileManager.default.temporaryDirectory
            .appending(path: "org-\(UUID().uuidString).sqlite").path
        defer {
            for suffix in ["", "-wal", "-shm"] {
                do { try FileManager.default.removeItem(atPath: path + suffix) } catch { continue }
            }
        }
        let options = EmulatorOptions(orgFile: path)
        let id = try await withSalesforceEmulator(options) { base in
            let org = OrgClient(base: base)
            _ = try await org.send(
                "POST",
                "tooling/sobjects/CustomField",
                [
                    "FullName": "Contact.Extra__c",
                    "Metadata": ["type": "Text", "label": "Extra", "length": 20],
                ]
            )
            try await org.control("POST", "settings", ["sharedActivities": false])
            return try await org.create("Contact", ["LastName": "A", "Extra__c": "kept"])
        }
        try await withSalesforceEmulator(options) { base in
            let org = OrgClient(base: base)
            let record = try await org.read("Contact", id, "Extra__c")
            #expect(record["Extra__c"] == "kept")
            #expect(try await org.control("GET", "settings")["sharedActivities"] == false)
            #expect(try await org.create("Contact", ["LastName": "B"]) != id)
        }
    }
}
