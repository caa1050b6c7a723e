import Domain
import Journal
import Ledger
import Reconciliation

// What failed before, and when it is tried again.
extension Synchronizer {
    /// Wakes what is due, and what waited for a change of the settings or of the org.
    ///
    /// A change of the desired state needs no waking: the event behind it does that.
    func wakeFailures() async throws {
        let stopped = try await journal.failures().filter { _, note in
            note.nextTry == nil && !note.isIgnored && note.entry.category != .review
        }
        if !stopped.isEmpty {
            let schema = try await orgView.schema().schema
            let settings = SyncPlan.digest(of: try await journal.settingsRevisions())
            let changed = stopped.filter { _, note in
                note.basis != basis(settings, schema.objects[note.object])
            }
            try await journal.release(changed.keys.sorted(), now: now())
        }
        try await journal.wakeDueFailures(now: now())
    }

    /// What a failure without a next try waits for to change.
    func basis(_ settings: String, _ object: ObjectDescription?) -> ValueDigest {
        digest("basis|\(settings)|\(object?.form.text ?? "")")
    }

    /// What is kept of a refused record.
    func failure(
        of operation: PlanOperation,
        after error: RecordError,
        _ plan: SyncPlan
    ) -> FailureNote {
        note(
            of: operation,
            after: error,
            named: operation.id,
            digest: ValueDigest(hexadecimal: operation.decision(digest)),
            plan
        )
    }

    /// What is kept of refused fields, whose record was written without them.
    func fieldFailures(
        of operation: PlanOperation,
        _ refused: [FieldName: String],
        _ plan: SyncPlan
    ) -> [FieldName: FailureNote] {
        var notes: [FieldName: FailureNote] = [:]
        for planned in operation.fields {
            guard let code = refused[planned.field] else { continue }
            notes[planned.field] = note(
                of: operation,
                after: RecordError(code: code, message: "", fields: [planned.field]),
                named: operation.id.field(planned.field),
                digest: planned.wish(digest),
                plan
            )
        }
        return notes
    }

    private func note(
        of operation: PlanOperation,
        after error: RecordError,
        named name: OperationID,
        digest: ValueDigest,
        _ plan: SyncPlan
    ) -> FailureNote {
        let attempts = (plan.failures[name]?.attempts ?? 0) + 1
        return FailureNote(
            object: operation.object,
            code: error.code,
            fields: error.fields,
            attempts: attempts,
            nextTry: FailurePolicy.nextTry(
                after: error,
                attempts: attempts,
                now: now(),
                random: random()
            ),
            digest: digest,
            basis: basis(plan.settingsDigest, plan.schema.objects[operation.object]),
            record: operation.record,
            candidates: error.duplicates
        )
    }
}

extension FailureNote {
    /// What the code means.
    var entry: FailureEntry { FailureCatalogue.entry(for: code) }
}

extension ValueDigest {
    /// Reads ``hexadecimal`` back.
    init(hexadecimal text: String) {
        let digits = text.compactMap { $0.hexDigitValue.map(UInt8.init) }
        self.init(
            stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
        )
    }
}
