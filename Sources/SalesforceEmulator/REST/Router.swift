/// Finds out what a request for data is about, and answers it.
///
/// Composite requests come back here with their parts.
struct Router {
    let session: Session

    /// Answers a request whose path begins with the version, for example `v62.0`.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - segments: The parts of the path after `/services/data`.
    /// - Returns: The answer; errors are answers too.
    func answer(_ request: APIRequest, _ segments: ArraySlice<String>) -> APIResponse {
        do {
            return try route(request, segments)
        } catch let error as APIError {
            return APIResponse(error)
        } catch {
            // What SQLite says stays here: an org never shows how it stores things.
            return APIResponse(.unexpected)
        }
    }

    private func route(
        _ request: APIRequest,
        _ segments: ArraySlice<String>
    ) throws -> APIResponse {
        guard let name = segments.first else { throw APIError.notFound }
        let baseURL = session.options.baseURL
        session.options = try RequestOptions(version: name, headers: request.headers)
        session.options.baseURL = baseURL
        let rest = segments.dropFirst()
        let path = Array(rest.dropFirst())
        switch rest.first {
        case nil: return try only("GET", request) { resources }
        case "sobjects": return try RecordRoutes(session: session).answer(request, path)
        case "query": return try query(request, path, includesDeleted: false)
        case "queryAll": return try query(request, path, includesDeleted: true)
        case "search", "parameterizedSearch":
            return try SearchRoutes(session: session).answer(request)
        case "limits": return try LimitRoutes(session: session).answer(request, path)
        case "composite": return try composite(request, path)
        case "jobs": return try BulkRoutes(session: session).answer(request, path)
        case "tooling": return try ToolingRoutes(session: session).answer(request, path)
        case "recent":
            let limit = request.parameter("limit").flatMap { Int($0) }
            return try only("GET", request) {
                try RecentRoutes(session: session).list(limit: limit)
            }
        case "tabs", "quickActions": return try only("GET", request) { [] }
        case "theme": return try only("GET", request) { ["themeItems": []] }
        default: throw APIError.notFound
        }
    }

    private func only(
        _ method: String,
        _ request: APIRequest,
        _ body: () throws -> JSON
    ) throws -> APIResponse {
        guard request.method == method || request.method == "HEAD" else {
            throw APIError.methodNotAllowed(request.method, allowed: "\(method),HEAD")
        }
        return .json(try body())
    }

    /// The paths of a version's resources.
    private var resources: JSON {
        let names = [
            "tooling", "metadata", "sobjects", "query", "queryAll", "search",
            "parameterizedSearch", "composite", "jobs", "limits", "recent", "tabs", "theme",
            "quickActions",
        ]
        var result = JSONObject()
        for name in names { result[name] = .string("\(session.options.versionPath)/\(name)") }
        result["identity"] = .string(
            """
            \(session.options.baseURL)/id/\
            \(DefaultOrg.organization(seed: session.org.options.seed))/\(session.userID)
            """
        )
        return .object(result)
    }

    private func query(
        _ request: APIRequest,
        _ path: [String],
        includesDeleted: Bool
    ) throws -> APIResponse {
        guard request.method == "GET" || request.method == "HEAD" else {
            throw APIError.methodNotAllowed(request.method, allowed: "GET,HEAD")
        }
        if let locator = path.first { return .json(try session.page(locator)) }
        if let text = request.parameter("explain") { return .json(try session.explain(text)) }
        guard let text = request.parameter("q") else {
            throw APIError(400, "MALFORMED_QUERY", "A query string has to be specified")
        }
        return .json(try session.query(text, includesDeleted: includesDeleted))
    }

    private func composite(_ request: APIRequest, _ path: [String]) throws -> APIResponse {
        switch path.first {
        case nil: return try CompositeRoutes(session: session).answer(request)
        case "batch": return try BatchRoutes(session: session).answer(request)
        case "graph": return try GraphRoutes(session: session).answer(request)
        case "tree" where path.count == 2:
            return try TreeRoutes(session: session).answer(request, path[1])
        case "sobjects":
            return try CollectionRoutes(session: session).answer(request, Array(path.dropFirst()))
        default: throw APIError.notFound
        }
    }
}

extension APIError {
    /// Something failed that should not.
    static let unexpected = APIError(
        500,
        "UNKNOWN_EXCEPTION",
        """
        An unexpected error occurred. Please include this ErrorId if you contact support: \
        123456-78901 (1234567890)
        """
    )
}
