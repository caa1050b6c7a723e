import Crypto
import Foundation
import Synchronization

/// The log-in in the browser: the page where a person consents, and the code that comes of it.
///
/// There is no page: the browser is sent back at once, with a code, or with the error that was
/// ordered through ``LoginControl``.
///
/// Source: `facts/salesforce-api.md` 1.5.
struct AuthorizeRoutes {
    let session: Session

    /// How long a code is good for.
    private static let validity = 15 * Instant.minute

    /// Answers `GET /services/oauth2/authorize`.
    func answer(_ request: APIRequest) -> APIResponse {
        let (apps, manners) = session.org.state.withLock { ($0.login.apps, $0.login.manners) }
        let client = request.parameter("client_id") ?? ""
        guard let redirect = request.parameter("redirect_uri") else {
            return LoginRoutes.refuse(
                "redirect_uri_mismatch",
                "redirect_uri must match configuration"
            )
        }
        if !apps.isEmpty {
            guard let app = apps[client] else {
                return LoginRoutes.refuse("invalid_client_id", "client identifier invalid")
            }
            guard app.redirectURIs.isEmpty || app.redirectURIs.contains(redirect) else {
                return LoginRoutes.refuse(
                    "redirect_uri_mismatch",
                    "redirect_uri must match configuration"
                )
            }
        }
        var answer: [(name: String, value: String)]
        if let error = manners.consentError {
            answer = [
                (name: "error", value: error),
                (name: "error_description", value: "end-user denied authorization"),
            ]
        } else {
            answer = [(name: "code", value: newCode(request, client, redirect))]
        }
        if let state = manners.state ?? request.parameter("state") {
            answer.append((name: "state", value: state))
        }
        let query = answer.map { "\($0.name)=\(FormEncoding.encoded($0.value))" }
            .joined(separator: "&")
        let target = "\(redirect)\(redirect.contains("?") ? "&" : "?")\(query)"
        return APIResponse(status: 302, headers: [("Location", target)])
    }

    private func newCode(_ request: APIRequest, _ client: String, _ redirect: String) -> String {
        session.org.state.withLock { state in
            state.issuedTokens += 1
            let code = "aPrx.emulator.\(CalendarDay.padded(state.issuedTokens, 8))=="
            state.login.codes[code] = LoginState.Code(
                client: client,
                redirectURI: redirect,
                challenge: request.parameter("code_challenge"),
                issued: session.now
            )
            return code
        }
    }

    /// Uses a code up.
    ///
    /// - Parameter value: The fields of the form, by name.
    /// - Returns: Why there is no token for it, or nil if there is.
    func exchange(_ value: (String) -> String?) -> APIResponse? {
        guard let text = value("code") else {
            return LoginRoutes.refuse("invalid_grant", "invalid authorization code")
        }
        let (code, isStrict) = session.org.state.withLock { state in
            (state.login.codes.removeValue(forKey: text), !state.login.apps.isEmpty)
        }
        guard let code else {
            return isStrict
                ? LoginRoutes.refuse("invalid_grant", "invalid authorization code") : nil
        }
        guard session.now.milliseconds - code.issued.milliseconds <= Self.validity else {
            return LoginRoutes.refuse("invalid_grant", "expired authorization code")
        }
        guard value("client_id") == code.client else {
            return LoginRoutes.refuse("invalid_grant", "invalid authorization code")
        }
        guard value("redirect_uri") == code.redirectURI else {
            return LoginRoutes.refuse(
                "redirect_uri_mismatch",
                "redirect_uri must match configuration"
            )
        }
        return refusal(of: value("code_verifier"), for: code.challenge)
    }

    private func refusal(of verifier: String?, for challenge: String?) -> APIResponse? {
        guard let challenge else { return nil }
        guard let verifier else {
            return LoginRoutes.refuse("invalid_grant", "invalid code verifier")
        }
        let hash = Data(SHA256.hash(data: Data(verifier.utf8)))
        guard Base64.urlText(hash) == challenge else {
            return LoginRoutes.refuse("invalid_request", "invalid code verifier")
        }
        return nil
    }
}

/// The two spellings of Base64 that log-ins use.
enum Base64 {
    /// The text that is encoded, if it is one.
    static func text(_ encoded: Substring) -> String? {
        Data(base64Encoded: String(encoded)).flatMap { String(bytes: $0, encoding: .utf8) }
    }

    /// Bytes as RFC 4648, section 5, without padding.
    static func urlText(_ bytes: Data) -> String {
        bytes.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
            .replacing("=", with: "")
    }
}
