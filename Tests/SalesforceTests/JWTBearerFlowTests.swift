import Domain
import Foundation
import TestSupport
import Testing

@testable import Salesforce

@Suite("The JWT bearer flow")
struct JWTBearerFlowTests {
    private let org = TinyOrg()
    private let clock = ManualClock()

    private func flow(_ loginURL: String = "production") throws -> JWTBearerFlow {
        let credentials = JWTBearerFlow.Credentials(
            clientID: "key",
            username: "integration@daybook.example",
            key: try SigningKey(pem: TestKeys.privateKey, source: "the key"),
            loginURL: try InstanceURL(written: loginURL)
        )
        return JWTBearerFlow(credentials, transport: org.transport, now: { clock.now })
    }

    private static let granted = HTTPReply.json(
        200,
        #"{"access_token":"a","instance_url":"http://127.0.0.1:1"}"#
    )

    /// The parts of the assertion that a request carried: header and claims.
    private func assertion(_ place: Int) throws -> [JSON] {
        let form = String(decoding: org.calls[place].body ?? [], as: UTF8.self)
        let field = try #require(form.split(separator: "&").first { $0.hasPrefix("assertion=") })
        return try field.dropFirst("assertion=".count).split(separator: ".").prefix(2).map { part in
            let padded =
                part.replacing("-", with: "+").replacing("_", with: "/")
                + String(repeating: "=", count: (4 - part.count % 4) % 4)
            return try JSON(parsing: Array(try #require(Data(base64Encoded: String(padded)))))
        }
    }

    @Test("says who asks, for whom, of whom, and until when: three minutes by the given clock")
    func claims() async throws {
        org.script(.success(Self.granted), .success(Self.granted))
        let flow = try flow()
        let token = try await flow.token()
        let parts = try assertion(0)
        #expect(parts[0]["alg"]?.string == "RS256")
        #expect(parts[1]["iss"]?.string == "key")
        #expect(parts[1]["sub"]?.string == "integration@daybook.example")
        #expect(parts[1]["aud"]?.string == "https://login.salesforce.com")
        #expect(parts[1]["exp"]?.int == Int(clock.milliseconds / 1_000) + 180)
        // A renewed token takes a new assertion: the old one has expired.
        clock.advance(bySeconds: 7_200)
        _ = try await flow.renew(after: token)
        #expect(try assertion(1)[1]["exp"]?.int == Int(clock.milliseconds / 1_000) + 180)
    }

    @Test("names the audience of sandboxes for a sandbox")
    func sandbox() async throws {
        org.script(.success(Self.granted))
        _ = try await flow("acme--uat").token()
        #expect(try assertion(0)[1]["aud"]?.string == "https://test.salesforce.com")
        #expect(org.calls[0].url.hasPrefix("https://acme--uat.sandbox.my.salesforce.com/"))
    }

    @Test("tells a wrong clock by the time that the log-in server gives")
    func skew() async throws {
        var reply = HTTPReply.json(
            400,
            #"{"error":"invalid_grant","error_description":"expired authorization code"}"#
        )
        reply.date = clock.now.advanced(byMilliseconds: 600_000).httpDate
        org.script(.success(reply))
        let error = await #expect(throws: SalesforceError.self) { try await flow().token() }
        #expect("\(try #require(error))".contains("600 seconds behind"))
    }

    /// What is given as a key file, and what the refusal has to tell.
    static let wrongKeys: [(pem: String, words: String)] = [
        (TestKeys.certificate, "a certificate or a public key"),
        (TestKeys.publicKey, "a certificate or a public key"),
        (TestKeys.ellipticKey, "no RSA private key"),
        (TestKeys.smallKey, "2,048 bits"),
        (
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAA\n-----END ENCRYPTED PRIVATE KEY-----",
            "password"
        ),
        ("", "openssl genrsa"),
        ("{\"kty\":\"RSA\"}", "no RSA private key"),
    ]

    @Test("refuses a wrong key file, says what it is, and what to do", arguments: wrongKeys)
    func wrongKey(pem: String, words: String) throws {
        let error = #expect(throws: SalesforceError.self) {
            try SigningKey(pem: pem, source: "'/etc/key.pem'")
        }
        guard case .configuration(let text)? = error else { Issue.record("\(error)"); return }
        #expect(text.contains("'/etc/key.pem'"))
        #expect(text.contains(words))
        #expect(pem.isEmpty || !text.contains(pem.suffix(40)))
    }

    @Test("shows nothing of the key")
    func description() throws {
        let key = try SigningKey(pem: TestKeys.privateKey, source: "the key")
        #expect(String(reflecting: key) == "signing key")
    }
}
