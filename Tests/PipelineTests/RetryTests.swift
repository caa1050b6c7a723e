import Domain
import Journal
import Pipeline
import Salesforce
import TestSupport
import Testing

@Suite("What failed")
struct RetryTests {
    private let booking = Meeting()
    private let settings = #"{"onBooking":{"attendee":{"Last_Booking_Status__c":"Booked"}}}"#

    /// Lets the contact of a booking be refused.
    private func refused(_ code: String, _ world: World) async throws -> KeptFailure {
        try await world.accept(settings)
        try await world.refuse(code, "No.")
        try await world.sync(booking.created)
        return try #require(try await world.journal.keptFailures().first { $0.field == nil })
    }

    private func contacts(_ world: World) async throws -> Int {
        try await world.org.count("Contact")
    }

    // MARK: Time

    @Test("for a moment is tried again after 5 seconds, doubled with every try, an hour at most")
    func backOff() async throws {
        try await withPipeline { world in
            _ = try await refused("PROCESSING_HALTED", world)
            var expected = 5.0
            for attempt in 1...12 {
                let kept = try await world.journal.keptFailures()
                let failure = try #require(kept.first { $0.note.code == "PROCESSING_HALTED" })
                #expect(failure.note.attempts == attempt)
                let next = try #require(failure.note.nextTry)
                let wait = Double(next.milliseconds - failure.tried.milliseconds) / 1_000
                #expect(wait >= expected * 0.8 - 0.01 && wait <= min(expected * 1.2, 3_600) + 0.01)
                expected = min(expected * 2, 3_600)
                world.clock.set(next)
                _ = try await world.synchronizer().reconcile()
            }
        }
    }

    @Test("for a moment is not tried before its time, and then done")
    func due() async throws {
        try await withPipeline { world in
            let failure = try await refused("PROCESSING_HALTED", world)
            let next = try #require(failure.note.nextTry)
            try await world.org.settings(#"{"automation":[]}"#)
            world.clock.set(next.advanced(byMilliseconds: -1))
            _ = try await world.synchronizer().reconcile(.everything)
            #expect(try await contacts(world) == 0)
            world.clock.set(next)
            _ = try await world.synchronizer().reconcile()
            #expect(try await contacts(world) == 1)
            #expect(try await world.journal.keptFailures().isEmpty)
        }
    }

    // MARK: Changes

    /// What happens after a refusal, and whether the write is tried again.
    struct Change: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var isTriedAgain: Bool
        var happens: @Sendable (World) async throws -> Void
    }

    static let changes: [Change] = [
        Change(testDescription: "nothing but time", isTriedAgain: false) { world in
            world.wait(minutes: 24 * 60)
        },
        Change(testDescription: "settings are accepted", isTriedAgain: true) { world in
            try await world.accept(
                #"{"onBooking":{"attendee":{"Last_Booking_Status__c":"Booked"}}}"#,
                for: .eventType(EventTypeID(1))
            )
        },
        Change(testDescription: "the object gets a field", isTriedAgain: true) { world in
            try await world.org.seed(
                #"{"fields":[{"object":"Contact","name":"New__c","type":"text","length":20}]}"#
            )
            world.wait(minutes: 61)
        },
        Change(testDescription: "the booking calls for something else", isTriedAgain: true) {
            let other = Meeting("other").with { $0.booker.phone = "+12025550199" }
            try await $0.deliver(other.created)
        },
        Change(testDescription: "an operator asks for it", isTriedAgain: true) { world in
            let kept = try await world.journal.keptFailures()
            try await world.journal.retry(kept.map(\.name), actor: "test")
        },
    ]

    @Test("for good waits until something changes", arguments: changes)
    func terminal(change: Change) async throws {
        try await withPipeline { world in
            let failure = try await refused("CANNOT_EXECUTE_FLOW_TRIGGER", world)
            #expect(failure.state == .stopped)
            try await world.org.settings(#"{"automation":[]}"#)
            try await change.happens(world)
            try await world.reconcile(.everything)
            #expect(try await contacts(world) == (change.isTriedAgain ? 1 : 0))
        }
    }

    @Test("in one field is tried again when the field is long enough, and only then")
    func field() async throws {
        try await withPipeline { world in
            try await world.accept(
                #"{"onBooking":{"attendee":{"Last_Booking_Status__c":"Booked"}}}"#
            )
            try await world.refuse(
                "STRING_TOO_LONG",
                "Too long.",
                field: "Last_Booking_Status__c",
                when: #""Last_Booking_Status__c":"Booked""#
            )
            #expect(try await world.sync(booking.created).refusedFields == 1)
            let name = try #require(try await world.journal.keptFailures().first?.name)
            #expect(name.rawValue.hasSuffix("/contact#Last_Booking_Status__c"))
            // Another booking of the person wants the same: it would be refused again.
            try await world.org.resetCounters()
            try await world.sync(Meeting("second").created)
            #expect(
                try await world.contact("Last_Booking_Status__c")["Last_Booking_Status__c"] == .null
            )
            #expect(try await world.journal.keptFailures().map(\.note.attempts) == [1])
            try await world.org.settings(#"{"automation":[]}"#)
            try await world.journal.retry([name], actor: "test")
            try await world.reconcile()
            #expect(
                try await world.contact("Last_Booking_Status__c").text("Last_Booking_Status__c")
                    == "Booked"
            )
            #expect(try await world.journal.keptFailures().isEmpty)
        }
    }

    // MARK: Operators

    @Test("is not left alone while nobody knows what became of its last write")
    func begunAgain() async throws {
        try await withPipeline { world in
            let failure = try await refused("PROCESSING_HALTED", world)
            try await world.org.settings(#"{"automation":[]}"#)
            world.clock.set(try #require(failure.note.nextTry))
            try await world.die()
            #expect(try await world.journal.ignore([failure.name], actor: "test").isEmpty)
            try await world.reconcile(.everything)
            #expect(try await contacts(world) == 1)
            try await world.expectSettled()
            #expect(try await world.journal.keptFailures().isEmpty)
        }
    }

    @Test("is left alone once an operator says so, whatever changes, until it is asked for")
    func ignored() async throws {
        try await withPipeline { world in
            let failure = try await refused("PROCESSING_HALTED", world)
            try await world.journal.ignore([failure.name], actor: "test")
            try await world.org.settings(#"{"automation":[]}"#)
            world.wait(minutes: 300)
            try await world.accept(settings)
            try await world.sync(Meeting("other").with { $0.booker.phone = "+12025550199" }.created)
            try await world.reconcile(.everything)
            #expect(try await contacts(world) == 0)
            #expect(try await world.journal.keptFailures().contains { $0.state == .ignored })
            try await world.journal.retry([failure.name], actor: "test")
            try await world.reconcile()
            #expect(try await contacts(world) == 1)
        }
    }

    private func binding(_ world: World) throws -> RecordBinding {
        RecordBinding(journal: world.journal, gateway: try world.gateway(), now: world.time)
    }

    @Test("because several records match goes on with the one that is named, by 15 characters, too")
    func bindAttendee() async throws {
        try await withPipeline { world in
            try await world.accept(
                #"{"onAmbiguous":"review","onBooking":{"attendee":{"Last_Booking_Status__c":"Booked"}}}"#
            )
            var ids: [String] = []
            for name in ["One", "Two"] {
                let email = JSON.string(booking.booker.email)
                ids.append(
                    try await world.org.create(
                        "Contact",
                        ["LastName": .string(name), "Email": email]
                    )
                )
            }
            #expect(try await world.sync(booking.created).reviews == 1)
            let failure = try #require(try await world.journal.keptFailures().first)
            #expect(Set(failure.note.candidates.map(\.rawValue)) == Set(ids))
            let chosen = try #require(SalesforceID(String(ids[1].prefix(15))))
            let subject = try #require(failure.subject)
            #expect(try await binding(world).bind(subject, to: chosen, actor: "test") == 1)
            try await world.reconcile()
            let rows = try await world.org.query("SELECT Id, Last_Booking_Status__c FROM Contact")
            let booked = rows.filter { $0.text("Last_Booking_Status__c") == "Booked" }
            #expect(booked.map { $0.text("Id") } == [ids[1]])
            #expect(try await world.eventRecord("WhoId").text("WhoId") == ids[1])
            #expect(try await world.journal.keptFailures().isEmpty)
            #expect(try await world.ledger("operator.acted").map { $0.text("action") } == ["bind"])
            #expect(try await world.reconcile(.everything).summary.hasWrites == false)
        }
    }

    @Test("because nobody knows what became of it goes on with the record that is named")
    func bindAppointment() async throws {
        try await withPipeline { world in
            try await world.org.settings(#"{"omitDaybookKey":true}"#)
            try await world.accept("{}")
            try await world.deliver(booking.created)
            world.interpose = { DyingGateway($0, .beforeSending) }
            await #expect(throws: SalesforceError.self) { try await world.reconcile() }
            world.interpose = { $0 }
            world.wait(minutes: 2)
            let kept = try await world.journal.keptFailures()
            let failure = try #require(kept.first { $0.name.rawValue.hasPrefix("event/") })
            #expect(failure.state == .unclear)
            let id = try await world.org.create(
                "Event",
                [
                    "Subject": "Entered by hand", "StartDateTime": "2026-11-10T15:00:00Z",
                    "EndDateTime": "2026-11-10T15:30:00Z",
                ]
            )
            let subject = try #require(failure.subject)
            let record = try #require(SalesforceID(id))
            _ = try await binding(world).bind(subject, to: record, actor: "test")
            try await world.reconcile()
            #expect(try await world.org.count("Event") == 1)
            #expect(try await world.org.one("SELECT WhoId FROM Event")["WhoId"] != .null)
            try await world.sync(booking.cancelled())
            #expect(try await world.org.count("Event") == 1, "it is not Daybook's to delete")
        }
    }

    @Test("is bound to nothing that does not fit, and the refusal says what to do")
    func bindingRefused() async throws {
        try await withPipeline { world in
            let failure = try await refused("CANNOT_EXECUTE_FLOW_TRIGGER", world)
            let subject = try #require(failure.subject)
            try await world.org.settings(#"{"automation":[]}"#)
            let lead = try await world.org.create(
                "Lead",
                ["LastName": "Okafor", "Company": "Globex", "Email": "old@globex.example"]
            )
            try await world.org.control("convert-lead", #"{"leadId":"\#(lead)"}"#)
            let account = try await world.org.create("Account", ["Name": "Globex"])
            let rows: [(id: String, told: String)] = [
                (account, "a contact or a lead"), (lead, "was converted"),
                ("003000000000999", "restore the record"),
            ]
            for row in rows {
                let id = try #require(SalesforceID(row.id))
                await #expect {
                    _ = try await binding(world).bind(subject, to: id, actor: "test")
                } throws: { "\($0)".contains(row.told) }
            }
            #expect(try await world.ledger("operator.acted").isEmpty)
            #expect(try await world.journal.keptFailures().contains { $0.name == failure.name })
        }
    }

    // MARK: Fields that go

    @Test("because a field was deleted between plan and write costs that field")
    func deletedField() async throws {
        try await withPipeline { world in
            try await world.org.seed(
                #"{"fields":[{"object":"Contact","name":"Gone__c","type":"text","length":20}]}"#
            )
            try await world.accept(
                """
                {"onBooking":{"attendee":{"Gone__c":"x","Last_Booking_Status__c":"Booked"}}}
                """
            )
            try await world.deliver(booking.created)
            _ = try await world.plan()
            let org = world.org
            world.interpose = { gateway in
                InterruptedGateway(gateway) { try await org.hideField("Contact", "Gone__c") }
            }
            let report = try await world.reconcile()
            #expect(report.summary.failed == 0)
            #expect(try await contacts(world) == 1)
            #expect(
                try await world.contact("Last_Booking_Status__c").text("Last_Booking_Status__c")
                    == "Booked"
            )
            world.interpose = { $0 }
            #expect(try await world.sync(Meeting("second").created).summary.failed == 0)
        }
    }

    @Test("because a field was deleted since the org was described is found out by looking")
    func deletedFieldSeen() async throws {
        try await withPipeline { world in
            try await world.org.seed(
                #"{"fields":[{"object":"Contact","name":"Gone__c","type":"text","length":20}]}"#
            )
            try await world.accept(
                #"{"onBooking":{"attendee":{"Gone__c":"x","Last_Booking_Status__c":"Booked"}}}"#
            )
            try await world.sync(booking.created)
            #expect(try await world.contact("Gone__c").text("Gone__c") == "x")
            try await world.org.hideField("Contact", "Gone__c")
            let other = Meeting("other").with { $0.booker = .lee }
            let report = try await world.sync(other.created)
            #expect(report.summary.failed == 0)
            #expect(report.summary.create == 2)
            #expect(try await world.reconcile(.everything).summary.hasWrites == false)
        }
    }
}

extension EmulatedOrg {
    /// Takes a custom field away, as an admin does.
    func hideField(_ object: String, _ field: String) async throws {
        try await settings(#"{"hiddenFields":["\#(object).\#(field)"]}"#)
    }
}
