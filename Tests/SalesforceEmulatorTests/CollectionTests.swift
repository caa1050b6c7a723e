import Testing

@testable import SalesforceEmulator

@Suite("Collection")
struct CollectionTests {
    private let rows: JSON = [
        ["attributes": ["type": "Contact"], "LastName": "A"],
        ["attributes": ["type": "Contact"], "Title": "nameless"],
    ]

    @Test("keeps the good rows, or none", arguments: [false, true])
    func create(allOrNone: Bool) async throws {
        try await withOrg { org in
            let answer = try await org.send(
                "POST",
                "composite/sobjects",
                ["allOrNone": .bool(allOrNone), "records": rows]
            )
            let results = answer.json.array ?? []
            #expect(answer.status == 200)
            #expect(results.map { $0["success"] } == [.bool(!allOrNone), false])
            let codes = results.map { $0["errors"]?.array?.first?["statusCode"]?.text }
            let first = allOrNone ? "ALL_OR_NONE_OPERATION_ROLLED_BACK" : nil
            #expect(codes == [first, "REQUIRED_FIELD_MISSING"])
            let count = try await org.query("SELECT COUNT() FROM Contact").json["totalSize"]
            #expect(count == (allOrNone ? 0 : 1))
        }
    }

    @Test("upserts, updates, reads and deletes rows by their ids")
    func life() async throws {
        try await withOrg { org in
            let key: JSON = [
                "records": [
                    [
                        "attributes": ["type": "Event"], "Daybook_Key__c": "k",
                        "StartDateTime": "2026-03-01T09:00:00Z", "DurationInMinutes": 5,
                    ]
                ]
            ]
            let path = "composite/sobjects/Event/Daybook_Key__c"
            let made = try await org.send("PATCH", path, key)
            let again = try await org.send("PATCH", path, key)
            #expect(made.json.array?.first?["created"] == true)
            #expect(again.json.array?.first?["created"] == false)
            let id = try #require(made.json.array?.first?["id"])
            let update: JSON = [
                "records": [["attributes": ["type": "Event"], "id": id, "Subject": "S"]]
            ]
            _ = try await org.send("PATCH", "composite/sobjects", update)
            let read = try await org.send(
                "POST",
                "composite/sobjects/Event",
                ["ids": [id, "00U000000000009"], "fields": ["Subject"]]
            )
            #expect(read.json.array?.map { $0["Subject"] } == ["S", nil])
            let text = try #require(id.text)
            let gone = try await org.send("DELETE", "composite/sobjects?ids=\(text),xyz")
            let errors = gone.json.array?.last?["errors"]?.array?.first
            #expect(gone.json.array?.first?["success"] == true)
            #expect(errors?["statusCode"] == "MALFORMED_ID")
        }
    }

    @Test("has 200 rows at most, in 10 runs of one type")
    func limits() async throws {
        try await withOrg { org in
            let contact: JSON = ["attributes": ["type": "Contact"], "LastName": "A"]
            let lead: JSON = ["attributes": ["type": "Lead"], "LastName": "A", "Company": "B"]
            let many = [JSON](repeating: contact, count: 201)
            let mixed = (0..<12).map { $0 % 2 == 0 ? contact : lead }
            for records in [many, mixed] {
                let body: JSON = ["records": .array(records)]
                let answer = try await org.send("POST", "composite/sobjects", body)
                #expect(answer.status == 400)
            }
        }
    }
}
