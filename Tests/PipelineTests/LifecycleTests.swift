import Domain
import Pipeline
import Testing

@Suite("A meeting over its life")
struct LifecycleTests {
    private let first = Meeting("first")
    private let second = Meeting("second").with { $0.start = "2026-11-12T16:00:00Z" }
    private let third = Meeting("third").with { $0.start = "2026-11-13T16:00:00Z" }
    private let fields = "Id, Subject, StartDateTime, Location, OwnerId, Description"

    private func event(_ world: World) async throws -> JSON {
        try await world.org.one("SELECT \(fields) FROM Event")
    }

    // MARK: Reschedules

    @Test("stays one event record through a chain of reschedules")
    func chain() async throws {
        try await withPipeline { world in
            try await world.accept("{}")
            try await world.sync(first.created)
            let id = try await event(world).text("Id")
            try await world.sync(second.rescheduled(from: first))
            try await world.sync(third.rescheduled(from: second))
            let event = try await event(world)
            #expect(event.text("Id") == id)
            #expect(event.text("StartDateTime").hasPrefix("2026-11-13T16:00:00"))
            #expect(event.text("Description").hasSuffix("Cal.com booking third"))
            #expect(try await world.org.count("Contact") == 1)
            try await world.sync(third.cancelled())
            #expect(try await world.org.count("Event") == 0)
        }
    }

    @Test("is one event record when the reschedule arrives before the booking, or without it")
    func rescheduleFirst() async throws {
        try await withPipeline { world in
            try await world.accept("{}")
            let booked = world.now
            world.wait(minutes: 60)
            try await world.sync(second.rescheduled(from: first))
            #expect(try await world.org.count("Event") == 1)
            let report = try await world.sync(first.created.sent(booked))
            #expect(report.summary.hasWrites == false)
            let event = try await event(world)
            #expect(event.text("StartDateTime").hasPrefix("2026-11-12T16:00:00"))
        }
    }

    @Test("is one event record when the middle of the chain arrives last")
    func middleLast() async throws {
        try await withPipeline { world in
            try await world.accept("{}")
            let start = world.now
            world.wait(minutes: 60)
            try await world.sync(first.created.sent(start))
            try await world.sync(third.rescheduled(from: second))
            try await world.sync(
                second.rescheduled(from: first).sent(start.advanced(byMilliseconds: 60_000))
            )
            #expect(try await world.org.count("Event") == 1)
            #expect(try await event(world).text("StartDateTime").hasPrefix("2026-11-13T16:00:00"))
            #expect(try await world.reconcile(.everything).summary.hasWrites == false)
        }
    }

    @Test("stays when the host asks for another time, and moves when it is chosen")
    func rescheduleRequested() async throws {
        try await withPipeline { world in
            try await world.accept(
                #"{"onCancellation":{"attendee":{"Last_Booking_Status__c":"Cancelled"}}}"#
            )
            try await world.sync(first.created)
            let id = try await event(world).text("Id")
            try await world.sync(first.rescheduleRequested)
            #expect(try await event(world).text("Id") == id)
            #expect(
                try await world.contact("Last_Booking_Status__c")["Last_Booking_Status__c"] == .null
            )
            try await world.sync(second.rescheduled(from: first))
            let moved = try await event(world)
            #expect(moved.text("Id") == id)
            #expect(moved.text("StartDateTime").hasPrefix("2026-11-12T16:00:00"))
        }
    }

    @Test("is not shown while it waits for the host, is shown once confirmed, and goes if declined")
    func confirmation() async throws {
        try await withPipeline { world in
            try await world.accept("{}")
            try await world.sync(first.requested)
            #expect(try await world.org.count("Event") == 0)
            try await world.sync(first.created)
            #expect(try await world.org.count("Event") == 1)
            try await world.sync(second.requested, second.rejected)
            #expect(try await world.org.count("Event") == 1)
        }
    }

    // MARK: What people do in Salesforce

    @Test("keeps a subject that a person edited through a reschedule that does not change it")
    func editedSubject() async throws {
        try await withPipeline { world in
            try await world.accept("{}")
            try await world.sync(first.created)
            let id = try await event(world).text("Id")
            try await world.org.change("Event", id, ["Subject": "Ours"])
            world.wait(minutes: 1)
            try await world.sync(second.rescheduled(from: first))
            #expect(try await event(world).text("Subject") == "Ours")
            try await world.sync(third.with { $0.title = "New title" }.rescheduled(from: second))
            #expect(try await event(world).text("Subject") == "New title")
        }
    }

    @Test("is not made again once a person deleted its event record")
    func deletedByPerson() async throws {
        try await withPipeline { world in
            try await world.accept("{}")
            try await world.sync(first.created)
            try await world.org.delete("Event", try await event(world).text("Id"))
            world.wait(minutes: 1)
            try await world.sync(second.rescheduled(from: first))
            #expect(try await world.org.count("Event") == 0)
            #expect(try await world.reconcile(.everything).summary.hasWrites == false)
            #expect(try await world.ledger("record.deleted-by-other").count == 1)
        }
    }

    // MARK: Host and place

    @Test("changes hands with its host")
    func reassigned() async throws {
        try await withPipeline { world in
            try await world.accept("{}")
            try await world.sync(first.created)
            try await world.sync(first.reassigned(to: .tomas))
            let event = try await event(world)
            #expect(
                event.text("OwnerId")
                    == (try await world.org.user("tomas.lindqvist@example.com"))
            )
        }
    }

    @Test("belongs to the integration user when its host has no active user, with the reason")
    func inactiveHost() async throws {
        try await withPipeline { world in
            try await world.accept("{}")
            let host = Meeting.Person(name: "Ivo Gone", email: "ivo.gone@example.com")
            let report = try await world.sync(first.with { $0.organizer = host }.created)
            let event = try await event(world)
            #expect(
                event.text("OwnerId") == (try await world.org.user("integration@daybook.example"))
            )
            let held = report.operations.flatMap(\.fields).filter { $0.outcome == .hold }
            #expect(held.contains { $0.field == "OwnerId" && $0.reason == .noActiveUser })
        }
    }

    @Test("moves to another place")
    func relocated() async throws {
        try await withPipeline { world in
            try await world.accept("{}")
            try await world.sync(first.created)
            try await world.sync(first.relocated(to: "12 High Street, London"))
            #expect(try await event(world).text("Location") == "12 High Street, London")
        }
    }

    // MARK: Seats and series

    private func seat(_ person: Meeting.Person, _ seat: String) -> Meeting {
        first.with {
            $0.seats = 5
            $0.booker = person
            $0.booker.seat = seat
        }
    }

    private func related(_ world: World) async throws -> Int {
        try await world.org.query(
            "SELECT RelationId FROM EventWhoRelation WHERE EventId = '\(try await event(world).text("Id"))'"
        ).count
    }

    @Test("fills up seat by seat, and goes with the last one")
    func seats() async throws {
        try await withPipeline { world in
            try await world.accept("{}")
            let (dana, lee) = (seat(.dana, "s1"), seat(.lee, "s2"))
            try await world.sync(dana.created)
            #expect(try await related(world) == 1)
            try await world.sync(lee.created)
            #expect(try await related(world) == 2)
            try await world.sync(dana.cancelled())
            #expect(try await related(world) == 1)
            let lees = try await world.contact("Id", of: Meeting.Person.lee.email).text("Id")
            #expect(try await world.org.one("SELECT WhoId FROM Event").text("WhoId") == lees)
            try await world.sync(lee.cancelled())
            #expect(try await world.org.count("Event") == 0)
        }
    }

    @Test("is one event record per occurrence of a series, and all later ones go with it")
    func series() async throws {
        try await withPipeline { world in
            try await world.accept("{}")
            let weeks = (1...3).map { week in
                Meeting("week\(week)").with {
                    $0.start = "2026-11-\(10 + 7 * (week - 1))T15:00:00Z"
                    $0.isRecurring = true
                }
            }
            try await world.take(weeks.map(\.created))
            world.wait(minutes: 1)
            try await world.reconcile()
            #expect(try await world.org.count("Event") == 3)
            #expect(try await world.org.count("Contact") == 1)
            try await world.sync(weeks[1].cancelled())
            let left = try await world.org.query("SELECT StartDateTime FROM Event")
            #expect(left.map { $0.text("StartDateTime").prefix(10) } == ["2026-11-10"])
        }
    }

    // MARK: Duplicates

    @Test("is told twice through two subscriptions, and written once")
    func twice() async throws {
        try await withPipeline { world in
            try await world.accept("{}")
            let summary = try await world.deliver(
                first.created,
                first.created,
                first.created.sent(world.now)
            )
            #expect(summary.appended == 1)
            #expect(summary.duplicates == 2)
            #expect(try await world.reconcile().summary.create == 2)
            #expect(try await world.sync(first.created).summary.hasWrites == false)
        }
    }
}

/// Names, addresses and texts as people have them.
@Suite("What people are called")
struct OddInputTests {
    /// A name, and what becomes of it.
    static let names: [(name: String, first: String?, last: String)] = [
        ("Cher", nil, "Cher"), ("Maria da Silva e Costa", "Maria", "da Silva e Costa"),
        ("  Dana   Okafor  ", "Dana", "Okafor"), ("", nil, "-"), ("🦄 Rainbow", "🦄", "Rainbow"),
        ("O'Brien \"Bob\" \\n", "O'Brien", "\"Bob\" \\n"),
    ]

    @Test("splits names without losing a word", arguments: names)
    func split(row: (name: String, first: String?, last: String)) async throws {
        try await withPipeline { world in
            try await world.accept("{}")
            let booking = Meeting().with { $0.booker.name = row.name }
            let report = try await world.sync(booking.created)
            #expect(report.summary.failed == 0)
            let contact = try await world.contact("FirstName, LastName")
            #expect(contact["FirstName"] == .text(row.first))
            #expect(contact.text("LastName") == row.last)
        }
    }

    @Test("cuts what is longer than a field, and does not write it again")
    func long() async throws {
        try await withPipeline { world in
            try await world.accept(
                #"{"onBooking":{"attendee":{"Short__c":"{long}"},"eventRecord":{"Source__c":"{long}"}}}"#
            )
            let long = String(repeating: "ab😀", count: 100)
            let booking = Meeting().with {
                $0.booker.name = "Dana \(long)"
                $0.title = long
                $0.location = long
                $0.answers = ["long": .string(long)]
            }
            let report = try await world.sync(booking.created)
            #expect(report.summary.failed == 0)
            let contact = try await world.contact("LastName, Short__c")
            #expect(long.hasPrefix(contact.text("LastName")))
            #expect(!contact.text("Short__c").isEmpty)
            #expect(contact.text("Short__c").utf16.count <= 10)
            let event = try await world.eventRecord("Subject, Location, Source__c")
            for field in ["Subject", "Location", "Source__c"] {
                #expect(!event.text(field).isEmpty && long.hasPrefix(event.text(field)))
            }
            #expect(try await world.reconcile(.everything).summary.hasWrites == false)
        }
    }

    static let addresses = [
        "o'brien@globex.example", #"back\slash@globex.example"#, "100%_sure@globex.example",
        "a+b.c@globex.example", "_@globex.example", "%@globex.example",
    ]

    @Test("finds people again by any address", arguments: addresses)
    func found(email: String) async throws {
        try await withPipeline { world in
            try await world.accept("{}")
            for other in ["xyz@globex.example", "o-brien@globex.example", "aXb@globex.example"] {
                try await world.org.create(
                    "Contact",
                    ["LastName": "Other", "Email": .string(other)]
                )
            }
            let before = try await world.org.count("Contact")
            let report = try await world.sync(
                Meeting().with { $0.booker.email = email }.created,
                Meeting("b2").with { $0.booker.email = email.uppercased() }.created
            )
            #expect(try await world.org.count("Event") == 2)
            guard report.summary.failed == 0 else { return }
            #expect(try await world.org.count("Contact") == before + 1)
            let who = try await world.org.query("SELECT WhoId FROM Event").map { $0.text("WhoId") }
            #expect(Set(who).count == 1)
        }
    }
}
