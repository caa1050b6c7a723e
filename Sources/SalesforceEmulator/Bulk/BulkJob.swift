/// A job of the Bulk API 2.0: many records written, or a query over many.
///
/// Source: `facts/salesforce-api.md` 4.1 and 4.3.
struct BulkJob: Hashable, Sendable {
    let id: String
    let operation: Operation

    /// The type that is written or queried.
    let object: String

    /// The field by which an upsert finds records.
    var externalID: String?

    /// The text of a query.
    var query: String?
    var dialect = CSVDialect()

    /// The user who made the job; its records are written as this one.
    let userID: String
    let version: Double
    let created: Instant

    var state: State
    var modified: Instant

    /// When no more data could be added; the job is worked on from then.
    var closed: Instant?

    /// How often the job was asked for since it was closed.
    var polls = 0
    var processed = 0
    var failed = 0
    var errorMessage: String?

    /// The columns uploaded or queried, as a line of a result.
    var header = ""

    /// The two kinds of job, by the name in their path.
    enum Kind: String, Sendable {
        case ingest
        case query
    }

    /// What a job does, under the names of the interface.
    enum Operation: String, Sendable {
        case insert, update, upsert, delete, hardDelete, query, queryAll

        var kind: Kind { self == .query || self == .queryAll ? .query : .ingest }
    }

    /// How far a job is, under the names of the interface.
    enum State: String, Sendable {
        case open = "Open"
        case uploadComplete = "UploadComplete"
        case inProgress = "InProgress"
        case complete = "JobComplete"
        case aborted = "Aborted"
        case failed = "Failed"

        /// Whether the org still has to do something about the job.
        var isPending: Bool { self == .uploadComplete || self == .inProgress }

        /// Whether the job stays as it is.
        var isFinal: Bool { self == .complete || self == .aborted || self == .failed }
    }

    var kind: Kind { operation.kind }

    /// The path of the job, without the slash before it, as `contentUrl` begins.
    var path: String { "services/data/v\(version)/jobs/\(kind.rawValue)/\(id)" }

    /// The job as it is answered.
    ///
    /// - Parameter isComplete: Whether the counters are shown too, as they are when the job
    ///   is asked for and not when it is made or changed.
    /// - Returns: The members that real answers have.
    func json(isComplete: Bool) -> JSON {
        var json: JSONObject = [
            "id": .string(id), "operation": .string(operation.rawValue),
            "object": .string(object), "createdById": .string(userID),
            "createdDate": .string(created.text), "systemModstamp": .string(modified.text),
            "state": .string(state.rawValue),
        ]
        if let externalID { json["externalIdFieldName"] = .string(externalID) }
        json["concurrencyMode"] = "Parallel"
        json["contentType"] = "CSV"
        json["apiVersion"] = .number(version)
        if kind == .ingest, state == .open { json["contentUrl"] = .string("\(path)/batches") }
        if isComplete { json["jobType"] = kind == .ingest ? "V2Ingest" : "V2Query" }
        json["lineEnding"] = .string(dialect.lineEnding.rawValue)
        json["columnDelimiter"] = .string(dialect.delimiter.rawValue)
        if isComplete { addCounters(to: &json) }
        return .object(json)
    }

    private func addCounters(to json: inout JSONObject) {
        json["numberRecordsProcessed"] = .integer(processed)
        if kind == .ingest { json["numberRecordsFailed"] = .integer(failed) }
        json["retries"] = 0
        // An emulated org works outside of time; what took how long would be made up.
        json["totalProcessingTime"] = 0
        if kind == .ingest {
            json["apiActiveProcessingTime"] = 0
            json["apexProcessingTime"] = 0
        }
        if let errorMessage { json["errorMessage"] = .string(errorMessage) }
    }
}
