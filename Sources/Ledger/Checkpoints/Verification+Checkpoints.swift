import GRDB

/// The kept checkpoints, by rising size.
struct CheckpointCursor {
    private let rows: RowCursor
    /// The next one; nil after the last.
    private(set) var next: (size: Int64, note: String)?

    init(_ db: Database) throws {
        rows = try Row.fetchCursor(db, sql: "SELECT size, note FROM checkpoint ORDER BY size")
        try advance()
    }

    mutating func advance() throws { next = try rows.next().map { ($0[0], $0[1]) } }
}

extension Verification {
    /// Compares the checkpoint at a size, if there is one, with the events up to there.
    mutating func check(
        _ checkpoints: inout CheckpointCursor,
        size: Int64,
        of tree: TreeFrontier
    ) throws {
        while let next = checkpoints.next, next.size <= size {
            let name = "the checkpoint over \(next.size) events"
            if next.size < size {
                problem("\(name) is out of order")
            } else {
                try check(next.note, name, size: UInt64(size), root: tree.root)
                try checkCosignatures(next.note, name, size: size)
            }
            try checkpoints.advance()
        }
    }

    private mutating func check(
        _ text: String,
        _ name: String,
        size: UInt64,
        root: TreeHash
    ) throws {
        do throws(NoteError) {
            let note = try SignedNote(parsing: text)
            var checkpoint = try Checkpoint(text: note.text)
            if let keeper {
                let trusted = try keeper.trusted(note)
                checkpoint = trusted.checkpoint
                let keys = Set(trusted.keys)
                // The ledger's own note has the signatures of its keys, and no byte besides.
                if note.signatures.count != keys.count { problem("\(name) was changed") }
                if keys.allSatisfy({ retired[$0.text].map { $0 <= Int64(size) } ?? false }) {
                    problem("\(name) is signed only by a key that was retired before")
                }
            }
            if note.whole != text { problem("\(name) was changed") }
            if checkpoint.size != size { problem("\(name) says \(checkpoint.size)") }
            if checkpoint.root != root {
                problem("\(name) has another root than the events before it")
            }
        } catch {
            problem("\(name) was changed. \(error)")
        }
    }

    private mutating func checkCosignatures(_ text: String, _ name: String, size: Int64) throws {
        let lines = try String.fetchAll(
            db,
            sql: "SELECT line FROM cosignature WHERE size = ?",
            arguments: [size]
        )
        guard !lines.isEmpty else { return }
        do throws(NoteError) {
            let own = try SignedNote(parsing: text)
            for line in lines {
                let note = try SignedNote(parsing: "\(own.text)\n\(line)")
                let verified = try note.verified(by: witnesses)
                if verified.isEmpty, !witnesses.isEmpty {
                    problem("\(name) has a cosignature of a witness that is not known")
                }
            }
        } catch {
            problem("a cosignature of \(name) was changed. \(error)")
        }
    }

    /// Compares the file with what is remembered outside of it.
    mutating func checkMemory() throws {
        guard let keeper else { return }
        if let found = try SetBack.found(keeper, db) {
            problem("the file does not continue what was signed before: \(found)")
        }
        let origin = try String.fetchOne(db, sql: "SELECT origin FROM ledger") ?? ""
        if origin != keeper.signer.verifier.name {
            problem("the ledger's name is '\(origin)', and its key's is another")
        }
    }
}

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
    func covers(_ commitment: SealedPartCommitment, of event: StoredEvent) -> Bool {
        let fence =
            erased[commitment.subject] ?? redacted[PartPlace(event.position, commitment.name)]
        return fence.map { $0 > event.position } ?? false
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
            problem("the table of erased people differs from the events")
        }
        let keys = try Int64.fetchOne(
            db,
            sql: """
                SELECT count(*) FROM subjectKey k JOIN erasure e ON e.subject = k.subject
                WHERE e.position IS NOT NULL
                """
        )
        if keys != 0 { problem("the key of an erased person is back") }
        let pending = try LedgerTables.pendingErasures(db).count
        if pending > 0 {
            problem(
                """
                \(pending) people were erased after this copy was made, and are still in it: run \
                'daybook ledger continue'
                """
            )
        }
    }
}
