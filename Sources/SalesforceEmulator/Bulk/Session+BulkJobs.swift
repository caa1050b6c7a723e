import Foundation
import GRDB

/// The jobs of an org and the rows of their results, kept with its data.
extension Storage {
    /// Creates the tables of bulk jobs, if they are missing.
    static func prepareBulkJobs(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE IF NOT EXISTS emulator_bulk_job (
                    number     INTEGER PRIMARY KEY,
                    id         TEXT    NOT NULL UNIQUE,
                    kind       TEXT    NOT NULL,         -- 'ingest', 'query'
                    operation  TEXT    NOT NULL,
                    object     TEXT    NOT NULL,
                    externalID TEXT,
                    query      TEXT,
                    delimiter  TEXT    NOT NULL,
                    lineEnding TEXT    NOT NULL,
                    userID     TEXT    NOT NULL,
                    version    REAL    NOT NULL,
                    created    INTEGER NOT NULL,         -- milliseconds since 1970, UTC
                    state      TEXT    NOT NULL,
                    modified   INTEGER NOT NULL,
                    closed     INTEGER,
                    polls      INTEGER NOT NULL DEFAULT 0,
                    processed  INTEGER NOT NULL DEFAULT 0,
                    failed     INTEGER NOT NULL DEFAULT 0,
                    error      TEXT,
                    header     TEXT    NOT NULL DEFAULT '',
                    upload     BLOB,                     -- the file as it came
                    isGone     INTEGER NOT NULL DEFAULT 0
                );
                CREATE INDEX IF NOT EXISTS emulator_bulk_pending ON emulator_bulk_job (closed)
                WHERE state IN ('UploadComplete', 'InProgress') AND NOT isGone;
                CREATE TABLE IF NOT EXISTS emulator_bulk_row (
                    job      TEXT    NOT NULL,
                    number   INTEGER NOT NULL,
                    outcome  INTEGER NOT NULL,           -- 0 unprocessed, 1 done, 2 failed
                    recordID TEXT,
                    isNew    INTEGER NOT NULL DEFAULT 0,
                    error    TEXT,
                    line     TEXT    NOT NULL,           -- as results show it
                    PRIMARY KEY (job, number)
                ) WITHOUT ROWID;
                """
        )
    }
}

/// What became of one row of a bulk file, or a row that a query found.
struct BulkRow: Hashable, Sendable {
    var outcome = Outcome.done
    var recordID: String?
    var isNew = false

    /// `CODE:message:fields--`, as failed results have it.
    var error: String?

    /// The values as results show them, with the line's end.
    let line: String

    /// The result that a row is part of.
    enum Outcome: Int, Sendable {
        case unprocessed = 0
        case done = 1
        case failed = 2
    }
}

extension Session {
    /// Keeps a new job.
    func insert(_ job: BulkJob) throws {
        hasChangedJobs = true
        try db.execute(
            sql: """
                INSERT INTO emulator_bulk_job (
                    id, kind, operation, object, externalID, query, delimiter, lineEnding, userID,
                    version, created, state, modified, closed
                ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                job.id, job.kind.rawValue, job.operation.rawValue, job.object, job.externalID,
                job.query, job.dialect.delimiter.rawValue, job.dialect.lineEnding.rawValue,
                job.userID, job.version, job.created.milliseconds, job.state.rawValue,
                job.modified.milliseconds, job.closed?.milliseconds,
            ]
        )
    }

    /// Keeps what changed of a job.
    func update(_ job: BulkJob) throws {
        hasChangedJobs = true
        try db.execute(
            sql: """
                UPDATE emulator_bulk_job SET
                    state = ?, modified = ?, closed = ?, polls = ?, processed = ?, failed = ?,
                    error = ?, header = ?
                WHERE id = ?
                """,
            arguments: [
                job.state.rawValue, job.modified.milliseconds, job.closed?.milliseconds, job.polls,
                job.processed, job.failed, job.errorMessage, job.header, job.id,
            ]
        )
    }

    /// The id that the next job gets; those of deleted jobs are not used again.
    func nextJobID() throws -> String {
        let last = try Int.fetchOne(db, sql: "SELECT max(number) FROM emulator_bulk_job")
        return RecordID.make(prefix: "750", number: (last ?? 0) + 1, seed: org.options.seed)
    }

    /// The jobs that a condition holds for, oldest first.
    func jobs(where condition: String, _ arguments: StatementArguments = []) throws -> [BulkJob] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT * FROM emulator_bulk_job WHERE NOT isGone AND (\(condition)) ORDER BY number
                """,
            arguments: arguments
        )
        .compactMap(job)
    }

    /// A job by its id, or nil.
    func job(_ id: String, _ kind: BulkJob.Kind) throws -> BulkJob? {
        guard let id = RecordID.normalized(id) else { return nil }
        return try jobs(where: "id = ? AND kind = ?", [id, kind.rawValue]).first
    }

    private func job(_ row: Row) -> BulkJob? {
        guard let operation = BulkJob.Operation(rawValue: row["operation"]),
            let state = BulkJob.State(rawValue: row["state"]),
            let delimiter = CSVDialect.Delimiter(rawValue: row["delimiter"]),
            let lineEnding = CSVDialect.LineEnding(rawValue: row["lineEnding"])
        else { return nil }
        return BulkJob(
            id: row["id"],
            operation: operation,
            object: row["object"],
            externalID: row["externalID"],
            query: row["query"],
            dialect: CSVDialect(delimiter: delimiter, lineEnding: lineEnding),
            userID: row["userID"],
            version: row["version"],
            created: Instant(milliseconds: row["created"]),
            state: state,
            modified: Instant(milliseconds: row["modified"]),
            closed: (row["closed"] as Int?).map { Instant(milliseconds: $0) },
            polls: row["polls"],
            processed: row["processed"],
            failed: row["failed"],
            errorMessage: row["error"],
            header: row["header"]
        )
    }

    /// The file that was uploaded for a job; nil before that.
    func upload(of job: BulkJob) throws -> [UInt8]? {
        let data = try DatabaseValue.fetchOne(
            db,
            sql: "SELECT upload FROM emulator_bulk_job WHERE id = ?",
            arguments: [job.id]
        )
        guard case .blob(let bytes)? = data?.storage else { return nil }
        return Array(bytes)
    }

    /// Keeps the file of a job.
    func setUpload(_ bytes: [UInt8], of job: BulkJob) throws {
        hasChangedJobs = true
        try db.execute(
            sql: "UPDATE emulator_bulk_job SET upload = CAST(? AS BLOB) WHERE id = ?",
            arguments: [Data(bytes), job.id]
        )
    }

    /// Adds a row to the results of a job.
    func insert(_ row: BulkRow, number: Int, of job: BulkJob) throws {
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO emulator_bulk_row (job, number, outcome, recordID, isNew, error, line)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """
        )
        try statement.execute(
            arguments: [
                job.id, number, row.outcome.rawValue, row.recordID, row.isNew, row.error, row.line,
            ]
        )
    }

    /// The rows of a job with an outcome, in the order of the file.
    ///
    /// - Parameters:
    ///   - job: The job.
    ///   - outcome: What became of the rows wanted.
    ///   - first: How many rows of the job to leave out.
    ///   - most: The most rows wanted.
    /// - Returns: The rows.
    /// - Throws: What the database throws; not expected.
    func rows(
        of job: BulkJob,
        _ outcome: BulkRow.Outcome,
        after first: Int = 0,
        most: Int = .max
    ) throws -> [BulkRow] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT recordID, isNew, error, line FROM emulator_bulk_row
                WHERE job = ? AND outcome = ? AND number > ? ORDER BY number LIMIT ?
                """,
            arguments: [job.id, outcome.rawValue, first, most]
        )
        .map { row in
            BulkRow(
                outcome: outcome,
                recordID: row[0],
                isNew: row[1],
                error: row[2],
                line: row[3]
            )
        }
    }

    /// Throws a job and its data away; it still counts for the day's limits.
    func remove(_ job: BulkJob) throws {
        hasChangedJobs = true
        try db.execute(sql: "DELETE FROM emulator_bulk_row WHERE job = ?", arguments: [job.id])
        try db.execute(
            sql: "UPDATE emulator_bulk_job SET isGone = 1, upload = NULL WHERE id = ?",
            arguments: [job.id]
        )
    }

    /// What the jobs of the last 24 hours used up.
    ///
    /// Ingest makes one internal batch of 10,000 records each.
    func bulkUsage() throws -> (batches: Int, queries: Int) {
        let start = now.milliseconds - Instant.day
        let batches = try Int.fetchOne(
            db,
            sql: """
                SELECT sum((processed + 9999) / 10000) FROM emulator_bulk_job
                WHERE kind = 'ingest' AND created > ?
                """,
            arguments: [start]
        )
        let queries = try Int.fetchOne(
            db,
            sql: "SELECT count(*) FROM emulator_bulk_job WHERE kind = 'query' AND created > ?",
            arguments: [start]
        )
        return (batches ?? 0, queries ?? 0)
    }
}
