/// A connected app as an administrator registers it; see ``LoginControl``.
///
/// As long as an org has none, it takes any client, any secret and any assertion: a newcomer needs
/// nothing but the address. The first registered app makes it as strict as a real org.
struct ConnectedApp: Sendable {
    let clientID: String

    /// What the client has to send along; nil asks for none.
    var clientSecret: String?

    /// The public key or the certificate, in PEM form, that verifies assertions.
    var publicKey: String?

    /// Where browsers may be sent back to; empty allows every address.
    var redirectURIs: [String] = []

    /// Whether users are approved beforehand, as the JWT flow demands.
    var isApproved = true

    /// Whether client credentials have a user to run as.
    var hasRunAsUser = true

    /// Whether each refresh gives a new refresh token and kills the old one.
    var rotatesRefreshTokens = false

    /// Whether a log-in in the browser gives a refresh token at all.
    var givesRefreshTokens = true

    /// Reads the body of `POST /emulator/apps`; nil without a client id.
    init?(_ body: JSONObject) {
        guard let id = body["clientId"]?.text else { return nil }
        clientID = id
        clientSecret = body["clientSecret"]?.text
        publicKey = body["publicKey"]?.text
        redirectURIs = (body["redirectURIs"]?.array ?? []).compactMap(\.text)
        isApproved = body["approved"]?.bool ?? true
        hasRunAsUser = body["runAs"]?.bool ?? true
        rotatesRefreshTokens = body["rotates"]?.bool ?? false
        givesRefreshTokens = body["refreshTokens"]?.bool ?? true
    }
}

/// What an org knows of log-ins, besides the tokens themselves.
struct LoginState: Sendable {
    /// The apps, by client id.
    var apps: [String: ConnectedApp] = [:]

    /// Codes that a browser was sent away with, by code.
    var codes: [String: Code] = [:]

    /// Refresh tokens that are alive, by token, with the client that each belongs to.
    var refreshTokens: [String: String] = [:]

    /// What the person in front of the browser does, and what stands in the way.
    var manners = Manners()

    /// A code and what it was given for.
    struct Code: Sendable {
        var client: String
        var redirectURI: String
        /// The PKCE challenge, if one was sent.
        var challenge: String?
        var issued: Instant
    }

    /// How log-ins go, as tests order it.
    struct Manners: Sendable {
        /// The error that the browser brings back instead of a code, for example `access_denied`.
        var consentError: String?
        /// The state that the browser brings back instead of the one that was sent.
        var state: String?
        /// Whether a proxy's web page stands where the token endpoint is.
        var hasProxyPage = false
    }
}
