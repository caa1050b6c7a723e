import Domain
import Journal
import Pipeline
import Testing

@Suite("Writing to the account on booking")
struct AccountWriteTests {
    private static let lastMeeting = """
        "onBooking":{"account":{"Last_Meeting__c":{"value":"booking_start_date","type":"date"}}}
        """

    private func account(_ world: World, _ fields: [String: JSON] = [:]) async throws -> String {
        let globex: [String: JSON] = ["Name": "Globex", "Website": "https://www.globex.example"]
        return try await world.org.create(
            "Account",
            globex.merging(fields) { _, given in given }
        )
    }

    private func read(_ world: World, _ id: String, _ fields: String) async throws -> JSON {
        try await world.org.one("SELECT \(fields) FROM Account WHERE Id = '\(id)'")
    }

    @Test("writes to the account of the mail domain, and once only")
    func byDomain() async throws {
        try await withPipeline { world in
            let id = try await account(world)
            try await world.accept("{\(Self.lastMeeting)}")
            try await world.sync(Meeting().created)
            let written = try await read(world, id, "Last_Meeting__c")
            #expect(written.text("Last_Meeting__c") == "2026-11-10")
            let writes = try await world.org.writes
            #expect(try await world.reconcile(.everything).summary.hasWrites == false)
            #expect(try await world.org.writes == writes)
        }
    }

    @Test("writes to the account of the person's contact rather than the mail domain's")
    func byContact() async throws {
        try await withPipeline { world in
            let ofDomain = try await account(world)
            let own = try await world.org.create("Account", ["Name": "Dana's own"])
            try await world.org.create(
                "Contact",
                [
                    "LastName": "Okafor", "Email": .string(Meeting.Person.dana.email),
                    "AccountId": .string(own),
                ]
            )
            try await world.accept("{\(Self.lastMeeting)}")
            try await world.sync(Meeting().created)
            let written = try await read(world, own, "Last_Meeting__c")
            #expect(written.text("Last_Meeting__c") == "2026-11-10")
            #expect(try await read(world, ofDomain, "Last_Meeting__c")["Last_Meeting__c"] == .null)
        }
    }

    @Test("lets the newest booking of anybody at the account have the last word")
    func colleagues() async throws {
        try await withPipeline { world in
            let id = try await account(world)
            try await world.accept("{\(Self.lastMeeting)}")
            let first = Meeting("b1")
            try await world.sync(first.created)
            try await world.sync(
                Meeting("b2").with {
                    $0.booker = .lee
                    $0.start = "2026-11-20T15:00:00Z"
                }.created
            )
            #expect(
                try await read(world, id, "Last_Meeting__c").text("Last_Meeting__c") == "2026-11-20"
            )
            // Something else happens to the older booking: it does not speak again.
            try await world.sync(first.noShow([(first.booker.email, true)]))
            #expect(
                try await read(world, id, "Last_Meeting__c").text("Last_Meeting__c") == "2026-11-20"
            )
        }
    }

    @Test("plans one operation for several people of one account")
    func together() async throws {
        try await withPipeline { world in
            let id = try await account(world)
            try await world.accept("{\(Self.lastMeeting)}")
            try await world.deliver(
                Meeting("b1").created,
                Meeting("b2").with {
                    $0.booker = .lee
                    $0.start = "2026-11-20T15:00:00Z"
                }.created
            )
            let plan = try await world.plan()
            let writes = plan.operations.filter { $0.object == .account && $0.isWrite }
            #expect(writes.count == 1)
            #expect(plan.operations.count { $0.object == .account } == 2)
            try await world.reconcile()
            #expect(
                try await read(world, id, "Last_Meeting__c").text("Last_Meeting__c") == "2026-11-20"
            )
        }
    }

    @Test("respects what people edit, and says why a field was not written")
    func edited() async throws {
        try await withPipeline { world in
            let id = try await account(world, ["Region__c": "APAC"])
            try await world.accept(
                """
                {"onBooking":{"account":{"Region__c":{"value":"EMEA","type":"text","when":"whenEmpty"}}}}
                """
            )
            try await world.sync(Meeting().created)
            #expect(try await read(world, id, "Region__c").text("Region__c") == "APAC")
            let held = try await world.ledger("field.held")
            #expect(
                held.contains {
                    $0.text("field") == "Region__c" && $0.text("reason") == "not-empty"
                }
            )
        }
    }

    @Test("makes no account: without one the meeting is written, and the reason is told")
    func none() async throws {
        try await withPipeline { world in
            try await world.accept("{\(Self.lastMeeting)}")
            try await world.sync(Meeting().created)
            #expect(try await world.org.count("Account") == 0)
            #expect(try await world.org.count("Event") == 1)
            let plan = try await world.plan(.everything)
            let operation = plan.operations.first { $0.object == .account }
            #expect(operation?.kind == .hold)
            #expect(operation?.reason == .noAccount)
        }
    }

    @Test(
        "gives the account to the organizer only if a named owner has it",
        arguments: [("Mara Admin", true), ("Somebody Else", false)]
    )
    func owner(name: String, changes: Bool) async throws {
        try await withPipeline { world in
            let mara = try await world.org.user("admin@example.com")
            let id = try await account(world, ["OwnerId": .string(mara)])
            try await world.accept(
                #"{"accountOwnerChange":{"to":"organizer","onlyIfOwnedBy":["\#(name)"]}}"#
            )
            try await world.sync(Meeting().created)
            let priya = try await world.org.user("priya.raman@example.com")
            let owner = try await read(world, id, "OwnerId").text("OwnerId")
            #expect(owner == (changes ? priya : mara))
        }
    }

    @Test("shows in a person's history what was done to the account")
    func subjects() async throws {
        try await withPipeline { world in
            let id = try await account(world)
            try await world.accept("{\(Self.lastMeeting)}")
            try await world.sync(Meeting().created)
            let record = try #require(SalesforceID(id))
            let subjects = try await world.journal.subjects(everLinkedTo: record)
            #expect(subjects.count == 1)
            #expect(subjects.first?.name.hasPrefix("account/") == true)
        }
    }
}

@Suite("Looking up users and accounts")
struct LookUpFieldTests {
    @Test("writes the organizer's user and the matched account, to the attendee and the meeting")
    func lookUps() async throws {
        try await withPipeline { world in
            try await world.org.seed(
                """
                {"fields":[{"object":"Activity","name":"Matched_Account__c","type":"lookup",\
                "referenceTo":"Account"}]}
                """
            )
            let id = try await world.org.create(
                "Account",
                ["Name": "Globex", "Website": "globex.example"]
            )
            let matched = #"{"value":"matched_account","type":"accountLookup"}"#
            try await world.accept(
                """
                {"onBooking":{"eventRecord":{"Matched_Account__c":\(matched)},"attendee":{\
                "Matched_Account__c":\(matched),\
                "Demo_Owner__c":{"value":"booking_organizer","type":"userLookup"}}}}
                """
            )
            try await world.sync(Meeting().created)
            let contact = try await world.contact("Matched_Account__c,Demo_Owner__c")
            #expect(contact.text("Matched_Account__c") == id)
            let priya = try await world.org.user("priya.raman@example.com")
            #expect(contact.text("Demo_Owner__c") == priya)
            let meeting = try await world.eventRecord("Matched_Account__c")
            #expect(meeting.text("Matched_Account__c") == id)
        }
    }

    @Test("holds a look-up alone when there is no such user or account")
    func nobody() async throws {
        try await withPipeline { world in
            try await world.accept(
                """
                {"onBooking":{"attendee":{\
                "Matched_Account__c":{"value":"matched_account","type":"accountLookup"},\
                "Demo_Owner__c":{"value":"booking_organizer","type":"userLookup"},\
                "Short__c":"x"}}}
                """
            )
            let stranger = Meeting.Person(name: "New Host", email: "new.host@example.com")
            try await world.sync(Meeting().with { $0.organizer = stranger }.created)
            let contact = try await world.contact("Matched_Account__c,Demo_Owner__c,Short__c")
            #expect(contact["Matched_Account__c"] == .null)
            #expect(contact["Demo_Owner__c"] == .null)
            #expect(contact.text("Short__c") == "x")
        }
    }
}
