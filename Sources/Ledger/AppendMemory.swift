import GRDB

/// What appends know from the transaction before, so that it need not be looked up again.
///
/// Whoever hosts takes part in many bookings: looking a key up and unwrapping it takes longer than
/// sealing a part with it, and the edge of the tree is a row for each of its levels. It holds for as
/// long as nobody but this connection commits; an erasure of its own takes its person out.
struct AppendMemory {
    /// The edge of the tree.
    var frontier: TreeFrontier
    /// The numbers of event types.
    var types: [String: Int64] = [:]
    /// The newest keys of people.
    var keys: [String: SubjectKey] = [:]
    /// People who were not erased when they were looked up.
    var living: Set<String> = []
    /// Tells whether another connection has committed.
    private let version: Int64

    /// How many people are remembered, so that people without number do not fill the memory.
    private static let most = 10_000

    /// Takes up what is known, or begins anew where somebody else has committed since.
    ///
    /// - Parameters:
    ///   - known: What the transaction before left; nil if it was undone, and for the first one.
    ///   - position: The last position of the ledger.
    ///   - db: The writing connection, inside a transaction.
    /// - Throws: A database error, or ``LedgerError/unreadable(position:reason:)``.
    init(_ known: consuming AppendMemory?, position: Int64, _ db: Database) throws {
        let version = try RawStatement("PRAGMA data_version", db).first { _ in
        } _: { row in
            row.integer(0)
        }
        guard let version else { throw DatabaseError(resultCode: .SQLITE_INTERNAL) }
        if let known, known.version == version, known.frontier.size == UInt64(position) {
            self = known
            if keys.count > Self.most { keys = [:] }
            if living.count > Self.most { living = [] }
        } else {
            self.version = version
            frontier = try LedgerTables.frontier(db, size: position)
        }
    }

    /// Drops what is known of a person.
    mutating func forget(_ subject: String) {
        keys[subject] = nil
        living.remove(subject)
    }
}
