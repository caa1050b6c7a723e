import Domain
import Reconciliation
import Testing

/// What `FallbackPlanner` takes for a record whose making was begun, where it has no key.
@Suite("A fallback record that is known by its texts only")
struct FallbackPlanTests {
    private static let us = SalesforceID.user(9)
    private static let names = ["bk1", "bk2"]

    private func subject(_ name: String) -> RecordSubject {
        .fallback(.sample(name), name: "miss")
    }

    private func desired(_ name: String) -> DesiredFallbackRecord {
        DesiredFallbackRecord(
            appointment: .sample(name),
            name: "miss",
            object: .lead,
            existence: .required,
            booker: nil,
            unlessOwnedBy: nil,
            account: nil,
            fields: [.text("Note__c", "missed")],
            held: [],
            creationDefaults: [:],
            cause: .minute(1)
        )
    }

    private func record(
        _ number: Int,
        created minute: Int = 3,
        by user: SalesforceID = us,
        note: String = "missed"
    ) -> ObservedRecord {
        var record = ObservedRecord.sample(.lead(number), created: minute)
        record.createdBy = user
        record.fields["Note__c"] = .text(note)
        return record
    }

    /// Two bookings of which each one's record was begun in minute 2, and the records with the texts
    /// of both.
    private func input(_ found: ObservedRecord...) -> PlanningInput {
        var input = PlanningInput.sample()
        input.ownUser = Self.us
        for record in found { input.directory.show(record) }
        for name in Self.names {
            input.fallbacks.append(desired(name))
            input.directory.fallbacks[subject(name)] = found
            input.begun[OperationID(subject(name).name)] = BegunWrite(
                kind: .create,
                object: .lead,
                record: nil,
                appointments: [.sample(name)],
                cause: .minute(1),
                planned: .minute(2),
                since: .minute(2),
                fields: [
                    "Note__c": BegunWrite.Field(before: "", wish: "missed", isPersonal: false)
                ]
            ) { planned in
                BegunWrite.Field(before: planned.live.readableText, wish: "", isPersonal: false)
            }
        }
        return input
    }

    /// What becomes of both when nothing calls for them any more.
    private func evidence(_ input: PlanningInput) -> [WriteEvidence?] {
        var input = input
        input.fallbacks = []
        let plan = input.plan()
        #expect(!plan.contains { $0.isWrite })
        return plan.map(\.evidence)
    }

    private func kinds(_ input: PlanningInput) -> [PlanOperation.Kind] {
        input.plan().map(\.kind)
    }

    @Test("stands for one booking of a plan, and the other one's is made")
    func shared() {
        #expect(kinds(input(record(1))) == [.unchanged, .create])
        let both = input(record(1), record(2)).plan()
        #expect(both.map(\.evidence) == [.made(.lead(1)), .made(.lead(2))])
    }

    @Test("is the one that was made before its booking joined an earlier appointment")
    func joined() {
        var input = PlanningInput.sample()
        var joined = desired("bk1")
        joined.uids = [.sample("bk1"), .sample("bk2")]
        input.fallbacks = [joined]
        input.links[subject("bk2")] = RecordLink(
            subject: subject("bk2"),
            object: .lead,
            record: .lead(1),
            isOurs: true
        )
        input.directory.show(record(1))
        #expect(input.plan().map(\.kind) == [.unchanged])
        #expect(input.plan().map(\.record) == [.lead(1)])
        // The one that somebody deleted is not made again either.
        input.links[subject("bk2")]?.state = .deletedByOther
        #expect(input.plan().map(\.reason) == [.deletedByOther])
    }

    @Test("is looked for under the uid that it was begun for, if its booking joined another since")
    func joinedMeanwhile() {
        var input = input(record(1))
        var joined = desired("bk1")
        joined.uids = [.sample("bk1"), .sample("bk2")]
        input.fallbacks = [joined]
        input.begun[OperationID(subject("bk1").name)] = nil
        input.directory.fallbacks[subject("bk1")] = nil
        let found = input.plan()
        #expect(found.map(\.kind) == [.unchanged])
        #expect(found.map(\.subject) == [subject("bk2")])
        #expect(found.map(\.evidence) == [.made(.lead(1))])
        input.directory.fallbacks[subject("bk2")] = []
        #expect(input.plan().map(\.kind) == [.create])
    }

    @Test("is not one that stands for something else")
    func linked() {
        var input = input(record(1), record(2))
        input.linked = [.lead(1)]
        #expect(input.plan().map(\.record) == [.lead(2), nil])
    }

    @Test("is not one that somebody else made, or that we made days before")
    func notOurs() {
        #expect(kinds(input(record(1, by: .user(1)))) == [.create, .create])
        #expect(kinds(input(record(1, created: -1_500))) == [.create, .create])
        #expect(kinds(input(record(1, created: -1_400))) == [.unchanged, .create])
    }

    @Test("is one that holds what was to be written, when nothing calls for it any more")
    func noMoreWanted() {
        #expect(evidence(input()) == [nil, nil])
        #expect(evidence(input(record(1))) == [.made(.lead(1)), nil])
        #expect(evidence(input(record(1), record(2))) == [.made(.lead(1)), .made(.lead(2))])
        #expect(evidence(input(record(1, note: "kept"), record(2))) == [.made(.lead(2)), nil])
        #expect(evidence(input(record(1, by: .user(1)))) == [nil, nil])
        var linked = input(record(1))
        linked.linked = [.lead(1)]
        #expect(evidence(linked) == [nil, nil])
    }
}
