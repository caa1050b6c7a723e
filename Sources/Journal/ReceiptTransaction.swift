import Domain
import GRDB
import Ledger

/// Records the results of operations inside one write transaction.
struct ReceiptTransaction {
    let transaction: LedgerTransaction
    let run: String
    private var db: Database { transaction.db }

    func receive(_ result: OperationResult) throws {
        let position = try appendOutcome(result)
        try updateLink(result, position: position)
        try updateClaims(result, position: position)
        // What waits for its next try has no outcome: failure and intent stay as they are.
        guard result.outcome != .unknown, !result.operation.isParked else { return }
        try updateFailure(result)
        for table in ["intent", "bulkRow"] {
            try db.cachedStatement(sql: "DELETE FROM \(table) WHERE operation = ?")
                .execute(arguments: [result.operation.id.rawValue])
        }
    }

    // MARK: Events

    private func appendOutcome(_ result: OperationResult) throws -> Int64 {
        switch result.outcome {
        case .settled, .unknown: return 0
        case .written(let id, let wasCreated, let stamp):
            let data = StoredWrite.receipt(
                result,
                record: id,
                wasCreated: wasCreated,
                stamp: stamp,
                run: run
            )
            return try append("write.confirmed", data, result, values: result.values)
        case .failed(let note):
            return try append("write.failed", StoredWrite.failure(result, note, run: run), result)
        }
    }

    @discardableResult
    private func append(
        _ type: String,
        _ data: JSON,
        _ result: OperationResult,
        values: [OperationResult.Values] = []
    ) throws -> Int64 {
        let operation = result.operation
        var parts: [PersonalPart] = []
        if !values.isEmpty, let subject = result.sealUnder {
            let content = StoredWrite.values(values)
            parts = [
                PersonalPart(name: "values", subject: subject.rawValue, content: content.bytes)
            ]
        }
        let event = NewEvent(
            id: transaction.eventID(),
            type: type,
            occurred: transaction.now,
            correlation: operation.appointments.first?.root.rawValue ?? "",
            causation: operation.cause.position.rawValue,
            actor: "daybook",
            data: data.bytes,
            parts: parts
        )
        return try transaction.append([event], to: operation.stream).first?.position ?? 0
    }

    // MARK: Links

    private func updateLink(_ result: OperationResult, position: Int64) throws {
        let operation = result.operation
        switch (operation.kind, result.outcome) {
        case (.delete, .written):
            // What a person had undone is not made again.
            let state = operation.reason == .undone ? RecordLink.State.deletedByOther : .deleted
            try setState(state, of: operation, position: position)
        case _ where operation.isRestoration: return
        case (.hold, _) where operation.reason == .deletedByOther,
            (.unchanged, _) where operation.reason == .deletedByOther:
            try noteDeletion(operation)
        case (_, .written(let id, let wasCreated, _)):
            // What was made may have become another record before we learned of it.
            let end = result.record ?? id
            let isOurs = operation.isOurs || wasCreated && end == id
            try link(operation, to: end, isOurs: isOurs, result)
        case (.unchanged, .settled) where operation.reason == .alreadyGone:
            if operation.record != nil { try setState(.deleted, of: operation, position: position) }
        case (.unchanged, .settled), (.hold, .settled), (.update, .settled):
            guard let record = operation.record, operation.reason != .alreadyGone else { return }
            try link(operation, to: record, isOurs: operation.isOurs, result)
        default:
            return
        }
    }

    func link(
        _ operation: PlanOperation,
        to record: SalesforceID,
        isOurs: Bool,
        _ result: OperationResult
    ) throws {
        let known = try Row.fetchOne(
            db.cachedStatement(sql: "SELECT record, state FROM recordLink WHERE subject = ?"),
            arguments: [operation.subject.name]
        )
        if let known, known[0] == record.rawValue, known[1] == "live" { return }
        let position = try noteLink(operation, to: record, isOurs: isOurs, result)
        try db.cachedStatement(
            sql: """
                INSERT OR REPLACE INTO recordLink
                    (subject, object, record, isOurs, state, position)
                VALUES (?, ?, ?, ?, 'live', ?)
                """
        ).execute(
            arguments: [
                operation.subject.name, operation.object.rawValue, record.rawValue, isOurs,
                position,
            ]
        )
    }

    /// Records that a record was made or found, or that the linked one became another.
    ///
    /// - Returns: The position of the last event.
    private func noteLink(
        _ operation: PlanOperation,
        to record: SalesforceID,
        isOurs: Bool,
        _ result: OperationResult
    ) throws -> Int64 {
        guard operation.moves.isEmpty else {
            return try operation.moves.reduce(0) { _, move in
                let data = StoredWrite.move(move, of: operation, run: run)
                return try append("record.\(move.kind.rawValue)", data, result)
            }
        }
        let isNew = isOurs && operation.kind == .create
        return try append(
            isNew ? "record.created" : "record.linked",
            StoredWrite.link(operation, record: record, isOurs: isOurs, run: run),
            result
        )
    }

    private func setState(
        _ state: RecordLink.State,
        of operation: PlanOperation,
        position: Int64
    ) throws {
        try db.cachedStatement(
            sql: "UPDATE recordLink SET state = ?, position = ? WHERE record = ?"
        )
        .execute(arguments: [state.rawValue, position, operation.record?.rawValue])
    }

    /// Records once that somebody else deleted a record.
    private func noteDeletion(_ operation: PlanOperation) throws {
        guard let record = operation.record ?? operation.candidates.first else { return }
        let isKnown =
            try Bool.fetchOne(
                db,
                sql: """
                    SELECT EXISTS (SELECT 1 FROM recordLink
                        WHERE record = ? AND state = 'deleted-by-other')
                    """,
                arguments: [record.rawValue]
            ) ?? false
        guard !isKnown else { return }
        let result = OperationResult(operation: operation, outcome: .settled, record: record)
        let data = JSON.compact([
            ("run", .string(run)), ("record", .string(record.rawValue)),
            ("object", .string(operation.object.rawValue)),
        ])
        let position = try append("record.deleted-by-other", data, result)
        var named = operation
        named.record = record
        try setState(.deletedByOther, of: named, position: position)
        // One whose making was never confirmed has no link yet, and would be made again.
        try db.cachedStatement(
            sql: """
                INSERT OR IGNORE INTO recordLink
                    (subject, object, record, isOurs, state, position)
                VALUES (?, ?, ?, ?, 'deleted-by-other', ?)
                """
        ).execute(
            arguments: [
                operation.subject.name, operation.object.rawValue, record.rawValue,
                operation.isOurs, position,
            ]
        )
    }

    // MARK: Claims

    private func updateClaims(_ result: OperationResult, position: Int64) throws {
        // What was deleted holds nothing any more.
        guard let record = result.record, result.operation.kind != .delete else { return }
        for (field, claim) in result.claims.sorted(by: { $0.key < $1.key }) {
            try noteHold(field, claim, record, result)
            try noteAdoption(field, record, result)
            try db.cachedStatement(
                sql: """
                    INSERT INTO claim (record, field, sent, seen, seenEmpty, seenAt,
                        occurred, cause, recorded, outcome, position)
                    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
                    ON CONFLICT (record, field) DO UPDATE SET
                        sent = coalesce(?3, sent),
                        seen = CASE WHEN ?3 IS NULL THEN seen ELSE ?4 END,
                        seenEmpty = CASE WHEN ?3 IS NULL THEN seenEmpty ELSE ?5 END,
                        seenAt = CASE WHEN ?3 IS NULL THEN seenAt ELSE ?6 END,
                        occurred = CASE WHEN ?8 = 0 THEN occurred ELSE ?7 END,
                        cause = CASE WHEN ?8 = 0 THEN cause ELSE ?8 END,
                        recorded = CASE WHEN ?8 = 0 THEN recorded ELSE ?9 END,
                        outcome = ?10,
                        position = CASE WHEN ?11 = 0 THEN position ELSE ?11 END
                    """
            ).execute(
                arguments: [
                    record.rawValue, field.rawValue, claim.sent?.bytes.data, claim.seen?.bytes.data,
                    claim.seenIsEmpty, claim.seenAt?.milliseconds,
                    claim.considered.occurred.milliseconds, claim.considered.position.rawValue,
                    claim.considered.recorded.milliseconds, claim.outcome.rawValue, position,
                ]
            )
        }
    }

    /// Records why a field was not written, once for every reason and event behind it.
    private func noteHold(
        _ field: FieldName,
        _ claim: Claim,
        _ record: SalesforceID,
        _ result: OperationResult
    ) throws {
        guard
            let planned = result.operation.fields.first(where: {
                $0.field == field && ($0.outcome == .hold || result.refusedFields[field] != nil)
            })
        else { return }
        let isKnown =
            try Bool.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT outcome = ?3 AND ?4 IN (cause, 0) FROM claim
                        WHERE record = ?1 AND field = ?2
                        """
                ),
                arguments: [
                    record.rawValue, field.rawValue, claim.outcome.rawValue,
                    claim.considered.position.rawValue,
                ]
            ) ?? false
        guard !isKnown else { return }
        try append(
            "field.held",
            StoredWrite.hold(
                planned,
                record: record,
                reason: claim.outcome,
                detail: result.refusedFields[field] ?? planned.detail,
                run: run
            ),
            result
        )
    }

    /// Records that somebody had an edit taken over.
    private func noteAdoption(
        _ field: FieldName,
        _ record: SalesforceID,
        _ result: OperationResult
    ) throws {
        let adopted = result.operation.fields.first { planned in
            planned.field == field && planned.reason == .driftAdopted
        }
        guard let adopted else { return }
        try append(
            "field.adopted",
            StoredWrite.hold(adopted, record: record, reason: adopted.reason, detail: "", run: run),
            result
        )
    }

    private func updateFailure(_ result: OperationResult) throws {
        try FailureTable(transaction: transaction).update(result)
    }
}

/// The stored forms of what is done in Salesforce.
///
/// Values are in sealed parts only.
enum StoredWrite {
    static func intent(_ operation: PlanOperation, run: String) -> JSON {
        .compact(
            head(operation, run) + [
                ("stamp", operation.stamp.map { .integer($0.milliseconds) }),
                ("fields", .array(operation.written.map { .string($0.field.rawValue) })),
            ]
        )
    }

    static func receipt(
        _ result: OperationResult,
        record: SalesforceID,
        wasCreated: Bool,
        stamp: Instant?,
        run: String
    ) -> JSON {
        let written = result.operation.written.filter { result.refusedFields[$0.field] == nil }
        return .compact(
            head(result.operation, run, record: record) + [
                ("created", .bool(wasCreated)),
                ("stamp", stamp.map { .integer($0.milliseconds) }),
                ("request", result.request.map { .string($0) }),
                ("fields", .array(written.map(field))),
                (
                    "refused",
                    result.refusedFields.isEmpty
                        ? nil
                        : .object(
                            result.refusedFields.sorted { $0.key < $1.key }
                                .map { JSON.Member($0.key.rawValue, .string($0.value)) }
                        )
                ),
            ]
        )
    }

    static func failure(_ result: OperationResult, _ note: FailureNote, run: String) -> JSON {
        .compact(
            head(result.operation, run) + [
                ("code", .string(note.code)),
                ("request", result.request.map { .string($0) }),
                ("fields", .array(note.fields.map { .string($0.rawValue) })),
                ("attempts", .integer(note.attempts)),
                ("nextTry", note.nextTry.map { .integer($0.milliseconds) }),
            ]
        )
    }

    static func link(
        _ operation: PlanOperation,
        record: SalesforceID,
        isOurs: Bool,
        run: String
    ) -> JSON {
        .compact(
            head(operation, run, record: record) + [
                ("ours", .bool(isOurs)),
                ("candidates", .array(operation.candidates.map { .string($0.rawValue) })),
            ]
        )
    }

    /// How a linked record became another one.
    static func move(_ move: RecordMove, of operation: PlanOperation, run: String) -> JSON {
        .compact([
            ("run", .string(run)),
            ("operation", .string(operation.id.rawValue)),
            ("object", .string(operation.object.rawValue)),
            ("from", .string(move.from.rawValue)),
            ("record", .string(move.into.rawValue)),
        ])
    }

    static func hold(
        _ planned: PlannedField,
        record: SalesforceID,
        reason: Reason,
        detail: String,
        run: String
    ) -> JSON {
        var members = field(planned).members ?? []
        members.removeAll { $0.name == "reason" }
        return .object(
            [
                JSON.Member("run", .string(run)),
                JSON.Member("record", .string(record.rawValue)),
                JSON.Member("reason", .string(reason.rawValue)),
                JSON.Member("detail", .string(detail)),
            ] + members
        )
    }

    /// What a field held before, what was sent and what was seen: for the sealed part.
    static func values(_ values: [OperationResult.Values]) -> JSON {
        .object(
            values.map { value in
                JSON.Member(
                    value.field.rawValue,
                    .compact([
                        ("before", value.before.json), ("sent", value.sent.json),
                        ("seen", value.seen?.json),
                    ])
                )
            }
        )
    }

    private static func head(
        _ operation: PlanOperation,
        _ run: String,
        record: SalesforceID? = nil
    ) -> [(String, JSON?)] {
        [
            ("run", .string(run)),
            ("operation", .string(operation.id.rawValue)),
            ("kind", .string(operation.kind.rawValue)),
            ("reason", .string(operation.reason.rawValue)),
            ("object", .string(operation.object.rawValue)),
            ("record", (record ?? operation.record).map { .string($0.rawValue) }),
        ]
    }

    private static func field(_ planned: PlannedField) -> JSON {
        .compact([
            ("field", .string(planned.field.rawValue)),
            ("reason", .string(planned.reason.rawValue)),
            ("rule", .string(planned.rule)),
            ("version", planned.version.map { .integer($0.rawValue) }),
            ("cause", .integer(planned.cause.position.rawValue)),
        ])
    }
}
