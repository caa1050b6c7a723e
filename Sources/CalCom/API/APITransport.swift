import AsyncHTTPClient
import Domain
import NIOCore
import NIOHTTP1

/// A request to the API; every one of ours only reads.
struct APICall: Hashable, Sendable {
    /// The whole address.
    var url: String
    var headers: [String: String]
}

/// What the API answered.
struct APIReply: Hashable, Sendable {
    var status: Int
    /// Headers by name in lower case.
    var headers: [String: String] = [:]
    var body: [UInt8] = []

    /// The body as JSON; nil if it is something else, such as a proxy's page.
    var json: JSON? {
        do { return try JSON(parsing: body) } catch { return nil }
    }
}

/// There is no answer; the reason holds nothing of the request.
struct APISilence: Error, Hashable, Sendable {
    let reason: String
}

/// Carries one request to the API and the answer back, without any retry.
typealias APITransport = @Sendable (APICall) async throws(APISilence) -> APIReply

/// Carries requests over the network.
struct NetworkAPITransport: Sendable {
    /// The largest answer that is read, in bytes: 250 bookings of 64 KiB each.
    static let largestAnswer = 16 << 20

    let client: HTTPClient
    /// How long one request may take, from connecting to the last byte.
    let timeout: TimeAmount

    func send(_ call: APICall) async throws(APISilence) -> APIReply {
        do {
            var request = HTTPClientRequest(url: call.url)
            for (name, value) in call.headers { request.headers.add(name: name, value: value) }
            let response = try await client.execute(request, timeout: timeout)
            let body = try await response.body.collect(upTo: Self.largestAnswer)
            let headers = response.headers.map { ($0.name.lowercased(), $0.value) }
            return APIReply(
                status: Int(response.status.code),
                headers: Dictionary(headers, uniquingKeysWith: { first, _ in first }),
                body: Array(body.readableBytesView)
            )
        } catch let error as HTTPClientError {
            throw APISilence(reason: error.shortDescription)
        } catch is CancellationError {
            throw APISilence(reason: "the request was cancelled")
        } catch {
            throw APISilence(reason: "no connection (\(type(of: error)))")
        }
    }
}
