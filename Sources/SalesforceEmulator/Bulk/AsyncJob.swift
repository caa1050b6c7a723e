/// A job of the Bulk API 1, which lives as long as the program.
///
/// Its batches are worked on when they come, and only called queued in the answer to that.
/// Source: `facts/salesforce-api.md` 4.5.
struct AsyncJob: Hashable, Sendable {
    let id: String
    let operation: BulkJob.Operation
    let object: String
    let externalID: String?
    let userID: String
    let version: String
    let created: Instant
    let isSerial: Bool
    var state = "Open"
    var batches: [AsyncBatch] = []

    var json: JSON {
        var json: JSONObject = [
            "id": .string(id), "operation": .string(operation.rawValue),
            "object": .string(object), "createdById": .string(userID),
            "createdDate": .string(created.text), "systemModstamp": .string(created.text),
            "state": .string(state),
            "concurrencyMode": .string(isSerial ? "Serial" : "Parallel"), "contentType": "JSON",
            "apiVersion": Double(version).map { .number($0) } ?? .null,
            "numberBatchesQueued": 0, "numberBatchesInProgress": 0,
            "numberBatchesCompleted": .integer(batches.count { $0.message == nil }),
            "numberBatchesFailed": .integer(batches.count { $0.message != nil }),
            "numberBatchesTotal": .integer(batches.count),
            "numberRecordsProcessed": .integer(batches.reduce(0) { $0 + $1.results.count }),
            "numberRecordsFailed": .integer(batches.reduce(0) { $0 + $1.failed }),
            "numberRetries": 0, "totalProcessingTime": 0, "apiActiveProcessingTime": 0,
            "apexProcessingTime": 0,
        ]
        if let externalID { json["externalIdFieldName"] = .string(externalID) }
        return .object(json)
    }
}

/// A part of a job: records that were sent, or a query, with what came of them.
struct AsyncBatch: Hashable, Sendable {
    let id: String
    let jobID: String
    let created: Instant

    /// What was sent: an array of records, or the text of a query.
    let request: JSON

    /// The outcome of each record, or the records found.
    var results: [JSON] = []
    var failed = 0

    /// Why the batch as a whole failed; nil if it did not.
    var message: String?

    /// The id under which a query's records are fetched.
    var resultID: String { "752" + id.dropFirst(3) }

    func json(isNew: Bool = false) -> JSON {
        let state = isNew ? "Queued" : message == nil ? "Completed" : "Failed"
        return [
            "id": .string(id), "jobId": .string(jobID), "state": .string(state),
            "stateMessage": JSON(message), "createdDate": .string(created.text),
            "systemModstamp": .string(created.text),
            "numberRecordsProcessed": .integer(isNew ? 0 : results.count),
            "numberRecordsFailed": .integer(isNew ? 0 : failed), "totalProcessingTime": 0,
            "apiActiveProcessingTime": 0, "apexProcessingTime": 0,
        ]
    }
}

/// The jobs of the Bulk API 1 of an org.
struct AsyncJobs: Sendable {
    private var jobs: [String: AsyncJob] = [:]
    private var count = 0

    /// Gives the next id of jobs and batches.
    mutating func nextID(prefix: String, seed: UInt64) -> String {
        count += 1
        // Those of the Bulk API 2 are numbered from the other end.
        return RecordID.make(prefix: prefix, number: 1_000_000_000 + count, seed: seed)
    }

    subscript(id: String) -> AsyncJob? {
        get { RecordID.normalized(id).flatMap { jobs[$0] } }
        set { RecordID.normalized(id).map { jobs[$0] = newValue } }
    }
}
