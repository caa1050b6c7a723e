import Crypto
import Foundation

/// Tells deliveries of Cal.com from forged ones.
///
/// Cal.com signs the exact bytes of the body with HMAC-SHA256 and sends the lower-case hexadecimal
/// code; a copy of the same JSON with other white space has another signature. The signature holds
/// neither a time nor a nonce, so an old delivery stays authentic for ever: repetitions have to be
/// recognised by content.
///
/// | header                         | authentic                                 |
/// |--------------------------------|-------------------------------------------|
/// | missing                        | no                                        |
/// | `no-secret-provided`           | no: the subscription was made without one |
/// | a code made with a known secret| yes                                       |
/// | anything else                  | no                                        |
///
/// Source: `facts/calcom.md`, section 2.
public struct WebhookSignature: Sendable {
    /// The name of the header; header names ignore case.
    public static let headerName = "X-Cal-Signature-256"

    private let keys: [SymmetricKey]

    /// Accepts deliveries that were signed with any of some secrets.
    ///
    /// - Parameter secrets: The current secret and, while it is being replaced, the former one.
    ///   Empty ones are passed over; without any, nothing is authentic.
    public init(secrets: [String]) {
        keys = secrets.filter { !$0.isEmpty }.map { SymmetricKey(data: Data($0.utf8)) }
    }

    /// Whether a body was signed with one of the secrets.
    ///
    /// Takes the same time for every wrong signature of the right length.
    ///
    /// - Parameters:
    ///   - body: The bytes of the request, exactly as they arrived.
    ///   - signature: The value of the header, nil if there was none.
    /// - Returns: True for a code made with any of the secrets.
    public func isAuthentic(body: [UInt8], signature: String?) -> Bool {
        guard let signature, let code = Self.bytes(ofHexadecimal: signature) else { return false }
        return keys.reduce(false) { found, key in
            let matches = HMAC<SHA256>.isValidAuthenticationCode(
                code,
                authenticating: body,
                using: key
            )
            return matches || found
        }
    }

    /// The header value that Cal.com would send with a body.
    ///
    /// - Parameters:
    ///   - body: The bytes of the request.
    ///   - secret: The secret of the subscription.
    /// - Returns: 64 lower-case hexadecimal digits.
    public static func signature(of body: [UInt8], secret: String) -> String {
        let key = SymmetricKey(data: Data(secret.utf8))
        return Hexadecimal.text(HMAC<SHA256>.authenticationCode(for: body, using: key))
    }

    /// Reads the 64 digits of a code; nil for anything else.
    private static func bytes(ofHexadecimal text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count == 2 * SHA256.byteCount else { return nil }
        var bytes: [UInt8] = []
        for place in stride(from: 0, to: digits.count, by: 2) {
            guard let high = Hexadecimal.value(of: digits[place]),
                let low = Hexadecimal.value(of: digits[place + 1])
            else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }
}
