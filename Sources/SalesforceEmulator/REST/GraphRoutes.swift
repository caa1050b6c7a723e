/// The resource `composite/graph`: groups of requests, each of which happens or does not.
struct GraphRoutes {
    let session: Session

    private static let mostGraphs = 75
    private static let mostNodes = 500

    /// After so many failed graphs no more are tried.
    private static let mostFailures = 14

    func answer(_ request: APIRequest) throws -> APIResponse {
        guard request.method == "POST" else {
            throw APIError.methodNotAllowed(request.method, allowed: "POST")
        }
        let graphs = (try request.record()["graphs"]?.array ?? []).compactMap(\.object)
        let nodes = graphs.reduce(0) { $0 + ($1["compositeRequest"]?.array?.count ?? 0) }
        guard !graphs.isEmpty, graphs.count <= Self.mostGraphs, nodes <= Self.mostNodes else {
            throw APIError(
                400,
                "LIMIT_EXCEEDED",
                "Up to \(Self.mostGraphs) graphs with \(Self.mostNodes) nodes can be sent"
            )
        }
        var results: [JSON] = []
        var failures = 0
        for graph in graphs {
            let result = try failures < Self.mostFailures ? run(graph, request) : halted(graph)
            if result["isSuccessful"] != true { failures += 1 }
            results.append(result)
        }
        return .json(["graphs": .array(results)])
    }

    /// The answer for a graph that is not tried any more.
    private func halted(_ graph: JSONObject) -> JSON {
        let error = APIError(
            400,
            "PROCESSING_HALTED",
            "Processing was halted because too many graphs failed."
        )
        let responses = (graph["compositeRequest"]?.array ?? []).map { part -> JSON in
            [
                "body": error.body, "httpHeaders": [:], "httpStatusCode": 400,
                "referenceId": part["referenceId"] ?? .null,
            ]
        }
        return [
            "graphId": graph["graphId"] ?? .null,
            "graphResponse": ["compositeResponse": .array(responses)], "isSuccessful": false,
        ]
    }

    private func run(_ graph: JSONObject, _ request: APIRequest) throws -> JSON {
        let id = graph["graphId"]?.text ?? ""
        let parts = (graph["compositeRequest"]?.array ?? []).compactMap(\.object)
        guard let first = id.unicodeScalars.first,
            first.properties.isAlphabetic
                || first.properties.numericType != nil,
            id.count < 40, !id.contains(".")
        else { throw APIError(400, "INVALID_INPUT", "The graphId '\(id)' is not valid") }
        try CompositeRun.checkReferenceIDs(parts)
        let run = CompositeRun(session: session, isAtomic: true)
        let responses = try run.responses(to: parts, of: request)
        return [
            "graphId": .string(id),
            "graphResponse": ["compositeResponse": .array(responses)],
            "isSuccessful": .bool(CompositeRun.isSuccess(responses)),
        ]
    }
}
