import Domain
import Testing

@Suite("Owner query")
struct OwnerQueryTests {
    @Test(
        "accepts one SELECT that only reads",
        arguments: [
            "SELECT OwnerId FROM Account WHERE Name = {company}",
            "  select Id from User where Email = '{email}'\n",
            "SELECT Rep__c FROM Territory__c WHERE Domain__c LIKE '%{domain}' ORDER BY Name LIMIT 1",
            "SELECT OwnerId FROM Account WHERE Id IN (SELECT AccountId FROM Contact WHERE Email = {email})",
            "SELECT Id, (SELECT Id FROM Contacts) FROM Account WHERE Name = 'Tom\\'s; DELETE'",
            "SELECT Update__c FROM Account WHERE Name = 'for update -- }'",
        ]
    )
    func accepted(text: String) throws {
        #expect(try OwnerQuery(text).text == text.trimmingWhitespace())
    }

    @Test(
        "refuses everything else, and says why",
        arguments: [
            ("", "it does not begin with SELECT"),
            ("DELETE FROM Account", "it does not begin with SELECT"),
            ("FIND {x} IN ALL FIELDS", "it does not begin with SELECT"),
            ("(SELECT Id FROM User)", "it does not begin with SELECT"),
            ("SELECT Id", "it has no FROM"),
            ("SELECT Id FROM User SELECT Id FROM User", "it is more than one SELECT"),
            ("SELECT Id FROM User; SELECT Id FROM User", "it contains ; outside a quoted text"),
            ("SELECT Id FROM User FOR UPDATE", "it contains FOR; only reading is allowed"),
            ("SELECT Id FROM User for view", "it contains FOR; only reading is allowed"),
            ("SELECT Id FROM User UPDATE TRACKING", "it contains UPDATE; only reading is allowed"),
            ("SELECT Id FROM User ALL ROWS", "it contains ALL; only reading is allowed"),
            ("SELECT Id FROM User -- all of them", "it contains a comment"),
            ("SELECT Id FROM User /* all */", "it contains a comment"),
            ("SELECT Id FROM User WHERE Email = '{email}", "a quoted text has no end"),
            ("SELECT Id FROM User WHERE Email = {email", "a brace has no partner"),
            ("SELECT Id FROM User WHERE Email = {}", "a token in braces has no name"),
            ("SELECT Id FROM User WHERE (Email = {email}", "its parentheses do not match"),
            ("SELECT Id FROM User) WHERE (Email = {email}", "its parentheses do not match"),
            ("SELECT Id FROM User WHERE Email = \\'x\\'", "it contains \\ outside a quoted text"),
        ]
    )
    func refused(text: String, reason: String) {
        let fault = #expect(throws: OwnerQuery.Fault.self) { try OwnerQuery(text) }
        #expect(fault?.reason == reason)
    }

    @Test("refuses more than 2,000 characters")
    func length() throws {
        let query = "SELECT Id FROM User WHERE Name = '"
        let space = OwnerQuery.mostCharacters - query.count - 1
        _ = try OwnerQuery(query + String(repeating: "x", count: space) + "'")
        #expect(throws: OwnerQuery.Fault.self) {
            try OwnerQuery(query + String(repeating: "x", count: space + 1) + "'")
        }
    }

    @Test(
        "knows a quote for one, whatever mark follows it",
        arguments: ["\u{200D}", "\u{301}", "\u{FE0F}"]
    )
    func marks(mark: String) throws {
        let text =
            "SELECT OwnerId FROM Account WHERE Name != '\(mark)x' AND Site = {site} AND Type != '\(mark)y'"
        let query = try OwnerQuery(text)
        #expect(
            query.pieces.contains(.value("site")),
            "it would be bound without quotes inside of a text"
        )
        #expect(query.text == text)
        #expect(throws: OwnerQuery.Fault.self) {
            try OwnerQuery("SELECT OwnerId FROM Account WHERE Name = '@{\(mark)r0.body}")
        }
    }

    @Test("tells values apart by where they stand")
    func pieces() throws {
        let query = try OwnerQuery(
            "SELECT Id FROM User WHERE Email = {email} OR Name = 'a {name}' OR City LIKE '{city}%'"
        )
        #expect(
            query.pieces == [
                .text("SELECT Id FROM User WHERE Email = "), .value("email"),
                .text(" OR Name = 'a "), .inside("name", isPattern: false),
                .text("' OR City LIKE '"), .inside("city", isPattern: true), .text("%'"),
            ]
        )
        #expect(query.tokens == ["email", "name", "city"])
    }
}

@Suite("Similar mail domains")
struct SimilarDomainTests {
    @Test(
        "are told by the label before the ending",
        arguments: [
            ("acme.com", "acme"), ("acme.co.uk", "acme"), ("mail.acme.de", "acme"),
            ("acme.example", "acme"), ("co.uk", nil), ("ab.com", nil), ("gmail.com", nil),
            ("gmail.co.uk", nil), ("localhost", nil), ("", nil),
        ] as [(String, String?)]
    )
    func base(domain: String, base: String?) { #expect(MailDomains.base(of: domain) == base) }
}
