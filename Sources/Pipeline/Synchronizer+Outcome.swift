import Domain
import Journal
import Ledger
import Reconciliation
import Salesforce

// From the outcome of a write to what the ledger keeps of it.
extension Synchronizer {
    func result(
        of operation: PlanOperation,
        _ request: WriteRequest,
        _ outcome: WriteOutcome,
        _ dropped: [FieldName: String],
        _ plan: SyncPlan,
        _ progress: inout WriteProgress,
        _ report: inout RunReport
    ) -> OperationResult {
        report.add(operation)
        report.summary.countFields(operation)
        var result = OperationResult(
            operation: operation,
            outcome: .unknown,
            record: operation.record,
            refusedFields: dropped,
            sealUnder: sealer(of: operation, plan)
        )
        result.request = progress.requests[operation.id]
        switch outcome {
        case .written(let id, let wasCreated, let seen):
            progress.known[operation.id] = id
            // An earlier pass may have found the outcome unclear, or the record moved.
            report.forget(operation.id)
            report.summary.countWrite(operation.kind)
            result.outcome = .written(id, wasCreated: wasCreated, stamp: seen?.stamp)
            result.record = id
            let sent = request.fields.mapValues { $0.resolved(progress.known) }
            result.values = values(of: operation, sent, seen)
            result.fieldFailures = fieldFailures(of: operation, dropped, plan)
            report.refusedFields += dropped.values.count { $0 != "AWAITED_RECORD_FAILED" }
            result.claims = claims(
                of: operation,
                sent: sent,
                seen: seen,
                stamp: seen?.lastModified ?? now(),
                refused: dropped,
                plan.schema
            )
        case .refused(let errors):
            refuse(operation, errors, plan, &result, &progress, &report)
        case .unknown(let reason):
            progress.unclear.formUnion(operation.appointments)
            report.unclear[operation.id] = operation.kind
            report.fail(operation, "outcome unknown: \(reason)")
        case .notAttempted:
            // Waits for another operation that failed; that one's failure wakes the appointment.
            let error = RecordError(code: "AWAITED_RECORD_FAILED", message: "")
            result.outcome = .failed(failure(of: operation, after: error, plan))
            report.fail(operation, error.code)
        }
        return result
    }

    private func refuse(
        _ operation: PlanOperation,
        _ errors: [RecordError],
        _ plan: SyncPlan,
        _ result: inout OperationResult,
        _ progress: inout WriteProgress,
        _ report: inout RunReport
    ) {
        if operation.kind == .create, let twin = errors.twin(for: operation.object) {
            // A duplicate rule knows the person: that record is the one, and the next pass writes it.
            progress.known[operation.id] = twin
            progress.unclear.formUnion(operation.appointments)
            var adopted = operation
            (adopted.kind, adopted.reason) = (.unchanged, .agreed)
            (adopted.record, adopted.isOurs) = (twin, false)
            adopted.object = twin.keyPrefix == "00Q" ? .lead : .contact
            result.operation = adopted
            (result.outcome, result.record) = (.settled, twin)
            return
        }
        if operation.kind == .delete, errors.allSatisfy({ FailurePolicy.meansGone($0.code) }) {
            report.summary.countWrite(.delete)
            if let record = operation.record {
                result.outcome = .written(record, wasCreated: false, stamp: nil)
            }
            return
        }
        let error = errors.first ?? RecordError(code: "UNKNOWN", message: "")
        if FailurePolicy.wantsFreshLook(error.code) {
            progress.unclear.formUnion(operation.appointments)
        }
        result.outcome = .failed(failure(of: operation, after: error, plan))
        report.fail(operation, error.code)
    }

    /// The person whose key seals the values of an operation.
    func sealer(of operation: PlanOperation, _ plan: SyncPlan) -> PersonID? {
        switch operation.subject {
        case .person(let key): return key.person
        case .account(let person): return person
        case .event, .fallback: break
        }
        return operation.appointments.lazy.compactMap { plan.bookers[$0] }.first
    }

    // MARK: What is remembered

    private func values(
        of operation: PlanOperation,
        _ sent: [FieldName: FieldValue],
        _ seen: ObservedRecord?
    ) -> [OperationResult.Values] {
        operation.fields.compactMap { planned in
            sent[planned.field].map { value in
                OperationResult.Values(
                    field: planned.field,
                    before: planned.live,
                    sent: value,
                    seen: seen.map { $0.value(planned.field) }
                )
            }
        }
    }

    func claims(
        of operation: PlanOperation,
        sent: [FieldName: FieldValue],
        seen: ObservedRecord?,
        stamp: Instant?,
        refused: [FieldName: String],
        _ schema: OrgSchema
    ) -> [FieldName: Claim] {
        let memory = ClaimMemory(object: schema.objects[operation.object], digest: digest)
        var claims = operation.inherited
        for planned in operation.fields {
            // What is undone is not what the booking wants: as if a person had put it. Nor has any
            // booking had its say where a value is left alone.
            if operation.isRestoration, !isDriftSettled(planned, sent) { continue }
            if refused[planned.field] != nil {
                claims.note(memory.held(planned, as: .refusedBySalesforce), planned.field)
            } else if let value = sent[planned.field] {
                claims[planned.field] = memory.written(
                    planned,
                    sent: value,
                    seen: seen.map { $0.value(planned.field) },
                    at: stamp
                )
            } else {
                claims.note(memory.settled(planned, at: operation.stamp), planned.field)
            }
        }
        return claims
    }

    /// Whether drift was put back or taken over.
    private func isDriftSettled(
        _ planned: PlannedField,
        _ sent: [FieldName: FieldValue]
    ) -> Bool {
        switch planned.reason {
        case .driftAdopted: planned.outcome == .adopt
        case .driftReverted: sent[planned.field] != nil
        default: false
        }
    }
}
