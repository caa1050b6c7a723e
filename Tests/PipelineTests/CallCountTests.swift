import Domain
import Foundation
import Pipeline
import Salesforce
import Testing

@Suite("API calls")
struct CallCountTests {
    private static let settings = """
        {"attendeeRecord":"contact","onBooking":{\
        "eventRecord":{"Booking_Uid__c":"{booking_uid}","Is_Demo__c":true},\
        "attendee":{"Last_Booking_Status__c":"Booked",\
        "Last_Demo__c":{"value":"booking_start_date","type":"date"}}}}
        """

    private func bookings(_ count: Int) -> [Delivery] {
        (0..<count).map { number in
            Meeting("booking-\(number)").with {
                $0.booker = .init(
                    name: "Guest \(number)",
                    email: "guest.\(number)@company-\(number % 50).example"
                )
            }.created
        }
    }

    static let sizes: [(bookings: Int, calls: Int)] = [(1, 3), (200, 8), (2_000, 16)]

    @Test("are few for new people's bookings, and none when nothing is new", arguments: sizes)
    func calls(bookings count: Int, calls most: Int) async throws {
        try await withPipeline { world in
            try await world.accept(Self.settings)
            try await world.take(bookings(count))
            world.wait(minutes: 1)
            try await world.org.resetCounters()
            let report = try await world.reconcile()
            #expect(report.summary.create == 2 * count)
            #expect(report.summary.failed == 0)
            let calls = try await world.org.apiCalls
            #expect(calls <= most)
            #expect(report.summary.apiCalls == calls)
            #expect(try await world.org.count("Contact") == count)
            #expect(try await world.org.count("Event") == count)
            print("\(count) bookings of new people: \(calls) API calls")

            try await world.org.resetCounters()
            let second = try await world.reconcile()
            #expect(second.summary.hasWrites == false)
            #expect(try await world.org.apiCalls == 0)

            let sweep = try await world.reconcile(.everything)
            #expect(sweep.summary.hasWrites == false)
            #expect(try await world.org.writes == 0)
            let plan = try await world.plan(.everything)
            #expect(plan.summary.hasWrites == false)
        }
    }

    /// How many bookings of new people are written, and in which way.
    static let ways: [(bookings: Int, paths: WritePaths, most: Int)] = [
        // Only through the REST API.
        (bookings: 10_000, paths: WritePaths(threshold: nil), most: 60),
        // Through jobs; a window of a run has 2,000 bookings.
        (bookings: 4_000, paths: WritePaths(threshold: 1_000), most: 34),
    ]

    @Test("of 10,000 bookings are at most 60, and on either path as the plan said", arguments: ways)
    func many(way: (bookings: Int, paths: WritePaths, most: Int)) async throws {
        try await withPipeline { world in
            world.paths = way.paths
            try await world.accept(Self.settings)
            try await world.take(bookings(way.bookings))
            world.wait(minutes: 1)
            let plan = try await world.plan()
            try await world.org.resetCounters()
            let report = try await world.reconcile()
            #expect(report.summary.create == 2 * way.bookings)
            #expect(report.summary.failed == 0)
            let calls = try await world.org.apiCalls
            #expect(calls <= way.most)
            #expect(report.summary.apiCalls == calls)
            let estimate = plan.summary.apiCalls
            #expect(abs(estimate - calls) * 10 <= calls, "\(plan.cost) for \(calls)")
            print("\(way.bookings) bookings: \(calls) API calls, \(estimate) estimated")
        }
    }

    @Test("of 600 changed records are as the plan said", arguments: [nil, 300])
    func changes(threshold: Int?) async throws {
        try await withPipeline { world in
            world.paths = WritePaths(threshold: threshold)
            world.options.allowsLargeChange = true
            try await world.accept(Self.settings)
            let meetings = (0..<600).map { number in
                Meeting("booking-\(number)").with {
                    $0.booker.email = "guest.\(number)@globex.example"
                }
            }
            try await world.take(meetings.map(\.created))
            world.wait(minutes: 1)
            try await world.reconcile()
            try await world.take(
                meetings.map { old in
                    old.with {
                        $0.uid += "-moved"; $0.start = "2026-12-01T09:00:00Z"
                    }
                    .rescheduled(from: old)
                }
            )
            world.wait(minutes: 1)
            let plan = try await world.plan()
            try await world.org.resetCounters()
            let report = try await world.reconcile()
            #expect(report.summary.update >= 600 && report.summary.failed == 0)
            let calls = try await world.org.apiCalls
            let estimate = plan.summary.apiCalls
            #expect(abs(estimate - calls) * 10 <= calls, "\(plan.cost) for \(calls)")
            print("600 reschedules: \(calls) API calls, \(estimate) estimated")
        }
    }

    @Test("of a daily run: one to read and one to write for a booking of a known person")
    func daily() async throws {
        try await withPipeline { world in
            try await world.accept(Self.settings)
            try await world.take(bookings(1))
            try await world.reconcile()
            try await world.org.resetCounters()
            try await world.sync(
                Meeting("again").with {
                    $0.booker = .init(name: "Guest 0", email: "guest.0@company-0.example")
                }
                .created
            )
            #expect(try await world.org.apiCalls <= 2)
            #expect(try await world.org.count("Contact") == 1)
        }
    }

    @Test("and memory stay small for 2,000 bookings of 50 people, rescheduled")
    func reschedules() async throws {
        try await withPipeline { world in
            try await world.accept(Self.settings)
            let meetings = (0..<500).map { number in
                Meeting("booking-\(number)").with {
                    $0.booker.email = "guest.\(number % 50)@globex.example"
                }
            }
            try await world.take(meetings.map(\.created))
            world.wait(minutes: 1)
            try await world.reconcile()
            #expect(try await world.org.count("Contact") == 50)
            try await world.take(
                meetings.map { old in
                    old.with {
                        $0.uid += "-moved"; $0.start = "2026-12-01T09:00:00Z"
                    }
                    .rescheduled(from: old)
                }
            )
            world.wait(minutes: 1)
            try await world.org.resetCounters()
            let report = try await world.reconcile()
            #expect(report.summary.update >= 500)
            #expect(report.summary.failed == 0)
            #expect(try await world.org.apiCalls <= 16)
            #expect(try await world.org.count("Event") == 500)
        }
    }
}
