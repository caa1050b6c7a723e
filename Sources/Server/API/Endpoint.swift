import Domain
import HTTPTypes
import Hummingbird
import Journal

/// One resource and what can be done with it: the line of a table that the router, the OpenAPI
/// document's test and the answer to a wrong method all read.
struct Endpoint: Sendable {
    /// How it is called.
    var method: HTTPRequest.Method
    /// The path as the OpenAPI document writes it, for example `/v1/bookings/{uid}`.
    var path: String
    /// Who may call it; nil for everybody.
    var role: Role? = .viewer
    /// The parameters in the query; others are refused.
    var query: [String] = []
    /// Whether it shows personal data to who may see people.
    var isPersonal = false
    /// Does it.
    var run: @Sendable (APICall) async throws -> Answer

    /// Something that is read.
    static func get(
        _ path: String,
        role: Role? = .viewer,
        query: [String] = [],
        isPersonal: Bool = false,
        _ run: @escaping @Sendable (APICall) async throws -> Answer
    ) -> Self {
        Self(
            method: .get,
            path: path,
            role: role,
            query: query,
            isPersonal: isPersonal,
            run: run
        )
    }

    /// Something that is done, by operators unless another role is named.
    static func post(
        _ path: String,
        role: Role = .operator,
        isPersonal: Bool = false,
        _ run: @escaping @Sendable (APICall) async throws -> Answer
    ) -> Self {
        Self(method: .post, path: path, role: role, isPersonal: isPersonal, run: run)
    }

    /// A page of a list, which comes as CSV, too.
    static func list(
        _ path: String,
        query: [String] = [],
        _ run: @escaping @Sendable (APICall) async throws -> JSON
    ) -> Self {
        get(path, query: ["limit", "cursor", "format"] + query) { call in
            Answer(table: try await run(call))
        }
    }
}

/// What came back.
struct Answer: Sendable {
    /// The body.
    var json: JSON
    var status = HTTPResponse.Status.ok
    /// The version of what is shown, for `ETag`.
    var version: Int?
    /// Where what was made can be read.
    var location: String?
    /// The rows of its table, which may be asked for as CSV; nil where there is none.
    var rows: [JSON]?

    init(_ json: JSON, status: HTTPResponse.Status = .ok, version: Int? = nil) {
        (self.json, self.status, self.version) = (json, status, version)
    }

    /// The answer whose `items` are a table.
    init(table json: JSON) {
        self.init(json)
        rows = json.list("items")
    }

    /// The same with a table of its own.
    func with(rows: [JSON]) -> Self {
        var answer = self
        answer.rows = rows
        return answer
    }

    /// The answer to something that may be missing.
    ///
    /// - Throws: ``Problem`` with 404 for nil.
    init(_ json: JSON?, or missing: String) throws(Problem) {
        guard let json else { throw .missing(missing) }
        self.init(json)
    }
}

/// A request to an endpoint, with what was found out about it.
struct APICall: Sendable {
    let request: Request
    let context: ServerContext
    /// Who asks; a stranger only where everybody may.
    let principal: Principal?
    /// The body; null without one.
    var body: JSON = .null

    /// Whether names, addresses and answers may be shown.
    var seesPeople: Bool { principal?.seesPeople ?? false }

    /// Who asks, as the ledger names it.
    var actor: String { principal.map { "token-\($0.token.id)" } ?? "stranger" }

    /// A part of the path.
    func part(_ name: String) throws -> String { try context.parameters.require(name) }

    /// A parameter of the query.
    func parameter(_ name: String) -> String? {
        request.uri.queryParameters[name[...]].map(String.init)
    }

    /// A member of the body that has to be a text.
    ///
    /// - Throws: ``Problem``.
    func text(_ name: String) throws(Problem) -> String {
        guard let text = body[name]?.string, !text.isEmpty else {
            throw .invalid("The body needs '\(name)', a text.")
        }
        return text
    }

    /// The version that the caller saw, from `If-Match`; nil without that header, or for `*`.
    ///
    /// - Throws: ``Problem`` for an entity tag that this server did not give out.
    func seenVersion() throws(Problem) -> Int? {
        guard let header = request.headers[.ifMatch], header != "*" else { return nil }
        let digits = header.filter { $0 != "\"" }
        guard let version = Int(digits), header == "\"\(version)\"" else {
            throw Problem(
                status: .badRequest,
                detail: "'If-Match' has to be the 'ETag' of what was read."
            )
        }
        return version
    }
}

extension Problem {
    /// What was sent cannot be meant.
    static func invalid(_ words: String) -> Problem {
        Problem(status: .unprocessableContent, detail: words)
    }
}
