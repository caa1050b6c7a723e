import Foundation
import GRDB

/// What is to be erased; see ``LedgerTransaction/erase(_:)``.
public struct Erasure: Sendable {
    /// A part about somebody else that names the person, and what it says without that.
    public struct Redaction: Hashable, Sendable {
        /// Where the part is.
        public var place: PartPlace
        /// Whom it is about.
        public var subject: String
        /// What is left of it.
        public var content: [UInt8]

        /// Creates a redaction.
        public init(_ place: PartPlace, subject: String, content: [UInt8]) {
            (self.place, self.subject, self.content) = (place, subject, content)
        }
    }

    /// The surrogate of the person.
    public var subject: String
    /// The keyed digest of the address: it stays, so that the person is recognised as erased.
    public var blind: [UInt8]?
    /// The parts about other people that name the person.
    public var redactions: [Redaction]
    /// How many kept deliveries lose their body.
    public var deliveries: Int
    /// Who asked for it.
    public var actor: String

    /// Creates an order.
    public init(
        subject: String,
        blind: [UInt8]?,
        redactions: [Redaction],
        deliveries: Int,
        actor: String
    ) {
        (self.subject, self.blind, self.redactions) = (subject, blind, redactions)
        (self.deliveries, self.actor) = (deliveries, actor)
    }
}

/// What was erased, and the event that says so.
public struct Erased: Hashable, Sendable {
    /// The position of the event.
    public var position: Int64
    /// What the event says.
    public var fence: ErasureFence
    /// The commitments whose contents are gone, by place.
    public var commitments: [PartPlace: SealedPartCommitment]
}

extension LedgerTransaction {
    /// Erases a person: appends the fence, then deletes ciphertexts and keys.
    ///
    /// All of it becomes durable at once, so that no crash leaves a half-erased person. From then
    /// on parts about the person are left out of every event that is appended.
    ///
    /// - Parameter erasure: Whom, and what else has to change.
    /// - Returns: What was erased.
    /// - Throws: ``LedgerError/erased(position:)`` for a person who was erased before; a database
    ///   error.
    public func erase(_ erasure: Erasure) throws -> Erased {
        if let row = try Row.fetchOne(
            db,
            sql: "SELECT position FROM erasure WHERE subject = ? AND position IS NOT NULL",
            arguments: [erasure.subject]
        ) {
            throw LedgerError.erased(position: row[0])
        }
        let own = try commitments(of: erasure.subject)
        var erasure = erasure
        // Since the search somebody else may have been erased, and the part with them or sealed
        // anew: what was found then must not come back.
        erasure.redactions = try erasure.redactions.filter { redaction in
            let place = redaction.place
            return try LedgerTables.body(place.position, place.part, db) != nil
                && !isErased(redaction.subject)
        }
        let fence = ErasureFence(
            subject: erasure.subject,
            revision: own.values.map(\.keyRevision).max() ?? 0,
            keys: Set(own.values.map(\.keyFingerprint.hexadecimal)).sorted(),
            parts: own.count,
            redacted: erasure.redactions.map(\.place),
            deliveries: erasure.deliveries
        )
        let position = try appendFence(fence, erasure)
        try destroy(erasure, own.keys, fence: position)
        return Erased(position: position, fence: fence, commitments: own)
    }

    private func appendFence(_ fence: ErasureFence, _ erasure: Erasure) throws -> Int64 {
        let event = NewEvent(
            id: eventID(),
            type: ErasureFence.type,
            occurred: now,
            correlation: "person-\(erasure.subject)",
            actor: erasure.actor,
            data: fence.data,
            parts: erasure.redactions.map { redaction in
                PersonalPart(
                    name: ErasureFence.replacement(of: redaction.place),
                    subject: redaction.subject,
                    content: redaction.content
                )
            }
        )
        guard let position = try append([event], to: "person-\(erasure.subject)").first?.position
        else { throw RangeMistake(description: "nothing was appended") }
        return position
    }

    private func destroy(
        _ erasure: Erasure,
        _ own: some Sequence<PartPlace>,
        fence: Int64
    ) throws {
        try db.execute(
            sql: """
                INSERT INTO erasure (subject, blind, position) SELECT ?1, ?2, ?3
                WHERE NOT EXISTS (SELECT 1 FROM erasure WHERE subject = ?1)
                """,
            arguments: [erasure.subject, erasure.blind?.data, fence]
        )
        try db.execute(
            sql: "UPDATE erasure SET position = ? WHERE subject = ? AND position IS NULL",
            arguments: [fence, erasure.subject]
        )
        for place in Array(own) + erasure.redactions.map(\.place) {
            try db.cachedStatement(
                sql: "INSERT OR IGNORE INTO erasedPart (position, part, fence) VALUES (?, ?, ?)"
            ).execute(arguments: [place.position, place.part, fence])
            try db.cachedStatement(sql: "DELETE FROM sealed WHERE position = ? AND part = ?")
                .execute(arguments: [place.position, place.part])
        }
        try db.execute(
            sql: "DELETE FROM subjectKey WHERE subject = ?",
            arguments: [erasure.subject]
        )
        try db.execute(
            sql: "DELETE FROM subjectIndex WHERE subject = ?",
            arguments: [erasure.subject]
        )
        forget(erasure.subject)
    }

    /// The commitments to all parts about a person that are still there.
    private func commitments(of subject: String) throws -> [PartPlace: SealedPartCommitment] {
        var found: [PartPlace: SealedPartCommitment] = [:]
        try LedgerTables.eachEvent(naming: subject, db) { event in
            for commitment in event.commitments where commitment.subject == subject {
                let isThere = try LedgerTables.body(event.position, commitment.name, db) != nil
                if isThere { found[PartPlace(event.position, commitment.name)] = commitment }
            }
        }
        return found
    }
}
