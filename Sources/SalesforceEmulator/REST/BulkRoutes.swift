import GRDB

/// The resources under `jobs`: the Bulk API 2.0.
struct BulkRoutes {
    let session: Session

    private static let jobsPerPage = 1000

    func answer(_ request: APIRequest, _ path: [String]) throws -> APIResponse {
        guard let kind = path.first.flatMap(BulkJob.Kind.init) else { throw APIError.notFound }
        switch (request.method, path.count) {
        case ("POST", 1): return try create(request, kind)
        case ("GET", 1), ("HEAD", 1): return .json(try list(request, kind))
        case (_, 1): throw APIError.methodNotAllowed(request.method, allowed: "GET,HEAD,POST")
        default: break
        }
        guard let job = try session.job(path[1], kind) else { throw APIError.notFound }
        switch (request.method, path.count) {
        case ("GET", 2), ("HEAD", 2):
            return .json(try BulkRunner(session: session).polled(job).json(isComplete: true))
        case ("PATCH", 2): return .json(try change(job, to: request).json(isComplete: false))
        case ("DELETE", 2): return try delete(job)
        case (_, 2):
            throw APIError.methodNotAllowed(request.method, allowed: "DELETE,GET,HEAD,PATCH")
        case (_, 3) where kind == .ingest:
            return try IngestRoutes(session: session).answer(request, job, path[2])
        case ("GET", 3) where path[2].lowercased() == "results":
            return try QueryResultRoutes(session: session).answer(request, job)
        default: throw APIError.notFound
        }
    }

    // MARK: - Making jobs

    private func create(_ request: APIRequest, _ kind: BulkJob.Kind) throws -> APIResponse {
        let usage = try session.bulkUsage()
        switch kind {
        case .ingest:
            guard usage.batches < session.settings.dailyBulkBatches else {
                throw limitExceeded("ApiBatchItems")
            }
            return try createIngest(request)
        case .query:
            guard usage.queries < session.settings.dailyBulkQueries else {
                throw limitExceeded("DailyBulkV2QueryJobs")
            }
            let job = try queryJob(try request.record())
            try session.insert(job)
            return .json(job.json(isComplete: false))
        }
    }

    private func limitExceeded(_ name: String) -> APIError {
        APIError(400, "LIMIT_EXCEEDED", "\(name) Limit exceeded.")
    }

    /// Makes a job; one that comes with its data is closed at once.
    private func createIngest(_ request: APIRequest) throws -> APIResponse {
        guard let form = try MultipartForm(request) else {
            let job = try ingestJob(try request.record())
            try session.insert(job)
            return .json(job.json(isComplete: false))
        }
        guard let description = form.part("job"), let content = form.part("content") else {
            throw refused("The parts 'job' and 'content' are needed")
        }
        guard content.count <= 100_000 else {
            throw refused("Data of more than 100,000 characters need an upload of their own")
        }
        var inner = request
        inner.headers["content-type"] = nil
        inner.body = .bytes(Array(description.utf8))
        var job = try ingestJob(try inner.record())
        job.state = .uploadComplete
        job.closed = session.now
        try session.insert(job)
        try session.setUpload(Array(content.utf8), of: job)
        return .json(job.json(isComplete: false))
    }

    private func ingestJob(_ body: JSONObject) throws -> BulkJob {
        let name = body["object"]?.text ?? ""
        guard let object = session.schema.object(name) else {
            throw APIError(400, "INVALIDENTITY", "Unable to find object: \(name)")
        }
        guard let operation = body["operation"]?.text.flatMap(BulkJob.Operation.init),
            operation.kind == .ingest
        else { throw refused("Unknown operation: \(body["operation"]?.text ?? "none")") }
        var job = try job(operation, object.name, body, state: .open)
        guard operation == .upsert else { return job }
        guard let key = body["externalIdFieldName"]?.text, let field = object.field(key),
            field.isIdLookup || field.isExternalID
        else {
            throw refused(
                "An upsert needs an externalIdFieldName that is an external id of \(object.name)"
            )
        }
        job.externalID = field.name
        return job
    }

    private func queryJob(_ body: JSONObject) throws -> BulkJob {
        guard let operation = body["operation"]?.text.flatMap(BulkJob.Operation.init),
            operation.kind == .query
        else { throw refused("Unknown operation: \(body["operation"]?.text ?? "none")") }
        let text = body["query"]?.text ?? ""
        let translation = try BulkExtract.translation(of: text, operation, session)
        var job = try job(operation, translation.object.name, body, state: .uploadComplete)
        job.query = text
        job.closed = session.now
        return job
    }

    private func job(
        _ operation: BulkJob.Operation,
        _ object: String,
        _ body: JSONObject,
        state: BulkJob.State
    ) throws -> BulkJob {
        var job = BulkJob(
            id: try session.nextJobID(),
            operation: operation,
            object: object,
            userID: session.userID,
            version: session.options.version,
            created: session.now,
            state: state,
            modified: session.now
        )
        guard body["contentType"]?.text ?? "CSV" == "CSV" else {
            throw refused("The contentType must be CSV")
        }
        if let name = body["columnDelimiter"]?.text {
            guard let delimiter = CSVDialect.Delimiter(rawValue: name) else {
                throw refused("Unknown columnDelimiter: \(name)")
            }
            job.dialect.delimiter = delimiter
        }
        if let name = body["lineEnding"]?.text {
            guard let ending = CSVDialect.LineEnding(rawValue: name) else {
                throw refused("Unknown lineEnding: \(name)")
            }
            job.dialect.lineEnding = ending
        }
        return job
    }

    private func refused(_ message: String) -> APIError {
        APIError(400, "INVALIDJOB", message)
    }

    // MARK: - Changing and listing jobs

    private func change(_ job: BulkJob, to request: APIRequest) throws -> BulkJob {
        let wanted = try request.record()["state"]?.text ?? ""
        var job = job
        switch wanted {
        case BulkJob.State.uploadComplete.rawValue where job.kind == .ingest:
            guard job.state == .open else { throw wrongState("Closing", job) }
            job.state = .uploadComplete
            job.closed = session.now
        case BulkJob.State.aborted.rawValue:
            guard !job.state.isFinal else { throw wrongState("Aborting", job) }
            job.state = .aborted
        default: throw refused("A job cannot be set to the state '\(wanted)'")
        }
        job.modified = session.now
        try session.update(job)
        return job
    }

    private func delete(_ job: BulkJob) throws -> APIResponse {
        let isWaiting = job.kind == .ingest && job.state == .uploadComplete
        guard job.state.isFinal || isWaiting else { throw wrongState("Deleting", job) }
        try session.remove(job)
        return .noContent
    }

    private func wrongState(_ what: String, _ job: BulkJob) -> APIError {
        APIError(400, "INVALIDJOBSTATE", "\(what) a Job in state \(job.state.rawValue) not allowed")
    }

    private func list(_ request: APIRequest, _ kind: BulkJob.Kind) throws -> JSON {
        let type = request.parameter("jobType")
        let name = kind == .ingest ? "V2Ingest" : "V2Query"
        // No emulated job splits its query by primary key.
        let isNone =
            type.map { $0 != name } ?? false
            || request.parameter("isPkChunkingEnabled")?.lowercased() == "true"
        let all = isNone ? [] : try session.jobs(where: "kind = ?", [kind.rawValue])
        let start = Int(request.parameter("queryLocator") ?? "") ?? 0
        let page = all.dropFirst(start).prefix(Self.jobsPerPage)
        let end = start + Self.jobsPerPage
        let path = "\(session.options.versionPath)/jobs/\(kind.rawValue)"
        return [
            "done": .bool(end >= all.count),
            "records": .array(page.map { $0.json(isComplete: false) }),
            "nextRecordsUrl": end < all.count ? .string("\(path)?queryLocator=\(end)") : .null,
        ]
    }
}
