import Domain
import Foundation
import Journal
import Pipeline
import Reconciliation
import Testing

@Suite("A plan file")
struct PlanFileTests {
    private let booking = Meeting()
    private let moved = Meeting("moved").with { $0.start = "2026-11-12T16:00:00Z" }

    private func document(_ world: World) async throws -> JSON {
        let synchronizer = try world.synchronizer()
        let plan = try await synchronizer.plan()
        let document = synchronizer.document(of: plan, isRevealed: false)
        world.wait(minutes: 1)
        // As a file: written and read.
        return try JSON(parsing: document.prettyText)
    }

    private func apply(_ document: JSON, _ world: World) async throws -> RunReport {
        try await world.synchronizer().apply(document)
    }

    private func expectRefusal(
        _ document: JSON,
        _ world: World,
        because reason: String? = nil
    ) async throws {
        try await world.org.resetCounters()
        await #expect {
            _ = try await apply(document, world)
        } throws: { error in
            if case .stalePlan(let told)? = error as? RunRefusal {
                reason.map(told.contains) ?? true
            } else {
                false
            }
        }
        #expect(try await world.org.writes == 0)
        #expect(try await world.ledger("run.refused").last?.text("why") == "stale-plan")
    }

    @Test("changes nothing when it is made, and is carried out as it stands")
    func carriedOut() async throws {
        try await withPipeline { world in
            try await world.accept("{}")
            try await world.deliver(booking.created)
            let document = try await document(world)
            #expect(try await world.org.writes == 0)
            #expect(document["summary"]?["create"] == .number("2"))
            let report = try await apply(document, world)
            #expect(report.summary.create == 2)
            #expect(report.stale.isEmpty)
            #expect(try await world.org.count("Event") == 1)
            #expect(try await world.plan().summary.hasWrites == false)
        }
    }

    @Test("holds no personal data unless it is revealed")
    func personalData() async throws {
        try await withPipeline { world in
            try await world.accept("{}")
            try await world.deliver(booking.with { $0.booker.phone = "+12025550143" }.created)
            let synchronizer = try world.synchronizer()
            let plan = try await synchronizer.plan()
            let shared = synchronizer.document(of: plan, isRevealed: false).text
            let revealed = synchronizer.document(of: plan, isRevealed: true).text
            for secret in ["Okafor", "dana.okafor", "+12025550143"] {
                #expect(!shared.contains(secret))
                #expect(revealed.contains(secret))
            }
        }
    }

    @Test("goes on when only the ledger moved and the decisions are the same")
    func ledgerMoved() async throws {
        try await withPipeline { world in
            try await world.accept("{}")
            try await world.deliver(booking.created)
            let document = try await document(world)
            try await world.deliver(Meeting("other").with { $0.booker = .lee }.created)
            let report = try await apply(document, world)
            #expect(report.summary.create == 2)
            #expect(report.stale.isEmpty)
            #expect(try await world.org.count("Event") == 1)
            try await world.reconcile()
            #expect(try await world.org.count("Event") == 2)
        }
    }

    @Test("leaves out what would be decided differently now, and names it")
    func decisionMoved() async throws {
        try await withPipeline { world in
            try await world.accept("{}")
            try await world.sync(booking.created)
            try await world.deliver(moved.rescheduled(from: booking))
            let document = try await document(world)
            let third = Meeting("third").with { $0.start = "2026-11-13T16:00:00Z" }
            try await world.deliver(third.rescheduled(from: moved))
            try await world.org.resetCounters()
            let report = try await apply(document, world)
            #expect(report.stale.map(\.rawValue).contains { $0.hasPrefix("event/") })
            #expect(report.needsAttention)
            #expect(try await world.org.writes == 0)
            try await world.reconcile()
            let event = try await world.org.one("SELECT StartDateTime FROM Event")
            #expect(event.text("StartDateTime").hasPrefix("2026-11-13"))
        }
    }

    @Test("leaves out a record that somebody edited meanwhile")
    func recordEdited() async throws {
        try await withPipeline { world in
            try await world.accept("{}")
            try await world.sync(booking.created)
            try await world.deliver(
                moved.with { $0.title = "New title" }.rescheduled(from: booking)
            )
            let document = try await document(world)
            let event = try await world.eventRecord().text("Id")
            try await world.org.change("Event", event, ["Subject": "Edited"])
            world.wait(minutes: 1)
            let report = try await apply(document, world)
            #expect(report.stale.count == 1)
            #expect(try await world.eventRecord("Subject").text("Subject") == "Edited")
        }
    }

    @Test("is refused when the settings changed")
    func settingsChanged() async throws {
        try await withPipeline { world in
            try await world.accept("{}")
            try await world.deliver(booking.created)
            let document = try await document(world)
            try await world.accept(#"{"attendeeRecord":"lead"}"#)
            try await expectRefusal(document, world, because: "settings changed")
        }
    }

    @Test("is refused after 24 hours")
    func expired() async throws {
        try await withPipeline { world in
            try await world.accept("{}")
            try await world.deliver(booking.created)
            let document = try await document(world)
            world.wait(minutes: 24 * 60)
            try await expectRefusal(document, world, because: "24 hours")
        }
    }

    /// Changes that somebody could make to the file by hand.
    static let changes: [(what: String, from: String, to: String)] = [
        ("a decision", #""kind": "create""#, #""kind": "update""#),
        ("the org", #""org": "00D"#, #""org": "00E"#),
        ("the expiry", #""expires": "2026"#, #""expires": "2027"#),
        ("a field", #""field": "Subject""#, #""field": "Location""#),
        ("the id", #""id": ""#, #""id": "0"#),
        ("the summary", #""create": 2"#, #""create": 1"#),
    ]

    @Test("is refused when it was changed by hand", arguments: changes)
    func tampered(change: (what: String, from: String, to: String)) async throws {
        try await withPipeline { world in
            try await world.accept("{}")
            try await world.deliver(booking.created)
            let text = try await document(world).prettyText
            let range = try #require(text.firstRange(of: change.from))
            let changed = try JSON(parsing: text.replacingCharacters(in: range, with: change.to))
            try await expectRefusal(changed, world)
        }
    }

    @Test(
        "is refused when it is no plan file",
        arguments: ["{}", "[]", #"{"format":"daybook.plan/2"}"#]
    )
    func noPlan(text: String) async throws {
        try await withPipeline { world in
            try await expectRefusal(try JSON(parsing: text), world, because: "no plan file")
        }
    }

    @Test("is refused for another org, and so is any run there", arguments: [0, 61])
    func otherOrg(minutes: Int64) async throws {
        try await withPipeline { world in
            try await world.accept("{}")
            try await world.sync(booking.created)
            try await world.deliver(Meeting("b2").created)
            let document = try await document(world)
            world.wait(minutes: minutes)
            world.interpose = { ForeignGateway(org: $0) }
            try await world.org.resetCounters()
            for attempt in [{ try await apply(document, world) }, { try await world.reconcile() }] {
                await #expect {
                    _ = try await attempt()
                } throws: { error in
                    if case .otherOrg? = error as? RunRefusal { true } else { false }
                }
            }
            #expect(try await world.org.writes == 0)
        }
    }
}

@Suite("The guard against large changes")
struct ChangeGuardRunTests {
    private func meetings(_ count: Int) -> [Meeting] {
        (0..<count).map { number in
            Meeting("b\(number)").with { $0.booker.email = "g\(number)@globex.example" }
        }
    }

    private func book(_ count: Int, _ world: World) async throws -> [Meeting] {
        let meetings = meetings(count)
        try await world.accept("{}")
        try await world.take(meetings.map(\.created))
        world.wait(minutes: 1)
        try await world.reconcile()
        return meetings
    }

    @Test("refuses twelve deletions, records it, and passes when told to")
    func refused() async throws {
        try await withPipeline { world in
            let meetings = try await book(12, world)
            try await world.take(meetings.map { $0.cancelled() })
            world.wait(minutes: 1)
            try await world.org.resetCounters()
            await #expect {
                try await world.reconcile()
            } throws: { error in
                if case .largeChange(let refusal)? = error as? RunRefusal {
                    refusal.count == 12
                } else {
                    false
                }
            }
            #expect(try await world.org.writes == 0)
            #expect(
                try await world.ledger("run.refused").map { $0.text("why") } == ["large-change"]
            )
            world.options.allowsLargeChange = true
            #expect(try await world.reconcile().summary.delete == 12)
            #expect(try await world.org.count("Event") == 0)
        }
    }

    @Test("lets small numbers and daily work pass", arguments: [1, 9])
    func small(count: Int) async throws {
        try await withPipeline { world in
            let meetings = try await book(count, world)
            try await world.take(meetings.map { $0.cancelled() })
            world.wait(minutes: 1)
            #expect(try await world.reconcile().summary.delete == count)
        }
    }

    @Test("lets 40 reschedules pass: that is what live bookings ask for")
    func reschedules() async throws {
        try await withPipeline { world in
            let meetings = try await book(40, world)
            try await world.take(
                meetings.map { old in
                    old.with {
                        $0.uid += "-moved"; $0.start = "2026-12-01T09:00:00Z"
                    }
                    .rescheduled(from: old)
                }
            )
            world.wait(minutes: 1)
            #expect(try await world.reconcile().summary.update == 40)
        }
    }
}

@Suite("Two runs at a time")
struct LeaseTests {
    @Test("are not: the second is refused until the first one's lease ends")
    func lease() async throws {
        try await withPipeline { world in
            try await world.accept("{}")
            try await world.deliver(Meeting().created)
            #expect(try await world.journal.takeLease("somebody", now: world.now) != nil)
            await #expect(throws: RunRefusal.busy) { try await world.reconcile() }
            #expect(try await world.org.writes == 0)
            world.wait(minutes: 2)
            #expect(try await world.reconcile().summary.create == 2)
        }
    }

    @Test("are not: two at the same moment write everything once")
    func atOnce() async throws {
        try await withPipeline { world in
            try await world.accept("{}")
            try await world.take([Meeting().created])
            let runs = [try world.synchronizer(), try world.synchronizer()]
            let refusals = await withTaskGroup(of: Bool.self) { group in
                for run in runs {
                    group.addTask {
                        do {
                            _ = try await run.reconcile()
                            return false
                        } catch {
                            return error as? RunRefusal == .busy
                        }
                    }
                }
                return await group.reduce(into: [Bool]()) { $0.append($1) }
            }
            #expect(refusals.count { !$0 } >= 1)
            #expect(try await world.org.count("Event") == 1)
            #expect(try await world.org.count("Contact") == 1)
        }
    }
}
