import Domain
import Journal
import Pipeline
import Salesforce
import Testing

/// The rule of `facts/ledger-and-reconciliation.md` 5.6: the program dies between a write and its
/// receipt, and the org gives values another form.
@Suite("A write whose receipt was lost")
struct InterruptedWriteTests {
    private func settings(_ policy: String) -> String {
        """
        {"onBooking":{"attendee":{"Company_Size__c":{"value":"{size}","when":"\(policy)"},\
        "Short__c":{"value":"{short}","when":"\(policy)"}}}}
        """
    }

    private func booking(_ number: Int, size: String) -> Meeting {
        Meeting("b\(number)").with {
            $0.answers = ["size": .string(size), "short": .string("s\(number)")]
        }
    }

    /// A flow that gives the sizes of ten and twenty another form.
    private let flow = """
        {"automation":[
            {"object":"Contact","when":{"Company_Size__c":"10"},"set":{"Company_Size__c":"ten"}},
            {"object":"Contact","when":{"Company_Size__c":"20"},"set":{"Company_Size__c":"twenty"}}
        ]}
        """

    private func size(_ world: World) async throws -> String {
        try await world.contact("Company_Size__c").text("Company_Size__c")
    }

    static let policies = ["always", "protect", "sticky", "whenEmptyOrOurs", "enforce"]

    @Test("is confirmed for an update, and no value is sent again", arguments: policies)
    func update(policy: String) async throws {
        try await withPipeline { world in
            try await world.org.settings(flow)
            try await world.accept(settings(policy))
            try await world.sync(booking(1, size: "10").created)
            #expect(try await size(world) == "ten")
            try await world.deliver(booking(2, size: "20").created)
            try await world.die()
            try await world.org.resetCounters()
            let report = try await world.reconcile()
            #expect(report.summary.update == 0 && report.summary.create <= 1)
            #expect(try await size(world) == "twenty")
            let confirmed = report.operations.flatMap(\.fields).filter {
                $0.reason == .confirmedLate
            }
            #expect(confirmed.map(\.field) == ["Company_Size__c"])
            let receipt = try #require(
                try await world.ledger("write.confirmed").last {
                    $0.text("object") == "Contact"
                }
            )
            let named = receipt["fields"]?.array?.map { $0.text("field") } ?? []
            #expect(named.sorted() == ["Company_Size__c", "Short__c"])

            // It is ours: the next booking is not held back by it.
            try await world.sync(booking(3, size: "30").created)
            #expect(try await size(world) == "30")
            #expect(try await world.reconcile(.everything).summary.hasWrites == false)
        }
    }

    @Test("is confirmed for a record that was being made", arguments: policies)
    func create(policy: String) async throws {
        try await withPipeline { world in
            try await world.org.settings(flow)
            try await world.accept(settings(policy))
            try await world.deliver(booking(1, size: "10").created)
            try await world.die()
            let report = try await world.reconcile()
            #expect(report.summary.update == 0)
            #expect(try await world.org.count("Contact") == 1)
            #expect(try await size(world) == "ten")
            try await world.sync(booking(2, size: "20").created)
            #expect(try await size(world) == "twenty")
            #expect(try await world.reconcile(.everything).summary.hasWrites == false)
        }
    }

    @Test("does not swallow what was booked meanwhile")
    func newerBooking() async throws {
        try await withPipeline { world in
            try await world.org.settings(flow)
            try await world.accept(settings("protect"))
            try await world.sync(booking(1, size: "10").created)
            try await world.deliver(booking(2, size: "20").created)
            try await world.die()
            try await world.sync(booking(3, size: "30").created)
            #expect(try await size(world) == "30")
            #expect(try await world.contact("Short__c").text("Short__c") == "s3")
            #expect(try await world.reconcile(.everything).summary.hasWrites == false)
        }
    }

    @Test("is decided again where a person edited the record since")
    func edited() async throws {
        try await withPipeline { world in
            try await world.org.settings(flow)
            try await world.accept(settings("protect"))
            try await world.sync(booking(1, size: "10").created)
            try await world.deliver(booking(2, size: "20").created)
            try await world.die()
            let id = try await world.contact().text("Id")
            try await world.org.change("Contact", id, ["Company_Size__c": "mine"])
            world.wait(minutes: 1)
            let report = try await world.reconcile()
            #expect(try await size(world) == "mine")
            #expect(!report.operations.flatMap(\.fields).contains { $0.reason == .confirmedLate })
        }
    }

    static let yielding = ["protect", "sticky", "whenEmptyOrOurs"]

    @Test("stays ours where a person edited another field since", arguments: yielding)
    func otherFieldEdited(policy: String) async throws {
        for isNew in [true, false] {
            try await withPipeline { world in
                try await world.accept(settings(policy))
                if !isNew { try await world.sync(booking(1, size: "10").created) }
                try await world.deliver(booking(2, size: "20").created)
                try await world.die()
                let id = try await world.contact().text("Id")
                try await world.org.change("Contact", id, ["Title": "Head of Trade"])
                world.wait(minutes: 1)
                // The wish has moved before anybody looks: what stands there is not it any more.
                try await world.sync(booking(3, size: "30").created)
                #expect(try await size(world) == "30")
                #expect(try await world.contact("Title").text("Title") == "Head of Trade")
                #expect(try await world.reconcile(.everything).summary.hasWrites == false)
            }
        }
    }

    @Test("leaves a new record's edited field to the person who edited it", arguments: yielding)
    func editedWhenNew(policy: String) async throws {
        try await withPipeline { world in
            try await world.accept(settings(policy))
            try await world.deliver(booking(2, size: "20").created)
            try await world.die()
            let id = try await world.contact().text("Id")
            try await world.org.change("Contact", id, ["Company_Size__c": "mine"])
            world.wait(minutes: 1)
            try await world.reconcile()
            #expect(try await size(world) == "mine")
            let held = try await world.ledger("field.held").filter {
                $0.text("field") == "Company_Size__c"
            }
            #expect(held.map { $0.text("reason") } == ["edited-by-other"])
            try await world.sync(booking(3, size: "30").created)
            // A newer booking is certain here; only what yields to any edit keeps it.
            #expect(try await size(world) == (policy == "protect" ? "30" : "mine"))
            #expect(try await world.contact("Short__c").text("Short__c") == "s3")
            #expect(try await world.reconcile(.everything).summary.hasWrites == false)
        }
    }

    @Test(
        "leaves a field empty that somebody emptied since, until a newer booking speaks",
        arguments: [true, false]
    )
    func emptied(isNew: Bool) async throws {
        try await withPipeline { world in
            try await world.accept(settings("whenEmpty"))
            if !isNew {
                let dana = JSON.string(Meeting.Person.dana.email)
                try await world.org.create("Contact", ["LastName": "D", "Email": dana])
            }
            try await world.deliver(booking(1, size: "10").created)
            // It is considered with the first, whose value fills the field.
            try await world.deliver(booking(2, size: "20").created)
            try await world.die()
            #expect(try await size(world) == "10")
            let id = try await world.contact().text("Id")
            try await world.org.change("Contact", id, ["Company_Size__c": .null])
            world.wait(minutes: 1)
            try await world.reconcile()
            #expect(try await size(world) == "")
            let held = try await world.ledger("field.held").filter {
                $0.text("field") == "Company_Size__c"
            }
            #expect(held.map { $0.text("reason") } == ["emptied-by-other"])
            #expect(try await world.reconcile(.everything).summary.hasWrites == false)
            try await world.sync(booking(3, size: "30").created)
            #expect(try await size(world) == "30")
            #expect(try await world.reconcile(.everything).summary.hasWrites == false)
        }
    }

    @Test("stays ours where the settings call for one of its fields only", arguments: yielding)
    func oneFieldLess(policy: String) async throws {
        try await withPipeline { world in
            try await world.accept(settings(policy))
            try await world.deliver(booking(1, size: "10").created)
            try await world.die()
            let less = #"{"onBooking":{"attendee":{"Short__c":"{short}"}}}"#
            try await world.accept(less, validity: .allHistory)
            try await world.reconcile()
            try await world.accept(settings(policy), validity: .allHistory)
            try await world.sync(booking(2, size: "20").created)
            #expect(try await size(world) == "20")
        }
    }

    @Test("leaves a refused field to the operator who had it ignored")
    func refused() async throws {
        try await withPipeline { world in
            try await world.accept(
                """
                {"onBooking":{"attendee":{"Company_Size__c":"{size}",\
                "Last_Booking_Status__c":"Booked"}}}
                """
            )
            try await world.refuse(
                "STRING_TOO_LONG",
                "Too long.",
                field: "Last_Booking_Status__c",
                when: #""Last_Booking_Status__c":"Booked""#
            )
            #expect(try await world.sync(booking(1, size: "10").created).refusedFields == 1)
            let name = try #require(try await world.journal.keptFailures().first?.name)
            try await world.journal.ignore([name], actor: "test")
            try await world.deliver(booking(2, size: "20").created)
            try await world.die()
            try await world.sync(booking(3, size: "30").created)
            #expect(try await size(world) == "30")
            let kept = try await world.journal.keptFailures()
            #expect(kept.map(\.name) == [name] && kept.allSatisfy { $0.state == .ignored })
        }
    }

    @Test("stays ours although the next answer is lost, too", arguments: yielding)
    func twice(policy: String) async throws {
        try await withPipeline { world in
            try await world.accept(settings(policy))
            try await world.deliver(booking(2, size: "20").created)
            try await world.die()
            try await world.deliver(
                booking(3, size: "20").with { $0.answers["short"] = "s9" }.created
            )
            try await world.die()
            try await world.sync(booking(4, size: "40").created)
            #expect(try await size(world) == "40")
            #expect(try await world.contact("Short__c").text("Short__c") == "s4")
            #expect(try await world.reconcile(.everything).summary.hasWrites == false)
        }
    }

    @Test("is looked up when the settings call for another record", arguments: [true, false])
    func settingsChanged(tookHold: Bool) async throws {
        try await withPipeline { world in
            try await world.org.settings(flow)
            try await world.accept(settings("whenEmptyOrOurs"))
            try await world.sync(booking(1, size: "10").created)
            try await world.deliver(booking(2, size: "20").created)
            try await world.die(tookHold ? .afterSending : .beforeSending)
            let begun = try await world.journal.openIntents().keys.filter {
                $0.rawValue.hasSuffix("/contact")
            }
            #expect(begun.count == 1)
            try await world.accept(#"{"attendeeRecord":"lead"}"#, validity: .allHistory)
            try await world.reconcile()
            #expect(try await world.journal.openIntents().isEmpty)
            let receipts = try await world.ledger("write.confirmed").filter {
                $0.text("operation") == begun.first?.rawValue
            }
            let late = receipts.dropFirst().map { receipt in
                receipt["fields"]?.array?.map { $0.text("field") }
            }
            #expect(late == (tookHold ? [["Company_Size__c", "Short__c"]] : []))

            // It is ours still when the old settings are back.
            try await world.accept(settings("whenEmptyOrOurs"), validity: .allHistory)
            try await world.sync(booking(3, size: "30").created)
            #expect(try await size(world) == "30")
        }
    }

    @Test("is known in the form that the org gave it, although it could not be read back")
    func notReadBack() async throws {
        try await withPipeline { world in
            try await world.org.settings(flow)
            try await world.accept(settings("sticky"))
            let clock = world.clock
            world.interpose = { BlindGateway(org: $0, clock: clock) }
            try await world.sync(booking(1, size: "10").created)
            world.interpose = { $0 }
            #expect(try await size(world) == "ten")
            try await world.sync(booking(2, size: "20").created)
            #expect(try await size(world) == "twenty")
        }
    }

    @Test("leaves an edit before it was read back to its editor, whoever we are")
    func editedBeforeReadBack() async throws {
        try await withPipeline { world in
            try await world.accept(settings("sticky"))
            let editor = try #require(SalesforceID("005000000000099AAA"))
            world.interpose = {
                RacedGateway(
                    org: $0,
                    field: "Company_Size__c",
                    edit: .text("by hand"),
                    editor: editor
                )
            }
            try await world.sync(booking(1, size: "10").created)
            world.interpose = { $0 }
            let id = try await world.contact().text("Id")
            try await world.org.change("Contact", id, ["Company_Size__c": "by hand"])
            try await world.sync(booking(2, size: "20").created)
            #expect(try await size(world) == "by hand")
        }
    }

    @Test("is no deletion by somebody else where it was one of ours", arguments: [1, 2])
    func deletion(deaths: Int) async throws {
        try await withPipeline { world in
            try await world.accept(#"{"onCancellation":{"eventRecord":"delete"}}"#)
            let meeting = booking(1, size: "10")
            try await world.sync(meeting.created)
            try await world.deliver(meeting.cancelled())
            try await world.die()
            #expect(try await world.org.count("Event") == 0)
            let again = booking(2, size: "10").with { $0.start = "2026-11-12T16:00:00Z" }
            try await world.deliver(again.rescheduled(from: meeting))
            // What became of the deletion is not forgotten when the next request is lost, too.
            if deaths > 1 { try await world.die(.beforeSending) }
            try await world.reconcile()
            #expect(try await world.org.count("Event") == 1)
            #expect(try await world.ledger("record.deleted-by-other").isEmpty)
            try await world.expectSettled()
        }
    }

    /// A plan that does not look at all that a run looks at.
    enum PartialPlan: CaseIterable {
        case replay
        case revert
        case undo
    }

    private func plan(
        _ kind: PartialPlan,
        _ record: SalesforceID,
        _ run: String,
        _ world: World
    ) async throws -> SyncPlan {
        let synchronizer = try world.synchronizer()
        switch kind {
        case .replay: return try await synchronizer.replay(ReplayRequest(fields: ["Short__c"]))
        case .revert:
            let place = FieldPlace(record: record, field: "Short__c")
            return try await synchronizer.plan(.revert, [place])
        case .undo: return try await synchronizer.plan(undoing: run)
        }
    }

    @Test("is left to a run by plans that look at a part only", arguments: PartialPlan.allCases)
    func partialPlans(kind: PartialPlan) async throws {
        try await withPipeline { world in
            let id = try await world.org.create(
                "Contact",
                ["LastName": "Okafor", "Email": .string(Meeting.Person.dana.email)]
            )
            let record = try #require(SalesforceID(id))
            try await world.accept(settings("sticky"))
            let run = try await world.sync(booking(1, size: "10").created).run
            try await world.deliver(booking(2, size: "20").created)
            try await world.die()
            try await world.org.change("Contact", id, ["Short__c": "by hand"])
            let plan = try await plan(kind, record, run, world)
            #expect(!plan.operations.contains { $0.record == record })
            #expect(plan.leftOut.map { $0.rawValue.hasSuffix("/contact") } == [true])
            let synchronizer = try world.synchronizer()
            let document = synchronizer.document(of: plan, isRevealed: false)
            #expect(
                document["leftOut"]?.array?.compactMap(\.string) == plan.leftOut.map(\.rawValue)
            )
            _ = try await synchronizer.apply(document)
            try await world.sync(booking(3, size: "30").created)
            // The other field is known to be ours, and this one to be somebody's.
            #expect(try await size(world) == "30")
            #expect(try await world.contact("Short__c").text("Short__c") == "by hand")
            try await world.expectSettled()
        }
    }

    @Test("is made again where it never reached the org")
    func neverSent() async throws {
        try await withPipeline { world in
            try await world.org.settings(flow)
            try await world.accept(settings("protect"))
            try await world.sync(booking(1, size: "10").created)
            try await world.deliver(booking(2, size: "20").created)
            try await world.die(.beforeSending)
            try await world.reconcile()
            #expect(try await size(world) == "twenty")
            let receipts = try await world.ledger("write.confirmed").filter {
                $0.text("object") == "Contact"
            }
            #expect(receipts.count == 2, "what never happened has no receipt")
            #expect(try await world.reconcile(.everything).summary.hasWrites == false)
        }
    }
}
