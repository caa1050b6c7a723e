import Domain
import Pipeline
import Testing

/// What a booking writes to the event record.
@Suite("Writing to the event record on booking")
struct EventRecordWriteTests {
    private let booking = Meeting()

    /// A field, how it is written in the settings, and what then stands in Salesforce.
    struct Row: Sendable, CustomTestStringConvertible {
        var field: String
        var rule: String
        var expected: JSON

        init(_ field: String, _ rule: String, _ expected: JSON) {
            (self.field, self.rule, self.expected) = (field, rule, expected)
        }

        var testDescription: String { "\(field): \(rule)" }
    }

    static let rows = [
        Row("Booking_Uid__c", #""{booking_uid}""#, "hT4xWq9vNc2LmZ7pRkD3sB"),
        Row("Source__c", #""Cal.com""#, "Cal.com"),
        Row(
            "Source__c",
            #""Booked by {attendee_name} of {company} with {organizer_email}.""#,
            "Booked by Dana Okafor of Globex \"G\" with priya.raman@example.com."
        ),
        Row("Source__c", #""{utm:source}/{utm:campaign}""#, "linkedin/eu-autumn"),
        Row("Source__c", #""{assignmentReason}""#, "Salesforce contact owner: x@y.example"),
        Row("Source__c", #""{}""#, "{}"),
        Row("Company_Size__c", #""{team-size}""#, "51-200"),
        Row("Demo_Type__c", #"{"value":"{team-size}","type":"picklist"}"#, "51-200"),
        Row("Demo_Type__c", #"{"value":"1-10","type":"picklist"}"#, "1-10"),
        Row(
            "Products__c",
            #"{"value":"{products}","type":"multipicklist"}"#,
            "Routing;Analytics"
        ),
        Row(
            "Products__c",
            #"{"value":"Routing;Insights","type":"multipicklist"}"#,
            "Routing;Insights"
        ),
        Row("Is_Demo__c", "true", true),
        Row("Is_Demo__c", #"{"value":"{consent}","type":"checkbox"}"#, true),
        Row("Is_Demo__c", #"{"value":"{yes-no}","type":"checkbox"}"#, true),
        Row(
            "Booked_On__c",
            #"{"value":"booking_created_date","type":"datetime"}"#,
            "2026-11-03T14:01:00.000+0000"
        ),
        Row(
            "Cancel_Reason__c",
            #"{"value":"{remarks}","type":"textarea"}"#,
            "one\ntwo"
        ),
        Row("Legacy_Source__c", #"{"value":"{team-size}","type":"custom"}"#, "51-200"),
        Row("Subject", #""Demo: {company}""#, "Demo: Globex \"G\""),
    ]

    @Test("takes every type of field, and tokens anywhere in the text", arguments: rows)
    func field(row: Row) async throws {
        try await withPipeline { world in
            try await world.accept(#"{"onBooking":{"eventRecord":{"\#(row.field)":\#(row.rule)}}}"#)
            let report = try await world.sync(Self.rich(booking).created)
            #expect(report.summary.failed == 0)
            #expect(report.summary.heldFields == 0)
            #expect(try await world.eventRecord(row.field)[row.field] == row.expected)
        }
    }

    private static func rich(_ booking: Meeting) -> Meeting {
        booking.with {
            $0.metadata = ["utm_source": "linkedin", "utm_campaign": "eu-autumn"]
            $0.assignmentReason = "Salesforce contact owner: x@y.example"
            $0.answers = [
                "company": "Globex \"G\"", "team-size": "51-200",
                "products": .array(["Routing", "Analytics"]), "consent": true, "yes-no": "Yes",
                "remarks": "one\ntwo",
            ]
        }
    }

    // MARK: A value that cannot be formed

    struct Misfit: Sendable, CustomTestStringConvertible {
        var field: String
        var rule: String
        var reason: Reason

        init(_ field: String, _ rule: String, _ reason: Reason) {
            (self.field, self.rule, self.reason) = (field, rule, reason)
        }

        var testDescription: String { "\(field): \(rule)" }
    }

    static let misfits = [
        Misfit("Source__c", #""{nobody-asked}""#, .unanswered),
        Misfit("Source__c", #""Hello {nobody-asked}""#, .unanswered),
        Misfit("Source__c", #""{utm:term}""#, .unanswered),
        Misfit(
            "Demo_Type__c",
            #"{"value":"a thousand","type":"picklist"}"#,
            .inactivePicklistValue
        ),
        Misfit("Is_Demo__c", #"{"value":"{company}","type":"checkbox"}"#, .notABoolean),
        Misfit("Booked_On__c", #"{"value":"{company}","type":"datetime"}"#, .typeMismatch),
        Misfit("Booked_On__c", #"{"value":"booking_cancel_date","type":"datetime"}"#, .noDate),
        Misfit("No_Such_Field__c", #""x""#, .fieldMissing),
        Misfit("CreatedDate", #"{"value":"booking_start_date","type":"datetime"}"#, .fieldReadOnly),
    ]

    @Test("holds only the field whose value cannot be formed, and says why", arguments: misfits)
    func misfit(row: Misfit) async throws {
        try await withPipeline { world in
            try await world.accept(
                """
                {"onBooking":{"eventRecord":{"\(row.field)":\(row.rule),\
                "Booking_Uid__c":"{booking_uid}"}}}
                """
            )
            let report = try await world.sync(
                booking.with { $0.answers = ["company": "Globex"] }.created
            )
            #expect(report.summary.create == 2)
            #expect(report.summary.failed == 0)
            let event = try await world.eventRecord("Subject, WhoId, Booking_Uid__c")
            #expect(event.text("Booking_Uid__c") == booking.uid)
            #expect(event.text("Subject") == booking.title)
            #expect(!event.text("WhoId").isEmpty)
            let held = report.operations.flatMap(\.fields).filter { $0.outcome == .hold }
            #expect(held.map(\.field.rawValue) == [row.field])
            #expect(held.map(\.reason) == [row.reason])
            let told = try await world.ledger("field.held")
            #expect(told.contains { $0.text.contains(row.reason.rawValue) })
            #expect(try await world.reconcile(.everything).summary.hasWrites == false)
        }
    }

    @Test("drops the field that the org refuses at run time, writes the rest, and records why")
    func refusedAtRunTime() async throws {
        try await withPipeline { world in
            try await world.org.settings(
                """
                {"automation":[{"object":"Event","when":{"Source__c":"bad"},\
                "reject":{"message":"Not this one","field":"Source__c"}}]}
                """
            )
            try await world.accept(
                #"{"onBooking":{"eventRecord":{"Source__c":"bad","Booking_Uid__c":"{booking_uid}"}}}"#
            )
            let report = try await world.sync(booking.created)
            #expect(report.summary.failed == 0)
            let event = try await world.eventRecord("Source__c, Booking_Uid__c, WhoId")
            #expect(event["Source__c"] == .null)
            #expect(event.text("Booking_Uid__c") == booking.uid)
            #expect(!event.text("WhoId").isEmpty)
            let reason = Reason.refusedBySalesforce.rawValue
            let told = try await world.ledger("field.held")
            #expect(told.contains { $0.text.contains(reason) && $0.text.contains("Source__c") })
        }
    }

    @Test("asserts its fields again on a reschedule")
    func reschedule() async throws {
        try await withPipeline { world in
            try await world.accept(
                #"{"onBooking":{"eventRecord":{"Booking_Uid__c":"{booking_uid}"}}}"#
            )
            try await world.sync(booking.created)
            let moved = Meeting("moved").with { $0.start = "2026-11-12T16:00:00Z" }
            try await world.sync(moved.rescheduled(from: booking))
            let event = try await world.eventRecord("Booking_Uid__c, StartDateTime")
            #expect(event.text("Booking_Uid__c") == "moved")
            #expect(event.text("StartDateTime").hasPrefix("2026-11-12T16:00:00"))
            #expect(try await world.org.count("Event") == 1)
        }
    }
}

/// What a booking writes to the attendee's record, and when.
@Suite("Writing to the attendee's record on booking")
struct AttendeeWriteTests {
    private let dana = Meeting.Person.dana

    private func booking(_ number: Int, size: String = "10") -> Meeting {
        Meeting("b\(number)").with { $0.answers["size"] = .string(size) }
    }

    private func settings(_ when: String) -> String {
        """
        {"onBooking":{"attendee":{"Company_Size__c":\
        {"value":"{size}","type":"text","when":"\(when)"}}}}
        """
    }

    private func size(_ world: World) async throws -> String {
        try await world.contact("Company_Size__c").text("Company_Size__c")
    }

    private func edit(_ world: World, _ value: JSON) async throws {
        let id = try await world.contact().text("Id")
        try await world.org.change("Contact", id, ["Company_Size__c": value])
        world.wait(minutes: 1)
    }

    private func person(_ world: World, size: JSON) async throws {
        try await world.org.create(
            "Contact",
            ["LastName": "Okafor", "Email": .string(dana.email), "Company_Size__c": size]
        )
        world.wait(minutes: 1)
    }

    // MARK: Types

    static let rows: [EventRecordWriteTests.Row] = [
        .init("Last_Booking_Status__c", #""Booked""#, "Booked"),
        .init("Company_Size__c", #""{size}""#, "10"),
        .init("Phone", #"{"value":"{mobile}","type":"phone"}"#, "+12025550143"),
        .init("Marketing_Consent__c", #"{"value":"{consent}","type":"checkbox"}"#, true),
        .init("Team_Size__c", #"{"value":"1-10","type":"picklist"}"#, "1-10"),
        .init("LeadSource", #"{"value":"Web","type":"picklist","when":"whenEmpty"}"#, "Web"),
        .init("Products__c", #"{"value":"{products}","type":"multipicklist"}"#, "Routing;Insights"),
        .init("Assignment_Reason__c", #"{"value":"a\nb","type":"textarea"}"#, "a\nb"),
        .init("UTM_Campaign__c", #"{"value":"{utm:campaign}","type":"custom"}"#, "eu-autumn"),
        .init(
            "First_Booked__c",
            #"{"value":"booking_start_date","type":"datetime"}"#,
            "2026-11-10T23:30:00.000+0000"
        ),
        .init("Last_Demo__c", #"{"value":"booking_start_date","type":"date"}"#, "2026-11-11"),
    ]

    @Test("takes every type of field; a day is the organizer's", arguments: rows)
    func field(row: EventRecordWriteTests.Row) async throws {
        try await withPipeline { world in
            try await world.accept(#"{"onBooking":{"attendee":{"\#(row.field)":\#(row.rule)}}}"#)
            let booking = booking(1).with {
                // Half past eleven at night in UTC is the next day in Stockholm.
                $0.start = "2026-11-10T23:30:00Z"
                $0.organizer = .tomas
                $0.metadata = ["utm_campaign": "eu-autumn"]
                $0.answers["mobile"] = "+12025550143"
                $0.answers["consent"] = true
                $0.answers["products"] = .array(["Routing", "Insights"])
            }
            let report = try await world.sync(booking.created)
            #expect(report.summary.failed == 0)
            #expect(try await world.contact(row.field)[row.field] == row.expected)
        }
    }

    @Test("forms a day in the zone that the settings name")
    func dateTimeZone() async throws {
        try await withPipeline { world in
            try await world.accept(
                """
                {"dateTimeZone":"America/New_York","onBooking":{"attendee":{"Last_Demo__c":\
                {"value":"booking_start_date","type":"date"}}}}
                """
            )
            try await world.sync(
                booking(1).with {
                    $0.start = "2026-11-11T03:00:00Z"; $0.organizer = .tomas
                }.created
            )
            #expect(try await world.contact("Last_Demo__c").text("Last_Demo__c") == "2026-11-10")
        }
    }

    @Test("looks up the organizer's user and the matched account")
    func lookUps() async throws {
        try await withPipeline { world in
            let account = try await world.org.create(
                "Account",
                ["Name": "Globex", "Website": "https://www.globex.example"]
            )
            try await world.accept(
                """
                {"onBooking":{"attendee":{\
                "Demo_Owner__c":{"value":"booking_organizer","type":"userLookup"},\
                "Matched_Account__c":{"value":"matched_account","type":"accountLookup"}}}}
                """
            )
            try await world.sync(booking(1).created)
            let contact = try await world.contact("Demo_Owner__c, Matched_Account__c")
            #expect(
                contact.text("Demo_Owner__c")
                    == (try await world.org.user("priya.raman@example.com"))
            )
            #expect(contact.text("Matched_Account__c") == account)
        }
    }

    @Test("holds a look-up for which there is nobody, and writes the rest")
    func lookUpsOfNobody() async throws {
        try await withPipeline { world in
            try await world.accept(
                """
                {"onBooking":{"attendee":{"Company_Size__c":"{size}",\
                "Demo_Owner__c":{"value":"booking_organizer","type":"userLookup"},\
                "Matched_Account__c":{"value":"matched_account","type":"accountLookup"}}}}
                """
            )
            let booking = booking(1).with {
                $0.organizer = Meeting.Person(name: "Ivo Gone", email: "ivo.gone@example.com")
            }
            try await world.sync(booking.created)
            let contact = try await world.contact(
                "Company_Size__c, Demo_Owner__c, Matched_Account__c, OwnerId"
            )
            #expect(contact.text("Company_Size__c") == "10")
            #expect(contact["Demo_Owner__c"] == .null)
            #expect(contact["Matched_Account__c"] == .null)
            #expect(
                contact.text("OwnerId") == (try await world.org.user("integration@daybook.example"))
            )
        }
    }

    @Test("writes to the booker only")
    func bookerOnly() async throws {
        try await withPipeline { world in
            try await world.accept(settings("always"))
            try await world.sync(booking(1).with { $0.guests = [.lee] }.created)
            #expect(try await size(world) == "10")
            let lee = try await world.contact("Company_Size__c", of: Meeting.Person.lee.email)
            #expect(lee["Company_Size__c"] == .null)
        }
    }

    // MARK: always

    @Test("always: overwrites what stood there before")
    func alwaysPreExisting() async throws {
        try await withPipeline { world in
            try await person(world, size: "old")
            try await world.accept(settings("always"))
            try await world.sync(booking(1).created)
            #expect(try await size(world) == "10")
        }
    }

    @Test("always: lets a person's edit stand until a newer booking, which asserts even the same")
    func alwaysAfterEdit() async throws {
        try await withPipeline { world in
            try await world.accept(settings("always"))
            try await world.sync(booking(1).created)
            try await edit(world, "mine")
            #expect(try await world.reconcile(.everything).summary.hasWrites == false)
            #expect(try await size(world) == "mine")
            try await world.sync(booking(2).created)
            #expect(try await size(world) == "10")
            try await edit(world, "again")
            try await world.sync(booking(3, size: "30").created)
            #expect(try await size(world) == "30")
        }
    }

    @Test("always: counts the booking where it cannot be told which came first")
    func alwaysUnsure() async throws {
        try await withPipeline { world in
            try await world.accept(settings("always"))
            try await world.sync(booking(1).created)
            world.wait(minutes: 10)
            let happened = world.now
            world.wait(minutes: 10)
            try await edit(world, "mine")
            // The record changed after the booking; whether the field did, nobody saw.
            try await world.sync(booking(2, size: "20").created.sent(happened))
            #expect(try await size(world) == "20")
        }
    }

    @Test("always: an edit certainly later than the booking stands")
    func alwaysCertainlyLater() async throws {
        try await withPipeline { world in
            try await world.accept(settings("always"))
            let early = world.now
            world.wait(minutes: 10)
            try await world.sync(booking(1).created)
            try await edit(world, "mine")
            // It happened before the org showed our own value, and so before the edit.
            let happened = early.advanced(byMilliseconds: 9 * 60_000)
            try await world.sync(booking(2, size: "20").created.sent(happened))
            #expect(try await size(world) == "mine")
        }
    }

    @Test("always: a newer booking whose value stands there already has had its say")
    func alwaysSameValue() async throws {
        try await withPipeline { world in
            try await world.accept(settings("always"))
            try await world.sync(booking(1).created)
            try await world.sync(booking(2).created)
            try await edit(world, "mine")
            #expect(try await world.reconcile(.everything).summary.hasWrites == false)
            #expect(try await size(world) == "mine")
        }
    }

    // MARK: whenEmpty

    @Test("whenEmpty: leaves what stands there", arguments: ["old", "10"])
    func whenEmptyPreExisting(old: String) async throws {
        try await withPipeline { world in
            try await person(world, size: .string(old))
            try await world.accept(settings("whenEmpty"))
            try await world.sync(booking(1).created)
            #expect(try await size(world) == old)
        }
    }

    @Test("whenEmpty: fills once; what a person empties is filled by a newer booking only")
    func whenEmptyRefill() async throws {
        try await withPipeline { world in
            try await person(world, size: .null)
            try await world.accept(settings("whenEmpty"))
            try await world.sync(booking(1).created)
            #expect(try await size(world) == "10")
            try await world.sync(booking(2, size: "20").created)
            #expect(try await size(world) == "10")
            try await edit(world, .null)
            #expect(try await world.reconcile(.everything).summary.hasWrites == false)
            #expect(try await size(world) == "")
            try await world.sync(booking(3, size: "30").created)
            #expect(try await size(world) == "30")
        }
    }

    @Test("whenEmpty: a booking that found the field full does not fill it later")
    func whenEmptyOnce() async throws {
        try await withPipeline { world in
            try await person(world, size: "old")
            try await world.accept(settings("whenEmpty"))
            try await world.sync(booking(1).created)
            try await edit(world, .null)
            #expect(try await world.reconcile(.everything).summary.hasWrites == false)
            #expect(try await size(world) == "")
        }
    }

    @Test("whenEmpty: the first of several bookings fills an empty field")
    func whenEmptyFirst() async throws {
        try await withPipeline { world in
            try await person(world, size: .null)
            try await world.accept(settings("whenEmpty"))
            try await world.sync(booking(1).created, booking(2, size: "20").created)
            #expect(try await size(world) == "10")
        }
    }

    // MARK: One bad field

    @Test("drops the field that the org refuses, writes the rest, and records why")
    func refusedAtRunTime() async throws {
        try await withPipeline { world in
            try await world.org.settings(
                """
                {"automation":[{"object":"Contact","when":{"UTM_Campaign__c":"bad"},\
                "reject":{"message":"Not this one","field":"UTM_Campaign__c"}}]}
                """
            )
            try await world.accept(
                #"{"onBooking":{"attendee":{"UTM_Campaign__c":"bad","Company_Size__c":"{size}"}}}"#
            )
            let report = try await world.sync(booking(1).created)
            #expect(report.summary.failed == 0)
            let contact = try await world.contact("Company_Size__c, UTM_Campaign__c")
            #expect(contact.text("Company_Size__c") == "10")
            #expect(contact["UTM_Campaign__c"] == .null)
            let told = try await world.ledger("field.held")
            #expect(told.contains { $0.text.contains("UTM_Campaign__c") })
        }
    }
}
