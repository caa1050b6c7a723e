import GRDB

/// Recomputes everything in one snapshot of a ledger's file, and compares.
struct Verification {
    let db: Database
    let key: LedgerKey
    let keeper: CheckpointKeeper?
    let witnesses: [NoteVerifier]
    /// What is known of people's keys, by all who verify at the same time.
    let fingerprints: KeyFingerprints
    /// Whether the file is a copy: then more may have been signed since.
    var isCopy = false
    /// What is wrong; at most so many are named before the verification stops.
    var problems: Problems
    private(set) var tree = TreeFrontier()
    private(set) var fences = FenceIndex()
    /// The last position of the events so far.
    private var last: Int64 = 0
    private var stored = StoredCounts()

    private struct StoredCounts {
        var nodes: Int64 = 0
        var sealedParts: (named: Int64, stored: Int64) = (0, 0)
        var erasedParts: (named: Int64, stored: Int64) = (0, 0)
        /// The names of the events' streams.
        var names = StreamNames()
        /// Those over the events; nil before there are any.
        var sums: IndexSums?
    }

    init(
        db: Database,
        key: LedgerKey,
        keeper: CheckpointKeeper? = nil,
        witnesses: [NoteVerifier] = [],
        fingerprints: KeyFingerprints = KeyFingerprints(),
        mostProblems: Int = 20
    ) {
        self.fingerprints = fingerprints
        (self.db, self.key, self.keeper, self.witnesses) = (db, key, keeper, witnesses)
        problems = Problems(most: mostProblems)
    }

    /// What was found of a file by several who worked beside each other.
    struct Found: Sendable {
        /// What is wrong with the structure of the file, and then with its indexes.
        var faults: [String] = []
        /// What was found in ranges of events, in their order.
        ///
        /// Those count that begin with the tree that the ones before them ended with, and hold an
        /// event at each position; from the first that does not, events are read again.
        var findings: [EventVerification.Findings] = []
        /// What the indexes of the events hold; nil if they were not read.
        var eventIndexes: FileStructure.EventIndexes?
        /// What was read of the streams; nil if they were not read.
        var streams: StreamVerification.Findings?
    }

    /// What was found.
    var report: VerificationReport {
        VerificationReport(events: Int64(tree.size), root: tree.root, problems: problems.found)
    }

    /// Verifies everything.
    ///
    /// - Parameters:
    ///   - done: What was found before.
    ///   - progress: Told that so many more events were read.
    /// - Throws: A database error.
    mutating func run(
        joining done: Found = Found(),
        progress: (Int64) -> Void = { _ in }
    ) throws {
        fences = try FenceIndex(db)
        problems.add(contentsOf: done.faults)
        for findings in done.findings {
            guard findings.start == tree, findings.isGapless, !problems.isFull else { break }
            join(findings)
        }
        if !problems.isFull {
            var rest = try events(EventRange(after: last), after: tree)
            try rest.run(progress: progress)
            join(rest.findings)
        }
        try checkCounts()
        problems.add(
            contentsOf: try FileStructure.eventIndexFaults(
                of: db,
                done.eventIndexes,
                beside: stored.sums
            )
        )
        try checkStreams(done.streams)
        try checkErasures()
        if !isCopy { try checkMemory() }
    }

    /// Verifies a range whose beginning the file itself tells.
    ///
    /// - Returns: What was found; nil if the file does not hold the tree before the range.
    /// - Throws: A database error.
    func findings(
        in range: EventRange,
        progress: (Int64) -> Void
    ) throws -> EventVerification.Findings? {
        let start: TreeFrontier
        do {
            start = try LedgerTables.frontier(db, size: range.after)
        } catch let error as DatabaseError {
            throw error
        } catch {
            // Whoever comes from the events before finds out what is wrong with the tree.
            return nil
        }
        var events = try events(range, after: start)
        try events.run(progress: progress)
        return events.findings
    }

    private func events(
        _ range: EventRange,
        after start: TreeFrontier
    ) throws -> EventVerification {
        try EventVerification(
            range,
            after: start,
            db: db,
            key: key,
            checks: CheckpointChecks(db, keeper: keeper, witnesses: witnesses),
            fingerprints: fingerprints,
            mostProblems: problems.most
        )
    }

    private mutating func join(_ findings: EventVerification.Findings) {
        (tree, last) = (findings.end, findings.last)
        stored.nodes += findings.nodes
        stored.sealedParts.named += findings.sealedParts
        stored.sealedParts.stored += findings.storedParts
        stored.erasedParts.named += findings.erasedParts
        stored.erasedParts.stored += findings.storedErasures
        stored.names = stored.names + findings.names
        stored.sums = stored.sums.map { $0 + findings.sums } ?? findings.sums
        problems.add(contentsOf: findings.problems.found)
    }

    private mutating func checkCounts() throws {
        let events = Int64(tree.size)
        let head = try Int64.fetchOne(db, sql: "SELECT position FROM ledger") ?? -1
        compare("the head row", head, events)
        let nodes = Int64(TreeNode.storedCount(leaves: tree.size))
        compare("the number of tree nodes", stored.nodes, nodes)
        let (sealed, erased) = (stored.sealedParts, stored.erasedParts)
        compare("the number of sealed parts", sealed.stored, sealed.named)
        compare("the number of erased parts", erased.stored, erased.named)
        let beyond = try Int64.fetchOne(
            db,
            sql: "SELECT count(*) FROM cursor WHERE position > ? OR position < 0",
            arguments: [events]
        )
        if beyond != 0 { problems.add("a cursor points beyond the ledger's end") }
    }

    /// Checks the streams, of which something may be known from before the last events.
    private mutating func checkStreams(_ known: StreamVerification.Findings?) throws {
        var found = try known ?? StreamVerification.findings(db)
        if try found.last != LedgerTables.lastPosition(db) {
            found = try StreamVerification.findings(db)
        }
        problems.add(contentsOf: found.problems.found)
        // Where the reading stopped early, there are no sums over all events.
        if !problems.isFull, found.names != stored.names { try nameStreams() }
    }

    /// Names the events whose stream has another name than their leaf tells.
    private mutating func nameStreams() throws {
        let rows = try StoredRows(
            db,
            sql: """
                SELECT e.position, e.leaf, s.name
                FROM event e LEFT JOIN stream s ON s.id = e.stream ORDER BY e.position
                """
        )
        while try rows.next(), !problems.isFull {
            guard let leaf = LeafView(rows.bytes(1)), !rows.bytes(2).isEqual(to: leaf.stream)
            else { continue }
            let problem = "the columns of event \(rows.integer(0)) differ from its leaf"
            if !problems.found.contains(problem) { problems.add(problem) }
        }
        if problems.found.isEmpty { problems.add("the names of streams differ from their events'") }
    }

    private mutating func compare(_ what: String, _ found: Int64, _ expected: Int64) {
        if found != expected {
            problems.add("\(what) is \(found), and the events make it \(expected)")
        }
    }

    /// Compares the file with what is remembered outside of it.
    private mutating func checkMemory() throws {
        guard let keeper else { return }
        if let found = try SetBack.found(keeper, db) {
            problems.add("the file does not continue what was signed before: \(found)")
        }
        let origin = try String.fetchOne(db, sql: "SELECT origin FROM ledger") ?? ""
        if origin != keeper.signer.verifier.name {
            problems.add("the ledger's name is '\(origin)', and its key's is another")
        }
    }
}
