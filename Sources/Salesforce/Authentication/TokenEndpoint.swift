import Domain

/// The token endpoint of a log-in server.
///
/// Source: `facts/salesforce-api.md` 1.1, 1.2, 1.7.
struct TokenEndpoint: Sendable {
    let loginURL: InstanceURL
    let transport: Transport

    /// What a log-in gives.
    struct Grant: Sendable {
        var token: AccessToken
        /// A refresh token that replaces the one used, if the org rotates them.
        var refreshToken: String?
    }

    /// Asks for a token.
    ///
    /// Not repeated here: after a rotation the second try would use a token that is dead.
    func grant(_ fields: [(name: String, value: String)]) async throws(SalesforceError) -> Grant {
        let call = HTTPCall(
            method: "POST",
            url: loginURL.text + "/services/oauth2/token",
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
        guard reply.status == 200 else {
            throw Self.refusal(reply, hiding: fields.map(\.value))
        }
        return try Self.grant(in: reply)
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

    private static func refusal(_ reply: HTTPReply, hiding secrets: [String]) -> SalesforceError {
        guard (400..<500).contains(reply.status) else {
            return .unreachable("the log-in server answered \(reply.status)")
        }
        guard let error = reply.json.flatMap({ APIError.all(in: $0).first }) else {
            return .unauthorised("the log-in server answered \(reply.status)")
        }
        // The server's words are short and harmless; should they ever repeat a secret, they go.
        let isHarmless = !secrets.contains { $0.count > 3 && error.message.contains($0) }
        return .unauthorised(isHarmless ? "\(error.code) (\(error.safeMessage))" : error.code)
    }
}
