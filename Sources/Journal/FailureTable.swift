import Domain
import Foundation
import GRDB
import Ledger

/// The table of failures, inside one write transaction.
struct FailureTable {
    let transaction: LedgerTransaction
    private var db: Database { transaction.db }

    /// Takes in what became of an operation that is not parked.
    ///
    /// What is put back bears the name of what bookings ask of the record, and changes nothing about
    /// the failures of that.
    func update(_ result: OperationResult) throws {
        let operation = result.operation
        guard !operation.isRestoration else { return }
        switch result.outcome {
        case .failed(let note):
            try keep(note, as: operation.id, operation)
        case .settled where [.ambiguous, .accountAmbiguous].contains(operation.reason):
            try keep(.review(of: operation), as: operation.id, operation)
            try dropFields(of: result)
        case .settled, .written:
            try remove(operation.id)
            try dropFields(of: result)
            try dropForms(of: operation.subject)
        case .unknown:
            break
        }
        for (field, note) in result.fieldFailures.sorted(by: { $0.key < $1.key }) {
            try keep(note, as: operation.id.field(field), operation)
        }
    }

    private func keep(
        _ note: FailureNote,
        as name: OperationID,
        _ operation: PlanOperation
    ) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO failure
                    (operation, root, object, record, code, fields, candidates, attempts, since,
                    tried, nextTry, isIgnored, digest, basis, position)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9, ?10, ?11, ?12, ?13, ?14)
                ON CONFLICT (operation) DO UPDATE SET
                    root = ?2, object = ?3, record = ?4, code = ?5, fields = ?6, candidates = ?7,
                    attempts = ?8, tried = ?9, nextTry = ?10, isIgnored = ?11, digest = ?12,
                    basis = ?13, position = ?14
                """
        ).execute(
            arguments: [
                name.rawValue, operation.appointments.first?.root.rawValue ?? "",
                note.object.rawValue, (note.record ?? operation.record)?.rawValue, note.code,
                note.fields.map(\.rawValue).joined(separator: ","),
                note.candidates.map(\.rawValue).joined(separator: ","), note.attempts,
                transaction.now, note.nextTry?.milliseconds, note.isIgnored,
                note.digest.bytes.data, note.basis.bytes.data, transaction.lastPosition,
            ]
        )
    }

    private func remove(_ name: OperationID) throws {
        try db.cachedStatement(sql: "DELETE FROM failure WHERE operation = ?")
            .execute(arguments: [name.rawValue])
    }

    /// Forgets what failed for the routing forms of somebody who has bookings by now: what the forms
    /// told is written to the record of those.
    private func dropForms(of subject: RecordSubject) throws {
        guard case .person(let key) = subject, key.policy != nil else { return }
        let forms = RecordSubject.person(PersonRecordKey(formsOf: key.person))
        let name = OperationID(forms.name)
        try remove(name)
        for field in try Self.fieldNames(of: name, db) { try remove(field) }
    }

    /// Forgets the fields that were written, or are not wanted any more.
    private func dropFields(of result: OperationResult) throws {
        let operation = result.operation
        let stillHeld = operation.fields.filter { $0.outcome == .hold && $0.reason.isRefusal }
        let kept = Set(stillHeld.map(\.field)).union(result.fieldFailures.keys)
        for name in try Self.fieldNames(of: operation.id, db) {
            if let field = name.parts.field, kept.contains(field) { continue }
            try remove(name)
        }
    }

    /// The names of failures about single fields of an operation.
    static func fieldNames(of operation: OperationID, _ db: Database) throws -> [OperationID] {
        // '$' follows '#': the names between the two are those that begin with '<operation>#'.
        try String.fetchAll(
            db.cachedStatement(
                sql: "SELECT operation FROM failure WHERE operation > ?1 AND operation < ?2"
            ),
            arguments: ["\(operation.rawValue)#", "\(operation.rawValue)$"]
        ).map { OperationID($0) }
    }

    // MARK: Reading

    private static let columns = """
        operation, root, object, record, code, fields, candidates, attempts, since, tried, nextTry,
        isIgnored, digest, basis
        """

    /// All failures, by name.
    static func all(_ db: Database) throws -> [KeptFailure] {
        try Row.fetchAll(db, sql: "SELECT \(columns) FROM failure ORDER BY operation").map(kept)
    }

    /// A page of failures, by name; those whose last write has no outcome yet are left out.
    static func page(
        _ selection: FailureSelection,
        after name: String,
        limit: Int,
        _ db: Database
    ) throws -> [KeptFailure] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT \(columns) FROM failure WHERE operation > ?1 AND \(rows(selection))
                ORDER BY operation LIMIT ?3
                """,
            arguments: [name, selection.code, limit]
        ).map(kept)
    }

    /// How many failures ``page(_:after:limit:_:)`` goes through in all.
    static func count(_ selection: FailureSelection, _ db: Database) throws -> Int {
        try Int.fetchOne(
            db,
            sql: "SELECT count(*) FROM failure WHERE operation > ?1 AND \(rows(selection))",
            arguments: ["", selection.code]
        ) ?? 0
    }

    private static func rows(_ selection: FailureSelection) -> String {
        """
        (?2 IS NULL OR code = ?2) AND \(selection.condition)
            AND NOT EXISTS (SELECT 1 FROM intent WHERE intent.operation = failure.operation)
        """
    }

    private static func kept(_ row: Row) -> KeptFailure {
        let name = OperationID(row[0])
        let (operation, field) = name.parts
        let note = FailureNote(
            object: ObjectName(row[2] as String),
            code: row[4],
            fields: list(row[5]).map { FieldName($0) },
            attempts: row[7],
            nextTry: (row[10] as Int64?).map(Instant.init(milliseconds:)),
            digest: ValueDigest(Array(row[12] as Data)),
            basis: ValueDigest(Array(row[13] as Data)),
            record: (row[3] as String?).flatMap { SalesforceID($0) },
            candidates: list(row[6]).compactMap { SalesforceID($0) },
            isIgnored: row[11]
        )
        return KeptFailure(
            name: name,
            subject: RecordSubject(name: operation.rawValue),
            field: field,
            root: row[1],
            note: note,
            since: Instant(milliseconds: row[8]),
            tried: Instant(milliseconds: row[9]),
            state: note.state
        )
    }

    private static func list(_ text: String) -> [String] {
        text.split(separator: ",").map(String.init)
    }
}

extension FailureNote {
    /// The question which of several records is the right one.
    fileprivate static func review(of operation: PlanOperation) -> Self {
        Self(
            object: operation.object,
            code: operation.reason == .ambiguous ? "AMBIGUOUS_MATCH" : "AMBIGUOUS_ACCOUNT",
            fields: [],
            attempts: 0,
            nextTry: nil,
            digest: ValueDigest([]),
            candidates: operation.candidates
        )
    }

    fileprivate var state: KeptFailure.State {
        if isIgnored { return .ignored }
        if FailureCatalogue.entry(for: code).category == .review { return .review }
        return nextTry == nil ? .stopped : .waiting
    }
}
