import Domain
import Journal
import Reconciliation
import Salesforce

// What people and programs do in the org while a run is at work.
extension Synchronizer {
    /// The operations of a batch whose record was changed since it was fetched.
    ///
    /// Small runs leave this to Salesforce, record by record, with `If-Unmodified-Since`. A collection
    /// has no such condition: the stamps are read again just before it is sent, in one call.
    ///
    /// Source: `facts/ledger-and-reconciliation.md` 5.7, step 3.
    func movedMeanwhile(
        _ batch: [WriteRequest],
        _ operations: [OperationID: PlanOperation]
    ) async throws(SalesforceError) -> Set<OperationID> {
        let planned = readAgain(batch, operations)
        guard !planned.isEmpty else { return [] }
        let byObject = Dictionary(grouping: planned.keys, by: { planned[$0]?.object })
            .compactMap { object, ids in object.map { ($0, ids.sorted()) } }
            .sorted { $0.0 < $1.0 }
        let answers = try await gateway.read(
            byObject.map { .records($0, $1, fields: ["SystemModstamp"]) }
        )
        var stamps: [SalesforceID: Instant] = [:]
        for ((object, _), answer) in zip(byObject, answers) {
            for row in answer.rows {
                guard let now = ObservedRecord(row: row, object: object, description: nil) else {
                    continue
                }
                stamps[now.id] = now.stamp
            }
        }
        return Set(planned.filter { stamps[$0.key] != $0.value.stamp }.map(\.value.id))
    }

    /// Whether the stamps of some records are read again before a batch is sent.
    func isReadAgain(
        _ batch: [WriteRequest],
        _ operations: [OperationID: PlanOperation]
    ) -> Bool {
        !readAgain(batch, operations).isEmpty
    }

    private func readAgain(
        _ batch: [WriteRequest],
        _ operations: [OperationID: PlanOperation]
    ) -> [SalesforceID: PlanOperation] {
        var planned: [SalesforceID: PlanOperation] = [:]
        for request in batch where request.unmodifiedSince == nil {
            guard let operation = operations[request.operation], operation.replacesSomething,
                let record = operation.record
            else { continue }
            planned[record] = operation
        }
        return planned
    }

    /// Outcomes without what somebody else wrote between our write and reading it back.
    ///
    /// What differs from what was sent is the org's doing if we changed the record last: then it is
    /// the form in which the org keeps our value. If somebody else did, it is an edit, and our own
    /// value counts as what we saw. Where nobody says who we are, the record counts as not read back.
    ///
    /// Source: `facts/ledger-and-reconciliation.md` 5.5.
    func withoutRacedEdits(
        _ outcomes: [(WriteRequest, WriteOutcome)],
        _ plan: SyncPlan,
        _ earlier: [OperationID: SalesforceID]
    ) async -> [(WriteRequest, WriteOutcome)] {
        var known = earlier
        for (request, outcome) in outcomes {
            if case .written(let id, _, _) = outcome { known[request.operation] = id }
        }
        let isDifferent = outcomes.contains { request, outcome in
            guard case .written(_, _, let seen?) = outcome else { return false }
            return !request.differences(from: seen, plan.schema, known).isEmpty
        }
        guard isDifferent else { return outcomes }
        let user = await ownUserIfKnown()
        return outcomes.map { request, outcome in
            guard case .written(let id, let wasCreated, var seen?) = outcome,
                let editor = seen.lastModifiedBy, editor != user
            else { return (request, outcome) }
            let differences = request.differences(from: seen, plan.schema, known)
            guard user != nil || differences.isEmpty else {
                return (request, .written(id, wasCreated: wasCreated, seen: nil))
            }
            for (field, sent) in differences { seen.fields[field] = sent }
            return (request, .written(id, wasCreated: wasCreated, seen: seen))
        }
    }

    /// Under whose name we write; nil if the org does not say, which stops nothing: the records are
    /// written, and their receipts must not be lost.
    private func ownUserIfKnown() async -> SalesforceID? {
        do { return try await ownUser() } catch {
            options.progress("Salesforce does not say who changed what was written: \(error)")
            return nil
        }
    }
}

extension WriteRequest {
    /// The fields that hold something else than was sent, with what was sent.
    fileprivate func differences(
        from seen: ObservedRecord,
        _ schema: OrgSchema,
        _ known: [OperationID: SalesforceID]
    ) -> [FieldName: FieldValue] {
        let object = schema.objects[object]
        return fields.mapValues { $0.resolved(known) }.filter { field, sent in
            guard let held = seen.fields[field] else { return false }
            let description = object?.fields[field]
            return CanonicalForm.text(of: sent, description)
                != CanonicalForm.text(of: held, description)
        }
    }

    /// The write again, past a duplicate rule that only warns; nil where that is not what is wanted.
    ///
    /// A new person for whom the rule names a record of the same kind is that record. One that is a
    /// lead elsewhere, where the settings ask for a contact, is made; and a record that is there
    /// already is not held up by its likeness to others.
    func savingDuplicates(_ errors: [RecordError]) -> WriteRequest? {
        guard !savesDuplicates, errors.contains(where: \.allowsDuplicates) else { return nil }
        if kind == .create, errors.ofKind(object) != nil { return nil }
        var again = self
        again.savesDuplicates = true
        return again
    }
}

extension [RecordError] {
    /// The record of an object that a duplicate rule names.
    fileprivate func ofKind(_ object: ObjectName) -> SalesforceID? {
        let prefix = object == .lead ? "00Q" : "003"
        return flatMap(\.duplicates).first { $0.keyPrefix == prefix }
    }

    /// The record that stands for a person who must not be made: one of the object first.
    func twin(for object: ObjectName) -> SalesforceID? {
        ofKind(object) ?? flatMap(\.duplicates).first { ["003", "00Q"].contains($0.keyPrefix) }
    }
}

extension RecordError {
    /// A record was changed between looking at it and writing to it.
    static let changedMeanwhile = RecordError(
        code: "PRECONDITION_FAILED",
        message: "the record changed in the meantime"
    )
}

extension PlanOperation {
    /// Whether a person has to decide.
    var wantsReview: Bool {
        [.ambiguous, .accountAmbiguous, .notVisible, .personAccount].contains(reason)
            || fields.contains { $0.reason == .correctedTooOften }
    }

    /// Whether the record changes hands.
    var changesOwner: Bool { written.contains { $0.field == "OwnerId" } }
}

extension [FieldName: Claim] {
    /// Notes what became of a field; what was inherited stays where that says nothing of values.
    mutating func note(_ claim: Claim?, _ field: FieldName) {
        guard var claim else { return }
        if claim.sent == nil, let old = self[field] {
            (claim.sent, claim.seen) = (old.sent, old.seen)
            (claim.seenIsEmpty, claim.seenAt) = (old.seenIsEmpty, old.seenAt)
        }
        self[field] = claim
    }
}
