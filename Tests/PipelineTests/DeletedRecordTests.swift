import Domain
import Pipeline
import Salesforce
import Testing

/// Case 5 of `facts/ledger-and-reconciliation.md` 5.8, where the settings let a newer booking make a
/// record again.
@Suite("A record that somebody deleted, with onDeleted: makeAgain")
struct DeletedRecordTests {
    private let first = Meeting("first")
    private let second = Meeting("second")
    private let moved = Meeting("moved").with { $0.start = "2026-11-12T16:00:00Z" }

    /// A booking whose record somebody deleted a minute later.
    private func deleted(
        _ object: String,
        _ world: World,
        settings: String = #"{"onDeleted":"makeAgain","noShow":{"field":"No_Show__c"}}"#
    ) async throws -> String {
        try await world.accept(settings)
        try await world.sync(first.created)
        let id = try await world.org.one("SELECT Id FROM \(object)").text("Id")
        try await world.org.delete(object, id)
        world.wait(minutes: 1)
        return id
    }

    private func expectNothingLeft(_ world: World) async throws {
        #expect(try await world.reconcile(.everything).summary.hasWrites == false)
        #expect(try await world.plan(.everything).summary.hasWrites == false)
    }

    @Test("is made again by a reschedule, once, and under a new id")
    func rescheduled() async throws {
        try await withPipeline { world in
            let old = try await deleted("Event", world)
            let report = try await world.sync(moved.rescheduled(from: first))
            #expect(report.summary.create == 1 && report.summary.failed == 0)
            #expect(report.operations.contains { $0.reason == .madeAgain })
            let event = try await world.org.one("SELECT Id, StartDateTime, WhoId FROM Event")
            #expect(event.text("Id") != old)
            #expect(event.text("StartDateTime").hasPrefix("2026-11-12T16:00:00"))
            #expect(event["WhoId"] != .null)
            let made = try await world.ledger("record.created").map { $0.text("record") }
            #expect(made.contains(event.text("Id")))
            try await expectNothingLeft(world)

            let relocated = moved.relocated(to: "12 High Street, London")
            #expect(try await world.sync(relocated).summary.update == 1)
            #expect(try await world.org.count("Event") == 1)
        }
    }

    @Test("is made again by another attendee")
    func attendee() async throws {
        try await withPipeline { world in
            _ = try await deleted("Event", world)
            let seated = first.with { $0.guests = [.lee] }
            try await world.sync(seated.created)
            #expect(try await world.org.count("Event") == 1)
            try await expectNothingLeft(world)
        }
    }

    @Test("is not made again by a no-show, a new place, a sweep or a cancellation")
    func noReason() async throws {
        try await withPipeline { world in
            _ = try await deleted("Event", world)
            try await world.reconcile(.everything)
            try await world.sync(first.relocated(to: "12 High Street, London"))
            try await world.sync(first.noShow([(first.booker.email, true)]))
            #expect(try await world.org.count("Event") == 0)
            try await world.sync(first.cancelled())
            #expect(try await world.org.count("Event") == 0)
            try await expectNothingLeft(world)
        }
    }

    @Test("is not made again by news from before the deletion that arrive late")
    func late() async throws {
        try await withPipeline { world in
            try await world.accept(#"{"onDeleted":"makeAgain"}"#)
            try await world.sync(first.created)
            let before = world.now
            world.wait(minutes: 5)
            let id = try await world.eventRecord(of: "first").text("Id")
            try await world.org.delete("Event", id)
            world.wait(minutes: 1)
            let report = try await world.sync(moved.rescheduled(from: first).sent(before))
            #expect(report.operations.contains { $0.reason == .deletedByOther })
            #expect(try await world.org.count("Event") == 0)
        }
    }

    @Test("is not made again where another one for the same appointment was deleted later")
    func further() async throws {
        try await withPipeline { world in
            _ = try await deleted("Event", world)
            // Nothing tells yet that this is the same appointment.
            try await world.sync(moved.relocated(to: "12 High Street, London"))
            let before = world.now
            world.wait(minutes: 5)
            let further = try await world.org.one("SELECT Id FROM Event").text("Id")
            try await world.org.delete("Event", further)
            world.wait(minutes: 1)
            let report = try await world.sync(moved.rescheduled(from: first).sent(before))
            #expect(report.operations.contains { $0.reason == .deletedByOther })
            #expect(try await world.org.count("Event") == 0)
            try await expectNothingLeft(world)
        }
    }

    @Test("is not made again where the settings say nothing")
    func unset() async throws {
        try await withPipeline { world in
            _ = try await deleted("Event", world, settings: "{}")
            let report = try await world.sync(moved.rescheduled(from: first))
            #expect(report.operations.contains { $0.reason == .deletedByOther })
            #expect(try await world.org.count("Event") == 0)
        }
    }

    @Test("is not made again where the meeting takes place after all", arguments: [true, false])
    func cancelledMeanwhile(isSeenBefore: Bool) async throws {
        try await withPipeline { world in
            let old = try await deleted("Event", world, settings: "{}")
            if isSeenBefore { try await world.reconcile(.everything) }
            try await world.sync(first.cancelled())
            let noted = try await world.ledger("record.deleted-by-other")
            #expect(noted.map { $0.text("record") } == [old])
            let report = try await world.sync(moved.rescheduled(from: first))
            #expect(report.operations.contains { $0.reason == .deletedByOther })
            #expect(try await world.org.count("Event") == 0)
            #expect(try await world.ledger("record.deleted-by-other").count == 1)
            try await expectNothingLeft(world)
        }
    }

    @Test("is made again once for every deletion, and never by the same news twice")
    func twice() async throws {
        try await withPipeline { world in
            _ = try await deleted("Event", world)
            try await world.sync(moved.rescheduled(from: first))
            let again = try await world.org.one("SELECT Id FROM Event").text("Id")
            try await world.org.delete("Event", again)
            world.wait(minutes: 1)
            try await world.reconcile(.everything)
            #expect(try await world.org.count("Event") == 0)
            let third = Meeting("third").with { $0.start = "2026-11-13T16:00:00Z" }
            try await world.sync(third.rescheduled(from: moved))
            #expect(try await world.org.count("Event") == 1)
            try await expectNothingLeft(world)
        }
    }

    @Test("is made again even when it has left the recycle bin, if it was seen there")
    func purged() async throws {
        try await withPipeline { world in
            let old = try await deleted("Event", world)
            try await world.reconcile(.everything)
            #expect(try await world.ledger("record.deleted-by-other").count == 1)
            try await world.org.hide([old])
            try await world.sync(moved.rescheduled(from: first))
            #expect(try await world.org.count("Event") == 1)
            try await expectNothingLeft(world)
        }
    }

    @Test("that is only hidden is never made a second time")
    func hidden() async throws {
        try await withPipeline { world in
            try await world.accept(#"{"onDeleted":"makeAgain"}"#)
            try await world.sync(first.created)
            let id = try await world.eventRecord(of: "first").text("Id")
            try await world.org.hide([id])
            let report = try await world.sync(moved.rescheduled(from: first))
            #expect(report.operations.contains { $0.reason == .notVisible })
            try await world.org.show([id])
            #expect(try await world.org.count("Event") == 1)
        }
    }

    @Test("is a person's, and made again by the person's next booking")
    func person() async throws {
        for record in ["contact", "lead"] {
            try await withPipeline { world in
                let object = record == "contact" ? "Contact" : "Lead"
                let old = try await deleted(
                    object,
                    world,
                    settings: #"{"attendeeRecord":"\#(record)","onDeleted":"makeAgain"}"#
                )
                try await world.reconcile(.everything)
                #expect(try await world.org.count(object) == 0)
                let report = try await world.sync(second.created)
                #expect(report.operations.contains { $0.reason == .madeAgain })
                let made = try await world.org.one("SELECT Id FROM \(object)").text("Id")
                #expect(made != old)
                let event = try await world.eventRecord("WhoId", of: "second")
                #expect(event.text("WhoId") == made)
                try await expectNothingLeft(world)
            }
        }
    }

    @Test("is made again once when the answer is lost, with a key field and without")
    func lostAnswer() async throws {
        for hasKey in [true, false] {
            try await withPipeline { world in
                try await world.org.settings(#"{"omitDaybookKey":\#(!hasKey)}"#)
                _ = try await deleted("Event", world)
                try await world.deliver(moved.rescheduled(from: first))
                world.interpose = { DyingGateway($0, .afterSending) }
                do { try await world.reconcile() } catch is SalesforceError {}
                #expect(try await world.org.count("Event") == 1)
                world.interpose = { $0 }
                try world.restart()
                world.wait(minutes: 2)
                #expect(try await world.reconcile().summary.failed == 0)
                #expect(try await world.org.count("Event") == 1)
                try await expectNothingLeft(world)
            }
        }
    }
}
