import Synchronization

/// The resource `composite/batch`: up to 25 requests that do not know each other.
struct BatchRoutes {
    let session: Session

    private static let mostRequests = 25

    func answer(_ request: APIRequest) throws -> APIResponse {
        guard request.method == "POST" else {
            throw APIError.methodNotAllowed(request.method, allowed: "POST")
        }
        let body = try request.record()
        let parts = (body["batchRequests"]?.array ?? []).compactMap(\.object)
        guard !parts.isEmpty, parts.count <= Self.mostRequests else {
            throw APIError(
                400,
                "LIMIT_EXCEEDED",
                "Batch requests have 1 to \(Self.mostRequests) subrequests"
            )
        }
        // The batch itself was counted as one call; each part is one.
        session.org.state.withLock { $0.counters.apiCalls += parts.count - 1 }
        let results = run(parts, request, haltsOnError: body["haltOnError"] == true)
        let hasErrors = results.contains { !$0.isSuccess }
        return .json(["hasErrors": .bool(hasErrors), "results": .array(results.map(json))])
    }

    private func run(
        _ parts: [JSONObject],
        _ request: APIRequest,
        haltsOnError: Bool
    ) -> [APIResponse] {
        let options = session.options
        defer { session.options = options }
        var results: [APIResponse] = []
        for part in parts {
            if haltsOnError, results.contains(where: { !$0.isSuccess }) {
                results.append(APIResponse(Self.halted))
            } else {
                results.append(respond(to: part, of: request, outer: options.version))
            }
        }
        return results
    }

    private static let halted = APIError(
        412,
        "BATCH_PROCESSING_HALTED",
        "Batch processing was halted per request."
    )

    private func respond(
        to part: JSONObject,
        of request: APIRequest,
        outer: Double
    ) -> APIResponse {
        var inner = APIRequest(method: part["method"]?.text ?? "", target: part["url"]?.text ?? "")
        inner.headers = request.headers
        if let body = part["richInput"] { inner.body = .json(body) }
        // Documented without `/services/data`; clients also send the whole path.
        let isWhole = inner.segments.starts(with: ["services", "data"])
        let segments = inner.segments.dropFirst(isWhole ? 2 : 0)
        guard let version = segments.first.flatMap({ Double($0.dropFirst()) }),
            version >= 34, version <= outer
        else { return APIResponse(.notFound) }
        return Router(session: session).answer(inner, segments)
    }

    private func json(_ response: APIResponse) -> JSON {
        ["statusCode": .integer(response.status), "result": response.json]
    }
}
