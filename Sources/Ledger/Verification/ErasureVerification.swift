import GRDB

/// Who was erased, as the events say.
struct FenceIndex {
    private var erased: [String: Int64] = [:]
    private var redacted: [PartPlace: Int64] = [:]

    /// The surrogates of all erased people.
    var subjects: [String: Int64] { erased }

    init() {}

    init(_ db: Database) throws {
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT position, leaf FROM event
                WHERE type = (SELECT id FROM eventType WHERE name = ?) ORDER BY position
                """,
            arguments: [ErasureFence.type]
        )
        while let row = try rows.next() {
            let position: Int64 = row[0]
            guard let event = Leaf.decode(LedgerTables.bytes(row, 1), position: position),
                let fence = ErasureFence(event)
            else { continue }
            erased[fence.subject] = position
            for place in fence.redacted { redacted[place] = position }
        }
    }

    /// Whether the contents behind a commitment had to go.
    func covers(_ commitment: CommitmentView, at position: Int64) -> Bool {
        // Copies of the names take time, and mostly nobody was erased.
        if erased.isEmpty { return false }
        let fence =
            erased[commitment.subject.text] ?? redacted[PartPlace(position, commitment.name.text)]
        return fence.map { $0 > position } ?? false
    }
}

extension Verification {
    /// Compares the tables about erased people with the events.
    mutating func checkErasures() throws {
        let rows = try Row.fetchAll(
            db,
            sql: "SELECT subject, position FROM erasure WHERE position IS NOT NULL"
        )
        var known: [String: Int64] = [:]
        for row in rows { known[row[0]] = row[1] }
        if known != fences.subjects {
            problems.add("the table of erased people differs from the events")
        }
        let keys = try Int64.fetchOne(
            db,
            sql: """
                SELECT count(*) FROM subjectKey k JOIN erasure e ON e.subject = k.subject
                WHERE e.position IS NOT NULL
                """
        )
        if keys != 0 { problems.add("the key of an erased person is back") }
        let pending = try LedgerTables.pendingErasures(db).count
        if pending > 0 {
            problems.add(
                """
                \(pending) people were erased after this copy was made, and are still in it: run \
                'daybook ledger continue'
                """
            )
        }
    }
}
