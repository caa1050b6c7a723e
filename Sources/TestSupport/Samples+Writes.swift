public import Domain
public import Journal

// Takes what a test of plans and receipts is about and fills in the rest.

extension Cause {
    /// The event at a position, which happened and was recorded that many minutes after the
    /// beginning.
    public static func sample(_ position: Int64 = 1) -> Self {
        Self(
            position: LedgerPosition(position),
            occurred: .minute(Int(position)),
            recorded: .minute(Int(position))
        )
    }
}

extension ValueDigest {
    /// A digest that is equal for equal texts.
    public static func sample(_ text: String) -> Self { Self(Array(text.utf8)) }
}

extension PlannedField {
    /// A field that is written, unless told otherwise.
    public static func sample(
        _ field: FieldName = "Subject",
        _ outcome: Outcome = .write,
        reason: Reason = .firstClaim,
        live: FieldValue = .empty,
        desired: FieldValue = .text("Demo"),
        cause: Cause = .sample()
    ) -> Self {
        Self(
            field: field,
            outcome: outcome,
            reason: reason,
            live: live,
            desired: .value(desired),
            cause: cause,
            version: SettingsVersion(1),
            rule: "default/eventRecord/\(field.rawValue)",
            isPersonal: false
        )
    }
}

extension PlanOperation {
    /// An operation on the event record of a booking.
    ///
    /// - Parameters:
    ///   - kind: What is done.
    ///   - uid: The booking, which is also the root of its appointment.
    ///   - reason: Why.
    ///   - record: The record, if there is one.
    ///   - fields: The fields.
    ///   - change: Changes what the test is about.
    /// - Returns: The operation.
    public static func sample(
        _ kind: Kind,
        _ uid: String = "bk-1",
        reason: Reason = .recordCreated,
        record: SalesforceID? = nil,
        fields: [PlannedField] = [.sample()],
        change: (inout PlanOperation) -> Void = { _ in }
    ) -> Self {
        var operation = Self(
            subject: .event(.sample(uid)),
            appointments: [AppointmentID(root: .sample(uid))],
            kind: kind,
            reason: reason,
            object: .eventRecord,
            record: record,
            isOurs: true,
            fields: fields,
            stamp: nil,
            candidates: [],
            cause: .sample()
        )
        change(&operation)
        return operation
    }
}

extension Claim {
    /// What is remembered of a field that was written, or held where nothing was sent.
    public static func sample(
        sent: String?,
        seen: String? = nil,
        cause: Int64 = 1,
        outcome: Reason = .firstClaim
    ) -> Self {
        Self(
            sent: sent.map { .sample($0) },
            seen: (seen ?? sent).map { .sample($0) },
            seenIsEmpty: (seen ?? sent) == nil,
            seenAt: sent.map { _ in .minute(Int(cause)) },
            considered: .sample(cause),
            outcome: outcome
        )
    }
}

extension FailureNote {
    /// A write that was refused.
    public static func sample(
        _ code: String = "UNABLE_TO_LOCK_ROW",
        attempts: Int = 1,
        nextTry: Instant? = nil
    ) -> Self {
        Self(
            object: .eventRecord,
            code: code,
            fields: ["Subject"],
            attempts: attempts,
            nextTry: nextTry,
            digest: .sample("tried")
        )
    }
}
