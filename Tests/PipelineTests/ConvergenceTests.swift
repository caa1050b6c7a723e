import Domain
import Pipeline
import TestSupport
import Testing

/// Histories as they happen, told in different orders.
@Suite("Whatever the order in which deliveries arrive")
struct ConvergenceTests {
    static let seeds = Array(UInt64(1)...24)

    private static let settings = """
        {"attendeeRecord":"contact","noShow":{"field":"No_Show__c"},\
        "onBooking":{"eventRecord":{"Booking_Uid__c":"{booking_uid}"},\
        "attendee":{"Company_Size__c":"{size}",\
        "UTM_Campaign__c":{"value":"{size}","type":"text","when":"whenEmpty"},\
        "Last_Demo__c":{"value":"booking_start_date","type":"date"}}},\
        "onCancellation":{"eventRecord":{"keep":true,"write":\
        {"Booking_Status__c":{"value":"Cancelled","type":"picklist"}}},\
        "attendee":{"Last_Cancel_Date__c":{"value":"booking_cancel_date","type":"date"}}}}
        """

    /// The org without ids and stamps.
    private func state(_ world: World) async throws -> [String] {
        let events = try await world.org.query(
            """
            SELECT Subject, StartDateTime, EndDateTime, Location, Description, No_Show__c, \
            Booking_Uid__c, Booking_Status__c, Owner.Name, Who.Name FROM Event ORDER BY Subject
            """
        )
        let contacts = try await world.org.query(
            """
            SELECT Email, FirstName, LastName, Company_Size__c, UTM_Campaign__c, Last_Demo__c, \
            Last_Cancel_Date__c FROM Contact ORDER BY Email
            """
        )
        return (events + contacts).map(Self.bare)
    }

    /// A row without the attributes, which hold ids.
    private static func bare(_ row: JSON) -> String {
        let members = (row.members ?? []).filter { $0.name != "attributes" }.map { member in
            let name = member.value["Name"]?.string
            return JSON.Member(member.name, name.map(JSON.string) ?? member.value)
        }
        return JSON.object(members).text
    }

    private func outcome(_ deliveries: [Delivery], in runs: Int) async throws -> [String] {
        var result: [String] = []
        try await withPipeline { world in
            try await world.accept(Self.settings)
            // All of it is history by the time it is told.
            world.wait(minutes: 60 * 24)
            for part in 0..<runs {
                try await world.take(
                    deliveries.enumerated().filter { $0.offset * runs / deliveries.count == part }
                        .map(\.element)
                )
                world.wait(minutes: 1)
                if part == runs - 1 { try await world.reconcile() }
            }
            #expect(try await world.plan().summary.hasWrites == false)
            #expect(try await world.plan(.everything).summary.hasWrites == false)
            #expect(try await world.reconcile(.everything).summary.hasWrites == false)
            result = try await state(world)
        }
        return result
    }

    @Test("the org ends up the same, and nothing is left to do", arguments: seeds)
    func anyOrder(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        let history = History(using: &generator).deliveries
        var told = history + history.filter { _ in Bool.random(using: &generator) }
        told.shuffle(using: &generator)
        let inOrder = try await outcome(history, in: 1)
        let shuffled = try await outcome(told, in: 3)
        #expect(!inOrder.isEmpty)
        #expect(inOrder == shuffled)
    }

    @Test(
        "and however often a run was made in between, event records are made once",
        arguments: seeds
    )
    func runsBetween(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        let history = History(using: &generator)
        let told = history.deliveries.shuffled(using: &generator)
        try await withPipeline { world in
            try await world.accept(Self.settings)
            world.wait(minutes: 60 * 24)
            for delivery in told {
                try await world.take([delivery])
                world.wait(minutes: 1)
                try await world.reconcile()
            }
            #expect(try await world.plan(.everything).summary.hasWrites == false)
            #expect(try await world.org.count("Event") <= history.appointments)
            let emails = try await world.org.query("SELECT Email FROM Contact")
                .map { $0.text("Email") }
            #expect(Set(emails).count == emails.count)
        }
    }

    /// Some appointments of a few people, each with a life of its own.
    private struct History {
        var deliveries: [Delivery] = []
        var appointments: Int

        private var moment = ManualClock.beginning.advanced(byMilliseconds: 3_600_000)

        init(using generator: inout SeededGenerator) {
            appointments = Int.random(in: 2...4, using: &generator)
            for number in 0..<appointments { live(number, &generator) }
        }

        private mutating func tell(_ delivery: Delivery, _ generator: inout SeededGenerator) {
            let minutes = Int64.random(in: 1...20, using: &generator)
            moment = moment.advanced(byMilliseconds: minutes * 60_000)
            deliveries.append(delivery.sent(moment))
        }

        private mutating func live(_ number: Int, _ generator: inout SeededGenerator) {
            let people = [Meeting.Person.dana, .lee]
            var meeting = Meeting("m\(number)").with {
                $0.title = "Meeting \(number)"
                $0.booker = people[Int.random(in: 0...1, using: &generator)]
                $0.answers["size"] = .string("size \(number)")
                $0.start = "2026-11-1\(number)T15:00:00Z"
            }
            if Bool.random(using: &generator) { tell(meeting.requested, &generator) }
            tell(meeting.created, &generator)
            for step in 0..<Int.random(in: 0...4, using: &generator) {
                switch Int.random(in: 0...4, using: &generator) {
                case 0, 1:
                    let old = meeting
                    meeting.uid = "m\(number)-\(step)"
                    meeting.start = "2026-11-2\(step)T1\(number):00:00Z"
                    tell(meeting.rescheduled(from: old), &generator)
                case 2:
                    meeting.organizer = .tomas
                    tell(meeting.reassigned(to: .tomas), &generator)
                case 3:
                    meeting.location = "Room \(step)"
                    tell(meeting.relocated(to: "Room \(step)"), &generator)
                default:
                    let mark = Bool.random(using: &generator)
                    tell(meeting.noShow([(meeting.booker.email, mark)]), &generator)
                }
            }
            if Int.random(in: 0...2, using: &generator) == 0 {
                tell(meeting.cancelled("Reason \(number)"), &generator)
            }
        }
    }
}
