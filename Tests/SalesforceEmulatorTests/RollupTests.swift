import Testing

@testable import SalesforceEmulator

@Suite("Subtotals")
struct RollupTests {
    private static let seed: JSON = [
        "records": [
            "Lead": [
                ["LastName": "A", "Company": "C", "LeadSource": "Web", "Rating": "Hot"],
                ["LastName": "B", "Company": "C", "LeadSource": "Web", "Rating": "Cold"],
                ["LastName": "C", "Company": "C", "LeadSource": "Other", "Rating": "Cold"],
            ]
        ]
    ]

    private static func rows(_ soql: String) async throws -> [[JSON?]] {
        try await withOrg(seed: seed) { org in
            try await org.query(soql).records.map { record in
                [record["LeadSource"], record["Rating"], record["total"], record["isAll"]]
            }
        }
    }

    @Test("by ROLLUP go from the right, by CUBE through all sets")
    func sets() async throws {
        let select =
            "SELECT LeadSource, Rating, COUNT(Id) total, GROUPING(Rating) isAll FROM Lead"
        let order = "ORDER BY LeadSource NULLS LAST, Rating NULLS LAST"
        let rolled = try await Self.rows("\(select) GROUP BY ROLLUP(LeadSource, Rating) \(order)")
        #expect(
            rolled == [
                ["Other", "Cold", 1, 0], ["Other", .null, 1, 1], ["Web", "Cold", 1, 0],
                ["Web", "Hot", 1, 0], ["Web", .null, 2, 1], [.null, .null, 3, 1],
            ]
        )
        let cubed = try await Self.rows("\(select) GROUP BY CUBE(LeadSource, Rating) \(order)")
        #expect(cubed.count == 8)
        #expect(cubed.contains([.null, "Cold", 2, 0]))
        #expect(cubed.contains([.null, "Hot", 1, 0]))
    }

    @Test("keep to conditions, HAVING and LIMIT")
    func clauses() async throws {
        let soql = """
            SELECT LeadSource, COUNT(Id) total FROM Lead WHERE Rating = 'Cold' \
            GROUP BY ROLLUP(LeadSource) HAVING COUNT(Id) < 2 ORDER BY LeadSource LIMIT 1
            """
        #expect(try await Self.rows(soql) == [["Other", nil, 1, nil]])
        let wrong = "SELECT COUNT(Id) FROM Lead GROUP BY ROLLUP(LeadSource), Rating"
        try await withOrg { org in
            let answer = try await org.query(wrong)
            #expect(answer.code == "MALFORMED_QUERY")
        }
    }
}
