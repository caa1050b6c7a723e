import Domain

/// What to do after one try of a request to the data API.
///
/// | Answer | A read | A write |
/// | --- | --- | --- |
/// | none, before sending | again | fail |
/// | none, after sending | again | unknown |
/// | 401 | renew the token | renew the token |
/// | 403 allowance of the day | fail | fail |
/// | 403 too many at once, 429, 503 `SERVER_UNAVAILABLE` | again | again |
/// | 403 otherwise | fail | fail |
/// | 420, 500, 502, 503, 504, other 5xx | again | unknown |
/// | 300 with a list: an external id of several records | answer | answer |
/// | 3xx otherwise | fail | fail |
/// | 2xx, 4xx | answer | answer |
///
/// Source: `facts/salesforce-api.md` 5.4.
enum Verdict: Hashable {
    /// The org answered, perhaps with a refusal.
    case answer
    /// The access token is no longer good.
    case renew(String)
    /// Nothing was done; the same request may succeed later.
    case again(String)
    /// Nothing was done, and trying again does not help.
    case fail(SalesforceError)
    /// Whether anything was done is not known.
    case unknown(String)

    /// Whether a request may be sent twice.
    enum Effect: Hashable, Sendable {
        case read, write
    }

    /// Judges a request that got no answer.
    init(_ failure: TransportFailure, _ effect: Effect) {
        switch (failure, effect) {
        case (_, .read): self = .again(failure.reason)
        case (.beforeSending(let reason), .write): self = .fail(.unreachable(reason))
        case (.afterSending(let reason), .write): self = .unknown(reason)
        }
    }

    /// Judges an answer.
    init(_ reply: HTTPReply, _ effect: Effect) {
        let error = reply.json.flatMap { APIError.all(in: $0).first }
        switch reply.status {
        case 200..<300: self = .answer
        case 300 where reply.json?.array != nil: self = .answer
        case 300..<400: self = .fail(.unexpectedAnswer("it redirects to another address"))
        case 401: self = Self.unauthorised(error)
        case 403: self = Self.forbidden(error)
        case 429: self = .again("too many requests at once")
        case 503 where error?.code == "SERVER_UNAVAILABLE": self = .again("the server is busy")
        case 420, 500...:
            let reason = "the server answered \(reply.status)"
            self = effect == .read ? .again(reason) : .unknown(reason)
        default: self = .answer
        }
    }

    private static func unauthorised(_ error: APIError?) -> Self {
        let message = error?.message ?? ""
        let isFinal = ["Connected app is not attached to Agent", "not valid for use with the REST"]
            .contains { message.contains($0) }
        let reason = error?.code ?? "INVALID_SESSION_ID"
        guard isFinal else { return .renew(reason) }
        return .fail(.unauthorised("\(reason): \(error?.safeMessage ?? "")"))
    }

    private static func forbidden(_ error: APIError?) -> Self {
        guard let error else {
            return .fail(
                .forbidden(code: SalesforceError.withoutReason, "it gives no reason, as proxies do")
            )
        }
        guard error.code == "REQUEST_LIMIT_EXCEEDED" else {
            return .fail(.forbidden(code: error.code, error.safeMessage))
        }
        let isMomentary = error.message.contains("Concurrent")
        return isMomentary ? .again(error.safeMessage) : .fail(.limitReached(error.safeMessage))
    }
}
