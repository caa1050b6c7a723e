import Domain
import HTTPTypes
import Hummingbird
import Journal
import Ledger

/// Finds out who asks: by a bearer token, or by the cookie of a session.
///
/// Whoever shows nothing, or something that is no good, goes on as a stranger; what a stranger may
/// see is for the routes to say.
struct Access: RouterMiddleware {
    typealias Context = ServerContext

    let sessions: Sessions
    /// Looks a token up by its secret.
    let bySecret: @Sendable (String) async throws(LedgerError) -> APIToken?
    /// Looks a token up by its id.
    let byID: @Sendable (String) async throws(LedgerError) -> APIToken?
    let now: @Sendable () -> Instant

    @concurrent
    func handle(
        _ request: Request,
        context: ServerContext,
        next: @concurrent (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.principal = try await principal(of: request)
        return try await next(request, context)
    }

    private func principal(of request: Request) async throws -> Principal? {
        do {
            if let secret = Self.bearer(request.headers[.authorization]) {
                return try await bySecret(secret).flatMap(good).map {
                    Principal(token: $0, formKey: nil)
                }
            }
            guard let cookie = request.cookies[Sessions.cookie]?.value,
                let id = sessions.token(of: cookie)
            else { return nil }
            return try await byID(id).flatMap(good).map {
                Principal(token: $0, formKey: sessions.formKey(of: cookie))
            }
        } catch {
            throw error.answer
        }
    }

    private func good(_ token: APIToken) -> APIToken? { token.isGood(at: now()) ? token : nil }

    /// The token of an `Authorization: Bearer …` header.
    static func bearer(_ header: String?) -> String? {
        guard let header, header.lowercased().hasPrefix("bearer ") else { return nil }
        let secret = header.dropFirst(7).trimmingWhitespace()
        return secret.isEmpty ? nil : secret
    }
}

extension ServerContext {
    /// Who asks, if the role suffices.
    ///
    /// - Throws: ``Problem``: 401 for a stranger, 403 for too small a role.
    func require(_ role: Role) throws(Problem) -> Principal {
        guard let principal else { throw .unknown }
        guard principal.token.role >= role else { throw .role(role) }
        return principal
    }
}

extension Problem {
    /// No good token was shown.
    static let unknown = Problem(
        status: .unauthorized,
        detail: """
            This needs a token: send 'Authorization: Bearer TOKEN'. Make one with 'daybook token \
            create', or ask whoever runs this server.
            """,
        headers: [.wwwAuthenticate: "Bearer realm=\"daybook\""]
    )

    /// The token is for less than that.
    static func role(_ role: Role) -> Problem {
        Problem(
            status: .forbidden,
            detail: """
                This needs a token with the role '\(role.rawValue)' or higher. Make one with \
                'daybook token create --name NAME --role \(role.rawValue)', or ask whoever runs \
                this server.
                """
        )
    }

    /// There is nothing of that name.
    static func missing(_ what: String) -> Problem {
        Problem(status: .notFound, detail: "There is no \(what).")
    }

    /// A parameter cannot be meant.
    static func parameter(_ name: String, _ expected: String) -> Problem {
        Problem(status: .badRequest, detail: "The parameter '\(name)' has to be \(expected).")
    }
}
