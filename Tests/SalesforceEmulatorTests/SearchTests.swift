import Testing

@testable import SalesforceEmulator

@Suite("Search")
struct SearchTests {
    static let seed: JSON = [
        "records": [
            "Contact": [
                ["FirstName": "Ann", "LastName": "Lee", "Email": "ann+1@acme.example"],
                ["FirstName": "Anna", "LastName": "Lind", "Email": "anna@globex.example"],
                ["FirstName": "Bob", "LastName": "Lee", "Title": "CTO"],
                ["FirstName": "Cem", "LastName": "100%_Sure"],
            ]
        ]
    ]

    /// A search term, and the first names of the contacts that it finds.
    static let terms: [(String, [String])] = [
        ("Lee", ["Ann", "Bob"]),
        ("ann lee", ["Ann"]),
        ("Ann AND Lee", ["Ann"]),
        ("Lind OR Bob", ["Anna", "Bob"]),
        ("Lee AND NOT Bob", ["Ann"]),
        ("Cem OR Lee AND Bob", ["Bob", "Cem"]),
        ("(Cem OR Lee) AND Bob", ["Bob"]),
        ("\"Ann Lee\"", ["Ann"]),
        ("\"Lee Ann\"", []),
        ("L?nd", ["Anna"]),
        ("Ce*m", ["Cem"]),
        ("100%_", ["Cem"]),
        ("0_", []),
        ("ann\\+1@acme.example", ["Ann"]),
    ]

    @Test("joins words, phrases and wildcards", arguments: terms)
    func joining(term: String, names: [String]) async throws {
        try await withOrg(seed: Self.seed) { org in
            let sosl =
                "FIND {\(term)} IN ALL FIELDS RETURNING Contact(FirstName ORDER BY FirstName)"
            let found = try await org.send("GET", "search/?q=\(FormEncoding.encoded(sosl))")
            let records = found.json["searchRecords"]?.array ?? []
            #expect(records.compactMap { $0["FirstName"]?.text } == names)
        }
    }

    @Test("refuses operators that join nothing", arguments: ["AND", "a OR", "(a", "a)", "NOT a"])
    func malformed(term: String) async throws {
        try await withOrg { org in
            let sosl = "FIND {\(term)}"
            let found = try await org.send("GET", "search?q=\(FormEncoding.encoded(sosl))")
            #expect(found.code == "MALFORMED_SEARCH")
        }
    }

    @Test("drops operators from 4,000 characters on, and finds nothing from 10,000 on")
    func length() async throws {
        let padding = String(repeating: " ", count: 4_000)
        #expect(try SearchTerm("a OR b", in: "a OR b") == .any([.pattern("%a%"), .pattern("%b%")]))
        let long = "a OR b\(padding)"
        #expect(try SearchTerm(long, in: long) == .all([.pattern("%a%"), .pattern("%b%")]))
        let longest = "a\(padding)\(padding)\(padding)"
        #expect(try SearchTerm(longest, in: longest) == nil)
    }

    @Test("takes parameters with conditions, orders and limits")
    func parameters() async throws {
        try await withOrg(seed: Self.seed) { org in
            let body: JSON = [
                "q": "Lee", "fields": ["Id"],
                "sobjects": [
                    [
                        "name": "Contact", "fields": ["FirstName"], "where": "Title = 'CTO'",
                        "orderBy": "FirstName DESC", "limit": 5,
                    ]
                ],
            ]
            let posted = try await org.send("POST", "parameterizedSearch", body).json
            let records = posted["searchRecords"]?.array ?? []
            #expect(records.map { $0["FirstName"] } == ["Bob"])
            let asked = try await org.send(
                "GET",
                "parameterizedSearch?q=Lee&sobject=Contact&Contact.fields=FirstName&Contact.limit=1"
            )
            #expect(asked.json["searchRecords"]?.array?.count == 1)
        }
    }
}
