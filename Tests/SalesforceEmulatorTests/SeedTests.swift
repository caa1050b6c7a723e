import Testing

@testable import SalesforceEmulator

@Suite("Seed")
struct SeedTests {
    @Test("is loaded as a whole or not at all")
    func atomic() async throws {
        try await withOrg { org in
            let seed: JSON = [
                "fields": [["object": "Contact", "name": "New__c", "type": "text"]],
                "records": ["Contact": [["LastName": "A"], ["LastName": "B", "Nothing__c": 1]]],
            ]
            let answer = try await org.send("POST", "/emulator/seed", seed)
            #expect(answer.status == 400)
            #expect(try await org.query("SELECT COUNT() FROM Contact").json["totalSize"] == 0)
            #expect(try await org.query("SELECT New__c FROM Contact").code == "INVALID_FIELD")
        }
    }

    @Test("may set system fields and add fields")
    func systemFields() async throws {
        let seed: JSON = [
            "fields": [
                [
                    "object": "Activity", "name": "Stage__c", "type": "picklist",
                    "values": ["A", "B"], "restricted": true,
                ]
            ],
            "records": [
                "Contact": [
                    [
                        "Id": "003000000000Abc", "LastName": "A",
                        "CreatedDate": "2020-01-01T00:00:00Z",
                        "LastModifiedDate": "2021-01-01T00:00:00.123Z",
                    ]
                ]
            ],
        ]
        try await withOrg(seed: seed) { org in
            let found = try await org.query("SELECT Id, CreatedDate, LastModifiedDate FROM Contact")
            let record = try #require(found.records.first)
            #expect(record["Id"] == .string("003000000000AbcAAE"))
            #expect(record["CreatedDate"] == "2020-01-01T00:00:00.000+0000")
            #expect(record["LastModifiedDate"] == "2021-01-01T00:00:00.123+0000")
            let event = try await org.send(
                "POST",
                "sobjects/Event",
                [
                    "StartDateTime": "2026-03-01T09:00:00Z", "DurationInMinutes": 5,
                    "Stage__c": "C",
                ]
            )
            #expect(event.code == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST")
        }
    }

    @Test("can leave Daybook's key field out")
    func withoutKey() async throws {
        try await withOrg(seed: ["settings": ["omitDaybookKey": true]]) { org in
            #expect(try await org.query("SELECT Daybook_Key__c FROM Event").code == "INVALID_FIELD")
            let answer = try await org.send(
                "POST",
                "tooling/sobjects/CustomField",
                [
                    "FullName": "Activity.Daybook_Key__c",
                    "Metadata": [
                        "type": "Text", "label": "Daybook Key", "length": 255, "externalId": true,
                        "unique": true, "caseSensitive": true,
                    ],
                ]
            )
            #expect(answer.status == 201)
            #expect(try await org.query("SELECT Daybook_Key__c FROM Event").status == 200)
        }
    }
}
