public import Domain
public import Journal
import Ledger
public import Salesforce

/// Holds a ledger to its org: its links and claims mean nothing in another.
public struct OrgBinding: Sendable {
    private let journal: Journal
    private let now: @Sendable () -> Instant

    /// What a check found.
    public enum Outcome: Hashable, Sendable {
        /// The ledger had no org yet; now it has this one.
        case first
        /// It is the org of the ledger.
        case same
        /// The ledger belonged to another org, and belongs to this one now, as it was told.
        case replaced(former: String)
    }

    /// Creates a binding.
    ///
    /// - Parameters:
    ///   - journal: The ledger.
    ///   - now: The time.
    public init(journal: Journal, now: @escaping @Sendable () -> Instant) {
        (self.journal, self.now) = (journal, now)
    }

    /// Checks an org, and binds the ledger to it if there was none before.
    ///
    /// - Parameters:
    ///   - organization: The org that answered.
    ///   - accepted: The id of an org that may take the place of the ledger's.
    /// - Returns: What was found.
    /// - Throws: ``RunRefusal/otherOrg(expected:found:)`` or `LedgerError`.
    @discardableResult
    public func bind(
        _ organization: Organization,
        accepting accepted: SalesforceID? = nil
    ) async throws -> Outcome {
        let id = organization.id
        guard let known = try await journal.connectedOrg() else {
            try await journal.connect(
                to: id.rawValue,
                isSandbox: organization.isSandbox,
                now: now()
            )
            return .first
        }
        if known == id.rawValue { return .same }
        guard accepted == id else {
            throw RunRefusal.otherOrg(expected: known, found: id.rawValue)
        }
        try await journal.reconnect(
            to: id.rawValue,
            isSandbox: organization.isSandbox,
            now: now()
        )
        return .replaced(former: known)
    }
}
