import Domain

/// Requests to one org: tokens, retries and counting, whatever the request is about.
struct DataAPI: Sendable {
    /// A reason why a request has no answer.
    enum Failure: Error {
        /// Nothing was done.
        case notDone(SalesforceError)
        /// Whether anything was done is not known.
        case unknown(String)
    }

    let tokens: any AccessTokenSource
    let transport: Transport
    let pacing: Pacing
    let memory: ClientMemory
    /// Names a request, so that its trace can be found in the logs of either side.
    let requestID: @Sendable () -> String
    /// Bounds how many requests are under way at once.
    let requests: Gate
    /// Lets one write after the other pass, so that no two ever race for the same account.
    let writes = Gate(width: 1)

    /// Makes one request, again where that is safe and helps; see ``Verdict``.
    ///
    /// - Parameters:
    ///   - request: The request; its reference is not used.
    ///   - effect: Whether it may be sent twice.
    /// - Returns: The answer, 2xx or a refusal.
    /// - Throws: ``Failure``.
    func answer(
        to request: Subrequest,
        _ effect: Verdict.Effect
    ) async throws(Failure) -> Subanswer {
        try Self.answer(try await reply(to: DataRequest(request), effect), effect)
    }

    /// Makes one request in any form, again where that is safe and helps; see ``Verdict``.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - effect: Whether it may be sent twice.
    /// - Returns: The answer, 2xx or a refusal; nil if there was none to a write.
    /// - Throws: ``Failure``.
    func reply(
        to request: DataRequest,
        _ effect: Verdict.Effect
    ) async throws(Failure) -> HTTPReply? {
        var failures = 0
        var hasRenewed = false
        while true {
            let token = try await done { () throws(SalesforceError) in try await tokens.token() }
            let (verdict, reply) = try await passed(effect) {
                await attempt(request, effect, token)
            }
            switch verdict {
            case .answer: return reply
            case .fail(let error): throw .notDone(error)
            case .unknown(let reason): throw .unknown(reason)
            case .renew(let code):
                if hasRenewed { throw .notDone(.unauthorised(code)) }
                hasRenewed = true
                _ = try await done { () throws(SalesforceError) in
                    try await tokens.renew(after: token)
                }
            case .again(let reason):
                failures += 1
                let tried = failures
                if failures >= pacing.tries { throw .notDone(.unreachable(reason)) }
                try await done { () throws(SalesforceError) in try await pacing.pause(after: tried)
                }
            }
        }
    }

    /// Does something when it is its turn.
    private func passed<Value: Sendable>(
        _ effect: Verdict.Effect,
        _ body: () async -> Value
    ) async throws(Failure) -> Value {
        do {
            if effect == .read { return try await requests.pass(body) }
            return try await writes.pass { try await requests.pass(body) }
        } catch {
            throw .notDone(.unreachable("the run was interrupted while it waited for its turn"))
        }
    }

    private func attempt(
        _ request: DataRequest,
        _ effect: Verdict.Effect,
        _ token: AccessToken
    ) async -> (Verdict, HTTPReply?) {
        do {
            let id = requestID()
            var reply = try await transport(Self.call(request, token, id))
            reply.requestID = reply.requestID ?? id
            await memory.count(limitInfo: reply.limitInfo)
            return (Verdict(reply, effect), reply)
        } catch {
            if case .afterSending = error { await memory.count(limitInfo: nil) }
            return (Verdict(error, effect), nil)
        }
    }

    private static func call(
        _ request: DataRequest,
        _ token: AccessToken,
        _ id: String
    ) -> HTTPCall {
        var headers = [
            HTTPCall.Header("Authorization", "Bearer \(token.value)"),
            HTTPCall.Header("Sforce-Call-Options", "client=Daybook"),
            HTTPCall.Header("Accept", request.accept),
            HTTPCall.Header("User-Agent", "daybook"),
            HTTPCall.Header("X-Request-Id", id),
        ]
        if request.body != nil { headers.append(.init("Content-Type", request.contentType)) }
        return HTTPCall(
            method: request.method,
            url: token.instanceURL.text + request.url,
            headers: headers + request.headers,
            body: request.body
        )
    }

    private static func answer(
        _ reply: HTTPReply?,
        _ effect: Verdict.Effect
    ) throws(Failure) -> Subanswer {
        guard let reply else { throw .unknown("no answer") }
        if let json = reply.body.isEmpty ? .null : reply.json {
            return Subanswer(status: reply.status, body: json, request: reply.requestID)
        }
        let isPage = reply.body.starts(with: Array("<".utf8))
        let reason = "\(reply.status) with \(isPage ? "a web page" : "text") instead of JSON"
        // A refusal in another form is one of a proxy: the org did nothing.
        if effect == .write, reply.status < 300 { throw .unknown(reason) }
        throw .notDone(.unexpectedAnswer(reason))
    }

    private func done<Value>(
        _ body: () async throws(SalesforceError) -> Value
    ) async throws(Failure) -> Value {
        do { return try await body() } catch { throw .notDone(error) }
    }
}

/// A request to the data API, whatever its body is made of.
struct DataRequest: Hashable, Sendable {
    var method: String
    /// The path from the root, with query.
    var url: String
    var headers: [HTTPCall.Header] = []
    var contentType = "application/json"
    var accept = "application/json"
    var body: [UInt8]?
}

extension DataRequest {
    init(_ request: Subrequest) {
        self.init(
            method: request.method,
            url: request.url,
            headers: request.headers,
            body: request.body?.bytes
        )
    }
}
