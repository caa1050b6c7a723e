import Testing

@testable import SalesforceEmulator

@Suite("XML")
struct XMLTests {
    private static let head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"

    @Test("is what clients get that ask for it, and only they")
    func accept() async throws {
        try await withOrg { org in
            let made = try await org.send(
                "POST",
                "sobjects/Account",
                ["Name": "Fish & Chips"],
                headers: ["Accept": "application/xml"]
            )
            #expect(made.status == 201)
            #expect(made.headers["content-type"]?.hasPrefix("application/xml") == true)
            #expect(made.text.hasPrefix("\(Self.head)<Result><id>001"))
            let soql = "query?q=SELECT+Name,Phone+FROM+Account"
            let found = try await org.send("GET", soql, headers: ["Accept": "application/xml"])
            #expect(found.text.contains("<records type=\"Account\" url=\"/services/data/v62.0/"))
            #expect(found.text.contains("<Name>Fish &amp; Chips</Name><Phone "))
            #expect(found.text.contains("<totalSize>1</totalSize>"))
            let any = try await org.send("GET", soql, headers: ["Accept": "*/*"])
            #expect(any.json["totalSize"] == 1)
        }
    }

    @Test("holds errors as documented")
    func errors() async throws {
        try await withOrg { org in
            let path = "sobjects/Contact/003000000000000AAA"
            let answer = try await org.send("GET", path, headers: ["Accept": "application/xml"])
            #expect(answer.status == 404)
            #expect(answer.text.contains("<Errors><Error>"))
            #expect(answer.text.contains("<errorCode>NOT_FOUND</errorCode>"))
        }
    }

    @Test("or JSON is chosen by the end of the path, up to v57")
    func suffix() async throws {
        try await withOrg { org in
            let xml = try await org.send("GET", "/services/data/v57.0/limits.xml")
            #expect(xml.text.hasPrefix("\(Self.head)<Limits"))
            let json = try await org.send("GET", "/services/data/v57.0/limits.json")
            #expect(json.json["DailyApiRequests"] != nil)
            #expect(try await org.send("GET", "/services/data/v58.0/limits.json").status == 404)
        }
    }
}
