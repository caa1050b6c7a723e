import Domain
import Foundation
import GRDB
import Ledger

/// Finds everything about a person in one snapshot, and what came in after it.
struct PersonScan: Sendable {
    /// The surrogate; nil for somebody of whom only raw deliveries tell.
    let subject: String?
    /// The parts about other people that name the person, and what is left of them.
    private(set) var redactions: [PartPlace: Erasure.Redaction] = [:]
    /// The kept deliveries that name the person.
    private(set) var deliveries: Set<Int64> = []
    /// The events that hold a part about the person.
    private(set) var events: Set<Int64> = []
    /// How many parts are about the person.
    private(set) var parts = 0

    private let key: LedgerKey
    private var mentions: PersonMentions
    private var position: Int64 = 0
    private var delivery: Int64 = 0

    /// Prepares a search.
    ///
    /// - Parameters:
    ///   - email: The address; nil when only the digest is known.
    ///   - blind: The keyed digest of the address.
    ///   - subject: The surrogate.
    ///   - key: The key of the ledger.
    init(email: EmailAddress?, blind: [UInt8], subject: String?, key: LedgerKey) {
        (self.subject, self.key) = (subject, key)
        mentions = PersonMentions(email: email, blind: blind, key: key)
    }

    /// Looks at everything that was not looked at before.
    ///
    /// The first call reads all of the ledger, in constant memory but for what is found; it belongs
    /// outside of a write transaction. The second one, inside, reads what came in between.
    mutating func advance(_ db: Database, progress: (Int64) -> Void = { _ in }) throws {
        try learnOwn(db)
        let end = try SQLiteLedger.head(db).position
        try LedgerTables.eachPart(after: position, db: db, key: key) { opened in
            if opened.place.position.isMultiple(of: 1_000) { progress(opened.place.position) }
            guard opened.part.subject != subject else { return }
            let content = try JSON(parsing: opened.part.content)
            let isAboutOne =
                opened.part.name.contains("party-")
                || opened.event.stream.hasPrefix("record-person/")
            guard let rest = mentions.redacted(content, names: !isAboutOne) else { return }
            redactions[opened.place] = Erasure.Redaction(
                opened.place,
                subject: opened.part.subject,
                content: rest.bytes
            )
        }
        position = end
        try findDeliveries(db)
    }

    private mutating func learnOwn(_ db: Database) throws {
        guard let subject else { return }
        (parts, events) = (0, [])
        try LedgerTables.eachPart(of: subject, db: db, key: key) { opened in
            parts += 1
            events.insert(opened.place.position)
            try mentions.learn(opened.part)
        }
    }

    private mutating func findDeliveries(_ db: Database) throws {
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT id, digest, sealed FROM delivery
                WHERE sealed IS NOT NULL AND id > ? ORDER BY id
                """,
            arguments: [delivery]
        )
        while let row = try rows.next() {
            let id: Int64 = row[0]
            delivery = id
            let content = try KeptDelivery.content(
                Array(row[2] as Data),
                digest: Array(row[1] as Data),
                key: key
            )
            if mentions.isIn(content) { deliveries.insert(id) }
        }
    }
}
