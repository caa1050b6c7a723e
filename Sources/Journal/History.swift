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
        try await reading { [ledger] db in
            try HistoryReader(db, ledger).histories(appointments.map(\.root.rawValue))
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
        try await reading { [ledger] db in
            let root = try BookingIdentity(db: db, key: ledger.key).root(of: uid.rawValue)
            return try root.flatMap { try HistoryReader(db, ledger).histories([$0]).first }
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
            return found.subtracting(known.map(\.root.rawValue))
                .compactMap { BookingUID($0).map(AppointmentID.init) }.sorted()
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
            return found.compactMap { BookingUID($0).map(AppointmentID.init) }.sorted()
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

/// Reads histories inside one snapshot: some hundred at a time with a few statements, because
/// running a statement takes longer than fetching one of its rows.
struct HistoryReader {
    private let db: Database
    private let events: EventReader

    init(_ db: Database, _ ledger: SQLiteLedger) throws {
        self.db = db
        events = try EventReader(db, key: ledger.key, memory: ledger.keys)
    }

    /// The histories of the appointments that are known, in this order.
    func histories(_ roots: [String]) throws -> [AppointmentHistory] {
        var threads = try threads(roots)
        try addPlaces(to: &threads, roots)
        try addForms(to: &threads, roots)
        for place in threads.indices {
            threads[place].sortPositions()
            threads[place].cancellations = try cancellations(of: threads[place])
        }
        var facts = FactsInTurn(try recorded(threads.flatMap(\.positions)))
        return zip(roots, threads).compactMap { root, thread in thread.history(root, &facts) }
    }

    /// The bookings of each root.
    private func threads(_ roots: [String]) throws -> [Thread] {
        var threads = Array(repeating: Thread(), count: roots.count)
        let rows = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT list.key, b.uid, b.predecessor, b.series, b.created
                    FROM json_each(?) list CROSS JOIN booking b ON b.root = list.value
                    """
            ),
            arguments: [Self.list(roots)]
        )
        while let row = try rows.next() {
            threads[row[0]].found.append(
                BookingRow(uid: row[1], predecessor: row[2], series: row[3], created: row[4])
            )
        }
        for (place, root) in roots.enumerated() { threads[place].order(from: root) }
        return threads
    }

    /// Adds where the facts about the bookings are.
    private func addPlaces(to threads: inout [Thread], _ roots: [String]) throws {
        let rows = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT list.key, f.position, b.uid
                    FROM json_each(?) list CROSS JOIN booking b ON b.root = list.value
                    CROSS JOIN fact f ON f.uid = b.uid
                    """
            ),
            arguments: [Self.list(roots)]
        )
        while let row = try rows.next() {
            let place: Int = row[0]
            guard threads[place].isWhole || threads[place].has(row[2]) else { continue }
            threads[place].facts.append(row[1])
        }
    }

    /// Adds where the forms are that the people of the bookings answered.
    private func addForms(to threads: inout [Thread], _ roots: [String]) throws {
        let first = StoredFact.formKey(person: "")
        let hasForms = try Bool.fetchOne(
            db.cachedStatement(
                sql: "SELECT EXISTS (SELECT 1 FROM fact WHERE uid >= ?1 AND uid < ?2)"
            ),
            arguments: [first, "\(first)\u{10FFFF}"]
        )
        guard hasForms == true else { return }
        let rows = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT list.key, f.position, b.uid
                    FROM json_each(?1) list CROSS JOIN booking b ON b.root = list.value
                    CROSS JOIN participation p ON p.uid = b.uid
                    CROSS JOIN fact f ON f.uid = ?2 || p.person
                    """
            ),
            arguments: [Self.list(roots), first]
        )
        while let row = try rows.next() {
            let place: Int = row[0]
            guard threads[place].isWhole || threads[place].has(row[2]) else { continue }
            threads[place].forms.append(row[1])
        }
    }

    private static func list(_ texts: [String]) -> String {
        JSON.array(texts.map(JSON.string)).text
    }

    private func recorded(_ positions: [Int64]) throws -> [RecordedFact] {
        var facts: [RecordedFact] = []
        facts.reserveCapacity(positions.count)
        var tape = JSONTape()
        try events.contents(at: positions) { facts.append(try RecordedFact($0, &tape)) }
        return facts
    }

    private func cancellations(of thread: Thread) throws -> [SeriesCancellation] {
        let series = Set(thread.bookings.compactMap(\.series))
        return try series.sorted { $0.lexicographicallyPrecedes($1) }.flatMap { digest in
            try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT c.position, b.created FROM seriesCancellation c
                        LEFT JOIN booking b ON b.uid = c.uid WHERE c.series = ? ORDER BY c.position
                        """
                ),
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

private struct BookingRow {
    var uid: String
    var predecessor: String?
    var series: Data?
    var created: Int64?
}

/// What is gathered of one appointment before its facts are read.
private struct Thread {
    /// The bookings with this root, in any order.
    var found: [BookingRow] = []
    /// Those of the chain, each behind its predecessor.
    private(set) var bookings: [BookingRow] = []
    /// Where its facts are.
    var facts: [Int64] = []
    /// Where the forms are that its people answered.
    var forms: [Int64] = []
    var cancellations: [SeriesCancellation] = []

    /// Whether all bookings with this root are of the chain.
    var isWhole: Bool { bookings.count == found.count }

    /// Whether a booking is of the chain.
    func has(_ uid: String) -> Bool { bookings.contains { $0.uid == uid } }

    /// Where everything is that has to be read for it, in the order in which it is taken.
    var positions: [Int64] { facts + forms }

    /// Makes both lists rise; a fact about two bookings of the chain was found twice.
    mutating func sortPositions() {
        facts = facts.sortedOnce()
        forms = forms.sortedOnce()
    }

    mutating func order(from root: String) {
        if found.count == 1, found[0].uid == root {
            bookings = found
            return
        }
        let successors = Dictionary(grouping: found, by: { $0.predecessor ?? "" })
        bookings = found.filter { $0.uid == root }
        var next = 0
        while next < bookings.count {
            let behind = (successors[bookings[next].uid] ?? []).filter { $0.uid != root }
            bookings += behind.sorted {
                ($0.created ?? .max, $0.uid) < ($1.created ?? .max, $1.uid)
            }
            next += 1
        }
    }

    func history(_ root: String, _ read: inout FactsInTurn) -> AppointmentHistory? {
        let (own, answered) = (read.take(facts), read.take(forms))
        guard let rootUID = BookingUID(root), !bookings.isEmpty else { return nil }
        var (uids, created) = ([BookingUID](), [BookingUID: Instant]())
        for booking in bookings {
            guard let uid = BookingUID(booking.uid) else { continue }
            uids.append(uid)
            if let moment = booking.created, created[uid] == nil {
                created[uid] = Instant(milliseconds: moment)
            }
        }
        return AppointmentHistory(
            appointment: AppointmentID(root: rootUID),
            uids: uids,
            created: created,
            facts: own,
            seriesCancellations: cancellations,
            forms: answered
        )
    }
}

/// Facts that were read for several appointments in turn, handed out again as they come.
private struct FactsInTurn {
    private let facts: [RecordedFact]
    private var next = 0

    init(_ facts: [RecordedFact]) { self.facts = facts }

    /// The facts at some positions; the next ones, because they were read in this order.
    ///
    /// - Parameter positions: The positions, rising; where there is no event, there is no fact.
    /// - Returns: The facts, in the order of the positions.
    mutating func take(_ positions: [Int64]) -> [RecordedFact] {
        let start = next
        for position in positions where next < facts.count {
            if facts[next].position.rawValue == position { next += 1 }
        }
        return Array(facts[start..<next])
    }
}

extension [Int64] {
    /// Each of the numbers once, rising.
    fileprivate func sortedOnce() -> Self {
        guard count > 1 else { return self }
        return sorted().reduce(into: []) { numbers, number in
            if numbers.last != number { numbers.append(number) }
        }
    }
}
