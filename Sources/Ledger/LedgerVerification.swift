import Foundation
import GRDB

/// What a verification found.
public struct VerificationReport: Hashable, Sendable {
    /// How many events were read.
    public var events: Int64 = 0
    /// The root of the tree, recomputed from the events.
    public var root: TreeHash = .emptyRoot
    /// What is wrong, in the order in which it was found; empty when all is well.
    public var problems: [String] = []

    /// Whether nothing is wrong.
    public var isSound: Bool { problems.isEmpty }
}

extension SQLiteLedger {
    /// Recomputes everything from the stored bytes and compares.
    ///
    /// Reads one snapshot, event by event, in constant memory but for two numbers per stream and one
    /// per erased person; beside it, SQLite checks the file's own structure. Finds a changed,
    /// missing, added or moved byte in events, tree, sealed parts, keys, checkpoints and
    /// cosignatures of known witnesses; a copy in a column that differs from its leaf; contents of
    /// an erased person that came back; and a file that does not continue what was signed before.
    /// Stops after 20 problems.
    ///
    /// - Parameters:
    ///   - witnesses: The public keys of witnesses that count.
    ///   - progress: Told after every thousand events how many were read.
    /// - Returns: What was read, and everything that is wrong.
    /// - Throws: ``LedgerError/storage(_:)`` if the file cannot be read at all.
    public func verify(
        witnesses: [NoteVerifier] = [],
        progress: @escaping @Sendable (Int64) -> Void = { _ in }
    ) async throws(LedgerError) -> VerificationReport {
        do {
            async let faults = read { db in try Verification.faults(of: db) }
            var report = try await read { [key, keeper] db in
                var verification = Verification(
                    db: db,
                    key: key,
                    keeper: keeper,
                    witnesses: witnesses
                )
                try verification.run(progress: progress)
                return verification.report
            }
            report.problems.insert(contentsOf: try await faults, at: 0)
            return report
        } catch {
            throw LedgerError(error)
        }
    }
}

struct Verification {
    /// How many problems are named before the verification stops.
    var mostProblems = 20

    let db: Database
    let key: LedgerKey
    let keeper: CheckpointKeeper?
    let witnesses: [NoteVerifier]
    /// Whether the file is a copy: then more may have been signed since.
    var isCopy = false
    var report = VerificationReport()
    var fences = FenceIndex()
    /// Since which event a key may not sign alone.
    var retired: [String: Int64] = [:]
    private var frontier = TreeFrontier()
    /// The last revision by the number of the stream.
    private var revisions: [Int64: Int64] = [:]
    private var sealedParts = 0
    private var erasedParts = 0
    private var fingerprints: [KeyName: [UInt8]] = [:]

    private struct KeyName: Hashable {
        var subject: String
        var revision: Int
    }

    init(
        db: Database,
        key: LedgerKey,
        keeper: CheckpointKeeper? = nil,
        witnesses: [NoteVerifier] = []
    ) {
        (self.db, self.key, self.keeper, self.witnesses) = (db, key, keeper, witnesses)
    }

    mutating func problem(_ text: String) {
        guard report.problems.count < mostProblems else { return }
        report.problems.append(text)
    }

    /// What SQLite finds wrong with the structure of a file.
    static func faults(of db: Database) throws -> [String] {
        try String.fetchAll(db, sql: "PRAGMA integrity_check(5)").filter { $0 != "ok" }
            .map { "the database file is damaged: \($0)" }
    }

    mutating func run(progress: (Int64) -> Void) throws {
        fences = try FenceIndex(db)
        retired = try KeyChange.retired(db)
        try checkEvents(progress: progress)
        report.root = frontier.root
        try checkCounts()
        try checkStreams()
        try checkErasures()
        if !isCopy { try checkMemory() }
    }

    private mutating func checkEvents(progress: (Int64) -> Void) throws {
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT e.position, e.leaf, e.eventID, s.name, e.revision, t.name, e.occurred,
                    e.recorded, e.stream
                FROM event e LEFT JOIN stream s ON s.id = e.stream
                    LEFT JOIN eventType t ON t.id = e.type
                ORDER BY e.position
                """
        )
        // Numbers out of a damaged file may be anything: they are compared, and never calculated
        // with in a way that could overflow.
        var expected: Int64 = 1
        var (nodes, sealed) = (try NodeCursor(db), try SealedCursor(db))
        var checkpoints = try CheckpointCursor(db)
        try check(&checkpoints, size: 0, of: frontier)
        while let row = try rows.next() {
            let position: Int64 = row[0]
            if position > expected { problem("position \(expected) is missing") }
            if position < expected { problem("there can be no position \(position)") }
            expected = position &+ 1
            report.events += 1
            let leaf = LedgerTables.bytes(row, 1)
            try checkNodes(leaf, &nodes)
            if let event = Leaf.decode(leaf, position: position) {
                checkCopies(of: event, in: row)
                try checkParts(of: event, try sealed.parts(of: position))
            } else {
                problem("the leaf of event \(position) cannot be decoded")
            }
            try check(&checkpoints, size: report.events, of: frontier)
            if report.events.isMultiple(of: 1_000) { progress(report.events) }
            if report.problems.count >= mostProblems { return }
        }
        if let beyond = checkpoints.next?.size {
            problem("a checkpoint is over \(beyond) events, and there are \(report.events)")
        }
    }

    private mutating func checkNodes(_ leaf: [UInt8], _ nodes: inout NodeCursor) throws {
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

    private mutating func checkCopies(of event: StoredEvent, in row: Row) {
        let (stream, type): (String?, String?) = (row[3], row[5])
        let (revision, occurred, recorded): (Int64, Int64, Int64) = (row[4], row[6], row[7])
        let copiesAgree =
            LedgerTables.bytes(row, 2) == event.id.bytes
            && (stream, revision, type) == (event.stream, event.revision, event.type)
            && (occurred, recorded) == (event.occurred, event.recorded)
        if !copiesAgree { problem("the columns of event \(event.position) differ from its leaf") }
        let number: Int64 = row[8]
        if event.revision != revisions[number, default: 0] &+ 1 {
            problem("event \(event.position) is out of order in its stream")
        }
        revisions[number] = event.revision
    }

    private mutating func checkParts(of event: StoredEvent, _ found: [SealedCursor.Found]) throws {
        for commitment in event.commitments {
            let part = found.first { $0.part == commitment.name }
            try check(commitment, of: event, found: part?.hash)
        }
    }

    /// Compares a sealed part, of which only the hash is there or nothing, with its commitment.
    private mutating func check(
        _ commitment: SealedPartCommitment,
        of event: StoredEvent,
        found hash: [UInt8]?
    ) throws {
        let isErased = fences.covers(commitment, of: event)
        guard let hash else {
            erasedParts += 1
            if isErased { return }
            return problem(
                "the sealed part '\(commitment.name)' of event \(event.position) is gone"
            )
        }
        sealedParts += 1
        if isErased {
            problem(
                "the part '\(commitment.name)' of event \(event.position) was erased and is back"
            )
        }
        if hash != commitment.ciphertextHash {
            problem("the sealed part '\(commitment.name)' of event \(event.position) was changed")
        }
        if try fingerprint(commitment) != commitment.keyFingerprint {
            problem("the key that sealed a part of event \(event.position) is missing or changed")
        }
    }

    /// The fingerprint of the stored key, or nothing if it does not open.
    private mutating func fingerprint(_ commitment: SealedPartCommitment) throws -> [UInt8] {
        let name = KeyName(subject: commitment.subject, revision: commitment.keyRevision)
        if let known = fingerprints[name] { return known }
        let found: [UInt8]
        do {
            found =
                try LedgerTables.subjectKey(
                    commitment.subject,
                    revision: commitment.keyRevision,
                    db: db,
                    key: key,
                    includingErased: true
                )?.fingerprint ?? []
        } catch let error as DatabaseError {
            throw error
        } catch {
            // The wrapped key does not open: that is the finding, not a failure to verify.
            found = []
        }
        // Bounded, so that a ledger of millions of people is verified in constant memory.
        if fingerprints.count >= 10_000 { fingerprints.removeAll(keepingCapacity: true) }
        fingerprints[name] = found
        return found
    }

    private mutating func checkCounts() throws {
        try compare("the head row", "SELECT position FROM ledger", report.events)
        let nodes = TreeNode.storedCount(leaves: UInt64(report.events))
        try compare("the number of tree nodes", "SELECT count(*) FROM node", Int64(nodes))
        try compare("the number of sealed parts", "SELECT count(*) FROM sealed", Int64(sealedParts))
        try compare(
            "the number of erased parts",
            "SELECT count(*) FROM erasedPart",
            Int64(erasedParts)
        )
        let beyond = try Int64.fetchOne(
            db,
            sql: "SELECT count(*) FROM cursor WHERE position > ? OR position < 0",
            arguments: [report.events]
        )
        if beyond != 0 { problem("a cursor points beyond the ledger's end") }
    }

    private mutating func compare(_ what: String, _ sql: String, _ expected: Int64) throws {
        guard report.problems.count < mostProblems else { return }
        let found = try Int64.fetchOne(db, sql: sql) ?? -1
        if found != expected { problem("\(what) is \(found), and the events make it \(expected)") }
    }

    private mutating func checkStreams() throws {
        let rows = try Row.fetchCursor(db, sql: "SELECT id, revision FROM stream")
        var streams = 0
        while let row = try rows.next() {
            streams += 1
            if revisions[row[0] as Int64] != row[1] as Int64 {
                problem("a stream's last revision differs from its events")
            }
        }
        if streams != revisions.count { problem("a stream has no events, or events no stream") }
    }
}
