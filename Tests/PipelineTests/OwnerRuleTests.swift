import Domain
import Pipeline
import Testing

@Suite("Owner routing by rules, fields and queries")
struct OwnerRuleTests {
    private let dana = Meeting.Person.dana.email
    private static let tomas = "tomas.lindqvist@example.com"
    private static let priya = "priya.raman@example.com"

    private func route(
        _ world: World,
        _ answers: [String: String] = [:],
        of email: String? = nil
    ) async throws -> OwnerRouter.Route {
        let router = OwnerRouter(
            journal: world.journal,
            gateway: try world.gateway(),
            now: world.time
        )
        let email = try #require(EmailAddress(email ?? dana))
        return try await router.route(email, eventType: EventTypeID(88_231), answers: answers)
    }

    struct RuleRow: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var rules: String
        var owner: String?
        var reason = "contact_owner"
    }

    /// Dana has two contacts: the older one is Tomas's, of size 1-10; Priya's has no size.
    static let rules = [
        RuleRow(testDescription: "no rule: the oldest", rules: "[]", owner: tomas),
        RuleRow(
            testDescription: "a value that is required, in whatever letters",
            rules: #"[{"field":"Short__c","equals":"EMEA","action":"require"}]"#,
            owner: tomas
        ),
        RuleRow(
            testDescription: "a value that is ignored; an empty field passes",
            rules: #"[{"field":"Short__c","equals":"emea","action":"ignore"}]"#,
            owner: priya
        ),
        RuleRow(
            testDescription: "several rules, all of which have to hold",
            rules: """
                [{"field":"Short__c","equals":"emea","action":"require"},
                {"field":"Team_Size__c","equals":"1-10","action":"ignore"}]
                """,
            owner: nil,
            reason: "passed-over-by-rules"
        ),
        RuleRow(
            testDescription: "a required value that nobody has",
            rules: #"[{"field":"Short__c","equals":"apac","action":"require"}]"#,
            owner: nil,
            reason: "passed-over-by-rules"
        ),
        RuleRow(
            testDescription: "a field that is not there fails what is required",
            rules: #"[{"field":"Nowhere__c","equals":"x","action":"require"}]"#,
            owner: nil,
            reason: "passed-over-by-rules"
        ),
        RuleRow(
            testDescription: "a field that is not there passes what is ignored",
            rules: #"[{"field":"Nowhere__c","equals":"x","action":"ignore"}]"#,
            owner: tomas
        ),
    ]

    @Test("lets only records count that pass the rules", arguments: rules)
    func passing(row: RuleRow) async throws {
        try await withPipeline { world in
            try await world.org.seed(
                """
                {"records":{"Contact":[
                {"LastName":"O","Email":"\(dana)","Short__c":"Emea","Team_Size__c":"1-10",\
                "OwnerId":"@user:\(Self.tomas)","CreatedDate":"2020-01-01T00:00:00Z"},
                {"LastName":"O","Email":"\(dana)","OwnerId":"@user:\(Self.priya)",\
                "CreatedDate":"2021-01-01T00:00:00Z"}]}}
                """
            )
            try await world.accept(#"{"ownerRouting":{"lookUp":"contact","rules":\#(row.rules)}}"#)
            let route = try await route(world)
            #expect(route.email == row.owner)
            #expect(route.reason == row.reason)
        }
    }

    @Test("waits for no review: of several accounts the oldest one's owner is asked")
    func review() async throws {
        try await withPipeline { world in
            try await world.org.seed(
                """
                {"records":{"Account":[
                {"Name":"G","Website":"globex.example","OwnerId":"@user:\(Self.priya)",\
                "CreatedDate":"2021-01-01T00:00:00Z"},
                {"Name":"G","Website":"globex.example","OwnerId":"@user:\(Self.tomas)",\
                "CreatedDate":"2020-01-01T00:00:00Z"}]}}
                """
            )
            try await world.accept(
                #"{"ownerRouting":{"lookUp":"account"},"onAmbiguous":"review"}"#
            )
            let route = try await route(world)
            #expect(route.email == Self.tomas)
            #expect(route.reason == "account_owner")
        }
    }

    @Test("asks a lead when the rules pass over every contact, and the lead by the same rules")
    func leadByRules() async throws {
        try await withPipeline { world in
            try await world.org.seed(
                """
                {"records":{"Contact":[{"LastName":"O","Email":"\(dana)","Short__c":"x"}],
                "Lead":[{"LastName":"O","Company":"G","Email":"\(dana)","Short__c":"y",\
                "OwnerId":"@user:\(Self.tomas)"}]}}
                """
            )
            let rule = #""rules":[{"field":"Short__c","equals":"%","action":"require"}]"#
            func accept(_ value: String) async throws {
                let rules = rule.replacing("%", with: value)
                try await world.accept(
                    #"{"ownerRouting":{"lookUp":"contact","fallBackToLead":true,\#(rules)}}"#
                )
            }
            try await accept("y")
            #expect(try await route(world).reason == "lead_owner")
            #expect(try await route(world).email == Self.tomas)
            try await accept("z")
            #expect(try await route(world).reason == "passed-over-by-rules")
        }
    }

    @Test("passes over accounts of excluded record types, and tells several apart by tie-breakers")
    func accounts() async throws {
        try await withPipeline { world in
            try await world.org.seed(
                """
                {"records":{"RecordType":[{"ref":"p","Name":"Partner","DeveloperName":"P",\
                "SobjectType":"Account"}],
                "Account":[
                {"Name":"1","Website":"globex.example","RecordTypeId":"@ref:p",\
                "OwnerId":"@user:admin@example.com"},
                {"Name":"2","Website":"globex.example","BillingCountry":"France",\
                "OwnerId":"@user:\(Self.tomas)"},
                {"Name":"3","Website":"globex.example","BillingCountry":"Germany",\
                "OwnerId":"@user:\(Self.priya)"}]}}
                """
            )
            try await world.accept(
                """
                {"ownerRouting":{"lookUp":"account"},"accounts":{"excludeRecordTypes":["Partner"],\
                "tieBreakers":["country","oldest"],"bookerPlace":{"country":"land"}}}
                """
            )
            #expect(try await route(world, ["land": "Germany"]).email == Self.priya)
            #expect(try await route(world, ["land": "France"]).email == Self.tomas)
            #expect(try await route(world).email == Self.tomas)
        }
    }

    /// Org fields: an account names a user itself, and through its region.
    private static let fields = """
        "fields":[{"object":"Account","name":"Rep__c","type":"lookup","referenceTo":"User"}]
        """

    @Test("asks a user field of the account first, also through a relation")
    func accountField() async throws {
        try await withPipeline { world in
            try await world.org.seed(
                """
                {\(Self.fields),"records":{"Account":[
                {"ref":"p","Name":"Parent","Rep__c":"@user:\(Self.priya)"},
                {"Name":"Globex","Website":"globex.example","ParentId":"@ref:p",\
                "Rep__c":"@user:\(Self.tomas)","OwnerId":"@user:admin@example.com"}]}}
                """
            )
            for (path, owner, reason) in [
                ("Rep__c", Self.tomas, "account_lookup_field"),
                ("Parent.Rep__c", Self.priya, "account_lookup_field"),
                ("Nowhere__c", "admin@example.com", "account_owner"),
            ] {
                try await world.accept(
                    #"{"ownerRouting":{"lookUp":"account","accountUserField":"\#(path)"}}"#
                )
                let route = try await route(world)
                #expect(route.email == owner)
                #expect(route.reason == reason)
            }
        }
    }

    @Test("goes on to the owner when the user in the field is no longer active")
    func inactiveInField() async throws {
        try await withPipeline { world in
            try await world.org.seed(
                """
                {\(Self.fields),"records":{"Account":[{"Name":"G","Website":"globex.example",\
                "Rep__c":"@user:ivo.gone@example.com","OwnerId":"@user:\(Self.tomas)"}]}}
                """
            )
            try await world.accept(
                #"{"ownerRouting":{"lookUp":"account","accountUserField":"Rep__c"}}"#
            )
            let route = try await route(world)
            #expect(route.email == Self.tomas)
            #expect(route.reason == "account_owner")
        }
    }

    struct QueryRow: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var query: String
        var answers: [String: String] = [:]
        var owner: String?
    }

    static let queries = [
        QueryRow(
            testDescription: "a user's id, for a bound value",
            query: "SELECT OwnerId FROM Account WHERE Name = {company}",
            answers: ["company": "O'Hara & Sons"],
            owner: tomas
        ),
        QueryRow(
            testDescription: "a user's id, for a value inside a quoted text",
            query: "SELECT OwnerId FROM Account WHERE Name LIKE '{company}%' ORDER BY Name LIMIT 1",
            answers: ["company": "O'Hara"],
            owner: tomas
        ),
        QueryRow(
            testDescription: "an address reached through a relation",
            query: "SELECT Name, Owner.Email FROM Account WHERE Website LIKE '%{domain}%'",
            owner: priya
        ),
        QueryRow(
            testDescription: "nobody for a value that tries to be more than a value",
            query: "SELECT OwnerId FROM Account WHERE Name = '{company}'",
            answers: ["company": "' OR Name != '"],
            owner: nil
        ),
        QueryRow(
            testDescription: "nobody for wild cards in a value",
            query: "SELECT OwnerId FROM Account WHERE Name LIKE '{company}'",
            answers: ["company": "%"],
            owner: nil
        ),
        QueryRow(
            testDescription: "nobody when an answer is missing",
            query: "SELECT OwnerId FROM Account WHERE Name = {company}",
            owner: nil
        ),
        QueryRow(
            testDescription: "nobody when no row fits",
            query: "SELECT OwnerId FROM Account WHERE Name = 'x'",
            owner: nil
        ),
        QueryRow(
            testDescription: "nobody when the row names no user",
            query: "SELECT Name FROM Account WHERE Name = {company}",
            answers: ["company": "O'Hara & Sons"],
            owner: nil
        ),
    ]

    @Test("asks the query of the settings, with the person's values bound", arguments: queries)
    func query(row: QueryRow) async throws {
        try await withPipeline { world in
            try await world.org.seed(
                """
                {"records":{"Account":[
                {"Name":"O'Hara & Sons","OwnerId":"@user:\(Self.tomas)"},
                {"Name":"Globex","Website":"globex.example","OwnerId":"@user:\(Self.priya)"}]}}
                """
            )
            let query = JSON.string(row.query).text
            try await world.accept(#"{"ownerRouting":{"lookUp":"lead","query":\#(query)}}"#)
            let route = try await route(world, row.answers)
            #expect(route.email == row.owner)
            #expect(route.reason == (row.owner == nil ? "no-record" : "custom_soql_lookup"))
        }
    }

    @Test("takes a query that the org refuses for a failure, never for an answer")
    func refusedQuery() async throws {
        try await withPipeline { world in
            try await world.accept(
                #"{"ownerRouting":{"lookUp":"lead","query":"SELECT Nope__c FROM Account"}}"#
            )
            await #expect(throws: (any Error).self) { _ = try await route(world) }
        }
    }
}
