import Domain
import Journal

/// Holds back what failed before, until its time has come or something about it changed.
///
/// | what failed | is held while |
/// |---|---|
/// | a record, or one of its fields | the same would be written, and its next try is not due |
/// | either, with no next try | the same would be written; see `Synchronizer.wakeFailures` for what else ends it |
/// | either, and an operator ignores it | nobody asks for it |
/// | what refers to a record that failed | never: that record's failure holds it back by itself |
struct RetryGate: Sendable {
    let failures: [OperationID: FailureNote]
    let now: Instant
    let digest: @Sendable (String) -> ValueDigest

    /// Whether an operation is left alone.
    func isWaiting(_ operation: PlanOperation) -> Bool {
        guard let note = failures[operation.id] else { return false }
        let tried = withoutRefused(operation)
        return tried.isWrite
            && holds(note, tried: { tried.decision(digest) == note.digest.hexadecimal })
    }

    /// The operation without what is left alone.
    func admitted(_ operation: PlanOperation) -> PlanOperation {
        guard isWaiting(operation), let note = failures[operation.id] else {
            return withoutRefused(operation)
        }
        var parked = withoutRefused(operation)
        parked.kind = .hold
        parked.reason = note.isIgnored ? .ignored : .waitingForRetry
        parked.detail = "Salesforce answered \(note.code) the last time"
        return parked
    }

    /// The operation with the fields held that were refused.
    private func withoutRefused(_ operation: PlanOperation) -> PlanOperation {
        guard operation.isWrite, operation.kind != .delete else { return operation }
        var admitted = operation
        for index in admitted.fields.indices where admitted.fields[index].outcome == .write {
            let planned = admitted.fields[index]
            guard let note = failures[operation.id.field(planned.field)],
                holds(note, tried: { note.digest == planned.wish(digest) })
            else { continue }
            admitted.fields[index].outcome = .hold
            admitted.fields[index].reason = note.isIgnored ? .ignored : .refusedBySalesforce
            admitted.fields[index].detail = "Salesforce answered \(note.code) the last time"
        }
        if admitted.kind == .update, admitted.written.isEmpty {
            admitted.kind = .hold
            admitted.reason = admitted.fields.first { $0.outcome == .hold }?.reason ?? .noOpinion
        }
        return admitted
    }

    private func holds(_ note: FailureNote, tried isSame: () -> Bool) -> Bool {
        if note.isIgnored { return true }
        if note.entry.category == .awaiting { return false }
        return (note.nextTry.map { $0 > now } ?? true) && isSame()
    }
}

extension PlannedField {
    /// What stands for the wish: equal if the same would be written.
    func wish(_ digest: (String) -> ValueDigest) -> ValueDigest {
        digest("wish|\(field.rawValue)|\(desired?.comparableText ?? "")")
    }
}
