import GRDB
import Synchronization

/// The ways to get a token, and what tokens stand for.
///
/// An org without registered apps checks no client, no secret and no assertion; refused are then
/// only revoked refresh tokens, inactive users, an empty password and the password `wrong`. See
/// ``ConnectedApp`` for the rest.
struct LoginRoutes {
    let session: Session

    /// The assertion of the request, verified before the transaction began; see ``Assertion``.
    var assertion: Assertion.Verdict?

    /// Answers at `/services/oauth2/…`.
    func answerOAuth(_ request: APIRequest, _ name: String) throws -> APIResponse {
        let form = FormEncoding.parameters(request.text) + request.parameters
        switch name {
        case "token":
            if session.org.state.withLock({ $0.login.manners.hasProxyPage }) { return proxyPage }
            return try token(Self.withBasic(form, request))
        case "revoke": return revoke(form)
        case "introspect": return introspect(form)
        case "authorize": return AuthorizeRoutes(session: session).answer(request)
        default: throw APIError.notFound
        }
    }

    /// What a sign-on proxy says to whoever it does not know.
    private var proxyPage: APIResponse {
        APIResponse(
            status: 200,
            body: .text(
                "<!DOCTYPE html><html><body><h1>Sign in to continue</h1></body></html>",
                contentType: "text/html;charset=UTF-8"
            )
        )
    }

    /// Client id and secret may also come in the header, as RFC 6749, 2.3.1 has it.
    private static func withBasic(
        _ form: [(name: String, value: String)],
        _ request: APIRequest
    ) -> [(name: String, value: String)] {
        guard let header = request.headers["authorization"], header.hasPrefix("Basic "),
            let pair = Base64.text(header.dropFirst(6)), let colon = pair.firstIndex(of: ":")
        else { return form }
        return form + [
            (name: "client_id", value: String(pair[..<colon])),
            (name: "client_secret", value: String(pair[pair.index(after: colon)...])),
        ]
    }

    private func revoke(_ form: [(name: String, value: String)]) -> APIResponse {
        guard let token = form.first(where: { $0.name == "token" })?.value else {
            return Self.refuse("invalid_token", "token is missing")
        }
        session.org.state.withLock { state in
            state.revokedTokens.insert(token)
            state.login.refreshTokens[token] = nil
        }
        return APIResponse(status: 200)
    }

    /// Tells whether a token is alive, in the form of RFC 7662.
    private func introspect(_ form: [(name: String, value: String)]) -> APIResponse {
        let token = form.first { $0.name == "token" }?.value ?? ""
        let isActive = session.org.state.withLock { state in
            !state.revokedTokens.contains(token)
                && (state.users[token] != nil || state.login.refreshTokens[token] != nil)
        }
        return .json(isActive ? ["active": true, "scope": "api refresh_token"] : ["active": false])
    }

    /// An OAuth error: an object, unlike those of the data API.
    static func refuse(_ error: String, _ description: String) -> APIResponse {
        .json(
            ["error": .string(error), "error_description": .string(description)],
            status: 400
        )
    }

    private func token(_ form: [(name: String, value: String)]) throws -> APIResponse {
        let value = { (name: String) in form.first { $0.name == name }?.value }
        let type = value("grant_type") ?? ""
        if type != Assertion.grantType, type != "password",
            let refusal = refusal(client: value("client_id"), secret: value("client_secret"))
        {
            return refusal
        }
        switch type {
        case "refresh_token": return refresh(value("refresh_token"), client: value("client_id"))
        case "client_credentials":
            guard app(value("client_id"))?.hasRunAsUser ?? true else {
                return Self.refuse("invalid_grant", "no client credentials user enabled")
            }
            return grant(DefaultOrg.integrationUser)
        case "authorization_code":
            return AuthorizeRoutes(session: session).exchange(value)
                ?? grant(DefaultOrg.integrationUser, refreshFor: value("client_id") ?? "")
        case Assertion.grantType: return try grantAssertion(value("assertion"))
        case "password":
            guard let user = try user(value("username"), password: value("password")) else {
                return Self.refuse("invalid_grant", "authentication failure")
            }
            return grant(user)
        default: return Self.refuse("unsupported_grant_type", "grant type not supported")
        }
    }

    private func app(_ client: String?) -> ConnectedApp? {
        client.flatMap { id in session.org.state.withLock { $0.login.apps[id] } }
    }

    /// Why a client is not taken, or nil if it is.
    private func refusal(client: String?, secret: String?) -> APIResponse? {
        guard session.org.state.withLock({ !$0.login.apps.isEmpty }) else { return nil }
        guard let app = app(client) else {
            return Self.refuse("invalid_client_id", "client identifier invalid")
        }
        guard app.clientSecret == nil || app.clientSecret == secret else {
            return Self.refuse("invalid_client", "invalid client credentials")
        }
        return nil
    }

    private func refresh(_ token: String?, client: String?) -> APIResponse {
        let app = app(client)
        let isAlive = session.org.state.withLock { state in
            guard let token, !state.revokedTokens.contains(token) else { return false }
            return app == nil || state.login.refreshTokens[token] == client
        }
        guard isAlive, let token else {
            return Self.refuse("invalid_grant", "expired access/refresh token")
        }
        guard app?.rotatesRefreshTokens == true, let client else {
            return grant(DefaultOrg.integrationUser)
        }
        session.org.state.withLock { state in
            state.login.refreshTokens[token] = nil
            state.revokedTokens.insert(token)
        }
        return grant(DefaultOrg.integrationUser, refreshFor: client)
    }

    private func grantAssertion(_ text: String?) throws -> APIResponse {
        guard text != nil else { return Self.refuse("invalid_grant", "invalid assertion") }
        switch assertion {
        case .refused(let error, let description): return Self.refuse(error, description)
        case .good(let username):
            // Any password will do: the assertion took its place.
            guard let user = try user(username, password: "assertion", isKnown: true) else {
                return Self.refuse("invalid_grant", "user hasn't approved this consumer")
            }
            return grant(user)
        case nil: return grant(DefaultOrg.integrationUser)
        }
    }

    /// A token for a user, with a refresh token if the log-in is one of a client that gets them.
    private func grant(_ user: String, refreshFor client: String? = nil) -> APIResponse {
        let token = newToken(for: user)
        let base = session.options.baseURL
        let organization = DefaultOrg.organization(seed: session.org.options.seed)
        var body: JSONObject = [
            "access_token": .string(token), "instance_url": .string(base),
            "id": .string("\(base)/id/\(organization)/\(user)"),
            "token_type": "Bearer", "issued_at": .string(String(session.now.milliseconds)),
            "signature": "ZW11bGF0b3Igc2lnbmF0dXJlcyBhcmUgbm90IGNoZWNrZWQ=",
            "scope": "api refresh_token",
        ]
        if let client, app(client)?.givesRefreshTokens ?? true {
            let refresh = "5Aep861.\(token.suffix(12))"
            session.org.state.withLock { $0.login.refreshTokens[refresh] = client }
            body["refresh_token"] = .string(refresh)
        }
        return .json(.object(body))
    }

    /// A token that acts as a user from now on.
    func newToken(for user: String) -> String {
        session.org.state.withLock { state in
            state.issuedTokens += 1
            let number = CalendarDay.padded(state.issuedTokens, 8)
            let organization = DefaultOrg.organization(seed: session.org.options.seed)
            let token = "\(organization.prefix(15))!AQEAQ.emulator.\(number)"
            state.users[token] = user
            return token
        }
    }

    /// The user who may log in under a name.
    ///
    /// Unknown names act as the integration user, unless the name has to be known.
    func user(_ name: String?, password: String?, isKnown: Bool = false) throws -> String? {
        guard let password, !password.isEmpty, password != "wrong" else { return nil }
        let users = try session.object("User")
        guard let name, let field = users.field("Username"),
            let id = try session.matches(users, field, name).first
        else { return isKnown ? nil : DefaultOrg.integrationUser }
        return try session.row(users, id: id)?.flag("IsActive") == true ? id : nil
    }

    /// What a token's user is, for `/id/…` and `userinfo`.
    func identity(of user: String) throws -> JSON {
        guard let row = try session.row(try session.object("User"), id: user) else {
            throw APIError.notFound
        }
        let base = session.options.baseURL
        let organization = DefaultOrg.organization(seed: session.org.options.seed)
        let id = "\(base)/id/\(organization)/\(user)"
        let name = JSON(row.text("Name"))
        return [
            "id": .string(id), "sub": .string(id), "asserted_user": true,
            "user_id": .string(user), "organization_id": .string(organization),
            "username": JSON(row.text("Username")),
            "preferred_username": JSON(row.text("Username")), "nick_name": name,
            "display_name": name, "name": name, "email": JSON(row.text("Email")),
            "email_verified": true, "given_name": JSON(row.text("FirstName")),
            "family_name": JSON(row.text("LastName")), "zoneinfo": "GMT", "user_type": "STANDARD",
            "active": .bool(row.flag("IsActive")), "language": "en_US", "locale": "en_US",
            "urls": [
                "rest": .string("\(base)/services/data/v{version}/"),
                "sobjects": .string("\(base)/services/data/v{version}/sobjects/"),
                "query": .string("\(base)/services/data/v{version}/query/"),
            ],
        ]
    }
}
