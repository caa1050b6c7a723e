import Domain
import Journal
import Pipeline
import Salesforce
import TestSupport
import Testing

@Suite("The org's allowance of API calls")
struct BudgetTests {
    private let booking = Meeting()
    private let settings = #"{"onBooking":{"attendee":{"Last_Booking_Status__c":"Booked"}}}"#

    private func meetings(_ count: Int, _ prefix: String = "b") -> [Meeting] {
        (0..<count).map { number in
            let name = "\(prefix)\(number)"
            return Meeting(name).with { $0.booker.email = "\(name)@globex.example" }
        }
    }

    // MARK: Cost

    /// What is done before, and what the plan is about.
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var prepare: @Sendable (World) async throws -> Void
    }

    static let cases: [Case] = [
        Case(testDescription: "one booking of a new person, before the first run") { world in
            try await world.deliver(Meeting().created)
        },
        Case(testDescription: "one booking of a known person") { world in
            try await world.sync(Meeting().created)
            try await world.deliver(Meeting("again").created)
        },
        Case(testDescription: "a reschedule") { world in
            try await world.sync(Meeting().created)
            let moved = Meeting("moved").with { $0.start = "2026-11-12T16:00:00Z" }
            try await world.deliver(moved.rescheduled(from: Meeting()))
        },
        Case(testDescription: "a cancellation") { world in
            try await world.sync(Meeting().created)
            try await world.deliver(Meeting().cancelled())
        },
        Case(testDescription: "a text that has to go alone") { world in
            try await world.deliver(Meeting().with { $0.title = "About @{refs}" }.created)
        },
        Case(testDescription: "nothing at all") { _ in },
        Case(testDescription: "nothing that is new") { world in
            try await world.sync(Meeting().created)
        },
        Case(testDescription: "300 bookings of new people") { world in
            try await world.take(
                (0..<300).map { number in
                    Meeting("m\(number)").with { $0.booker.email = "m\(number)@globex.example" }
                        .created
                }
            )
            world.wait(minutes: 1)
        },
        Case(testDescription: "attendees of many accounts and leads") { world in
            try await world.accept(
                """
                {"attendeeRecord":"contactUnderAccount","createContactUnderAccount":true,\
                "createLeadIfNoAccount":true}
                """
            )
            try await world.take(
                (0..<40).map { number in
                    Meeting("a\(number)").with { $0.booker.email = "x@company-\(number).example" }
                        .created
                }
            )
            world.wait(minutes: 1)
        },
    ]

    @Test("is estimated by a plan as the run then uses it", arguments: cases)
    func estimate(row: Case) async throws {
        try await withPipeline { world in
            try await world.accept(settings)
            try await row.prepare(world)
            let plan = try await world.plan()
            try await world.org.resetCounters()
            let report = try await world.reconcile()
            #expect(report.summary.failed == 0)
            let counted = try await world.org.apiCalls
            #expect(plan.summary.apiCalls == counted, "\(plan.cost)")
            #expect(report.summary.apiCalls == counted)
            #expect(plan.cost.total == counted)
        }
    }

    @Test("stands in the plan document with what is left and what is kept for others")
    func document() async throws {
        try await withPipeline { world in
            try await world.org.settings(#"{"dailyLimit":1000,"used":300}"#)
            try await world.accept(settings)
            try await world.deliver(booking.created)
            let synchronizer = try world.synchronizer()
            let plan = try await synchronizer.plan()
            let cost = try #require(synchronizer.document(of: plan, isRevealed: false)["cost"])
            #expect(cost["reads"]?.int == 1)
            #expect(cost["writes"]?.int == 1)
            #expect(cost["reserve"]?.int == 200)
            #expect(cost["left"]?.int == 1_000 - 300 - 2 - 200)
        }
    }

    // MARK: Reserve

    @Test("is used down to the reserve, and what does not fit is the next run's")
    func reserve() async throws {
        try await withPipeline { world in
            try await world.accept(settings)
            try await world.take(meetings(1_500).map(\.created))
            world.wait(minutes: 1)
            let cost = try await world.plan().cost
            #expect(cost.writes > 2)
            let used = try await world.org.apiCalls
            // Room for looking and for two calls that write.
            let most = 2_000
            let room = cost.reads + 2
            try await world.org.settings(
                #"{"dailyLimit":\#(most),"used":\#(most - most / 5 - room - used)}"#
            )
            let report = try await world.reconcile()
            #expect(report.summary.postponed > 0)
            #expect(report.summary.create > 0)
            #expect(report.summary.failed == 0)
            try await world.org.settings(#"{"dailyLimit":100000,"used":0}"#)
            world.wait(minutes: 60)
            #expect(try await world.reconcile().summary.postponed == 0)
            #expect(try await world.org.count("Event") == 1_500)
            #expect(try await world.org.count("Contact") == 1_500)
        }
    }

    @Test("bounds a single run, and the next one goes on")
    func ceiling() async throws {
        try await withPipeline { world in
            try await world.accept(settings)
            try await world.take(meetings(1_500).map(\.created))
            world.wait(minutes: 1)
            let cost = try await world.plan().cost
            world.options.budget = APIBudget(mostPerRun: cost.reads + 1)
            try await world.org.resetCounters()
            let report = try await world.reconcile()
            #expect(try await world.org.apiCalls <= cost.reads + 1)
            #expect(report.summary.postponed > 0)
            world.options.budget = APIBudget()
            try await world.reconcile()
            #expect(try await world.org.count("Event") == 1_500)
        }
    }

    @Test("that is used up refuses a run with what is left, and records the refusal")
    func refused() async throws {
        try await withPipeline { world in
            try await world.accept(settings)
            try await world.sync(booking.created)
            try await world.deliver(Meeting("b2").created)
            try await world.org.settings(#"{"dailyLimit":1000,"used":900}"#)
            world.wait(minutes: 10)
            // What was heard last is more than some minutes old, and little: the org is asked.
            try await world.journal.keep(
                APIAllowance(used: 900, allowed: 1_000, observed: ManualClock.beginning)
            )
            try await world.org.resetCounters()
            await #expect {
                try await world.reconcile()
            } throws: { error in
                guard case .budget(let shortage)? = error as? RunRefusal else { return false }
                return shortage.reserve == 200 && "\(error)".contains("Nothing is lost")
            }
            #expect(try await world.org.apiCalls == 1)
            #expect(try await world.org.writes == 0)
            #expect(try await world.ledger("run.refused").last?.text("why") == "budget")
        }
    }

    @Test("makes sweeps and retries wait while less than twice the reserve is left")
    func yielding() async throws {
        try await withPipeline { world in
            try await world.accept(settings)
            try await world.refuse("PROCESSING_HALTED", "No.")
            try await world.sync(booking.created)
            try await world.org.settings(#"{"automation":[],"dailyLimit":1000,"used":650}"#)
            world.wait(minutes: 30)
            try await world.deliver(Meeting("new").with { $0.booker = .lee }.created)
            try await world.journal.keep(
                APIAllowance(used: 650, allowed: 1_000, observed: world.now)
            )
            #expect(try await world.reconcile().summary.create == 2)
            #expect(try await world.org.count("Contact") == 1, "the retry waits")
            await #expect {
                try await world.reconcile(.everything)
            } throws: { error in
                guard case .budget(let shortage)? = error as? RunRefusal else { return false }
                return shortage.isSweep
            }
            try await world.org.settings(#"{"dailyLimit":1000,"used":0}"#)
            world.wait(minutes: 10)
            try await world.reconcile()
            #expect(try await world.org.count("Contact") == 2)
        }
    }

    // MARK: Pause

    @Test("that is exceeded pauses the org, which is left alone until the window has moved")
    func pause() async throws {
        try await withPipeline { world in
            try await world.accept(settings)
            try await world.deliver(booking.created)
            try await world.org.settings(#"{"dailyLimit":1000,"used":1000}"#)
            await #expect(throws: SalesforceError.self) { try await world.reconcile() }
            let until = try #require(try await world.journal.allowance()?.pausedUntil)
            #expect(until == world.now.advanced(byMilliseconds: 5 * 60_000))

            // Nothing is sent before that, whatever is asked for.
            try await world.org.resetCounters()
            for attempt in [{ _ = try await world.plan() }, { _ = try await world.reconcile() }] {
                await #expect(throws: RunRefusal.limitPause(until: until)) { try await attempt() }
            }
            #expect(try await world.org.control("stats")["requests"]?.int == 0)
            #expect(try await world.ledger("run.refused").last?.text("why") == "limit-pause")

            // One call looks whether the window has moved.
            world.clock.set(until)
            await #expect(throws: RunRefusal.self) { try await world.reconcile() }
            #expect(try await world.org.control("stats")["requests"]?.int == 1)
            let second = try #require(try await world.journal.allowance()?.pausedUntil)
            #expect(second == until.advanced(byMilliseconds: 10 * 60_000))

            try await world.org.settings(#"{"dailyLimit":1000,"used":100}"#)
            world.clock.set(second)
            #expect(try await world.reconcile().summary.failed == 0)
            #expect(try await world.org.count("Event") == 1)
            #expect(try await world.journal.allowance()?.pausedUntil == nil)
        }
    }

    @Test("costs nothing to keep while nothing is to be done, in a pause or not")
    func idle() async throws {
        try await withPipeline { world in
            try await world.accept(settings)
            try await world.sync(booking.created)
            try await world.journal.keep(
                APIAllowance(used: 9, allowed: 10, observed: world.now).paused(at: world.now)
            )
            try await world.org.resetCounters()
            #expect(try await world.reconcile().summary.hasWrites == false)
            #expect(try await world.org.control("stats")["requests"]?.int == 0)
        }
    }

    @Test("is not paused by too many requests at once: those pass in seconds")
    func concurrent() async throws {
        try await withPipeline { world in
            try await world.accept(settings)
            try await world.deliver(booking.created)
            try await world.org.fail(
                "error",
                count: 2,
                more: """
                    ,"status":403,"code":"REQUEST_LIMIT_EXCEEDED",\
                    "message":"ConcurrentRequests (Concurrent API Requests) Limit exceeded."
                    """
            )
            #expect(try await world.reconcile().summary.create == 2)
            #expect(try await world.journal.allowance()?.pausedUntil == nil)
        }
    }
}
