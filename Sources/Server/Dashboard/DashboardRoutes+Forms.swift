import Domain
import HTTPTypes
import Hummingbird
import Journal
import Pipeline

/// What people do: plans, failures, drift, and looking for a person.
extension DashboardRoutes {
    /// What every form sends, and what some send besides.
    struct ActionForm: Decodable {
        /// The session's key, which no other site knows.
        var key: String
        /// What the form is about: the name of a failure, or a person's address.
        var name: String?
        /// Whether a plan is about everything.
        var all: String?
        /// What becomes of drift: `adopt` or `revert`.
        var drift: String?
        /// Where the drift is: `<record>/<field>`.
        var place: String?
        /// The id of the record that a failure is to use.
        var record: String?
        /// Which version of a plan was seen.
        var version: Int?
    }

    func addForms(to router: Router<ServerContext>) {
        router.get("/plans") { request, context in
            try await page(context) { try await plans(Page(request), $0) }
        }
        router.get("/plans/:id") { _, context in
            let id = try context.parameters.require("id")
            return try await page(context, showing: "/plans/{id}", about: id) {
                try await plan(id, $0)
            }
        }
        router.get("/drift") { request, context in
            try await page(context) { try await drift(Page(request), $0) }
        }
        router.get("/privacy") { _, context in
            try await page(context) { try await privacy(nil, $0) }
        }
        router.post("/plans") { request, context in
            try await act(request, context, "/plans") { form, principal in
                let plan = try await needDesk().makePlan(
                    Self.request(of: form),
                    by: "token-\(principal.token.id)"
                )
                return .redirect(to: "/plans/\(plan.id)", type: .normal)
            }
        }
        router.post("/plans/:id/apply") { request, context in
            let id = try context.parameters.require("id")
            return try await act(request, context, "/plans/{id}/apply", id) { form, principal in
                let desk = try needDesk()
                // The person at the button saw the plan: that is the approval.
                let actor = "token-\(principal.token.id)"
                let plan = try await desk.approve(id, version: form.version, by: actor)
                _ = try await desk.apply(id, version: plan.version)
                return .redirect(to: "/plans/\(id)", type: .normal)
            }
        }
        for action in [OperatorAction.retry, .ignore] {
            let route = "/failures/\(action.rawValue)"
            router.post(RouterPath(route)) { request, context in
                try await act(request, context, route) { form, principal in
                    try await decide(action, form, principal)
                }
            }
        }
        router.post("/failures/bind") { request, context in
            try await act(request, context, "/failures/bind") { form, principal in
                guard let record = SalesforceID(form.record ?? "") else {
                    throw Problem.invalid("A record has an id of 15 or 18 characters.")
                }
                let actor = "token-\(principal.token.id)"
                _ = try await needDesk().bind(form.name ?? "", to: record, by: actor)
                return .redirect(to: "/failures", type: .normal)
            }
        }
        router.post("/drift") { request, context in
            try await act(request, context, "/drift") { _, _ in
                _ = try await needDesk().drift()
                return .redirect(to: "/drift", type: .normal)
            }
        }
        router.post("/privacy") { request, context in
            try await act(request, context, "/privacy") { form, principal in
                renderer.response(try await privacy(form.name ?? "", principal), for: principal)
            }
        }
    }

    private func act(
        _ request: Request,
        _ context: ServerContext,
        _ route: String,
        _ subject: String? = nil,
        _ body: (ActionForm, Principal) async throws -> Response
    ) async throws -> Response {
        guard let principal = context.principal else { return .redirect(to: "/signin") }
        return try await answer(principal) {
            let form = try await form(ActionForm.self, request, context)
            guard let key = principal.formKey, Sessions.isSame(key, form.key) else {
                throw Problem(
                    status: .forbidden,
                    detail: "This form was not sent from our own page. Load the page again."
                )
            }
            guard principal.token.role >= .operator else { throw Problem.role(.operator) }
            let isPersonal = route == "/privacy"
            try await note(principal, .post, route, subject, isPersonal: isPersonal)
            return try await body(form, principal)
        }
    }

    private static func request(of form: ActionForm) throws -> PlanRequest {
        guard let drift = form.drift else {
            return .changes(form.all == nil ? .changed : .everything)
        }
        let json = JSON.compact([
            ("drift", .string(drift)), ("places", .array([.string(form.place ?? "")])),
        ])
        return try PlanRequest(json: json)
    }

    private func decide(
        _ action: OperatorAction,
        _ form: ActionForm,
        _ principal: Principal
    ) async throws -> Response {
        let (name, actor) = (OperationID(form.name ?? ""), "token-\(principal.token.id)")
        let journal = reader.journal
        let done =
            action == .retry
            ? try await journal.retry([name], actor: actor)
            : try await journal.ignore([name], actor: actor)
        guard !done.isEmpty else {
            throw Problem(
                status: .notFound,
                detail: "There is no such failure any more. Load the failures again."
            )
        }
        return .redirect(to: "/failures", type: .normal)
    }

    private func needDesk() throws(Problem) -> ServiceDesk {
        guard let desk else {
            throw Problem(
                status: .serviceUnavailable,
                detail: "This server only shows. Start 'daybook serve' to act through it."
            )
        }
        return desk
    }
}
