import Foundation
import GRDB

/// The stored nodes of the tree, in the order in which appending completes them.
struct NodeCursor {
    private let rows: RowCursor
    private var next: Row?

    init(_ db: Database) throws {
        rows = try Row.fetchCursor(db, sql: "SELECT number, hash FROM node ORDER BY number")
        next = try rows.next()
    }

    /// Moves to a node, and tells whether it is stored with this hash.
    mutating func holds(_ hash: TreeHash, at node: TreeNode) throws -> Bool {
        let number = Int64(node.storedIndex)
        while let row = next, (row[0] as Int64) < number { next = try rows.next() }
        guard let row = next, (row[0] as Int64) == number else { return false }
        let isSound = try row.withUnsafeData(atIndex: 1) { data in
            data.map { bytes in bytes.withUnsafeBytes { hash.isEqual(to: $0) } } ?? false
        }
        next = try rows.next()
        return isSound
    }
}

/// The sealed parts that are there, in the order of their events.
struct SealedCursor {
    private let rows: RowCursor
    private var next: Row?

    /// A sealed part that is there.
    struct Found {
        var part: String
        /// SHA-256 of nonce, ciphertext and tag.
        var hash: [UInt8]
    }

    init(_ db: Database) throws {
        rows = try Row.fetchCursor(
            db,
            sql: "SELECT position, part, nonce, ciphertext FROM sealed ORDER BY position, part"
        )
        next = try rows.next()
    }

    /// The parts of an event; those of earlier ones are passed over.
    mutating func parts(of position: Int64) throws -> [Found] {
        var found: [Found] = []
        while let row = next {
            let own: Int64 = row[0]
            guard own <= position else { break }
            if own == position { found.append(Found(part: row[1], hash: try Self.hash(row))) }
            next = try rows.next()
        }
        return found
    }

    private static func hash(_ row: Row) throws -> [UInt8] {
        try row.withUnsafeData(atIndex: 2) { nonce in
            try row.withUnsafeData(atIndex: 3) { ciphertext in
                SealedBody.hash(nonce: nonce ?? Data(), ciphertext: ciphertext ?? Data())
            }
        }
    }
}
