import Testing

@testable import SalesforceEmulator

@Suite("Query")
struct QueryTests {
    /// A condition and the names of the contacts that it finds.
    struct Row: CustomTestStringConvertible, Sendable {
        let condition: String
        let finds: [String]
        var testDescription: String { condition }
    }

    static let contactRows = [
        Row(condition: "Email = 'ANN@ACME.EXAMPLE'", finds: ["Ann"]),
        Row(condition: "Email != 'ann@acme.example'", finds: ["Bob", "Cem"]),
        Row(condition: "Email = null", finds: ["Cem"]),
        Row(condition: "Email <> NULL", finds: ["Ann", "Bob"]),
        Row(condition: "(NOT Email = 'ann@acme.example')", finds: ["Bob", "Cem"]),
        Row(condition: "NOT (Email = 'ann@acme.example' OR Title = 'CTO')", finds: ["Bob"]),
        Row(condition: "Email NOT IN ('ann@acme.example')", finds: ["Bob", "Cem"]),
        Row(condition: "Email IN ('x@y.example','bob@GLOBEX.example')", finds: ["Bob"]),
        Row(condition: "LastName = 'O\\'Hara'", finds: ["Bob"]),
        Row(condition: "LastName LIKE 'o_h%'", finds: ["Bob"]),
        Row(condition: "LastName LIKE '100\\%\\_s%'", finds: ["Cem"]),
        Row(condition: "LastName LIKE '\\_%'", finds: []),
        Row(condition: "(NOT LastName LIKE 'L%') AND AccountId != null", finds: ["Bob"]),
        Row(condition: "Account.Name = 'acme'", finds: ["Ann"]),
        Row(condition: "Account.Name = null", finds: ["Cem"]),
        Row(
            condition: "Account.Owner.Profile.Name LIKE 'System%' AND FirstName > 'an'",
            finds: ["Ann", "Bob"]
        ),
        Row(
            condition: "Products__c INCLUDES ('Routing;Analytics','Insights')",
            finds: ["Ann", "Bob"]
        ),
        Row(condition: "Products__c EXCLUDES ('Routing')", finds: ["Bob", "Cem"]),
        Row(condition: "Marketing_Consent__c = true", finds: ["Ann"]),
        Row(condition: "Marketing_Consent__c = null", finds: ["Bob", "Cem"]),
        Row(condition: "Last_Demo__c = 2026-02-27", finds: ["Ann"]),
        Row(condition: "Last_Demo__c = LAST_N_DAYS:2", finds: ["Bob"]),
        Row(condition: "Last_Demo__c = YESTERDAY", finds: ["Bob"]),
        Row(condition: "Last_Demo__c < THIS_MONTH", finds: ["Ann"]),
        Row(condition: "CreatedDate = TODAY AND Contact.Title = 'CTO'", finds: ["Cem"]),
        Row(
            condition: "CreatedDate >= 2026-03-02T11:00:00+01:00 AND Title = 'CTO'",
            finds: ["Cem"]
        ),
        Row(condition: "CALENDAR_MONTH(Last_Demo__c) = 2", finds: ["Ann"]),
        Row(condition: "AccountId IN (SELECT Id FROM Account WHERE Name = 'Acme')", finds: ["Ann"]),
        Row(
            condition: "AccountId NOT IN (SELECT Id FROM Account WHERE Name = 'Acme')",
            finds: ["Bob", "Cem"]
        ),
        Row(
            condition: "Owner.Email = 'integration@daybook.example' AND Title = 'CTO'",
            finds: ["Cem"]
        ),
    ]

    @Test("finds the contacts that a person would pick")
    func conditions() async throws {
        try await withOrg(seed: SampleOrg.seed) { org in
            for row in Self.contactRows {
                let soql = "SELECT FirstName FROM Contact WHERE \(row.condition) ORDER BY FirstName"
                let answer = try await org.query(soql)
                let found = answer.records.compactMap { $0["FirstName"]?.text }
                #expect(found == row.finds, "\(row.condition): \(answer.message ?? "")")
            }
        }
    }

    @Test("finds by lists longer than SQLite takes arguments")
    func longList() async throws {
        try await withOrg(seed: SampleOrg.seed) { org in
            let names = (0..<4000).map { "'person\($0)@x.example'" } + ["'ANN@acme.example'"]
            let soql = "SELECT Id FROM Contact WHERE Email IN (\(names.joined(separator: ",")))"
            let url = "/services/data/v62.0/query/?q=\(soql)"
            let answer = try await org.send(
                "POST",
                "composite",
                ["compositeRequest": [["method": "GET", "url": .string(url), "referenceId": "q"]]]
            )
            let body = answer.json["compositeResponse"]?.array?.first?["body"]
            #expect(body?["totalSize"]?.integer == 1)
        }
    }

    @Test("answers with the names of the schema, whatever the case of the query")
    func casing() async throws {
        try await withOrg(seed: SampleOrg.seed) { org in
            let answer = try await org.query(
                "select id, owner.name, ACCOUNT.WEBSITE from CONTACT where firstname = 'ann'"
            )
            let record = try #require(answer.records.first?.object)
            #expect(record.members.map(\.key) == ["attributes", "Id", "Owner", "Account"])
            #expect(record["Account"]?["Website"] == "https://acme.example")
            #expect(record["attributes"]?["type"] == "Contact")
        }
    }

    @Test("compares case-sensitive keys exactly")
    func exactKeys() async throws {
        try await withOrg(seed: SampleOrg.seed) { org in
            let answer = try await org.query(
                "SELECT Subject FROM Event WHERE Daybook_Key__c = 'Key-1'"
            )
            #expect(answer.records.map { $0["Subject"] } == ["Intro"])
        }
    }

    @Test("leaves archived events to queryAll")
    func archived() async throws {
        try await withOrg(seed: SampleOrg.seed) { org in
            let soql = "SELECT Subject, IsArchived FROM Event ORDER BY StartDateTime"
            let live = try await org.query(soql)
            let all = try await org.query(soql, all: true)
            #expect(live.records.map { $0["Subject"] } == ["Intro", "Demo"])
            #expect(all.records.map { $0["IsArchived"] } == [true, false, false])
        }
    }

    @Test("sees people of two types through one relation")
    func polymorphic() async throws {
        try await withOrg(seed: SampleOrg.seed) { org in
            let answer = try await org.query(
                """
                SELECT Who.Name, Who.Type, TYPEOF What WHEN Account THEN Name END FROM Event \
                WHERE Who.Type IN ('Lead', 'Contact') ORDER BY Who.Name
                """
            )
            #expect(answer.records.map { $0["Who"]?["Type"] } == ["Contact", "Lead"])
            #expect(answer.records.map { $0["Who"]?["Name"] } == ["Ann Lee", "Lia"])
        }
    }

    @Test("shows children under their parent, and null where there are none")
    func children() async throws {
        try await withOrg(seed: SampleOrg.seed) { org in
            let answer = try await org.query(
                """
                SELECT FirstName, (SELECT Subject FROM Events LIMIT 1) FROM Contact \
                ORDER BY FirstName
                """
            )
            #expect(answer.records.first?["Events"]?["totalSize"] == 1)
            #expect(answer.records.last?["Events"] == .null)
        }
    }

    @Test("counts and groups")
    func aggregates() async throws {
        try await withOrg(seed: SampleOrg.seed) { org in
            let count = try await org.query("SELECT COUNT() FROM Contact")
            #expect(count.json == ["totalSize": 3, "done": true, "records": []])
            let groups = try await org.query(
                """
                SELECT Account.Name, COUNT(Id) people, MAX(Last_Demo__c) FROM Contact \
                GROUP BY Account.Name HAVING COUNT(Id) > 0 ORDER BY Account.Name NULLS LAST
                """
            )
            #expect(
                groups.records.first == [
                    "attributes": ["type": "AggregateResult"], "Name": "Acme", "people": 1,
                    "expr0": "2026-02-27",
                ]
            )
            #expect(groups.json["totalSize"] == 3)
        }
    }

    @Test("comes in pages that together hold every record once, even if records go meanwhile")
    func pages() async throws {
        let contacts = (0..<450).map { JSON.object(["LastName": .string("P\($0)")]) }
        try await withOrg(seed: ["records": ["Contact": .array(contacts)]]) { org in
            let first = try await org.send(
                "GET",
                "query?q=\(FormEncoding.encoded("SELECT Id FROM Contact"))",
                headers: ["Sforce-Query-Options": "batchSize=200"]
            )
            let last = try #require(first.records.last?["Id"]?.text)
            _ = try await org.send("DELETE", "sobjects/Contact/\(last)")
            var ids = first.records.compactMap { $0["Id"]?.text }
            var next = first.json["nextRecordsUrl"]?.text
            #expect(next?.hasPrefix("/services/data/v62.0/query/01g") == true)
            while let url = next {
                let page = try await org.send("GET", url)
                ids += page.records.compactMap { $0["Id"]?.text }
                next = page.json["nextRecordsUrl"]?.text
                #expect(page.json["done"] == .bool(next == nil))
                #expect(page.json["totalSize"] == 450)
            }
            #expect(Set(ids).count == 450)
            #expect(
                try await org.send("GET", "query/01g000000000000-2000").code
                    == "INVALID_QUERY_LOCATOR"
            )
        }
    }

    @Test("searches words in the fields named")
    func search() async throws {
        try await withOrg(seed: SampleOrg.seed) { org in
            let sosl =
                "FIND {ann@acme.example} IN EMAIL FIELDS RETURNING Contact(FirstName), Lead(Id)"
            let found = try await org.send("GET", "search/?q=\(FormEncoding.encoded(sosl))")
            let records = try #require(found.json["searchRecords"]?.array)
            #expect(records.map { $0["FirstName"] } == ["Ann"])
            #expect(try await org.send("GET", "search?q=FIND").code == "MALFORMED_SEARCH")
        }
    }
}
