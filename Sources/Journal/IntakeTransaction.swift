import Domain
import Foundation
import GRDB
import Ledger

/// Records deliveries inside one write transaction.
struct IntakeTransaction {
    let transaction: LedgerTransaction
    let key: LedgerKey
    var db: Database { transaction.db }

    /// Forged bodies are kept up to this many; beyond, they are only counted.
    static let mostForgedBodies = 1_000

    init(_ transaction: LedgerTransaction, key: LedgerKey) {
        (self.transaction, self.key) = (transaction, key)
    }

    func record(_ delivery: IncomingDelivery) throws -> DeliveryReceipt {
        if delivery.verdict != .forged, let first = try earlier(delivery.digest) {
            try keep(delivery, .duplicate, position: first.position, note: "same bytes", body: false)
            return DeliveryReceipt(
                verdict: .duplicate,
                position: first.position.map(LedgerPosition.init)
            )
        }
        let (verdict, position) = try append(delivery)
        let keepsBody = try verdict != .forged || forgedBodies() < Self.mostForgedBodies
        try keep(delivery, verdict, position: position, note: delivery.note, body: keepsBody)
        return DeliveryReceipt(verdict: verdict, position: position.map(LedgerPosition.init))
    }

    private func earlier(_ digest: [UInt8]) throws -> (position: Int64?, Bool)? {
        let row = try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT position FROM delivery
                    WHERE digest = ? AND verdict NOT IN ('forged', 'duplicate') LIMIT 1
                    """
            ),
            arguments: [digest.data]
        )
        return row.map { (position: $0[0] as Int64?, true) }
    }

    private func forgedBodies() throws -> Int {
        try Int.fetchOne(
            db,
            sql: "SELECT count(*) FROM delivery WHERE verdict = 'forged' AND sealed IS NOT NULL"
        ) ?? 0
    }

    private func append(_ delivery: IncomingDelivery) throws -> (DeliveryVerdict, Int64?) {
        switch delivery.verdict {
        case .appended:
            let results = try delivery.facts.map { try append($0.fact, $0.meaning, of: delivery) }
            let isNew = results.contains { $0.isNew }
            return (isNew ? .appended : .duplicate, results.first?.position)
        case .noted, .unrecognised:
            return (delivery.verdict, try note(delivery))
        case .duplicate, .rejected, .forged:
            return (delivery.verdict, nil)
        }
    }

    /// Appends that a delivery came which is no fact, so that the history shows it.
    private func note(_ delivery: IncomingDelivery) throws -> Int64? {
        let data = JSON.compact([
            ("trigger", delivery.trigger.map(JSON.string)),
            ("recognised", .bool(delivery.verdict == .noted)),
            ("note", .string(delivery.note)),
            ("delivery", .string(delivery.digest.hexadecimal)),
        ])
        let event = NewEvent(
            id: transaction.eventID(),
            type: "delivery.noted",
            occurred: delivery.arrived.milliseconds,
            actor: "calcom",
            data: data.bytes
        )
        return try transaction.append([event], to: "deliveries").first?.position
    }

    private func keep(
        _ delivery: IncomingDelivery,
        _ verdict: DeliveryVerdict,
        position: Int64?,
        note: String,
        body: Bool
    ) throws {
        let sealed = body
            ? try KeptDelivery.seal(delivery, key: key, nonce: transaction.random(12)) : nil
        try db.cachedStatement(
            sql: """
                INSERT INTO delivery
                    (digest, arrived, source, verdict, "trigger", note, position, sealed)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(
            arguments: [
                delivery.digest.data, delivery.arrived.milliseconds, delivery.source,
                verdict.rawValue, delivery.trigger, note, position, sealed?.data,
            ]
        )
    }

    // MARK: Facts

    private func append(
        _ reported: ReportedFact,
        _ meaning: [UInt8],
        of delivery: IncomingDelivery
    ) throws -> (position: Int64, isNew: Bool) {
        if let known = try repeated(reported, meaning) { return (known, false) }
        let stored = try StoredFact(
            reported.fact,
            delivery: delivery.digest.hexadecimal,
            subject: { PersonID(try transaction.subject(forEmail: $0.rawValue)) }
        )
        let identity = BookingIdentity(db: db, key: key)
        let root = try identity.learn(reported)
        let event = NewEvent(
            id: transaction.eventID(),
            type: stored.type,
            schemaVersion: StoredFact.version,
            occurred: reported.occurred.milliseconds,
            correlation: root ?? "",
            actor: "calcom",
            data: stored.data.bytes,
            parts: stored.parts
        )
        let stream = reported.fact.bookingUID.map { "booking-\($0.rawValue)" } ?? "forms"
        guard let position = try transaction.append([event], to: stream).first?.position else {
            throw LedgerError.storage(UnreadableFact(reason: "nothing was appended"))
        }
        try index(reported, meaning, stored, at: position)
        try identity.markDirty(reported.fact, position: position)
        return (position, true)
    }

    /// Where a fact with the same meaning is, if this one only repeats it.
    ///
    /// A mark, a host or a place can go back to what it was, so those facts repeat only the one
    /// that happened just before them; all others repeat any earlier one.
    private func repeated(_ reported: ReportedFact, _ meaning: [UInt8]) throws -> Int64? {
        guard let uid = reported.fact.bookingUID, reported.fact.canGoBack else {
            return try Int64.fetchOne(
                db.cachedStatement(sql: "SELECT position FROM meaning WHERE digest = ?"),
                arguments: [meaning.data]
            )
        }
        let row = try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT position, meaning FROM fact
                    WHERE uid = ? AND kind = ? AND occurred <= ?
                    ORDER BY occurred DESC, position DESC LIMIT 1
                    """
            ),
            arguments: [
                uid.rawValue, FactType(reported.fact).rawValue, reported.occurred.milliseconds,
            ]
        )
        guard let row, Array(row[1] as Data) == meaning else { return nil }
        return row[0]
    }

    private func index(
        _ reported: ReportedFact,
        _ meaning: [UInt8],
        _ stored: StoredFact,
        at position: Int64
    ) throws {
        try db.cachedStatement(
            sql: "INSERT OR IGNORE INTO meaning (digest, position) VALUES (?, ?)"
        ).execute(arguments: [meaning.data, position])
        for uid in reported.fact.concernedBookings.map(\.rawValue) + stored.formKeys {
            try db.cachedStatement(
                sql: "INSERT INTO fact (uid, position, kind, occurred, meaning) VALUES (?, ?, ?, ?, ?)"
            ).execute(
                arguments: [
                    uid, position, stored.type, reported.occurred.milliseconds, meaning.data,
                ]
            )
            for person in stored.people {
                try db.cachedStatement(
                    sql: "INSERT OR IGNORE INTO participation (person, uid) VALUES (?, ?)"
                ).execute(arguments: [person, uid])
            }
        }
    }
}

extension BookingFact {
    /// Whether the same thing can happen again after something else happened.
    fileprivate var canGoBack: Bool {
        switch self {
        case .attendance, .reassigned, .relocated: true
        default: false
        }
    }

    /// The bookings whose history the fact belongs to: its own and, when a seat moved, the one it
    /// left.
    var concernedBookings: [BookingUID] {
        guard let own = bookingUID else { return [] }
        guard case .rescheduled(_, let predecessor) = self, isSeatMove else { return [own] }
        return [own, predecessor.uid]
    }
}

extension StoredFact {
    /// Where an answered form is found again: under the person who answered it.
    var formKeys: [String] {
        data["submitter"]?["person"]?.string.map { [Self.formKey(person: $0)] } ?? []
    }

    /// The key under which the forms of a person are indexed; no uid contains a slash.
    static func formKey(person: String) -> String { "form/\(person)" }

    /// The surrogates of the attendees that the fact names.
    var people: [String] {
        (data["attendees"]?.array ?? []).compactMap { $0["person"]?.string }
    }
}
