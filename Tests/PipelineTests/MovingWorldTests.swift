import Domain
import Journal
import Ledger
import Pipeline
import Testing

/// The seven cases of `facts/ledger-and-reconciliation.md` 5.8, against an org behind HTTP.
@Suite("A world that moves")
struct MovingWorldTests {
    private func settings(_ policy: String) -> String {
        #"{"onBooking":{"attendee":{"Company_Size__c":{"value":"{size}","when":"\#(policy)"}}}}"#
    }

    private func booking(_ number: Int, size: JSON = "10") -> Meeting {
        Meeting("b\(number)").with { $0.answers["size"] = size }
    }

    private func size(_ world: World) async throws -> String {
        try await world.contact("Company_Size__c").text("Company_Size__c")
    }

    private func edit(_ world: World, _ size: JSON) async throws {
        world.wait(minutes: 1)
        let id = try await world.contact().text("Id")
        try await world.org.change("Contact", id, ["Company_Size__c": size])
        world.wait(minutes: 1)
    }

    private func reason(_ report: RunReport) -> Reason? {
        report.operations.flatMap(\.fields).first { $0.field == "Company_Size__c" }?.reason
    }

    @Test("writes as planned what changes during the run, and the next run puts it right")
    func changesMeanwhile() async throws {
        try await withPipeline { world in
            let meeting = Meeting("first")
            try await world.accept("{}")
            try await world.deliver(meeting.created)
            let moved = meeting.relocated(to: "Room 2").body(world.now).bytes
            let intake = Intake(journal: world.journal, now: world.time)
            world.interpose = { gateway in
                InterruptedGateway(gateway) { _ = try await intake.take(file: moved) }
            }
            try await world.reconcile()
            world.interpose = { $0 }
            let before = try await world.org.one("SELECT Id, Location FROM Event")
            #expect(before.text("Location") != "Room 2")
            try await world.reconcile()
            let after = try await world.org.one("SELECT Id, Location FROM Event")
            #expect(after.text("Location") == "Room 2")
            #expect(after.text("Id") == before.text("Id"))
            try await world.expectSettled()
        }
    }

    // MARK: 1, the value stands there already

    @Test("1: a value that stands there already is not written, and counts as ours from then on")
    func unchanged() async throws {
        try await withPipeline { world in
            try await world.org.create(
                "Contact",
                [
                    "LastName": "Okafor", "Email": .string(Meeting.Person.dana.email),
                    "Company_Size__c": "10",
                ]
            )
            try await world.accept(settings("protect"))
            let report = try await world.sync(booking(1).created)
            #expect(report.summary.update == 0)
            #expect(reason(report) == .agreed)
            // One from before us would be protected.
            try await world.sync(booking(2, size: "20").created)
            #expect(try await size(world) == "20")
        }
    }

    // MARK: 2, a person edits

    static let respecting = ["always", "protect", "sticky", "whenEmpty", "whenEmptyOrOurs"]

    @Test("2: what a person edits stands while nothing new is booked", arguments: respecting)
    func editStands(policy: String) async throws {
        try await withPipeline { world in
            try await world.accept(settings(policy))
            try await world.sync(booking(1).created)
            try await edit(world, "mine")
            let report = try await world.reconcile(.everything)
            #expect(report.summary.hasWrites == false)
            #expect(try await size(world) == "mine")
            let expected: Reason = policy == "whenEmpty" ? .notEmpty : .editedByOther
            #expect(reason(report) == expected)
            try await edit(world, .null)
            #expect(try await world.reconcile(.everything).summary.hasWrites == false)
            #expect(try await size(world) == "")
        }
    }

    @Test("2: enforce puts the value back three times in a week, and then asks a person")
    func fight() async throws {
        try await withPipeline { world in
            try await world.accept(settings("enforce"))
            try await world.sync(booking(1).created)
            for round in 1...3 {
                try await edit(world, .string("mine \(round)"))
                let report = try await world.reconcile(.everything)
                #expect(reason(report) == .driftCorrected)
                #expect(try await size(world) == "10")
            }
            try await edit(world, "mine for good")
            let stopped = try await world.reconcile(.everything)
            #expect(stopped.summary.hasWrites == false)
            #expect(reason(stopped) == .correctedTooOften)
            #expect(stopped.needsAttention)
            #expect(try await size(world) == "mine for good")
            // Something newly booked is no fight, and neither is the next week.
            try await world.sync(booking(2, size: "20").created)
            #expect(try await size(world) == "20")
            try await edit(world, "mine again")
            world.wait(minutes: 8 * 24 * 60)
            #expect(reason(try await world.reconcile(.everything)) == .driftCorrected)
        }
    }

    // MARK: 3, a newer booking after an edit

    static let newer: [(policy: String, size: String, reason: Reason)] = [
        ("protect", "20", .newerSource), ("always", "20", .newerSource),
        ("sticky", "mine", .conflict), ("enforce", "20", .conflictEnforced),
        ("whenEmpty", "mine", .notEmpty), ("whenEmptyOrOurs", "mine", .conflict),
    ]

    @Test("3: a newer booking writes over an edit where the policy says so", arguments: newer)
    func newerBooking(row: (policy: String, size: String, reason: Reason)) async throws {
        try await withPipeline { world in
            try await world.accept(settings(row.policy))
            try await world.sync(booking(1).created)
            try await edit(world, "mine")
            let report = try await world.sync(booking(2, size: "20").created)
            #expect(reason(report) == row.reason)
            #expect(try await size(world) == row.size)
            #expect(try await world.reconcile(.everything).summary.hasWrites == false)
        }
    }

    @Test("3: protect holds where it cannot be told which came first")
    func orderUnknown() async throws {
        try await withPipeline { world in
            try await world.accept(settings("protect"))
            try await world.sync(booking(1).created)
            world.wait(minutes: 10)
            let happened = world.now
            try await edit(world, "mine")
            let report = try await world.sync(booking(2, size: "20").created.sent(happened))
            #expect(reason(report) == .orderUnknown)
            #expect(try await size(world) == "mine")
        }
    }

    @Test("3: the receipt keeps what a person had written, so that it can be put back")
    func overwrittenValue() async throws {
        try await withPipeline { world in
            try await world.accept(settings("protect"))
            try await world.sync(booking(1).created)
            try await edit(world, "mine")
            try await world.sync(booking(2, size: "20").created)
            let events = try await world.journal.sealedEvents(
                after: .start,
                limit: .max,
                type: "write.confirmed"
            )
            let opened = try await world.journal.openedEvents(
                at: events.map { LedgerPosition($0.position) }
            )
            let texts = opened.flatMap(\.event.parts)
                .map { String(decoding: $0.content, as: UTF8.self) }
            #expect(texts.contains { $0.contains(#""before":"mine""#) })
        }
    }

    // MARK: 4, write only when empty

    static let filling: [(policy: String, before: JSON, first: String, second: String)] = [
        ("whenEmpty", .null, "10", "10"), ("whenEmpty", "old", "old", "old"),
        ("whenEmptyOrOurs", .null, "10", "20"), ("whenEmptyOrOurs", "old", "old", "old"),
    ]

    @Test("4: only an empty field is filled; our own value is replaced only if asked for")
    func fill() async throws {
        for row in Self.filling {
            try await withPipeline { world in
                try await world.org.create(
                    "Contact",
                    [
                        "LastName": "Okafor", "Email": .string(Meeting.Person.dana.email),
                        "Company_Size__c": row.before,
                    ]
                )
                try await world.accept(settings(row.policy))
                try await world.sync(booking(1).created)
                #expect(try await size(world) == row.first)
                try await world.sync(booking(2, size: "20").created)
                #expect(try await size(world) == row.second)
            }
        }
    }

    @Test(
        "4: what a person emptied is not filled by the same booking again",
        arguments: ["whenEmpty", "whenEmptyOrOurs"]
    )
    func emptied(policy: String) async throws {
        try await withPipeline { world in
            try await world.accept(settings(policy))
            try await world.sync(booking(1).created)
            try await edit(world, .null)
            let report = try await world.reconcile(.everything)
            #expect(reason(report) == .emptiedByOther)
            #expect(try await size(world) == "")
            try await world.sync(booking(2, size: "20").created)
            #expect(try await size(world) == "20")
        }
    }

    // MARK: 7, a setting is removed

    @Test("7: a value whose setting is removed stays, edited or not")
    func settingRemoved() async throws {
        try await withPipeline { world in
            try await world.accept(settings("always"))
            try await world.sync(booking(1).created)
            try await world.accept("{}", validity: .allHistory)
            #expect(try await world.reconcile(.everything).summary.hasWrites == false)
            #expect(try await size(world) == "10")
            try await edit(world, "mine")
            #expect(try await world.reconcile(.everything).summary.hasWrites == false)
            try await world.accept(settings("protect"))
            try await world.sync(booking(2, size: "20").created)
            #expect(try await size(world) == "20", "what it said before is still known")
        }
    }
}
