import Crypto
import Foundation
import GRDB

/// What is wrong with a ledger, in the order in which it was found, up to a number.
struct Problems: Sendable {
    /// How many are named.
    var most: Int
    private(set) var found: [String] = []

    /// Whether nothing more is named.
    var isFull: Bool { found.count >= most }

    mutating func add(_ text: String) {
        if !isFull { found.append(text) }
    }

    mutating func add(contentsOf texts: [String]) {
        for text in texts { add(text) }
    }
}

/// The verification of events that follow each other, with all that is stored for them.
///
/// Begins with the tree over the events before them, and ends with the tree over the last of them:
/// ranges are verified beside each other, each from what the file says of those before it, and what
/// one ends with has to be what the next began with. Holds one event at a time.
struct EventVerification {
    /// What was read of a range, and what is wrong with it.
    struct Findings: Sendable {
        let range: EventRange
        /// The tree over the events before.
        let start: TreeFrontier
        /// The tree over these events, too.
        var end: TreeFrontier
        /// The last position.
        var last: Int64
        /// How many tree nodes are stored for them.
        var nodes: Int64 = 0
        /// How many sealed parts they name that are there.
        var sealedParts: Int64 = 0
        /// How many sealed parts are stored for them.
        var storedParts: Int64 = 0
        /// How many sealed parts they name that are gone.
        var erasedParts: Int64 = 0
        /// How many sealed parts the file says are erased.
        var storedErasures: Int64 = 0
        /// The name of each event's stream, as its leaf tells.
        var names = StreamNames()
        /// Sums over the events, to compare their indexes with.
        var sums: IndexSums
        var problems: Problems

        /// Whether there is an event at each position, up to the last of the range.
        var isGapless: Bool { range.through.map { end.size == $0 } ?? false }
    }

    private let db: Database
    private let key: LedgerKey
    private let checks: CheckpointChecks
    private let fences: FenceIndex
    private let indexes: TableIndexes
    /// The names of types, by their numbers.
    private let types: [Int64: [UInt8]]
    private(set) var findings: Findings
    private var frontier: TreeFrontier
    private var nodes: NodeCursor
    private var sealed: SealedCursor
    private var checkpoints: CheckpointCursor
    private let fingerprints: KeyFingerprints

    /// Opens what is stored for a range of events.
    ///
    /// - Throws: A database error.
    init(
        _ range: EventRange,
        after start: TreeFrontier,
        db: Database,
        key: LedgerKey,
        checks: CheckpointChecks,
        fingerprints: KeyFingerprints,
        mostProblems: Int
    ) throws {
        (self.db, self.key, self.checks) = (db, key, checks)
        self.fingerprints = fingerprints
        fences = try FenceIndex(db)
        indexes = try TableIndexes(of: "event", db)
        types = try Self.typeNames(db)
        findings = Findings(
            range: range,
            start: start,
            end: start,
            last: range.after,
            sums: indexes.noSums,
            problems: Problems(most: mostProblems)
        )
        frontier = start
        sealed = try SealedCursor(db, range)
        // In a damaged file, positions and the number of events can differ.
        let counted = EventRange(after: Int64(start.size), through: range.through)
        nodes = try NodeCursor(db, counted)
        checkpoints = try CheckpointCursor(db, counted)
    }

    /// Reads the range to its end, or until there are too many problems.
    ///
    /// - Parameter progress: Told after every thousand events that so many more were read.
    /// - Throws: A database error.
    mutating func run(progress: (Int64) -> Void) throws {
        let rows = try rows()
        // Numbers out of a damaged file may be anything: they are compared, and never calculated
        // with in a way that could overflow.
        var expected = findings.range.after &+ 1
        var (read, told): (Int64, Int64) = (0, 0)
        if findings.range.after == 0 { try checkCheckpoints() }
        while try rows.next() {
            let position = rows.integer(0)
            if position > expected { problem("position \(expected) is missing") }
            if position < expected { problem("there can be no position \(position)") }
            expected = position &+ 1
            findings.last = position
            try checkEvent(rows, at: position)
            indexes.add(rows, from: Self.compared, to: &findings.sums)
            try checkCheckpoints()
            read += 1
            if read.isMultiple(of: 1_000) {
                progress(read - told)
                told = read
            }
            if findings.problems.isFull { break }
        }
        findings.end = frontier
        if findings.range.through == nil, let beyond = checkpoints.next?.size {
            problem("a checkpoint is over \(beyond) events, and there are \(frontier.size)")
        }
        try count()
    }

    private static func typeNames(_ db: Database) throws -> [Int64: [UInt8]] {
        let rows = try StoredRows(db, sql: "SELECT id, name FROM eventType")
        var names: [Int64: [UInt8]] = [:]
        while try rows.next() { names[rows.integer(0)] = Array(rows.bytes(1)) }
        return names
    }

    /// How many columns are compared with the leaf, or are the leaf; the others follow.
    private static let compared: Int32 = 8

    /// The events; after what is compared with the leaf, there is what the indexes hold.
    private func rows() throws -> StoredRows {
        let indexed = indexes.columns.map { ", \($0.quotedDatabaseIdentifier)" }.joined()
        return try StoredRows(
            db,
            sql: """
                SELECT position, leaf, eventID, stream, revision, type, occurred, recorded\(indexed)
                FROM event WHERE \(findings.range.condition(on: "position")) ORDER BY position
                """
        )
    }

    private mutating func problem(_ text: String) { findings.problems.add(text) }

    private mutating func checkCheckpoints() throws {
        // Most events have none, and calculating the root of the tree takes time.
        guard let next = checkpoints.next, next.size <= Int64(frontier.size) else { return }
        let root = frontier.root
        while let next = checkpoints.next, next.size <= Int64(frontier.size) {
            let size = Int64(frontier.size)
            try checks.check(next, size: size, root: root, problems: &findings.problems)
            try checkpoints.advance()
        }
    }

    private mutating func checkEvent(_ row: StoredRows, at position: Int64) throws {
        let bytes = row.bytes(1)
        try checkNodes(bytes)
        guard let leaf = LeafView(bytes) else {
            problem("the leaf of event \(position) cannot be decoded")
            return
        }
        // The name of its stream is compared with those of all events of the stream.
        findings.names.add(leaf.stream, of: row.integer(3))
        let type = types[row.integer(5)] ?? []
        let copiesAgree =
            row.bytes(2).isEqual(to: leaf.id)
            && type.withUnsafeBytes { $0.isEqual(to: leaf.type) }
            && (row.integer(4), row.integer(6), row.integer(7))
                == (leaf.revision, leaf.occurred, leaf.recorded)
        if !copiesAgree { problem("the columns of event \(position) differ from its leaf") }
        try checkParts(of: leaf, at: position)
    }

    private mutating func checkNodes(_ leaf: UnsafeRawBufferPointer) throws {
        var wrong: [TreeNode] = []
        try frontier.append(.leaf(leaf)) { node, hash in
            if try !nodes.holds(hash, at: node) { wrong.append(node) }
        }
        for node in wrong {
            problem(
                node.level == 0
                    ? "event \(node.index + 1) does not have the hash it was recorded with"
                    : "tree node \(node.level)/\(node.index) does not fit the events below it"
            )
        }
    }

    private mutating func checkParts(of leaf: LeafView, at position: Int64) throws {
        let commitments = leaf.commitments
        // Nothing is compared where nothing is named; what is stored all the same is counted.
        if commitments.isEmpty { return try sealed.parts(of: position) { _, _ in } }
        var hashes = [SHA256Digest?](repeating: nil, count: commitments.count)
        try sealed.parts(of: position) { name, hash in
            for (index, commitment) in commitments.enumerated()
            where name.isEqual(to: commitment.name) { hashes[index] = hash }
        }
        for (commitment, hash) in zip(commitments, hashes) {
            try check(commitment, at: position, found: hash)
        }
    }

    /// Compares a sealed part, of which only the hash is there or nothing, with its commitment.
    private mutating func check(
        _ commitment: CommitmentView,
        at position: Int64,
        found hash: SHA256Digest?
    ) throws {
        let isErased = fences.covers(commitment, at: position)
        guard let hash else {
            findings.erasedParts += 1
            if !isErased { problem("the sealed part \(name(commitment, position)) is gone") }
            return
        }
        findings.sealedParts += 1
        if isErased { problem("the part \(name(commitment, position)) was erased and is back") }
        if !hash.withUnsafeBytes({ $0.isEqual(to: commitment.ciphertextHash) }) {
            problem("the sealed part \(name(commitment, position)) was changed")
        }
        if !(try fingerprints.hasKey(of: commitment, db, key)) {
            problem("the key that sealed a part of event \(position) is missing or changed")
        }
    }

    private func name(_ commitment: CommitmentView, _ position: Int64) -> String {
        "'\(commitment.name.text)' of event \(position)"
    }

    private mutating func count() throws {
        try nodes.drain()
        try sealed.drain()
        (findings.nodes, findings.storedParts) = (nodes.passed, sealed.passed)
        let condition = findings.range.condition(on: "position")
        findings.storedErasures =
            try Int64.fetchOne(db, sql: "SELECT count(*) FROM erasedPart WHERE \(condition)") ?? -1
    }
}
