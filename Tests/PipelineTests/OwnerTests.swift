import Domain
import Pipeline
import Testing

@Suite("Changing the record's owner on booking")
struct OwnerChangeTests {
    private let booking = Meeting()

    /// The owner of a contact that belonged to somebody before the booking.
    private func owner(
        after booking: Meeting,
        ownedBy owner: String,
        _ change: String
    ) async throws -> (before: String, after: String, priya: String, tomas: String) {
        var result = ("", "", "", "")
        try await withPipeline { world in
            let before = try await world.org.user(owner)
            try await world.org.create(
                "Contact",
                [
                    "LastName": "Okafor", "Email": .string(booking.booker.email),
                    "OwnerId": .string(before),
                ]
            )
            try await world.accept(#"{"ownerChange":\#(change)}"#)
            try await world.sync(booking.created)
            result = (
                before, try await world.contact("OwnerId").text("OwnerId"),
                try await world.org.user("priya.raman@example.com"),
                try await world.org.user("tomas.lindqvist@example.com")
            )
        }
        return result
    }

    /// The lists that name Mara Admin, who owns the record.
    static let fitting = [
        #"["Mara Admin"]"#, #"["Somebody Else","Mara Admin"]"#, #"["admin@example.com"]"#,
    ]

    @Test("gives the record to the organizer if its owner is named", arguments: fitting)
    func toOrganizer(list: String) async throws {
        let owner = try await owner(
            after: booking,
            ownedBy: "admin@example.com",
            #"{"to":"organizer","onlyIfOwnedBy":\#(list)}"#
        )
        #expect(owner.after == owner.priya)
    }

    /// Lists that do not name Mara Admin, however near they come.
    static let unfitting = [
        #"["Joanna Mara Admin"]"#, #"["Mara"]"#, #"["Admin"]"#, #"["Mara Admi"]"#,
        #"["Mara Admin, Priya Raman"]"#, #"["mara admin"]"#, #"["Inbound Queue"]"#, #"["%"]"#,
    ]

    @Test("leaves the record with an owner who is not named exactly", arguments: unfitting)
    func notNamed(list: String) async throws {
        let owner = try await owner(
            after: booking,
            ownedBy: "admin@example.com",
            #"{"to":"organizer","onlyIfOwnedBy":\#(list)}"#
        )
        #expect(owner.after == owner.before)
    }

    @Test(
        "gives the record to a named user",
        arguments: ["Tomas Lindqvist", "tomas.lindqvist@example.com"]
    )
    func toNamed(user: String) async throws {
        let owner = try await owner(
            after: booking,
            ownedBy: "admin@example.com",
            #"{"to":{"user":"\#(user)"},"onlyIfOwnedBy":["Mara Admin"]}"#
        )
        #expect(owner.after == owner.tomas)
    }

    @Test(
        "leaves the record alone when the new owner is no active user",
        arguments: [#""organizer""#, #"{"user":"Ivo Gone"}"#, #"{"user":"Nobody"}"#]
    )
    func toNobody(target: String) async throws {
        let owner = try await owner(
            after: booking.with {
                $0.organizer = Meeting.Person(name: "Ivo", email: "ivo.gone@example.com")
            },
            ownedBy: "admin@example.com",
            #"{"to":\#(target),"onlyIfOwnedBy":["Mara Admin"]}"#
        )
        #expect(owner.after == owner.before)
    }

    @Test("takes a lead from a queue, asks once, and leaves it with whom a person gives it to")
    func queue() async throws {
        try await withPipeline { world in
            let lead = try await world.org.create(
                "Lead",
                [
                    "LastName": "Okafor", "Company": "Globex",
                    "Email": .string(booking.booker.email),
                    "OwnerId": .string(try await world.org.queue),
                ]
            )
            try await world.accept(
                """
                {"attendeeRecord":"lead",\
                "ownerChange":{"to":"organizer","onlyIfOwnedBy":["Inbound Queue"]}}
                """
            )
            try await world.sync(booking.created)
            let priya = try await world.org.user("priya.raman@example.com")
            #expect(try await world.lead("OwnerId").text("OwnerId") == priya)
            try await world.org.change(
                "Lead",
                lead,
                ["OwnerId": .string(try await world.org.queue)]
            )
            world.wait(minutes: 1)
            #expect(try await world.reconcile(.everything).summary.hasWrites == false)
            try await world.sync(Meeting("b2").created)
            #expect(try await world.lead("OwnerId").text("OwnerId") == priya)
        }
    }
}

@Suite("Booking directly with the attendee's owner")
struct OwnerRouterTests {
    private let dana = Meeting.Person.dana.email

    private func route(
        _ world: World,
        _ email: String? = nil
    ) async throws -> OwnerRouter.Route {
        let router = OwnerRouter(
            journal: world.journal,
            gateway: try world.gateway(),
            now: world.time
        )
        let email = try #require(EmailAddress(email ?? dana))
        return try await router.route(email, eventType: EventTypeID(88_231))
    }

    private func accept(_ world: World, _ routing: String) async throws {
        try await world.accept(#"{"ownerRouting":\#(routing)}"#)
    }

    private func contact(_ world: World, owner: String, account: String? = nil) async throws {
        try await world.org.create(
            "Contact",
            [
                "LastName": "Okafor", "Email": .string(dana),
                "OwnerId": .string(try await world.org.user(owner)), "AccountId": .text(account),
            ]
        )
    }

    @Test("asks for the owner of the contact")
    func byContact() async throws {
        try await withPipeline { world in
            try await accept(world, #"{"lookUp":"contact"}"#)
            #expect(try await route(world).reason == "no-record")
            try await contact(world, owner: "tomas.lindqvist@example.com")
            let route = try await route(world)
            #expect(route.email == "tomas.lindqvist@example.com")
            #expect(route.reason == "contact_owner")
            #expect(
                route.user?.rawValue == (try await world.org.user("tomas.lindqvist@example.com"))
            )
        }
    }

    @Test("asks for the owner of the lead, and never of a converted one")
    func byLead() async throws {
        try await withPipeline { world in
            try await accept(world, #"{"lookUp":"lead"}"#)
            let lead = try await world.org.create(
                "Lead",
                [
                    "LastName": "O", "Company": "G", "Email": .string(dana),
                    "OwnerId": .string(try await world.org.user("tomas.lindqvist@example.com")),
                ]
            )
            #expect(try await route(world).reason == "lead_owner")
            #expect(try await route(world).email == "tomas.lindqvist@example.com")
            try await world.org.control("convert-lead", #"{"leadId":"\#(lead)"}"#)
            #expect(try await route(world).user == nil)
        }
    }

    @Test("asks for the owner of the account: the contact's, else the mail domain's")
    func byAccount() async throws {
        try await withPipeline { world in
            try await accept(world, #"{"lookUp":"account"}"#)
            let tomas = try await world.org.user("tomas.lindqvist@example.com")
            try await world.org.create(
                "Account",
                [
                    "Name": "Globex", "Website": "https://www.globex.example/",
                    "OwnerId": .string(tomas),
                ]
            )
            #expect(try await route(world).email == "tomas.lindqvist@example.com")
            #expect(try await route(world).reason == "account_owner")
            let other = try await world.org.create(
                "Account",
                [
                    "Name": "Other",
                    "OwnerId": .string(try await world.org.user("priya.raman@example.com")),
                ]
            )
            try await contact(world, owner: "admin@example.com", account: other)
            #expect(try await route(world).email == "priya.raman@example.com")
        }
    }

    @Test("falls back to the lead only if the settings say so", arguments: [true, false])
    func fallBack(isOn: Bool) async throws {
        try await withPipeline { world in
            try await accept(world, #"{"lookUp":"contact","fallBackToLead":\#(isOn)}"#)
            try await world.org.create(
                "Lead",
                [
                    "LastName": "O", "Company": "G", "Email": .string(dana),
                    "OwnerId": .string(try await world.org.user("tomas.lindqvist@example.com")),
                ]
            )
            let route = try await route(world)
            #expect(route.email == (isOn ? "tomas.lindqvist@example.com" : nil))
            #expect(route.reason == (isOn ? "lead_owner" : "no-record"))
        }
    }

    @Test("names nobody for an owner who is inactive, for a queue, and for free mail")
    func nobody() async throws {
        try await withPipeline { world in
            try await accept(world, #"{"lookUp":"contact","skipFreeMail":true}"#)
            try await world.org.seed(
                """
                {"records":{"Contact":[{"LastName":"O","Email":"\(dana)",\
                "OwnerId":"@user:ivo.gone@example.com"}]}}
                """
            )
            #expect(try await route(world).user == nil)
            #expect(try await route(world).reason == "inactive-owner")
            #expect(try await route(world, "dana@gmail.com").reason == "free-mail-address")
        }
        try await withPipeline { world in
            try await accept(world, #"{"lookUp":"lead"}"#)
            try await world.org.create(
                "Lead",
                [
                    "LastName": "O", "Company": "G", "Email": .string(dana),
                    "OwnerId": .string(try await world.org.queue),
                ]
            )
            #expect(try await route(world).user == nil)
            #expect(try await route(world).reason == "owned-by-queue")
        }
    }

    @Test("finds no account for free mail, whoever has it on the website")
    func freeMailAccount() async throws {
        try await withPipeline { world in
            try await accept(world, #"{"lookUp":"account"}"#)
            try await world.org.create("Account", ["Name": "Mail", "Website": "gmail.com"])
            #expect(try await route(world, "dana@gmail.com").reason == "no-record")
        }
    }

    @Test("is recorded with its reason, once an hour, and only when the org was asked")
    func recorded() async throws {
        try await withPipeline { world in
            try await world.accept("{}")
            _ = try await route(world)
            try await accept(world, #"{"lookUp":"contact","skipFreeMail":true}"#)
            _ = try await route(world, "dana@gmail.com")
            #expect(try await world.ledger("owner.routed").isEmpty)
            for _ in 0..<3 { _ = try await route(world) }
            try await contact(world, owner: "tomas.lindqvist@example.com")
            for _ in 0..<3 { _ = try await route(world) }
            let routed = try await world.ledger("owner.routed")
            #expect(routed.map { $0.text("reason") } == ["no-record", "contact_owner"])
            #expect(routed.map { $0["eventType"]?.int } == [88_231, 88_231])
            #expect(routed.map { $0["version"]?.int } == [2, 2])
            let tomas = try await world.org.user("tomas.lindqvist@example.com")
            #expect(routed.map { $0.text("owner") } == ["", tomas])
            #expect(!routed.map(\.text).joined().contains("@"))
            // A look-up that fails is no answer.
            try await world.org.fail("serverUnavailable", count: 50)
            await #expect(throws: (any Error).self) { _ = try await route(world) }
            #expect(try await world.ledger("owner.routed").count == 2)
        }
    }

    @Test("says so when it is not configured, and never takes a failure for an answer")
    func notConfigured() async throws {
        try await withPipeline { world in
            #expect(try await route(world).reason == "no-settings")
            try await world.accept("{}")
            #expect(try await route(world).reason == "routing-not-configured")
            try await accept(world, #"{"lookUp":"contact"}"#)
            try await world.org.fail("serverUnavailable", count: 50)
            await #expect(throws: (any Error).self) { _ = try await route(world) }
        }
    }
}
