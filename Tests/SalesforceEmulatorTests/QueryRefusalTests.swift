import Testing

@testable import SalesforceEmulator

@Suite("Query that cannot be answered")
struct QueryRefusalTests {
    /// A query that is refused, with its code and a part of its text.
    struct Refusal: CustomTestStringConvertible, Sendable {
        let soql: String
        let code: String
        let says: String
        var testDescription: String { soql }
    }

    static let refusals = [
        Refusal(
            soql: "SELECT Bacon__c FROM Account LIMIT 2",
            code: "INVALID_FIELD",
            says: """

                SELECT Bacon__c FROM Account LIMIT 2
                       ^
                ERROR at Row:1:Column:8
                No such column 'Bacon__c' on entity 'Account'.
                """
        ),
        Refusal(
            soql: "select count() from XYZZY",
            code: "INVALID_TYPE",
            says: """

                select count() from XYZZY
                                    ^
                ERROR at Row:1:Column:21
                sObject type 'XYZZY' is not supported.
                """
        ),
        Refusal(soql: "SELECT Id FRM Account", code: "MALFORMED_QUERY", says: "unexpected token"),
        Refusal(
            soql: "SELECT Id FROM Contact WHERE Title = 'a' AND Title = 'b' OR Title = 'c'",
            code: "MALFORMED_QUERY",
            says: "unexpected token: 'OR'"
        ),
        Refusal(
            soql: "SELECT Id FROM Contact WHERE Title = \"a\"",
            code: "MALFORMED_QUERY",
            says: "'\"'"
        ),
        Refusal(
            soql: "SELECT Id FROM Contact WHERE Title = 'a\\q'",
            code: "MALFORMED_QUERY",
            says: "illegal escape"
        ),
        Refusal(
            soql: "SELECT Id FROM Contact WHERE Description = 'x'",
            code: "INVALID_FIELD",
            says: "field 'Description' can not be filtered in a query call"
        ),
        Refusal(
            soql: "SELECT Id FROM Event WHERE ActivityDate = '2026-01-01'",
            code: "INVALID_FIELD",
            says: """
                value of filter criterion for field 'ActivityDate' must be of type date and \
                should not be enclosed in quotes
                """
        ),
        Refusal(
            soql: "SELECT Id FROM Event WHERE StartDateTime > 2026-01-01",
            code: "INVALID_FIELD",
            says: "must be of type dateTime"
        ),
        Refusal(
            soql: "SELECT Id FROM Contact WHERE Id = 'nonsense'",
            code: "INVALID_QUERY_FILTER_OPERATOR",
            says: "invalid ID field: nonsense"
        ),
        Refusal(
            soql: "SELECT Id, Id FROM Contact",
            code: "INVALID_FIELD",
            says: "duplicate field selected: Id"
        ),
        Refusal(
            soql: "SELECT Friend.Name FROM Contact",
            code: "INVALID_FIELD",
            says: "Didn't understand relationship 'Friend'"
        ),
        Refusal(
            soql: "SELECT Id FROM Contact WHERE Id IN (SELECT WhoId FROM Event)",
            code: "MALFORMED_QUERY",
            says: "not supported for semi join inner selects"
        ),
        Refusal(
            soql:
                "SELECT Id FROM Contact WHERE Title = 'a' OR AccountId IN (SELECT Id FROM Account)",
            code: "MALFORMED_QUERY",
            says: "'OR' operator"
        ),
        Refusal(
            soql: "SELECT FIELDS(ALL) FROM Contact",
            code: "MALFORMED_QUERY",
            says: "LIMIT of at most 200"
        ),
        Refusal(
            soql: "SELECT Id FROM Contact OFFSET 2001",
            code: "NUMBER_OUTSIDE_VALID_RANGE",
            says: "2000"
        ),
        Refusal(
            soql: "SELECT Title, COUNT(Id) FROM Contact GROUP BY LastName",
            code: "MALFORMED_QUERY",
            says: "must be grouped or aggregated: Title"
        ),
    ]

    @Test("is refused with the place and the reason")
    func refused() async throws {
        try await withOrg { org in
            for refusal in Self.refusals {
                let answer = try await org.query(refusal.soql)
                #expect(answer.status == 400, "\(refusal.soql)")
                #expect(answer.code == refusal.code, "\(refusal.soql)")
                #expect(answer.message?.contains(refusal.says) == true, "\(answer.message ?? "")")
            }
        }
    }

    /// What is nested this deep would end the program: the stack of a thread has an end.
    static let nested = [
        String(repeating: "(", count: 40_000), String(repeating: "NOT ", count: 20_000),
        String(repeating: "Id IN (SELECT Id FROM Contact WHERE ", count: 2_500),
    ]

    @Test("is refused, however deep it is nested", arguments: nested)
    func tooDeep(opening: String) {
        let soql = "SELECT Id FROM Contact WHERE " + opening
        let refusal = #expect(throws: APIError.self) { try QueryParser.parse(soql) }
        #expect(refusal?.entries.first?.code == "MALFORMED_QUERY")
    }
}
