import Domain
import Journal
import TestSupport

// What a run tells the journal, cut down to what a test is about.

extension PlannedField {
    /// The field `LeadSource` as the settings of ``AuditedLedger`` ask for it.
    static func sample(
        _ outcome: Outcome = .write,
        _ reason: Reason = .firstClaim,
        cause: LedgerPosition,
        detail: String = ""
    ) -> Self {
        Self(
            field: "LeadSource",
            outcome: outcome,
            reason: reason,
            live: .text("Phone"),
            desired: .value(.text("Web")),
            cause: Cause(position: cause, occurred: .minute(0), recorded: .minute(0)),
            version: SettingsVersion(1),
            rule: "default/onBooking/attendee/LeadSource",
            isPersonal: true,
            detail: detail
        )
    }
}

extension PlanOperation {
    static func sample(
        _ kind: Kind,
        _ subject: RecordSubject,
        record: SalesforceID? = .sample(),
        reason: Reason = .sourceChanged,
        fields: [PlannedField] = [],
        cause: LedgerPosition,
        appointment: String = "bk-1"
    ) -> Self {
        let object: ObjectName =
            if case .event = subject { .eventRecord } else { .contact }
        return Self(
            subject: subject,
            appointments: [AppointmentID(root: .sample(appointment))],
            kind: kind,
            reason: reason,
            object: object,
            record: kind == .create ? nil : record,
            isOurs: kind == .create,
            fields: fields,
            stamp: nil,
            candidates: [],
            cause: Cause(position: cause, occurred: .minute(0), recorded: .minute(0))
        )
    }
}

extension AuditedLedger {
    /// Intends a write, makes it and records the receipt, as a run does.
    func write(
        _ operation: PlanOperation,
        to record: SalesforceID = .sample(),
        sent: FieldValue = .text("Web"),
        seen: FieldValue = .text("Web"),
        sealUnder person: PersonID? = nil,
        run: String = "run-1"
    ) async throws {
        try await journal.intend([operation], run: run)
        var result = OperationResult(
            operation: operation,
            outcome: .written(record, wasCreated: operation.kind == .create, stamp: .minute(1)),
            record: record,
            sealUnder: person
        )
        result.request = "call-1"
        for field in operation.written {
            let values = OperationResult.Values(
                field: field.field,
                before: field.live,
                sent: sent,
                seen: seen
            )
            result.values.append(values)
            result.claims[field.field] = claim(field, isOurs: true)
        }
        try await journal.receive([result], run: run)
    }

    /// Records that an operation needed no write, or that something stands against it.
    func settle(_ operation: PlanOperation, run: String = "run-2") async throws {
        var result = OperationResult(
            operation: operation,
            outcome: .settled,
            record: operation.record
        )
        for field in operation.fields {
            result.claims[field.field] = claim(field, isOurs: field.outcome == .adopt)
        }
        try await journal.receive([result], run: run)
    }

    /// Records that Salesforce refused an operation.
    func refuse(_ operation: PlanOperation, code: String, nextTry: Instant?) async throws {
        let note = FailureNote(
            object: operation.object,
            code: code,
            fields: ["LeadSource"],
            attempts: 2,
            nextTry: nextTry,
            digest: ValueDigest([1])
        )
        try await journal.intend([operation], run: "run-1")
        let result = OperationResult(operation: operation, outcome: .failed(note), record: nil)
        try await journal.receive([result], run: "run-1")
    }

    private func claim(_ field: PlannedField, isOurs: Bool) -> Claim {
        let digest = isOurs ? ValueDigest(journal.digest("Web")) : nil
        return Claim(
            sent: digest,
            seen: digest,
            seenIsEmpty: false,
            seenAt: nil,
            considered: field.cause,
            outcome: field.reason
        )
    }
}
