import Testing

@testable import SalesforceEmulator

@Suite("Conventions of requests")
struct ConventionTests {
    @Test("limit the address to 16 KB, and the address with its headers")
    func length() async throws {
        try await withOrg { org in
            let long = String(repeating: "x", count: 16_400)
            let address = try await org.send("GET", "query?q=\(long)")
            #expect(address.status == 414)
            #expect(address.text == "<h1>Bad Message 414</h1><pre>reason: URI Too Long</pre>")
            let half = String(long.prefix(9_000))
            let both = try await org.send("GET", "query?q=\(half)", headers: ["X-Long": half])
            #expect(both.status == 431)
            let fine = try await org.send("GET", "limits?x=\(half)")
            #expect(fine.status == 200)
        }
    }

    @Test("answer 304 to who knows the description already")
    func describe() async throws {
        try await withOrg { org in
            let path = "sobjects/Contact/describe"
            let later = ["If-Modified-Since": "Tue, 03 Mar 2026 00:00:00 GMT"]
            let earlier = ["If-Modified-Since": "Thu, 01 Jan 2015 00:00:00 GMT"]
            try await org.control("POST", "settings", ["sharedActivities": false])
            #expect(try await org.send("GET", path, headers: later).status == 304)
            #expect(try await org.send("GET", "sobjects", headers: later).status == 304)
            #expect(try await org.send("GET", path, headers: earlier).status == 200)
            try await org.control("POST", "clock", ["now": "2026-03-04T00:00:00Z"])
            try await org.control("POST", "settings", ["sharedActivities": true])
            #expect(try await org.send("GET", path, headers: later).status == 200)
        }
    }

    @Test("mark the state of accounts, and act only on the state that is meant")
    func tags() async throws {
        try await withOrg { org in
            let id = try await org.create("Account", ["Name": "A"])
            let path = "sobjects/Account/\(id)"
            let tag = try #require(try await org.send("GET", path).headers["etag"])
            let known = try await org.send("GET", path, headers: ["If-None-Match": tag])
            #expect(known.status == 304)
            let meant = ["If-Match": tag]
            let first = try await org.send("PATCH", path, ["Phone": "1"], headers: meant)
            #expect(first.status == 204)
            let second = try await org.send("PATCH", path, ["Phone": "2"], headers: meant)
            #expect(second.status == 412)
            let changed = try await org.send("GET", path, headers: ["If-None-Match": tag])
            #expect(changed.status == 200)
            #expect(changed.json["Phone"] == "1")
        }
    }

    @Test("lead from a record to its parent and to its children")
    func relations() async throws {
        try await withOrg(seed: SampleOrg.seed) { org in
            let soql = "SELECT Id FROM Account WHERE Name = 'Acme'"
            let id = try #require(try await org.query(soql).records.first?["Id"]?.text)
            let children = try await org.send(
                "GET",
                "sobjects/Account/\(id)/contacts?fields=Name,Email"
            )
            #expect(children.json["totalSize"] == 1)
            #expect(children.records.first?["Name"] == "Ann Lee")
            let owner = try await org.send("GET", "sobjects/Account/\(id)/Owner")
            #expect(owner.json["attributes"]?["type"] == "User")
            #expect(try await org.send("GET", "sobjects/Account/\(id)/Nothing").status == 404)
        }
    }

    @Test("delete the rest of a series of events")
    func series() async throws {
        let ids = (1...4).map { RecordID.make(prefix: "00U", number: $0, seed: 7) }
        let events = ids.enumerated().map { index, id -> JSON in
            [
                "Id": .string(id), "Subject": .string("\(index)"),
                "StartDateTime": .string("2026-03-0\(index + 1)T09:00:00Z"),
                "DurationInMinutes": 5,
                "RecurrenceActivityId": index == 3 ? .null : .string(ids[0]),
            ]
        }
        try await withOrg(seed: ["records": ["Event": .array(events)]]) { org in
            let path = "sobjects/Event/\(ids[1])/fromThisEventOnwards"
            #expect(try await org.send("DELETE", path).status == 204)
            let left = try await org.query("SELECT Subject FROM Event ORDER BY Subject").records
            #expect(left.map { $0["Subject"] } == ["0", "3"])
        }
    }

    @Test("refuse groups beyond 2000, types beyond five and graphs after 14 failures")
    func limits() async throws {
        try await withOrg { org in
            try await org.control("POST", "generate", ["object": "Contact", "count": 2001])
            let grouped = "SELECT LastName, COUNT(Id) FROM Contact GROUP BY LastName"
            #expect(try await org.query(grouped).code == "EXCEEDED_ID_LIMIT")
            #expect(try await org.query("\(grouped) LIMIT 5").records.count == 5)
            let graphs = (1...16).map { number -> JSON in
                [
                    "graphId": .string("g\(number)"),
                    "compositeRequest": [
                        [
                            "method": "POST", "url": "/services/data/v62.0/sobjects/Account",
                            "referenceId": "r", "body": number < 15 ? [:] : ["Name": "A"],
                        ]
                    ],
                ]
            }
            let answer = try await org.send("POST", "composite/graph", ["graphs": .array(graphs)])
            let results = answer.json["graphs"]?.array ?? []
            #expect(results.map { $0["isSuccessful"] } == Array(repeating: false, count: 16))
            #expect(try await org.query("SELECT Id FROM Account").records.isEmpty)
        }
    }

    @Test(
        "refuse what a query may not ask for",
        arguments: [
            "SELECT MAX(CreatedDate) FROM Account LIMIT 1",
            "SELECT COUNT() FROM Account ORDER BY Name",
            "SELECT Id FROM Contact WHERE LastName = '\(String(repeating: "x", count: 4001))'",
            """
            SELECT Id FROM Contact WHERE AccountId IN (SELECT Id FROM Account) \
            AND OwnerId IN (SELECT Id FROM User) AND CreatedById IN (SELECT Id FROM User)
            """,
        ]
    )
    func queries(soql: String) async throws {
        try await withOrg { org in
            let answer = try await org.query(soql)
            #expect(answer.code == "MALFORMED_QUERY")
        }
    }

    @Test("note what a user looked at, if the client says that it counts")
    func recent() async throws {
        try await withOrg { org in
            let counts = ["Sforce-Mru": "updateMru=true"]
            let contact = try await org.create("Contact", ["LastName": "A"])
            let made = try await org.send(
                "POST",
                "sobjects/Account",
                ["Name": "B"],
                headers: counts
            )
            _ = try await org.send("GET", "sobjects/Contact/\(contact)")
            let first = try await org.send("GET", "recent").json.array ?? []
            #expect(first.map { $0["Id"]?.text } == [made.id])
            #expect(first.first?["Name"] == "B")
            _ = try await org.send("GET", "sobjects/Contact/\(contact)", headers: counts)
            let both = try await org.send("GET", "recent?limit=1").json.array ?? []
            #expect(both.map { $0["Id"]?.text } == [contact])
            let accounts = try await org.send("GET", "sobjects/Account/").json["recentItems"]
            #expect(accounts?.array?.map { $0["Id"]?.text } == [made.id])
        }
    }

    @Test("stamp changes before they can be seen, when transactions are slow")
    func commitLag() async throws {
        try await withOrg(settings: ["commitLagSeconds": 120]) { org in
            let id = try await org.create("Contact", ["LastName": "A"])
            let stamp = try await org.read("Contact", id, "SystemModstamp")["SystemModstamp"]
            #expect(stamp == "2026-03-02T09:58:00.000+0000")
            let updated = try await org.send(
                "GET",
                "sobjects/Contact/updated?start=2026-03-02T09:00:00Z&end=2026-03-02T11:00:00Z"
            )
            #expect(updated.json["ids"] == [.string(id)])
            #expect(updated.json["latestDateCovered"] == "2026-03-02T09:58:00.000+0000")
        }
    }
}
