import Domain
import Journal
import Ledger
import TestSupport
import Testing

@Suite("Histories")
struct HistoryTests {
    let temporary: TemporaryJournal

    init() throws { temporary = try TemporaryJournal() }

    private var journal: Journal { temporary.journal }

    private func history(_ uid: String) async throws -> AppointmentHistory {
        try #require(try await journal.history(ofBooking: .sample(uid)))
    }

    @Test("of a booking nobody heard of do not exist")
    func unknown() async throws {
        #expect(try await journal.history(ofBooking: .sample("x")) == nil)
        #expect(try await journal.histories(of: [.sample("x")]).isEmpty)
        #expect(try await journal.person(.sample()) == nil)
    }

    @Test("read together are those read one by one, in the order asked for")
    func together() async throws {
        try await temporary.record(
            .confirmed(.sample("a", attendees: ["ada@acme.example"])),
            .confirmed(.sample("b", attendees: ["bo@acme.example"])),
            .rescheduled(.sample("c"), from: Predecessor(uid: .sample("a"))),
            .rescheduled(.sample("d"), from: Predecessor(uid: .sample("c"))),
            .confirmed(.sample("e", attendees: ["ada@acme.example", "bo@acme.example"]))
        )
        let asked: [AppointmentID] = [
            .sample("e"), .sample("x"), .sample("a"), .sample("b"), .sample("a"),
        ]
        let together = try await journal.histories(of: asked)
        #expect(together.map(\.appointment) == asked.filter { $0 != .sample("x") })
        for history in together {
            #expect(try await journal.histories(of: [history.appointment]) == [history])
        }
        #expect(together[1].uids == [.sample("a"), .sample("c"), .sample("d")])
        #expect(together[1].facts.map(\.position.rawValue) == [1, 3, 4])
    }

    @Test("have every fact of the chain, with when it happened and when it was recorded")
    func times() async throws {
        temporary.clock.set(.minute(100))
        try await journal.record([.sample(.confirmed(.sample("a")), minute: 5)])
        temporary.clock.set(.minute(200))
        // Told late: it happened before.
        let earlier = BookingFact.requested(.sample("a"), replacing: nil)
        try await journal.record([.sample(earlier, minute: 1)])
        let facts = try await history("a").facts
        #expect(facts.map(\.position.rawValue) == [1, 2])
        #expect(facts.map(\.occurred) == [.minute(5), .minute(1)])
        #expect(facts.map(\.recorded) == [.minute(100), .minute(200)])
        let order = facts.sorted(by: RecordedFact.happenedEarlier).map(\.position.rawValue)
        #expect(order == [2, 1])
    }

    @Test("give people back with the surrogates that look-ups by address give")
    func people() async throws {
        try await temporary.record(.confirmed(.full))
        let booking = try #require(try await history("bk-1").facts.first?.fact.booking)
        let ada = try #require(try await journal.person(.sample("ada@acme.example")))
        #expect(booking.attendees.first?.person == ada)
        #expect(booking.attendees.first?.name == "Ada Park")
        #expect(booking.title == "Demo")
        #expect(try await journal.appointments(of: ada) == [.sample()])
        let host = try #require(try await journal.person(.sample("hannah@daybook.example")))
        #expect(try await journal.appointments(of: host).isEmpty, "hosts are no attendees")
    }

    @Test("are found by the people who take part, without those that are known")
    func related() async throws {
        try await temporary.record(
            .confirmed(.sample("a", attendees: ["ada@acme.example", "bo@acme.example"])),
            .confirmed(.sample("b", attendees: ["bo@acme.example", "cy@acme.example"])),
            .confirmed(.sample("c", attendees: ["cy@acme.example"])),
            .confirmed(.sample("d", attendees: ["di@acme.example"]))
        )
        let bo = try #require(try await journal.person(.sample("bo@acme.example")))
        let cy = try #require(try await journal.person(.sample("cy@acme.example")))
        func found(_ people: Set<PersonID>, besides: [AppointmentID]) async throws -> [String] {
            try await journal.appointments(of: people, besides: besides).map(\.root.rawValue)
        }
        #expect(try await found([bo], besides: [.sample("a")]) == ["b"])
        #expect(try await found([bo, cy], besides: []) == ["a", "b", "c"])
        let earlier = try await journal.someAppointments(of: [bo, cy], before: .sample("b"))
        #expect(earlier == [.sample("a")], "of cy there is none before")
        let read = try await journal.histories(of: [.sample("c"), .sample("x"), .sample("a")])
        #expect(read.map(\.appointment) == [.sample("c"), .sample("a")])
    }

    @Test("of a moved seat are told of in both bookings")
    func seatMove() async throws {
        let (from, to) = (
            Booking.sample("a") { $0.seatsPerSlot = 5 }, Booking.sample("b") { $0.seatsPerSlot = 5 }
        )
        try await temporary.record(
            .confirmed(from),
            .rescheduled(to, from: Predecessor(uid: .sample("a")))
        )
        #expect(try await history("a").facts.map(\.position.rawValue) == [1, 2])
        #expect(try await history("b").facts.map(\.position.rawValue) == [2])
    }

    @Test("know the forms that their attendees answered, whenever that was")
    func forms() async throws {
        func form(_ email: String, _ response: Int) -> FormSubmission {
            FormSubmission(
                form: "f",
                name: nil,
                response: response,
                answers: ["size": .text("10")],
                submitter: .sample(email)
            )
        }
        try await temporary.record(
            .formSubmitted(form("ada@acme.example", 1)),
            .confirmed(.sample("a")),
            .formAbandoned(form("ada@acme.example", 2)),
            .formSubmitted(form("bo@acme.example", 3))
        )
        let forms = try await history("a").forms
        #expect(forms.map(\.position.rawValue) == [1, 3])
        #expect(try await history("a").facts.map(\.position.rawValue) == [2])
    }

    private func occurrence(
        _ uid: String,
        made: Int,
        email: String = "ada@acme.example",
        interval: Int = 1
    ) -> Booking {
        .sample(uid, attendees: [email]) { booking in
            booking.recurrence = Recurrence(frequency: 2, interval: interval, count: 4)
            booking.created = .minute(made)
        }
    }

    @Test("of every occurrence of a series know that the series was cancelled")
    func seriesCancellation() async throws {
        try await temporary.record(
            .confirmed(occurrence("a", made: 0)),
            .confirmed(occurrence("b", made: 0)),
            .confirmed(occurrence("other-pattern", made: 0, interval: 2)),
            .confirmed(occurrence("other-person", made: 0, email: "bo@acme.example")),
            .confirmed(.sample("alone"))
        )
        try await temporary.settleAll()
        try await temporary.record(
            .cancelled(occurrence("b", made: 0), Cancellation(kind: .series))
        )
        for uid in ["a", "b"] {
            let found = try await history(uid).seriesCancellations
            #expect(found.map(\.fact.position.rawValue) == [6])
            #expect(found.map(\.namedBookingCreated) == [.minute(0)])
        }
        for uid in ["other-pattern", "other-person", "alone"] {
            #expect(try await history(uid).seriesCancellations.isEmpty)
        }
        #expect(try await temporary.dirtyRoots() == ["a", "b"])
    }

    @Test("of an occurrence that is told after the cancellation know of it, too")
    func lateOccurrence() async throws {
        try await temporary.record(
            .cancelled(occurrence("a", made: 0), Cancellation(kind: .series)),
            .confirmed(occurrence("b", made: 0))
        )
        #expect(try await history("b").seriesCancellations.count == 1)
    }

    @Test("are the same after the file was closed and opened")
    func reopened() async throws {
        try await temporary.record(.confirmed(.full), .confirmed(.sample("b")))
        let before = try await journal.histories(of: [.sample("bk-1"), .sample("b")])
        let again = try temporary.reopened()
        let after = try await again.journal.histories(of: [.sample("bk-1"), .sample("b")])
        #expect(before == after && before.count == 2)
        #expect(try await again.journal.appointments() == [.sample("b"), .sample("bk-1")])
        #expect(try await again.journal.ledger.verify().isSound)
    }
}

@Suite("Appointments that wait for a run")
struct DirtyAppointmentTests {
    let temporary: TemporaryJournal

    init() throws { temporary = try TemporaryJournal() }

    private var journal: Journal { temporary.journal }

    @Test("come oldest first, as many as asked for")
    func order() async throws {
        try await temporary.record(["c", "a", "b"].map { .confirmed(.sample($0)) })
        let found = try await journal.dirtyAppointments(limit: 2).map(\.root.rawValue)
        #expect(found == ["c", "a"])
        #expect(try await journal.dirtyCount() == 3)
    }

    @Test("wait no longer once they were dealt with")
    func settled() async throws {
        try await temporary.record(.confirmed(.sample("a")), .confirmed(.sample("b")))
        try await journal.settle([.sample("a")], readAt: LedgerPosition(2))
        #expect(try await temporary.dirtyRoots() == ["b"])
    }

    @Test("go on waiting when something came in since they were read")
    func cameInSince() async throws {
        try await temporary.record(.confirmed(.sample("a")))
        let read = LedgerPosition(try await journal.head().position)
        try await temporary.record(
            .confirmed(.sample("b")),
            .cancelled(.sample("a"), Cancellation(kind: .booking))
        )
        try await journal.settle([.sample("a"), .sample("b")], readAt: read)
        #expect(try await temporary.dirtyRoots() == ["a", "b"])
        let head = LedgerPosition(try await journal.head().position)
        try await journal.settle([.sample("a")], readAt: head)
        #expect(try await temporary.dirtyRoots() == ["b"])
    }

    @Test("do not wait again for a duplicate")
    func duplicate() async throws {
        try await temporary.record(.confirmed(.sample("a")))
        try await temporary.settleAll()
        try await journal.record([.sample(.sample(.confirmed(.sample("a")), minute: 7), body: "x")])
        #expect(try await temporary.dirtyRoots().isEmpty)
    }

    @Test("can be named, or be all there are")
    func marked() async throws {
        try await temporary.record(["a", "b", "c"].map { .confirmed(.sample($0)) })
        try await temporary.settleAll()
        try await journal.markDirty([.sample("b")])
        #expect(try await temporary.dirtyRoots() == ["b"])
        try await journal.markDirty()
        #expect(try await temporary.dirtyRoots() == ["a", "b", "c"])
    }
}
