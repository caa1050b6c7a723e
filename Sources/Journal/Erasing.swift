public import Domain
import Foundation
import GRDB
public import Ledger

/// What an erasure did, and what it could not do.
public struct ErasureReceipt: Hashable, Sendable {
    /// The surrogate of the person; it means nobody any more.
    public var person: PersonID
    /// The event that says so.
    public var position: LedgerPosition
    /// What the event says.
    public var fence: ErasureFence
    /// The commitments whose contents are gone, by place.
    public var commitments: [PartPlace: SealedPartCommitment]
    /// The records in Salesforce that stand for the person or the person's appointments, and the
    /// person's account: they stay there, with what was written to them.
    public var records: [RecordLink]
    /// The copies made on migration that were removed.
    public var copies: [String]
    /// The proof that the event is in the ledger; nil for a ledger without a key to sign.
    public var proof: ProofFile?
}

extension Journal {
    /// Erases a person: everything that is sealed under the person's key, the key, what others'
    /// parts and kept deliveries say of the person, and what was left in files.
    ///
    /// The event that says so, the deletions and the read models become durable at once. Proofs go
    /// on to verify; facts go on to be read, without the person. A later booking with the same
    /// address begins anew, under another surrogate.
    ///
    /// - Parameters:
    ///   - email: The person's address.
    ///   - actor: Who asks.
    ///   - progress: Told up to which event the ledger was searched.
    /// - Returns: What was erased, and the proof.
    /// - Throws: ``LedgerError/erased(position:)`` for somebody who was erased before and is not
    ///   known again; ``LedgerError/notFound(_:)`` for somebody who was never known;
    ///   ``LedgerError``.
    @discardableResult
    public func erase(
        _ email: EmailAddress,
        actor: String,
        progress: @escaping @Sendable (Int64) -> Void = { _ in }
    ) async throws(LedgerError) -> ErasureReceipt {
        let blind = digest(email.rawValue)
        let subject = try await person(email)?.rawValue
        let earlier = try await reading { db in try LedgerTables.erasure(ofBlind: blind, db) }
        let scan = try await scan(email, blind, subject, progress: progress)
        guard subject != nil || !scan.deliveries.isEmpty || !scan.redactions.isEmpty else {
            if let earlier {
                // The last step of the earlier one may have been cut off by a crash.
                try await ledger.scrubFiles()
                throw .erased(position: earlier.position)
            }
            throw .notFound(
                "the ledger knows nobody with this address. Check the spelling"
            )
        }
        return try await erase(scan, blind, actor: actor)
    }

    /// Carries out the erasures that are known from outside the file: those made after the copy
    /// was taken from which the file was restored.
    ///
    /// - Returns: How many people were erased.
    /// - Throws: ``LedgerError``.
    @discardableResult
    public func repeatErasures() async throws(LedgerError) -> Int {
        let pending = try await reading(LedgerTables.pendingErasures)
        for (subject, blind) in pending.sorted(by: { $0.key < $1.key }) {
            let scan = try await scan(nil, blind, subject)
            _ = try await erase(scan, blind, actor: "daybook")
        }
        return pending.count
    }

    private func scan(
        _ email: EmailAddress?,
        _ blind: [UInt8],
        _ subject: String?,
        progress: @escaping @Sendable (Int64) -> Void = { _ in }
    ) async throws(LedgerError) -> PersonScan {
        try await reading { [key = ledger.key] db in
            var scan = PersonScan(email: email, blind: blind, subject: subject, key: key)
            try scan.advance(db, progress: progress)
            return scan
        }
    }

    private func erase(
        _ scan: PersonScan,
        _ blind: [UInt8],
        actor: String
    ) async throws(LedgerError) -> ErasureReceipt {
        let (erased, records) = try await writing { transaction in
            var scan = scan
            try scan.advance(transaction.db)
            let subject = scan.subject ?? transaction.random(12).hexadecimal
            let records = try Self.scrub(subject, scan.deliveries, transaction.db)
            let erased = try transaction.erase(
                Erasure(
                    subject: subject,
                    blind: blind,
                    redactions: scan.redactions.values.sorted {
                        ($0.place.position, $0.place.part) < ($1.place.position, $1.place.part)
                    },
                    deliveries: scan.deliveries.count,
                    actor: actor
                )
            )
            return (erased, records)
        }
        ledger.keys.forget()
        let copies = try await ledger.scrubFiles()
        let note = try await ledger.makeCheckpoint()
        return ErasureReceipt(
            person: PersonID(erased.fence.subject),
            position: LedgerPosition(erased.position),
            fence: erased.fence,
            commitments: erased.commitments,
            records: records,
            copies: copies,
            proof: note == nil ? nil : try await ledger.prove(erased.position).proof
        )
    }

    /// Takes the person out of what is kept beside the events.
    private static func scrub(
        _ subject: String,
        _ deliveries: Set<Int64>,
        _ db: Database
    ) throws -> [RecordLink] {
        for delivery in deliveries.sorted() {
            try db.cachedStatement(
                sql: "UPDATE delivery SET sealed = NULL, note = note || ' (erased)' WHERE id = ?"
            ).execute(arguments: [delivery])
        }
        let own = "person/\(subject)/%"
        try db.execute(sql: "DELETE FROM failure WHERE operation LIKE ?", arguments: [own])
        for record in try recordsEver(of: own, db) {
            try db.cachedStatement(
                sql: """
                    UPDATE claim SET sent = NULL, seen = NULL WHERE record = ?1
                        AND NOT EXISTS (SELECT 1 FROM recordLink
                            WHERE recordLink.record = ?1 AND subject NOT LIKE ?2)
                    """
            ).execute(arguments: [record, own])
        }
        return try links(about: subject, db)
    }

    /// The records that stand for the person, or stood for it before they were merged, converted or
    /// made again: only their events tell of those.
    ///
    /// - Parameters:
    ///   - own: The pattern of the person's subjects.
    ///   - db: A connection.
    /// - Returns: The ids.
    /// - Throws: A database error.
    private static func recordsEver(of own: String, _ db: Database) throws -> [String] {
        try String.fetchAll(
            db,
            sql: """
                WITH link AS (
                    SELECT leaf FROM event WHERE type IN
                        (SELECT id FROM eventType WHERE name LIKE 'record.%')
                    AND stream IN (SELECT id FROM stream WHERE name LIKE ?1)
                )
                SELECT record FROM recordLink WHERE subject LIKE ?2
                UNION SELECT CAST(substr(leaf, instr(leaf, ?3) + length(?3), 18) AS TEXT) FROM link
                    WHERE instr(leaf, ?3) > 0
                UNION SELECT CAST(substr(leaf, instr(leaf, ?4) + length(?4), 18) AS TEXT) FROM link
                    WHERE instr(leaf, ?4) > 0
                """,
            arguments: [
                RecordSubject.prefix + own, own, Data("\"record\":\"".utf8),
                Data("\"from\":\"".utf8),
            ]
        )
    }
}
