import GRDB
import Synchronization

/// The resources under `/services/async`: the Bulk API 1, for data in JSON.
struct AsyncRoutes {
    let session: Session

    private static let mostRecords = 10_000

    /// Answers a request, given the path after the version.
    ///
    /// Refusals are objects here, with `exceptionCode` and `exceptionMessage`.
    func answer(_ request: APIRequest, version: String, _ path: [String]) -> APIResponse {
        do {
            return try route(request, version: version, path)
        } catch let error as APIError {
            let entry = error.entries.first
            return Self.refusal(entry?.code ?? "", entry?.message ?? "", status: error.status)
        } catch {
            return Self.refusal("ServerError", "The batch cannot be worked on.", status: 500)
        }
    }

    /// A refusal in the form of this interface.
    static func refusal(_ code: String, _ message: String, status: Int = 400) -> APIResponse {
        .json(
            ["exceptionCode": .string(code), "exceptionMessage": .string(message)],
            status: status
        )
    }

    private func route(
        _ request: APIRequest,
        version: String,
        _ path: [String]
    ) throws -> APIResponse {
        guard path.first == "job" else { throw APIError.notFound }
        guard path.count > 1 else {
            guard request.method == "POST" else {
                throw APIError.methodNotAllowed(request.method, allowed: "POST")
            }
            let job = try makeJob(try request.record(), version)
            session.org.state.withLock { $0.asyncJobs[job.id] = job }
            return .json(job.json, status: 201)
        }
        guard var job = session.org.state.withLock({ $0.asyncJobs[path[1]] }) else {
            throw invalid("InvalidJob", "Unable to find job with id: \(path[1])")
        }
        switch (request.method, path.count) {
        case ("GET", 2): return .json(job.json)
        case ("POST", 2):
            job.state = try request.record()["state"]?.text ?? job.state
            return keep(job, .json(job.json))
        case ("POST", 3) where path[2] == "batch":
            let batch = try run(request, job)
            job.batches.append(batch)
            return keep(job, .json(batch.json(isNew: true), status: 201))
        case ("GET", 3) where path[2] == "batch":
            return .json(["batchInfo": .array(job.batches.map { $0.json() })])
        case ("GET", 4...6) where path[2] == "batch":
            return try answer(about: path, job)
        default: throw APIError.notFound
        }
    }

    private func keep(_ job: AsyncJob, _ response: APIResponse) -> APIResponse {
        session.hasChangedJobs = true
        session.org.state.withLock { $0.asyncJobs[job.id] = job }
        return response
    }

    private func invalid(_ code: String, _ message: String) -> APIError {
        APIError(400, code, message)
    }

    private func makeJob(_ body: JSONObject, _ version: String) throws(APIError) -> AsyncJob {
        guard let name = body["operation"]?.text, let operation = BulkJob.Operation(rawValue: name)
        else { throw invalid("InvalidOperation", "Unknown operation") }
        guard let object = body["object"]?.text.flatMap({ session.schema.object($0) }) else {
            throw invalid("InvalidEntity", "Unable to find object: \(body["object"]?.text ?? "")")
        }
        guard body["contentType"]?.text ?? "JSON" == "JSON" else {
            throw invalid("FeatureNotEnabled", "The emulator takes JSON here")
        }
        let key = body["externalIdFieldName"]?.text
        guard operation != .upsert || key.flatMap({ object.field($0) }) != nil else {
            throw invalid("InvalidJob", "An upsert needs externalIdFieldName")
        }
        let seed = session.org.options.seed
        let mode = body["concurrencyMode"]
        return AsyncJob(
            id: session.org.state.withLock { $0.asyncJobs.nextID(prefix: "750", seed: seed) },
            operation: operation,
            object: object.name,
            externalID: key,
            userID: session.userID,
            version: version,
            created: session.now,
            isSerial: mode?.integer == 1 || mode?.text == "Serial"
        )
    }

    private func run(_ request: APIRequest, _ job: AsyncJob) throws -> AsyncBatch {
        guard job.state == "Open" else {
            throw invalid("InvalidJobState", "Job is in state \(job.state)")
        }
        let seed = session.org.options.seed
        let isQuery = job.operation.kind == .query
        var batch = AsyncBatch(
            id: session.org.state.withLock { $0.asyncJobs.nextID(prefix: "751", seed: seed) },
            jobID: job.id,
            created: session.now,
            request: isQuery ? .string(request.text) : try request.json()
        )
        if isQuery { try runQuery(job, &batch) } else { try runRows(job, &batch) }
        return batch
    }

    private func runQuery(_ job: AsyncJob, _ batch: inout AsyncBatch) throws {
        do {
            let soql = batch.request.text ?? ""
            let translation = try BulkExtract.translation(of: soql, job.operation, session)
            batch.results = try Row.fetchAll(
                session.db,
                sql: translation.sql(),
                arguments: translation.arguments
            )
            .map { try session.record($0, translation.shape) }
        } catch let error as APIError {
            let entry = error.entries.first
            batch.message =
                "InvalidBatch : Failed to process query: \(entry?.code ?? ""): "
                + (entry?.message ?? "")
        }
    }

    private func runRows(_ job: AsyncJob, _ batch: inout AsyncBatch) throws {
        let object = try session.object(job.object)
        let rows = batch.request.array ?? []
        guard !rows.isEmpty, rows.count <= Self.mostRecords, rows.allSatisfy({ $0.object != nil })
        else {
            batch.message = "InvalidBatch : Records not processed"
            return
        }
        let writer = BulkWriter(
            session: session,
            operation: job.operation,
            externalID: job.externalID
        )
        for row in rows {
            do {
                let written = try writer.write(canonical(row.object, object), object)
                batch.results.append([
                    "success": true, "created": .bool(written.isNew), "id": .string(written.id),
                    "errors": [],
                ])
            } catch let error as APIError {
                batch.failed += 1
                batch.results.append([
                    "success": false, "created": false, "id": .null, "errors": error.rowErrors,
                ])
            }
        }
    }

    /// A record with its fields named as the type names them.
    private func canonical(_ record: JSONObject?, _ object: ObjectType) -> JSONObject {
        JSONObject(
            (record?.members ?? []).map { member in
                .init(key: object.field(member.key)?.name ?? member.key, value: member.value)
            }
        )
    }

    private func answer(about path: [String], _ job: AsyncJob) throws(APIError) -> APIResponse {
        guard let id = RecordID.normalized(path[3]),
            let batch = job.batches.first(where: { $0.id == id })
        else { throw invalid("InvalidBatch", "Unable to find batch for id: \(path[3])") }
        let isQuery = job.operation.kind == .query
        switch (path.count, path.count > 4 ? path[4] : "") {
        case (4, _): return .json(batch.json())
        case (5, "request"): return .json(batch.request)
        case (5, "result"):
            return .json(isQuery ? [.string(batch.resultID)] : .array(batch.results))
        case (6, "result") where isQuery && path[5] == batch.resultID:
            return .json(.array(batch.results))
        default: throw .notFound
        }
    }
}
