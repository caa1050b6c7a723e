import Domain
import HTTPTypes
import Hummingbird
import Journal
import Ledger

/// Signing in and out, and the files that pages refer to.
extension DashboardRoutes {
    /// What the form for signing in sends.
    private struct SignInForm: Decodable { var token: String? }

    /// What the button for signing out sends.
    private struct SignOutForm: Decodable { var key: String }

    func addSessions(to router: Router<ServerContext>) {
        router.get("/assets/:name") { _, context in
            guard let asset = renderer.asset(try context.parameters.require("name")) else {
                throw HTTPError(.notFound)
            }
            return asset
        }
        router.get("/signin") { _, context in
            context.principal == nil ? signInPage(problem: nil) : .redirect(to: "/")
        }
        router.post("/signin") { request, context in try await signIn(request, context) }
        router.post("/signout") { request, context in try await signOut(request, context) }
    }

    private func signInPage(problem: String?) -> Response {
        renderer.response(
            Renderer.Page(
                template: "signin",
                path: "/signin",
                values: ["problem": problem ?? ""],
                status: problem == nil ? .ok : .unauthorized
            ),
            for: nil
        )
    }

    private func signIn(_ request: Request, _ context: ServerContext) async throws -> Response {
        let form = try await form(SignInForm.self, request, context)
        do {
            let token = try await token((form.token ?? "").trimmingWhitespace())
            guard let token, token.isGood(at: sessions.now()) else {
                return signInPage(
                    problem: "This token is not known, has expired or was taken back."
                )
            }
            var response = Response.redirect(to: "/")
            response.setCookie(sessions.begin(token, isEncrypted: context.isEncrypted))
            return response
        } catch {
            throw error.answer
        }
    }

    private func signOut(_ request: Request, _ context: ServerContext) async throws -> Response {
        let form = try await form(SignOutForm.self, request, context)
        guard let key = context.principal?.formKey, Sessions.isSame(key, form.key) else {
            throw Problem(
                status: .forbidden,
                detail: "This form was not sent from our own page. Load the page again."
            )
        }
        var response = Response.redirect(to: "/signin")
        response.setCookie(sessions.end(isEncrypted: context.isEncrypted))
        return response
    }

    /// What a form sends.
    ///
    /// - Throws: ``Problem`` if it is no form, or something is missing in it.
    func form<Form: Decodable & Sendable>(
        _ type: Form.Type,
        _ request: Request,
        _ context: ServerContext
    ) async throws -> Form {
        do {
            return try await URLEncodedFormDecoder().decode(type, from: request, context: context)
        } catch is DecodingError, is URLEncodedFormError {
            throw Problem(
                status: .badRequest,
                detail: "This form cannot be read. Load the page again."
            )
        }
    }
}
