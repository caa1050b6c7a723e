/// Runs the parts of a composite request or a graph, one after the other.
struct CompositeRun {
    let session: Session

    /// Whether one failing part takes the others back.
    let isAtomic: Bool

    private struct PartFailed: Error {}

    /// One part after it ran.
    private struct Outcome {
        let reference: String
        var response: APIResponse
        var isHalted = false
    }

    /// Fails if the name of a part is missing, used twice, or of the wrong form.
    static func checkReferenceIDs(_ parts: [JSONObject]) throws(APIError) {
        var seen: Set<String> = []
        for part in parts {
            let reference = part["referenceId"]?.text ?? ""
            let isPlain = reference.unicodeScalars.allSatisfy { scalar in
                scalar == "_"
                    || scalar.isASCII
                        && (scalar.properties.isAlphabetic
                            || scalar.properties.numericType != nil)
            }
            guard isPlain, let first = reference.first, first != "_",
                seen.insert(reference).inserted
            else {
                throw APIError(
                    400,
                    "INVALID_INPUT",
                    """
                    Provided referenceId ('\(reference)') must be unique, must start with a \
                    letter or a number, and it can contain only letters, numbers and \
                    underscores ('_').
                    """
                )
            }
        }
    }

    /// Runs the parts and lists their answers.
    func responses(to parts: [JSONObject], of request: APIRequest) throws -> [JSON] {
        let options = session.options
        defer { session.options = options }
        var outcomes: [Outcome] = []
        do {
            try session.atomically {
                try run(parts, request, into: &outcomes)
            }
        } catch is PartFailed {
            return halted(outcomes, parts).map(json)
        }
        return outcomes.map(json)
    }

    /// Whether all parts of a list of answers did what they should.
    static func isSuccess(_ responses: [JSON]) -> Bool {
        responses.allSatisfy { (200..<300).contains($0["httpStatusCode"]?.integer ?? 0) }
    }

    private func run(
        _ parts: [JSONObject],
        _ request: APIRequest,
        into outcomes: inout [Outcome]
    ) throws {
        var results: [String: JSON] = [:]
        for part in parts {
            let reference = part["referenceId"]?.text ?? ""
            let response = respond(to: part, of: request, results)
            outcomes.append(Outcome(reference: reference, response: response))
            if response.isSuccess { results[reference] = response.json }
            if isAtomic, failed(response) { throw PartFailed() }
        }
    }

    /// A part failed, or a row of a collection did: the outer switch rules the inner one.
    private func failed(_ response: APIResponse) -> Bool {
        guard response.isSuccess else { return true }
        return (response.json.array ?? []).contains { $0["success"] == false }
    }

    private func respond(
        to part: JSONObject,
        of request: APIRequest,
        _ results: [String: JSON]
    ) -> APIResponse {
        do throws(APIError) {
            let references = CompositeReferences(results: results)
            let url = try references.resolved(part["url"]?.text ?? "")
            var inner = APIRequest(method: part["method"]?.text ?? "", target: url)
            inner.headers = try headers(of: part, request)
            if let body = part["body"] { inner.body = .json(try references.resolved(body)) }
            let segments = inner.segments
            guard segments.count > 2, segments[0] == "services", segments[1] == "data",
                Self.isAllowed(Array(segments.dropFirst(3)))
            else { throw APIError.notFound }
            return Router(session: session).answer(inner, segments.dropFirst(2))
        } catch {
            return APIResponse(error)
        }
    }

    private static func isAllowed(_ path: [String]) -> Bool {
        switch path.first {
        case "sobjects", "query", "queryAll": true
        case "composite": path.dropFirst().first == "sobjects"
        default: false
        }
    }

    private func headers(
        of part: JSONObject,
        _ request: APIRequest
    ) throws(APIError) -> [String: String] {
        var headers = request.headers
        // Conditions of the outer request do not hold for its parts.
        headers["if-unmodified-since"] = nil
        headers["if-modified-since"] = nil
        for member in part["httpHeaders"]?.object?.members ?? [] {
            let name = member.key.lowercased()
            guard !["accept", "authorization", "content-type"].contains(name) else {
                throw APIError(
                    400,
                    "INVALID_HTTP_HEADER",
                    "The header \(member.key) is not allowed in a subrequest"
                )
            }
            headers[name] = member.value.text
        }
        return headers
    }

    /// The answers after a failure: the failing part keeps its own, all others were undone.
    private func halted(_ outcomes: [Outcome], _ parts: [JSONObject]) -> [Outcome] {
        parts.enumerated().map { index, part in
            if index == outcomes.count - 1 { return outcomes[index] }
            let error = APIError(
                400,
                "PROCESSING_HALTED",
                """
                The transaction was rolled back since another operation in the same transaction \
                failed.
                """
            )
            let reference = part["referenceId"]?.text ?? ""
            return Outcome(reference: reference, response: APIResponse(error))
        }
    }

    private func json(_ outcome: Outcome) -> JSON {
        let headers = outcome.response.headers.map { header in
            JSONObject.Member(key: header.name, value: .string(header.value))
        }
        return [
            "body": outcome.response.json, "httpHeaders": .object(JSONObject(headers)),
            "httpStatusCode": .integer(outcome.response.status),
            "referenceId": .string(outcome.reference),
        ]
    }
}
