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

    private var allowed: [String: [HTTPRequest.Method]] {
        var allowed: [String: [HTTPRequest.Method]] = [
            WebhookRoutes.path: [.post],
            HealthRoutes.livePath: [.get, .head],
            HealthRoutes.readyPath: [.get, .head],
        ]
        if metrics != nil { allowed[MetricsRoutes.path] = [.get, .head] }
        guard pages != nil else { return allowed }
        for path in APIRoutes.lists { allowed[path] = [.get, .head] }
        return allowed.merging(DashboardRoutes.methods) { own, _ in own }
    }
}
