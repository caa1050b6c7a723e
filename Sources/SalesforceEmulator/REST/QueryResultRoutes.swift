import Foundation

/// The pages of a bulk query's result.
///
/// `Sforce-Locator` names the next page, and is the word `null` on the last.
struct QueryResultRoutes {
    let session: Session

    private static let rowsPerPage = 50_000

    func answer(_ request: APIRequest, _ job: BulkJob) throws -> APIResponse {
        guard job.version == session.options.version else {
            throw APIError(
                409,
                "API_VERSION_MISMATCH",
                "The job was made with version \(job.version); its results need the same"
            )
        }
        guard job.state == .complete else {
            throw APIError(
                400,
                "INVALIDJOBSTATE",
                "Results are not there; the job is \(job.state.rawValue)"
            )
        }
        let start = try self.start(request.parameter("locator"), job)
        let most = try self.most(request.parameter("maxRecords"))
        let rows = try session.rows(of: job, .done, after: start, most: most)
        let end = start + rows.count
        let locator = end < job.processed ? Self.locator(of: end) : "null"
        var response = APIResponse.csv(job.header + rows.map(\.line).joined())
        response.headers = [
            ("Sforce-NumberOfRecords", String(rows.count)), ("Sforce-Locator", locator),
        ]
        return response
    }

    private func most(_ text: String?) throws(APIError) -> Int {
        guard let text else { return Self.rowsPerPage }
        guard let most = Int(text), most > 0 else {
            throw APIError(400, "INVALID_INPUT", "maxRecords is not a positive number")
        }
        return most
    }

    private func start(_ locator: String?, _ job: BulkJob) throws(APIError) -> Int {
        guard let locator, !locator.isEmpty, locator != "null" else { return 0 }
        guard let data = Data(base64Encoded: locator),
            let start = Int(String(decoding: data, as: UTF8.self)),
            (0...job.processed).contains(start)
        else { throw APIError(400, "INVALID_QUERY_LOCATOR", "invalid query locator") }
        return start
    }

    private static func locator(of row: Int) -> String {
        Data(String(row).utf8).base64EncodedString()
    }
}
