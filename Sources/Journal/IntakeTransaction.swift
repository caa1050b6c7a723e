import Domain
import Foundation
import GRDB
import Ledger

/// Records deliveries inside one write transaction.
struct IntakeTransaction {
    let transaction: LedgerTransaction
    let key: LedgerKey
    var db: Database { transaction.db }

    /// Forged deliveries are kept up to this many; beyond, they are only counted, so that nobody
    /// can fill the disk without knowing the secret.
    static let mostForged = 1_000

    init(_ transaction: LedgerTransaction, key: LedgerKey) {
        (self.transaction, self.key) = (transaction, key)
    }

    func record(_ delivery: IncomingDelivery) throws -> DeliveryReceipt {
        if delivery.verdict == .forged { return try refuse(delivery) }
        // Not kept either: the same bytes may be news again, compared with what came in.
        if try isOvertaken(delivery) { return DeliveryReceipt(verdict: .duplicate) }
        let first = try earlier(delivery.digest)
        if let first, !delivery.isCompared {
            try keep(
                delivery,
                .duplicate,
                position: first.position,
                note: "same bytes",
                body: false
            )
            return DeliveryReceipt(
                verdict: .duplicate,
                position: first.position.map(LedgerPosition.init)
            )
        }
        let (verdict, position) = try append(delivery)
        let isKept = first == nil
        try keep(delivery, verdict, position: position, note: delivery.note, body: isKept)
        return DeliveryReceipt(verdict: verdict, position: position.map(LedgerPosition.init))
    }

    private func refuse(_ delivery: IncomingDelivery) throws -> DeliveryReceipt {
        let kept =
            try Int.fetchOne(db, sql: "SELECT count(*) FROM delivery WHERE verdict = 'forged'") ?? 0
        if kept < Self.mostForged {
            try keep(delivery, .forged, position: nil, note: delivery.note, body: true)
        } else {
            try db.cachedStatement(
                sql: """
                    INSERT INTO refusal (source, count) VALUES (?, 1)
                    ON CONFLICT (source) DO UPDATE SET count = count + 1
                    """
            ).execute(arguments: [delivery.source])
        }
        return DeliveryReceipt(verdict: .forged)
    }

    /// Whether something arrived about its booking after it was compared.
    private func isOvertaken(_ delivery: IncomingDelivery) throws -> Bool {
        guard let basis = delivery.basis else { return false }
        return try delivery.facts.compactMap(\.reported.fact.bookingUID).contains { uid in
            try Bool.fetchOne(
                db.cachedStatement(
                    sql: "SELECT EXISTS (SELECT 1 FROM fact WHERE uid = ? AND position > ?)"
                ),
                arguments: [uid.rawValue, basis.rawValue]
            ) ?? false
        }
    }

    /// A delivery with the same bytes.
    private struct Earlier {
        /// The event it led to.
        var position: Int64?
    }

    private func earlier(_ digest: [UInt8]) throws -> Earlier? {
        try RawStatement(
            "SELECT position FROM delivery WHERE digest = ? AND verdict <> 'forged' LIMIT 1",
            db
        ).first {
            $0.add(digest)
        } _: { row in
            Earlier(position: row.integerIfAny(0))
        }
    }

    private func append(_ delivery: IncomingDelivery) throws -> (DeliveryVerdict, Int64?) {
        switch delivery.verdict {
        case .appended:
            let results = try delivery.facts.map { try append($0, of: delivery) }
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
        let sealed =
            body
            ? try KeptDelivery.seal(delivery, key: key, nonce: transaction.random(12)) : nil
        try RawStatement(
            """
            INSERT INTO delivery
                (digest, arrived, source, verdict, "trigger", note, position, sealed)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            db
        ).run {
            $0.add(delivery.digest)
            $0.add(delivery.arrived.milliseconds)
            $0.add(delivery.source)
            $0.add(verdict.rawValue)
            $0.add(delivery.trigger)
            $0.add(note)
            $0.add(position)
            $0.add(sealed)
        }
    }

    // MARK: Facts

    private func append(
        _ incoming: IncomingFact,
        of delivery: IncomingDelivery
    ) throws -> (position: Int64, isNew: Bool) {
        let reported = incoming.reported
        // Keyed, because the addresses behind a plain digest could be guessed.
        let meaning = key.blind("meaning|\(incoming.meaning)")
        if !delivery.isCompared,
            let known = try repeated(reported, meaning, canRecur: incoming.canRecur)
        {
            return (known, false)
        }
        let stored = try StoredFact(
            reported.fact,
            delivery: delivery.digest.hexadecimal,
            subject: { PersonID(try subject(of: $0, in: reported.fact)) }
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
        for thread in stored.formKeys {
            try identity.ensure(thread)
            try BookingIdentity.markDirty(thread, position: position, db)
        }
        return (position, true)
    }

    /// The surrogate of a person in a fact.
    ///
    /// What comes late about a booking from before an erasure does not bring the person back; a new
    /// booking begins anew. Whoever moves a seat leaves a booking as who sat there: otherwise nobody
    /// would know who left.
    private func subject(of email: EmailAddress, in fact: BookingFact) throws -> String {
        for uid in try transaction.hasErasures() ? fact.concernedBookings.reversed() : [] {
            if let erased = try erasedSubject(of: email, in: uid.rawValue) { return erased }
        }
        return try transaction.subject(forEmail: email.rawValue)
    }

    /// As whom an erased person took part in a booking; somebody may be erased more than once.
    private func erasedSubject(of email: EmailAddress, in uid: String) throws -> String? {
        let erased = try String.fetchAll(
            db.cachedStatement(
                sql: "SELECT subject FROM erasure WHERE blind = ? ORDER BY position DESC"
            ),
            arguments: [key.blind(email.rawValue).data]
        )
        return try erased.first { try tookPart($0, in: uid) }
    }

    private func tookPart(_ person: String, in uid: String) throws -> Bool {
        let isAttendee =
            try Bool.fetchOne(
                db.cachedStatement(
                    sql: "SELECT EXISTS (SELECT 1 FROM participation WHERE person = ? AND uid = ?)"
                ),
                arguments: [person, uid]
            ) ?? false
        if isAttendee { return true }
        // Hosts take part in too many bookings for an index; few people are erased. A mark alone makes
        // nobody a part of a booking.
        return try LedgerTables.events(.stream("booking-\(uid)"), db: db, key: nil)
            .contains { event in
                event.type != "attendance.recorded"
                    && event.commitments.contains { $0.subject == person }
            }
    }

    /// How far apart two deliveries of one occasion are sent, at most: milliseconds.
    private static let coincidence: Int64 = 120_000

    /// Where a fact with the same meaning is, if this one only repeats it.
    ///
    /// Some things can go back to what they were and then happen again: such a fact only repeats
    /// one that was sent at about the same time. What happened in between may be of another kind,
    /// or arrive later, so the fact before it tells nothing.
    private func repeated(
        _ reported: ReportedFact,
        _ meaning: [UInt8],
        canRecur: Bool
    ) throws -> Int64? {
        guard canRecur, let threads = try threads(of: reported.fact) else {
            return try RawStatement("SELECT position FROM meaning WHERE digest = ?", db).first {
                $0.add(meaning)
            } _: { row in
                row.integer(0)
            }
        }
        let known = try threads.compactMap { thread in
            try Int64.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT position FROM fact
                        WHERE uid = ?1 AND meaning = ?2 AND abs(occurred - ?3) <= ?4
                        ORDER BY position LIMIT 1
                        """
                ),
                arguments: [
                    thread, meaning.data, reported.occurred.milliseconds, Self.coincidence,
                ]
            )
        }
        return known.first
    }

    /// Where facts like this one are found: under the booking or, for an answered form, the person,
    /// also as who was erased since; nil for a form that nobody is known to have answered.
    private func threads(of fact: BookingFact) throws -> [String]? {
        if let uid = fact.bookingUID { return [uid.rawValue] }
        guard let email = fact.form?.submitter?.email else { return nil }
        return try String.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT subject FROM subjectIndex WHERE blind = ?1
                    UNION SELECT subject FROM erasure WHERE blind = ?1
                    """
            ),
            arguments: [key.blind(email.rawValue).data]
        ).map { StoredFact.formKey(person: $0) }
    }

    private func index(
        _ reported: ReportedFact,
        _ meaning: [UInt8],
        _ stored: StoredFact,
        at position: Int64
    ) throws {
        try RawStatement("INSERT OR IGNORE INTO meaning (digest, position) VALUES (?, ?)", db)
            .run {
                $0.add(meaning)
                $0.add(position)
            }
        let addFact = try RawStatement(
            "INSERT INTO fact (uid, position, kind, occurred, meaning) VALUES (?, ?, ?, ?, ?)",
            db
        )
        let addPerson = try RawStatement(
            "INSERT OR IGNORE INTO participation (person, uid) VALUES (?, ?)",
            db
        )
        let people = stored.people
        for uid in reported.fact.concernedBookings.map(\.rawValue) + stored.formKeys {
            try addFact.run {
                $0.add(uid)
                $0.add(position)
                $0.add(stored.type)
                $0.add(reported.occurred.milliseconds)
                $0.add(meaning)
            }
            for person in people {
                try addPerson.run {
                    $0.add(person)
                    $0.add(uid)
                }
            }
        }
    }
}

extension IncomingDelivery {
    /// Whether it was compared with what is known: then it is news, whatever was said before.
    fileprivate var isCompared: Bool { basis != nil }
}

extension BookingFact {
    /// The answers to a routing form, if that is what it is about.
    fileprivate var form: FormSubmission? {
        switch self {
        case .formSubmitted(let form), .formAbandoned(let form): form
        default: nil
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
    ///
    /// Runs look at these threads as at appointments; `AppointmentID.isForms` tells them apart.
    var formKeys: [String] {
        data["submitter"]?["person"]?.string.map { [Self.formKey(person: $0)] } ?? []
    }

    /// The key under which the forms of a person are indexed; no uid contains a slash.
    static func formKey(person: String) -> String { "form/\(person)" }

    /// The surrogates of the attendees that the fact names, or of the person who answered a form.
    var people: [String] {
        let attendees = (data["attendees"]?.array ?? []).compactMap { $0["person"]?.string }
        return attendees + [data["submitter"]?["person"]?.string].compactMap { $0 }
    }
}
