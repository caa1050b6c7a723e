import Domain

/// Why a log-in server said no, and what a person has to do about it.
public struct LogInRefusal: Hashable, Sendable {
    /// The code of the OAuth error, for example `invalid_grant`.
    public var code: String
    /// The server's own words, without any secret; perhaps empty.
    public var reason: String
    /// What to do next: one or two whole sentences.
    public var remedy: String

    /// Creates a refusal.
    public init(code: String, reason: String, remedy: String) {
        (self.code, self.reason, self.remedy) = (code, reason, remedy)
    }
}

/// The ways to get an access token, as the form field `grant_type` spells them.
enum GrantType: String, Hashable, Sendable {
    case refreshToken = "refresh_token"
    case clientCredentials = "client_credentials"
    case jwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer"
    case authorizationCode = "authorization_code"
}

extension LogInRefusal {
    /// How far two clocks may differ before a refusal is put down to them.
    private static let toleratedSkew = Duration.seconds(60)

    /// Explains a refusal.
    ///
    /// - Parameters:
    ///   - code: The code of the error.
    ///   - reason: What the server says, without secrets.
    ///   - grant: What was asked for.
    ///   - skew: How far this machine's clock is ahead of the server's; negative if it is behind.
    init(code: String, reason: String, grant: GrantType, skew: Duration?) {
        let words = reason.lowercased()
        let remedy =
            Self.clockRemedy(code, grant, skew)
            ?? Self.rows.first { $0.fits(code, words, grant) }?.remedy
            ?? "Check the 'auth' section of daybook.yaml, and the app's policies in Setup."
        self.init(code: code, reason: reason, remedy: remedy)
    }

    /// An assertion is a matter of minutes, so a wrong clock explains any refusal of it.
    private static func clockRemedy(
        _ code: String,
        _ grant: GrantType,
        _ skew: Duration?
    )
        -> String?
    {
        guard grant == .jwtBearer, code == "invalid_grant", let skew,
            skew > toleratedSkew || skew < .zero - toleratedSkew
        else { return nil }
        let seconds = abs(skew.components.seconds)
        return """
            This machine's clock is \(seconds) seconds \(skew > .zero ? "ahead of" : "behind") \
            Salesforce's, and an assertion is good for three minutes only: set the clock, by NTP \
            for example, and try again.
            """
    }

    /// One line of the table: an empty word fits every reason, no grant fits every way.
    private struct Row {
        var code: String
        var word = ""
        var grant: GrantType?
        var remedy: String

        func fits(_ code: String, _ words: String, _ grant: GrantType) -> Bool {
            self.code == code && (word.isEmpty || words.contains(word))
                && self.grant.map { $0 == grant } ?? true
        }
    }

    /// What to do about which refusal; the first row that fits counts.
    ///
    /// Codes and words: `facts/salesforce-api.md` 1.3–1.7.
    private static let rows = assertionRows + grantRows + appRows

    private static let assertionRows = [
        Row(
            code: "invalid_grant",
            word: "expired",
            grant: .jwtBearer,
            remedy: """
                The assertion was too old when it arrived: compare this machine's clock with the \
                time of day, set it by NTP for example, and try again.
                """
        ),
        Row(
            code: "invalid_grant",
            word: "audience",
            grant: .jwtBearer,
            remedy: """
                Set 'salesforce.auth.loginURL' to 'sandbox' for a sandbox and to 'production' \
                otherwise, or name the audience in 'salesforce.auth.audience'.
                """
        ),
        Row(
            code: "invalid_grant",
            word: "approved",
            grant: .jwtBearer,
            remedy: """
                Let an administrator set the app's permitted users to 'Admin approved users are \
                pre-authorized', and add a profile or permission set of the user in \
                'salesforce.auth.username'.
                """
        ),
        Row(
            code: "invalid_grant",
            word: "assertion",
            grant: .jwtBearer,
            remedy: """
                The key does not belong to the certificate of the app: name the right file in \
                'salesforce.auth.keyFile', or upload the certificate that goes with it to the app.
                """
        ),
        Row(
            code: "invalid_grant",
            grant: .jwtBearer,
            remedy: """
                Check 'salesforce.auth.username', 'salesforce.auth.clientId' and the key file.
                """
        ),
    ]

    private static let grantRows = [
        Row(
            code: "invalid_grant",
            word: "ip restricted",
            remedy: """
                Let an administrator add this machine's address to the log-in ranges of the \
                profile, or relax the IP restrictions of the app.
                """
        ),
        Row(
            code: "invalid_grant",
            grant: .refreshToken,
            remedy: """
                The refresh token was revoked, replaced, or pushed out by newer log-ins: log in \
                again with 'daybook org connect --browser', or put a new token into \
                DAYBOOK_SALESFORCE_REFRESH_TOKEN.
                """
        ),
        Row(
            code: "invalid_grant",
            grant: .clientCredentials,
            remedy: """
                Let an administrator choose a user under 'Run As' in the app's client credentials \
                flow.
                """
        ),
        Row(
            code: "invalid_grant",
            grant: .authorizationCode,
            remedy: """
                A code is good for 15 minutes and for one use: start again with 'daybook org \
                connect'.
                """
        ),
        Row(
            code: "invalid_request",
            grant: .authorizationCode,
            remedy: "Start again with 'daybook org connect'."
        ),
    ]

    private static let appRows = [
        Row(
            code: "invalid_client_id",
            remedy: """
                Correct 'salesforce.auth.clientId'; a new app is known everywhere after ten minutes \
                or so.
                """
        ),
        Row(
            code: "invalid_client",
            remedy: "Correct the secret in DAYBOOK_SALESFORCE_CLIENT_SECRET."
        ),
        Row(
            code: "invalid_app_access",
            remedy: """
                Let an administrator add the app to a profile or permission set of the integration \
                user.
                """
        ),
        Row(
            code: "redirect_uri_mismatch",
            remedy: """
                Add the address that 'daybook org connect' names to the callback URLs of the app, \
                to the letter, or set 'salesforce.auth.callbackPort' to the port that is there.
                """
        ),
        Row(
            code: "unsupported_grant_type",
            remedy: "Switch this flow on in the OAuth settings of the app."
        ),
        Row(
            code: "invalid_scope",
            remedy: "Add the scopes 'api' and 'refresh_token' to the app."
        ),
        Row(code: "inactive_user", remedy: "Activate the integration user."),
        Row(
            code: "inactive_org",
            remedy: "The org is locked, closed or being moved: ask its administrator."
        ),
    ]
}

extension LogInRefusal: CustomStringConvertible {
    /// What was refused, and what to do.
    public var description: String {
        let words = reason.isEmpty ? code : "\(code) (\(reason))"
        return "Salesforce refused the log-in: \(words). \(remedy)"
    }
}
