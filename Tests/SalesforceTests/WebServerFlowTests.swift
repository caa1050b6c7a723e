import Domain
import Testing

@testable import Salesforce

@Suite("A log-in in the browser")
struct WebServerFlowTests {
    private let org = TinyOrg()

    private func flow() -> WebServerFlow {
        WebServerFlow(
            app: ConnectedApp(clientID: "key"),
            loginURL: .production,
            redirectURL: "http://localhost:8485/callback",
            transport: org.transport,
            random: { count in (0..<count).map { UInt8($0) } }
        )
    }

    private static let state = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"

    @Test("asks for a code, with a challenge whose answer stays here")
    func address() {
        let address = flow().address
        #expect(address.hasPrefix("https://login.salesforce.com/services/oauth2/authorize?"))
        for part in [
            "response_type=code", "client_id=key",
            "redirect_uri=http%3A%2F%2Flocalhost%3A8485%2Fcallback",
            "scope=api%20refresh_token", "state=\(Self.state)", "code_challenge_method=S256",
            "code_challenge=wsNdZaf3VpLTsEDmR5gPk2C6xYVWxKb0xcaG3O6kX10",
        ] {
            #expect(address.contains(part), "\(part)")
        }
        #expect(!address.contains("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g"))
    }

    @Test("exchanges the code, with the verifier, for both tokens")
    func exchange() async throws {
        org.script(
            .success(
                .json(
                    200,
                    #"{"access_token":"a","refresh_token":"r","instance_url":"http://127.0.0.1:1"}"#
                )
            )
        )
        let flow = flow()
        let code = try flow.code(in: ["code": "aPrx==", "state": Self.state])
        let tokens = try await flow.tokens(for: code)
        #expect(tokens.access.value == "a")
        #expect(tokens.refresh == "r")
        let form = String(decoding: org.calls[0].body ?? [], as: UTF8.self)
        #expect(form.hasPrefix("grant_type=authorization_code&code=aPrx%3D%3D&client_id=key"))
        #expect(form.contains("redirect_uri=http%3A%2F%2Flocalhost%3A8485%2Fcallback"))
        #expect(form.contains("code_verifier=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g"))
    }

    /// What the browser brings, and what the refusal has to tell.
    static let answers: [(parameters: [String: String], words: String)] = [
        (["error": "access_denied", "state": state], "press Allow"),
        (
            [
                "error": "access_denied", "error_description": "end-user denied authorization",
                "state": state,
            ], "end-user denied authorization"
        ),
        (["error": "redirect_uri_mismatch", "state": state], "callback URLs"),
        (
            ["error": "<script>", "error_description": "call 0800 for help\n", "state": state],
            "error"
        ),
        (["code": "aPrx", "state": "another"], "does not belong to this log-in"),
        (["code": "aPrx"], "does not belong to this log-in"),
        (["error": "access_denied", "state": "another"], "does not belong to this log-in"),
        (["state": state], "does not belong to this log-in"),
        ([:], "start again with 'daybook org connect'"),
    ]

    @Test("is not believed when it was refused, or belongs to somebody else", arguments: answers)
    func refused(parameters: [String: String], words: String) throws {
        let error = #expect(throws: SalesforceError.self) { try flow().code(in: parameters) }
        let text = "\(try #require(error))"
        #expect(text.contains(words))
        #expect(!text.contains("<script>"))
        #expect(!text.contains("0800"))
    }

    @Test("tells of an app that gives no refresh token")
    func noRefreshToken() async throws {
        org.script(
            .success(.json(200, #"{"access_token":"a","instance_url":"http://127.0.0.1:1"}"#))
        )
        let error = await #expect(throws: SalesforceError.self) {
            try await flow().tokens(for: "aPrx")
        }
        #expect("\(try #require(error))".contains("offline_access"))
    }
}
