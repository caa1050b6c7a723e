import Foundation
import GRDB
import TestSupport
import Testing

@testable import Ledger

/// A ledger of 500 events, and every byte of it changed once.
///
/// A whole verification for each of some hundred thousand bytes would take hours. So each byte is
/// changed alone in what one step of the verification reads; and in the database the bytes at one
/// place are changed in all rows at once, of which the whole verification has to name each.
@Suite("Every byte of 500 events")
struct EveryByteTests {
    let temporary: TemporaryLedger

    init() throws { temporary = try TemporaryLedger(isSigned: true) }

    private func fill() async throws {
        for batch in 0..<50 {
            let events = (1...10).map { number -> NewEvent in
                let subject = "person-\(number % 7)"
                let part = PersonalPart(name: "booker", subject: subject, content: [1, 2, 3])
                return .sample(batch * 10 + number, parts: number.isMultiple(of: 3) ? [part] : [])
            }
            try await temporary.ledger.append([StreamAppend(to: "s\(batch % 4)", events)])
            if batch.isMultiple(of: 10) { try await temporary.ledger.makeCheckpoint() }
        }
        try await temporary.ledger.makeCheckpoint()
    }

    /// Calls the body with every byte changed, and counts the changes that it does not notice.
    private func missed(_ bytes: [UInt8], _ isNoticed: ([UInt8]) -> Bool) -> Int {
        var changed = bytes
        var missed = 0
        for place in bytes.indices {
            changed[place] = bytes[place] ^ UInt8(1 << (place % 8))
            if isNoticed(changed) == false { missed += 1 }
            changed[place] = bytes[place]
        }
        return missed
    }

    @Test("is bound by the tree, the commitments and the signatures")
    func everyByte() async throws {
        try await fill()
        let keeper = try #require(temporary.ledger.keeper)
        let rows = try await temporary.ledger.read { db in
            (
                leaves: try Data.fetchAll(db, sql: "SELECT leaf FROM event ORDER BY position"),
                nodes: try Row.fetchAll(db, sql: "SELECT number, hash FROM node").reduce(
                    into: [Int64: [UInt8]]()
                ) { $0[$1[0]] = LedgerTables.bytes($1, 1) },
                sealed: try Row.fetchAll(db, sql: "SELECT position, nonce, ciphertext FROM sealed")
                    .map { row in
                        Sealed(
                            position: row[0],
                            nonce: LedgerTables.bytes(row, 1),
                            ciphertext: LedgerTables.bytes(row, 2)
                        )
                    },
                notes: try String.fetchAll(db, sql: "SELECT note FROM checkpoint")
            )
        }
        #expect(rows.leaves.count == 500 && rows.sealed.count == 150 && rows.notes.count == 6)

        var frontier = TreeFrontier()
        var tried = 0
        for leaf in rows.leaves {
            let index = TreeNode(level: 0, index: frontier.size)
            let own = rows.nodes[Int64(index.storedIndex)]
            #expect(missed(Array(leaf)) { TreeHash.leaf($0).bytes != own } == 0)
            tried += leaf.count
            // A node is compared with the one that is computed: equal, or a problem.
            frontier.append(.leaf(leaf)) { node, hash in
                let stored = rows.nodes[Int64(node.storedIndex)] ?? []
                #expect(stored == hash.bytes)
                tried += stored.count
            }
        }
        #expect(frontier.size == 500)
        for row in rows.sealed {
            let event = try #require(
                Leaf.decode(Array(rows.leaves[Int(row.position) - 1]), position: row.position)
            )
            let nonce = row.nonce
            let all = nonce + row.ciphertext
            let hash = event.commitments[0].ciphertextHash
            let misses = missed(all) { bytes in
                let body = SealedBody(
                    nonce: Array(bytes.prefix(nonce.count)),
                    ciphertext: Array(bytes.dropFirst(nonce.count))
                )
                return body.hash != hash
            }
            #expect(misses == 0)
            tried += all.count
        }
        for note in rows.notes {
            let bytes = Array(note.utf8)
            let misses = missed(bytes) { changed in
                guard let text = String(validating: changed, as: UTF8.self) else { return true }
                return !Self.isOurs(text, keeper)
            }
            #expect(misses == 0, "\(note)")
            #expect(Self.isOurs(note, keeper), "the control")
            tried += bytes.count
        }
        #expect(tried > 100_000)
    }

    private struct Sealed {
        var position: Int64
        var nonce: [UInt8]
        var ciphertext: [UInt8]
    }

    /// As the verification asks: signed by the ledger's key, and no byte besides.
    private static func isOurs(_ text: String, _ keeper: CheckpointKeeper) -> Bool {
        do {
            let note = try SignedNote(parsing: text)
            _ = try keeper.trusted(note)
            return note.whole == text && note.signatures.count == 1
        } catch {
            return false
        }
    }

    /// What is stored, and by which words the verification names a changed row.
    struct Stored: Sendable {
        var table: String
        var key: String
        var column: String
        var words: String
    }

    static let stored = [
        Stored(
            table: "event",
            key: "position",
            column: "leaf",
            words: "does not have the hash it was recorded"
        ),
        Stored(table: "node", key: "number", column: "hash", words: "does not "),
        Stored(
            table: "sealed",
            key: "position",
            column: "nonce",
            words: "the sealed part 'booker'"
        ),
        Stored(
            table: "sealed",
            key: "position",
            column: "ciphertext",
            words: "the sealed part 'booker'"
        ),
        Stored(table: "checkpoint", key: "size", column: "note", words: "the checkpoint over "),
    ]

    @Test("is found by the verification of the database, in every row", arguments: stored)
    func everyByteInTheDatabase(stored: Stored) async throws {
        try await fill()
        let keeper = try #require(temporary.ledger.keeper)
        try temporary.ledger.close()
        try temporary.tamper { db in
            let (table, column) = (stored.table, stored.column)
            let rows = try Row.fetchAll(
                db,
                sql: "SELECT \(stored.key), CAST(\(column) AS BLOB) FROM \(table)"
            ).map { (id: $0[0] as Int64, bytes: LedgerTables.bytes($0, 1)) }
            let type = column == "note" ? "TEXT" : "BLOB"
            let change = """
                UPDATE \(table) SET \(column) = CAST(? AS \(type)) WHERE \(stored.key) = ?
                """
            #expect(rows.count >= 6)
            for place in 0..<(rows.map(\.bytes.count).max() ?? 0) {
                let long = rows.filter { $0.bytes.count > place }
                try db.inSavepoint {
                    for row in long {
                        var bytes = row.bytes
                        bytes[place] ^= UInt8(1 << (place % 8))
                        try db.cachedStatement(sql: change)
                            .execute(arguments: [Data(bytes), row.id])
                    }
                    var verification = Verification(
                        db: db,
                        key: .test,
                        keeper: keeper,
                        mostProblems: .max
                    )
                    try verification.run()
                    #expect(
                        Self.named(verification.report.problems, stored.words) == long.count,
                        "\(table).\(column), byte \(place)"
                    )
                    return .rollback
                }
            }
        }
    }

    /// How many different rows are named in problems with some words: by the numbers in front.
    private static func named(_ problems: [String], _ words: String) -> Int {
        let names = problems.filter { $0.contains(words) }.map { problem in
            problem.split(separator: " ").first { $0.contains(where: \.isNumber) } ?? ""
        }
        return Set(names).count
    }

    @Test("is read by the verification: one byte of each kind, changed in the file")
    func inTheFile() async throws {
        try await fill()
        let copy = temporary.folder.path("copy")
        try await temporary.ledger.backup(to: copy)
        try temporary.ledger.close()
        let changes = [
            "UPDATE node SET hash = zeroblob(32) WHERE number = 500",
            "UPDATE sealed SET nonce = zeroblob(12) WHERE position = 303",
            "UPDATE checkpoint SET note = replace(note, '=', '-') WHERE size = 410",
            "UPDATE checkpoint SET size = 411 WHERE size = 410",
            "UPDATE event SET leaf = CAST(leaf || x'00' AS BLOB) WHERE position = 250",
            "DELETE FROM event WHERE position = 500",
            "DELETE FROM checkpoint; UPDATE ledger SET origin = 'daybook.local/other'",
        ]
        let original = try Data(contentsOf: URL(filePath: copy))
        for change in changes {
            for suffix in ["-wal", "-shm"] { unlink(temporary.path + suffix) }
            try original.write(to: URL(filePath: temporary.path))
            try temporary.tamper { db in
                try db.execute(sql: change)
                try #require(db.totalChangesCount > 0)
            }
            let raw = try DatabaseQueue(path: temporary.path)
            let report = try await SQLiteLedger.verification(
                of: raw,
                .test,
                temporary.ledger.keeper,
                { _ in }
            )
            try raw.close()
            if change.hasPrefix("DELETE FROM checkpoint") {
                #expect(report.isSound, "a copy may lack checkpoints")
            } else {
                #expect(!report.isSound, "\(change)")
            }
        }
    }
}
