import CalCom
import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore

/// A delivery as Cal.com would send it; all people in the recorded ones are invented.
struct Sample: Sendable {
    /// The secret that the recorded delivery was signed with.
    static let secret = "whsec-example-1"

    /// What stands in the header for the signature.
    enum Signature: Sendable {
        case genuine
        case missing
        case other(String)
    }

    var body: [UInt8]
    var signature: String?
    var contentType: String

    init(
        _ text: String,
        contentType: String = "application/json",
        signature: Signature = .genuine
    ) {
        self.init(Array(text.utf8), contentType: contentType, signature: signature)
    }

    private init(_ body: [UInt8], contentType: String, signature: Signature) {
        (self.body, self.contentType) = (body, contentType)
        self.signature =
            switch signature {
            case .genuine: WebhookSignature.signature(of: body, secret: Self.secret)
            case .missing: nil
            case .other(let text): text
            }
    }

    /// A recorded delivery.
    static func recorded(_ name: String, signature: Signature = .genuine) -> Self {
        let tests = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let file = tests.appending(path: "CalComTests/Samples/\(name)")
        do {
            let body = Array(try Data(contentsOf: file))
            return Self(body, contentType: "application/json", signature: signature)
        } catch {
            preconditionFailure("there is no sample '\(name)'")
        }
    }

    var headers: HTTPFields {
        var headers: HTTPFields = [.contentType: contentType]
        for (name, value) in [
            ("X-Cal-Signature-256", signature), ("X-Cal-Webhook-Version", "2021-10-20"),
        ] {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        return headers
    }
}

extension TestClientProtocol {
    /// Sends a delivery.
    func send(
        _ sample: Sample,
        method: HTTPRequest.Method = .post,
        to path: String = "/webhooks/cal",
        headers: HTTPFields = [:]
    ) async throws -> TestResponse {
        var fields = sample.headers
        fields.append(contentsOf: headers)
        return try await execute(
            uri: path,
            method: method,
            headers: fields,
            body: ByteBuffer(bytes: sample.body)
        )
    }
}
