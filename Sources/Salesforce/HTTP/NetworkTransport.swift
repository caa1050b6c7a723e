public import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOHTTPCompression
import Synchronization

extension HTTPClient.Configuration {
    /// The settings that a client for Salesforce needs.
    ///
    /// No redirects, because they would turn a write into something else or carry a token to
    /// another host; no hidden attempts to connect again, because retries are counted elsewhere.
    public static var salesforce: Self { salesforce(largestAnswer: NetworkTransport.largestAnswer) }

    /// The settings with another bound on answers.
    ///
    /// - Parameter largestAnswer: The most bytes to which a compressed answer may unpack.
    /// - Returns: The settings.
    static func salesforce(largestAnswer: Int) -> Self {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(connect: .seconds(10))
        )
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.httpVersion = .http1Only
        configuration.decompression = .enabled(limit: .size(largestAnswer))
        return configuration
    }
}

/// Carries requests over the network.
struct NetworkTransport: Sendable {
    /// The largest answer that is read, in bytes, packed or not.
    static let largestAnswer = 256 << 20

    let client: HTTPClient
    /// How long one request may take, from connecting to the last byte.
    let timeout: Duration

    func send(_ call: HTTPCall) async throws(TransportFailure) -> HTTPReply {
        let progress = Progress()
        do {
            let request = request(for: call, noting: progress)
            let response = try await client.execute(request, timeout: TimeAmount(timeout))
            let body = try await response.body.collect(upTo: Self.largestAnswer)
            return HTTPReply(
                status: Int(response.status.code),
                limitInfo: response.headers.first(name: "Sforce-Limit-Info"),
                locator: response.headers.first(name: "Sforce-Locator"),
                date: response.headers.first(name: "Date"),
                requestID: response.headers.first(name: "X-SFDC-Request-Id")
                    ?? response.headers.first(name: "X-Request-Id"),
                body: Array(body.readableBytesView)
            )
        } catch {
            let reason = Self.reason(for: error)
            let mayHaveArrived =
                call.body == nil ? !Self.isAboutConnecting(error) : progress.hasBegun
            if mayHaveArrived { throw .afterSending(reason) }
            throw .beforeSending(reason)
        }
    }

    private func request(for call: HTTPCall, noting progress: Progress) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: call.url)
        request.method = HTTPMethod(rawValue: call.method)
        request.headers.add(name: "Accept-Encoding", value: "gzip")
        for header in call.headers { request.headers.add(name: header.name, value: header.value) }
        if let body = call.body {
            let bytes = ByteBuffer(bytes: body)
            request.body = .stream(
                NotedBody(bytes: bytes, progress: progress),
                length: .known(Int64(body.count))
            )
        }
        return request
    }

    /// Whether there was no connection; for requests without a body, which changes nothing.
    private static func isAboutConnecting(_ error: any Error) -> Bool {
        switch error {
        case let error as HTTPClientError:
            error == .connectTimeout || error == .getConnectionFromPoolTimeout
        case is IOError, is ChannelError, is CancellationError: false
        default: true
        }
    }

    /// A reason for people; never the request, which holds tokens and customer data.
    private static func reason(for error: any Error) -> String {
        switch error {
        case let error as HTTPClientError: error.shortDescription
        case let error as IOError:
            error.errnoCode == 0 ? "I/O error" : "the connection was refused or broke off"
        case is CancellationError: "the request was cancelled"
        case _ where "\(type(of: error))".contains("Decompression"):
            """
            the answer is compressed in a way that cannot be unpacked, or unpacks to more than \
            \(Self.largestAnswer >> 20) MB; look at the proxy in between
            """
        default: "there is no connection to the host (\(type(of: error)))"
        }
    }
}

/// Whether a request has begun to leave this machine.
private final class Progress: Sendable {
    private let flag = Mutex(false)

    var hasBegun: Bool { flag.withLock { $0 } }

    func begin() { flag.withLock { $0 = true } }
}

/// A body that notes when it is asked for.
///
/// The client asks for the body once there is a connection and the head is on its way. Until
/// then the server cannot have seen anything, whatever kind of error comes.
private struct NotedBody: AsyncSequence, Sendable {
    typealias Element = ByteBuffer

    let bytes: ByteBuffer
    let progress: Progress

    func makeAsyncIterator() -> Iterator { Iterator(rest: bytes, progress: progress) }

    struct Iterator: AsyncIteratorProtocol {
        var rest: ByteBuffer?
        let progress: Progress

        mutating func next() async -> ByteBuffer? {
            progress.begin()
            defer { rest = nil }
            return rest
        }
    }
}
