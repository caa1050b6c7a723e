import Domain
import HTTPTypes
import Hummingbird
import Journal
import Ledger
import Logging
import Pipeline

/// The JSON API below `/v1`: what the ledger knows and what the service can do, for scripts.
///
/// Every answer is JSON, every refusal `application/problem+json`. Lists are pages: `limit` says how
/// many rows, `cursor` takes the `next` of the page before, `format=csv` gives a table. A token is
/// needed for everything but the OpenAPI document; names, addresses and answers need the role
/// `operator`, and that they were read is recorded. Whatever changes something needs a bearer token
/// (a session's cookie is not enough), is recorded before it is done, and takes an
/// `Idempotency-Key`.
///
/// `Schemas/http/openapi.json` describes each resource; a test holds the two to each other.
struct APIRoutes: Sendable {
    let reader: Reader
    /// Does what is asked for; nil where nothing can be changed.
    let desk: ServiceDesk?
    /// The OpenAPI document.
    let document: JSON
    /// Told why the ledger failed.
    let logger: Logger

    /// The largest body that is read, in bytes.
    static let largestBody = 1_024 * 1_024

    /// Everything that can be called.
    var endpoints: [Endpoint] {
        let first: [Endpoint] = [
            .get("/v1/openapi.json", role: nil) { _ in Answer(document) },
            .get("/v1/status") { _ in Answer(try await reader.status()) },
        ]
        return [first, bookings, people, ledger, plans, failures, settings, org].flatMap { $0 }
    }

    /// Registers all routes.
    func add(to router: Router<ServerContext>) {
        for endpoint in endpoints {
            router.on(RouterPath(endpoint.path), method: endpoint.method) { request, context in
                try await serve(endpoint, request, context)
            }
        }
    }

    /// The desk.
    ///
    /// - Throws: ``Problem`` where there is none.
    func needDesk() throws(Problem) -> ServiceDesk {
        guard let desk else {
            throw Problem(
                status: .serviceUnavailable,
                detail: "This server only shows. Start 'daybook serve' to act through it."
            )
        }
        return desk
    }

    // MARK: One call

    private func serve(
        _ endpoint: Endpoint,
        _ request: Request,
        _ context: ServerContext
    ) async throws -> Response {
        let principal = try endpoint.role.map { role in try context.require(role) }
        var call = APICall(request: request, context: context, principal: principal)
        try check(endpoint, call)
        if endpoint.method == .post { call.body = try await Self.body(of: request) }
        do {
            if endpoint.method == .post, let key = try Self.idempotencyKey(of: request) {
                return try await once(endpoint, call, key)
            }
            return Self.response(try await run(endpoint, call), call)
        } catch {
            throw Problem.of(error, logger)
        }
    }

    private func check(_ endpoint: Endpoint, _ call: APICall) throws(Problem) {
        for name in call.request.uri.queryParameters.map({ $0.key })
        where !endpoint.query.contains(String(name)) {
            throw .parameter(
                String(name.prefix(40)),
                "left out: nothing of that name is known here"
            )
        }
        if let format = call.parameter("format"), !["json", "csv"].contains(format) {
            throw .parameter("format", "json or csv")
        }
        if endpoint.method == .post, call.principal?.formKey != nil {
            throw Problem(
                status: .forbidden,
                detail: "This needs a bearer token; a session of the dashboard is not enough."
            )
        }
    }

    private func run(_ endpoint: Endpoint, _ call: APICall) async throws -> Answer {
        try await reader.note(
            call.principal,
            endpoint,
            subject: Self.subjects.compactMap { call.context.parameters.get($0) }.first
        )
        return try await endpoint.run(call)
    }

    /// The parts of paths that name something; none of them can hold personal data.
    private static let subjects = ["uid", "id", "person", "position", "version"]

    /// Answers a request that names itself, and a repeated one as the first time.
    private func once(_ endpoint: Endpoint, _ call: APICall, _ key: String) async throws -> Response
    {
        let name = "\(call.actor)|\(key)"
        let request = "\(endpoint.method) \(call.request.uri.path) \(call.body.text)"
        let journal = reader.journal
        switch try await journal.begin(request: request, key: name, now: reader.now()) {
        case .begun: break
        case .underWay:
            throw Problem(
                status: .conflict,
                detail: "The first request with this Idempotency-Key is under way. Ask again later."
            )
        case .otherRequest:
            throw Problem.invalid(
                "This Idempotency-Key was used for another request. Make a new one."
            )
        case .answered(let kept):
            var answer = Answer(
                kept["body"] ?? .null,
                status: .init(code: kept["status"]?.int ?? 200),
                version: kept["version"]?.int
            )
            answer.location = kept["location"]?.string
            return Self.response(answer, call)
        }
        do {
            let answer = try await run(endpoint, call)
            // An answer with personal data is not kept: asked again, it is made again.
            try await journal.finish(
                key: name,
                answer: endpoint.isPersonal ? nil : answer.form,
                now: reader.now()
            )
            return Self.response(answer, call)
        } catch {
            try await journal.finish(key: name, answer: nil, now: reader.now())
            throw error
        }
    }

    private static func idempotencyKey(of request: Request) throws(Problem) -> String? {
        guard let name = HTTPField.Name("Idempotency-Key"), let key = request.headers[name] else {
            return nil
        }
        guard (1...200).contains(key.utf8.count),
            key.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
        else {
            throw .invalid("An Idempotency-Key has 1 to 200 visible ASCII characters.")
        }
        return key
    }

    private static func body(of request: Request) async throws -> JSON {
        let announced = request.headers[.contentLength].flatMap { Int($0) } ?? 0
        guard announced <= largestBody else { throw HTTPError(.contentTooLarge) }
        let buffer = try await request.body.collect(upTo: largestBody)
        guard buffer.readableBytes > 0 else { return .object([]) }
        let type = request.headers[.contentType]?.split(separator: ";").first ?? ""
        guard type.trimmingWhitespace().lowercased() == "application/json" else {
            throw Problem(
                status: .unsupportedMediaType,
                detail: "Send JSON, with 'Content-Type: application/json'."
            )
        }
        let json: JSON
        do {
            json = try JSON(parsing: Array(buffer.readableBytesView))
        } catch {
            throw Problem(
                status: .badRequest,
                detail: "The body is no JSON: \(error). Correct it there."
            )
        }
        guard json.members != nil else {
            throw Problem.invalid("The body has to be a JSON object.")
        }
        return json
    }

    private static func response(_ answer: Answer, _ call: APICall) -> Response {
        let rows = call.parameter("format") == "csv" ? answer.rows : nil
        var response = rows.map { Response(csv: $0) } ?? Response(json: answer.json)
        response.status = answer.status
        response.headers[.cacheControl] = "no-store"
        response.headers[.xContentTypeOptions] = "nosniff"
        if let version = answer.version { response.headers[.eTag] = "\"\(version)\"" }
        if let location = answer.location { response.headers[.location] = location }
        return response
    }
}

extension Answer {
    /// What is kept for a repeated request.
    fileprivate var form: JSON {
        .compact([
            ("status", .integer(status.code)), ("version", version.map { .integer($0) }),
            ("location", location.map(JSON.string)), ("body", json),
        ])
    }
}
