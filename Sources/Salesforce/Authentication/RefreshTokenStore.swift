/// Keeps the refresh token of a log-in between runs.
///
/// Every implementation must pass `RefreshTokenStoreConformance` in the tests. All methods may be
/// called concurrently.
public protocol RefreshTokenStore: Sendable {
    /// The token to use now, or nil if nobody has logged in yet.
    ///
    /// Asked anew before each use, because another process may have replaced it meanwhile.
    func token() async throws -> String?

    /// Keeps a token in the place of the one before.
    ///
    /// When this returns, the new token survives a power cut; when it throws, the old one is
    /// still there.
    ///
    /// - Parameter token: The token: a secret.
    /// - Throws: Any error of the place; log-ins end with it.
    func keep(_ token: String) async throws
}
