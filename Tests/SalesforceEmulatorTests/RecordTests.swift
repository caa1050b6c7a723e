import Testing

@testable import SalesforceEmulator

@Suite("Record")
struct RecordTests {
    /// A body that is refused.
    struct Refusal: Sendable {
        let object: String
        let body: JSON
        let code: String
        let message: String
        var fields: [JSON]?
    }

    static let refusals = [
        Refusal(
            object: "Contact",
            body: ["FirstName": "A"],
            code: "REQUIRED_FIELD_MISSING",
            message: "Required fields are missing: [LastName]",
            fields: ["LastName"]
        ),
        Refusal(
            object: "Lead",
            body: ["FirstName": "A"],
            code: "REQUIRED_FIELD_MISSING",
            message: "Required fields are missing: [LastName, Company]",
            fields: ["LastName", "Company"]
        ),
        Refusal(
            object: "Contact",
            body: ["LastName": "  "],
            code: "REQUIRED_FIELD_MISSING",
            message: "Required fields are missing: [LastName]",
            fields: ["LastName"]
        ),
        Refusal(
            object: "Contact",
            body: ["LastName": "A", "Short__c": "12345678901"],
            code: "STRING_TOO_LONG",
            message: "Short: data value too large: 12345678901 (max length=10)",
            fields: ["Short__c"]
        ),
        Refusal(
            object: "Contact",
            body: ["LastName": "A", "Team_Size__c": "9"],
            code: "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            message: "Team Size: bad value for restricted picklist field: 9",
            fields: ["Team_Size__c"]
        ),
        Refusal(
            object: "Contact",
            body: ["LastName": "A", "Email": "a.example"],
            code: "INVALID_EMAIL_ADDRESS",
            message: "Email: invalid email address: a.example",
            fields: ["Email"]
        ),
        Refusal(
            object: "Contact",
            body: ["LastName": "A", "Marketing_Consent__c": .null],
            code: "INVALID_TYPE_ON_FIELD_IN_RECORD",
            message: "Marketing Consent: value not of required type: null",
            fields: ["Marketing_Consent__c"]
        ),
        Refusal(
            object: "Contact",
            body: ["LastName": "A", "Foo__c": "x"],
            code: "INVALID_FIELD",
            message: "No such column 'Foo__c' on sobject of type Contact"
        ),
        Refusal(
            object: "Contact",
            body: ["LastName": "A", "Id": "003000000000001AAA"],
            code: "INVALID_FIELD",
            message: "The Id field should not be specified in the sobject data."
        ),
        Refusal(
            object: "Contact",
            body: ["LastName": "A", "Name": "B"],
            code: "INVALID_FIELD_FOR_INSERT_UPDATE",
            message: """
                Unable to create/update fields: Name. Please check the security settings of this \
                field and verify that it is read/write for your profile or permission set.
                """,
            fields: ["Name"]
        ),
        Refusal(
            object: "Contact",
            body: ["LastName": "A", "AccountId": "003000000000001"],
            code: "MALFORMED_ID",
            message: "Account ID: id value of incorrect type: 003000000000001AAA",
            fields: ["AccountId"]
        ),
        Refusal(
            object: "Contact",
            body: ["LastName": "A", "AccountId": "001000000000001"],
            code: "INVALID_CROSS_REFERENCE_KEY",
            message: "invalid cross reference id",
            fields: ["AccountId"]
        ),
        Refusal(
            object: "Contact",
            body: ["LastName": "A", "OwnerId": "00G000000000001"],
            code: "MALFORMED_ID",
            message: "Owner ID: id value of incorrect type: 00G000000000001EAA",
            fields: ["OwnerId"]
        ),
        Refusal(
            object: "Contact",
            body: ["LastName": "A", "OwnerId": "005000000000005"],
            code: "INACTIVE_OWNER_OR_USER",
            message:
                "operation performed with inactive user [005000000000005AAA] as owner of contact",
            fields: []
        ),
    ]

    @Test("is refused with code, text and fields, and nothing is written")
    func refused() async throws {
        try await withOrg { org in
            for refusal in Self.refusals {
                let answer = try await org.send("POST", "sobjects/\(refusal.object)", refusal.body)
                #expect(answer.status == 400, "\(refusal.body)")
                #expect(answer.code == refusal.code, "\(refusal.body)")
                #expect(answer.message == refusal.message)
                #expect(answer.json.array?.first?["fields"]?.array == refusal.fields)
            }
            #expect(try await org.query("SELECT COUNT() FROM Contact").json["totalSize"] == 0)
        }
    }

    @Test("keeps text trimmed, empty text as null, and instants to the second")
    func normalized() async throws {
        try await withOrg { org in
            let id = try await org.create(
                "Contact",
                [
                    "LastName": "  Doe ", "FirstName": "Jo", "Title": "",
                    "First_Booked__c": "2026-03-01T10:00:00.789+01:00",
                ]
            )
            let record = try await org.read("Contact", id, "Name,Title,First_Booked__c,IsDeleted")
            #expect(record["Name"] == "Jo Doe")
            #expect(record["Title"] == .null)
            #expect(record["First_Booked__c"] == "2026-03-01T09:00:00.000+0000")
            #expect(record["IsDeleted"] == false)
        }
    }

    @Test("takes ids of both lengths, and answers with the long one")
    func ids() async throws {
        try await withOrg { org in
            let account = try await org.create("Account", ["Name": "A"])
            let contact = try await org.create(
                "Contact",
                ["LastName": "B", "AccountId": .string(String(account.prefix(15)))]
            )
            #expect(contact.count == 18)
            let record = try await org.read("Contact", String(contact.prefix(15)), "AccountId")
            #expect(record["AccountId"] == .string(account))
        }
    }

    @Test("gets a later stamp with each change, even when the clock stands still")
    func stamps() async throws {
        try await withOrg { org in
            let id = try await org.create("Contact", ["LastName": "A"])
            var stamps: [String] = []
            for title in ["a", "b", "c"] {
                _ = try await org.send("PATCH", "sobjects/Contact/\(id)", ["Title": .string(title)])
                let record = try await org.read("Contact", id, "SystemModstamp")
                stamps.append(try #require(record["SystemModstamp"]?.text))
            }
            #expect(stamps == stamps.sorted() && Set(stamps).count == 3)
        }
    }

    @Test("is not changed over a change that the client has not seen")
    func unmodifiedSince() async throws {
        try await withOrg { org in
            let id = try await org.create("Contact", ["LastName": "A"])
            let old = try await org.send(
                "PATCH",
                "sobjects/Contact/\(id)",
                ["Title": "x"],
                headers: ["If-Unmodified-Since": "Sun, 01 Mar 2026 10:00:00 GMT"]
            )
            let current = try await org.send(
                "PATCH",
                "sobjects/Contact/\(id)",
                ["Title": "x"],
                headers: ["If-Unmodified-Since": "Mon, 02 Mar 2026 10:00:01 GMT"]
            )
            #expect(old.status == 412)
            #expect(current.status == 204)
        }
    }

    @Test("names a record that is not there by what was tried")
    func missing() async throws {
        try await withOrg { org in
            let get = try await org.send("GET", "sobjects/Contact/003000000000009")
            let patch = try await org.send(
                "PATCH",
                "sobjects/Contact/003000000000009",
                ["Title": "x"]
            )
            let word = try await org.send("GET", "sobjects/Contact/23foo")
            let object = try await org.send("GET", "sobjects/Nothing/describe")
            #expect(get.status == 404 && get.code == "NOT_FOUND")
            #expect(patch.status == 404 && patch.code == "INVALID_CROSS_REFERENCE_KEY")
            #expect(
                word.message
                    == "Provided external ID field does not exist or is not accessible: 23foo"
            )
            #expect(object.status == 404 && object.code == "NOT_FOUND")
        }
    }

    @Test("of a lead may be owned by a queue")
    func queue() async throws {
        try await withOrg { org in
            let id = try await org.create(
                "Lead",
                ["LastName": "A", "Company": "B", "OwnerId": "00G000000000001"]
            )
            let found = try await org.query("SELECT Owner.Name FROM Lead WHERE Id = '\(id)'")
            #expect(found.records.first?["Owner"]?["Name"] == "Inbound Queue")
        }
    }

    @Test("is described as it is enforced")
    func describe() async throws {
        try await withOrg { org in
            let describe = try await org.send("GET", "sobjects/Contact/describe")
            let fields = try #require(describe.json["fields"]?.array)
            let required = fields.filter {
                $0["createable"] == true && $0["nillable"] == false
                    && $0["defaultedOnCreate"] == false
            }
            #expect(required.map { $0["name"] } == ["LastName"])
            let sizes = try #require(fields.first { $0["name"] == "Team_Size__c" })
            #expect(sizes["restrictedPicklist"] == true)
            let values = sizes["picklistValues"]?.array ?? []
            #expect(values.map { $0["value"] } == ["1-10", "11-50", "51-200"])
        }
    }

    @Test("matches a duplicate rule unless the client insists", arguments: ["allow", "block"])
    func duplicates(action: String) async throws {
        let rules: JSON = ["duplicateRules": ["Contact": .string(action)]]
        try await withOrg(settings: rules) { org in
            let body: JSON = ["LastName": "A", "Email": "a@x.example"]
            let first = try await org.create("Contact", body)
            let old = try await org.send("POST", "/services/data/v54.0/sobjects/Contact", body)
            let second = try await org.send("POST", "sobjects/Contact", body)
            let insisted = try await org.send(
                "POST",
                "sobjects/Contact",
                body,
                headers: ["Sforce-Duplicate-Rule-Header": "allowSave=true"]
            )
            #expect(second.code == "DUPLICATES_DETECTED")
            #expect(old.json.array?.first?["duplicateResut"] != nil)
            let result = second.json.array?.first?["duplicateResult"]
            let match = result?["matchResults"]?.array?.first?["matchRecords"]?.array?.first
            #expect(match?["record"]?["Id"] == .string(first))
            #expect(insisted.status == (action == "allow" ? 201 : 400))
        }
    }

    @Test("can be changed and refused by automation of the org")
    func automation() async throws {
        let settings: JSON = [
            "automation": [
                ["object": "Contact", "on": "create", "set": ["Title": "Set by a flow"]],
                [
                    "object": "Contact", "when": ["Department": "Closed"],
                    "reject": ["message": "No new people here", "field": "Department"],
                ],
            ]
        ]
        try await withOrg(settings: settings) { org in
            let id = try await org.create("Contact", ["LastName": "A"])
            #expect(try await org.read("Contact", id, "Title")["Title"] == "Set by a flow")
            let refused = try await org.send(
                "PATCH",
                "sobjects/Contact/\(id)",
                ["Department": "Closed"]
            )
            #expect(refused.code == "FIELD_CUSTOM_VALIDATION_EXCEPTION")
        }
    }
}
