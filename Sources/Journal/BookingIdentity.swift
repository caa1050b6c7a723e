import Domain
import Foundation
import GRDB
import Ledger

/// Which bookings are one appointment, learned fact by fact, in whatever order they arrive.
///
/// | what arrives                            | what follows                                   |
/// |-----------------------------------------|------------------------------------------------|
/// | a booking nobody heard of               | an appointment of its own                      |
/// | a successor of a known booking          | it joins its predecessor's appointment         |
/// | a successor of an unknown booking       | the appointment is named by the unknown one    |
/// | the link between two known appointments | the later one joins the earlier one            |
/// | a second, other predecessor             | ignored: the first link stands                 |
/// | a link that would close a circle        | ignored                                        |
struct BookingIdentity {
    let db: Database
    let key: LedgerKey

    /// Takes in what a fact says about identity.
    ///
    /// - Returns: The root uid of the fact's appointment; nil for a fact without a booking.
    func learn(_ reported: ReportedFact) throws -> String? {
        let fact = reported.fact
        guard let uid = fact.bookingUID?.rawValue else { return nil }
        for concerned in fact.concernedBookings { try ensure(concerned.rawValue) }
        if let predecessor = fact.predecessor { try link(uid, to: predecessor.rawValue) }
        if let successor = fact.successor?.rawValue {
            try ensure(successor)
            try link(successor, to: uid)
        }
        try learnOrigin(reported, uid: uid)
        return try root(of: uid)
    }

    /// The root uid of a booking's appointment, or nil for an unknown booking.
    func root(of uid: String) throws -> String? {
        try RawStatement("SELECT root FROM booking WHERE uid = ?", db).first {
            $0.add(uid)
        } _: { row in
            row.text(0)
        }
    }

    /// Makes a thread of its own of what nobody heard of yet.
    func ensure(_ uid: String) throws {
        try RawStatement("INSERT OR IGNORE INTO booking (uid, root) VALUES (?1, ?1)", db)
            .run { $0.add(uid) }
    }

    private func link(_ uid: String, to predecessor: String) throws {
        try ensure(predecessor)
        let known = try String.fetchOne(
            db.cachedStatement(sql: "SELECT predecessor FROM booking WHERE uid = ?"),
            arguments: [uid]
        )
        guard known == nil, let newRoot = try root(of: predecessor), newRoot != uid else { return }
        try db.cachedStatement(sql: "UPDATE booking SET predecessor = ? WHERE uid = ?")
            .execute(arguments: [predecessor, uid])
        // Without a predecessor `uid` was a root: all that named it as theirs move along.
        try db.cachedStatement(sql: "UPDATE booking SET root = ? WHERE root = ?")
            .execute(arguments: [newRoot, uid])
        try db.cachedStatement(
            sql: """
                INSERT INTO dirty (root, position) SELECT ?, position FROM dirty WHERE root = ?
                ON CONFLICT (root) DO UPDATE SET position = max(position, excluded.position)
                """
        ).execute(arguments: [newRoot, uid])
        try db.cachedStatement(sql: "DELETE FROM dirty WHERE root = ?").execute(arguments: [uid])
        // What waits for the appointment has to wake it under its new name.
        for table in ["failure", "intent"] {
            try db.cachedStatement(sql: "UPDATE \(table) SET root = ? WHERE root = ?")
                .execute(arguments: [newRoot, uid])
        }
    }

    /// Remembers when a booking was made, and to which series it belongs.
    private func learnOrigin(_ reported: ReportedFact, uid: String) throws {
        let made: Instant? =
            switch reported.fact {
            case .requested, .confirmed: reported.occurred
            // One that is moved in place was there before.
            case .rescheduled(let booking, let predecessor) where predecessor.uid != booking.uid:
                reported.occurred
            case .observed(_, let observation) where observation.gaps.contains(.booking):
                reported.occurred
            default: nil
            }
        let created = reported.fact.booking?.created ?? made
        let series = reported.fact.booking.flatMap(seriesDigest)
        guard created != nil || series != nil else { return }
        try RawStatement(
            """
            UPDATE booking SET
                created = coalesce(min(created, ?1), ?1, created),
                series = coalesce(series, ?2)
            WHERE uid = ?3
            """,
            db
        ).run {
            $0.add(created?.milliseconds)
            $0.add(series)
            $0.add(uid)
        }
    }

    /// What the occurrences of a series have in common, and other bookings do not.
    private func seriesDigest(_ booking: Booking) -> [UInt8]? {
        guard let recurrence = booking.recurrence,
            let booker = booking.bookerEmail ?? booking.attendees.first?.email
        else { return nil }
        let eventType = booking.eventType.map { String($0.rawValue) } ?? booking.eventTypeSlug ?? ""
        return key.blind(
            """
            series|\(eventType)|\(booker.rawValue)|\(recurrence.frequency)|\
            \(recurrence.interval)|\(recurrence.count ?? 0)
            """
        )
    }

    /// Notes which appointments a new fact concerns, so that the next run looks at them.
    func markDirty(_ fact: BookingFact, position: Int64) throws {
        for uid in fact.concernedBookings {
            if let root = try root(of: uid.rawValue) {
                try Self.markDirty(root, position: position, db)
            }
        }
        guard case .cancelled(let booking, let cancellation) = fact, cancellation.kind == .series,
            let series = seriesDigest(booking)
        else { return }
        try db.cachedStatement(
            sql: "INSERT INTO seriesCancellation (series, position, uid) VALUES (?, ?, ?)"
        ).execute(arguments: [series.data, position, booking.uid.rawValue])
        let roots = try String.fetchAll(
            db,
            sql: "SELECT DISTINCT root FROM booking WHERE series = ?",
            arguments: [series.data]
        )
        for root in roots { try Self.markDirty(root, position: position, db) }
    }

    static func markDirty(_ root: String, position: Int64, _ db: Database) throws {
        try RawStatement(
            """
            INSERT INTO dirty (root, position) VALUES (?, ?)
            ON CONFLICT (root) DO UPDATE SET position = max(position, excluded.position)
            """,
            db
        ).run {
            $0.add(root)
            $0.add(position)
        }
    }
}
