import Testing

@testable import SalesforceEmulator

@Suite("Upsert")
struct UpsertTests {
    private let event: JSON = ["StartDateTime": "2026-03-01T09:00:00Z", "DurationInMinutes": 30]

    @Test("creates once, then updates, under the same key")
    func twice() async throws {
        try await withOrg { org in
            let path = "sobjects/Event/Daybook_Key__c/calcom%2Fa%20b.c"
            let first = try await org.send("PATCH", path, event)
            let second = try await org.send("PATCH", path, ["Subject": "Later"])
            let old = try await org.send("PATCH", "/services/data/v45.0/\(path)", ["Subject": "x"])
            #expect(first.status == 201 && first.json["created"] == true)
            #expect(second.status == 200 && second.json["created"] == false)
            #expect(old.status == 204)
            #expect(first.id == second.id)
            let record = try await org.read("Event", first.id, "Daybook_Key__c")
            #expect(record["Daybook_Key__c"] == "calcom/a b.c")
        }
    }

    @Test("of a key that another record has in another case makes another record")
    func caseSensitive() async throws {
        try await withOrg { org in
            let upper = try await org.send("PATCH", "sobjects/Event/Daybook_Key__c/A", event)
            let lower = try await org.send("PATCH", "sobjects/Event/Daybook_Key__c/a", event)
            #expect(upper.id != lower.id)
        }
    }

    @Test("is refused for what cannot be a key, or when the body repeats it")
    func refused() async throws {
        try await withOrg { org in
            let noKey = try await org.send("PATCH", "sobjects/Event/Subject/x", event)
            let repeated = try await org.send(
                "PATCH",
                "sobjects/Event/Daybook_Key__c/x",
                ["Daybook_Key__c": "x"]
            )
            let missing = try await org.send(
                "PATCH",
                "sobjects/Event/Daybook_Key__c/x?updateOnly=true",
                event
            )
            #expect(noKey.status == 404 && noKey.code == "NOT_FOUND")
            #expect(
                repeated.message
                    == "The Daybook_Key__c field should not be specified in the sobject data."
            )
            #expect(missing.status == 404)
        }
    }

    @Test("by an address that several people have offers all of them")
    func ambiguous() async throws {
        try await withOrg { org in
            for _ in 0..<2 {
                _ = try await org.create("Contact", ["LastName": "A", "Email": "a@x.example"])
            }
            let answer = try await org.send(
                "PATCH",
                "sobjects/Contact/Email/A%40X.example",
                ["Title": "x"]
            )
            #expect(answer.status == 300)
            #expect(answer.json.array?.count == 2)
        }
    }

    @Test("keys are unique among living records")
    func unique() async throws {
        try await withOrg { org in
            let first = try await org.send("PATCH", "sobjects/Event/Daybook_Key__c/k", event)
            var body = event.object ?? JSONObject()
            body["Daybook_Key__c"] = "k"
            let second = try await org.send("POST", "sobjects/Event", .object(body))
            #expect(second.code == "DUPLICATE_VALUE")
            #expect(
                second.message
                    == "duplicate value found: Daybook_Key__c duplicates value on record with id: "
                    + first.id
            )
            _ = try await org.send("DELETE", "sobjects/Event/\(first.id)")
            #expect(try await org.send("POST", "sobjects/Event", .object(body)).status == 201)
        }
    }
}
