import Domain
import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization

/// Stands before all routes, and keeps what is too much away from them.
///
/// | request                                    | answer                            |
/// |--------------------------------------------|-----------------------------------|
/// | head larger than ``ServerLimits/largestHead`` | 431                            |
/// | body larger than ``ServerLimits/largestBody`` | 413, as soon as that is certain |
/// | body that arrives too slowly               | 408                               |
/// | too many at once                           | 503, try again after a second     |
/// | too many from one source                   | 429, with the time to wait        |
///
/// After 408, 413 and 431 the connection is closed: the rest of the request is of no use. Routes
/// find the whole body in memory.
struct RequestLimits: RouterMiddleware {
    typealias Context = ServerContext

    let limits: ServerLimits
    let gate: RequestGate
    let now: @Sendable () -> Instant

    @concurrent
    func handle(
        _ request: Request,
        context: ServerContext,
        next: @concurrent (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
        guard gate.enter() else { throw Problem.busy }
        defer { gate.leave() }
        var context = context
        context.source = source(of: request, context)
        context.isEncrypted = told("X-Forwarded-Proto", request, context)?.lowercased() == "https"
        if let wait = gate.requests.take(context.source, now: now()) {
            throw Problem.tooMany(seconds: wait)
        }
        do {
            return try await next(try await checked(request), context)
        } catch let problem as Problem where problem.endsConnection {
            context.hangUpSoon()
            throw problem
        }
    }

    /// Who sent it: the peer, or whom a proxy of ours names.
    private func source(of request: Request, _ context: ServerContext) -> String {
        told("X-Forwarded-For", request, context) ?? context.peer
    }

    /// What a proxy of ours says about the request; nil where anybody could have said it.
    private func told(_ field: String, _ request: Request, _ context: ServerContext) -> String? {
        guard limits.trustedProxies.contains(context.peer), let name = HTTPField.Name(field),
            let hops = request.headers[name], let last = hops.split(separator: ",").last
        else { return nil }
        // The last one is what our proxy saw; those before it are what others claim.
        return String(last.prefix(64)).trimmingWhitespace()
    }

    private func checked(_ request: Request) async throws -> Request {
        let head = request.headers.reduce(request.uri.path.utf8.count) { sum, field in
            sum + field.name.rawName.utf8.count + field.value.utf8.count
        }
        guard head <= limits.largestHead else { throw Problem.largeHead(limits.largestHead) }
        guard request.method != .get, request.method != .head else { return request }
        let announced = request.headers[.contentLength].flatMap { Int($0) } ?? 0
        guard announced <= limits.largestBody else { throw Problem.largeBody(limits.largestBody) }
        var whole = request
        whole.body = RequestBody(buffer: try await collected(request.body))
        return whole
    }

    private func collected(_ body: RequestBody) async throws -> ByteBuffer {
        let (limit, deadline) = (limits.largestBody, Duration.seconds(limits.bodySeconds))
        return try await withThrowingTaskGroup(of: ByteBuffer.self) { group in
            // Side by side: a body that comes too slowly ends when its time is over, whatever the
            // connection does.
            defer { group.cancelAll() }
            group.addTask {
                do {
                    return try await body.collect(upTo: limit)
                } catch is NIOTooManyBytesError {
                    throw Problem.largeBody(limit)
                } catch let error as HTTPError where error.status == .contentTooLarge {
                    throw Problem.largeBody(limit)
                }
            }
            group.addTask {
                try await Task.sleep(for: deadline)
                throw Problem.slowBody
            }
            return try await group.next() ?? ByteBuffer()
        }
    }
}

/// Counts what is under way and what comes from whom.
final class RequestGate: Sendable {
    private let underWay = Mutex(0)
    private let most: Int
    /// The allowance of all requests.
    let requests: TokenBuckets
    /// The allowance of deliveries with a bad signature.
    let forged: TokenBuckets

    init(_ limits: ServerLimits) {
        most = limits.mostAtOnce
        requests = TokenBuckets(perSecond: limits.perSecond)
        forged = TokenBuckets(perSecond: limits.forgedPerSecond)
    }

    /// How many requests are under way.
    var count: Int { underWay.withLock { $0 } }

    func enter() -> Bool {
        underWay.withLock { count in
            guard count < most else { return false }
            count += 1
            return true
        }
    }

    func leave() { underWay.withLock { $0 -= 1 } }
}

extension Problem {
    /// More is under way than is good.
    static let busy = Problem(
        status: .serviceUnavailable,
        detail: "Too many requests are under way. Try again in a moment.",
        headers: [.retryAfter: "1"]
    )

    /// The body did not arrive in time.
    static let slowBody = Problem(
        status: .requestTimeout,
        detail: "The body did not arrive in time. Send it in one go.",
        headers: [.connection: "close"]
    )

    /// One source asked too often.
    static func tooMany(seconds: Int) -> Problem {
        Problem(
            status: .tooManyRequests,
            detail: "Too many requests came from this address. Try again later.",
            headers: [.retryAfter: "\(seconds)"]
        )
    }

    /// The body is beyond the limit.
    static func largeBody(_ limit: Int) -> Problem {
        Problem(
            status: .contentTooLarge,
            detail: "A body has at most \(limit) bytes here.",
            headers: [.connection: "close"]
        )
    }

    /// The header fields are beyond the limit.
    static func largeHead(_ limit: Int) -> Problem {
        Problem(
            status: .requestHeaderFieldsTooLarge,
            detail: "The header fields have at most \(limit) bytes here.",
            headers: [.connection: "close"]
        )
    }

    /// Whether what follows on the connection is of no use.
    var endsConnection: Bool {
        [.requestTimeout, .contentTooLarge, .requestHeaderFieldsTooLarge].contains(status)
    }
}
