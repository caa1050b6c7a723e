import Domain
import Journal
import Pipeline
import Salesforce
import TestSupport
import Testing

/// Writes through jobs of Bulk API 2.0: what is in the org and in the ledger afterwards.
@Suite("The bulk path")
struct BulkPathTests {
    private let settings = """
        {"onBooking":{"attendee":{"Last_Booking_Status__c":"Booked",\
        "Routing_Size__c":{"value":"{size}","when":"always"}},\
        "eventRecord":{"Booking_Uid__c":"{booking_uid}","Is_Demo__c":true}},\
        "onCancellation":{"attendee":{"Last_Booking_Status__c":"Cancelled"}}}
        """

    private func meetings(_ numbers: Range<Int>, isAwkward: Bool = true) -> [Meeting] {
        numbers.map { number in
            Meeting("b\(number)").with {
                $0.title = "Demo, \"no. \(number)\"\nwith a second line "
                $0.booker = .init(name: "Guest \(number)", email: "g\(number)@globex.example")
                $0.answers = [
                    "size": .string(isAwkward && number % 3 == 0 ? "#N/A" : "1-10, or more")
                ]
            }
        }
    }

    private static let always = WritePaths(threshold: 1)
    private static let never = WritePaths(threshold: nil)

    // MARK: The same both ways

    /// What a course of bookings leaves in the org and in the ledger.
    struct Trace: Equatable {
        var records: [String] = []
        var ledger: [String] = []
        var summaries: [String] = []
    }

    @Test("leaves the same records, outcomes and receipts as the small path")
    func sameBothWays() async throws {
        let small = try await course(paths: Self.never)
        let bulk = try await course(paths: Self.always)
        #expect(bulk.jobs > 4)
        #expect(small.jobs == 0)
        #expect(bulk.trace.summaries == small.trace.summaries)
        #expect(bulk.trace.records == small.trace.records)
        #expect(bulk.trace.ledger == small.trace.ledger)
    }

    /// Bookings of new and known people, one with guests, some that the org refuses as a whole or in
    /// a field; then changes, then cancellations.
    private func course(paths: WritePaths) async throws -> (trace: Trace, jobs: Int) {
        var result = Trace()
        var jobs = 0
        try await withPipeline { world in
            world.paths = paths
            world.options.allowsLargeChange = true
            try await world.org.settings(
                """
                {"automation":[\
                {"object":"Contact","on":"create","when":{"LastName":"4"},\
                "reject":{"message":"Nobody is called 4: not here","field":"LastName"}},\
                {"object":"Contact","when":{"LastName":"5"},\
                "reject":{"message":"No status","field":"Last_Booking_Status__c"}}]}
                """
            )
            try await world.org.create(
                "Contact",
                ["FirstName": "Guest", "LastName": "1", "Email": "g1@globex.example"]
            )
            try await world.accept(settings)
            var meetings = meetings(0..<8)
            meetings[6].guests = [.lee]
            var watched: [BulkSteps] = []
            world.interpose = { gateway in
                do {
                    let steps = try BulkSteps(gateway) { _, _ throws(SalesforceError) in }
                    watched.append(steps)
                    return steps
                } catch {
                    return gateway
                }
            }
            for deliveries in [
                meetings.map(\.created),
                meetings.map { old in
                    old.with {
                        $0.uid += "-moved"; $0.start = "2026-11-12T16:00:00Z"
                    }
                    .rescheduled(from: old)
                },
                meetings[0..<3].map { old in old.with { $0.uid += "-moved" }.cancelled() },
            ] {
                try await world.take(deliveries)
                world.wait(minutes: 1)
                let report = try await world.reconcile()
                var summary = report.summary
                summary.apiCalls = 0
                result.summaries.append(summary.json.text)
                let failures = report.failures.map { "\($0.operation.rawValue) \($0.note)" }
                result.summaries.append(failures.sorted().joined(separator: ","))
            }
            jobs = watched.reduce(0) { $0 + $1.steps.count { $0 == .begin } }
            result.records = try await records(world)
            result.ledger = try await ledger(world)
        }
        return (result, jobs)
    }

    private func records(_ world: World) async throws -> [String] {
        let events = try await world.org.query(
            """
            SELECT Subject, StartDateTime, EndDateTime, Location, Description, Who.Name, WhoCount, \
            Daybook_Key__c, Booking_Uid__c, Is_Demo__c, Owner.Name FROM Event
            """
        )
        let contacts = try await world.org.query(
            """
            SELECT FirstName, LastName, Email, Last_Booking_Status__c, Routing_Size__c, Owner.Name \
            FROM Contact
            """
        )
        return (events + contacts).map { anonymous($0).text }.sorted()
    }

    private func ledger(_ world: World) async throws -> [String] {
        var lines: [String] = []
        for type in [
            "write.intended", "write.confirmed", "write.failed", "record.created", "record.linked",
            "field.held",
        ] {
            lines += try await world.ledger(type).map { "\(type) \(anonymous($0).text)" }
        }
        return lines.sorted()
    }

    private static let varying = ["attributes", "run", "stamp", "nextTry", "request"]

    /// The same without what differs between two orgs: ids, runs, the order of writes.
    private func anonymous(_ json: JSON) -> JSON {
        switch json {
        case .string(let text): SalesforceID(text) == nil || text.count != 18 ? json : .string("id")
        case .array(let elements): .array(elements.map(anonymous))
        case .object(let members):
            .object(
                members.filter { !Self.varying.contains($0.name) }
                    .map { JSON.Member($0.name, anonymous($0.value)) }
            )
        default: json
        }
    }

    // MARK: When

    @Test("is taken from the threshold on, at the cost that was said before")
    func threshold() async throws {
        try await withPipeline { world in
            world.paths = WritePaths(threshold: 2_000)
            try await world.accept(settings)
            try await world.take(meetings(0..<2_000, isAwkward: false).map(\.created))
            world.wait(minutes: 1)
            let steps = try BulkSteps(try world.gateway()) { _, _ throws(SalesforceError) in }
            world.interpose = { _ in steps }
            try await world.org.resetCounters()
            let report = try await world.reconcile()
            #expect(report.summary.create == 4_000)
            #expect(report.summary.failed == 0)
            #expect(steps.steps.count { $0 == .submit } == 2)
            let most = 3 + 2 * WritePaths.bulkCalls(for: 2_000)
            #expect(try await world.org.apiCalls <= most)
            world.interpose = { $0 }
            try await expectComplete(world, bookings: 2_000)
        }
    }

    // MARK: Crashes

    @Test(
        "makes no doubles when the program dies at any step of any job",
        arguments: BulkSteps.Step.allCases,
        [1, 2]
    )
    func crash(step: BulkSteps.Step, job: Int) async throws {
        for hasKey in [true, false] {
            try await withPipeline { world in
                world.paths = Self.always
                try await world.org.settings(#"{"omitDaybookKey":\#(!hasKey),"bulkPolls":2}"#)
                try await world.accept(settings)
                try await world.take(meetings(0..<6).map(\.created))
                let steps = try BulkSteps(try world.gateway()) {
                    reached,
                    at throws(SalesforceError) in
                    let isLater = at > job || at == job && reached.rank >= step.rank
                    if isLater { throw .unreachable("the program died") }
                }
                world.interpose = { _ in steps }
                do { try await world.reconcile() } catch is SalesforceError {}
                #expect(steps.steps.contains(step))
                world.interpose = { $0 }
                try world.restart()
                world.wait(minutes: 2)
                #expect(try await world.reconcile().summary.failed == 0)
                try await expectComplete(world, bookings: 6)
            }
        }
    }

    @Test("makes records again once, although the program dies before it learns that it did")
    func madeAgain() async throws {
        try await withPipeline { world in
            world.paths = Self.always
            try await world.accept(#"{"onDeleted":"makeAgain"}"#)
            let old = meetings(0..<3, isAwkward: false)
            try await world.take(old.map(\.created))
            try await world.reconcile()
            for contact in try await world.org.query("SELECT Id FROM Contact") {
                try await world.org.delete("Contact", contact.text("Id"))
            }
            world.wait(minutes: 1)
            try await world.take(old.map { $0.with { $0.uid += "-next" }.created })
            let steps = try BulkSteps(try world.gateway()) { step, _ throws(SalesforceError) in
                if step == .afterSubmit || step == .state { throw .unreachable("the program died") }
            }
            world.interpose = { _ in steps }
            do { try await world.reconcile() } catch is SalesforceError {}
            world.interpose = { $0 }
            world.wait(minutes: 2)
            try await world.org.control("clock", #"{"advanceSeconds":0}"#)
            let again = try await world.org.query("SELECT Id FROM Contact").map { $0.text("Id") }
            #expect(again.count == 3)
            try world.restart()
            try await world.reconcile()
            let kept = try await world.org.query("SELECT Id FROM Contact").map { $0.text("Id") }
            #expect(kept.sorted() == again.sorted())
            let made = try await world.ledger("write.confirmed")
                .filter { $0.text("object") == "Contact" && $0["created"] == true }
            #expect(made.count == 6 && Set(made.map { $0.text("record") }).count == 6)
            #expect(try await world.reconcile(.everything).summary.hasWrites == false)
        }
    }

    @Test("asks a job for its results after a crash: a record is found whatever it holds by then")
    func recovery() async throws {
        try await withPipeline { world in
            world.paths = Self.always
            try await world.accept(settings)
            try await world.take(meetings(0..<3, isAwkward: false).map(\.created))
            let steps = try BulkSteps(try world.gateway()) { step, _ throws(SalesforceError) in
                if step == .afterSubmit || step == .state { throw .unreachable("the program died") }
            }
            world.interpose = { _ in steps }
            do { try await world.reconcile() } catch is SalesforceError {}
            world.interpose = { $0 }
            #expect(try await world.journal.openJobs().values.map(\.count) == [3])
            // The org works on without us; then somebody corrects an address.
            world.wait(minutes: 2)
            try await world.org.control("clock", #"{"advanceSeconds":0}"#)
            let id = try await world.contact(of: "g1@globex.example").text("Id")
            try await world.org.change("Contact", id, ["Email": "corrected@globex.example"])
            try world.restart()
            try await world.reconcile()
            #expect(try await world.journal.openJobs().isEmpty)
            #expect(try await world.org.count("Contact") == 3)
            #expect(try await world.org.count("Event") == 3)
            let created = try await world.ledger("record.created").map { $0.text("record") }
            #expect(created.contains(id))
            let confirmed = try await world.ledger("write.confirmed")
                .filter { $0.text("record") == id && $0["created"] == true }
            #expect(confirmed.count == 1)
        }
    }

    /// Everything is there once.
    private func expectComplete(_ world: World, bookings: Int) async throws {
        let events = try await world.org.query("SELECT WhoId, Booking_Uid__c FROM Event")
        #expect(events.count == bookings)
        #expect(events.allSatisfy { $0["WhoId"] != .null })
        #expect(try await world.org.count("Contact") == bookings)
        #expect(try await world.journal.openIntents().isEmpty)
        #expect(try await world.journal.openJobs().isEmpty)
        try await world.org.resetCounters()
        #expect(try await world.reconcile(.everything).summary.hasWrites == false)
        #expect(try await world.org.writes == 0)
    }

    // MARK: Faults

    /// What goes wrong in requests about jobs.
    struct Fault: Sendable, CustomTestStringConvertible {
        var order: String
        var testDescription: String { order }
    }

    static let faults = [
        #"{"kind":"serverUnavailable","match":"jobs/ingest","count":3}"#,
        #"{"kind":"unknownException","match":"jobs/ingest","count":2}"#,
        #"{"kind":"timeoutAfterCommit","match":"jobs/ingest","method":"POST"}"#,
        #"{"kind":"timeoutAfterCommit","match":"batches","method":"PUT"}"#,
        #"{"kind":"connectionClosed","match":"batches","method":"PUT"}"#,
        #"{"kind":"timeoutAfterCommit","match":"jobs/ingest","method":"PATCH"}"#,
        #"{"kind":"timeoutAfterCommit","match":"jobs/ingest","method":"PATCH","count":9}"#,
        #"{"kind":"connectionClosed","match":"jobs/ingest","method":"PATCH","count":9}"#,
        #"{"kind":"connectionClosed","match":"Results","count":3}"#,
        #"{"kind":"connectionClosed","match":"Results","count":9}"#,
        #"{"kind":"connectionClosed","match":"jobs/ingest","method":"GET","count":20}"#,
        #"{"kind":"requestLimit","match":"jobs/ingest"}"#,
        #"{"kind":"lockRow","count":2}"#,
        #"{"kind":"lockRow","count":40}"#,
    ].map(Fault.init)

    @Test(
        "loses nothing and writes nothing twice, whatever goes wrong with its jobs",
        arguments: faults
    )
    func fault(fault: Fault) async throws {
        try await withPipeline { world in
            world.paths = Self.always
            try await world.accept(settings)
            try await world.take(meetings(0..<6).map(\.created))
            world.wait(minutes: 1)
            try await world.org.control("faults", fault.order)
            var isDone = false
            for _ in 0..<6 where !isDone {
                do {
                    isDone = try await world.reconcile().summary.failed == 0
                } catch is SalesforceError {
                    // The next run goes on.
                }
                world.wait(minutes: 120)
            }
            #expect(isDone)
            try await world.org.heal()
            try await expectComplete(world, bookings: 6)
        }
    }

    @Test("gives way to the small path when the org takes no more jobs today")
    func noJobs() async throws {
        try await withPipeline { world in
            world.paths = Self.always
            try await world.org.settings(#"{"dailyBulkBatches":0}"#)
            try await world.accept(settings)
            try await world.take(meetings(0..<6).map(\.created))
            #expect(try await world.reconcile().summary.failed == 0)
            try await expectComplete(world, bookings: 6)
        }
    }

    @Test("finds the record that a duplicate rule names")
    func duplicate() async throws {
        try await withPipeline { world in
            world.paths = Self.always
            try await world.org.settings(#"{"duplicateRules":{"Contact":"block"}}"#)
            try await world.accept(settings)
            try await world.take(meetings(1..<3).map(\.created))
            let org = world.org
            let steps = try BulkSteps(try world.gateway()) { step, job throws(SalesforceError) in
                guard step == .guards, job == 1 else { return }
                do {
                    // Somebody enters the person while we are on the way.
                    try await org.create(
                        "Contact",
                        ["FirstName": "Guest", "LastName": "1", "Email": "g1@globex.example"]
                    )
                } catch {
                    throw .unexpectedAnswer("\(error)")
                }
            }
            world.interpose = { _ in steps }
            #expect(try await world.reconcile().summary.failed == 0)
            world.interpose = { $0 }
            try await expectComplete(world, bookings: 2)
        }
    }

    @Test(
        "leaves records alone that somebody changed right before the job, also if it was all of them",
        arguments: [["b1"], ["b0", "b1", "b2", "b3"]]
    )
    func guarded(changed: [String]) async throws {
        try await withPipeline { world in
            world.paths = Self.always
            try await world.accept(settings)
            let old = meetings(0..<4)
            try await world.take(old.map(\.created))
            world.wait(minutes: 1)
            try await world.reconcile()
            try await world.take(
                old.map {
                    $0.with {
                        $0.uid += "x"; $0.title = "Moved"
                    }.rescheduled(from: $0)
                }
            )
            world.wait(minutes: 1)
            var events: [String] = []
            for uid in changed { events.append(try await world.eventRecord(of: uid).text("Id")) }
            let (org, clock, ids) = (world.org, world.clock, events)
            let steps = try BulkSteps(try world.gateway()) { step, job throws(SalesforceError) in
                guard step == .guards, job == 1 else { return }
                clock.advance(bySeconds: 60)
                do {
                    for id in ids {
                        try await org.change("Event", id, ["Location": "Room 4"])
                    }
                } catch {
                    throw .unexpectedAnswer("\(error)")
                }
            }
            world.interpose = { _ in steps }
            let report = try await world.reconcile()
            #expect(steps.steps.contains(.submit))
            // Seen as it is by then, decided anew, and written in the same run.
            #expect(report.summary.update >= 4)
            #expect(
                try await world.ledger("write.failed").map { $0.text("code") }
                    == changed.map { _ in "PRECONDITION_FAILED" }
            )
            world.interpose = { $0 }
        }
    }
}

extension BulkSteps.Step {
    /// The place among the steps.
    fileprivate var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
