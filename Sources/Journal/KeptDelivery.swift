import Crypto
import Domain
import Ledger

/// A raw delivery as it is kept: sealed as a whole, because anything in it may be personal.
enum KeptDelivery {
    /// Seals headers and body; the digest binds the result to its row.
    static func seal(
        _ delivery: IncomingDelivery,
        key: LedgerKey,
        nonce: [UInt8]
    ) throws -> [UInt8] {
        let headers = delivery.headers.sorted { $0.key < $1.key }
            .map { JSON.Member($0.key, .string($0.value)) }
        let content = JSON.object(headers).bytes + [0x0A] + delivery.body
        return try key.seal(content, purpose: purpose(delivery.digest), nonce: nonce)
    }

    /// Whether a kept delivery opens and its body has the digest.
    static func isSound(_ sealed: [UInt8], digest: [UInt8], key: LedgerKey) -> Bool {
        do {
            let content = try key.open(sealed, purpose: purpose(digest))
            guard let end = content.firstIndex(of: 0x0A) else { return false }
            return Array(SHA256.hash(data: content[(end + 1)...])) == digest
        } catch {
            // Not opening is the answer to the question.
            return false
        }
    }

    /// Headers and body; those of a damaged one are empty, and verification tells of it.
    static func content(_ sealed: [UInt8], digest: [UInt8], key: LedgerKey) throws -> [UInt8] {
        isSound(sealed, digest: digest, key: key)
            ? try key.open(sealed, purpose: purpose(digest)) : []
    }

    private static func purpose(_ digest: [UInt8]) -> String { "delivery \(digest.hexadecimal)" }
}
