import Domain
import Reconciliation
import Testing

/// The rows of the table at `OrphanPlanner`.
@Suite("A begun write that nothing calls for any more")
struct OrphanPlanTests {
    /// What was begun, what the org shows, and what becomes of it.
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var kind: PlanOperation.Kind
        /// What the org shows; nil for nothing.
        var shown: Shown?
        /// What becomes of it; nil if it stays open.
        var reason: Reason?
        var evidence: WriteEvidence?
        var fields: [FieldName] = []
    }

    enum Shown: Sendable {
        /// The record as it stands, and whether we changed it last.
        case present([FieldName: FieldValue], byUs: Bool)
        case inRecycleBin
        case hidden
        case notAsked
    }

    private static let us = SalesforceID.user(9)
    private static let record = SalesforceID.contact(1)

    static let cases: [Case] = [
        Case(
            testDescription: "made, and there",
            kind: .create,
            shown: .present(["Note__c": .text("wish")], byUs: true),
            reason: .confirmedLate,
            evidence: .made(record),
            fields: ["Note__c"]
        ),
        Case(
            testDescription: "made, there, and edited",
            kind: .create,
            shown: .present(["Note__c": .text("theirs")], byUs: false),
            reason: .confirmedLate,
            evidence: .made(record)
        ),
        Case(
            testDescription: "made, and deleted by somebody",
            kind: .create,
            shown: .inRecycleBin,
            reason: .deletedByOther,
            evidence: .made(record)
        ),
        Case(testDescription: "never made", kind: .create, shown: nil, reason: .alreadyGone),
        Case(
            testDescription: "changed as it was to be",
            kind: .update,
            shown: .present(["Note__c": .text("wish")], byUs: false),
            reason: .confirmedLate,
            evidence: .changed,
            fields: ["Note__c"]
        ),
        Case(
            testDescription: "changed, and given another form by the org",
            kind: .update,
            shown: .present(["Note__c": .text("WISH")], byUs: true),
            reason: .confirmedLate,
            evidence: .changed,
            fields: ["Note__c"]
        ),
        Case(
            testDescription: "not changed",
            kind: .update,
            shown: .present(["Note__c": .text("before")], byUs: false),
            reason: .noOpinion
        ),
        Case(
            testDescription: "not changed, in a record that we changed last",
            kind: .update,
            shown: .present(["Note__c": .text("before")], byUs: true),
            reason: .noOpinion
        ),
        Case(
            testDescription: "changed by somebody else",
            kind: .update,
            shown: .present(["Note__c": .text("theirs")], byUs: false),
            reason: .noOpinion
        ),
        Case(
            testDescription: "changed, and deleted by somebody",
            kind: .update,
            shown: .inRecycleBin,
            reason: .deletedByOther
        ),
        Case(
            testDescription: "changed, and not shown any more",
            kind: .update,
            shown: .hidden,
            reason: .notVisible
        ),
        Case(testDescription: "changed, and not asked for", kind: .update, shown: .notAsked),
        Case(
            testDescription: "deleted",
            kind: .delete,
            shown: .inRecycleBin,
            reason: .alreadyGone
        ),
        Case(
            testDescription: "not deleted",
            kind: .delete,
            shown: .present([:], byUs: false),
            reason: .noOpinion
        ),
    ]

    @Test("is looked up, and nothing is written for it", arguments: cases)
    func lookedUp(row: Case) {
        var input = PlanningInput.sample()
        input.ownUser = Self.us
        let key = PersonRecordKey.contact("ada")
        var begun = BegunWrite(
            kind: row.kind,
            object: .contact,
            record: row.kind == .create ? nil : Self.record,
            appointments: [.sample()],
            cause: .minute(1),
            planned: .minute(2),
            since: .minute(2),
            fields: row.kind == .delete
                ? [:]
                : [
                    "Note__c": BegunWrite.Field(
                        before: row.kind == .create ? "" : "before",
                        wish: "wish",
                        isPersonal: false
                    )
                ]
        ) { planned in
            BegunWrite.Field(
                before: planned.live.readableText,
                wish: "",
                isPersonal: false
            )
        }
        begun.email = EmailAddress.ada
        input.begun[OperationID(RecordSubject.person(key).name)] = begun
        show(row, in: &input.directory)
        let plan = input.plan()
        #expect(plan.map(\.reason) == [row.reason].compactMap { $0 })
        #expect(plan.map(\.evidence) == (row.reason == nil ? [] : [row.evidence]))
        #expect(plan.flatMap(\.fields).map(\.field) == row.fields)
        #expect(!plan.contains { $0.isWrite })
    }

    private func show(_ row: Case, in directory: inout Directory) {
        var record = ObservedRecord.sample(Self.record, created: 3, lastModified: 3)
        record.createdBy = Self.us
        switch row.shown {
        case .present(let fields, let byUs):
            record.fields = fields
            record.lastModifiedBy = byUs ? Self.us : .user(1)
            directory.show(record)
        case .inRecycleBin:
            record.isDeleted = true
            directory.deleted = [Self.record]
        case .hidden: directory.asked = [Self.record]
        case .notAsked, nil: return
        }
        if row.kind == .create { directory.made[.ada] = [record] }
    }

    @Test(
        "is nobody's where somebody else made the record, or days before",
        arguments: [true, false]
    )
    func notOurs(isByUs: Bool) {
        let input = input(created: isByUs ? -1_500 : 3, by: isByUs ? Self.us : .user(1))
        #expect(input.plan().map(\.reason) == [.alreadyGone])
        #expect(input.plan().map(\.evidence) == [nil])
    }

    @Test("is nobody's where the making of the record has a receipt")
    func hasReceipt() {
        var input = input(created: 3, by: Self.us)
        input.withReceipt = [Self.record]
        #expect(input.plan().map(\.reason) == [.alreadyGone])
        #expect(input.plan().map(\.evidence) == [nil])
    }

    @Test("is the last one made, where somebody deleted several", arguments: [true, false])
    func lastDeleted(isTurned: Bool) {
        var input = input(created: 3, by: Self.us)
        let records = [Self.record, .contact(77)].map { id in
            var record = ObservedRecord.sample(id, created: 3)
            (record.createdBy, record.isDeleted) = (Self.us, true)
            return record
        }
        input.directory.made[.ada] = isTurned ? records.reversed() : records
        #expect(input.plan().map(\.evidence) == [.made(.contact(77))])
    }

    @Test("is ours although our clock was ahead when that was begun", arguments: [1, 60, 1_400])
    func clockWasAhead(minutes: Int) {
        let input = input(created: 2 - minutes, by: Self.us)
        #expect(input.plan().map(\.evidence) == [.made(Self.record)])
    }

    /// Making a record was begun in minute 2, and one that was made in some minute is there.
    private func input(created minute: Int, by user: SalesforceID) -> PlanningInput {
        var input = PlanningInput.sample()
        input.ownUser = Self.us
        var record = ObservedRecord.sample(Self.record, created: minute)
        record.createdBy = user
        input.directory.made[.ada] = [record]
        input.directory.show(record)
        let key = PersonRecordKey.contact("ada")
        var begun = BegunWrite(
            kind: .create,
            object: .contact,
            record: nil,
            appointments: [.sample()],
            cause: .minute(1),
            planned: .minute(2),
            since: .minute(2),
            fields: [:]
        ) { _ in BegunWrite.Field(before: "", wish: "", isPersonal: false) }
        begun.email = EmailAddress.ada
        input.begun[OperationID(RecordSubject.person(key).name)] = begun
        return input
    }
}
