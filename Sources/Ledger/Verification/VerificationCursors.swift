import Crypto
import GRDB

/// The positions of events that are verified together: after the one, up to the other.
///
/// Bounds that are open take in numbers that no event can have, so that they are found.
struct EventRange: Hashable, Sendable {
    /// How many events are before it.
    var after: Int64 = 0
    /// The last position; nil for all that there are.
    var through: Int64?

    /// Cuts the positions up to one into ranges of so many; a few hundred at most.
    static func ranges(through last: Int64, size: Int64) -> [EventRange] {
        // A damaged file can name any position; nobody cuts what no ledger reaches.
        guard last > 0, last < 1 << 40 else { return [] }
        let size = max(size, last / 200 + 1)
        return stride(from: 0, to: last, by: Int(size)).map { after in
            EventRange(after: after, through: min(after + size, last))
        }
    }

    /// What a column of positions has to fulfil.
    func condition(on column: String) -> String {
        Self.condition(on: column, from: after == 0 ? nil : after + 1, through: through)
    }

    /// What the numbers of tree nodes have to fulfil: those that these events complete.
    var nodeCondition: String {
        Self.condition(
            on: "number",
            from: after == 0 ? nil : Int64(TreeNode(level: 0, index: UInt64(after)).storedIndex),
            through: through.map {
                Int64(TreeNode(level: 0, index: UInt64($0)).storedIndex) - 1
            }
        )
    }

    private static func condition(on column: String, from: Int64?, through: Int64?) -> String {
        let parts = [from.map { "\(column) >= \($0)" }, through.map { "\(column) <= \($0)" }]
        let bounds = parts.compactMap(\.self)
        return bounds.isEmpty ? "TRUE" : bounds.joined(separator: " AND ")
    }
}

/// The stored nodes of the tree, in the order in which appending completes them.
struct NodeCursor {
    private let rows: StoredRows
    private var isAtRow: Bool
    /// How many rows were passed.
    private(set) var passed: Int64 = 0

    init(_ db: Database, _ range: EventRange) throws {
        rows = try StoredRows(
            db,
            sql: "SELECT number, hash FROM node WHERE \(range.nodeCondition) ORDER BY number"
        )
        isAtRow = try rows.next()
    }

    /// Moves to a node, and tells whether it is stored with this hash.
    mutating func holds(_ hash: TreeHash, at node: TreeNode) throws -> Bool {
        let number = Int64(node.storedIndex)
        while isAtRow, rows.integer(0) < number { try advance() }
        guard isAtRow, rows.integer(0) == number else { return false }
        let isSound = hash.isEqual(to: rows.bytes(1))
        try advance()
        return isSound
    }

    /// Passes what is left.
    mutating func drain() throws { while isAtRow { try advance() } }

    private mutating func advance() throws {
        passed += 1
        isAtRow = try rows.next()
    }
}

/// The sealed parts that are there, in the order of their events.
struct SealedCursor {
    private let rows: StoredRows
    private var isAtRow: Bool
    /// How many rows were passed.
    private(set) var passed: Int64 = 0

    init(_ db: Database, _ range: EventRange) throws {
        rows = try StoredRows(
            db,
            sql: """
                SELECT position, part, nonce, ciphertext FROM sealed
                WHERE \(range.condition(on: "position")) ORDER BY position, part
                """
        )
        isAtRow = try rows.next()
    }

    /// Hands over the parts of an event, each by its name with SHA-256 of nonce, ciphertext and
    /// tag; those of earlier events are passed over.
    mutating func parts(
        of position: Int64,
        take: (UnsafeRawBufferPointer, SHA256Digest) -> Void
    ) throws {
        while isAtRow {
            let own = rows.integer(0)
            guard own <= position else { break }
            if own == position { take(rows.bytes(1), hash()) }
            try advance()
        }
    }

    /// Passes what is left.
    mutating func drain() throws { while isAtRow { try advance() } }

    private mutating func advance() throws {
        passed += 1
        isAtRow = try rows.next()
    }

    private func hash() -> SHA256Digest {
        var hasher = SHA256()
        hasher.update(bufferPointer: rows.bytes(2))
        hasher.update(bufferPointer: rows.bytes(3))
        return hasher.finalize()
    }
}
