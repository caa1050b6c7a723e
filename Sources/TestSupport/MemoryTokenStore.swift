public import Salesforce

/// A refresh token that is kept in memory, with failures to order.
public actor MemoryTokenStore: RefreshTokenStore {
    /// The store cannot be written.
    public struct Full: Error {
        /// Creates the error.
        public init() {}
    }

    private var kept: String?
    private var isFull = false
    private var replacement: (token: String, reads: Int)?

    /// Creates a store that holds a token, or none.
    public init(_ token: String?) { kept = token }

    /// The token.
    public func token() -> String? {
        let current = kept
        if let (token, reads) = replacement {
            if reads <= 1 {
                (kept, replacement) = (token, nil)
            } else {
                replacement = (token, reads - 1)
            }
        }
        return current
    }

    /// Keeps a token.
    ///
    /// - Throws: ``Full`` while that is ordered.
    public func keep(_ token: String) throws {
        if isFull { throw Full() }
        kept = token
    }

    /// Lets every ``keep(_:)`` fail from now on.
    public func fail() { isFull = true }

    /// Lets ``keep(_:)`` succeed again.
    public func recover() { isFull = false }

    /// Puts another token in place once the present one was read so many times, as another process
    /// would.
    public func replace(with token: String, afterReads reads: Int) { replacement = (token, reads) }
}
