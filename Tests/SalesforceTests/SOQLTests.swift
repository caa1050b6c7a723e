import Domain
import Testing

@testable import Salesforce

@Suite("SOQL")
struct SOQLTests {
    static let literals: [(text: String, written: String)] = [
        ("ada@example.com", "'ada@example.com'"),
        ("O'Brien", #"'O\'Brien'"#),
        (#"back\slash"#, #"'back\\slash'"#),
        (#"\' OR Name != '"#, #"'\\\' OR Name != \''"#),
        (#"say "hi""#, #"'say "hi"'"#),
        ("100%_sure", "'100%_sure'"),
        ("two\nlines\r\n\tindented", #"'two\nlines\r\n\tindented'"#),
        ("bell\u{08}\u{0C}\u{00}\u{1B}\u{7F}", #"'bell\b\f\u0000\u001B\u007F'"#),
        ("line\u{2028}end", #"'line\u2028end'"#),
        ("Zoë 株式会社 👩‍💻", "'Zoë 株式会社 👩‍💻'"),
        ("@{w0[0].id}", #"'\u0040{w0[0].id}'"#),
        ("", "''"),
    ]

    @Test("puts every text between quotes that it cannot leave", arguments: literals)
    func literal(text: String, written: String) {
        #expect(SOQLLiteral.text(text) == written)
    }

    @Test("leaves no brace in an operator's query, whatever mark follows it")
    func braces() throws {
        let query = try OwnerQuery("SELECT OwnerId FROM Case WHERE Subject = {title}")
        let bound = try #require(BoundQuery(query) { _ in "@{\u{301}a.id} {\u{200D}" })
        #expect(!bound.statement.utf8.contains(UInt8(ascii: "{")))
        #expect(bound.statement.utf8.contains("'\\u0040\\u007B\u{301}a.id} ".utf8))
    }

    @Test("takes wild cards in a searched text for themselves")
    func pattern() {
        #expect(SOQLLiteral.pattern(endingWith: "@50%_off.com") == #"'%@50\%\_off.com'"#)
        #expect(SOQLLiteral.pattern(containing: #"a\'b"#) == #"'%a\\\'b%'"#)
    }

    static let conditions: [(condition: Query.Condition, text: String)] = [
        (.all, ""),
        (.isIn("Email", ["a@x.com", "b@x.com", "a@x.com"]), "Email IN ('a@x.com','b@x.com')"),
        (.equals("AccountId", .empty), "AccountId = NULL"),
        (.differs("AccountId", .text("")), "AccountId != NULL"),
        (.equals("IsActive", .flag(true)), "IsActive = TRUE"),
        (.equals("Amount__c", .number("-1.50")), "Amount__c = -1.50"),
        (
            .equals("Day__c", .date(Known.day("2026-03-01"))),
            "Day__c = 2026-03-01"
        ),
        (
            .differs("CreatedDate", .instant(Known.moment("2026-03-01T09:00:00+01:00"))),
            "CreatedDate != 2026-03-01T08:00:00Z"
        ),
        (
            .equals("SystemModstamp", .instant(Instant(milliseconds: 1_500))),
            "SystemModstamp = 1970-01-01T00:00:01.500Z"
        ),
        (
            .equals("WhoId", .reference(Known.id("003Vr00000m4eGC"))),
            "WhoId = '003Vr00000m4eGCIAY'"
        ),
        (.endsWith("Email", "@x.com"), "Email LIKE '%@x.com'"),
        (
            .both([.contains("Website", "x.com"), .equals("IsDeleted", .flag(false))]),
            "Website LIKE '%x.com%' AND IsDeleted = FALSE"
        ),
        (
            .both([
                .either([.equals("A", .flag(true)), .equals("B", .flag(true))]),
                .equals("C", .flag(true)),
            ]),
            "(A = TRUE OR B = TRUE) AND C = TRUE"
        ),
        (
            .either([
                .both([.equals("A", .flag(true)), .equals("B", .flag(true))]),
                .equals("C", .flag(true)),
            ]),
            "(A = TRUE AND B = TRUE) OR C = TRUE"
        ),
        (.both([.all, .equals("A", .flag(true)), .both([])]), "A = TRUE"),
        (.either([.isIn("A", []), .equals("B", .flag(true))]), "B = TRUE"),
        (.either([.all, .equals("B", .flag(true))]), ""),
    ]

    @Test("writes conditions, never mixing AND and OR", arguments: conditions)
    func condition(condition: Query.Condition, text: String) throws {
        let query = Query(["Id", "Owner.Name", "ID"], from: .contact, where: condition)
        let clause = text.isEmpty ? "" : " WHERE \(text)"
        #expect(try SOQL.statements(for: query) == ["SELECT Id,Owner.Name FROM Contact\(clause)"])
    }

    static let impossible: [Query.Condition] = [
        .isIn("Email", []),
        .either([]),
        .both([.equals("A", .flag(true)), .isIn("Email", [])]),
        .equals("Email", .text(String(repeating: "x", count: 4_000))),
        .isIn("Email", [String(repeating: "'", count: 2_000)]),
        .contains("Name", String(repeating: "x", count: 4_000)),
    ]

    @Test("asks nothing if no row can fit", arguments: impossible)
    func never(condition: Query.Condition) throws {
        #expect(try SOQL.statements(for: Query(["Id"], from: .contact, where: condition)).isEmpty)
    }

    @Test("adds order and limit")
    func tail() throws {
        let query = Query(
            ["Id"],
            from: .lead,
            where: .all,
            orderBy: ["CreatedDate", "Id"],
            limit: 5
        )
        #expect(
            try SOQL.statements(for: query)
                == ["SELECT Id FROM Lead ORDER BY CreatedDate,Id LIMIT 5"]
        )
    }

    static let bad: [Query] = [
        Query(["Id", "Name FROM User"], from: .contact, where: .all),
        Query(["Id"], from: "Contact WHERE", where: .all),
        Query(["Id"], from: "", where: .all),
        Query(["Id"], from: .contact, where: .equals("Na'me", .empty)),
        Query(["Id"], from: .contact, where: .isIn("a..b", ["x"])),
        Query(["Id"], from: .contact, where: .endsWith(".a", "x")),
        Query(["Id"], from: .contact, where: .all, orderBy: ["Id DESC"]),
        Query(["A.B.C.D.E.F.G"], from: .contact, where: .all),
        Query([], from: .contact, where: .all),
        Query(["Id"], from: .contact, where: .equals("Amount", .number("1 OR 1=1"))),
        Query(
            ["Id"],
            from: .contact,
            where: .equals("WhoIds", .references([Known.id("003Vr00000m4eGC")]))
        ),
        Query(["Ïd"], from: .contact, where: .all),
    ]

    @Test("refuses names and numbers that are none", arguments: bad)
    func refuses(query: Query) {
        #expect {
            try SOQL.statements(for: query)
        } throws: { error in
            guard case SalesforceError.rejected = error else { return false }
            return true
        }
    }
}

@Suite("Long queries")
struct SOQLSplitTests {
    static let emails = (0..<9_000).map { "guest.\($0)@company-\($0).example.com" }

    /// Everything between quotes, in order.
    private func literals(_ statements: [String]) -> [String] {
        statements.flatMap { $0.split(separator: "'").filter { $0.contains("@") }.map(String.init) }
    }

    static let shapes: [Query.Condition] = [
        .isIn("Email", emails),
        .both([.equals("IsConverted", .flag(false)), .isIn("Email", emails)]),
        .either(emails.map { .equals("Email", .text($0)) }),
        .both([
            .either([.isIn("Email", emails), .equals("IsActive", .flag(true))]),
            .equals("IsDeleted", .flag(false)),
        ]),
    ]

    @Test("are split so that each statement is short enough and nothing is lost", arguments: shapes)
    func split(condition: Query.Condition) throws {
        let query = Query(["Email"], from: .lead, where: condition, orderBy: ["Id"])
        let statements = try SOQL.statements(for: query)
        #expect(statements.count > 1)
        #expect(statements.count <= 6)
        #expect(statements.allSatisfy { $0.utf16.count <= SOQL.longestStatement })
        #expect(statements.allSatisfy { $0.hasPrefix("SELECT Id,Email FROM Lead WHERE ") })
        #expect(literals(statements) == Self.emails)
    }

    @Test("keep the other conditions in every part")
    func conditions() throws {
        let statements = try SOQL.statements(
            for: Query(["Id"], from: .lead, where: Self.shapes[1])
        )
        #expect(statements.allSatisfy { $0.contains("WHERE IsConverted = FALSE AND Email IN (") })
    }

    @Test("are refused if no list can be split")
    func refused() {
        let part = Query.Condition.equals("Name", .text(String(repeating: "x", count: 3_000)))
        let query = Query(
            ["Id"],
            from: .lead,
            where: .both(Array(repeating: part, count: 40))
        )
        #expect(throws: SalesforceError.self) { try SOQL.statements(for: query) }
    }

    @Test("have their rows merged: each record once, in order, up to the limit")
    func merged() {
        func row(_ id: String, _ name: String?) -> JSON {
            .compact([("Id", .string(id)), ("Name", .text(name))])
        }
        let query = Query(["Id"], from: .lead, where: .all, orderBy: ["Name"], limit: 3)
        let rows = RowMerge.merged(
            [[row("1", "b"), row("2", "D")], [row("1", "b"), row("3", nil), row("4", "C")]],
            of: query
        )
        #expect(rows.compactMap { $0["Id"]?.string } == ["3", "1", "4"])
    }
}
