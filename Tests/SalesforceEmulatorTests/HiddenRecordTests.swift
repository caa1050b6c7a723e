import Testing

@testable import SalesforceEmulator

@Suite("A record that the integration user may not see")
struct HiddenRecordTests {
    @Test("is not found in any way, until it is shown again")
    func hidden() async throws {
        try await withOrg { org in
            let id = try await org.create("Contact", ["LastName": "A"])
            try await org.control("POST", "hide", ["ids": [.string(id)]])
            #expect(try await org.query("SELECT Id FROM Contact").records.isEmpty)
            let read = try await org.send("GET", "sobjects/Contact/\(id)")
            #expect(read.status == 404)
            let written = try await org.send("PATCH", "sobjects/Contact/\(id)", ["Title": "CTO"])
            #expect(written.code == "INVALID_CROSS_REFERENCE_KEY")
            let edited = try await org.control(
                "POST",
                "edit",
                ["id": .string(id), "set": ["Title": "CFO"]]
            )
            #expect(edited["success"] == true, "others see it")
            try await org.control("POST", "show", ["ids": [.string(id)]])
            #expect(
                try await org.query("SELECT Title FROM Contact").records.first?["Title"] == "CFO"
            )
        }
    }
}

@Suite("A duplicate rule for contacts and leads")
struct DuplicatesAcrossObjectsTests {
    @Test(
        "names the lead with a new contact's address, if it is switched on",
        arguments: [true, false]
    )
    func lead(isOn: Bool) async throws {
        let settings: JSON = [
            "duplicateRules": ["Contact": "allow"], "duplicatesAcrossObjects": .bool(isOn),
        ]
        try await withOrg(settings: settings) { org in
            let lead = try await org.create(
                "Lead",
                ["LastName": "A", "Company": "X", "Email": "a@x.example"]
            )
            let body: JSON = ["LastName": "A", "Email": "A@x.example"]
            let made = try await org.send("POST", "sobjects/Contact", body)
            #expect(made.status == (isOn ? 400 : 201))
            let result = made.json.array?.first?["duplicateResult"]
            let match = result?["matchResults"]?.array?.first?["matchRecords"]?.array?.first
            #expect(match?["record"]?["Id"]?.text == (isOn ? lead : nil))
        }
    }
}
