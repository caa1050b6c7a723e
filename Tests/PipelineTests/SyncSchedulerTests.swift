import Domain
import Journal
import Logging
import Pipeline
import Salesforce
import Synchronization
import TestSupport
import Testing

@Suite("The scheduler")
struct SyncSchedulerTests {
    typealias Cadence = SyncScheduler.Cadence

    @Test(
        "waits longer the longer trouble lasts, and longest where a person has to act",
        arguments: [
            (SchedulerOutcome.idle, 0, 2), (.done, 0, 2), (.busy, 3, 5),
            (.troubled("away"), 1, 5), (.troubled("away"), 2, 10), (.troubled("away"), 4, 40),
            (.troubled("away"), 7, 300), (.troubled("away"), 4_000, 300), (.unfinished(3), 2, 10),
            (.stuck("token"), 1, 300),
        ]
    )
    func pauses(outcome: SchedulerOutcome, failures: Int, seconds: Int) {
        #expect(Cadence().pause(after: outcome, failures: failures) == .seconds(seconds))
    }

    @Test("writes a booking without being asked, and looks again every two seconds")
    func keepsInStep() async throws {
        try await withPipeline { world in
            try await world.accept("{}")
            try await world.deliver(Meeting("first").created)
            let diary = Diary(world.clock)
            let synchronizer = try world.synchronizer()
            let scheduler = diary.scheduler(world.journal, looks: 3) {
                try await synchronizer.reconcile($0)
            }
            try await scheduler.run()
            #expect(try await world.org.count("Event") == 1)
            #expect(diary.pauses == [.seconds(2), .seconds(2), .seconds(2)])
            #expect(diary.runs == [.changed])
            #expect(await scheduler.board.reading.outcome == .idle)
            #expect(await scheduler.board.reading.running == nil)
        }
    }

    @Test("goes on after trouble, and writes what came in meanwhile")
    func survivesTrouble() async throws {
        try await withPipeline { world in
            try await world.accept("{}")
            try await world.deliver(Meeting("first").created)
            let diary = Diary(world.clock)
            let synchronizer = try world.synchronizer()
            let scheduler = diary.scheduler(world.journal, looks: 4) { selection in
                if diary.runs.count < 3 { throw SalesforceError.unreachable("nothing answered") }
                return try await synchronizer.reconcile(selection)
            }
            try await scheduler.run()
            #expect(diary.pauses == [.seconds(5), .seconds(10), .seconds(2), .seconds(2)])
            #expect(try await world.org.count("Event") == 1)
        }
    }

    @Test("tells what stands in the way, and does not try in vain every two seconds")
    func stuck() async throws {
        try await withPipeline { world in
            try await world.accept("{}")
            try await world.deliver(Meeting("first").created)
            let diary = Diary(world.clock)
            let scheduler = diary.scheduler(world.journal, looks: 2) { _ in
                throw SalesforceError.unauthorised("the token was revoked")
            }
            try await scheduler.run()
            #expect(diary.pauses == [.seconds(300), .seconds(300)])
            guard case .stuck(let reason)? = await scheduler.board.reading.outcome else {
                Issue.record("it does not say that it is stuck")
                return
            }
            #expect(reason.contains("the token was revoked"))
            #expect(await scheduler.board.reading.lastGood == nil)
        }
    }

    @Test("looks at everything once a day, and finds what a person deleted")
    func sweeps() async throws {
        try await withPipeline { world in
            try await world.accept("{}")
            try await world.sync(Meeting("first").created)
            let diary = Diary(world.clock)
            let synchronizer = try world.synchronizer()
            var cadence = Cadence()
            cadence.look = .seconds(10 * 3_600)
            let scheduler = diary.scheduler(world.journal, cadence, looks: 6) {
                try await synchronizer.reconcile($0)
            }
            try await scheduler.run()
            #expect(diary.runs == [.everything])
            cadence.sweep = nil
            let never = Diary(world.clock)
            try await never.scheduler(world.journal, cadence, looks: 6) {
                try await synchronizer.reconcile($0)
            }.run()
            #expect(never.runs.isEmpty)
        }
    }
}

/// Writes down what a scheduler does, and ends it after some looks.
private final class Diary: Sendable {
    private let clock: ManualClock
    private let pages = Mutex<(pauses: [Duration], runs: [RunSelection])>(([], []))

    init(_ clock: ManualClock) { self.clock = clock }

    var pauses: [Duration] { pages.withLock { $0.pauses } }
    var runs: [RunSelection] { pages.withLock { $0.runs } }

    func scheduler(
        _ journal: Journal,
        _ cadence: SyncScheduler.Cadence = SyncScheduler.Cadence(),
        looks: Int,
        run: @escaping SyncScheduler.Run
    ) -> SyncScheduler {
        SyncScheduler(
            journal: journal,
            cadence: cadence,
            run: { selection in
                self.pages.withLock { $0.runs.append(selection) }
                return try await run(selection)
            },
            now: { self.clock.now },
            pause: { duration in
                let count = self.pages.withLock { pages in
                    pages.pauses.append(duration)
                    return pages.pauses.count
                }
                self.clock.advance(bySeconds: duration.components.seconds)
                if count == looks { throw CancellationError() }
            },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }
}
