import Domain
import Foundation
import Journal
import Pipeline
import Salesforce
import Testing

@Suite("Drift")
struct DriftTests {
    static let settings = """
        {"onBooking":{"attendee":{"Last_Booking_Status__c":"Booked","Department":"Web"}}}
        """

    /// A world in which Daybook wrote a contact's status.
    private func book(_ world: World, _ settings: String = Self.settings) async throws -> String {
        try await world.accept(settings)
        try await world.sync(Meeting().created)
        return try await world.contact().text("Id")
    }

    private func edit(_ world: World, _ contact: String, _ value: JSON = "Edited") async throws {
        try await world.org.change("Contact", contact, ["Last_Booking_Status__c": value])
        world.wait(minutes: 1)
    }

    private func drift(_ world: World, _ object: ObjectName? = nil) async throws -> DriftReport {
        let report = try await world.synchronizer().drift(of: object)
        world.wait(minutes: 1)
        return report
    }

    @Test("is none after a run, and tells what a person changed, who and since when")
    func edited() async throws {
        try await withPipeline { world in
            let contact = try await book(world)
            #expect(try await drift(world).items.isEmpty)
            let before = world.now
            try await edit(world, contact)
            let item = try #require(try await drift(world).items.first)
            #expect(item.entry.record.rawValue == contact)
            #expect(item.entry.field == "Last_Booking_Status__c")
            #expect(item.live == .text("Edited"))
            let admin = try await world.org.user("admin@example.com")
            #expect(item.entry.by?.rawValue == admin)
            #expect(item.userName != nil)
            let (after, until) = (
                try #require(item.entry.after), try #require(item.entry.until)
            )
            #expect(after < before && before <= until)
            #expect(try await drift(world).items.count == 1, "it stays until something is done")
            #expect(try await drift(world, .lead).items.isEmpty)
        }
    }

    @Test("names who changed a tracked field and exactly when, though Daybook wrote last")
    func history() async throws {
        try await withPipeline { world in
            try await world.org.settings(
                #"{"trackedFields":["Contact.Last_Booking_Status__c"]}"#
            )
            let contact = try await book(world)
            #expect(try await drift(world).items.isEmpty)
            let moment = world.now
            try await edit(world, contact)
            try await world.accept(#"{"onBooking":{"attendee":{"Department":"New"}}}"#)
            try await world.sync(Meeting("second").created)
            world.wait(minutes: 1)
            let item = try #require(try await drift(world).items.first)
            #expect(item.entry.field == "Last_Booking_Status__c" && item.entry.isExact)
            let admin = try await world.org.user("admin@example.com")
            #expect(item.entry.by?.rawValue == admin && item.userName != nil)
            #expect(item.entry.after == item.entry.until)
            let at = try #require(item.entry.until)
            #expect(abs(at.milliseconds - moment.milliseconds) < 1_000)
            #expect(try await drift(world).items.count == 1, "it stays until something is done")

            try await world.org.change("Contact", contact, ["Department": "Sales"])
            world.wait(minutes: 1)
            let both = try await drift(world)
            let untracked = try #require(both.items.first { $0.entry.field == "Department" })
            #expect(!untracked.entry.isExact, "of what is not tracked the record's change is told")
            #expect(untracked.entry.by?.rawValue == admin)
            #expect(both.items.count == 2 && both.apiCalls <= 4)
        }
    }

    @Test("is not what was never ours: other fields, and values that were there before")
    func notOurs() async throws {
        try await withPipeline { world in
            let contact = try await book(world)
            try await world.org.change("Contact", contact, ["Title": "CEO"])
            world.wait(minutes: 1)
            #expect(try await drift(world).items.isEmpty)
        }
    }

    @Test("costs one read per changed record once everything was seen")
    func cost() async throws {
        try await withPipeline { world in
            try await world.accept(Self.settings)
            let meetings = (0..<30).map { number in
                Meeting("b\(number)").with { $0.booker.email = "g\(number)@globex.example" }
            }
            try await world.take(meetings.map(\.created))
            world.wait(minutes: 1)
            try await world.reconcile()
            #expect(try await drift(world).recordsRead == 60)
            #expect(try await drift(world).recordsRead == 0)
            let one = try await world.contact(of: "g3@globex.example").text("Id")
            world.wait(minutes: 5)
            try await edit(world, one)
            let found = try await drift(world)
            #expect(found.items.map(\.entry.record.rawValue) == [one])
            #expect(found.recordsRead == 1)
            #expect(found.apiCalls <= 3)
        }
    }

    @Test("leaves out what is ignored, from the report and from writing alike")
    func ignored() async throws {
        try await withPipeline { world in
            let contact = try await book(world)
            try await edit(world, contact)
            world.options.ignored = ["contact.last_booking_status__c"]
            #expect(try await drift(world).items.isEmpty)
            try await world.accept(
                #"{"onBooking":{"attendee":{"Last_Booking_Status__c":"New","Department":"New"}}}"#
            )
            try await world.sync(Meeting("second").created)
            let after = try await world.contact("Last_Booking_Status__c, Department")
            #expect(after.text("Last_Booking_Status__c") == "Edited")
            #expect(after.text("Department") == "New")
        }
    }

    @Test("shows what changed in a field while it was ignored, once it is looked at again")
    func ignoredBefore() async throws {
        try await withPipeline { world in
            let contact = try await book(world)
            #expect(try await drift(world).items.isEmpty)
            try await edit(world, contact)
            world.options.ignored = ["contact.last_booking_status__c"]
            #expect(try await drift(world).items.isEmpty)
            world.wait(minutes: 1)
            world.options.ignored = []
            let found = try await drift(world).items.map(\.entry)
            #expect(found.map(\.field) == ["Last_Booking_Status__c"])
            #expect(found.map(\.record.rawValue) == [contact])
            world.options.ignored = ["contact.last_booking_status__c"]
            #expect(try await drift(world).items.isEmpty)
            #expect(try await world.journal.lastDriftSweep()?.open == [])
        }
    }

    @Test("is put back by a plan, and only what still stands there is looked at")
    func revert() async throws {
        try await withPipeline { world in
            let contact = try await book(world)
            try await edit(world, contact)
            let record = try #require(SalesforceID(contact))
            let place = FieldPlace(record: record, field: "Last_Booking_Status__c")
            let plan = try await world.synchronizer().plan(.revert, [place])
            #expect(plan.operations.flatMap(\.written).map(\.reason) == [.driftReverted])
            let report = try await world.apply(plan)
            #expect(report.summary.update == 1)
            let after = try await world.contact("Last_Booking_Status__c")
            #expect(after.text("Last_Booking_Status__c") == "Booked")
            #expect(try await drift(world).items.isEmpty)
            #expect(try await world.plan(.everything).summary.hasWrites == false)
        }
    }

    @Test("is put back by a plan that is made again after it was interrupted")
    func revertAgain() async throws {
        try await withPipeline { world in
            let contact = try await book(world)
            try await edit(world, contact)
            let record = try #require(SalesforceID(contact))
            let place = FieldPlace(record: record, field: "Last_Booking_Status__c")
            let first = try await world.synchronizer().plan(.revert, [place])
            world.interpose = { DyingGateway($0, .beforeSending) }
            await #expect(throws: SalesforceError.self) { try await world.apply(first) }
            try world.restart()
            world.interpose = { $0 }
            world.wait(minutes: 2)
            let second = try await world.synchronizer().plan(.revert, [place])
            #expect(try await world.apply(second).summary.update == 1)
            let after = try await world.contact("Last_Booking_Status__c")
            #expect(after.text("Last_Booking_Status__c") == "Booked")
            try await world.expectSettled()
        }
    }

    @Test("is taken over by a plan without a write, until a booking asks for another value")
    func adopt() async throws {
        try await withPipeline { world in
            let contact = try await book(world)
            try await edit(world, contact)
            let record = try #require(SalesforceID(contact))
            let place = FieldPlace(record: record, field: "last_booking_status__C")
            let plan = try await world.synchronizer().plan(.adopt, [place])
            #expect(plan.operations.flatMap(\.fields).map(\.reason) == [.driftAdopted])
            try await world.org.resetCounters()
            try await world.apply(plan)
            #expect(try await world.org.writes == 0)
            #expect(try await world.ledger("field.adopted").count == 1)
            #expect(try await drift(world).items.isEmpty)
            #expect(try await world.reconcile(.everything).summary.hasWrites == false)
            let stands = try await world.contact("Last_Booking_Status__c")
            #expect(stands.text("Last_Booking_Status__c") == "Edited")
            try await world.accept(#"{"onBooking":{"attendee":{"Last_Booking_Status__c":"New"}}}"#)
            try await world.sync(Meeting("second").created)
            let asked = try await world.contact("Last_Booking_Status__c")
            #expect(asked.text("Last_Booking_Status__c") == "New")
        }
    }

    /// A contact whose status somebody edited, and a newer booking that asks for another value, which
    /// is held for the edit.
    private func bookAgainOverEdit(_ world: World) async throws -> FieldPlace {
        func settings(_ value: String) -> String {
            """
            {"onBooking":{"attendee":
            {"Last_Booking_Status__c":{"value":"\(value)","type":"text","when":"sticky"}}}}
            """
        }
        let contact = try await book(world, settings("Booked"))
        try await edit(world, contact, "Mine")
        try await world.accept(settings("New"))
        try await world.sync(Meeting("second").created)
        world.wait(minutes: 1)
        let stands = try await world.contact("Last_Booking_Status__c")
        #expect(stands.text("Last_Booking_Status__c") == "Mine")
        let record = try #require(SalesforceID(contact))
        return FieldPlace(record: record, field: "Last_Booking_Status__c")
    }

    @Test("that was taken over stays, also against what a booking had asked for before")
    func adoptOverHeld() async throws {
        try await withPipeline { world in
            let place = try await bookAgainOverEdit(world)
            try await world.apply(try await world.synchronizer().plan(.adopt, [place]))
            try await world.reconcile(.everything)
            let stands = try await world.contact("Last_Booking_Status__c")
            #expect(stands.text("Last_Booking_Status__c") == "Mine")
            #expect(try await world.plan(.everything).summary.hasWrites == false)
        }
    }

    @Test("of a value that stood there before Daybook can be taken over, and not put back")
    func adoptAgreed() async throws {
        try await withPipeline { world in
            let fields: [String: JSON] = [
                "LastName": "Okafor", "Email": .string(Meeting.Person.dana.email),
                "Last_Booking_Status__c": "Booked", "Department": "Web",
            ]
            let contact = try await world.org.create("Contact", fields)
            world.wait(minutes: 1)
            try await world.accept(Self.settings)
            try await world.sync(Meeting().created)
            try await edit(world, contact, "Mine")
            let record = try #require(SalesforceID(contact))
            let place = FieldPlace(record: record, field: "Last_Booking_Status__c")
            let revert = try await world.synchronizer().plan(.revert, [place])
            #expect(revert.operations.map(\.reason) == [.valueUnknown])
            try await world.apply(try await world.synchronizer().plan(.adopt, [place]))
            #expect(try await drift(world).items.isEmpty)
            try await world.reconcile(.everything)
            let stands = try await world.contact("Last_Booking_Status__c")
            #expect(stands.text("Last_Booking_Status__c") == "Mine")
        }
    }

    @Test("is put back to what the field had from Daybook, whatever an undo wrote since")
    func revertAfterUndo() async throws {
        try await withPipeline { world in
            let fields: [String: JSON] = [
                "LastName": "Okafor", "Email": .string(Meeting.Person.dana.email),
                "Last_Booking_Status__c": "Old",
            ]
            let contact = try await world.org.create("Contact", fields)
            world.wait(minutes: 1)
            try await world.accept(Self.settings)
            let run = try await world.sync(Meeting().created).run
            try await world.apply(try await world.synchronizer().plan(undoing: run))
            try await edit(world, contact, "Mine")
            let record = try #require(SalesforceID(contact))
            let place = FieldPlace(record: record, field: "Last_Booking_Status__c")
            try await world.apply(try await world.synchronizer().plan(.revert, [place]))
            let stands = try await world.contact("Last_Booking_Status__c")
            #expect(stands.text("Last_Booking_Status__c") == "Booked")
            #expect(try await world.plan(.everything).summary.hasWrites == false)
        }
    }

    @Test(
        "that moved on since the plan was read is left alone",
        arguments: [DriftAction.revert, .adopt]
    )
    func movedOn(action: DriftAction) async throws {
        try await withPipeline { world in
            let contact = try await book(world)
            try await edit(world, contact, "Read")
            let record = try #require(SalesforceID(contact))
            let place = FieldPlace(record: record, field: "Last_Booking_Status__c")
            let plan = try await world.synchronizer().plan(action, [place])
            try await edit(world, contact, "Unread")
            #expect(try await world.apply(plan).summary.hasWrites == false)
            let stands = try await world.contact("Last_Booking_Status__c")
            #expect(stands.text("Last_Booking_Status__c") == "Unread")
            #expect(try await world.ledger("field.adopted").isEmpty)
        }
    }

    @Test("that was put back leaves what failed for the same record to be tried again")
    func failureStays() async throws {
        try await withPipeline { world in
            let contact = try await book(world)
            try await edit(world, contact)
            try await world.accept(#"{"onBooking":{"attendee":{"Department":"New"}}}"#)
            try await world.refuse("PROCESSING_HALTED", "No.")
            try await world.sync(Meeting("second").created)
            let failed = try await world.journal.keptFailures().map(\.name)
            #expect(failed.contains { $0.rawValue.hasPrefix("person/") })
            try await world.org.settings(#"{"automation":[]}"#)
            let record = try #require(SalesforceID(contact))
            let place = FieldPlace(record: record, field: "Last_Booking_Status__c")
            try await world.apply(try await world.synchronizer().plan(.revert, [place]))
            #expect(try await world.journal.keptFailures().map(\.name) == failed)
            world.wait(minutes: 120)
            try await world.reconcile()
            #expect(try await world.contact("Department").text("Department") == "New")
        }
    }

    @Test("of a field that was never ours is neither adopted nor reverted")
    func unclaimed() async throws {
        try await withPipeline { world in
            let record = try #require(SalesforceID(try await book(world)))
            let place = FieldPlace(record: record, field: "Title")
            await #expect(throws: ReplayError.unclaimed(record, "Title")) {
                _ = try await world.synchronizer().plan(.revert, [place])
            }
        }
    }
}
