import Domain
import Projection
import Testing

@Suite("An observation")
struct ObservationTests {
    /// What was found, and the facts that deliveries would have told.
    struct Row: CustomTestStringConvertible, Sendable {
        var observation: Observation
        var facts: [String]
        var testDescription: String {
            "\(observation.status.rawValue): \(observation.gaps.map(\.rawValue))"
        }

        init(
            _ status: Observation.Status,
            _ gaps: [Observation.Gap],
            _ facts: [String],
            _ change: (inout Observation) -> Void = { _ in }
        ) {
            observation = Observation(status: status, gaps: gaps)
            self.facts = facts
            change(&observation)
        }
    }

    static let rows = [
        Row(.accepted, [.booking], ["confirmed"]),
        Row(.accepted, [.booking], ["rescheduled"]) { $0.predecessor = "bk-0" },
        Row(.pending, [.booking], ["requested"]),
        Row(.cancelled, [.booking], ["cancelled"]),
        Row(.cancelled, [.booking], ["confirmed"]) { $0.successor = "bk-2" },
        Row(.rejected, [.booking], ["rejected"]),
        Row(.cancelled, [.link], []) { $0.successor = "bk-2" },
        Row(.accepted, [.confirmation], ["confirmed"]),
        Row(.cancelled, [.cancellation], ["cancelled"]) {
            $0.cancellation = Cancellation(kind: .booking)
        },
        Row(.rejected, [.rejection], ["rejected"]),
        Row(.accepted, [.host], ["reassigned"]), Row(.accepted, [.guests], ["relocated"]),
        Row(.accepted, [.place], ["relocated"]), Row(.accepted, [.time], ["rescheduled"]),
        Row(.accepted, [.host, .guests, .time, .place], ["rescheduled"]),
        Row(.accepted, [.attendance], ["attendance"]) {
            $0.marks = [.init(party: .ada, isHost: false, isNoShow: true)]
        },
    ]

    @Test("means what deliveries would have told", arguments: rows)
    func meanings(row: Row) {
        var booking = Booking(uid: "bk-1")
        booking.attendees = [.ada]
        let facts = row.observation.meanings(of: booking).map { fact -> String in
            switch fact {
            case .requested: "requested"
            case .confirmed: "confirmed"
            case .rescheduled: "rescheduled"
            case .reassigned: "reassigned"
            case .relocated: "relocated"
            case .cancelled: "cancelled"
            case .rejected: "rejected"
            case .attendance: "attendance"
            default: "something else"
            }
        }
        #expect(facts == row.facts)
    }

    @Test("takes each seat that was left back as its own person's")
    func leavers() {
        var booking = Booking(uid: "bk-1")
        booking.seatsPerSlot = 3
        var observation = Observation(status: .accepted, gaps: [.guests])
        observation.leavers = [.sample("cyd", seat: "s3"), .sample("ben", seat: "s2")]
        let facts = observation.meanings(of: booking)
        #expect(facts.compactMap { $0.booking?.attendees.map(\.seat) } == [["s3"], ["s2"]])
        #expect(
            facts.compactMap { $0.booking?.bookerEmail } == [
                "cyd@acme.example", "ben@acme.example",
            ]
        )
    }

    @Test("gives each seat that was taken a booker, and takes back the one that was left")
    func seats() {
        var booking = Booking(uid: "bk-1")
        booking.seatsPerSlot = 2
        booking.attendees = [.sample("ada", seat: "s1"), .sample("ben", seat: "s2")]
        var observation = Observation(status: .accepted, gaps: [.guests])
        observation.leavers = [.sample("cyd", seat: "s3")]
        let facts = observation.meanings(of: booking)
        #expect(facts.compactMap { $0.booking?.attendees.map(\.seat) } == [["s1"], ["s2"], ["s3"]])
        #expect(facts.prefix(2).compactMap { $0.booking?.bookerEmail?.rawValue }.count == 2)
        guard case .cancelled(_, let how)? = facts.last else {
            Issue.record("nobody left")
            return
        }
        #expect(how.kind == .seat)
    }

    @Test("comes after a series that ended the booking, when it says that the booking goes on")
    func afterSeries() {
        let ended = RecordedFact.at(
            30,
            position: 20,
            .cancelled(.sample("other", at: 500), Cancellation(kind: .series))
        )
        let history = AppointmentHistory.sample(
            [(1, .confirmed(.sample()))],
            created: ["bk1": .minute(1)],
            series: [SeriesCancellation(fact: ended, namedBookingCreated: .minute(1))]
        )
        let standing = BookingStanding(of: "bk1", in: history)
        #expect(standing.isCancelledBySeries)
        #expect(standing.latest == .minute(30))
    }

    @Test("knows a meeting that was given up from one that all known seats were taken away from")
    func leftByAll() {
        let seat = Booking.seat("ada")
        let taken = BookingStanding(
            of: "bk1",
            in: .sample([(1, .confirmed(seat)), (2, .cancelled(seat, Cancellation(kind: .seat)))])
        )
        let given = BookingStanding(
            of: "bk1",
            in: .sample([(1, .confirmed(seat)), (2, .cancelled(seat))])
        )
        #expect(taken.status == .cancelled && taken.isLeftByAll)
        #expect(given.status == .cancelled && !given.isLeftByAll)
    }
}
