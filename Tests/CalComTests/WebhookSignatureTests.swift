import CalCom
import Domain
import Testing

@Suite("Webhook signature")
struct WebhookSignatureTests {
    static let recorded = "6d0b1e7c3fdf6f1a44a54d0ed25b2cee12011ab54e07bfcc028ae07cf0673906"

    struct Row: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let secrets: [String]
        let header: String?
        let isAuthentic: Bool
    }

    static let rows = [
        Row(
            testDescription: "made with the secret",
            secrets: ["whsec-example-1"],
            header: recorded,
            isAuthentic: true
        ),
        Row(
            testDescription: "made with the former of two secrets",
            secrets: ["whsec-example-2", "whsec-example-1"],
            header: recorded,
            isAuthentic: true
        ),
        Row(
            testDescription: "made with the newer of two secrets",
            secrets: ["whsec-example-1", "whsec-example-2"],
            header: recorded,
            isAuthentic: true
        ),
        Row(
            testDescription: "made with another secret",
            secrets: ["whsec-example-2"],
            header: recorded,
            isAuthentic: false
        ),
        Row(testDescription: "no secret known", secrets: [], header: recorded, isAuthentic: false),
        Row(
            testDescription: "an empty secret is none",
            secrets: [""],
            header: WebhookSignature.signature(of: Array("{}".utf8), secret: ""),
            isAuthentic: false
        ),
        Row(
            testDescription: "no header",
            secrets: ["whsec-example-1"],
            header: nil,
            isAuthentic: false
        ),
        Row(
            testDescription: "a subscription without a secret",
            secrets: ["whsec-example-1"],
            header: "no-secret-provided",
            isAuthentic: false
        ),
        Row(
            testDescription: "an empty header",
            secrets: ["whsec-example-1"],
            header: "",
            isAuthentic: false
        ),
        Row(
            testDescription: "a prefix as other services send it",
            secrets: ["whsec-example-1"],
            header: "sha256=" + recorded,
            isAuthentic: false
        ),
        Row(
            testDescription: "a code that is cut off",
            secrets: ["whsec-example-1"],
            header: String(recorded.dropLast(2)),
            isAuthentic: false
        ),
        Row(
            testDescription: "64 characters that are no digits",
            secrets: ["whsec-example-1"],
            header: String(repeating: "z", count: 64),
            isAuthentic: false
        ),
    ]

    @Test("is judged by the header and the secrets", arguments: rows)
    func judgement(row: Row) throws {
        let body = try Sample.bytes("signed_booking_created.raw")
        let signature = WebhookSignature(secrets: row.secrets)
        #expect(signature.isAuthentic(body: body, signature: row.header) == row.isAuthentic)
    }

    @Test("covers the exact bytes: the same JSON, written differently, is not authentic")
    func exactBytes() throws {
        let body = try Sample.bytes("signed_booking_created.raw")
        let pretty = Array(try JSON(parsing: body).prettyText.utf8)
        let signature = WebhookSignature(secrets: ["whsec-example-1"])
        #expect(!signature.isAuthentic(body: pretty, signature: Self.recorded))
        #expect(!signature.isAuthentic(body: body + [0x0A], signature: Self.recorded))
        #expect(!signature.isAuthentic(body: [], signature: Self.recorded))
    }

    @Test("is made as Cal.com makes it")
    func making() throws {
        let body = try Sample.bytes("signed_booking_created.raw")
        #expect(WebhookSignature.signature(of: body, secret: "whsec-example-1") == Self.recorded)
    }
}
