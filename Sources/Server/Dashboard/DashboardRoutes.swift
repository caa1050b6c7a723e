import Audit
import Domain
import HTTPTypes
import Hummingbird
import Journal
import Ledger
import Logging
import Pipeline

/// The pages for people.
///
/// Each answers one question, and names the command that shows the same.
/// Everything but the page for signing in needs a session; who has none is sent there. Whatever
/// changes something is a form with the session's key, needs the role `operator`, and is recorded
/// before it is done; so is every page that shows personal data.
struct DashboardRoutes: Sendable {
    let reader: Reader
    /// Does what is asked for; nil where nothing can be changed.
    let desk: ServiceDesk?
    let audit: Audit
    let renderer: Renderer
    let sessions: Sessions
    /// Looks a token up by its secret.
    let token: @Sendable (String) async throws(LedgerError) -> APIToken?
    /// Told why the ledger failed.
    let logger: Logger

    /// What can be done with each page.
    static let methods: [String: [HTTPRequest.Method]] = {
        let pages = [
            "/", "/bookings", "/bookings/{uid}", "/records", "/records/{id}",
            "/records/{id}/thread", "/plans/{id}", "/runs", "/runs/{id}", "/failures", "/settings",
            "/replay", "/ledger", "/assets/{name}",
        ]
        var methods: [String: [HTTPRequest.Method]] = [:]
        for page in pages { methods[page] = [.get, .head] }
        for page in ["/signin", "/plans", "/drift", "/privacy"] {
            methods[page] = [.get, .head, .post]
        }
        for action in ["retry", "ignore", "bind"] { methods["/failures/\(action)"] = [.post] }
        for form in ["/signout", "/plans/{id}/apply"] { methods[form] = [.post] }
        return methods
    }()

    /// Registers all pages.
    func add(to router: Router<ServerContext>) {
        addSessions(to: router)
        router.get("/") { _, context in try await page(context, overview) }
        router.get("/bookings") { request, context in
            try await page(context, showing: "/bookings") { try await bookings(Page(request), $0) }
        }
        router.get("/bookings/:uid") { _, context in
            let uid = try APIRoutes.bookingUID(context)
            return try await page(context, showing: "/bookings/{uid}", about: uid.rawValue) {
                try await booking(uid, $0)
            }
        }
        router.get("/records") { request, context in
            try await page(context) { _ in try await records(Page(request)) }
        }
        router.get("/records/:id") { _, context in
            let id = context.parameters.get("id") ?? ""
            return try await page(context, showing: "/records/{id}", about: id) {
                try await record(APIRoutes.recordID(context), $0)
            }
        }
        router.get("/records/:id/thread") { _, context in
            let id = context.parameters.get("id") ?? ""
            return try await page(context, showing: "/records/{id}/thread", about: id) {
                try await recordThread(APIRoutes.recordID(context), $0)
            }
        }
        router.get("/runs") { request, context in
            try await page(context) { _ in try await runs(Page(request)) }
        }
        router.get("/runs/:id") { _, context in
            try await page(context) { _ in try await run(context.parameters.require("id")) }
        }
        router.get("/failures") { request, context in
            try await page(context) { try await failures(request, $0) }
        }
        router.get("/settings") { request, context in
            try await page(context) { _ in try await settings(request) }
        }
        router.get("/replay") { request, context in
            try await page(context) { _ in try await replay(request) }
        }
        router.get("/ledger") { request, context in
            try await page(context) { try await ledger(request, $0) }
        }
        addForms(to: router)
    }

    /// Answers with a page.
    ///
    /// - Parameters:
    ///   - context: Who asks.
    ///   - route: The route, if it shows personal data.
    ///   - subject: What it is about; never personal data.
    ///   - make: Makes the page.
    /// - Returns: The page, or the way to sign in.
    /// - Throws: What stands for no page.
    func page(
        _ context: ServerContext,
        showing route: String? = nil,
        about subject: String? = nil,
        _ make: (Principal) async throws -> Renderer.Page
    ) async throws -> Response {
        guard let principal = context.principal else { return .redirect(to: "/signin") }
        return try await answer(principal) {
            if let route, principal.seesPeople {
                try await note(principal, .get, route, subject, isPersonal: true)
            }
            return renderer.response(try await make(principal), for: principal)
        }
    }

    /// Shows what went wrong as a page.
    func answer(
        _ principal: Principal,
        _ body: () async throws -> Response
    ) async throws -> Response {
        do {
            return try await body()
        } catch {
            guard let problem = Problem.of(error, logger) as? Problem else { throw error }
            return renderer.response(Self.page(for: problem), for: principal)
        }
    }

    /// Records what somebody does or sees.
    func note(
        _ principal: Principal,
        _ method: HTTPRequest.Method,
        _ route: String,
        _ subject: String? = nil,
        isPersonal: Bool = false
    ) async throws {
        try await reader.journal.note(
            AccessNote(
                token: principal.token.id,
                method: method.rawValue,
                route: route,
                subject: subject,
                isPersonal: isPersonal
            )
        )
    }

    private static func page(for problem: Problem) -> Renderer.Page {
        Renderer.Page(
            template: "problem",
            path: "",
            values: ["title": problem.status.reasonPhrase, "detail": problem.detail ?? ""],
            status: problem.status
        )
    }
}
