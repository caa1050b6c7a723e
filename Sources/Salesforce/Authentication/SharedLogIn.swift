/// Keeps the current token and sees to it that only one log-in runs at a time.
actor SharedLogIn {
    private var current: AccessToken?
    private var running: Task<Result<AccessToken, SalesforceError>, Never>?

    /// Returns the current token, or the one that a log-in gives.
    func token(
        logIn: @escaping @Sendable () async -> Result<AccessToken, SalesforceError>
    ) async throws(SalesforceError) -> AccessToken {
        if let current { return current }
        return try await join(logIn)
    }

    /// Returns a token other than the expired one.
    func renew(
        after expired: AccessToken,
        logIn: @escaping @Sendable () async -> Result<AccessToken, SalesforceError>
    ) async throws(SalesforceError) -> AccessToken {
        // Someone else may have renewed it while this request was on its way.
        if let current, current != expired { return current }
        current = nil
        return try await join(logIn)
    }

    private func join(
        _ logIn: @escaping @Sendable () async -> Result<AccessToken, SalesforceError>
    ) async throws(SalesforceError) -> AccessToken {
        // The actor owns the task. It is no child of the request that started it, because the
        // others that wait for it must get their token even if that request is cancelled.
        let task = running ?? Task { await logIn() }
        running = task
        let result = await task.value
        if running == task {
            running = nil
            if case .success(let token) = result { current = token }
        }
        return try result.get()
    }
}
