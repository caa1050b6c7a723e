public import Domain
import Foundation
import GRDB
public import Ledger

extension Journal {
    /// The appointments that are newer than their last outcome, oldest first.
    ///
    /// - Parameter limit: The most to return.
    /// - Returns: The appointments.
    /// - Throws: ``LedgerError/storage(_:)``.
    public func dirtyAppointments(limit: Int) async throws(LedgerError) -> [AppointmentID] {
        try await reading { db in
            try String.fetchAll(
                db,
                sql: "SELECT root FROM dirty ORDER BY position, root LIMIT ?",
                arguments: [limit]
            ).compactMap { BookingUID($0).map(AppointmentID.init) }
        }
    }

    /// How many appointments are newer than their last outcome.
    ///
    /// - Throws: ``LedgerError/storage(_:)``.
    public func dirtyCount() async throws(LedgerError) -> Int {
        try await reading { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM dirty") ?? 0 }
    }

    /// Marks appointments as to be looked at again: all of them without a list.
    ///
    /// - Parameter appointments: The appointments; nil for all.
    /// - Throws: ``LedgerError``.
    public func markDirty(_ appointments: [AppointmentID]? = nil) async throws(LedgerError) {
        try await writing { transaction in
            let position = transaction.lastPosition
            guard let appointments else {
                return try transaction.db.execute(
                    sql: """
                        INSERT INTO dirty (root, position) SELECT DISTINCT root, ? FROM booking
                        WHERE true ON CONFLICT (root) DO NOTHING
                        """,
                    arguments: [position]
                )
            }
            for appointment in appointments {
                try BookingIdentity.markDirty(
                    appointment.root.rawValue,
                    position: position,
                    transaction.db
                )
            }
        }
    }

    /// The histories of some appointments; unknown ones are left out.
    ///
    /// - Parameter appointments: The appointments.
    /// - Returns: Their histories, in this order.
    /// - Throws: ``LedgerError``.
    public func histories(
        of appointments: [AppointmentID]
    ) async throws(LedgerError) -> [AppointmentHistory] {
        try await reading { [key = ledger.key] db in
            let reader = try HistoryReader(db, key: key)
            return try appointments.compactMap { try reader.history($0.root.rawValue) }
        }
    }

    /// The history of the appointment to which a booking belongs, or nil for an unknown booking.
    ///
    /// - Parameter uid: Any uid of the chain.
    /// - Returns: The history.
    /// - Throws: ``LedgerError``.
    public func history(
        ofBooking uid: BookingUID
    ) async throws(LedgerError) -> AppointmentHistory? {
        try await reading { [key = ledger.key] db in
            let root = try BookingIdentity(db: db, key: key).root(of: uid.rawValue)
            return try root.flatMap { try HistoryReader(db, key: key).history($0) }
        }
    }

    /// All appointments, by root uid.
    ///
    /// - Throws: ``LedgerError/storage(_:)``.
    public func appointments() async throws(LedgerError) -> [AppointmentID] {
        try await reading { db in
            try String.fetchAll(db, sql: "SELECT DISTINCT root FROM booking ORDER BY root")
                .compactMap { BookingUID($0).map(AppointmentID.init) }
        }
    }

    /// Appointments by root uid, some at a time.
    ///
    /// - Parameters:
    ///   - last: Only those behind this one; nil to begin.
    ///   - since: Only those of which something occurred at or after this moment.
    ///   - limit: The most to return.
    /// - Returns: The appointments; fewer than `limit` at the end.
    /// - Throws: ``LedgerError/storage(_:)``.
    public func appointments(
        after last: AppointmentID?,
        since: Instant?,
        limit: Int
    ) async throws(LedgerError) -> [AppointmentID] {
        try await reading { db in
            try String.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT DISTINCT root FROM booking WHERE root > ?1 AND (?2 IS NULL OR EXISTS (
                            SELECT 1 FROM booking own JOIN fact ON fact.uid = own.uid
                            WHERE own.root = booking.root AND fact.occurred >= ?2
                        )) ORDER BY root LIMIT ?3
                        """
                ),
                arguments: [last?.root.rawValue ?? "", since?.milliseconds, limit]
            ).compactMap { BookingUID($0).map(AppointmentID.init) }
        }
    }

    /// The surrogate of the person with an address, or nil if the ledger never heard of it.
    ///
    /// - Parameter email: The address.
    /// - Returns: The surrogate.
    /// - Throws: ``LedgerError/storage(_:)``.
    public func person(_ email: EmailAddress) async throws(LedgerError) -> PersonID? {
        try await reading { [key = ledger.key] db in
            try String.fetchOne(
                db,
                sql: "SELECT subject FROM subjectIndex WHERE blind = ?",
                arguments: [key.blind(email.rawValue).data]
            ).map(PersonID.init)
        }
    }

    /// The appointments in which a person takes part.
    ///
    /// - Parameter person: The person.
    /// - Returns: The appointments, by root uid.
    /// - Throws: ``LedgerError/storage(_:)``.
    public func appointments(of person: PersonID) async throws(LedgerError) -> [AppointmentID] {
        try await reading { db in
            try String.fetchAll(
                db,
                sql: """
                    SELECT DISTINCT b.root FROM participation p JOIN booking b ON b.uid = p.uid
                    WHERE p.person = ? ORDER BY b.root
                    """,
                arguments: [person.rawValue]
            ).compactMap { BookingUID($0).map(AppointmentID.init) }
        }
    }

    /// The appointments in which any of some people takes part, without some of them.
    ///
    /// - Parameters:
    ///   - people: The people.
    ///   - known: The appointments to leave out.
    /// - Returns: The appointments, by root uid.
    /// - Throws: ``LedgerError/storage(_:)``.
    public func appointments(
        of people: Set<PersonID>,
        besides known: [AppointmentID]
    ) async throws(LedgerError) -> [AppointmentID] {
        try await reading { db in
            var found: Set<String> = []
            for person in people {
                found.formUnion(
                    try String.fetchAll(
                        db.cachedStatement(
                            sql: """
                                SELECT DISTINCT b.root FROM participation p
                                JOIN booking b ON b.uid = p.uid WHERE p.person = ?
                                """
                        ),
                        arguments: [person.rawValue]
                    )
                )
            }
            return found.subtracting(known.map(\.root.rawValue)).sorted()
                .compactMap { BookingUID($0).map(AppointmentID.init) }
        }
    }

    /// Of each of some people an appointment before another one, where there is one.
    ///
    /// - Parameters:
    ///   - people: The people.
    ///   - appointment: Only appointments before this one, by root uid.
    /// - Returns: The appointments, by root uid.
    /// - Throws: ``LedgerError/storage(_:)``.
    public func someAppointments(
        of people: Set<PersonID>,
        before appointment: AppointmentID
    ) async throws(LedgerError) -> [AppointmentID] {
        try await reading { db in
            var found: Set<String> = []
            for person in people {
                found.formUnion(
                    try String.fetchAll(
                        db.cachedStatement(
                            sql: """
                                SELECT b.root FROM participation p JOIN booking b ON b.uid = p.uid
                                WHERE p.person = ? AND b.root < ? LIMIT 1
                                """
                        ),
                        arguments: [person.rawValue, appointment.root.rawValue]
                    )
                )
            }
            return found.sorted().compactMap { BookingUID($0).map(AppointmentID.init) }
        }
    }

    /// Events by position, with their parts opened.
    ///
    /// - Parameter positions: The positions.
    /// - Returns: The events, by rising position.
    /// - Throws: ``LedgerError``.
    public func events(at positions: [LedgerPosition]) async throws(LedgerError) -> [StoredEvent] {
        try await reading { [key = ledger.key] db in
            try LedgerTables.events(.positions(positions.map(\.rawValue)), db: db, key: key)
        }
    }
}

/// Reads histories inside one snapshot.
struct HistoryReader {
    private let db: Database
    private let events: EventReader

    init(_ db: Database, key: LedgerKey) throws {
        self.db = db
        events = try EventReader(db, key: key)
    }

    func history(_ root: String) throws -> AppointmentHistory? {
        let bookings = try chain(root)
        guard let rootUID = BookingUID(root), !bookings.isEmpty else { return nil }
        let uids = bookings.map(\.uid)
        let facts = try self.facts(uids)
        let forms = try people(uids).flatMap { try self.facts([StoredFact.formKey(person: $0)]) }
        return AppointmentHistory(
            appointment: AppointmentID(root: rootUID),
            uids: uids.compactMap(BookingUID.init),
            created: Dictionary(
                bookings.compactMap { booking in
                    guard let uid = BookingUID(booking.uid), let created = booking.created else {
                        return nil
                    }
                    return (uid, Instant(milliseconds: created))
                },
                uniquingKeysWith: { first, _ in first }
            ),
            facts: facts,
            seriesCancellations: try seriesCancellations(bookings.compactMap(\.series)),
            forms: forms
        )
    }

    private struct BookingRow {
        var uid: String
        var predecessor: String?
        var series: Data?
        var created: Int64?
    }

    /// The bookings of an appointment, each behind its predecessor.
    private func chain(_ root: String) throws -> [BookingRow] {
        let rows = try Row.fetchAll(
            db.cachedStatement(
                sql: "SELECT uid, predecessor, series, created FROM booking WHERE root = ?"
            ),
            arguments: [root]
        ).map { BookingRow(uid: $0[0], predecessor: $0[1], series: $0[2], created: $0[3]) }
        let successors = Dictionary(grouping: rows, by: { $0.predecessor ?? "" })
        var ordered = rows.filter { $0.uid == root }
        var next = 0
        while next < ordered.count {
            let found = (successors[ordered[next].uid] ?? []).filter { $0.uid != root }
            ordered += found.sorted {
                ($0.created ?? .max, $0.uid) < ($1.created ?? .max, $1.uid)
            }
            next += 1
        }
        return ordered
    }

    private func facts(_ uids: [String]) throws -> [RecordedFact] {
        var positions: Set<Int64> = []
        for uid in uids {
            positions.formUnion(
                try Int64.fetchAll(
                    db.cachedStatement(sql: "SELECT position FROM fact WHERE uid = ?"),
                    arguments: [uid]
                )
            )
        }
        return try recorded(positions)
    }

    private func recorded(_ positions: Set<Int64>) throws -> [RecordedFact] {
        try positions.sorted().compactMap { try events.event(at: $0).map(RecordedFact.init) }
    }

    private func people(_ uids: [String]) throws -> Set<String> {
        try uids.reduce(into: []) { people, uid in
            people.formUnion(
                try String.fetchAll(
                    db.cachedStatement(sql: "SELECT person FROM participation WHERE uid = ?"),
                    arguments: [uid]
                )
            )
        }
    }

    private func seriesCancellations(_ series: [Data]) throws -> [SeriesCancellation] {
        try Set(series).sorted { $0.lexicographicallyPrecedes($1) }.flatMap { digest in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT c.position, b.created FROM seriesCancellation c
                    LEFT JOIN booking b ON b.uid = c.uid WHERE c.series = ? ORDER BY c.position
                    """,
                arguments: [digest]
            ).flatMap { row in
                try recorded([row[0]]).map { fact in
                    SeriesCancellation(
                        fact: fact,
                        namedBookingCreated: (row[1] as Int64?).map(Instant.init(milliseconds:))
                    )
                }
            }
        }
    }
}
