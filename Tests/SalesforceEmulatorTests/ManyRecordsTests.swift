import Foundation
import Testing

@testable import SalesforceEmulator

@Suite("A large org")
struct ManyRecordsTests {
    /// Queries as clients send them, and the fields by which their rows must be found.
    static let indexed = [
        ("SELECT Id, Name FROM Contact WHERE Email = 'person77@company77.example'", ["Email"]),
        (
            "SELECT Id FROM Contact WHERE Email IN ('person1@company1.example', 'x@example.com')",
            ["Email"]
        ),
        ("SELECT Id, Name FROM Contact WHERE Name = 'Given5 Person5'", ["Name"]),
        (
            """
            SELECT Id FROM Contact WHERE SystemModstamp >= 2026-03-02T10:00:00Z \
            ORDER BY SystemModstamp, Id
            """,
            ["SystemModstamp"]
        ),
        ("SELECT Id FROM Contact WHERE AccountId = '001000000000000AAA'", ["AccountId"]),
        ("SELECT Id FROM Contact WHERE Id = '003019000000001AAA'", ["Id"]),
    ]

    @Test("of a million contacts in a file answers by index, without a scan")
    func million() async throws {
        let count = 1_000_000
        try await Self.withFile { path in
            try await withSalesforceEmulator(EmulatorOptions(orgFile: path)) { base in
                let org = OrgClient(base: base)
                try await org.control("POST", "clock", ["now": "2026-03-02T10:00:00Z"])
                let made = try await org.send(
                    "POST",
                    "/emulator/generate",
                    ["object": "Contact", "count": .integer(count)]
                )
                try #require(made.status == 200)
                for (soql, fields) in Self.indexed {
                    let explained = try await org.send(
                        "GET",
                        "query?explain=\(FormEncoding.encoded(soql))"
                    )
                    let plan = explained.json["plans"]?.array?.first
                    #expect(plan?["leadingOperationType"] == "Index", "\(soql)")
                    #expect(plan?["fields"] == .array(fields.map { .string($0) }), "\(soql)")
                    #expect(plan?["sobjectCardinality"] == .integer(count))
                    #expect(try await org.query(soql).status == 200)
                }
                let number = count - 1
                let email = "person\(number)@company\(number % 50_000).example"
                let found = try await org.query("SELECT Name FROM Contact WHERE Email = '\(email)'")
                let names = found.records.map { $0["Name"]?.text }
                #expect(names == ["Given\(number) Person\(number)"])
                let next = try await org.create("Contact", ["LastName": "A"])
                #expect(try await org.read("Contact", next, "LastName")["LastName"] == "A")
            }
        }
    }

    @Test("says so when it has to look at every record")
    func scan() async throws {
        try await withOrg { org in
            let soql = "SELECT Id FROM Contact WHERE Title = 'CTO'"
            let plan = try await org.send("GET", "query/?explain=\(FormEncoding.encoded(soql))")
            let first = plan.json["plans"]?.array?.first
            #expect(first?["leadingOperationType"] == "TableScan")
            #expect(plan.json["sourceQuery"]?.text == soql)
            let wrong = try await org.send("GET", "query?explain=SELECT+Nonsense+FROM+Contact")
            #expect(wrong.code == "INVALID_FIELD")
        }
    }

    private static func withFile(_ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "org-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(folder.appending(path: "org.sqlite").path))
        } catch {
            result = .failure(error)
        }
        try FileManager.default.removeItem(at: folder)
        try result.get()
    }
}
