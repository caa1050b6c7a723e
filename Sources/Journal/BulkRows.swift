public import Domain
import Foundation
import GRDB
public import Ledger

/// An intended write that went into a job.
public struct BulkRow: Hashable, Sendable {
    /// The operation.
    public var operation: OperationID
    /// What was intended.
    public var kind: PlanOperation.Kind
    /// A keyed digest of what its row is known by in the job's results.
    public var identity: ValueDigest

    /// Creates a row.
    public init(operation: OperationID, kind: PlanOperation.Kind, identity: ValueDigest) {
        (self.operation, self.kind, self.identity) = (operation, kind, identity)
    }
}

/// A record that a job turned out to have made.
public struct BulkFinding: Hashable, Sendable {
    /// The operation.
    public var operation: OperationID
    /// The record.
    public var record: SalesforceID
    /// Its object.
    public var object: ObjectName

    /// Creates a finding.
    public init(operation: OperationID, record: SalesforceID, object: ObjectName) {
        (self.operation, self.record, self.object) = (operation, record, object)
    }
}

extension Journal {
    /// Records durably into which job intended writes go, before any of them can take hold.
    ///
    /// - Parameters:
    ///   - job: The job.
    ///   - rows: Its rows; each is an open intent.
    /// - Throws: ``LedgerError``; then the job must not be submitted.
    public func keep(job: String, rows: [BulkRow]) async throws(LedgerError) {
        try await writing { transaction in
            for row in rows {
                try transaction.db.cachedStatement(
                    sql:
                        "INSERT OR REPLACE INTO bulkRow (operation, job, identity) VALUES (?, ?, ?)"
                ).execute(
                    arguments: [row.operation.rawValue, job, row.identity.bytes.data]
                )
            }
        }
    }

    /// The jobs whose results are not all recorded, with the writes in question.
    ///
    /// - Throws: ``LedgerError/storage(_:)``.
    public func openJobs() async throws(LedgerError) -> [String: [BulkRow]] {
        try await reading { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT bulkRow.job, bulkRow.operation, bulkRow.identity, intent.kind
                    FROM bulkRow JOIN intent USING (operation)
                    """
            )
            var jobs: [String: [BulkRow]] = [:]
            for row in rows {
                guard let kind = PlanOperation.Kind(rawValue: row[3]) else { continue }
                let identity = ValueDigest(Array(row[2] as Data))
                jobs[row[0], default: []].append(
                    BulkRow(operation: OperationID(row[1]), kind: kind, identity: identity)
                )
            }
            return jobs
        }
    }

    /// Forgets a job, because its writes are sent another way or its results are known.
    ///
    /// The intents stay open: what became of each is looked up as after any crash. Records that the
    /// job made are linked before, so that they are found whatever they hold.
    ///
    /// - Parameters:
    ///   - job: The job.
    ///   - findings: The records it made.
    ///   - run: The run that asked.
    /// - Throws: ``LedgerError``.
    public func release(
        job: String,
        findings: [BulkFinding] = [],
        run: String
    ) async throws(LedgerError) {
        try await writing { transaction in
            let receiver = ReceiptTransaction(transaction: transaction, run: run)
            for finding in findings { try receiver.link(finding) }
            try transaction.db.execute(sql: "DELETE FROM bulkRow WHERE job = ?", arguments: [job])
        }
    }
}

extension ReceiptTransaction {
    /// Links the record that a job made, unless it is linked already.
    fileprivate func link(_ finding: BulkFinding) throws {
        let row = try Row.fetchOne(
            transaction.db.cachedStatement(
                sql: "SELECT root, position FROM intent WHERE operation = ?"
            ),
            arguments: [finding.operation.rawValue]
        )
        guard let row, let subject = RecordSubject(name: finding.operation.rawValue) else { return }
        let now = Instant(milliseconds: transaction.now)
        let operation = PlanOperation(
            subject: subject,
            appointments: BookingUID(row[0]).map { [AppointmentID(root: $0)] } ?? [],
            kind: .create,
            reason: .recordCreated,
            object: finding.object,
            record: finding.record,
            isOurs: true,
            fields: [],
            stamp: nil,
            candidates: [],
            cause: Cause(position: LedgerPosition(row[1]), occurred: now, recorded: now)
        )
        let result = OperationResult(
            operation: operation,
            outcome: .settled,
            record: finding.record
        )
        try link(operation, to: finding.record, isOurs: true, result)
    }
}
