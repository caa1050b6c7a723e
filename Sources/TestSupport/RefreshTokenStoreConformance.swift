public import Salesforce

/// The promises of `RefreshTokenStore`; every implementation has to keep all of them.
public enum RefreshTokenStoreConformance {
    /// Checks all promises.
    ///
    /// - Parameter makeStore: Gives the same store anew, as a process that is started again does.
    /// - Throws: ``BrokenPromise``, or what the store threw where it should not have.
    public static func check(
        _ makeStore: @Sendable () async throws -> any RefreshTokenStore
    ) async throws {
        let store = try await makeStore()
        let first = try await store.token()
        try expect(first == nil, "a new store holds a token")
        for token in ["5Aep861.first", "5Aep861.second", "with \"quotes\" and \u{20AC}"] {
            try await store.keep(token)
            let kept = try await store.token()
            try expect(kept == token, "the token that was kept last is not the one to use")
            let found = try await makeStore().token()
            try expect(found == token, "a token did not outlive the one who kept it")
        }
    }
}
