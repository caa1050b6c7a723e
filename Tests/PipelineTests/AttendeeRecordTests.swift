import Domain
import Pipeline
import Testing

/// The settings that say who stands for an attendee.
@Suite("An attendee's record")
struct AttendeeRecordTests {
    private let booking = Meeting()
    private let dana = Meeting.Person.dana

    // MARK: Kinds of records

    @Test("is a contact, made with everything the booking knows, and related to the event record")
    func contact() async throws {
        try await withPipeline { world in
            try await world.accept(#"{"attendeeRecord":"contact"}"#)
            let booking = booking.with { $0.booker.phone = "+12025550143" }
            let report = try await world.sync(booking.created)
            #expect(report.summary.create == 2)
            let contact = try await world.contact("Id, FirstName, LastName, Phone, OwnerId")
            #expect(contact.text("FirstName") == "Dana")
            #expect(contact.text("LastName") == "Okafor")
            #expect(contact.text("Phone") == "+12025550143")
            #expect(
                contact.text("OwnerId") == (try await world.org.user("priya.raman@example.com"))
            )
            let event = try await world.eventRecord(
                "WhoId, OwnerId, Subject, StartDateTime, EndDateTime, Location, Description"
            )
            #expect(event.text("WhoId") == contact.text("Id"))
            #expect(event.text("OwnerId") == contact.text("OwnerId"))
            #expect(event.text("Subject") == "Product demo")
            #expect(event.text("StartDateTime").hasPrefix("2026-11-10T15:00:00"))
            #expect(event.text("EndDateTime").hasPrefix("2026-11-10T15:30:00"))
            #expect(event.text("Location") == "https://meet.cal.example/room")
            #expect(event.text("Description").contains("America/New_York"))
            #expect(event.text("Description").hasSuffix("Cal.com booking \(booking.uid)"))
        }
    }

    @Test("is a contact that is there already, whatever the case of its address")
    func existingContact() async throws {
        try await withPipeline { world in
            let id = try await world.org.create(
                "Contact",
                ["LastName": .string("O."), "Email": .string("Dana.OKAFOR@globex.example")]
            )
            try await world.accept(#"{"attendeeRecord":"contact"}"#)
            try await world.sync(booking.created)
            #expect(try await world.org.count("Contact") == 1)
            #expect(try await world.eventRecord("WhoId").text("WhoId") == id)
        }
    }

    @Test("is a lead, with a company from a rule or from the mail domain")
    func lead() async throws {
        try await withPipeline { world in
            try await world.accept(#"{"attendeeRecord":"lead"}"#)
            try await world.sync(booking.created)
            let lead = try await world.lead("Id, LastName, Company")
            #expect(lead.text("Company") == "globex")
            #expect(try await world.org.count("Contact") == 0)
            #expect(try await world.eventRecord("WhoId").text("WhoId") == lead.text("Id"))
            try await world.accept(
                #"{"attendeeRecord":"lead","onBooking":{"attendee":{"Company":"{company}"}}}"#
            )
            let other = Meeting("b2").with {
                $0.booker.email = "kim@initech.example"
                $0.answers["company"] = .string("Initech Ltd")
            }
            try await world.sync(other.created)
            #expect(
                try await world.lead("Company", of: "kim@initech.example").text("Company")
                    == "Initech Ltd"
            )
        }
    }

    @Test("is an open lead that is there already")
    func existingLead() async throws {
        try await withPipeline { world in
            let id = try await world.org.create(
                "Lead",
                ["LastName": "O.", "Company": "Globex", "Email": .string(dana.email)]
            )
            try await world.accept(#"{"attendeeRecord":"lead"}"#)
            try await world.sync(booking.created)
            #expect(try await world.org.count("Lead") == 1)
            #expect(try await world.eventRecord("WhoId").text("WhoId") == id)
        }
    }

    @Test("is the contact of a lead that was converted, and the lead is left alone")
    func convertedLead() async throws {
        try await withPipeline { world in
            try await world.accept(
                #"{"attendeeRecord":"lead","onBooking":{"attendee":{"Company_Size__c":"{size}"}}}"#
            )
            let first = booking.with { $0.answers["size"] = "10" }
            try await world.sync(first.created)
            let lead = try await world.lead()
            try await world.org.control("convert-lead", #"{"leadId":"\#(lead.text("Id"))"}"#)
            let second = Meeting("b2").with { $0.answers["size"] = "20" }
            let report = try await world.sync(second.created)
            #expect(report.summary.failed == 0)
            let contact = try await world.contact("Id, Company_Size__c")
            #expect(contact.text("Company_Size__c") == "20")
            #expect(try await world.lead("Company_Size__c").text("Company_Size__c") == "10")
            #expect(
                try await world.eventRecord("WhoId", of: "b2").text("WhoId") == contact.text("Id")
            )
            #expect(try await world.org.count("Lead") == 1)
        }
    }

    // MARK: Switches

    @Test("is not made when contact creation is switched off; the event record is")
    func skipContactCreation() async throws {
        try await withPipeline { world in
            try await world.accept(#"{"attendeeRecord":"contact","skipContactCreation":true}"#)
            try await world.sync(booking.created)
            #expect(try await world.org.count("Contact") == 0)
            let event = try await world.eventRecord("WhoId, Subject")
            #expect(event["WhoId"] == .null)
            #expect(event.text("Subject") == "Product demo")
        }
    }

    @Test("is related when contact creation is switched off and there is one, guests or not")
    func skipContactCreationWithContact() async throws {
        try await withPipeline { world in
            let id = try await world.org.create(
                "Contact",
                ["LastName": "Okafor", "Email": .string(dana.email)]
            )
            try await world.accept(#"{"attendeeRecord":"contact","skipContactCreation":true}"#)
            try await world.sync(booking.with { $0.guests = [.lee] }.created)
            #expect(try await world.org.count("Contact") == 1)
            #expect(try await world.eventRecord("WhoId").text("WhoId") == id)
        }
    }

    @Test("is an existing contact rather than a new lead, if asked for", arguments: [true, false])
    func checkForExistingContact(isAskedFor: Bool) async throws {
        try await withPipeline { world in
            let id = try await world.org.create(
                "Contact",
                ["LastName": "Okafor", "Email": .string(dana.email)]
            )
            try await world.accept(
                #"{"attendeeRecord":"lead","checkForExistingContact":\#(isAskedFor)}"#
            )
            try await world.sync(booking.created)
            #expect(try await world.org.count("Lead") == (isAskedFor ? 0 : 1))
            let who = try await world.eventRecord("WhoId").text("WhoId")
            #expect((who == id) == isAskedFor)
        }
    }

    @Test(
        "is the booker's alone when guests are ignored",
        arguments: [true, false],
        [true, false]
    )
    func ignoreGuests(areIgnored: Bool, isShared: Bool) async throws {
        try await withPipeline { world in
            try await world.org.settings(#"{"sharedActivities":\#(isShared)}"#)
            try await world.accept(
                #"{"attendeeRecord":"contact","ignoreGuests":\#(areIgnored)}"#
            )
            try await world.sync(booking.with { $0.guests = [.lee] }.created)
            #expect(try await world.org.count("Contact") == (areIgnored ? 1 : 2))
            let contact = try await world.contact().text("Id")
            #expect(try await world.eventRecord("WhoId").text("WhoId") == contact)
            guard isShared else { return }
            let event = try await world.eventRecord().text("Id")
            let related = try await world.org.query(
                "SELECT RelationId FROM EventWhoRelation WHERE EventId = '\(event)'"
            )
            #expect(related.count == (areIgnored ? 1 : 2))
        }
    }

    // MARK: Accounts

    /// The spellings of a website that stand for the mail domain `globex.example`.
    static let websites = [
        "globex.example", "www.globex.example", "http://globex.example", "https://globex.example",
        "http://www.globex.example", "https://www.globex.example", "https://GLOBEX.example/",
        "https://www.globex.example/en?x=1", "http://globex.example:8080",
    ]

    @Test("is made under the account with the website of the mail domain", arguments: websites)
    func accountByWebsite(website: String) async throws {
        try await withPipeline { world in
            for other in ["notglobex.example", "globex.example.com", "https://mail.globex.example"]
            {
                try await world.org.create(
                    "Account",
                    ["Name": .string(other), "Website": .string(other)]
                )
            }
            let account = try await world.org.create(
                "Account",
                ["Name": "Globex", "Website": .string(website)]
            )
            try await world.accept(
                #"{"attendeeRecord":"contactUnderAccount","createContactUnderAccount":true}"#
            )
            try await world.sync(booking.created)
            #expect(try await world.contact("AccountId").text("AccountId") == account)
        }
    }

    @Test("is made under the account that most contacts of the domain belong to")
    func accountByContacts() async throws {
        try await withPipeline { world in
            let small = try await world.org.create("Account", ["Name": "Small"])
            let large = try await world.org.create("Account", ["Name": "Large"])
            for (number, account) in [small, large, large].enumerated() {
                try await world.org.create(
                    "Contact",
                    [
                        "LastName": "C", "AccountId": .string(account),
                        "Email": .string("c\(number)@globex.example"),
                    ]
                )
            }
            try await world.accept(
                #"{"attendeeRecord":"contactUnderAccount","createContactUnderAccount":true}"#
            )
            try await world.sync(booking.created)
            #expect(try await world.contact("AccountId").text("AccountId") == large)
        }
    }

    @Test("never comes under the account of a free mail service")
    func freeMail() async throws {
        try await withPipeline { world in
            let account = try await world.org.create(
                "Account",
                ["Name": "Webmail", "Website": "https://gmail.com"]
            )
            try await world.org.create(
                "Contact",
                [
                    "LastName": "C", "AccountId": .string(account),
                    "Email": "someone@gmail.com",
                ]
            )
            try await world.accept(
                """
                {"attendeeRecord":"contactUnderAccount","createContactUnderAccount":true,\
                "createLeadIfNoAccount":true}
                """
            )
            try await world.sync(booking.with { $0.booker.email = "dana@gmail.com" }.created)
            #expect(try await world.org.count("Contact") == 1)
            let lead = try await world.lead("Company", of: "dana@gmail.com")
            #expect(lead.text("Company") == "Dana Okafor")
        }
    }

    @Test("is a lead where there is no account, if asked for", arguments: [true, false])
    func leadIfNoAccount(isAskedFor: Bool) async throws {
        try await withPipeline { world in
            try await world.accept(
                """
                {"attendeeRecord":"contactUnderAccount","createContactUnderAccount":true,\
                "createLeadIfNoAccount":\(isAskedFor)}
                """
            )
            try await world.sync(booking.created)
            #expect(try await world.org.count("Lead") == (isAskedFor ? 1 : 0))
            #expect(try await world.org.count("Contact") == 0)
            #expect(try await world.org.count("Event") == 1)
        }
    }

    @Test("is made under the account in lead mode too, and is a lead without an account")
    func leadModeUnderAccount() async throws {
        try await withPipeline { world in
            let account = try await world.org.create(
                "Account",
                ["Name": "Globex", "Website": "globex.example"]
            )
            try await world.accept(
                #"{"attendeeRecord":"lead","createContactUnderAccount":true}"#
            )
            let stranger = Meeting("b2").with { $0.booker.email = "kim@initech.example" }
            try await world.sync(booking.created, stranger.created)
            #expect(try await world.contact("AccountId").text("AccountId") == account)
            #expect(try await world.org.count("Contact") == 1)
            #expect(
                try await world.lead("Company", of: "kim@initech.example").text("Company")
                    == "initech"
            )
        }
    }

    @Test("keeps the account it has, and gets one if it has none")
    func neverReparented() async throws {
        try await withPipeline { world in
            let mine = try await world.org.create("Account", ["Name": "Mine"])
            let globex = try await world.org.create(
                "Account",
                ["Name": "Globex", "Website": "globex.example"]
            )
            try await world.org.create(
                "Contact",
                [
                    "LastName": "Okafor", "Email": .string(dana.email),
                    "AccountId": .string(mine),
                ]
            )
            try await world.org.create(
                "Contact",
                ["LastName": "Marsh", "Email": .string(Meeting.Person.lee.email)]
            )
            try await world.accept(
                #"{"attendeeRecord":"contactUnderAccount","createContactUnderAccount":true}"#
            )
            try await world.sync(booking.with { $0.guests = [.lee] }.created)
            #expect(try await world.contact("AccountId").text("AccountId") == mine)
            let lee = try await world.contact("AccountId", of: Meeting.Person.lee.email)
            #expect(lee.text("AccountId") == globex)
            #expect(try await world.org.count("Contact") == 2)
        }
    }

    @Test("gets an account that is made later, also when nobody else is looked at")
    func accountMadeLater() async throws {
        try await withPipeline { world in
            try await world.org.create(
                "Contact",
                ["LastName": "Okafor", "Email": .string(dana.email)]
            )
            try await world.accept(
                #"{"attendeeRecord":"contactUnderAccount","createContactUnderAccount":true}"#
            )
            try await world.sync(booking.created)
            #expect(try await world.contact("AccountId")["AccountId"] == .null)
            // To look for the account takes one call more.
            #expect(try await world.sync(Meeting("b2").created).summary.apiCalls == 3)
            let globex = try await world.org.create(
                "Account",
                ["Name": "Globex", "Website": "globex.example"]
            )
            #expect(try await world.reconcile(.everything).summary.update == 1)
            #expect(try await world.contact("AccountId").text("AccountId") == globex)
            // Whoever has one is not looked for again.
            #expect(try await world.reconcile(.everything).summary.apiCalls == 1)
        }
    }

    @Test("gets the account that a stranger's address found in the same run")
    func accountFoundTwice() async throws {
        try await withPipeline { world in
            try await world.accept(
                """
                {"attendeeRecord":"contactUnderAccount","createContactUnderAccount":true,\
                "onAmbiguous":"review","accounts":{"matchSimilarDomains":true}}
                """
            )
            try await world.org.create(
                "Contact",
                ["LastName": "Okafor", "Email": .string(dana.email)]
            )
            try await world.sync(booking.created)
            let globex = try await world.org.create(
                "Account",
                ["Name": "Globex", "Website": "globex.test"]
            )
            let stranger = Meeting("b2").with { $0.booker.email = "kim@globex.demo" }
            try await world.sync(booking.cancelled(), Meeting("b3").created, stranger.created)
            for email in [dana.email, "kim@globex.demo"] {
                let contact = try await world.contact("AccountId", of: email)
                #expect(contact.text("AccountId") == globex)
            }
        }
    }

    @Test("gets the account that ties choose, whoever else has ties")
    func tiesOfTwoDomains() async throws {
        try await withPipeline { world in
            try await world.accept(
                """
                {"attendeeRecord":"contactUnderAccount","createContactUnderAccount":true,\
                "accounts":{"tieBreakers":["mostContacts"]}}
                """
            )
            try await world.org.create(
                "Contact",
                ["LastName": "Okafor", "Email": .string(dana.email)]
            )
            try await world.sync(booking.created)
            var accounts: [String] = []
            for website in ["globex.example", "globex.example", "other.example", "other.example"] {
                accounts.append(
                    try await world.org.create(
                        "Account",
                        ["Name": .string(website), "Website": .string(website)]
                    )
                )
            }
            for account in [accounts[1], accounts[3]] {
                try await world.org.create(
                    "Contact",
                    ["LastName": "C", "AccountId": .string(account)]
                )
            }
            let stranger = Meeting("b2").with { $0.booker.email = "kim@other.example" }
            try await world.sync(Meeting("b3").created, stranger.created)
            let found = try await world.contact("AccountId").text("AccountId")
            #expect(found == accounts[1])
            let made = try await world.contact("AccountId", of: "kim@other.example")
            #expect(made.text("AccountId") == accounts[3])
        }
    }

    // MARK: Duplicates

    @Test("is the same one of several with the address, and all of them are recorded")
    func duplicates() async throws {
        try await withPipeline { world in
            var ids: [String] = []
            for name in ["First", "Second", "Third"] {
                ids.append(
                    try await world.org.create(
                        "Contact",
                        ["LastName": .string(name), "Email": .string(dana.email)]
                    )
                )
                world.wait(minutes: 1)
            }
            try await world.accept(#"{"attendeeRecord":"contact"}"#)
            try await world.sync(booking.created)
            #expect(try await world.eventRecord("WhoId").text("WhoId") == ids[0])
            let links = try await world.ledger("record.linked")
            let candidates = links.compactMap { $0["candidates"]?.array?.compactMap(\.string) }
            #expect(candidates.contains { Set($0) == Set(ids) && $0.first == ids[0] })
            try await world.sync(Meeting("b2").created)
            #expect(try await world.eventRecord("WhoId", of: "b2").text("WhoId") == ids[0])
        }
    }

    @Test("waits for a person where several fit and the settings want a review")
    func review() async throws {
        try await withPipeline { world in
            for name in ["First", "Second"] {
                try await world.org.create(
                    "Contact",
                    ["LastName": .string(name), "Email": .string(dana.email)]
                )
            }
            try await world.accept(#"{"attendeeRecord":"contact","onAmbiguous":"review"}"#)
            let report = try await world.sync(booking.created)
            #expect(report.reviews == 1)
            #expect(try await world.org.count("Contact") == 2)
            #expect(try await world.eventRecord("WhoId")["WhoId"] == .null)
        }
    }

    @Test("is not made again once a person deleted it; the event record is still made")
    func deletedByPerson() async throws {
        try await withPipeline { world in
            try await world.accept(#"{"attendeeRecord":"contact"}"#)
            try await world.sync(booking.created)
            try await world.org.delete("Contact", try await world.contact().text("Id"))
            try await world.sync(Meeting("b2").created)
            #expect(try await world.org.count("Contact") == 0)
            #expect(try await world.eventRecord("WhoId", of: "b2")["WhoId"] == .null)
        }
    }
}
