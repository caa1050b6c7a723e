import GRDB
import Synchronization

/// The ways to get a token, and what tokens stand for.
///
/// Secrets are not checked: a local org has none. Refused are revoked refresh tokens,
/// inactive users, an empty password and the password `wrong`.
struct LoginRoutes {
    let session: Session

    /// Answers at `/services/oauth2/…`.
    func answerOAuth(_ request: APIRequest, _ name: String) throws -> APIResponse {
        switch name {
        case "token": return try token(FormEncoding.parameters(request.text) + request.parameters)
        case "revoke":
            let form = FormEncoding.parameters(request.text) + request.parameters
            if let token = form.first(where: { $0.name == "token" })?.value {
                session.org.state.withLock { _ = $0.revokedTokens.insert(token) }
            }
            return APIResponse(status: 200)
        case "authorize": return authorize(request)
        default: throw APIError.notFound
        }
    }

    private func authorize(_ request: APIRequest) -> APIResponse {
        guard let redirect = request.parameter("redirect_uri") else {
            return refuse("redirect_uri_mismatch", "redirect_uri must match configuration")
        }
        var target = "\(redirect)\(redirect.contains("?") ? "&" : "?")code=aPrx.emulator"
        if let state = request.parameter("state") {
            target += "&state=\(FormEncoding.encoded(state))"
        }
        return APIResponse(status: 302, headers: [("Location", target)])
    }

    private func refuse(_ error: String, _ description: String) -> APIResponse {
        .json(["error": .string(error), "error_description": .string(description)], status: 400)
    }

    private func token(_ form: [(name: String, value: String)]) throws -> APIResponse {
        let value = { (name: String) in form.first { $0.name == name }?.value }
        switch value("grant_type") {
        case "refresh_token":
            let isRevoked = session.org.state.withLock { state in
                value("refresh_token").map(state.revokedTokens.contains) ?? true
            }
            guard !isRevoked else {
                return refuse("invalid_grant", "expired access/refresh token")
            }
            return grant(DefaultOrg.integrationUser)
        case "client_credentials": return grant(DefaultOrg.integrationUser)
        case "authorization_code":
            guard value("code") != nil else {
                return refuse("invalid_grant", "invalid authorization code")
            }
            return grant(DefaultOrg.integrationUser, includesRefreshToken: true)
        case "urn:ietf:params:oauth:grant-type:jwt-bearer":
            guard value("assertion") != nil else { return refuse("invalid_grant", "no assertion") }
            return grant(DefaultOrg.integrationUser)
        case "password":
            guard let user = try user(value("username"), password: value("password")) else {
                return refuse("invalid_grant", "authentication failure")
            }
            return grant(user)
        default: return refuse("unsupported_grant_type", "grant type not supported")
        }
    }

    private func grant(_ user: String, includesRefreshToken: Bool = false) -> APIResponse {
        let token = newToken(for: user)
        let base = session.options.baseURL
        var body: JSONObject = [
            "access_token": .string(token), "instance_url": .string(base),
            "id": .string("\(base)/id/\(DefaultOrg.organization)/\(user)"),
            "token_type": "Bearer", "issued_at": .string(String(session.now.milliseconds)),
            "signature": "ZW11bGF0b3Igc2lnbmF0dXJlcyBhcmUgbm90IGNoZWNrZWQ=",
            "scope": "api refresh_token",
        ]
        if includesRefreshToken { body["refresh_token"] = .string("5Aep861.\(token.suffix(12))") }
        return .json(.object(body))
    }

    /// A token that acts as a user from now on.
    func newToken(for user: String) -> String {
        session.org.state.withLock { state in
            state.issuedTokens += 1
            let number = CalendarDay.padded(state.issuedTokens, 8)
            let token = "\(DefaultOrg.organization.prefix(15))!AQEAQ.emulator.\(number)"
            state.users[token] = user
            return token
        }
    }

    /// The user who may log in under a name; unknown names act as the integration user.
    func user(_ name: String?, password: String?) throws -> String? {
        guard let password, !password.isEmpty, password != "wrong" else { return nil }
        let users = try session.object("User")
        guard let name, let field = users.field("Username"),
            let id = try session.matches(users, field, name).first
        else { return DefaultOrg.integrationUser }
        return try session.row(users, id: id)?.flag("IsActive") == true ? id : nil
    }

    /// What a token's user is, for `/id/…` and `userinfo`.
    func identity(of user: String) throws -> JSON {
        guard let row = try session.row(try session.object("User"), id: user) else {
            throw APIError.notFound
        }
        let base = session.options.baseURL
        let id = "\(base)/id/\(DefaultOrg.organization)/\(user)"
        let name = JSON(row.text("Name"))
        return [
            "id": .string(id), "sub": .string(id), "asserted_user": true,
            "user_id": .string(user), "organization_id": .string(DefaultOrg.organization),
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
