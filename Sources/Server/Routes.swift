import HTTPTypes
import Hummingbird

/// All resources, and what can be done with each.
struct Routes: Sendable {
    /// What needs a token.
    struct Pages: Sendable {
        let access: Access
        let api: APIRoutes
        let dashboard: DashboardRoutes
    }

    /// What stands before all routes.
    struct Front: Sendable {
        let log: RequestLog
        let limits: RequestLimits
    }

    let webhooks: WebhookRoutes
    let health: HealthRoutes
    /// Nil where only webhooks are taken.
    let pages: Pages?
    /// Nil where routes are tried by themselves.
    var front: Front?
    /// Nil where routes are tried by themselves.
    var metrics: MetricsRoutes?

    /// The router with everything in it.
    var router: Router<ServerContext> {
        let router = Router(context: ServerContext.self, options: .autoGenerateHeadEndpoints)
        if let front { router.add(middleware: front.log) }
        router.add(middleware: ProblemAnswers(allowed: allowed))
        if let front { router.add(middleware: front.limits) }
        if let pages { router.add(middleware: pages.access) }
        webhooks.add(to: router)
        health.add(to: router)
        metrics?.add(to: router)
        pages?.api.add(to: router)
        pages?.dashboard.add(to: router)
        return router
    }

    private var allowed: [PathPattern: [HTTPRequest.Method]] {
        var allowed: [PathPattern: [HTTPRequest.Method]] = [
            PathPattern(WebhookRoutes.path): [.post],
            PathPattern(HealthRoutes.livePath): [.get, .head],
            PathPattern(HealthRoutes.readyPath): [.get, .head],
        ]
        if metrics != nil { allowed[PathPattern(MetricsRoutes.path)] = [.get, .head] }
        guard let pages else { return allowed }
        for endpoint in pages.api.endpoints {
            let methods: [HTTPRequest.Method] =
                endpoint.method == .get ? [.get, .head] : [endpoint.method]
            allowed[PathPattern(endpoint.path), default: []] += methods
        }
        for (path, methods) in DashboardRoutes.methods { allowed[PathPattern(path)] = methods }
        return allowed
    }
}

/// A path with parts that vary, as in `/v1/bookings/{uid}`.
struct PathPattern: Hashable, Sendable {
    private let parts: [String]

    /// Reads a pattern; a slash at the end makes no difference.
    init(_ path: String) { parts = path.split(separator: "/").map(String.init) }

    /// How many parts are fixed: of several patterns that match, the one with the most is meant.
    var precision: Int { parts.count { !$0.hasPrefix("{") } }

    /// Whether a path fits.
    func matches(_ path: [Substring]) -> Bool {
        parts.count == path.count
            && zip(parts, path).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
    }
}
