import Audit
import Domain
import HTTPTypes
import Hummingbird
import Journal
import Ledger

/// The pages for people.
///
/// Each answers one question, and names the command that shows the same.
/// Everything but the page for signing in needs a session; who has none is sent there.
struct DashboardRoutes: Sendable {
    let reader: Reader
    let audit: Audit
    let renderer: Renderer
    let sessions: Sessions
    /// Looks a token up by its secret.
    let token: @Sendable (String) async throws(LedgerError) -> APIToken?

    /// What can be done with each page that has no parameters.
    static let methods: [String: [HTTPRequest.Method]] = {
        let pages = ["/", "/bookings", "/records", "/runs", "/failures", "/settings", "/ledger"]
        var methods: [String: [HTTPRequest.Method]] = [:]
        for page in pages { methods[page] = [.get, .head] }
        methods["/signin"] = [.get, .head, .post]
        methods["/signout"] = [.post]
        return methods
    }()

    /// Registers all pages.
    func add(to router: Router<ServerContext>) {
        addSessions(to: router)
        router.get("/") { _, context in try await page(context, overview) }
        router.get("/bookings") { request, context in
            try await page(context) { try await bookings(Page(request), $0) }
        }
        router.get("/bookings/:uid") { _, context in
            try await page(context) { try await booking(APIRoutes.bookingUID(context), $0) }
        }
        router.get("/records") { request, context in
            try await page(context) { _ in try await records(Page(request)) }
        }
        router.get("/records/:id") { _, context in
            try await page(context) { try await record(APIRoutes.recordID(context), $0) }
        }
        router.get("/records/:id/thread") { _, context in
            try await page(context) { try await recordThread(APIRoutes.recordID(context), $0) }
        }
        router.get("/runs") { request, context in
            try await page(context) { _ in try await runs(Page(request)) }
        }
        router.get("/runs/:id") { _, context in
            try await page(context) { _ in try await run(context.parameters.require("id")) }
        }
        router.get("/failures") { _, context in
            try await page(context) { _ in try await failures() }
        }
        router.get("/settings") { _, context in
            try await page(context) { _ in try await settings() }
        }
        router.get("/ledger") { _, context in try await page(context) { _ in try await ledger() } }
    }

    private func page(
        _ context: ServerContext,
        _ make: (Principal) async throws -> Renderer.Page
    ) async throws -> Response {
        guard let principal = context.principal else { return .redirect(to: "/signin") }
        do {
            return renderer.response(try await make(principal), for: principal)
        } catch let problem as Problem {
            return renderer.response(Self.page(for: problem), for: principal)
        } catch let error as LedgerError {
            return renderer.response(Self.page(for: error.answer), for: principal)
        }
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
