/// A token that opens the data API of one org.
public struct AccessToken: Hashable, Sendable {
    /// The token itself: a secret.
    public let value: String
    /// Where the org is.
    public let instanceURL: InstanceURL

    /// Pairs a token with its org.
    public init(value: String, instanceURL: InstanceURL) {
        (self.value, self.instanceURL) = (value, instanceURL)
    }
}

extension AccessToken: CustomStringConvertible, CustomReflectable {
    /// The org alone, so that no log shows the token.
    public var description: String { "access token for \(instanceURL.text)" }

    /// Nothing, so that no dump shows the token.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// Where access tokens come from.
///
/// All methods may be called concurrently.
public protocol AccessTokenSource: Sendable {
    /// Returns a token that was good when it was last used, logging in if there is none.
    ///
    /// - Throws: ``SalesforceError/unauthorised(_:)`` if the log-in was refused,
    ///   ``SalesforceError/unreachable(_:)`` if nothing answered.
    func token() async throws(SalesforceError) -> AccessToken

    /// Returns a token that is newer than one the org refused.
    ///
    /// Requests that find the same token expired share one log-in.
    ///
    /// - Parameter expired: The token that was refused.
    /// - Returns: Another token.
    /// - Throws: As ``token()``.
    @discardableResult
    func renew(after expired: AccessToken) async throws(SalesforceError) -> AccessToken
}

/// A token that a person pasted; it cannot be renewed.
public struct FixedAccessToken: AccessTokenSource {
    private let fixed: AccessToken

    /// Wraps a token.
    public init(_ token: AccessToken) { fixed = token }

    /// Returns the token.
    public func token() async throws(SalesforceError) -> AccessToken { fixed }

    /// Throws ``SalesforceError/unauthorised(_:)``.
    public func renew(after expired: AccessToken) async throws(SalesforceError) -> AccessToken {
        throw .unauthorised("the access token has expired or was revoked")
    }
}
