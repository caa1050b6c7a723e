import Testing

@testable import SalesforceEmulator

@Suite("The history of fields")
struct FieldHistoryTests {
    private static let rows =
        "SELECT ContactId, Field, OldValue, NewValue, CreatedBy.Name FROM ContactHistory"

    @Test("is no object at all while the org tracks no field of the type")
    func untracked() async throws {
        try await withOrg { org in
            let soql = FormEncoding.encoded(Self.rows)
            let query = try await org.send("GET", "query?q=\(soql)")
            #expect(query.status == 400 && query.code == "INVALID_TYPE")
            #expect(try await org.send("GET", "sobjects/ContactHistory/describe").status == 404)
        }
    }

    @Test("has who changed a tracked field, from what to what, and nothing of others")
    func tracked() async throws {
        let settings: JSON = ["trackedFields": ["Contact.Title", "Contact.OwnerId"]]
        try await withOrg(settings: settings) { org in
            let id = try await org.create("Contact", ["LastName": "A", "Title": "B"])
            let path = "sobjects/Contact/\(id)"
            #expect(try await org.send("PATCH", path, ["Title": "C", "Phone": "1"]).status == 204)
            #expect(try await org.send("PATCH", path, ["Title": "C"]).status == 204)
            try await org.control(
                "POST",
                "edit",
                ["id": .string(id), "set": ["Title": .null, "Department": "D"]]
            )
            let rows = try await org.query("\(Self.rows) WHERE ContactId = '\(id)'").records
            #expect(rows.map { $0["Field"] } == ["created", "Title", "Title"])
            #expect(rows.map { $0["OldValue"] } == [.null, "B", "C"])
            #expect(rows.map { $0["NewValue"] } == [.null, "C", .null])
            #expect(rows[1]["CreatedBy"]?["Name"] != rows[2]["CreatedBy"]?["Name"])
            #expect(try await org.send("GET", "sobjects/ContactHistory/describe").status == 200)
            #expect(try await org.send("GET", "sobjects/LeadHistory/describe").status == 404)
        }
    }
}
