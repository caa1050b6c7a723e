import Domain
import Pipeline
import Testing

@Suite("Choosing among accounts")
struct AccountMatchingTests {
    private static let under = """
        "attendeeRecord":"contactUnderAccount","createContactUnderAccount":true
        """

    /// The name of the account under which Dana's new contact is made; nil for no contact.
    private func chosen(
        _ seed: String,
        _ accounts: String,
        booking: Meeting = Meeting()
    ) async throws -> String? {
        var name: String?
        try await withPipeline { world in
            try await world.org.seed(seed)
            try await world.accept("{\(Self.under),\"accounts\":\(accounts)}")
            try await world.sync(booking.created)
            let contacts = try await world.org.query(
                "SELECT Account.Name FROM Contact WHERE Email = '\(booking.booker.email)'"
            )
            name = contacts.first?["Account"]?["Name"]?.string
        }
        return name
    }

    /// Two accounts with the website of Dana's mail domain; what is given comes on top.
    private static func two(
        _ first: String,
        _ second: String,
        more: String = ""
    ) -> String {
        """
        {"records":{"Account":[
          {"ref":"a","Name":"First","Website":"globex.example",\
        "CreatedDate":"2020-01-01T00:00:00Z"\(first)},
          {"ref":"b","Name":"Second","Website":"www.globex.example",\
        "CreatedDate":"2021-01-01T00:00:00Z"\(second)}]\(more)}}
        """
    }

    struct Row: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var seed: String
        var accounts: String
        var chosen: String?
        var answers: [String: JSON] = [:]
    }

    private static let germany: [String: JSON] = [
        "land": "germany", "state": "Bavaria", "zip": "80331", "area": "South",
    ]

    private static let place = """
        "bookerPlace":{"country":"land","state":"state","zip":"zip","subRegion":"area",\
        "subRegionField":"Region__c"}
        """

    static let rows = [
        Row(
            testDescription: "without a rule the oldest",
            seed: two("", ""),
            accounts: "{}",
            chosen: "First"
        ),
        Row(
            testDescription: "of equal ones, at the end the lowest id",
            seed: two("", ""),
            accounts: #"{"tieBreakers":["mostContacts"]}"#,
            chosen: "First"
        ),
        Row(
            testDescription: "the sub-region",
            seed: two(#","Region__c":"North""#, #","Region__c":"south""#),
            accounts: #"{"tieBreakers":["subRegion","oldest"],\#(place)}"#,
            chosen: "Second",
            answers: germany
        ),
        Row(
            testDescription: "country, state and postal code",
            seed: two(
                #","BillingCountry":"Germany","BillingState":"Bavaria","BillingPostalCode":"1""#,
                #","BillingCountry":"Germany","BillingState":"Bavaria","BillingPostalCode":"80331""#
            ),
            accounts: #"{"tieBreakers":["countryStateAndZip"],\#(place)}"#,
            chosen: "Second",
            answers: germany
        ),
        Row(
            testDescription: "country and state",
            seed: two(
                #","BillingCountry":"Germany","BillingState":"Hesse""#,
                #","BillingCountry":"Germany","BillingState":"Bavaria""#
            ),
            accounts: #"{"tieBreakers":["countryAndState","oldest"],\#(place)}"#,
            chosen: "Second",
            answers: germany
        ),
        Row(
            testDescription: "the country",
            seed: two(#","BillingCountry":"France""#, #","BillingCountry":"Germany""#),
            accounts: #"{"tieBreakers":["country","oldest"],\#(place)}"#,
            chosen: "Second",
            answers: germany
        ),
        Row(
            testDescription: "nothing of the country, when the booker does not tell",
            seed: two(#","BillingCountry":"France""#, #","BillingCountry":"Germany""#),
            accounts: #"{"tieBreakers":["country","oldest"],\#(place)}"#,
            chosen: "First"
        ),
        Row(
            testDescription: "most child accounts",
            seed: two("", #"},{"Name":"Child","ParentId":"@ref:b""#),
            accounts: #"{"tieBreakers":["mostChildAccounts","oldest"]}"#,
            chosen: "Second"
        ),
        Row(
            testDescription: "most opportunities",
            seed: two(
                "",
                "",
                more: """
                    ,"Opportunity":[{"Name":"O","StageName":"Prospecting","CloseDate":"2026-12-01",\
                    "AccountId":"@ref:b"}]
                    """
            ),
            accounts: #"{"tieBreakers":["mostOpportunities","oldest"]}"#,
            chosen: "Second"
        ),
        Row(
            testDescription: "most contacts",
            seed: two(
                "",
                "",
                more: #","Contact":[{"LastName":"X","AccountId":"@ref:b"}]"#
            ),
            accounts: #"{"tieBreakers":["mostContacts","oldest"]}"#,
            chosen: "Second"
        ),
        Row(
            testDescription: "the latest activity, before age",
            seed: two(
                #","LastActivityDate":"2026-01-01""#,
                #","LastActivityDate":"2026-02-01""#
            ),
            accounts: #"{"tieBreakers":["oldest","latestActivity"]}"#,
            chosen: "Second"
        ),
        Row(
            testDescription: "the oldest",
            seed: two("", "").replacing("2020-01-01", with: "2022-01-01"),
            accounts: #"{"tieBreakers":["oldest"]}"#,
            chosen: "Second"
        ),
        Row(
            testDescription: "none of an excluded record type, in whatever letters",
            seed: two(
                #","RecordTypeId":"@ref:p""#,
                "",
                more: """
                    ,"RecordType":[{"ref":"p","Name":"Partner","DeveloperName":"Partner",\
                    "SobjectType":"Account"}]
                    """
            ),
            accounts: #"{"excludeRecordTypes":["PARTNER"]}"#,
            chosen: "Second"
        ),
        Row(
            testDescription: "a similar website, where that is asked for",
            seed: """
                {"records":{"Account":[{"Name":"German","Website":"https://globex.de"},
                {"Name":"Else","Website":"globex-else.com"}]}}
                """,
            accounts: #"{"matchSimilarDomains":true}"#,
            chosen: "German"
        ),
        Row(
            testDescription: "no similar website otherwise",
            seed: #"{"records":{"Account":[{"Name":"German","Website":"https://globex.de"}]}}"#,
            accounts: "{}",
            chosen: nil
        ),
        Row(
            testDescription: "the exact website before a similar one",
            seed: """
                {"records":{"Account":[{"Name":"German","Website":"globex.de"},
                {"Name":"Exact","Website":"globex.example"}]}}
                """,
            accounts: #"{"matchSimilarDomains":true}"#,
            chosen: "Exact"
        ),
    ]

    @Test("takes", arguments: rows)
    func choice(row: Row) async throws {
        let booking = Meeting().with { $0.answers = row.answers }
        #expect(try await chosen(row.seed, row.accounts, booking: booking) == row.chosen)
    }

    @Test("leaves an excluded account out that only its contacts tell of")
    func excludedByContacts() async throws {
        let seed = """
            {"records":{"RecordType":[{"ref":"p","Name":"Partner","DeveloperName":"P",\
            "SobjectType":"Account"}],
            "Account":[{"ref":"a","Name":"Partner","RecordTypeId":"@ref:p"},{"ref":"b","Name":"Plain"}],
            "Contact":[{"LastName":"1","Email":"x@globex.example","AccountId":"@ref:a"},
            {"LastName":"2","Email":"y@globex.example","AccountId":"@ref:a"},
            {"LastName":"3","Email":"z@globex.example","AccountId":"@ref:b"}]}}
            """
        #expect(try await chosen(seed, "{}") == "Partner")
        #expect(try await chosen(seed, #"{"excludeRecordTypes":["Partner"]}"#) == "Plain")
    }

    @Test("leaves an excluded account out, whoever else of its domain is in the run")
    func excludedBesideOthers() async throws {
        try await withPipeline { world in
            let contact: [String: JSON] = [
                "LastName": "Okafor", "Email": .string(Meeting.Person.dana.email),
            ]
            _ = try await world.org.create("Contact", contact)
            try await world.accept(
                "{\(Self.under),\"accounts\":{\"excludeRecordTypes\":[\"Partner\"]},"
                    + #""onAmbiguous":"review"}"#
            )
            try await world.accept(
                #"{"attendeeRecord":"lead","createContactUnderAccount":true}"#,
                for: .eventType(EventTypeID(2))
            )
            try await world.sync(Meeting("b1").created)
            try await world.org.seed(
                """
                {"records":{"RecordType":[{"ref":"p","Name":"Partner","DeveloperName":"P",\
                "SobjectType":"Account"}],
                "Account":[{"Name":"Partner","RecordTypeId":"@ref:p","Website":"globex.example"},
                {"Name":"Plain","Website":"globex.example"}]}}
                """
            )
            let lee = Meeting("b2").with { ($0.booker, $0.eventType) = (.lee, 2) }
            try await world.take([lee.created])
            world.wait(minutes: 1)
            try await world.reconcile(.everything)
            let account = try await world.contact("Account.Name")["Account"]?.text("Name")
            #expect(account == "Plain")
        }
    }

    @Test("asks no more than before where nothing is to be told apart")
    func calls() async throws {
        var calls: [Int] = []
        for accounts in ["{}", #"{"tieBreakers":"standard","excludeRecordTypes":["Partner"]}"#] {
            try await withPipeline { world in
                try await world.org.seed(
                    #"{"records":{"Account":[{"Name":"One","Website":"globex.example"}]}}"#
                )
                try await world.accept("{\(Self.under),\"accounts\":\(accounts)}")
                try await world.sync(Meeting("b1").created)
                try await world.org.resetCounters()
                try await world.sync(Meeting("b2").with { $0.booker = .lee }.created)
                calls.append(try await world.org.apiCalls)
            }
        }
        #expect(calls[0] == calls[1])
    }
}
