import GRDB

/// A checkpoint as it is kept.
struct KeptCheckpoint {
    var size: Int64
    var note: String
}

/// The kept checkpoints over the events of a range, by rising size.
struct CheckpointCursor {
    private let rows: RowCursor
    /// The next one; nil after the last.
    private(set) var next: KeptCheckpoint?

    init(_ db: Database, _ range: EventRange) throws {
        let condition = range.condition(on: "size")
        rows = try Row.fetchCursor(
            db,
            sql: "SELECT size, note FROM checkpoint WHERE \(condition) ORDER BY size"
        )
        try advance()
    }

    mutating func advance() throws {
        next = try rows.next().map { KeptCheckpoint(size: $0[0], note: $0[1]) }
    }
}

/// What checkpoints are compared with besides the events before them.
struct CheckpointChecks {
    private let db: Database
    private let keeper: CheckpointKeeper?
    private let witnesses: [NoteVerifier]
    /// Since which event a key may not sign alone.
    private let retired: [String: Int64]

    init(_ db: Database, keeper: CheckpointKeeper?, witnesses: [NoteVerifier]) throws {
        (self.db, self.keeper, self.witnesses) = (db, keeper, witnesses)
        retired = try KeyChange.retired(db)
    }

    /// Compares a checkpoint with the events before it.
    ///
    /// - Parameters:
    ///   - kept: The checkpoint.
    ///   - size: How many events there are up to here, at least as many as it is over.
    ///   - root: The root of the tree over them.
    ///   - problems: Takes what is wrong.
    /// - Throws: A database error.
    func check(
        _ kept: KeptCheckpoint,
        size: Int64,
        root: TreeHash,
        problems: inout Problems
    ) throws {
        let name = "the checkpoint over \(kept.size) events"
        guard kept.size == size else { return problems.add("\(name) is out of order") }
        check(kept.note, name, size: UInt64(size), root: root, problems: &problems)
        try checkCosignatures(kept.note, name, size: size, problems: &problems)
    }

    private func check(
        _ text: String,
        _ name: String,
        size: UInt64,
        root: TreeHash,
        problems: inout Problems
    ) {
        do throws(NoteError) {
            let note = try SignedNote(parsing: text)
            var checkpoint = try Checkpoint(text: note.text)
            if let keeper {
                let trusted = try keeper.trusted(note)
                checkpoint = trusted.checkpoint
                let keys = Set(trusted.keys)
                // The ledger's own note has the signatures of its keys, and no byte besides.
                if note.signatures.count != keys.count { problems.add("\(name) was changed") }
                if keys.allSatisfy({ retired[$0.text].map { $0 <= Int64(size) } ?? false }) {
                    problems.add("\(name) is signed only by a key that was retired before")
                }
            }
            if note.whole != text { problems.add("\(name) was changed") }
            if checkpoint.size != size { problems.add("\(name) says \(checkpoint.size)") }
            if checkpoint.root != root {
                problems.add("\(name) has another root than the events before it")
            }
        } catch {
            problems.add("\(name) was changed. \(error)")
        }
    }

    private func checkCosignatures(
        _ text: String,
        _ name: String,
        size: Int64,
        problems: inout Problems
    ) throws {
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
                    problems.add("\(name) has a cosignature of a witness that is not known")
                }
            }
        } catch {
            problems.add("a cosignature of \(name) was changed. \(error)")
        }
    }
}
