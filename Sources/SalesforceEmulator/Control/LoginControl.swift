import Synchronization

/// The part of the control interface that is about log-ins.
///
/// | request       | body                                                                    |
/// |---------------|-------------------------------------------------------------------------|
/// | `POST apps`   | `{"clientId":…}` and, each optional, `clientSecret`, `publicKey` (PEM),  |
/// |               | `redirectURIs`, `approved`, `runAs`, `rotates`, `refreshTokens`          |
/// | `POST log-in` | `{"consentError":…,"state":…,"proxyPage":true}`; what is left out is off |
/// | `POST refresh-tokens` | `{"token":…,"clientId":…}`: one that is alive from now on       |
struct LoginControl {
    let session: Session

    /// Registers an app, or replaces the one of the same client id.
    func addApp(_ body: JSONObject) throws(APIError) -> JSON {
        guard let app = ConnectedApp(body) else {
            throw APIError(400, "INVALID_INPUT", "A clientId is needed.")
        }
        session.org.state.withLock { $0.login.apps[app.clientID] = app }
        return ["success": true]
    }

    /// Sets how log-ins go.
    func setManners(_ body: JSONObject) -> JSON {
        session.org.state.withLock { state in
            state.login.manners.consentError = body["consentError"]?.text
            state.login.manners.state = body["state"]?.text
            state.login.manners.hasProxyPage = body["proxyPage"]?.bool ?? false
        }
        return ["success": true]
    }

    /// Makes a refresh token that an earlier log-in might have given.
    func addRefreshToken(_ body: JSONObject) throws(APIError) -> JSON {
        guard let token = body["token"]?.text, let client = body["clientId"]?.text else {
            throw APIError(400, "INVALID_INPUT", "A token and a clientId are needed.")
        }
        session.org.state.withLock { state in
            state.login.refreshTokens[token] = client
            state.revokedTokens.remove(token)
        }
        return ["success": true]
    }
}
