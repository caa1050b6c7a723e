import Domain
import HTTPTypes
import Hummingbird
import Journal
import Ledger

/// Sessions of people in browsers.
///
/// A session is a cookie that names a token and an end, with a keyed digest of both. Nothing is
/// stored: a token that is revoked ends its sessions at once.
struct Sessions: Sendable {
    /// The name of the cookie.
    static let cookie = "daybook_session"

    /// How long a session lasts: milliseconds.
    static let duration: Int64 = 12 * 3_600_000

    /// Digests that nobody can make without the ledger's key.
    let digest: @Sendable (String) -> [UInt8]
    /// The time.
    let now: @Sendable () -> Instant
    /// Whether every cookie goes over TLS only; else those that began over TLS do.
    let isSecure: Bool

    /// The cookie of a new session.
    ///
    /// - Parameters:
    ///   - token: Whose session it is.
    ///   - isEncrypted: Whether the request came over TLS; then the cookie never goes without.
    /// - Returns: The cookie.
    func begin(_ token: APIToken, isEncrypted: Bool) -> Cookie {
        let end = min(now().advanced(byMilliseconds: Self.duration), token.expires).milliseconds
        let text = "\(token.id).\(end)"
        let value = "\(text).\(mac("session", text))"
        return cookie(value, maxAge: Int(Self.duration / 1_000), isEncrypted)
    }

    /// The cookie that ends a session.
    func end(isEncrypted: Bool) -> Cookie { cookie("", maxAge: 0, isEncrypted) }

    private func cookie(_ value: String, maxAge: Int, _ isEncrypted: Bool) -> Cookie {
        Cookie(
            name: Self.cookie,
            value: value,
            maxAge: maxAge,
            path: "/",
            secure: isSecure || isEncrypted,
            httpOnly: true,
            sameSite: .strict
        )
    }

    /// The id of the token behind a cookie; nil for one that we did not make, or that has ended.
    func token(of cookie: String) -> String? {
        let parts = cookie.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let end = Int64(parts[1]), end > now().milliseconds,
            Self.isSame(mac("session", "\(parts[0]).\(parts[1])"), String(parts[2]))
        else { return nil }
        return String(parts[0])
    }

    /// What forms have to send back, so that no other site can send them.
    func formKey(of cookie: String) -> String { mac("form", cookie) }

    private func mac(_ purpose: String, _ text: String) -> String {
        digest("\(purpose)|\(text)").hexadecimal
    }

    /// Compares in a time that does not tell where the difference is.
    static func isSame(_ left: String, _ right: String) -> Bool {
        let (left, right) = (Array(left.utf8), Array(right.utf8))
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
