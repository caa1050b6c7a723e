import Testing

@testable import Salesforce

@Suite("A refused log-in")
struct LogInRefusalTests {
    /// What the log-in server says, and a word that the advice has to hold.
    static let rows: [(grant: GrantType, code: String, words: String, advice: String)] = [
        (
            .refreshToken, "invalid_grant", "expired access/refresh token",
            "daybook org connect --browser"
        ),
        (.refreshToken, "invalid_grant", "ip restricted", "log-in ranges"),
        (.clientCredentials, "invalid_grant", "no client credentials user enabled", "Run As"),
        (.clientCredentials, "invalid_client", "invalid client credentials", "CLIENT_SECRET"),
        (.jwtBearer, "invalid_grant", "user hasn't approved this consumer", "pre-authorized"),
        (.jwtBearer, "invalid_grant", "Audience validation failed", "loginURL"),
        (.jwtBearer, "invalid_grant", "invalid assertion", "salesforce.auth.keyFile"),
        (.jwtBearer, "invalid_grant", "expired authorization code", "clock"),
        (.jwtBearer, "invalid_grant", "authentication failure", "salesforce.auth.username"),
        (.authorizationCode, "invalid_grant", "expired authorization code", "15 minutes"),
        (.authorizationCode, "invalid_request", "invalid code verifier", "daybook org connect"),
        (.refreshToken, "invalid_client_id", "client identifier invalid", "clientId"),
        (.jwtBearer, "invalid_app_access", "user is not admin approved", "permission set"),
        (.authorizationCode, "redirect_uri_mismatch", "must match", "callback URLs"),
        (.jwtBearer, "unsupported_grant_type", "grant type not supported", "Switch this flow on"),
        (.refreshToken, "inactive_user", "", "Activate"),
        (.refreshToken, "inactive_org", "", "administrator"),
        (.refreshToken, "something_new", "", "'auth' section"),
    ]

    @Test("says what to do next", arguments: rows)
    func advice(grant: GrantType, code: String, words: String, advice: String) {
        let refusal = LogInRefusal(code: code, reason: words, grant: grant, skew: nil)
        #expect(refusal.remedy.contains(advice))
        #expect(refusal.description.contains(code))
        #expect(refusal.description.contains(words))
    }

    static let clocks: [(seconds: Int, words: String?)] = [
        (0, nil), (59, nil), (-60, nil), (61, "61 seconds ahead of"), (-300, "300 seconds behind"),
    ]

    @Test("of an assertion is put down to a clock that is wrong", arguments: clocks)
    func clock(seconds: Int, words: String?) {
        let refusal = LogInRefusal(
            code: "invalid_grant",
            reason: "invalid assertion",
            grant: .jwtBearer,
            skew: .seconds(seconds)
        )
        #expect(refusal.remedy.contains("This machine's clock") == (words != nil))
        if let words { #expect(refusal.remedy.contains(words)) }
        let other = LogInRefusal(
            code: "invalid_grant",
            reason: "expired access/refresh token",
            grant: .refreshToken,
            skew: .seconds(seconds)
        )
        #expect(!other.remedy.contains("clock"))
    }
}
