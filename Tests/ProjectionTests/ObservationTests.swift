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
}
