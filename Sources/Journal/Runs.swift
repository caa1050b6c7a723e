public import Domain
import Foundation
import GRDB
public import Ledger

/// What became of one operation of a run.
public struct OperationResult: Hashable, Sendable {
    /// What happened.
    public enum Outcome: Hashable, Sendable {
        /// Nothing was to be written: held, adopted or as it should be.
        case settled
        /// The write took hold.
        case written(SalesforceID, wasCreated: Bool, stamp: Instant?)
        /// The write failed.
        case failed(FailureNote)
        /// Whether the write took hold is not known; the intent stays open.
        case unknown
    }

    /// What a field held before, what was sent and what was seen afterwards.
    public struct Values: Hashable, Sendable {
        /// The field.
        public var field: FieldName
        /// Before.
        public var before: FieldValue
        /// Sent.
        public var sent: FieldValue
        /// Seen afterwards; nil when it was not read back.
        public var seen: FieldValue?

        /// Creates values.
        public init(field: FieldName, before: FieldValue, sent: FieldValue, seen: FieldValue?) {
            (self.field, self.before, self.sent, self.seen) = (field, before, sent, seen)
        }
    }

    /// The operation.
    public var operation: PlanOperation
    /// What happened.
    public var outcome: Outcome
    /// The record afterwards, if there is one.
    public var record: SalesforceID?
    /// The values of written fields.
    public var values: [Values]
    /// What is remembered of the fields from now on.
    public var claims: [FieldName: Claim]
    /// Fields that Salesforce refused and that were left out, by code.
    public var refusedFields: [FieldName: String]
    /// What is kept of such fields, so that they are not sent again before something changed.
    public var fieldFailures: [FieldName: FailureNote] = [:]
    /// The API call that settled the write, or the bulk job; nil where it is not known.
    public var request: String?
    /// The person under whose key the values are sealed.
    public var sealUnder: PersonID?

    /// Creates a result.
    public init(
        operation: PlanOperation,
        outcome: Outcome,
        record: SalesforceID?,
        values: [Values] = [],
        claims: [FieldName: Claim] = [:],
        refusedFields: [FieldName: String] = [:],
        sealUnder: PersonID? = nil
    ) {
        (self.operation, self.outcome, self.record) = (operation, outcome, record)
        (self.values, self.claims, self.refusedFields) = (values, claims, refusedFields)
        self.sealUnder = sealUnder
    }
}

extension Journal {
    /// How long a lease lives without being renewed: milliseconds.
    public static let leaseDuration: Int64 = 60_000

    /// The longest that a lease can have left: milliseconds.
    ///
    /// One that ends later was taken before the clock was set back, and holds nobody up.
    private static let longestLease: Int64 = 90_000

    /// Takes or renews the right to be the only run.
    ///
    /// - Parameters:
    ///   - holder: Who asks; the same holder can renew.
    ///   - now: The time.
    /// - Returns: When the right ends, or nil if somebody else holds it.
    /// - Throws: ``LedgerError``.
    public func takeLease(
        _ holder: String,
        now: Instant
    ) async throws(LedgerError) -> Instant? {
        try await writing { transaction in
            let expires = now.milliseconds + Self.leaseDuration
            try transaction.db.execute(
                sql: """
                    INSERT INTO lease (name, holder, expires) VALUES ('run', ?1, ?2)
                    ON CONFLICT (name) DO UPDATE SET holder = ?1, expires = ?2
                    WHERE holder = ?1 OR expires <= ?3 OR expires > ?3 + ?4
                    """,
                arguments: [holder, expires, now.milliseconds, Self.longestLease]
            )
            let winner = try String.fetchOne(transaction.db, sql: "SELECT holder FROM lease")
            return winner == holder ? Instant(milliseconds: expires) : nil
        }
    }

    /// Gives the right back.
    ///
    /// - Parameter holder: Who holds it.
    /// - Throws: ``LedgerError``.
    public func dropLease(_ holder: String) async throws(LedgerError) {
        try await writing { transaction in
            try transaction.db.execute(
                sql: "DELETE FROM lease WHERE holder = ?",
                arguments: [holder]
            )
        }
    }

    /// Records a step of a run; every step but the first is followed by a checkpoint.
    ///
    /// - Parameters:
    ///   - run: The run.
    ///   - state: `started`, `planned`, `finished`, `refused` or `stopped`.
    ///   - summary: Counts, without personal data.
    ///   - plan: The plan without personal data, to be kept with the run.
    /// - Throws: ``LedgerError``.
    public func note(
        run: String,
        _ state: String,
        summary: JSON,
        plan: JSON? = nil
    ) async throws(LedgerError) {
        try await writing { transaction in
            let data = JSON.object([JSON.Member("run", .string(run))] + (summary.members ?? []))
            try transaction.append(
                [
                    NewEvent(
                        id: transaction.eventID(),
                        type: "run.\(state)",
                        occurred: transaction.now,
                        correlation: run,
                        actor: "daybook",
                        data: data.bytes
                    )
                ],
                to: "run-\(run)"
            )
            let isEnd = state != "started" && state != "planned"
            try transaction.db.execute(
                sql: """
                    INSERT INTO run (id, started, finished, state, summary)
                    VALUES (?1, ?2, ?3, ?4, ?5)
                    ON CONFLICT (id) DO UPDATE SET finished = ?3, state = ?4, summary = ?5
                    """,
                arguments: [
                    run, transaction.now, isEnd ? transaction.now : nil, state, summary.text,
                ]
            )
            guard let plan else { return }
            try transaction.db.execute(
                sql: """
                    INSERT INTO runPlan (run, part, plan)
                    SELECT ?1, 1 + count(*), ?2 FROM runPlan WHERE run = ?1
                    """,
                arguments: [run, plan.text]
            )
        }
        if state != "started" { try await ledger.makeCheckpoint() }
    }

    /// Records durably that writes are about to be made.
    ///
    /// - Parameters:
    ///   - operations: The operations.
    ///   - run: The run.
    /// - Throws: ``LedgerError``; then none may be made.
    public func intend(
        _ operations: [PlanOperation],
        run: String
    ) async throws(LedgerError) {
        try await writing { transaction in
            for operation in operations {
                let event = NewEvent(
                    id: transaction.eventID(),
                    type: "write.intended",
                    occurred: transaction.now,
                    correlation: operation.appointments.first?.root.rawValue ?? "",
                    causation: operation.cause.position.rawValue,
                    actor: "daybook",
                    data: StoredWrite.intent(operation, run: run).bytes
                )
                let appended = try transaction.append([event], to: operation.stream)
                try transaction.db.cachedStatement(
                    sql: """
                        INSERT OR REPLACE INTO intent (operation, kind, run, position, root)
                        VALUES (?, ?, ?, ?, ?)
                        """
                ).execute(
                    arguments: [
                        operation.id.rawValue, operation.kind.rawValue, run,
                        appended.first?.position,
                        operation.appointments.first?.root.rawValue ?? "",
                    ]
                )
            }
        }
    }

    /// The operations that were intended and whose outcome is not known, with what was intended.
    ///
    /// - Throws: ``LedgerError/storage(_:)``.
    public func openIntents() async throws(LedgerError) -> [OperationID: PlanOperation.Kind] {
        try await reading { db in
            let rows = try Row.fetchAll(db, sql: "SELECT operation, kind FROM intent")
            return Dictionary(
                uniqueKeysWithValues: rows.compactMap { row in
                    PlanOperation.Kind(rawValue: row[1]).map { (OperationID(row[0]), $0) }
                }
            )
        }
    }

    /// Records what became of operations, and everything that follows from it, at once.
    ///
    /// - Parameters:
    ///   - results: The results.
    ///   - run: The run.
    /// - Throws: ``LedgerError``.
    public func receive(
        _ results: [OperationResult],
        run: String
    ) async throws(LedgerError) {
        try await writing { transaction in
            let receiver = ReceiptTransaction(transaction: transaction, run: run)
            for result in results { try receiver.receive(result) }
        }
    }

    /// Marks appointments as dealt with, unless something new came in since.
    ///
    /// - Parameters:
    ///   - appointments: The appointments.
    ///   - position: The head when they were read.
    /// - Throws: ``LedgerError``.
    public func settle(
        _ appointments: [AppointmentID],
        readAt position: LedgerPosition
    ) async throws(LedgerError) {
        try await writing { transaction in
            for appointment in appointments {
                try transaction.db.cachedStatement(
                    sql: "DELETE FROM dirty WHERE root = ? AND position <= ?"
                ).execute(arguments: [appointment.root.rawValue, position.rawValue])
            }
        }
    }
}

extension PlanOperation {
    /// The stream that holds everything about the record's subject.
    var stream: String { "record-\(subject.name)" }
}
