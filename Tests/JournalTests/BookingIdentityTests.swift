import Domain
import Journal
import TestSupport
import Testing

@Suite("Identity of bookings")
struct BookingIdentityTests {
    let temporary: TemporaryJournal

    init() throws { temporary = try TemporaryJournal() }

    /// What is told of bookings `a`, `b`, …, and to which appointment each belongs.
    struct Example: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// The facts; the closure names a booking.
        var facts: @Sendable ((String) -> BookingUID) -> [BookingFact]
        /// The bookings of each appointment, the root first, each behind its predecessor.
        var appointments: [[String]]

        init(
            _ description: String,
            _ appointments: [[String]],
            _ facts: @escaping @Sendable ((String) -> BookingUID) -> [BookingFact]
        ) {
            (testDescription, self.appointments, self.facts) = (description, appointments, facts)
        }
    }

    static let examples = [
        Example("a booking alone", [["a"]]) { [.confirmed(booking($0("a")))] },
        Example("a booking and its successor", [["a", "b"]]) {
            [.confirmed(booking($0("a"))), moved($0("b"), from: $0("a"))]
        },
        Example("a chain of four", [["a", "b", "c", "d"]]) {
            [
                .confirmed(booking($0("a"))), moved($0("b"), from: $0("a")),
                moved($0("c"), from: $0("b")), moved($0("d"), from: $0("c")),
            ]
        },
        Example("a chain without its first delivery", [["a", "b", "c"]]) {
            [moved($0("b"), from: $0("a")), moved($0("c"), from: $0("b"))]
        },
        Example("a chain without the delivery in the middle", [["a"], ["b", "c"]]) {
            [.confirmed(booking($0("a"))), moved($0("c"), from: $0("b"))]
        },
        Example("a request in place of a booking", [["a", "b"]]) {
            [
                .confirmed(booking($0("a"))),
                .requested(booking($0("b")), replacing: Predecessor(uid: $0("a"))),
                .confirmed(booking($0("b"))),
            ]
        },
        Example("a meeting that started knows its predecessor", [["a", "b"]]) {
            [
                .confirmed(booking($0("a"))), .meetingStarted(booking($0("b")), from: $0("a")),
                .meetingEnded(booking($0("b")), from: $0("a")),
            ]
        },
        Example("another host, another place", [["a"]]) {
            [
                .confirmed(booking($0("a"))), .reassigned(booking($0("a"))),
                .relocated(booking($0("a")), previously: nil),
            ]
        },
        Example("moved in place, under the same uid", [["a"]]) {
            [.confirmed(booking($0("a"))), moved($0("a"), from: $0("a"))]
        },
        Example("cancelled to be moved, and moved", [["a", "b"]]) {
            [
                .confirmed(booking($0("a"))),
                .cancelled(booking($0("a")), Cancellation(kind: .rescheduleRequested)),
                moved($0("b"), from: $0("a")),
            ]
        },
        Example("a seat that moved leaves the others where they are", [["a"], ["b"]]) {
            [.confirmed(seated($0("a"))), .rescheduled(seated($0("b")), from: .init(uid: $0("a")))]
        },
        Example("two chains", [["a", "b"], ["c", "d"]]) {
            [
                .confirmed(booking($0("a"))), moved($0("b"), from: $0("a")),
                .confirmed(booking($0("c"))), moved($0("d"), from: $0("c")),
            ]
        },
        Example("a booking moved twice by two people at once", [["a", "b", "c"]]) {
            [
                .confirmed(booking($0("a"))), moved($0("b"), from: $0("a")),
                moved($0("c"), from: $0("a")),
            ]
        },
        Example("a no-show of a booking nobody heard of", [["a"]]) {
            [.attendance(.sample($0("a").rawValue))]
        },
    ]

    @Test("does not depend on the order of arrival", arguments: examples)
    func everyOrder(example: Example) async throws {
        for (number, order) in Self.orders(of: example.facts { .sample($0) }.count).enumerated() {
            let name = { @Sendable (letter: String) in "\(number)-\(letter)" }
            let facts = example.facts { .sample(name($0)) }
            // What happened when stays as it was; only the arrival changes.
            try await temporary.journal.record(
                order.map { .sample(.sample(facts[$0], minute: $0), body: "\(number) \($0)") }
            )
            for uids in example.appointments.map({ $0.map(name) }) {
                for uid in uids {
                    let history = try await temporary.journal.history(ofBooking: .sample(uid))
                    #expect(history?.appointment.root.rawValue == uids[0], "\(uid), order \(order)")
                    #expect(history?.uids.map(\.rawValue) == uids, "\(uid), order \(order)")
                }
            }
            let roots = example.appointments.map { name($0[0]) }
            #expect(try await temporary.dirtyRoots() == roots.sorted(), "order \(order)")
            try await temporary.settleAll()
        }
    }

    @Test("follows a chain of a hundred, told backwards")
    func longChain() async throws {
        let facts = (1...100).reversed().map { number in
            Self.moved(.sample("bk-\(number)"), from: .sample("bk-\(number - 1)"))
        }
        try await temporary.record(facts)
        let history = try await temporary.journal.history(ofBooking: .sample("bk-50"))
        #expect(history?.uids.map(\.rawValue) == (0...100).map { "bk-\($0)" })
        #expect(history?.facts.count == 100)
        #expect(try await temporary.dirtyRoots() == ["bk-0"])
    }

    @Test("of a circle is one appointment, with every booking in it")
    func circle() async throws {
        try await temporary.record(
            Self.moved(.sample("a"), from: .sample("c")),
            Self.moved(.sample("b"), from: .sample("a")),
            Self.moved(.sample("c"), from: .sample("b"))
        )
        let history = try await temporary.journal.history(ofBooking: .sample("a"))
        #expect(history?.uids.map(\.rawValue).sorted() == ["a", "b", "c"])
        #expect(try await temporary.dirtyRoots().count == 1)
    }

    @Test("keeps the first of two predecessors")
    func secondPredecessor() async throws {
        try await temporary.record(
            Self.moved(.sample("c"), from: .sample("a")),
            Self.moved(.sample("c"), from: .sample("b"))
        )
        #expect(try await temporary.root("c") == "a")
        #expect(try await temporary.root("b") == "b")
    }

    @Test("lets what waits for an appointment wake it under its new name")
    func failureFollows() async throws {
        try await temporary.record(.confirmed(Self.booking(.sample("b"))))
        let failed = OperationResult(
            operation: .sample(.create, "b"),
            outcome: .failed(.sample(nextTry: .minute(10))),
            record: nil
        )
        try await temporary.journal.receive([failed], run: "r1")
        try await temporary.record(Self.moved(.sample("b"), from: .sample("a")))
        try await temporary.settleAll()
        try await temporary.journal.wakeDueFailures(now: .minute(10))
        #expect(try await temporary.dirtyRoots() == ["a"])
    }

    @Test("remembers when each booking was made, by the earliest that is known")
    func created() async throws {
        var second = Self.booking(.sample("b"))
        second.created = .minute(-7)
        try await temporary.journal.record([
            .sample(.confirmed(Self.booking(.sample("a"))), minute: 5),
            .sample(.requested(Self.booking(.sample("a")), replacing: nil), minute: 3),
            .sample(.cancelled(Self.booking(.sample("a")), .init(kind: .booking)), minute: 1),
            .sample(.rescheduled(second, from: .init(uid: .sample("a"))), minute: 9),
        ])
        let history = try await temporary.journal.history(ofBooking: .sample("a"))
        #expect(history?.created == [.sample("a"): .minute(3), .sample("b"): .minute(-7)])
    }

    @Test("does not take a move in place for the moment at which the booking was made")
    func movedInPlace() async throws {
        try await temporary.journal.record([
            .sample(Self.moved(.sample("a"), from: .sample("a")), minute: 5)
        ])
        let before = try await temporary.journal.history(ofBooking: .sample("a"))
        #expect(before?.created == [:])
        try await temporary.journal.record([
            .sample(.confirmed(Self.booking(.sample("a"))), minute: 2, body: "late")
        ])
        let after = try await temporary.journal.history(ofBooking: .sample("a"))
        #expect(after?.created == [.sample("a"): .minute(2)])
    }

    // MARK: Facts

    private static func booking(_ uid: BookingUID) -> Booking { .sample(uid.rawValue) }

    private static func seated(_ uid: BookingUID) -> Booking {
        .sample(uid.rawValue) { $0.seatsPerSlot = 5 }
    }

    private static func moved(_ uid: BookingUID, from predecessor: BookingUID) -> BookingFact {
        .rescheduled(booking(uid), from: Predecessor(uid: predecessor))
    }

    /// All orders of so many things.
    private static func orders(of count: Int) -> [[Int]] {
        guard count > 0 else { return [[]] }
        return orders(of: count - 1).flatMap { order in
            (0...order.count).map { place in
                var longer = order
                longer.insert(count - 1, at: place)
                return longer
            }
        }
    }
}
