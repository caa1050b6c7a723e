/// The resource `composite`: up to 25 requests that can use each other's results.
struct CompositeRoutes {
    let session: Session

    private static let mostRequests = 25
    private static let mostQueries = 5

    func answer(_ request: APIRequest) throws -> APIResponse {
        if request.method == "GET" { return .json(resources) }
        guard request.method == "POST" else {
            throw APIError.methodNotAllowed(request.method, allowed: "GET,HEAD,POST")
        }
        let body = try request.record()
        let parts = (body["compositeRequest"]?.array ?? []).compactMap(\.object)
        try check(parts)
        let run = CompositeRun(session: session, isAtomic: body["allOrNone"] == true)
        return .json(["compositeResponse": .array(try run.responses(to: parts, of: request))])
    }

    private var resources: JSON {
        let base = "\(session.options.versionPath)/composite"
        return [
            "tree": .string("\(base)/tree"), "batch": .string("\(base)/batch"),
            "sobjects": .string("\(base)/sobjects"), "graph": .string("\(base)/graph"),
        ]
    }

    private func check(_ parts: [JSONObject]) throws(APIError) {
        guard !parts.isEmpty else {
            throw APIError(400, "INVALID_INPUT", "The compositeRequest list must not be empty")
        }
        guard parts.count <= Self.mostRequests else {
            throw APIError(
                400,
                "LIMIT_EXCEEDED",
                "Composite requests cannot have more than \(Self.mostRequests) subrequests"
            )
        }
        let queries = parts.count { part in
            let url = part["url"]?.text ?? ""
            return url.contains("/query") || url.contains("/composite/sobjects")
        }
        guard queries <= Self.mostQueries else {
            throw APIError(
                400,
                "LIMIT_EXCEEDED",
                """
                Composite requests cannot have more than \(Self.mostQueries) query and sObject \
                Collections subrequests
                """
            )
        }
        try CompositeRun.checkReferenceIDs(parts)
    }
}
