import Domain
import Pipeline
import Testing

@Suite("Settings of owners, accounts and routing, held against what the org has")
struct RoutingSettingsCheckTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var settings: String
        /// The beginning of each finding.
        var findings: [String]
    }

    private static let change = #"{"to":"organizer","onlyIfOwnedBy":["Q"]}"#
    private static let owner = """
        {"OwnerId":{"value":"booking_organizer","type":"userLookup"}}
        """

    static let rows = [
        Row(
            testDescription: "a rule for the owner alone fits",
            settings: #"{"onBooking":{"attendee":\#(owner)}}"#,
            findings: []
        ),
        Row(
            testDescription: "a rule for the owner beside the change of owner",
            settings: #"{"ownerChange":\#(change),"onBooking":{"attendee":\#(owner)}}"#,
            findings: [
                """
                error onBooking/attendee/OwnerId: the rule and 'ownerChange' would both set the \
                owner of one record. Remove the rule, or remove 'ownerChange'
                """
            ]
        ),
        Row(
            testDescription: "a rule for the account's owner beside the change of that owner",
            settings: #"{"accountOwnerChange":\#(change),"onBooking":{"account":\#(owner)}}"#,
            findings: ["error onBooking/account/OwnerId: the rule and 'accountOwnerChange' would"]
        ),
        Row(
            testDescription: "a change of the one owner and a rule for the other fit",
            settings: #"{"ownerChange":\#(change),"onBooking":{"account":\#(owner)}}"#,
            findings: []
        ),
        Row(
            testDescription: "a field of the account that is not there",
            settings: #"{"onBooking":{"account":{"Nowhere__c":"x"}}}"#,
            findings: ["error onBooking/account/Nowhere__c: Account has no field 'Nowhere__c'"]
        ),
        Row(
            testDescription: "a fallback record of an object that is not there",
            settings: """
                {"onFallback":{"create":[{"name":"m","object":"No__c","fields":{"A__c":"x"}}]}}
                """,
            findings: ["error onFallback/create/m/A__c: the integration user cannot see No__c"]
        ),
        Row(
            testDescription: "a field of a fallback record that is not there",
            settings: """
                {"onFallback":{"create":[{"name":"m","object":"Routing_Miss__c",\
                "fields":{"Booking__c":"x","A__c":"x"}}]}}
                """,
            findings: ["error onFallback/create/m/A__c: Routing_Miss__c has no field 'A__c'"]
        ),
        Row(
            testDescription: "a routing rule for a field that is not there",
            settings: """
                {"ownerRouting":{"lookUp":"account","rules":[\
                {"field":"region__C","equals":"x","action":"require"}]}}
                """,
            findings: [
                """
                error ownerRouting/rules/region__C: Account has no field 'region__C'. Write it as \
                the org does: 'Region__c'.
                """
            ]
        ),
        Row(
            testDescription: "a user field of the account that holds no user",
            settings: #"{"ownerRouting":{"lookUp":"lead","accountUserField":"ParentId"}}"#,
            findings: [
                "warning ownerRouting/accountUserField: Account.ParentId does not look up User"
            ]
        ),
        Row(
            testDescription: "a path whose first relation is not there",
            settings: #"{"ownerRouting":{"lookUp":"lead","accountUserField":"No__r.Owner__c"}}"#,
            findings: ["warning ownerRouting/accountUserField: Account has no field 'No__c'"]
        ),
        Row(
            testDescription: "a path whose first relation is there",
            settings: #"{"ownerRouting":{"lookUp":"lead","accountUserField":"Parent.OwnerId"}}"#,
            findings: []
        ),
        Row(
            testDescription: "a sub-region that accounts do not have",
            settings: #"{"accounts":{"bookerPlace":{"subRegionField":"No__c"}}}"#,
            findings: ["warning accounts/bookerPlace/subRegionField: Account has no field 'No__c'"]
        ),
        Row(
            testDescription: "a tie-breaker for a place that nobody is asked for",
            settings: #"{"accounts":{"tieBreakers":["country","mostOpportunities"]}}"#,
            findings: [
                "warning accounts/tieBreakers/country: 'accounts.bookerPlace' does not name 'country'"
            ]
        ),
        Row(
            testDescription: "a form's rule for a field that only contacts have",
            settings: #"{"onForm":{"abandoned":{"Company__c":"x"}}}"#,
            findings: ["warning onForm/abandoned/Company__c: Lead has no field 'Company__c'"]
        ),
    ]

    @Test("tell", arguments: rows)
    func tell(row: Row) async throws {
        try await withPipeline { world in
            let settings = try SettingsDocument.decodeSettings(JSON(parsing: row.settings))
            let check = SettingsCheck(
                journal: world.journal,
                gateway: try world.gateway(),
                now: world.time
            )
            let schema = try await check.observe(for: [settings]).schema
            let told = SettingsCheck.findings(settings, schema).map {
                ($0.isError ? "error " : "warning ") + $0.text
            }
            #expect(told.count == row.findings.count, "\(told)")
            for (text, beginning) in zip(told, row.findings) { #expect(text.hasPrefix(beginning)) }
        }
    }
}
