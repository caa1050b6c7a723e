import Domain
import Pipeline
import Testing

/// What the org itself does to records: its rules, its flows, its users.
@Suite("Rules of the org")
struct OrgRuleTests {
    private let booking = Meeting()
    private let dana = Meeting.Person.dana
    private let settings = #"{"onBooking":{"attendee":{"Last_Booking_Status__c":"Booked"}}}"#

    private func status(_ world: World) async throws -> String {
        try await world.contact("Last_Booking_Status__c").text("Last_Booking_Status__c")
    }

    private func expectNothingLeft(_ world: World) async throws {
        #expect(try await world.reconcile(.everything).summary.hasWrites == false)
    }

    // MARK: Duplicate rules

    /// A rule, and how the version of the API spells its result.
    struct Duplicate: Sendable, CustomTestStringConvertible {
        var action: String
        var version: String
        var testDescription: String { "\(action), API \(version)" }
    }

    static let duplicates = ["block", "allow"].flatMap { action in
        ["54.0", "62.0"].map { Duplicate(action: action, version: $0) }
    }

    @Test(
        "of duplicates name the record that is there, however it is spelled",
        arguments: duplicates
    )
    func twin(row: Duplicate) async throws {
        try await withPipeline { world in
            world.apiVersion = row.version
            try await world.org.settings(#"{"duplicateRules":{"Contact":"\#(row.action)"}}"#)
            try await world.accept(settings)
            try await world.deliver(booking.created)
            let (org, email) = (world.org, dana.email)
            world.interpose = { gateway in
                InterruptedGateway(gateway) {
                    try await org.create("Contact", ["LastName": "O", "Email": .string(email)])
                }
            }
            let report = try await world.reconcile()
            #expect(report.summary.failed == 0)
            #expect(try await world.org.count("Contact") == 1)
            #expect(try await status(world) == "Booked")
            let who = try await world.eventRecord("WhoId").text("WhoId")
            #expect(who == (try await world.contact().text("Id")))
            try await expectNothingLeft(world)
        }
    }

    @Test("of duplicates that only warn of a lead let the contact be made")
    func warning() async throws {
        try await withPipeline { world in
            try await world.org.settings(
                #"{"duplicateRules":{"Contact":"allow"},"duplicatesAcrossObjects":true}"#
            )
            try await world.org.create(
                "Lead",
                ["LastName": "O", "Email": .string(dana.email), "Company": "Globex"]
            )
            try await world.accept(settings)
            let report = try await world.sync(booking.created)
            #expect(report.summary.failed == 0)
            #expect(try await status(world) == "Booked")
            let who = try await world.eventRecord("WhoId").text("WhoId")
            #expect(who == (try await world.contact().text("Id")))
            try await expectNothingLeft(world)
        }
    }

    @Test("of duplicates that block because of a lead make that lead the attendee's record")
    func blockedByLead() async throws {
        try await withPipeline { world in
            try await world.org.settings(
                #"{"duplicateRules":{"Contact":"block"},"duplicatesAcrossObjects":true}"#
            )
            let lead = try await world.org.create(
                "Lead",
                ["LastName": "O", "Email": .string(dana.email), "Company": "Globex"]
            )
            try await world.accept(settings)
            let report = try await world.sync(booking.created)
            #expect(report.summary.failed == 0)
            #expect(try await world.org.count("Contact") == 0)
            #expect(try await world.eventRecord("WhoId").text("WhoId") == lead)
            let written = try await world.lead("Last_Booking_Status__c")
            #expect(written.text("Last_Booking_Status__c") == "Booked")
            try await expectNothingLeft(world)
        }
    }

    // MARK: Validation rules

    @Test(
        "of validation refuse a field: the rest is written, and the field is held with the reason"
    )
    func validation() async throws {
        try await withPipeline { world in
            try await world.org.settings(
                """
                {"automation":[{"object":"Contact","when":{"Last_Booking_Status__c":"Booked"},\
                "reject":{"message":"Not like that.","field":"Last_Booking_Status__c"}}]}
                """
            )
            try await world.accept(
                """
                {"onBooking":{"attendee":{"Last_Booking_Status__c":"Booked","Short__c":"x"}}}
                """
            )
            let report = try await world.sync(booking.created)
            #expect(report.summary.failed == 0)
            let contact = try await world.contact("Last_Booking_Status__c, Short__c")
            #expect(contact["Last_Booking_Status__c"] == .null)
            #expect(contact.text("Short__c") == "x")
            let held = try await world.ledger("field.held")
            #expect(held.contains { $0.text("detail") == "FIELD_CUSTOM_VALIDATION_EXCEPTION" })
        }
    }

    // MARK: Flows

    @Test(
        "of automation rewrite our value: it is written once, whatever the policy",
        arguments: ["always", "protect", "enforce", "sticky"]
    )
    func flow(policy: String) async throws {
        try await withPipeline { world in
            try await world.org.settings(
                """
                {"automation":[{"object":"Contact","when":{"Last_Booking_Status__c":"Booked"},\
                "set":{"Last_Booking_Status__c":"BOOKED"}}]}
                """
            )
            try await world.accept(
                """
                {"onBooking":{"attendee":{"Last_Booking_Status__c":\
                {"value":"Booked","when":"\(policy)"}}}}
                """
            )
            try await world.org.create("Contact", ["LastName": "O", "Email": .string(dana.email)])
            try await world.sync(booking.created)
            #expect(try await status(world) == "BOOKED")
            try await world.org.resetCounters()
            for _ in 0..<3 { try await expectNothingLeft(world) }
            #expect(try await world.org.writes == 0)
        }
    }

    // MARK: Owners

    @Test("about owners: one who leaves while we are on the way is left out, and the rest is made")
    func inactiveOwner() async throws {
        try await withPipeline { world in
            try await world.accept(settings)
            try await world.deliver(booking.created)
            let org = world.org
            let priya = try await org.user("priya.raman@example.com")
            world.interpose = { gateway in
                InterruptedGateway(gateway) {
                    try await org.change("User", priya, ["IsActive": false])
                }
            }
            let report = try await world.reconcile()
            #expect(report.summary.failed == 0)
            let contact = try await world.contact("OwnerId, Last_Booking_Status__c")
            #expect(contact.text("Last_Booking_Status__c") == "Booked")
            #expect(
                contact.text("OwnerId") == (try await org.user("integration@daybook.example"))
            )
            let event = try await world.eventRecord("OwnerId, WhoId")
            #expect(event["WhoId"] != .null)
        }
    }

    @Test("about owners: a record whose owner left long ago is written to all the same")
    func ownerLeft() async throws {
        try await withPipeline { world in
            let tomas = try await world.org.user("tomas.lindqvist@example.com")
            try await world.org.create(
                "Contact",
                ["LastName": "O", "Email": .string(dana.email), "OwnerId": .string(tomas)]
            )
            try await world.org.change("User", tomas, ["IsActive": false])
            world.wait(minutes: 1)
            try await world.accept(settings)
            #expect(try await world.sync(booking.created).summary.failed == 0)
            #expect(try await status(world) == "Booked")
            #expect(try await world.contact("OwnerId").text("OwnerId") == tomas)
        }
    }

    @Test("about owners: a lead in a queue is written to and stays there")
    func queue() async throws {
        try await withPipeline { world in
            let queue = try await world.org.queue
            try await world.org.create(
                "Lead",
                [
                    "LastName": "O", "Email": .string(dana.email), "Company": "Globex",
                    "OwnerId": .string(queue),
                ]
            )
            try await world.accept(
                """
                {"attendeeRecord":"lead",\
                "onBooking":{"attendee":{"Last_Booking_Status__c":"Booked"}}}
                """
            )
            #expect(try await world.sync(booking.created).summary.failed == 0)
            let lead = try await world.lead("OwnerId, Last_Booking_Status__c")
            #expect(lead.text("OwnerId") == queue)
            #expect(lead.text("Last_Booking_Status__c") == "Booked")
        }
    }

    // MARK: Required fields

    @Test(
        "about required fields: a default from the settings fills them",
        arguments: [true, false]
    )
    func required(hasDefault: Bool) async throws {
        try await withPipeline { world in
            try await world.org.seed(
                """
                {"fields":[{"object":"Contact","name":"Region__c","type":"text","required":true}]}
                """
            )
            let defaults = hasDefault ? #""Contact":{"Region__c":"EMEA"}"# : ""
            try await world.accept(#"{"creationDefaults":{\#(defaults)}}"#)
            let report = try await world.sync(booking.created)
            #expect(report.summary.failed == (hasDefault ? 0 : 1))
            #expect(try await world.org.count("Contact") == (hasDefault ? 1 : 0))
            #expect(try await world.org.count("Event") == 1)
            guard !hasDefault else { return }
            let failure = try #require(try await world.ledger("write.failed").first)
            #expect(failure.text("code") == "REQUIRED_FIELD_MISSING")
            #expect(failure["fields"]?.array?.map(\.string) == ["Region__c"])
        }
    }

    // MARK: Person accounts

    private let personAccounts = """
        {"fields":[{"object":"Contact","name":"IsPersonAccount","type":"checkbox"},
            {"object":"Account","name":"IsPersonAccount","type":"checkbox"}]}
        """

    @Test("about people as accounts: they are refused with the reason, and not made twice")
    func personAccount() async throws {
        try await withPipeline { world in
            try await world.org.seed(personAccounts)
            try await world.org.create(
                "Contact",
                ["LastName": "O", "Email": .string(dana.email), "IsPersonAccount": true]
            )
            try await world.accept(settings)
            let report = try await world.sync(booking.created)
            let person = try #require(report.operations.first { $0.object == .contact })
            #expect(person.kind == .hold && person.reason == .personAccount)
            #expect(report.needsAttention && report.summary.failed == 0)
            #expect(try await world.org.count("Contact") == 1)
            #expect(
                try await world.contact("LastName, Last_Booking_Status__c").text("LastName") == "O"
            )
            #expect(try await status(world) == "")
            #expect(try await world.org.count("Event") == 1)
            try await expectNothingLeft(world)
        }
    }

    @Test("about people as accounts: a plain contact beside one is taken, and none is an employer")
    func besidePersonAccount() async throws {
        try await withPipeline { world in
            try await world.org.seed(personAccounts)
            try await world.org.create(
                "Account",
                ["Name": "Dana", "Website": "globex.example", "IsPersonAccount": true]
            )
            try await world.org.create(
                "Contact",
                ["LastName": "O", "Email": .string(dana.email), "IsPersonAccount": true]
            )
            world.wait(minutes: 1)
            let plain = try await world.org.create(
                "Contact",
                ["LastName": "Plain", "Email": .string(dana.email)]
            )
            try await world.accept(
                #"{"attendeeRecord":"contactUnderAccount","createContactUnderAccount":true}"#
            )
            try await world.sync(booking.created)
            #expect(try await world.eventRecord("WhoId").text("WhoId") == plain)
            let rows = try await world.org.query("SELECT AccountId FROM Contact")
            #expect(rows.allSatisfy { $0["AccountId"] == .null })
        }
    }

    // MARK: Currencies and translations

    @Test("about currencies: a record's currency is left alone, and amounts keep their number")
    func currency() async throws {
        try await withPipeline { world in
            try await world.org.seed(
                """
                {"fields":[{"object":"Contact","name":"CurrencyIsoCode","type":"picklist",
                    "values":["EUR","GBP"],"restricted":true,"default":"EUR"},
                    {"object":"Contact","name":"Budget__c","type":"currency","scale":2}]}
                """
            )
            try await world.org.create(
                "Contact",
                ["LastName": "O", "Email": .string(dana.email), "CurrencyIsoCode": "GBP"]
            )
            try await world.accept(#"{"onBooking":{"attendee":{"Budget__c":"{budget}"}}}"#)
            try await world.sync(booking.with { $0.answers["budget"] = "1200.50" }.created)
            let contact = try await world.contact("CurrencyIsoCode, Budget__c")
            #expect(contact.text("CurrencyIsoCode") == "GBP")
            #expect(contact["Budget__c"]?.text.hasPrefix("1200.5") == true)
            try await expectNothingLeft(world)
        }
    }
}
