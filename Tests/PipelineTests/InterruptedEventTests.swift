import Domain
import Journal
import Pipeline
import Salesforce
import TestSupport
import Testing

/// The program dies between making an event record and noting that it did; then the world moves on.
@Suite("An event record whose making was never noted")
struct InterruptedEventTests {
    private let settings = """
        {"skipContactCreation":true,"onBooking":{"eventRecord":{"Booking_Uid__c":"{booking_uid}"}}}
        """
    private let first = Meeting("first")
    private let second = Meeting("second").with { $0.start = "2026-11-11T15:00:00Z" }
    private let third = Meeting("third").with { $0.start = "2026-11-12T15:00:00Z" }

    /// The event records that the ledger knows to be made.
    private func made(_ world: World) async throws -> [String] {
        try await world.ledger("write.confirmed").filter {
            $0.text("object") == "Event" && $0["created"] == .bool(true)
        }.map { $0.text("record") }
    }

    @Test(
        "is found when its booking joins an earlier one",
        arguments: DyingGateway.Moment.allCases,
        [true, false]
    )
    func joins(moment: DyingGateway.Moment, hasKey: Bool) async throws {
        try await withPipeline { world in
            try await world.org.settings(#"{"omitDaybookKey":\#(!hasKey)}"#)
            try await world.accept(settings)
            let earlier = world.now
            world.wait(minutes: 10)
            try await world.deliver(third.rescheduled(from: second))
            try await world.die(moment)
            try await world.deliver(second.rescheduled(from: first).sent(earlier))
            try await world.reconcile()
            let event = try await world.org.one("SELECT StartDateTime, Booking_Uid__c FROM Event")
            #expect(event.text("Booking_Uid__c") == "third")
            try await world.expectSettled()
        }
    }

    @Test("is found when its booking gets another time", arguments: [true, false])
    func moves(hasKey: Bool) async throws {
        try await withPipeline { world in
            try await world.org.settings(#"{"omitDaybookKey":\#(!hasKey)}"#)
            try await world.accept(settings)
            try await world.deliver(first.created)
            try await world.die()
            try await world.deliver(second.rescheduled(from: first))
            try await world.reconcile()
            let event = try await world.org.one("SELECT Id, Booking_Uid__c FROM Event")
            #expect(event.text("Booking_Uid__c") == "second")
            #expect(try await made(world) == [event.text("Id")])
            try await world.expectSettled()
        }
    }

    @Test("is found although somebody moved and renamed it meanwhile", arguments: [true, false])
    func isMovedByHand(hasKey: Bool) async throws {
        try await withPipeline { world in
            try await world.org.settings(#"{"omitDaybookKey":\#(!hasKey)}"#)
            try await world.accept(settings)
            try await world.deliver(first.created)
            try await world.die()
            let event = try await world.org.one("SELECT Id FROM Event").text("Id")
            try await world.org.change(
                "Event",
                event,
                [
                    "StartDateTime": "2030-01-01T10:00:00.000Z",
                    "EndDateTime": "2030-01-01T11:00:00.000Z", "Subject": "by hand",
                ]
            )
            try await world.reconcile()
            let kept = try await world.org.one("SELECT Id, Subject FROM Event")
            #expect(kept.text("Id") == event)
            #expect(kept.text("Subject") == "by hand")
            #expect(try await made(world) == [event])
            try await world.expectSettled()
        }
    }

    @Test("is noted although somebody deleted it before, and another one is made in its place")
    func madeAgain() async throws {
        try await withPipeline { world in
            try await world.accept(#"{"onDeleted":"makeAgain"}"#)
            try await world.deliver(first.created)
            try await world.die()
            let old = try await world.org.one("SELECT Id FROM Event").text("Id")
            try await world.org.delete("Event", old)
            world.wait(minutes: 1)
            try await world.deliver(second.rescheduled(from: first))
            try await world.reconcile()
            let again = try await world.org.one("SELECT Id FROM Event").text("Id")
            #expect(again != old)
            #expect(try await made(world) == [old, again])
            try await world.expectSettled()
        }
    }

    @Test("is found although the next answer is lost, too, and its booking joins an earlier one")
    func twice() async throws {
        try await withPipeline { world in
            try await world.accept(settings)
            let earlier = world.now
            world.wait(minutes: 10)
            try await world.deliver(third.rescheduled(from: second))
            try await world.die()
            try await world.deliver(third.relocated(to: "Room 9"))
            try await world.die()
            try await world.deliver(second.rescheduled(from: first).sent(earlier))
            try await world.reconcile()
            let event = try await world.org.one("SELECT Location, Booking_Uid__c FROM Event")
            #expect(event.text("Booking_Uid__c") == "third")
            #expect(event.text("Location") == "Room 9")
            try await world.expectSettled()
        }
    }

    @Test("goes as the second one of its appointment, although an answer about it was lost")
    func isSupersededAfterUpdate() async throws {
        try await withPipeline { world in
            try await world.accept(settings)
            try await world.sync(first.created)
            let earlier = world.now
            world.wait(minutes: 10)
            try await world.sync(third.rescheduled(from: second))
            try await world.deliver(third.relocated(to: "Room 9"))
            try await world.die()
            try await world.deliver(second.rescheduled(from: first).sent(earlier))
            try await world.reconcile()
            let event = try await world.org.one("SELECT Location, Booking_Uid__c FROM Event")
            #expect(event.text("Booking_Uid__c") == "third")
            #expect(event.text("Location") == "Room 9")
            try await world.expectSettled()
        }
    }

    @Test(
        "is known although it was the second one, and somebody deleted it",
        arguments: [true, false]
    )
    func isDeletedSecond(hasKey: Bool) async throws {
        try await withPipeline { world in
            try await world.org.settings(#"{"omitDaybookKey":\#(!hasKey)}"#)
            try await world.accept(settings)
            try await world.sync(first.created)
            let earlier = world.now
            world.wait(minutes: 10)
            try await world.deliver(third.rescheduled(from: second))
            try await world.die()
            let id = try await world.org.one(
                "SELECT Id FROM Event WHERE Booking_Uid__c = 'third'"
            ).text("Id")
            try await world.org.delete("Event", id)
            world.wait(minutes: 1)
            try await world.deliver(second.rescheduled(from: first).sent(earlier))
            try await world.reconcile()
            let deleted = try await world.ledger("record.deleted-by-other")
            #expect(deleted.map { $0.text("record") } == [id])
            let event = try await world.org.one("SELECT Booking_Uid__c FROM Event")
            #expect(event.text("Booking_Uid__c") == "third")
            try await world.expectSettled()
        }
    }

    @Test("is known from another one of its appointment", arguments: [true, false])
    func two(hasKey: Bool) async throws {
        try await withPipeline { world in
            try await world.org.settings(#"{"omitDaybookKey":\#(!hasKey)}"#)
            try await world.accept(settings)
            let earlier = world.now
            world.wait(minutes: 10)
            try await world.deliver(first.created)
            try await world.deliver(third.created)
            try await world.die()
            #expect(try await world.org.count("Event") == 2)
            let ids = try await world.org.query("SELECT Id FROM Event ORDER BY StartDateTime")
                .map { $0.text("Id") }
            try await world.deliver(second.rescheduled(from: first).sent(earlier))
            try await world.deliver(third.rescheduled(from: second))
            try await world.reconcile()
            let event = try await world.org.one("SELECT Id, Booking_Uid__c FROM Event")
            #expect(event.text("Id") == ids[0] && event.text("Booking_Uid__c") == "third")
            #expect(try await made(world) == ids, "what was made second is known, and gone")
            try await world.expectSettled()
        }
    }

    @Test(
        "is not taken for another one of its appointment that is known",
        arguments: [true, false]
    )
    func otherIsKnown(hasKey: Bool) async throws {
        try await withPipeline { world in
            try await world.org.settings(#"{"omitDaybookKey":\#(!hasKey)}"#)
            try await world.accept(settings)
            let earlier = world.now
            world.wait(minutes: 10)
            try await world.sync(third.rescheduled(from: second))
            let known = try await world.org.one("SELECT Id FROM Event").text("Id")
            try await world.deliver(first.created)
            try await world.die()
            let lost = try await world.org.one(
                "SELECT Id FROM Event WHERE Booking_Uid__c = 'first'"
            ).text("Id")
            try await world.org.delete("Event", lost)
            world.wait(minutes: 1)
            try await world.deliver(second.rescheduled(from: first).sent(earlier))
            try await world.reconcile()
            let event = try await world.org.one("SELECT Id FROM Event")
            #expect(event.text("Id") == known)
            #expect(try await made(world) == [known, lost])
            try await world.expectSettled()
        }
    }

    @Test("stays deleted when somebody deleted it while the meeting waits for another time")
    func isDeletedWhileWaiting() async throws {
        try await withPipeline { world in
            try await world.accept(settings)
            try await world.sync(first.created)
            let id = try await world.eventRecord(of: "first").text("Id")
            try await world.org.delete("Event", id)
            world.wait(minutes: 1)
            let report = try await world.sync(first.rescheduleRequested)
            #expect(report.summary.hold == 0)
            #expect(try await world.ledger("record.deleted-by-other").count == 1)
            try await world.sync(second.rescheduled(from: first))
            #expect(try await world.org.count("Event") == 0)
            try await world.expectSettled()
        }
    }

    @Test("goes when the appointment has another one", arguments: [true, false])
    func isSuperseded(hasKey: Bool) async throws {
        try await withPipeline { world in
            try await world.org.settings(#"{"omitDaybookKey":\#(!hasKey)}"#)
            try await world.accept(settings)
            try await world.sync(first.created)
            let earlier = world.now
            world.wait(minutes: 10)
            try await world.deliver(third.rescheduled(from: second))
            try await world.die()
            #expect(try await world.org.count("Event") == 2)
            try await world.deliver(second.rescheduled(from: first).sent(earlier))
            try await world.reconcile()
            let event = try await world.org.one("SELECT Booking_Uid__c FROM Event")
            #expect(event.text("Booking_Uid__c") == "third")
            try await world.expectSettled()
        }
    }

    @Test("stays deleted when somebody deleted it before we learned of it")
    func isDeleted() async throws {
        try await withPipeline { world in
            try await world.accept(settings)
            try await world.deliver(first.created)
            try await world.die()
            let id = try await world.eventRecord(of: "first").text("Id")
            try await world.org.delete("Event", id)
            world.wait(minutes: 1)
            try await world.reconcile()
            #expect(try await world.org.count("Event") == 0)
            #expect(try await world.ledger("record.deleted-by-other").count == 1)
            try await world.sync(first.relocated(to: "Room 9"))
            #expect(try await world.org.count("Event") == 0)
            try await world.expectSettled()
        }
    }

    @Test("names the attendee, although the answer about the attendee's record was lost before")
    func sentWithout() async throws {
        try await withPipeline { world in
            try await world.accept("{}")
            try await world.deliver(first.created)
            world.interpose = { DyingGateway(LosingGateway($0), .afterSending, batch: 2) }
            await #expect(throws: SalesforceError.self) { try await world.reconcile() }
            world.interpose = { $0 }
            world.wait(minutes: 2)
            let event = try await world.eventRecord("Id, WhoId", of: "first")
            #expect(event["WhoId"] == .null, "the control")
            // So that the record is not as we left it.
            try await world.org.change("Event", event.text("Id"), ["Location": "my office"])
            world.wait(minutes: 1)
            try await world.reconcile()
            let contact = try await world.contact().text("Id")
            #expect(try await world.eventRecord("WhoId", of: "first").text("WhoId") == contact)
            try await world.expectSettled()
        }
    }

    @Test("named the attendee, whose record was made with it, and names another one")
    func sentTogether() async throws {
        try await withPipeline { world in
            let email = Meeting.Person.lee.email
            let lee = try await world.org.create(
                "Contact",
                ["LastName": "M", "Email": .string(email)]
            )
            try await world.accept("{}")
            let meanwhile = world.now.advanced(byMilliseconds: 30_000)
            try await world.deliver(first.created)
            try await world.die()
            let event = try await world.eventRecord("Id, WhoId", of: "first")
            #expect(event.text("WhoId") == (try await world.contact().text("Id")), "the control")
            try await world.org.change("Event", event.text("Id"), ["Location": "my office"])
            world.wait(minutes: 1)
            // Told late: it happened before the record was made.
            let other = second.with { ($0.booker, $0.guests) = (.lee, [.dana]) }
            try await world.sync(other.rescheduled(from: first).sent(meanwhile))
            let moved = try await world.org.one("SELECT WhoId FROM Event")
            #expect(moved.text("WhoId") == lee)
            try await world.expectSettled()
        }
    }

    @Test("keeps what somebody edited before we learned of it, until a newer booking speaks")
    func isEdited() async throws {
        try await withPipeline { world in
            try await world.accept(settings)
            try await world.deliver(first.created)
            try await world.die()
            let id = try await world.eventRecord(of: "first").text("Id")
            try await world.org.change("Event", id, ["Location": "my office"])
            world.wait(minutes: 1)
            try await world.reconcile()
            let event = try await world.org.one("SELECT Location, Subject FROM Event")
            #expect(event.text("Location") == "my office")
            #expect(event.text("Subject") == first.title)
            try await world.expectSettled()
            // What is told late, and happened before the edit, does not speak either.
            let before = ManualClock.beginning.advanced(byMilliseconds: 90_000)
            try await world.sync(first.relocated(to: "Room 1").sent(before))
            let same = try await world.org.one("SELECT Location FROM Event")
            #expect(same.text("Location") == "my office")

            try await world.sync(first.relocated(to: "Room 9"))
            #expect(
                try await world.org.one("SELECT Location FROM Event").text("Location") == "Room 9"
            )
            try await world.expectSettled()
        }
    }
}
