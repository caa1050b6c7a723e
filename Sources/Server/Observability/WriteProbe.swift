import Domain
import Ledger

/// Tries whether the ledger takes writes, at most every few seconds.
///
/// In between, what came of the last try is told again.
actor WriteProbe {
    /// How long an outcome holds: milliseconds.
    static let validity: Int64 = 5_000

    private let now: @Sendable () -> Instant
    private let write: @Sendable (Instant) async throws(LedgerError) -> Void
    private var last: (at: Instant, failure: LedgerError?)?

    init(
        now: @escaping @Sendable () -> Instant,
        write: @escaping @Sendable (Instant) async throws(LedgerError) -> Void
    ) {
        (self.now, self.write) = (now, write)
    }

    /// Tells whether the ledger takes writes.
    ///
    /// - Throws: ``LedgerError`` if it does not.
    func check() async throws(LedgerError) {
        let moment = now()
        if let last, moment < last.at.advanced(byMilliseconds: Self.validity) {
            if let failure = last.failure { throw failure }
            return
        }
        do throws(LedgerError) {
            try await write(moment)
            last = (moment, nil)
        } catch {
            last = (moment, error)
            throw error
        }
    }
}
