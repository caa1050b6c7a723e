import Domain
import Journal
import Pipeline
import Testing

@Suite("When nobody's owner was found")
struct FallbackTests {
    private static let create = """
        {"name":"miss","object":"Routing_Miss__c","fields":{"Booking__c":"{booking_uid}",\
        "Account__c":{"value":"matched_account","type":"accountLookup"},\
        "Rep__c":{"value":"booking_organizer","type":"userLookup"}}%}
        """

    private static func settings(_ more: String = "") -> String {
        let record = create.replacing("%", with: more)
        return """
            {"onFallback":{"attendee":{"Short__c":"missed"},"create":[\(record)]}}
            """
    }

    private static let skipping = settings(#","skipIfHostOwnsAccount":true"#)

    /// A booking of a round-robin event type.
    private static let booking = Meeting().with { $0.scheduling = "ROUND_ROBIN" }

    private func globex(_ world: World, ownedBy email: String) async throws -> String {
        try await world.org.create(
            "Account",
            [
                "Name": "Globex", "Website": "globex.example",
                "OwnerId": .string(try await world.org.user(email)),
            ]
        )
    }

    @Test("creates the record once, with all its look-ups, and writes to the booker's record")
    func miss() async throws {
        try await withPipeline { world in
            let account = try await globex(world, ownedBy: "admin@example.com")
            try await world.accept(Self.settings())
            try await world.sync(Self.booking.created)
            let miss = try await world.org.one(
                "SELECT Booking__c,Account__c,Rep__c FROM Routing_Miss__c"
            )
            #expect(miss.text("Booking__c") == Self.booking.uid)
            #expect(miss.text("Account__c") == account)
            #expect(
                miss.text("Rep__c") == (try await world.org.user("priya.raman@example.com"))
            )
            #expect(try await world.contact("Short__c").text("Short__c") == "missed")
            let later = Self.booking.with {
                $0.uid = "b2"; $0.start = "2026-11-12T15:00:00Z"
            }
            try await world.sync(later.rescheduled(from: Self.booking))
            try await world.reconcile(.everything)
            #expect(try await world.org.count("Routing_Miss__c") == 1)
        }
    }

    @Test(
        "does nothing when Cal.com found the owner",
        arguments: [
            "Salesforce contact owner: priya.raman@example.com",
            "Salesforce account lookup field: Region__c - priya.raman@example.com",
            "SALESFORCE_ASSIGNMENT",
        ]
    )
    func hit(reason: String) async throws {
        try await withPipeline { world in
            try await world.accept(Self.settings())
            try await world.sync(Self.booking.with { $0.assignmentReason = reason }.created)
            #expect(try await world.org.count("Routing_Miss__c") == 0)
            #expect(try await world.contact("Short__c")["Short__c"] == .null)
        }
    }

    @Test("creates a record although another reason is given")
    func otherReason() async throws {
        try await withPipeline { world in
            try await world.accept(Self.settings())
            let reason = "Routed by attributes"
            try await world.sync(Self.booking.with { $0.assignmentReason = reason }.created)
            #expect(try await world.org.count("Routing_Miss__c") == 1)
        }
    }

    @Test(
        "creates none when the host owns the account anyway, if the settings say so",
        arguments: [
            ("priya.raman@example.com", true, 0), ("priya.raman@example.com", false, 1),
            ("admin@example.com", true, 1),
        ]
    )
    func hostOwnsAccount(owner: String, skips: Bool, records: Int) async throws {
        try await withPipeline { world in
            _ = try await globex(world, ownedBy: owner)
            try await world.accept(skips ? Self.skipping : Self.settings())
            try await world.sync(Self.booking.created)
            #expect(try await world.org.count("Routing_Miss__c") == records)
        }
    }

    @Test("counts only where one of several hosts is chosen", arguments: [nil, "COLLECTIVE"])
    func notRoundRobin(scheduling: String?) async throws {
        try await withPipeline { world in
            try await world.accept(Self.settings())
            try await world.sync(Self.booking.with { $0.scheduling = scheduling }.created)
            #expect(try await world.org.count("Routing_Miss__c") == 0)
            #expect(try await world.contact("Short__c")["Short__c"] == .null)
        }
    }

    @Test("is not made anew after somebody deleted it")
    func deleted() async throws {
        try await withPipeline { world in
            try await world.accept(Self.settings())
            try await world.sync(Self.booking.created)
            let miss = try await world.org.one("SELECT Id FROM Routing_Miss__c").text("Id")
            try await world.org.delete("Routing_Miss__c", miss)
            world.wait(minutes: 1)
            #expect(try await world.reconcile(.everything).summary.hasWrites == false)
            #expect(try await world.org.count("Routing_Miss__c") == 0)
        }
    }

    @Test("is made once, wherever the program dies", arguments: DyingGateway.Moment.allCases)
    func crash(moment: DyingGateway.Moment) async throws {
        try await withPipeline { world in
            try await world.accept(Self.settings())
            try await world.deliver(Self.booking.created)
            for batch in 1...3 {
                world.interpose = { DyingGateway($0, moment, batch: batch) }
                do {
                    try await world.reconcile()
                } catch {
                    try world.restart()
                }
                world.wait(minutes: 5)
            }
            world.interpose = { $0 }
            try await world.reconcile()
            #expect(try await world.org.count("Routing_Miss__c") == 1)
            #expect(try await world.org.count("Event") == 1)
        }
    }

    @Test("a refused record does not keep the meeting from being written")
    func refused() async throws {
        try await withPipeline { world in
            try await world.accept(
                """
                {"onFallback":{"create":[{"name":"bad","object":"Nowhere__c",\
                "fields":{"A__c":"x"}}]}}
                """
            )
            try await world.sync(Self.booking.created)
            #expect(try await world.org.count("Event") == 1)
        }
    }
}

@Suite("When a routing form was answered")
struct FormWriteTests {
    private static let settings = """
        {"onForm":{"submitted":{"Routing_Size__c":"{company-size}"},\
        "abandoned":{"Short__c":"gave up","Company_Size__c":"{form:company-size}",\
        "Assignment_Reason__c":{"value":"{booking_uid}","type":"textarea"}}}%}
        """

    private static func settings(_ more: String = "") -> String {
        settings.replacing("%", with: more)
    }

    private func form(_ trigger: String, email: String = Meeting.Person.dana.email) -> Delivery {
        Delivery(
            trigger,
            [
                ("formId", .string("3f6e2d8a")), ("formName", .string("Talk to sales")),
                (
                    "responses",
                    .compact([
                        ("email", .compact([("value", .string(email))])),
                        ("company-size", .compact([("value", .array([.string("201-1000")]))])),
                    ])
                ),
            ]
        )
    }

    private func person(_ world: World, _ object: String) async throws -> String {
        try await world.org.create(
            object,
            [
                "LastName": "Okafor", "Email": .string(Meeting.Person.dana.email),
                "Company": object == "Lead" ? "Globex" : .null,
            ].filter { $0.value != .null }
        )
    }

    private static let fields = "Short__c,Company_Size__c,Routing_Size__c,Assignment_Reason__c"

    @Test("writes to the contact, else to the lead", arguments: ["Contact", "Lead"])
    func abandoned(object: String) async throws {
        try await withPipeline { world in
            let id = try await person(world, object)
            try await world.accept(Self.settings())
            try await world.sync(form("FORM_SUBMITTED_NO_EVENT"))
            let record = try await world.org.one(
                "SELECT \(Self.fields) FROM \(object) WHERE Id = '\(id)'"
            )
            #expect(record.text("Short__c") == "gave up")
            #expect(record.text("Company_Size__c") == "201-1000")
            #expect(record["Routing_Size__c"] == .null)
            #expect(record["Assignment_Reason__c"] == .null, "a form has no booking")
        }
    }

    @Test("prefers the contact to a lead, and writes the answers as soon as they are given")
    func submitted() async throws {
        try await withPipeline { world in
            _ = try await person(world, "Lead")
            _ = try await person(world, "Contact")
            try await world.accept(Self.settings())
            try await world.sync(form("FORM_SUBMITTED"))
            #expect(try await world.contact(Self.fields).text("Routing_Size__c") == "201-1000")
            #expect(try await world.contact(Self.fields)["Short__c"] == .null)
            #expect(try await world.lead(Self.fields)["Routing_Size__c"] == .null)
        }
    }

    @Test("makes no record of somebody who is not known, and no meeting")
    func unknown() async throws {
        try await withPipeline { world in
            try await world.accept(Self.settings())
            try await world.sync(form("FORM_SUBMITTED_NO_EVENT"))
            #expect(try await world.org.count("Contact") == 0)
            #expect(try await world.org.count("Lead") == 0)
            #expect(try await world.org.count("Event") == 0)
            #expect(try await world.journal.dirtyCount() == 0)
        }
    }

    @Test("goes with the same person's bookings: one record, each value once")
    func withBooking() async throws {
        try await withPipeline { world in
            try await world.accept(
                Self.settings(
                    #","attendeeRecord":"lead","onBooking":{"attendee":{"Short__c":"booked"}}"#
                )
            )
            try await world.sync(form("FORM_SUBMITTED_NO_EVENT"))
            try await world.sync(Meeting().created)
            #expect(try await world.lead(Self.fields).text("Short__c") == "booked")
            #expect(try await world.lead(Self.fields).text("Company_Size__c") == "201-1000")
            let writes = try await world.org.writes
            #expect(try await world.reconcile(.everything).summary.hasWrites == false)
            #expect(try await world.org.writes == writes)
            try await world.sync(form("FORM_SUBMITTED"))
            #expect(try await world.lead(Self.fields).text("Routing_Size__c") == "201-1000")
            #expect(try await world.lead(Self.fields).text("Short__c") == "booked")
        }
    }

    /// Records that are there before, the oldest first, and which one bookings take.
    struct Choice: Sendable, CustomTestStringConvertible {
        var settings: String
        var there: [String]
        /// The place among the records that are there; nil for a new one.
        var taken: Int?
        var testDescription: String { "\(settings) beside \(there.joined(separator: ", "))" }
    }

    static let choices = [
        Choice(settings: #""attendeeRecord":"contact""#, there: ["Lead"], taken: nil),
        Choice(settings: #""attendeeRecord":"lead""#, there: ["Contact"], taken: nil),
        Choice(settings: #""attendeeRecord":"lead""#, there: ["Contact", "Lead"], taken: 1),
        Choice(
            settings: #""attendeeRecord":"lead","checkForExistingContact":true"#,
            there: ["Lead", "Contact"],
            taken: 1
        ),
        Choice(
            settings: #""attendeeRecord":"contactUnderAccount""#,
            there: ["Contact", "Contact under account"],
            taken: 1
        ),
    ]

    private func prepare(_ world: World, _ choice: Choice) async throws -> [String] {
        var ids: [String] = []
        for object in choice.there {
            let id = try await person(world, object == "Lead" ? "Lead" : "Contact")
            if object.hasSuffix("under account") {
                let account = try await world.org.create("Account", ["Name": "Initech"])
                try await world.org.change("Contact", id, ["AccountId": .string(account)])
            }
            ids.append(id)
            world.wait(minutes: 1)
        }
        try await world.accept(Self.settings(",\(choice.settings)"))
        return ids
    }

    /// Expects the meeting to be related to the record that bookings take, with the form's answer.
    private func expect(_ world: World, _ choice: Choice, _ there: [String]) async throws {
        let related = try await world.eventRecord("WhoId").text("WhoId")
        if let taken = choice.taken {
            #expect(related == there[taken])
        } else {
            #expect(related != "" && !there.contains(related))
        }
        let object = related.hasPrefix("003") ? "Contact" : "Lead"
        let record = try await world.org.one(
            "SELECT Routing_Size__c FROM \(object) WHERE Id = '\(related)'"
        )
        #expect(record.text("Routing_Size__c") == "201-1000")
        try await world.expectSettled()
    }

    @Test(
        "does not say which record the person's bookings use, whenever the runs were",
        arguments: choices,
        [true, false]
    )
    func leavesRecordToBookings(choice: Choice, isRunBetween: Bool) async throws {
        try await withPipeline { world in
            let there = try await prepare(world, choice)
            try await world.deliver(form("FORM_SUBMITTED"))
            if isRunBetween { try await world.reconcile() }
            try await world.sync(Meeting().created)
            try await expect(world, choice, there)
            try await world.sync(form("FORM_SUBMITTED_NO_EVENT"))
            try await expect(world, choice, there)
            let reader = SubjectReader(journal: world.journal)
            guard case .person(let key) = try await reader.subject(Meeting.Person.dana.email) else {
                Issue.record("an address names a person")
                return
            }
            #expect(key.policy != nil, "a record that an operator names is for the bookings")
        }
    }

    @Test("leaves its value ours for the bookings of the same record, after a lost answer, too")
    func reformedAfterLostAnswer() async throws {
        try await withPipeline { world in
            _ = try await person(world, "Contact")
            try await world.org.settings(
                """
                {"automation":[{"object":"Contact","when":{"Company_Size__c":"201-1000"},\
                "set":{"Company_Size__c":"many"}}]}
                """
            )
            try await world.accept(
                """
                {"onForm":{"submitted":{\
                "Company_Size__c":{"value":"{company-size}","when":"protect"}}},\
                "onBooking":{"attendee":{"Company_Size__c":{"value":"30","when":"protect"}}}}
                """
            )
            try await world.deliver(form("FORM_SUBMITTED"))
            try await world.die()
            #expect(try await world.contact(Self.fields).text("Company_Size__c") == "many")
            try await world.sync(Meeting().created)
            #expect(try await world.contact(Self.fields).text("Company_Size__c") == "30")
            try await world.expectSettled()
        }
    }

    @Test("says no more of that where its answer was lost", arguments: choices)
    func leavesRecordAfterLostAnswer(choice: Choice) async throws {
        try await withPipeline { world in
            let there = try await prepare(world, choice)
            try await world.deliver(form("FORM_SUBMITTED"))
            try await world.die()
            try await world.sync(Meeting().created)
            try await expect(world, choice, there)
        }
    }
}
