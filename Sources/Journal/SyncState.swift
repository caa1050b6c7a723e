public import Domain
import Foundation
import GRDB
public import Ledger

extension Journal {
    /// The records that stand for some subjects.
    ///
    /// - Parameter subjects: The subjects.
    /// - Returns: The links that there are.
    /// - Throws: ``LedgerError/storage(_:)``.
    public func links(
        of subjects: [RecordSubject]
    ) async throws(LedgerError) -> [RecordSubject: RecordLink] {
        try await reading { db in
            var links: [RecordSubject: RecordLink] = [:]
            for subject in subjects {
                let row = try Row.fetchOne(
                    db.cachedStatement(
                        sql: """
                            SELECT subject, object, record, isOurs, state, position FROM recordLink
                            WHERE subject = ?
                            """
                    ),
                    arguments: [subject.name]
                )
                links[subject] = row.flatMap(Self.link)
            }
            return links
        }
    }

    /// The subjects for which a record stands.
    ///
    /// - Parameter record: The record.
    /// - Returns: The links that there are.
    /// - Throws: ``LedgerError/storage(_:)``.
    public func links(to record: SalesforceID) async throws(LedgerError) -> [RecordLink] {
        try await reading { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT subject, object, record, isOurs, state, position FROM recordLink
                    WHERE record = ? ORDER BY subject
                    """,
                arguments: [record.rawValue]
            ).compactMap(Self.link)
        }
    }

    /// The records that stand for some subject, whatever became of them.
    ///
    /// - Parameter records: The records that are asked about.
    /// - Returns: Those of them that are linked.
    /// - Throws: ``LedgerError/storage(_:)``.
    public func linked(
        among records: [SalesforceID]
    ) async throws(LedgerError) -> Set<SalesforceID> {
        guard !records.isEmpty else { return [] }
        return try await reading { db in
            let statement = try db.cachedStatement(
                sql: "SELECT EXISTS (SELECT 1 FROM recordLink WHERE record = ?)"
            )
            return Set(
                try records.filter { record in
                    try Bool.fetchOne(statement, arguments: [record.rawValue]) ?? false
                }
            )
        }
    }

    /// The records whose making has a receipt.
    ///
    /// The receipts are searched, because a record that was merged into another one may stand for
    /// nothing any more; the time grows with their number.
    ///
    /// - Parameter records: The records that are asked about.
    /// - Returns: Those of them that some receipt says were made.
    /// - Throws: ``LedgerError/storage(_:)``.
    public func withReceipt(
        among records: Set<SalesforceID>
    ) async throws(LedgerError) -> Set<SalesforceID> {
        guard !records.isEmpty else { return [] }
        return try await reading { db in
            let member = Data("\"record\":\"".utf8)
            let made = try String.fetchCursor(
                db,
                sql: """
                    SELECT CAST(substr(leaf, instr(leaf, ?1) + length(?1), 18) AS TEXT) FROM event
                    WHERE type = (SELECT id FROM eventType WHERE name = 'write.confirmed')
                        AND instr(leaf, ?2) > 0
                    """,
                arguments: [member, Data("\"created\":true".utf8)]
            )
            var found: Set<SalesforceID> = []
            while let text = try made.next() {
                guard let record = SalesforceID(text), records.contains(record) else { continue }
                found.insert(record)
            }
            return found
        }
    }

    /// How many live records of each object are linked.
    ///
    /// - Throws: ``LedgerError/storage(_:)``.
    public func linkedCounts() async throws(LedgerError) -> [ObjectName: Int] {
        try await reading { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT object, count(DISTINCT record) FROM recordLink
                    WHERE state = 'live' GROUP BY object
                    """
            )
            return Dictionary(
                uniqueKeysWithValues: rows.map { (ObjectName($0[0] as String), $0[1] as Int) }
            )
        }
    }

    static func links(ofSubjectsLike pattern: String, _ db: Database) throws -> [RecordLink] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT subject, object, record, isOurs, state, position FROM recordLink
                WHERE subject LIKE ? ORDER BY subject
                """,
            arguments: [pattern]
        ).compactMap(link)
    }

    /// The records that may hold what was written about a person: the person's own, the person's
    /// account, and those of all appointments in which the person takes part.
    ///
    /// - Parameters:
    ///   - subject: The person's surrogate.
    ///   - db: A connection.
    /// - Returns: The links, by subject.
    /// - Throws: A database error.
    static func links(about subject: String, _ db: Database) throws -> [RecordLink] {
        try Row.fetchAll(
            db,
            sql: """
                WITH own AS (
                    SELECT DISTINCT uid FROM booking WHERE root IN (
                        SELECT b.root FROM participation p JOIN booking b ON b.uid = p.uid
                        WHERE p.person = ?1
                    )
                )
                SELECT subject, object, record, isOurs, state, position FROM recordLink
                WHERE subject LIKE 'person/' || ?1 || '/%' OR subject = 'account/' || ?1
                    OR subject IN (SELECT 'event/' || uid FROM own)
                    OR (subject LIKE 'fallback/%'
                        AND substr(subject, instr(substr(subject, 10), '/') + 10)
                            IN (SELECT uid FROM own))
                ORDER BY subject
                """,
            arguments: [subject]
        ).compactMap(link)
    }

    static func link(_ row: Row) -> RecordLink? {
        guard let subject = RecordSubject(name: row[0]),
            let record = SalesforceID(row[2] as String),
            let state = RecordLink.State(rawValue: row[4])
        else { return nil }
        return RecordLink(
            subject: subject,
            object: ObjectName(row[1] as String),
            record: record,
            isOurs: row[3],
            state: state,
            deletionNoted: state == .deletedByOther ? LedgerPosition(row[5]) : nil
        )
    }

    /// What is remembered of the fields of some records.
    ///
    /// - Parameter records: The records.
    /// - Returns: The claims, by record and field.
    /// - Throws: ``LedgerError/storage(_:)``.
    public func claims(
        on records: some Sequence<SalesforceID>
    ) async throws(LedgerError) -> [SalesforceID: [FieldName: Claim]] {
        let records = Array(records)
        return try await reading { db in
            var claims: [SalesforceID: [FieldName: Claim]] = [:]
            for record in records {
                let rows = try Row.fetchAll(
                    db.cachedStatement(
                        sql: """
                            SELECT field, sent, seen, seenEmpty, seenAt, occurred, cause, recorded,
                                outcome FROM claim WHERE record = ?
                            """
                    ),
                    arguments: [record.rawValue]
                )
                for row in rows {
                    claims[record, default: [:]][FieldName(row[0] as String)] = Self.claim(row)
                }
            }
            return claims
        }
    }

    private static func claim(_ row: Row) -> Claim {
        Claim(
            sent: (row[1] as Data?).map { ValueDigest(Array($0)) },
            seen: (row[2] as Data?).map { ValueDigest(Array($0)) },
            seenIsEmpty: row[3],
            seenAt: (row[4] as Int64?).map(Instant.init(milliseconds:)),
            considered: Cause(
                position: LedgerPosition(row[6]),
                occurred: Instant(milliseconds: row[5]),
                recorded: Instant(milliseconds: row[7])
            ),
            outcome: Reason(rawValue: row[8]) ?? .noOpinion
        )
    }

    // MARK: Org

    /// What describe said of an object the last time, and when.
    ///
    /// - Throws: ``LedgerError/storage(_:)``.
    public func knownSchema() async throws(LedgerError) -> [ObjectName: (Instant, JSON)] {
        try await reading { db in
            let rows = try Row.fetchAll(db, sql: "SELECT object, observed, form FROM orgObject")
            var known: [ObjectName: (Instant, JSON)] = [:]
            for row in rows {
                known[ObjectName(row[0] as String)] = (
                    Instant(milliseconds: row[1]), try JSON(parsing: row[2] as String)
                )
            }
            return known
        }
    }

    /// Keeps what describe said; a changed form is recorded in the ledger.
    ///
    /// - Parameters:
    ///   - forms: The descriptions in a form without values.
    ///   - now: The time.
    /// - Throws: ``LedgerError``.
    public func observe(
        _ forms: [ObjectName: JSON],
        now: Instant
    ) async throws(LedgerError) {
        try await writing { transaction in
            for (object, form) in forms.sorted(by: { $0.key < $1.key }) {
                let text = form.text
                let known = try String.fetchOne(
                    transaction.db,
                    sql: "SELECT form FROM orgObject WHERE object = ?",
                    arguments: [object.rawValue]
                )
                try transaction.db.execute(
                    sql:
                        "INSERT OR REPLACE INTO orgObject (object, observed, form) VALUES (?, ?, ?)",
                    arguments: [object.rawValue, now.milliseconds, text]
                )
                guard known != text else { continue }
                let fields = form["fields"]?.array?.count ?? 0
                let data = JSON.compact([
                    ("object", .string(object.rawValue)), ("fields", .integer(fields)),
                ])
                try transaction.append(
                    [
                        NewEvent(
                            id: transaction.eventID(),
                            type: "org.schema-observed",
                            occurred: now.milliseconds,
                            actor: "daybook",
                            data: data.bytes
                        )
                    ],
                    to: "org"
                )
            }
        }
    }
}
