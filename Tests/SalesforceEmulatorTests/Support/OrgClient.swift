import AsyncHTTPClient
import NIOCore
import NIOHTTP1

@testable import SalesforceEmulator

/// Talks to an emulated org as a client would, over HTTP.
struct OrgClient {
    let base: String
    var token: String? = "token"

    /// What came back.
    struct Answer {
        let status: Int
        let headers: [String: String]
        let json: JSON

        /// The body as it came.
        var text = ""

        /// The code of the first error.
        var code: String? { json.array?.first?["errorCode"]?.text }

        /// The text of the first error.
        var message: String? { json.array?.first?["message"]?.text }

        /// The id of a record that was written.
        var id: String { json["id"]?.text ?? "" }

        /// The records of a query.
        var records: [JSON] { json["records"]?.array ?? [] }
    }

    /// Sends a request; paths without a leading slash are those of version 62.
    func send(
        _ method: String,
        _ path: String,
        _ body: JSON? = nil,
        headers: [String: String] = [:]
    ) async throws -> Answer {
        let target = path.hasPrefix("/") ? path : "/services/data/v62.0/\(path)"
        var request = HTTPClientRequest(url: base + target)
        request.method = .init(rawValue: method)
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let body { request.body = .bytes(ByteBuffer(bytes: JSONWriter.bytes(of: body))) }
        return try await answer(to: request)
    }

    /// Sends a body that is no JSON.
    func send(
        _ method: String,
        _ path: String,
        text: String,
        type: String
    ) async throws -> Answer {
        let target = path.hasPrefix("/") ? path : "/services/data/v62.0/\(path)"
        var request = HTTPClientRequest(url: base + target)
        request.method = .init(rawValue: method)
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        request.headers.add(name: "Content-Type", value: type)
        request.body = .bytes(ByteBuffer(string: text))
        return try await answer(to: request)
    }

    private func answer(to request: HTTPClientRequest) async throws -> Answer {
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(300))
        let bytes = try await response.body.collect(upTo: 64 * 1024 * 1024)
        let all = response.headers.map { ($0.name.lowercased(), $0.value) }
        return Answer(
            status: Int(response.status.code),
            headers: Dictionary(all) { first, _ in first },
            json: try Self.json(of: bytes, response.headers.first(name: "Content-Type")),
            text: String(buffer: bytes)
        )
    }

    private static func json(of bytes: ByteBuffer, _ type: String?) throws -> JSON {
        guard bytes.readableBytes > 0, type?.hasPrefix("application/json") == true else {
            return .null
        }
        return try JSONParser.parse(Array(bytes.readableBytesView))
    }

    /// Runs a query.
    func query(_ soql: String, all: Bool = false) async throws -> Answer {
        try await send("GET", "\(all ? "queryAll" : "query")?q=\(FormEncoding.encoded(soql))")
    }

    /// Creates a record that must be accepted, and gives its id.
    func create(_ object: String, _ fields: JSON) async throws -> String {
        let answer = try await send("POST", "sobjects/\(object)", fields)
        guard answer.status == 201 else { throw Refused(answer: answer.json.serialized) }
        return answer.id
    }

    /// Reads one record with the fields named.
    func read(_ object: String, _ id: String, _ fields: String) async throws -> JSON {
        try await send("GET", "sobjects/\(object)/\(id)?fields=\(fields)").json
    }

    /// Sends a request of the control interface.
    @discardableResult
    func control(_ method: String, _ path: String, _ body: JSON? = nil) async throws -> JSON {
        try await send(method, "/emulator/\(path)", body).json
    }

    struct Refused: Error {
        let answer: String
    }
}

/// Runs a test against an org of its own, at 2026-03-02 (a Monday) unless told otherwise.
func withOrg<R: Sendable>(
    seed: JSON? = nil,
    settings: JSON? = nil,
    _ body: (OrgClient) async throws -> R
) async throws -> R {
    try await withSalesforceEmulator { base in
        let org = OrgClient(base: base)
        try await org.control("POST", "clock", ["now": "2026-03-02T10:00:00Z"])
        if let settings { try await org.control("POST", "settings", settings) }
        if let seed {
            let answer = try await org.send("POST", "/emulator/seed", seed)
            guard answer.status == 200 else {
                throw OrgClient.Refused(answer: answer.json.serialized)
            }
        }
        return try await body(org)
    }
}
