/// The resource `composite/graph`: groups of requests, each of which happens or does not.
struct GraphRoutes {
    let session: Session

    private static let mostGraphs = 75
    private static let mostNodes = 500

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
        for graph in graphs { results.append(try run(graph, request)) }
        return .json(["graphs": .array(results)])
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
