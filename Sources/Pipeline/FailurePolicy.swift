import Domain

/// What a code of Salesforce's means for trying again.
///
/// Source: `facts/salesforce-api.md` 5.4 and section 6.
enum FailurePolicy {
    /// When to try again: 5 s × 2ⁿ, an hour at most, ±20 %; nil until something changes.
    static func nextTry(code: String, attempts: Int, now: Instant, random: Double) -> Instant? {
        guard isPassing(code) else { return nil }
        let doubled = 5_000.0 * Double(1 << min(attempts - 1, 10))
        let wait = min(doubled, 3_600_000) * (0.8 + 0.4 * random)
        return now.advanced(byMilliseconds: Int64(wait))
    }

    /// Whether the same request may succeed later.
    static func isPassing(_ code: String) -> Bool {
        [
            "UNABLE_TO_LOCK_ROW", "SERVER_UNAVAILABLE", "UNKNOWN_EXCEPTION", "QUERY_TIMEOUT",
            "PRECONDITION_FAILED", "REQUEST_LIMIT_EXCEEDED", "PROCESSING_HALTED",
        ].contains(code)
    }

    /// Whether the record moved under us, so that looking again decides anew.
    static func wantsFreshLook(_ code: String) -> Bool {
        ["PRECONDITION_FAILED", "ENTITY_IS_DELETED", "DUPLICATE_VALUE"].contains(code)
    }

    /// Whether the code says that there is no such record any more.
    static func meansGone(_ code: String) -> Bool {
        ["ENTITY_IS_DELETED", "NOT_FOUND", "INVALID_CROSS_REFERENCE_KEY"].contains(code)
    }
}
