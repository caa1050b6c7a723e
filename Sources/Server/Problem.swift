import Domain
import HTTPTypes
import Hummingbird
import NIOCore

/// An error as the outside sees it: what happened and what to do, and nothing of our inside.
///
/// Sent as `application/problem+json`.
///
/// Source: RFC 9457, <https://www.rfc-editor.org/rfc/rfc9457>
struct Problem: HTTPResponseError {
    let status: HTTPResponse.Status
    var detail: String?
    var headers: HTTPFields = [:]

    /// The signature of a webhook is missing or wrong.
    static let unauthentic = Problem(
        status: .unauthorized,
        detail: """
            The signature is missing or wrong. The secret of the webhook in Cal.com has to be the \
            one that this server was given.
            """,
        headers: [.wwwAuthenticate: "X-Cal-Signature-256"]
    )

    /// The ledger does not work at the moment.
    static let unavailable = Problem(
        status: .serviceUnavailable,
        detail: "The ledger is not available at the moment. Try again later.",
        headers: [.retryAfter: "30"]
    )

    /// A resource that exists was asked for in a way it does not know.
    static func method(allowed: [HTTPRequest.Method]) -> Problem {
        let names = allowed.map(\.rawValue).joined(separator: ", ")
        return Problem(
            status: .methodNotAllowed,
            detail: "This resource takes \(names) only.",
            headers: [.allow: names]
        )
    }

    /// What the web framework refused without words of ours.
    static func bare(_ status: HTTPResponse.Status) -> Problem {
        guard status == .notFound else { return Problem(status: status) }
        return Problem(
            status: status,
            detail: "There is nothing at this address. /v1/openapi.json lists what there is."
        )
    }

    /// The answer, the same for every request.
    var response: Response {
        let json = JSON.compact([
            ("type", .string("about:blank")),
            ("title", .string(status.reasonPhrase)),
            ("status", .integer(status.code)),
            ("detail", detail.map(JSON.string)),
        ])
        var response = Response(json: json, status: status)
        response.headers[.contentType] = "application/problem+json"
        response.headers.append(contentsOf: headers)
        return response
    }

    func response(from request: Request, context: some RequestContext) -> Response { response }
}

/// Answers every refusal, also those of the web framework, as a ``Problem``.
///
/// The framework's own words are left out. Errors that stand for no answer go on to the server,
/// which closes the connection or answers 500 without a body.
struct ProblemAnswers<Context: RequestContext>: RouterMiddleware {
    /// What can be done with each resource.
    let allowed: [PathPattern: [HTTPRequest.Method]]

    @concurrent
    func handle(
        _ request: Request,
        context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            try check(request)
            return try await next(request, context)
        } catch let error as any HTTPResponseError {
            let problem = error as? Problem ?? .bare(error.status)
            let response = problem.response
            return request.method == .head ? response.createHeadResponse() : response
        }
    }

    private func check(_ request: Request) throws(Problem) {
        let path = request.uri.path.split(separator: "/")
        let known = allowed.filter { $0.key.matches(path) }
        guard let methods = known.max(by: { $0.key.precision < $1.key.precision })?.value,
            !methods.contains(request.method)
        else { return }
        throw .method(allowed: methods)
    }
}

extension Response {
    /// An answer in JSON.
    init(json: JSON, status: HTTPResponse.Status = .ok) {
        self.init(
            status: status,
            headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: json.bytes))
        )
    }
}
