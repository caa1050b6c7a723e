@testable import SalesforceEmulator

extension OrgClient {
    /// A bulk job at its end, with its three results.
    struct Ingested {
        let job: JSON
        let successful: String
        let failed: String
        let unprocessed: String

        /// The rows of a result, without the header.
        static func rows(_ text: String) -> [String] {
            text.split(whereSeparator: \.isNewline).dropFirst().map(String.init)
        }
    }

    /// Makes an ingest job and gives its id.
    func openJob(_ description: JSON) async throws -> String {
        let answer = try await send("POST", "jobs/ingest", description)
        guard answer.status == 200 else { throw Refused(answer: answer.json.serialized) }
        return answer.id
    }

    /// Uploads data to a job and closes it.
    func upload(_ csv: String, to job: String) async throws {
        let uploaded = try await send(
            "PUT",
            "jobs/ingest/\(job)/batches",
            text: csv,
            type: "text/csv; charset=UTF-8"
        )
        guard uploaded.status == 201 else { throw Refused(answer: uploaded.json.serialized) }
        let closed = try await send("PATCH", "jobs/ingest/\(job)", ["state": "UploadComplete"])
        guard closed.status == 200 else { throw Refused(answer: closed.json.serialized) }
    }

    /// Runs an ingest job to its end.
    func ingest(_ description: JSON, _ csv: String) async throws -> Ingested {
        let id = try await openJob(description)
        try await upload(csv, to: id)
        return try await ingested(id)
    }

    /// A job and its results, once it was polled.
    func ingested(_ id: String) async throws -> Ingested {
        let path = "jobs/ingest/\(id)"
        return Ingested(
            job: try await send("GET", path).json,
            successful: try await send("GET", "\(path)/successfulResults/").text,
            failed: try await send("GET", "\(path)/failedResults").text,
            unprocessed: try await send("GET", "\(path)/unprocessedRecords").text
        )
    }

    /// Runs a query job to its end and gives its id.
    func extract(_ soql: String, _ more: [(String, JSON)] = []) async throws -> String {
        var body: JSONObject = ["operation": "query", "query": .string(soql)]
        for (key, value) in more { body[key] = value }
        let made = try await send("POST", "jobs/query", .object(body))
        guard made.status == 200 else { throw Refused(answer: made.json.serialized) }
        _ = try await send("GET", "jobs/query/\(made.id)")
        return made.id
    }
}
