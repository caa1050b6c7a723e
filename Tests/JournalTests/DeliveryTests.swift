import Domain
import GRDB
import Ledger
import TestSupport
import Testing

@testable import Journal

@Suite("Deliveries")
struct DeliveryTests {
    let temporary: TemporaryJournal

    init() throws { temporary = try TemporaryJournal() }

    private var journal: Journal { temporary.journal }

    private func facts(_ uid: String = "bk-1") async throws -> Int {
        try await journal.history(ofBooking: .sample(uid))?.facts.count ?? 0
    }

    @Test("with a fact are appended, and the receipt says where")
    func appended() async throws {
        let receipts = try await journal.record([
            .sample(.confirmed(.sample("a"))), .sample(.confirmed(.sample("b"))),
        ])
        #expect(receipts.map(\.verdict) == [.appended, .appended])
        #expect(receipts.map(\.position) == [LedgerPosition(1), LedgerPosition(2)])
        let events = try await journal.events(at: [LedgerPosition(2)])
        #expect(events.map(\.stream) == ["booking-b"])
        #expect(events.map(\.correlation) == ["b"])
        #expect(events.map(\.actor) == ["calcom"])
    }

    @Test("with the same bytes are duplicates, and lead to the first one's event")
    func sameBytes() async throws {
        let delivery = IncomingDelivery.sample(.confirmed(.sample()))
        let receipts = try await journal.record([delivery, delivery]) + journal.record([delivery])
        #expect(receipts.map(\.verdict) == [.appended, .duplicate, .duplicate])
        #expect(receipts.allSatisfy { $0.position == LedgerPosition(1) })
        #expect(try await facts() == 1)
        #expect(try await journal.head().position == 1)
    }

    @Test("with the same meaning in other bytes are duplicates")
    func sameMeaning() async throws {
        let receipts = try await journal.record([
            .sample(.sample(minute: 0), body: "one"), .sample(.sample(minute: 90), body: "two"),
        ])
        #expect(receipts.map(\.verdict) == [.appended, .duplicate])
        #expect(receipts.map(\.position) == [LedgerPosition(1), LedgerPosition(1)])
        #expect(try await journal.head().position == 1)
    }

    @Test("that repeat others are counted, and their bodies kept once")
    func keptOnce() async throws {
        for body in ["one", "two", "two", "one", "two"] {
            try await journal.record([.sample(.sample(), body: body)])
        }
        #expect(try await journal.deliveryCounts() == [.appended: 1, .duplicate: 4])
        #expect(try await temporary.number("SELECT count(sealed) FROM delivery") == 2)
    }

    @Test("are counted by what became of them")
    func counts() async throws {
        try await journal.record([
            .sample(.confirmed(.sample("a"))), .sample(.confirmed(.sample("b"))),
            .sample(.confirmed(.sample("b"))), .sample(.noted, body: "ping"),
            .sample(.noted, body: "ping"), .sample(.unrecognised, body: "new"),
            .sample(.rejected, body: "{"), .sample(.forged, body: "forged"),
            .sample(.forged, body: "forged"),
        ])
        #expect(
            try await journal.deliveryCounts() == [
                .appended: 2, .duplicate: 2, .noted: 1, .unrecognised: 1, .rejected: 1, .forged: 2,
            ]
        )
        #expect(try await journal.deliveryCounts().keys.count == DeliveryVerdict.allCases.count)
    }

    /// Which deliveries the history shows.
    @Test(
        "of some verdicts leave an event",
        arguments: [
            (DeliveryVerdict.noted, true), (.unrecognised, true), (.rejected, false),
            (.forged, false),
        ]
    )
    func events(verdict: DeliveryVerdict, isShown: Bool) async throws {
        let receipt = try await journal.record([.sample(verdict, body: "text")])[0]
        #expect(receipt.verdict == verdict)
        #expect((receipt.position != nil) == isShown)
        let events = try await journal.ledger.events(after: 0, limit: 10)
        #expect(events.map(\.type) == (isShown ? ["delivery.noted"] : []))
    }

    @Test("that were forged do not stand in the way of the genuine one")
    func forgedFirst() async throws {
        var forged = IncomingDelivery.sample(.confirmed(.sample()), body: "body")
        (forged.verdict, forged.facts) = (.forged, [])
        let genuine = IncomingDelivery.sample(.confirmed(.sample()), body: "body")
        let receipts = try await journal.record([forged, genuine, forged, genuine])
        #expect(receipts.map(\.verdict) == [.forged, .appended, .forged, .duplicate])
    }

    @Test("that were forged are kept up to a bound, and counted beyond it")
    func forgedBound() async throws {
        let bound = IntakeTransaction.mostForged
        try await journal.record((0..<bound + 5).map { .sample(.forged, body: "forged \($0)") })
        #expect(try await journal.deliveryCounts() == [.forged: bound + 5])
        #expect(try await temporary.number("SELECT count(*) FROM delivery") == bound)
        try await journal.record([.sample(.rejected, body: "still kept")])
        #expect(try await temporary.number("SELECT count(*) FROM delivery") == bound + 1)
    }

    @Test("are recorded all or none")
    func atomic() async throws {
        let raw = try DatabaseQueue(path: temporary.path)
        try await raw.write { db in
            try db.execute(
                sql: """
                    CREATE TRIGGER trouble BEFORE INSERT ON participation WHEN NEW.uid = 'b'
                    BEGIN SELECT RAISE(ABORT, 'trouble'); END
                    """
            )
        }
        await #expect(throws: LedgerError.self) {
            try await journal.record([
                .sample(.confirmed(.sample("a"))), .sample(.confirmed(.sample("b"))),
            ])
        }
        #expect(try await journal.head().position == 0)
        #expect(try await journal.deliveryCounts().isEmpty)
        #expect(try await temporary.dirtyRoots().isEmpty)
        try await raw.write { db in try db.execute(sql: "DROP TRIGGER trouble") }
        let receipts = try await journal.record([.sample(.confirmed(.sample("b")))])
        #expect(receipts.map(\.verdict) == [.appended])
    }

    @Test("tell all their facts, and are new if one of them is")
    func severalFacts() async throws {
        let first = IncomingDelivery.sample(.confirmed(.sample("a")))
        let second = IncomingDelivery.sample(.confirmed(.sample("b")))
        try await journal.record([first])
        let both = IncomingDelivery.sample(
            .appended,
            body: "both",
            facts: first.facts + second.facts
        )
        let receipts = try await journal.record([both])
        #expect(receipts.map(\.verdict) == [.appended])
        #expect(try await facts("a") == 1)
        #expect(try await facts("b") == 1)
    }

    @Test("open as they were kept, and a changed one is found")
    func verification() async throws {
        try await journal.record([
            .sample(.confirmed(.sample())), .sample(.forged, body: "forged"),
            .sample(.rejected, body: ""),
        ])
        #expect(try await journal.verifyDeliveries().isEmpty)
        let raw = try DatabaseQueue(path: temporary.path)
        try await raw.write { db in
            try db.execute(sql: "UPDATE delivery SET digest = zeroblob(32) WHERE id = 2")
            try db.execute(sql: "UPDATE delivery SET sealed = zeroblob(40) WHERE id = 3")
        }
        #expect(
            try await journal.verifyDeliveries() == [
                "the kept body of delivery 2 was changed",
                "the kept body of delivery 3 was changed",
            ]
        )
    }
}

@Suite("Facts that can recur")
struct RecurringFactTests {
    let temporary: TemporaryJournal

    init() throws { temporary = try TemporaryJournal() }

    /// Facts with the minute at which each happened, in order of arrival.
    struct Example: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var facts: [(BookingFact, minute: Int)]
        var verdicts: [DeliveryVerdict]

        init(
            _ description: String,
            _ facts: [(BookingFact, minute: Int)],
            _ verdicts: [DeliveryVerdict]
        ) {
            (testDescription, self.facts, self.verdicts) = (description, facts, verdicts)
        }
    }

    private static let mark = BookingFact.attendance(.sample(isNoShow: true))
    private static let unmark = BookingFact.attendance(.sample(isNoShow: false))

    private static let booked = BookingFact.confirmed(.sample { $0.seatsPerSlot = 5 })
    private static let gaveUp = BookingFact.cancelled(
        .sample { $0.seatsPerSlot = 5 },
        Cancellation(kind: .seat)
    )

    private static func seat(_ seat: String, _ email: String) -> BookingFact {
        .confirmed(.sample(attendees: [email]) { ($0.seatsPerSlot, $0.seat) = (5, seat) })
    }

    private static func moved(_ uid: String, from old: String, hour: Int) -> BookingFact {
        .rescheduled(
            .sample(uid) {
                $0.seatsPerSlot = 5
                $0.slot = TimeSlot(start: .minute(hour * 60), end: .minute(hour * 60 + 30))
            },
            from: Predecessor(uid: .sample(old))
        )
    }

    static let examples = [
        Example(
            "a meeting with seats moved to another time, back, and there again",
            [
                (moved("bk-1", from: "bk-1", hour: 5), 0),
                (moved("bk-1", from: "bk-1", hour: 3), 10),
                (moved("bk-1", from: "bk-1", hour: 5), 20),
                (moved("bk-1", from: "bk-1", hour: 5), 21),
            ],
            [.appended, .appended, .appended, .duplicate]
        ),
        Example(
            "a seat moved away, back, and away again",
            [
                (moved("bk-1", from: "bk-2", hour: 5), 0),
                (moved("bk-2", from: "bk-1", hour: 5), 10),
                (moved("bk-1", from: "bk-2", hour: 5), 20),
            ],
            [.appended, .appended, .appended]
        ),
        Example("a mark told twice at once", [(mark, 0), (mark, 1)], [.appended, .duplicate]),
        Example(
            "a mark told at the last moment",
            [(mark, 0), (mark, 2)],
            [.appended, .duplicate]
        ),
        Example("a mark told before itself", [(mark, 2), (mark, 0)], [.appended, .duplicate]),
        Example(
            "marked, taken back and marked again",
            [(mark, 0), (unmark, 10), (mark, 20)],
            [.appended, .appended, .appended]
        ),
        Example(
            "marked, taken back and marked again, all told twice",
            [(mark, 0), (mark, 0), (unmark, 10), (unmark, 10), (mark, 20), (mark, 20)],
            [.appended, .duplicate, .appended, .duplicate, .appended, .duplicate]
        ),
        Example(
            "marked again before it was told that it had been taken back",
            [(mark, 0), (mark, 20), (unmark, 10)],
            [.appended, .appended, .appended]
        ),
        Example(
            "marked again, and the first mark told last",
            [(mark, 20), (unmark, 10), (mark, 0)],
            [.appended, .appended, .appended]
        ),
        Example(
            "a seat booked, given up and booked again by the same person",
            [(booked, 0), (gaveUp, 10), (booked, 20)],
            [.appended, .appended, .appended]
        ),
        Example(
            "two seats of two people",
            [(seat("s1", "ada@acme.example"), 0), (seat("s2", "bo@acme.example"), 0)],
            [.appended, .appended]
        ),
        Example(
            "one seat told twice, much later",
            [(seat("s1", "ada@acme.example"), 0), (seat("s1", "ada@acme.example"), 500)],
            [.appended, .duplicate]
        ),
        Example(
            "two seats of one person",
            [(seat("s1", "ada@acme.example"), 0), (seat("s2", "ada@acme.example"), 0)],
            [.appended, .appended]
        ),
    ]

    @Test("are told apart by when they happened", arguments: examples)
    func recurrence(example: Example) async throws {
        let deliveries = example.facts.enumerated().map { number, fact in
            IncomingDelivery.sample(.sample(fact.0, minute: fact.minute), body: "body \(number)")
        }
        let receipts = try await temporary.journal.record(deliveries)
        #expect(receipts.map(\.verdict) == example.verdicts)
        let history = try await temporary.journal.history(ofBooking: .sample())
        #expect(history?.facts.count == example.verdicts.count { $0 == .appended })
    }

    @Test("of a routing form are told apart by when they happened, person by person")
    func forms() async throws {
        func answered(_ email: String, minute: Int) -> IncomingDelivery {
            let form = FormSubmission(
                form: "f1",
                name: nil,
                response: nil,
                answers: ["topic": .text("Routing"), "email": .text(email)],
                submitter: .sample(email)
            )
            return .sample(.formSubmitted(form), minute: minute)
        }
        let receipts = try await temporary.journal.record([
            answered("ada@acme.example", minute: 0), answered("bo@acme.example", minute: 0),
            answered("ada@acme.example", minute: 1), answered("ada@acme.example", minute: 3_000),
            answered("ada@acme.example", minute: 3_001),
        ])
        let expected: [DeliveryVerdict] = [
            .appended, .appended, .duplicate, .appended, .duplicate,
        ]
        #expect(receipts.map(\.verdict) == expected)
    }
}
