import Domain
import Foundation
import Journal
import Ledger
import Pipeline
import Salesforce
import Testing

@Suite("Undo")
struct UndoTests {
    /// A contact with a status from before, over which a run writes.
    private func overwrite(_ world: World) async throws -> (contact: String, run: String) {
        let contact = try await world.org.create(
            "Contact",
            [
                "LastName": "Okafor", "Email": .string(Meeting.Person.dana.email),
                "Last_Booking_Status__c": "Old", "Department": "Phone",
            ]
        )
        world.wait(minutes: 1)
        try await world.accept(DriftTests.settings)
        let report = try await world.sync(Meeting().created)
        return (contact, report.run)
    }

    @Test("puts back what stood there, leaves what was edited since, and stays so")
    func putsBack() async throws {
        try await withPipeline { world in
            let (contact, run) = try await overwrite(world)
            try await world.org.change("Contact", contact, ["Department": "Partner"])
            world.wait(minutes: 1)
            let plan = try await world.synchronizer().plan(undoing: run)
            let fields = plan.operations.first { $0.record?.rawValue == contact }?.fields ?? []
            #expect(fields.map(\.field) == ["Department", "Last_Booking_Status__c"])
            #expect(fields.map(\.reason) == [.changedSince, .undone])
            try await world.apply(plan)
            func row() async throws -> JSON {
                try await world.contact("Last_Booking_Status__c, Department")
            }
            #expect(try await row().text("Last_Booking_Status__c") == "Old")
            #expect(try await row().text("Department") == "Partner")
            try await world.reconcile(.everything)
            #expect(try await row().text("Last_Booking_Status__c") == "Old")
            try await world.sync(Meeting("second").created)
            #expect(try await row().text("Last_Booking_Status__c") == "Booked")
        }
    }

    @Test("deletes what the run made and nobody touched, and it is not made again")
    func created() async throws {
        try await withPipeline { world in
            try await world.accept(DriftTests.settings)
            let run = try await world.sync(Meeting().created).run
            let contact = try await world.contact().text("Id")
            try await world.org.change("Contact", contact, ["Title": "CEO"])
            world.wait(minutes: 1)
            let plan = try await world.synchronizer().plan(undoing: run)
            #expect(plan.summary.delete == 1)
            #expect(
                plan.operations.first { $0.record?.rawValue == contact }?.reason == .changedSince
            )
            try await world.apply(plan)
            #expect(try await world.org.count("Event") == 0)
            #expect(try await world.org.count("Contact") == 1)
            try await world.reconcile(.everything)
            #expect(try await world.org.count("Event") == 0)
        }
    }

    @Test("leaves it at that what a person deleted is gone, however often it is applied")
    func alreadyGone() async throws {
        try await withPipeline { world in
            try await world.accept(DriftTests.settings)
            let run = try await world.sync(Meeting().created).run
            let eventRecord = try await world.eventRecord("Id").text("Id")
            try await world.org.delete("Event", eventRecord)
            world.wait(minutes: 1)
            for _ in 0..<2 {
                try await world.apply(try await world.synchronizer().plan(undoing: run))
                try await world.reconcile(.everything)
            }
            #expect(try await world.org.count("Event") == 0)
            #expect(try await world.org.count("Contact") == 0)
        }
    }

    @Test("tells a record that cannot be seen from one that is gone")
    func hidden() async throws {
        try await withPipeline { world in
            try await world.accept(DriftTests.settings)
            let run = try await world.sync(Meeting().created).run
            try await world.org.hide([try await world.eventRecord("Id").text("Id")])
            let plan = try await world.synchronizer().plan(undoing: run)
            #expect(plan.operations.map(\.reason) == [.undone, .notVisible])
        }
    }

    @Test("stays after a crash: what it put back is as if a person had put it there")
    func lostAnswer() async throws {
        try await withPipeline { world in
            let (_, run) = try await overwrite(world)
            let plan = try await world.synchronizer().plan(undoing: run)
            world.interpose = { DyingGateway($0, .afterSending) }
            await #expect(throws: SalesforceError.self) { try await world.apply(plan) }
            try world.restart()
            world.interpose = { $0 }
            world.wait(minutes: 2)
            try await world.reconcile(.everything)
            let row = try await world.contact("Last_Booking_Status__c")
            #expect(row.text("Last_Booking_Status__c") == "Old")
            try await world.expectSettled()
        }
    }

    @Test("of an earlier run leaves an edit alone that is newer than the last booking")
    func editedSinceTheNewest() async throws {
        try await withPipeline { world in
            let (contact, run) = try await overwrite(world)
            try await world.sync(Meeting("second").created)
            world.wait(minutes: 1)
            try await world.org.change("Contact", contact, ["Last_Booking_Status__c": "Mine"])
            world.wait(minutes: 1)
            try await world.reconcile(.everything)
            try await world.apply(try await world.synchronizer().plan(undoing: run))
            try await world.reconcile(.everything)
            let row = try await world.contact("Last_Booking_Status__c")
            #expect(row.text("Last_Booking_Status__c") == "Mine")
        }
    }

    @Test("of a run that deleted something leaves it to people to bring it back, and to keep it")
    func deleted() async throws {
        try await withPipeline { world in
            try await world.accept(DriftTests.settings)
            try await world.sync(Meeting().created)
            let eventRecord = try await world.eventRecord("Id").text("Id")
            let run = try await world.sync(Meeting().cancelled()).run
            #expect(try await world.org.count("Event") == 0)
            try await world.apply(try await world.synchronizer().plan(undoing: run))
            try await world.org.undelete(eventRecord)
            world.wait(minutes: 1)
            try await world.reconcile(.everything)
            #expect(try await world.org.count("Event") == 1)
        }
    }

    @Test("of a run that was killed puts back what it had written until then")
    func killed() async throws {
        try await withPipeline { world in
            let (contact, _) = try await overwrite(world)
            let record = try #require(SalesforceID(contact))
            let link = try #require(try await world.journal.links(to: record).first)
            guard case .person(let key) = link.subject else {
                Issue.record("a contact stands for a person")
                return
            }
            try await world.journal.note(run: "killed", "started", summary: .object([]))
            try await world.journal.note(run: "killed", "planned", summary: .object([]))
            let cause = Cause(position: LedgerPosition(1), occurred: world.now, recorded: world.now)
            let written = PlannedField(
                field: "Department",
                outcome: .write,
                reason: .sourceChanged,
                live: .text("Before"),
                desired: .value(.text("Web")),
                cause: cause,
                version: nil,
                rule: "",
                isPersonal: false
            )
            let operation = PlanOperation(
                subject: link.subject,
                appointments: [],
                kind: .update,
                reason: .sourceChanged,
                object: .contact,
                record: record,
                isOurs: false,
                fields: [written],
                stamp: nil,
                candidates: [],
                cause: cause
            )
            var result = OperationResult(
                operation: operation,
                outcome: .written(record, wasCreated: false, stamp: nil),
                record: record
            )
            result.sealUnder = key.person
            result.values = [
                OperationResult.Values(
                    field: "Department",
                    before: .text("Before"),
                    sent: .text("Web"),
                    seen: .text("Web")
                )
            ]
            try await world.journal.receive([result], run: "killed")
            let plan = try await world.synchronizer().plan(undoing: "killed")
            try await world.apply(plan)
            #expect(try await world.contact("Department").text("Department") == "Before")
        }
    }

    @Test("refuses a run that nobody made")
    func unknown() async throws {
        try await withPipeline { world in
            await #expect(throws: ReplayError.unknownRun("nonsense")) {
                _ = try await world.synchronizer().plan(undoing: "nonsense")
            }
        }
    }
}
