import JWTKit
import Synchronization

/// Verifies the assertions of the JWT bearer flow.
///
/// Source: `facts/salesforce-api.md` 1.4, 1.7.
enum Assertion {
    static let grantType = "urn:ietf:params:oauth:grant-type:jwt-bearer"

    /// Whom assertions may be for.
    private static let audiences = ["https://login.salesforce.com", "https://test.salesforce.com"]

    /// What became of an assertion.
    enum Verdict: Sendable {
        /// It is good, and for this user.
        case good(username: String)
        case refused(error: String, description: String)
    }

    /// Verifies the assertion of a token request.
    ///
    /// - Parameters:
    ///   - request: Any request.
    ///   - org: The org.
    /// - Returns: The verdict; nil if the request carries none, or the org has no apps.
    static func verdict(on request: APIRequest, _ org: Org) async -> Verdict? {
        let form = FormEncoding.parameters(request.text) + request.parameters
        let apps = org.state.withLock { $0.login.apps }
        guard let text = form.first(where: { $0.name == "assertion" })?.value, !apps.isEmpty else {
            return nil
        }
        guard let stated = await claims(of: text) else { return invalid }
        guard let app = apps[stated.iss] else {
            return .refused(error: "invalid_client_id", description: "client identifier invalid")
        }
        guard let claims = await claims(of: text, signedFor: app) else { return invalid }
        guard audiences.contains(claims.aud) else {
            return .refused(error: "invalid_grant", description: "Audience validation failed")
        }
        // What the real service says of an assertion that came too late.
        guard claims.exp * 1_000 > org.now().milliseconds else {
            return .refused(error: "invalid_grant", description: "expired authorization code")
        }
        guard app.isApproved else {
            return .refused(
                error: "invalid_grant",
                description: "user hasn't approved this consumer"
            )
        }
        return .good(username: claims.sub)
    }

    private static let invalid = Verdict.refused(
        error: "invalid_grant",
        description: "invalid assertion"
    )

    private static func claims(of text: String) async -> Claims? {
        do {
            return try await JWTKeyCollection().unverified(text, as: Claims.self)
        } catch {
            return nil
        }
    }

    /// The claims, if the key of the app signed them.
    private static func claims(of text: String, signedFor app: ConnectedApp) async -> Claims? {
        guard let pem = app.publicKey else { return nil }
        do {
            let key =
                pem.contains("CERTIFICATE")
                ? try Insecure.RSA.PublicKey(certificatePEM: pem)
                : try Insecure.RSA.PublicKey(pem: pem)
            let keys = JWTKeyCollection()
            await keys.add(rsa: key, digestAlgorithm: .sha256)
            return try await keys.verify(text, as: Claims.self)
        } catch {
            return nil
        }
    }

    /// What an assertion says.
    private struct Claims: JWTPayload {
        let iss: String
        let sub: String
        let aud: String
        /// Seconds since 1970; a known client sends them as text.
        let exp: Int

        enum CodingKeys: String, CodingKey {
            case iss, sub, aud, exp
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            iss = try container.decode(String.self, forKey: .iss)
            sub = try container.decode(String.self, forKey: .sub)
            aud = try container.decode(String.self, forKey: .aud)
            do {
                exp = try container.decode(Int.self, forKey: .exp)
            } catch {
                let text = try container.decode(String.self, forKey: .exp)
                guard let seconds = Int(text) else { throw error }
                exp = seconds
            }
        }

        /// Nothing: the org's own clock decides, above.
        func verify(using algorithm: some JWTAlgorithm) async throws {}
    }
}
