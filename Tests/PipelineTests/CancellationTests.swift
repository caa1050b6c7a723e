import Domain
import Pipeline
import Testing

@Suite("A cancellation")
struct CancellationTests {
    private let booking = Meeting()

    @Test("deletes the event record")
    func delete() async throws {
        try await withPipeline { world in
            try await world.accept("{}")
            try await world.sync(booking.created)
            let report = try await world.sync(booking.cancelled())
            #expect(report.summary.delete == 1)
            #expect(try await world.org.count("Event") == 0)
            #expect(try await world.org.count("Contact") == 1)
            #expect(try await world.reconcile(.everything).summary.hasWrites == false)
        }
    }

    @Test("keeps the event record as it is, if the settings say so")
    func keep() async throws {
        try await withPipeline { world in
            try await world.accept(#"{"onCancellation":{"eventRecord":"keep"}}"#)
            try await world.sync(booking.created)
            #expect(try await world.sync(booking.cancelled()).summary.hasWrites == false)
            #expect(try await world.eventRecord("Subject").text("Subject") == booking.title)
        }
    }

    @Test("keeps a guest related to the event record, whom no other meeting has")
    func keepRelated() async throws {
        try await withPipeline { world in
            try await world.org.settings(#"{"sharedActivities":true}"#)
            try await world.accept(
                """
                {"onBooking":{"attendee":{"Last_Booking_Status__c":"Booked"}},\
                "onCancellation":{"eventRecord":"keep"}}
                """
            )
            let booking = booking.with { $0.guests = [.lee] }
            try await world.sync(booking.created)
            #expect(try await world.org.count("EventWhoRelation") == 2)
            #expect(try await world.sync(booking.cancelled()).summary.hasWrites == false)
            #expect(try await world.reconcile(.everything).summary.hasWrites == false)
            #expect(try await world.org.count("EventWhoRelation") == 2)
        }
    }

    @Test("makes no record of a guest for an event record that is kept")
    func keepWithoutGuest() async throws {
        try await withPipeline { world in
            try await world.accept(#"{"onCancellation":{"eventRecord":"keep"}}"#)
            try await world.sync(booking.created)
            // Who came along is told after all is over.
            let late = booking.with { $0.guests = [.lee] }
            try await world.sync(late.cancelled())
            let told = try #require(try await world.ledger("booking.cancelled").last)
            #expect(told["attendees"]?.array?.count == 2)
            #expect(try await world.org.count("Contact") == 1)
        }
    }

    @Test("keeps the event record and writes to it")
    func keepAndWrite() async throws {
        try await withPipeline { world in
            try await world.accept(
                """
                {"onBooking":{"eventRecord":{"Booking_Status__c":\
                {"value":"Booked","type":"picklist"}}},\
                "onCancellation":{"eventRecord":{"keep":true,"write":{\
                "Booking_Status__c":{"value":"Cancelled","type":"picklist"},\
                "Cancelled_At__c":{"value":"booking_cancel_date","type":"datetime"},\
                "Cancel_Reason__c":{"value":"{cancellation_reason}","type":"textarea"}}}}}
                """
            )
            try await world.sync(booking.created)
            #expect(
                try await world.eventRecord("Booking_Status__c").text("Booking_Status__c")
                    == "Booked"
            )
            let cancelled = world.now
            try await world.deliver(booking.cancelled("No budget."))
            world.wait(minutes: 90)
            try await world.reconcile()
            let event = try await world.eventRecord(
                "Booking_Status__c, Cancelled_At__c, Cancel_Reason__c"
            )
            #expect(event.text("Booking_Status__c") == "Cancelled")
            #expect(
                Instant(rfc3339: event.text("Cancelled_At__c").replacing("+0000", with: "Z"))
                    == cancelled
            )
            #expect(event.text("Cancel_Reason__c") == "No budget.")
        }
    }

    @Test("writes to the attendee's record, with the day on which it happened")
    func attendee() async throws {
        try await withPipeline { world in
            try await world.accept(
                """
                {"onCancellation":{"attendee":{\
                "Last_Booking_Status__c":"Cancelled: {cancellation_reason}",\
                "Last_Cancel_Date__c":{"value":"booking_cancel_date","type":"date"}}}}
                """
            )
            try await world.sync(booking.created)
            // Told two days late; the date is the event's.
            let happened = world.now
            world.wait(minutes: 2 * 24 * 60)
            try await world.sync(booking.cancelled("No budget.").sent(happened))
            let contact = try await world.contact("Last_Booking_Status__c, Last_Cancel_Date__c")
            #expect(contact.text("Last_Booking_Status__c") == "Cancelled: No budget.")
            #expect(contact.text("Last_Cancel_Date__c") == "2026-11-03")
            #expect(try await world.org.count("Event") == 0)
        }
    }

    @Test("writes nothing for a booking of which nothing is there, and makes nothing")
    func unknownBooking() async throws {
        try await withPipeline { world in
            try await world.accept(
                #"{"onCancellation":{"attendee":{"Last_Booking_Status__c":"Cancelled"}}}"#
            )
            let report = try await world.sync(booking.cancelled())
            #expect(report.summary.hasWrites == false)
            #expect(try await world.org.count("Contact") == 0)
        }
    }

    @Test("leaves an event record alone that somebody else deleted already")
    func alreadyGone() async throws {
        try await withPipeline { world in
            try await world.accept("{}")
            try await world.sync(booking.created)
            try await world.org.delete("Event", try await world.eventRecord().text("Id"))
            let report = try await world.sync(booking.cancelled())
            #expect(report.summary.hasWrites == false)
            #expect(report.summary.failed == 0)
        }
    }
}

@Suite("No-shows")
struct NoShowTests {
    private let booking = Meeting()
    private let dana = Meeting.Person.dana.email

    private func mark(_ world: World) async throws -> JSON? {
        try await world.eventRecord("No_Show__c")["No_Show__c"]
    }

    @Test("are marked in the event record's checkbox, and unmarked")
    func markAndUnmark() async throws {
        try await withPipeline { world in
            try await world.accept(#"{"noShow":{"field":"No_Show__c"}}"#)
            try await world.sync(booking.created)
            #expect(try await mark(world) == false)
            try await world.sync(booking.noShow([(dana, true)]))
            #expect(try await mark(world) == true)
            try await world.sync(booking.noShow([(dana, false)]))
            #expect(try await mark(world) == false)
            try await world.sync(booking.noShow([(dana.uppercased(), true)]))
            #expect(try await mark(world) == true)
        }
    }

    @Test("are the booker's, not a guest's")
    func guest() async throws {
        try await withPipeline { world in
            try await world.accept(#"{"noShow":{"field":"No_Show__c"}}"#)
            let booking = booking.with { $0.guests = [.lee] }
            try await world.sync(
                booking.created,
                booking.noShow([(Meeting.Person.lee.email, true)])
            )
            #expect(try await mark(world) == false)
        }
    }

    @Test("are not written without the setting")
    func off() async throws {
        try await withPipeline { world in
            try await world.accept("{}")
            try await world.sync(booking.created, booking.noShow([(dana, true)]))
            #expect(try await mark(world) == false)
        }
    }

    @Test("wait for the booking when they arrive first")
    func before() async throws {
        try await withPipeline { world in
            try await world.accept(#"{"noShow":{"field":"No_Show__c"}}"#)
            let booked = world.now
            world.wait(minutes: 60)
            try await world.sync(booking.noShow([(dana, true)]))
            #expect(try await world.org.count("Event") == 0)
            try await world.sync(booking.created.sent(booked))
            #expect(try await mark(world) == true)
        }
    }
}
