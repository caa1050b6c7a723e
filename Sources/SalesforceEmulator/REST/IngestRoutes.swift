/// What lies under an ingest job: its data, and what became of each row.
struct IngestRoutes {
    let session: Session

    func answer(_ request: APIRequest, _ job: BulkJob, _ name: String) throws -> APIResponse {
        // Clients disagree on the case of `unprocessedrecords`.
        switch (request.method, name.lowercased()) {
        case ("PUT", "batches"): return try upload(request, to: job)
        case (_, "batches"): throw APIError.methodNotAllowed(request.method, allowed: "PUT")
        case ("GET", "successfulresults"):
            return try results(job, .done, ["sf__Id", "sf__Created"]) { row in
                [row.recordID ?? "", row.isNew ? "true" : "false"]
            }
        case ("GET", "failedresults"):
            return try results(job, .failed, ["sf__Id", "sf__Error"]) { row in
                [row.recordID ?? "", row.error ?? ""]
            }
        case ("GET", "unprocessedrecords"): return try unprocessed(job)
        case (_, "successfulresults"), (_, "failedresults"), (_, "unprocessedrecords"):
            throw APIError.methodNotAllowed(request.method, allowed: "GET")
        default: throw APIError.notFound
        }
    }

    private func upload(_ request: APIRequest, to job: BulkJob) throws -> APIResponse {
        let type = request.headers["content-type"] ?? "text/csv"
        guard type.lowercased().hasPrefix("text/csv") else {
            throw APIError.unsupportedMediaType(type)
        }
        guard job.state == .open else {
            throw invalid("Data can be uploaded to open jobs only, this one is \(job.state)")
        }
        guard try session.upload(of: job) == nil else {
            throw invalid("Found multiple contents for job: <\(job.id)>. A job takes one upload.")
        }
        let bytes = request.bytes
        guard bytes.count <= session.settings.bulkUploadBytes else {
            throw APIError(
                413,
                "EXCEEDED_MAX_SIZE_REQUEST",
                "An upload has at most \(session.settings.bulkUploadBytes) bytes"
            )
        }
        try session.setUpload(bytes, of: job)
        return APIResponse(status: 201)
    }

    private func invalid(_ message: String) -> APIError {
        APIError(400, "INVALIDJOBSTATE", message)
    }

    private func results(
        _ job: BulkJob,
        _ outcome: BulkRow.Outcome,
        _ columns: [String],
        values: (BulkRow) -> [String]
    ) throws -> APIResponse {
        try checkEnded(job)
        let delimiter = String(job.dialect.delimiter.character)
        let joined = { (values: [String], line: String) in
            let start = job.dialect.line(values).dropLast(job.dialect.lineEnding.text.count)
            return line.isEmpty ? start + job.dialect.lineEnding.text : start + delimiter + line
        }
        var text = joined(columns, job.header)
        for row in try session.rows(of: job, outcome) { text += joined(values(row), row.line) }
        return .csv(String(text))
    }

    /// The rows that were not tried: all of a job that was aborted or failed as a whole.
    private func unprocessed(_ job: BulkJob) throws -> APIResponse {
        try checkEnded(job)
        guard job.state != .complete, let upload = try session.upload(of: job) else {
            return .csv(job.header)
        }
        do {
            let rows = try BulkIngest.rows(of: upload, job.dialect)
            return .csv(([rows.header] + rows.values).map(job.dialect.line).joined())
        } catch {
            // What cannot be taken apart is given back as it came.
            return .csv(String(decoding: upload, as: UTF8.self))
        }
    }

    private func checkEnded(_ job: BulkJob) throws(APIError) {
        guard job.state.isFinal else {
            throw invalid("Results are not there before the end; the job is \(job.state.rawValue)")
        }
    }
}

extension APIResponse {
    /// An answer with a file of a bulk job.
    static func csv(_ text: String) -> APIResponse {
        APIResponse(status: 200, body: .text(text, contentType: "text/csv"))
    }
}

extension APIError {
    /// A body in a format that the resource does not read.
    static func unsupportedMediaType(_ type: String) -> APIError {
        APIError(415, "UNSUPPORTED_MEDIA_TYPE", "Content type \(type) is not supported")
    }
}
