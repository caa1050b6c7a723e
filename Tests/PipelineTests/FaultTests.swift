import Domain
import Pipeline
import Salesforce
import TestSupport
import Testing

/// What goes wrong on the way, and what is in the org afterwards.
@Suite("Faults")
struct FaultTests {
    private let booking = Meeting()
    private let settings = """
        {"onBooking":{"attendee":{"Last_Booking_Status__c":"Booked"},\
        "eventRecord":{"Booking_Uid__c":"{booking_uid}"}}}
        """

    /// Everything is there once.
    private func expectComplete(_ world: World, bookings: Int = 1) async throws {
        let events = try await world.org.query("SELECT WhoId, Booking_Uid__c FROM Event")
        #expect(events.count == bookings)
        #expect(events.allSatisfy { $0["WhoId"] != .null })
        #expect(Set(events.map { $0.text("Booking_Uid__c") }).count == bookings)
        #expect(try await world.org.count("Contact") == bookings)
        try await world.org.resetCounters()
        #expect(try await world.reconcile(.everything).summary.hasWrites == false)
        #expect(try await world.org.writes == 0)
    }

    /// Runs until a run ends well, letting an hour pass in between.
    private func reconcileUntilDone(_ world: World) async throws {
        for _ in 0..<6 {
            do {
                if try await world.reconcile().summary.failed == 0 { return }
            } catch is SalesforceError {
                // The next run goes on.
            }
            world.wait(minutes: 120)
        }
        Issue.record("the runs do not come to an end")
    }

    private func meetings(_ count: Int) -> [Meeting] {
        (0..<count).map { number in
            Meeting("b\(number)").with { $0.booker.email = "g\(number)@globex.example" }
        }
    }

    // MARK: Fault × effect

    /// What goes wrong, and in which requests.
    struct Fault: Sendable, CustomTestStringConvertible {
        var kind: String
        /// In requests whose path contains this; in all if nil.
        var path: String?
        /// How often.
        var count = 1
        /// Whether the org has the field for Daybook's key.
        var hasKey = true

        /// Whether what is left of it finds nothing more to strike: a write that took hold is not
        /// repeated.
        var isOneEnough: Bool { kind == "timeoutAfterCommit" }

        var testDescription: String {
            "\(kind) × \(count)\(path.map { " at \($0)" } ?? "")\(hasKey ? "" : ", without key field")"
        }
    }

    static let faults =
        [true, false].flatMap { hasKey in
            [
                Fault(kind: "serverUnavailable", hasKey: hasKey),
                Fault(kind: "serverUnavailable", count: 7, hasKey: hasKey),
                Fault(kind: "unknownException", hasKey: hasKey),
                Fault(kind: "connectionClosed", hasKey: hasKey),
                Fault(kind: "connectionClosed", count: 7, hasKey: hasKey),
                Fault(kind: "timeoutAfterCommit", hasKey: hasKey),
                Fault(kind: "timeoutAfterCommit", count: 2, hasKey: hasKey),
                Fault(kind: "lockRow", hasKey: hasKey),
                Fault(kind: "lockRow", count: 6, hasKey: hasKey),
                Fault(kind: "requestLimit", hasKey: hasKey),
            ]
        }

    @Test("lose nothing and write nothing twice when they strike the first read", arguments: faults)
    func onFirstRequest(fault: Fault) async throws {
        try await withPipeline { world in
            try await world.org.settings(#"{"omitDaybookKey":\#(!fault.hasKey)}"#)
            try await world.accept(settings)
            try await world.deliver(booking.created)
            try await world.org.fail(fault.kind, count: fault.count)
            try await reconcileUntilDone(world)
            #expect(try await world.org.pendingFaults == 0 || fault.isOneEnough)
            try await world.org.heal()
            try await expectComplete(world)
        }
    }

    @Test("lose nothing and write nothing twice when they strike the write", arguments: faults)
    func onWrite(fault: Fault) async throws {
        try await withPipeline { world in
            try await world.org.settings(#"{"omitDaybookKey":\#(!fault.hasKey)}"#)
            try await world.accept(settings)
            try await world.deliver(booking.created)
            let (org, kind, count) = (world.org, fault.kind, fault.count)
            world.interpose = { gateway in
                InterruptedGateway(gateway) { try await org.fail(kind, count: count) }
            }
            do { try await world.reconcile() } catch is SalesforceError {}
            world.interpose = { $0 }
            world.wait(minutes: 120)
            try await reconcileUntilDone(world)
            #expect(try await world.org.pendingFaults == 0 || fault.isOneEnough)
            try await world.org.heal()
            try await expectComplete(world)
        }
    }

    static let severe = [
        Fault(kind: "serverUnavailable", count: 7), Fault(kind: "timeoutAfterCommit"),
        Fault(kind: "lockRow", count: 6),
    ]

    @Test("lose nothing in a run of several calls", arguments: severe)
    func manyBookings(fault: Fault) async throws {
        try await withPipeline { world in
            try await world.accept(settings)
            try await world.take(meetings(600).map(\.created))
            let (org, kind, count) = (world.org, fault.kind, fault.count)
            world.interpose = { gateway in
                InterruptedGateway(gateway) { try await org.fail(kind, count: count) }
            }
            do { try await world.reconcile() } catch is SalesforceError {}
            world.interpose = { $0 }
            world.wait(minutes: 120)
            try await reconcileUntilDone(world)
            try await expectComplete(world, bookings: 600)
        }
    }

    @Test("tell the operator when the request limit is reached, and the next run goes on")
    func requestLimit() async throws {
        try await withPipeline { world in
            try await world.accept(settings)
            try await world.deliver(booking.created)
            try await world.org.settings(#"{"dailyLimit":1000,"used":1000}"#)
            await #expect {
                try await world.reconcile()
            } throws: { error in
                if case .limitReached? = error as? SalesforceError { true } else { false }
            }
            let stopped = try await world.ledger("run.stopped")
            #expect(stopped.last?.text("why") == "limit-reached")
            try await world.org.settings(#"{"dailyLimit":100000,"used":0}"#)
            world.wait(minutes: 5)
            try await world.reconcile()
            try await expectComplete(world)
        }
    }

    // MARK: Tokens

    @Test("of a token that expired are mended by refreshing it once")
    func refresh() async throws {
        try await withPipeline { world in
            world.tokens = RefreshTokenFlow(
                app: ConnectedApp(clientID: "id"),
                loginURL: try InstanceURL(world.org.base),
                http: world.org.http,
                store: MemoryTokenStore("refresh")
            )
            try await world.accept(settings)
            try await world.deliver(booking.created)
            try await world.org.fail("expiredToken", more: #","match":"/services/data""#)
            try await world.reconcile()
            #expect(try await world.org.pendingFaults == 0)
            try await expectComplete(world)
        }
    }

    @Test("of a fixed token that expired are the operator's to mend, and nothing is lost")
    func fixedToken() async throws {
        try await withPipeline { world in
            try await world.accept(settings)
            try await world.deliver(booking.created)
            try await world.org.fail("expiredToken")
            for _ in 0..<2 {
                await #expect {
                    try await world.reconcile()
                } throws: { error in
                    if case .unauthorised? = error as? SalesforceError { true } else { false }
                }
            }
            #expect(try await world.ledger("run.stopped").last?.text("why") == "unauthorised")
            world.tokens = FixedAccessToken(
                AccessToken(value: "new", instanceURL: try InstanceURL(world.org.base))
            )
            try await world.reconcile()
            try await expectComplete(world)
        }
    }

    // MARK: Crashes

    @Test(
        "of the program between write and receipt make no doubles",
        arguments: DyingGateway.Moment.allCases,
        [true, false]
    )
    func crash(moment: DyingGateway.Moment, hasKey: Bool) async throws {
        try await withPipeline { world in
            try await world.org.settings(#"{"omitDaybookKey":\#(!hasKey)}"#)
            try await world.accept(settings)
            try await world.take([booking.created])
            world.interpose = { DyingGateway($0, moment) }
            await #expect(throws: SalesforceError.self) { try await world.reconcile() }
            try world.restart()
            world.interpose = { $0 }
            world.wait(minutes: 2)
            try await world.reconcile()
            try await expectComplete(world)
        }
    }

    @Test("of the program in the middle of many writes make no doubles", arguments: [1, 2])
    func crashOfMany(batch: Int) async throws {
        try await withPipeline { world in
            try await world.accept(settings)
            try await world.take(meetings(600).map(\.created))
            world.interpose = { DyingGateway($0, .afterSending, batch: batch) }
            await #expect(throws: SalesforceError.self) { try await world.reconcile() }
            try world.restart()
            world.interpose = { $0 }
            world.wait(minutes: 2)
            try await world.reconcile()
            try await expectComplete(world, bookings: 600)
        }
    }

    @Test("of the program between an update and its receipt do not look like somebody's edit")
    func crashOfUpdate() async throws {
        try await withPipeline { world in
            try await world.accept("{}")
            try await world.sync(booking.created)
            let moved = Meeting("moved").with { $0.start = "2026-11-12T16:00:00Z" }
            try await world.deliver(moved.rescheduled(from: booking))
            world.interpose = { DyingGateway($0, .afterSending) }
            await #expect(throws: SalesforceError.self) { try await world.reconcile() }
            try world.restart()
            world.interpose = { $0 }
            try await world.reconcile()
            let third = Meeting("third").with { $0.start = "2026-11-13T16:00:00Z" }
            try await world.sync(third.rescheduled(from: moved))
            let event = try await world.org.one("SELECT StartDateTime FROM Event")
            #expect(event.text("StartDateTime").hasPrefix("2026-11-13T16:00:00"))
        }
    }

    @Test("of the program between a deletion and its receipt are found out")
    func crashOfDeletion() async throws {
        try await withPipeline { world in
            try await world.accept("{}")
            try await world.sync(booking.created)
            try await world.deliver(booking.cancelled())
            world.interpose = { DyingGateway($0, .afterSending) }
            await #expect(throws: SalesforceError.self) { try await world.reconcile() }
            try world.restart()
            world.interpose = { $0 }
            let report = try await world.reconcile()
            #expect(report.summary.failed == 0)
            #expect(try await world.org.count("Event") == 0)
            #expect(try await world.reconcile(.everything).summary.hasWrites == false)
        }
    }

    // MARK: The org's own rules

    @Test("of a duplicate rule lead to the record that is there")
    func duplicateRule() async throws {
        try await withPipeline { world in
            try await world.org.settings(#"{"duplicateRules":{"Contact":"block"}}"#)
            try await world.accept(settings)
            try await world.deliver(booking.created)
            let (org, email) = (world.org, booking.booker.email)
            world.interpose = { gateway in
                // Somebody enters the person while we are on the way.
                InterruptedGateway(gateway) {
                    try await org.create(
                        "Contact",
                        [
                            "FirstName": "Dana", "LastName": "Okafor", "Email": .string(email),
                        ]
                    )
                }
            }
            let report = try await world.reconcile()
            #expect(report.summary.failed == 0)
            #expect(
                try await world.contact("Last_Booking_Status__c").text("Last_Booking_Status__c")
                    == "Booked"
            )
            try await expectComplete(world)
        }
    }

    @Test("of one record leave the others alone, are recorded, and wait until something changes")
    func refusedRecord() async throws {
        try await withPipeline { world in
            try await world.org.settings(
                """
                {"automation":[{"object":"Contact","when":{"LastName":"Refused"},\
                "reject":{"message":"No."}}]}
                """
            )
            try await world.accept(settings)
            let bad = Meeting("bad").with {
                $0.booker = .init(name: "Refused", email: "refused@globex.example")
            }
            let report = try await world.sync(booking.created, bad.created)
            #expect(report.summary.failed == 1)
            #expect(try await world.org.count("Event") == 2)
            #expect(try await world.eventRecord("WhoId", of: "bad")["WhoId"] == .null)
            let failures = try await world.ledger("write.failed")
            #expect(failures.count == 1)
            #expect(failures.first?.text.contains("FIELD_CUSTOM_VALIDATION_EXCEPTION") == true)
            try await world.org.resetCounters()
            try await world.reconcile(.everything)
            #expect(try await world.ledger("write.failed").count == 1)
            #expect(try await world.org.writes == 0)
        }
    }

    @Test("of a record that changed under our hands are decided anew, and the edit is kept")
    func changedUnderOurHands() async throws {
        try await withPipeline { world in
            try await world.accept(
                """
                {"ownerChange":{"to":"organizer","onlyIfOwnedBy":["Mara Admin"]}}
                """
            )
            let id = try await world.org.create(
                "Contact",
                ["LastName": "Okafor", "Email": .string(booking.booker.email)]
            )
            world.wait(minutes: 1)
            try await world.deliver(booking.created)
            let (org, clock) = (world.org, world.clock)
            let tomas = try await org.user("tomas.lindqvist@example.com")
            world.interpose = { gateway in
                InterruptedGateway(gateway) {
                    clock.advance(bySeconds: 10)
                    try await org.change("Contact", id, ["OwnerId": .string(tomas)])
                    clock.advance(bySeconds: 10)
                }
            }
            try await world.reconcile()
            #expect(try await world.contact("OwnerId").text("OwnerId") == tomas)
        }
    }
}
