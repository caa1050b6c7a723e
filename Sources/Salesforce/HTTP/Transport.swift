import Domain

/// A request as it goes to a server.
struct HTTPCall: Hashable, Sendable {
    var method: String
    /// The whole address.
    var url: String
    var headers: [Header] = []
    var body: [UInt8]?

    struct Header: Hashable, Sendable {
        var name: String
        var value: String

        init(_ name: String, _ value: String) { (self.name, self.value) = (name, value) }
    }
}

/// What a server answered.
struct HTTPReply: Hashable, Sendable {
    var status: Int
    /// The value of `Sforce-Limit-Info`, if there is one.
    var limitInfo: String?
    /// The value of `Sforce-Locator`: where the results of a query job go on.
    var locator: String?
    /// The value of `Date`: the server's time when it answered.
    var date: String?
    /// The id of the request: the org's own, where it tells one.
    var requestID: String?
    var body: [UInt8] = []

    /// The body as JSON; nil if it is empty or something else, such as a proxy's page.
    var json: JSON? {
        do { return try JSON(parsing: body) } catch { return nil }
    }
}

/// A reason why there is no answer.
enum TransportFailure: Error, Hashable, Sendable {
    /// The server cannot have seen the request.
    case beforeSending(String)
    /// The server may have seen and obeyed the request.
    case afterSending(String)

    var reason: String {
        switch self {
        case .beforeSending(let reason), .afterSending(let reason): reason
        }
    }
}

/// Carries one request to a server and the answer back, without any retry.
typealias Transport = @Sendable (HTTPCall) async throws(TransportFailure) -> HTTPReply
