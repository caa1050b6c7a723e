import Domain
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// Gives each request an id, and tells logs and metrics what became of it.
///
/// Logs name the route, never the path: paths may hold addresses of people. Unexpected errors are
/// answered as a problem, and only the log says more.
struct RequestLog: RouterMiddleware {
    typealias Context = ServerContext

    let metrics: ServerMetrics
    let newID: @Sendable () -> String
    let now: @Sendable () -> ContinuousClock.Instant
    let logger: Logger

    static let header = HTTPField.Name("X-Request-Id")

    @concurrent
    func handle(
        _ request: Request,
        context: ServerContext,
        next: @concurrent (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.requestID = Self.given(request) ?? newID()
        let began = now()
        var response = try await answer(request, context, next)
        if let header = Self.header { response.headers[header] = context.requestID }
        let route = context.endpointPath ?? "unknown"
        metrics.count(
            request: route,
            method: request.method,
            status: response.status.code,
            took: now() - began
        )
        logger.debug(
            "Answered",
            metadata: [
                "request": "\(context.requestID)",
                "method": "\(request.method.rawValue.prefix(16))",
                "route": "\(route)", "status": "\(response.status.code)",
                "milliseconds": "\((now() - began) / .milliseconds(1))",
            ]
        )
        return response
    }

    private func answer(
        _ request: Request,
        _ context: ServerContext,
        _ next: @concurrent (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            // Whoever asked may be gone; then nobody reads the answer, and that is fine.
            logger.error(
                "A request failed",
                metadata: [
                    "request": "\(context.requestID)",
                    "route": "\(context.endpointPath ?? "unknown")", "kind": "\(type(of: error))",
                ]
            )
            return Problem(
                status: .internalServerError,
                detail: """
                    Something went wrong here. The log has more under the request \
                    \(context.requestID).
                    """
            ).response
        }
    }

    /// The id that a proxy gave, if it is one that can be logged.
    static func given(_ request: Request) -> String? {
        guard let header, let given = request.headers[header], (8...64).contains(given.count),
            given.utf8.allSatisfy({ byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                    || (0x61...0x7A).contains(byte) || byte == 0x2D
            })
        else { return nil }
        return given
    }
}
