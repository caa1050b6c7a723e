import Foundation

/// A failure that was ordered through the control interface.
///
/// ```json
/// {"kind": "error", "code": "TRANSFER_REQUIRES_READ", "count": 2, "skip": 1,
///  "match": "composite", "method": "POST", "object": "Contact", "when": "afterCommit"}
/// ```
///
/// | member                      | meaning                                                   |
/// |-----------------------------|-----------------------------------------------------------|
/// | `kind`                      | see ``Kind``; the only one that is always needed          |
/// | `count`, `skip`             | how often it strikes (1), and after how many requests (0) |
/// | `match`, `method`           | only requests whose path contains this, with this method  |
/// | `object`                    | only requests about, or rows of, this type                |
/// | `when`                      | `beforeCommit`, or `afterCommit`: what was written stays  |
/// | `delaySeconds`              | how late the answer is, for ``Kind/slow``                 |
/// | `code`, `status`, `message` | for ``Kind/error``; see ``ErrorCatalogue``                |
/// | `status`, `text` or `base64`, `contentType`, `contentEncoding` | for ``Kind/answer``    |
struct Fault: Sendable {
    /// What goes wrong.
    enum Kind: String, Sendable {
        /// 503.
        case serverUnavailable
        /// 500.
        case unknownException
        /// The change is committed, then the connection closes without an answer.
        case timeoutAfterCommit
        /// The connection closes without an answer.
        case connectionClosed
        /// Rows fail with `UNABLE_TO_LOCK_ROW`.
        case lockRow
        /// 403 `REQUEST_LIMIT_EXCEEDED`.
        case requestLimit
        /// 401, and the token presented is dead from now on.
        case expiredToken
        /// The answer comes late.
        case slow
        /// The error with a code, where real orgs give it: for a row, a query or a request.
        case error
        /// What something between the org and the client says instead of the org.
        case answer
        /// The request is handled, and the connection closes in the middle of the answer.
        case halfAnswer
    }

    /// When a fault strikes a request.
    enum Moment: String, Sendable {
        case beforeCommit
        case afterCommit
    }

    let kind: Kind
    let moment: Moment

    /// How many more times it strikes.
    var remaining: Int

    /// How many more times it lets go what it could strike.
    var skipped: Int
    let match: String?
    let method: String?

    /// The type concerned, lowercased.
    let object: String?

    /// How late an answer is, in seconds.
    let delaySeconds: Double

    /// What rows, queries or requests are refused with, if they are.
    let error: ErrorCatalogue.Entry?

    /// What an ``Kind/answer`` says.
    let answer: APIResponse?

    /// Reads an order.
    ///
    /// - Throws: `INVALID_INPUT` for a kind, a moment or a code that there is not.
    init(_ json: JSON) throws(APIError) {
        guard let name = json["kind"]?.text, let kind = Kind(rawValue: name) else {
            throw Self.invalid("There is no such kind of fault.")
        }
        guard let moment = Moment(rawValue: json["when"]?.text ?? "beforeCommit") else {
            throw Self.invalid("A fault strikes `beforeCommit` or `afterCommit`.")
        }
        self.kind = kind
        self.moment = kind == .timeoutAfterCommit ? .afterCommit : moment
        remaining = json["count"]?.integer ?? 1
        skipped = json["skip"]?.integer ?? 0
        match = json["match"]?.text
        method = json["method"]?.text?.uppercased()
        object = json["object"]?.text?.lowercased()
        delaySeconds = json["delaySeconds"]?.double ?? 0
        answer = kind == .answer ? APIResponse(ordered: json) : nil
        error = try Self.error(of: kind, json)
        guard self.moment == .beforeCommit || scope == .request else {
            throw Self.invalid("Rows and queries fail before the commit, not after it.")
        }
    }

    private static func error(
        of kind: Kind,
        _ json: JSON
    ) throws(APIError) -> ErrorCatalogue.Entry? {
        let code: String? =
            switch kind {
            case .serverUnavailable: "SERVER_UNAVAILABLE"
            case .unknownException: "UNKNOWN_EXCEPTION"
            case .lockRow: "UNABLE_TO_LOCK_ROW"
            case .requestLimit: "REQUEST_LIMIT_EXCEEDED"
            case .expiredToken: "INVALID_SESSION_ID"
            case .error: json["code"]?.text ?? ""
            case .timeoutAfterCommit, .connectionClosed, .slow, .answer, .halfAnswer: nil
            }
        guard let code else { return nil }
        let known = ErrorCatalogue.entry(code)
        guard let status = json["status"]?.integer ?? known?.status,
            let message = json["message"]?.text ?? known?.message
        else { throw invalid("The code '\(code)' is not known; say its status and message.") }
        return ErrorCatalogue.Entry(
            code: code,
            status: status,
            scope: known?.scope ?? .request,
            message: message
        )
    }

    private static func invalid(_ message: String) -> APIError {
        APIError(400, "INVALID_INPUT", message)
    }

    /// What the fault strikes.
    var scope: ErrorCatalogue.Scope { error?.scope ?? .request }

    /// Whether the rule is meant for a path and a method.
    func concerns(_ path: String, _ method: String) -> Bool {
        (match.map(path.contains) ?? true) && (self.method.map { $0 == method } ?? true)
    }

    /// The order in the form in which it was given, with what is left of it.
    var json: JSON {
        var json: JSONObject = [
            "kind": .string(kind.rawValue), "when": .string(moment.rawValue),
            "count": .integer(remaining), "skip": .integer(skipped),
        ]
        if let code = error?.code { json["code"] = .string(code) }
        for (name, value) in [("match", match), ("method", method), ("object", object)] {
            if let value { json[name] = .string(value) }
        }
        return .object(json)
    }
}

extension APIResponse {
    /// An answer as it was ordered.
    fileprivate init(ordered json: JSON) {
        let type = json["contentType"]?.text ?? "text/html"
        let encoding = json["contentEncoding"]?.text.map { [(name: "Content-Encoding", value: $0)] }
        let data = json["base64"]?.text.flatMap { Data(base64Encoded: $0) }
        let bytes = data.map(Array.init) ?? Array((json["text"]?.text ?? "").utf8)
        self.init(
            status: json["status"]?.integer ?? 200,
            headers: encoding ?? [],
            body: .bytes(bytes, contentType: type)
        )
    }
}

extension OrgState {
    /// Uses up one answer that breaks off, if one is ordered.
    mutating func takeHalfAnswer(_ request: APIRequest) -> Bool {
        takeFault { fault in
            fault.kind == .halfAnswer && fault.concerns(request.path, request.method)
        } != nil
    }

    /// Uses up one fault that strikes a request, if one is ordered.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - moment: Whether it is still to be handled, or its changes are committed.
    ///   - written: The types that it wrote, lowercased; empty before the commit.
    /// - Returns: The fault.
    mutating func takeFault(
        _ request: APIRequest,
        _ moment: Fault.Moment,
        written: Set<String> = []
    ) -> Fault? {
        takeFault { fault in
            guard fault.scope == .request, fault.moment == moment, fault.kind != .halfAnswer,
                fault.concerns(request.path, request.method)
            else { return false }
            guard let object = fault.object else { return true }
            return moment == .afterCommit ? written.contains(object) : request.mentions(object)
        }
    }

    /// Uses up one fault that strikes a row or a query of a type, if one is ordered.
    mutating func takeFault(
        _ scope: ErrorCatalogue.Scope,
        object: String,
        path: String,
        method: String
    ) -> Fault? {
        takeFault { fault in
            fault.scope == scope && fault.concerns(path, method)
                && fault.object.map { $0 == object.lowercased() } ?? true
        }
    }

    private mutating func takeFault(where condition: (Fault) -> Bool) -> Fault? {
        for index in faults.indices where condition(faults[index]) {
            guard faults[index].skipped == 0 else {
                faults[index].skipped -= 1
                continue
            }
            let fault = faults[index]
            faults[index].remaining -= 1
            if faults[index].remaining <= 0 { faults.remove(at: index) }
            return fault
        }
        return nil
    }
}

extension APIRequest {
    /// Whether the path, a query or the body names a type, given lowercased.
    func mentions(_ object: String) -> Bool {
        let texts: [String] =
            switch body {
            case .bytes: [path, text] + parameters.map(\.value)
            case .json(let json): [path, json.serialized] + parameters.map(\.value)
            case .none: [path] + parameters.map(\.value)
            }
        return texts.contains { text in
            text.lowercased().split { !$0.isLetter && !$0.isNumber && $0 != "_" }
                .contains { $0 == object }
        }
    }
}
