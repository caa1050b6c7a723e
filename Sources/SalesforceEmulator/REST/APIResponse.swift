/// An answer, before it is sent or becomes a part of a composite one.
struct APIResponse: Sendable {
    var status: Int
    var headers: [(name: String, value: String)] = []
    var body: Body = .none

    /// The kinds of body.
    enum Body: Sendable {
        case none
        case json(JSON)
        case text(String, contentType: String)
        case bytes([UInt8], contentType: String)
    }

    /// An answer with JSON.
    static func json(_ json: JSON, status: Int = 200) -> APIResponse {
        APIResponse(status: status, body: .json(json))
    }

    /// An answer without a body.
    static let noContent = APIResponse(status: 204)

    /// The answer, of the server before the org, to what is too long.
    static func tooLong(_ status: Int) -> APIResponse {
        let reason = status == 414 ? "URI Too Long" : "Request Header Fields Too Large"
        return APIResponse(
            status: status,
            body: .text(
                "<h1>Bad Message \(status)</h1><pre>reason: \(reason)</pre>",
                contentType: "text/html;charset=UTF-8"
            )
        )
    }

    /// The answer that tells of an error.
    init(_ error: APIError) {
        self.init(status: error.status, body: .json(error.body))
    }

    init(status: Int, headers: [(name: String, value: String)] = [], body: Body = .none) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The body as a part of a composite answer.
    var json: JSON {
        guard case .json(let json) = body else { return .null }
        return json
    }

    /// Whether the request did what it should.
    var isSuccess: Bool { (200..<300).contains(status) }
}
