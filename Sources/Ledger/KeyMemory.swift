import GRDB
import Synchronization

/// Keys of people that were unwrapped before, kept from one read to the next.
///
/// A replay reads some hundred appointments at a time, and most of their people were there before:
/// looking a key up, unwrapping it and taking its fingerprint takes several times as long as opening
/// a part with it. What is kept is in memory only, beside the ledger's own key, which opens them
/// all. An erasure empties the memory: no reader that sees it gets a key from before.
public final class KeyMemory: Sendable {
    struct Name: Hashable {
        var subject: String
        var revision: Int
    }

    /// Keys, and how many people were erased where they were read.
    struct Keys {
        fileprivate var erasures = 0
        private(set) var known: [Name: SubjectKey] = [:]

        /// How many keys are kept, so that people without number do not fill the memory.
        private static let most = 10_000

        mutating func add(_ key: SubjectKey, as name: Name) {
            if known.count >= Self.most { known.removeAll(keepingCapacity: true) }
            known[name] = key
        }
    }

    private let kept = Mutex(Keys())

    init() {}

    /// The keys that are of use in a snapshot, taken out so that nobody has to copy them.
    ///
    /// Rows of erasures are never deleted, so two snapshots that show as many show the same.
    ///
    /// - Parameter db: A connection inside a transaction.
    /// - Returns: The keys; none while another reader has them, or when people were erased since.
    /// - Throws: A database error.
    func take(_ db: Database) throws -> Keys {
        let erasures =
            try Int.fetchOne(db.cachedStatement(sql: "SELECT count(*) FROM erasure")) ?? 0
        return kept.withLock { kept in
            let found = kept.erasures == erasures ? kept : Keys(erasures: erasures)
            kept = Keys(erasures: erasures)
            return found
        }
    }

    /// Drops all keys; those that a reader still has do not come back.
    public func forget() { kept.withLock { $0 = Keys(erasures: -1) } }

    /// Keeps the keys of a reader that is done.
    func keep(_ keys: Keys) {
        kept.withLock { kept in
            guard keys.erasures == kept.erasures, keys.known.count > kept.known.count else {
                return
            }
            kept = keys
        }
    }
}
