import Domain

/// The token endpoint of a log-in server.
///
/// Source: `facts/salesforce-api.md` 1.1, 1.2, 1.7.
struct TokenEndpoint: Sendable {
    let loginURL: InstanceURL
    let transport: Transport
    /// The time of this machine, to tell a wrong clock; nil where no clock matters.
    var now: (@Sendable () -> Instant)?

    /// What a log-in gives.
    struct Grant: Sendable {
        var token: AccessToken
        /// A refresh token: the first one, or one that replaces the one used.
        var refreshToken: String?
    }

    /// Asks for a token.
    ///
    /// Not repeated here: after a rotation the second try would use a token that is dead.
    ///
    /// - Parameters:
    ///   - type: The way to get it.
    ///   - fields: What that way asks for.
    /// - Returns: The token.
    /// - Throws: ``SalesforceError/logInRefused(_:)``, ``SalesforceError/unreachable(_:)``, also if
    ///   something that is no log-in server answers, or ``SalesforceError/limitReached(_:)``.
    func grant(
        _ type: GrantType,
        _ fields: [(name: String, value: String)]
    ) async throws(SalesforceError) -> Grant {
        let reply = try await send(
            "token",
            [(name: "grant_type", value: type.rawValue)] + fields
        )
        guard reply.status == 200 else {
            throw refusal(reply, type, hiding: fields.map(\.value))
        }
        return try Self.grant(in: reply)
    }

    /// Makes a refresh token, and what was got by it, worthless.
    func revoke(_ token: String) async throws(SalesforceError) {
        let reply = try await send("revoke", [(name: "token", value: token)])
        // A token that is dead already is as good as one that was revoked now.
        guard reply.status == 200 || reply.status == 400 else {
            throw .unreachable("the log-in server answered \(reply.status)")
        }
    }

    private func send(
        _ resource: String,
        _ fields: [(name: String, value: String)]
    ) async throws(SalesforceError) -> HTTPReply {
        let call = HTTPCall(
            method: "POST",
            url: loginURL.text + "/services/oauth2/\(resource)",
            headers: [
                .init("Content-Type", "application/x-www-form-urlencoded"),
                .init("Accept", "application/json"),
            ],
            body: Array(PercentEncoding.form(fields).utf8)
        )
        let reply: HTTPReply
        do {
            reply = try await transport(call)
        } catch {
            throw .unreachable("the log-in server gave no answer: \(error.reason)")
        }
        if reply.isPage || (300..<400).contains(reply.status) { throw noLogInServer(reply) }
        return reply
    }

    /// A proxy or a sign-on page answers with a page for people, often with status 200.
    private func noLogInServer(_ reply: HTTPReply) -> SalesforceError {
        .unreachable(
            """
            \(loginURL.text) answered with a web page (status \(reply.status)) instead of a token. \
            A proxy or a sign-on page may stand in between: let this machine reach the log-in \
            server directly, or correct 'salesforce.auth.loginURL'
            """
        )
    }

    private static func grant(in reply: HTTPReply) throws(SalesforceError) -> Grant {
        guard let json = reply.json, let value = json["access_token"]?.string,
            let instance = json["instance_url"]?.string
        else { throw .unexpectedAnswer("the log-in server sent no access token") }
        return Grant(
            token: AccessToken(value: value, instanceURL: try InstanceURL(instance)),
            refreshToken: json["refresh_token"]?.string
        )
    }

    private func refusal(
        _ reply: HTTPReply,
        _ type: GrantType,
        hiding secrets: [String]
    ) -> SalesforceError {
        guard (400..<500).contains(reply.status) else {
            return .unreachable("the log-in server answered \(reply.status)")
        }
        guard let error = reply.json.flatMap({ APIError.all(in: $0).first }) else {
            return .logInRefused(
                LogInRefusal(code: "\(reply.status)", reason: "", grant: type, skew: nil)
            )
        }
        if error.code == "rate_limit_exceeded" { return .limitReached("too many log-ins") }
        // The server's words are short and harmless; should they ever repeat a secret, they go.
        let isHarmless = !secrets.contains { $0.count > 3 && error.message.contains($0) }
        return .logInRefused(
            LogInRefusal(
                code: error.code,
                reason: isHarmless ? error.safeMessage : "",
                grant: type,
                skew: skew(to: reply)
            )
        )
    }

    /// How far this machine's clock is ahead of the server's.
    private func skew(to reply: HTTPReply) -> Duration? {
        guard let now, let theirs = reply.date.flatMap({ Instant(httpDate: $0) }) else {
            return nil
        }
        return .milliseconds(now().milliseconds - theirs.milliseconds)
    }
}

extension HTTPReply {
    /// Whether the body is a page for people, as proxies send them.
    fileprivate var isPage: Bool {
        let first = body.first { ![0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF].contains($0) }
        return first == UInt8(ascii: "<")
    }
}
