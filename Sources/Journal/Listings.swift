public import Domain
import Foundation
import GRDB
public import Ledger

/// An appointment in a list.
public struct AppointmentLine: Hashable, Sendable {
    /// The appointment.
    public var appointment: AppointmentID
    /// The newest event about it.
    public var newest: LedgerPosition
    /// When that happened.
    public var occurred: Instant
    /// Whether it is newer than its last outcome.
    public var isWaiting: Bool
}

/// A run in a list.
public struct RunLine: Hashable, Sendable {
    /// The run; later runs have greater ids.
    public var id: String
    /// When it began.
    public var started: Instant
    /// When it ended; nil while it is under way, or when its process died.
    public var finished: Instant?
    /// `started`, `planned`, `finished`, `refused` or `stopped`.
    public var state: String
    /// Counts, without personal data.
    public var summary: JSON
}

/// A linked record in a list.
public struct RecordLine: Hashable, Sendable {
    /// The link.
    public var link: RecordLink
    /// The event that made it.
    public var position: LedgerPosition
}

/// How many events there are of a type.
public struct EventTypeCount: Hashable, Sendable {
    /// The type.
    public var type: String
    /// How many.
    public var count: Int
}

extension Journal {
    /// Appointments, those with the newest event first.
    ///
    /// - Parameters:
    ///   - position: Only those whose newest event is before this; nil for the first page.
    ///   - limit: The most to return.
    /// - Returns: The rows.
    /// - Throws: ``LedgerError/storage(_:)``.
    public func appointments(
        before position: LedgerPosition?,
        limit: Int
    ) async throws(LedgerError) -> [AppointmentLine] {
        try await reading { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT b.root, max(f.position) AS newest, e.occurred,
                        EXISTS (SELECT 1 FROM dirty d WHERE d.root = b.root)
                    FROM booking b JOIN fact f ON f.uid = b.uid
                        JOIN event e ON e.position = f.position
                    WHERE b.root NOT GLOB 'form/*'
                    GROUP BY b.root HAVING newest < ?1
                    ORDER BY newest DESC LIMIT ?2
                    """,
                arguments: [position?.rawValue ?? .max, limit]
            ).compactMap { row in
                BookingUID(row[0] as String).map { root in
                    AppointmentLine(
                        appointment: AppointmentID(root: root),
                        newest: LedgerPosition(row[1]),
                        occurred: Instant(milliseconds: row[2]),
                        isWaiting: row[3]
                    )
                }
            }
        }
    }

    /// How many appointments there are.
    ///
    /// - Throws: ``LedgerError/storage(_:)``.
    public func appointmentCount() async throws(LedgerError) -> Int {
        try await reading { db in
            try Int.fetchOne(
                db,
                sql: "SELECT count(DISTINCT root) FROM booking WHERE root NOT GLOB 'form/*'"
            ) ?? 0
        }
    }

    /// Runs, the newest first.
    ///
    /// - Parameters:
    ///   - id: Only runs before this one; nil for the first page.
    ///   - limit: The most to return.
    /// - Returns: The rows.
    /// - Throws: ``LedgerError/storage(_:)``.
    public func runs(before id: String?, limit: Int) async throws(LedgerError) -> [RunLine] {
        try await reading { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT id, started, finished, state, summary FROM run
                    WHERE ?1 IS NULL OR id < ?1 ORDER BY id DESC LIMIT ?2
                    """,
                arguments: [id, limit]
            ).map(RunLine.init)
        }
    }

    /// A run, with the parts of its plan.
    ///
    /// - Parameter id: The run.
    /// - Returns: The run and its plan documents without personal data; nil for an unknown one.
    /// - Throws: ``LedgerError/storage(_:)``.
    public func run(_ id: String) async throws(LedgerError) -> (run: RunLine, plans: [JSON])? {
        try await reading { db in
            let row = try Row.fetchOne(
                db,
                sql: "SELECT id, started, finished, state, summary FROM run WHERE id = ?",
                arguments: [id]
            )
            guard let row else { return nil }
            let plans = try String.fetchAll(
                db,
                sql: "SELECT plan FROM runPlan WHERE run = ? ORDER BY part",
                arguments: [id]
            )
            return (try RunLine(row), try plans.map { try JSON(parsing: $0) })
        }
    }

    /// Linked records, those linked last first.
    ///
    /// - Parameters:
    ///   - object: Only records of this object; nil for all.
    ///   - position: Only those linked before this; nil for the first page.
    ///   - limit: The most to return.
    /// - Returns: The rows.
    /// - Throws: ``LedgerError/storage(_:)``.
    public func records(
        of object: ObjectName?,
        before position: LedgerPosition?,
        limit: Int
    ) async throws(LedgerError) -> [RecordLine] {
        try await reading { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT subject, object, record, isOurs, state, position FROM recordLink
                    WHERE (?1 IS NULL OR object = ?1) AND position < ?2
                    ORDER BY position DESC, subject LIMIT ?3
                    """,
                arguments: [object?.rawValue, position?.rawValue ?? .max, limit]
            ).compactMap { row in
                Self.link(row).map { RecordLine(link: $0, position: LedgerPosition(row[5])) }
            }
        }
    }

    /// How many events there are of each type, the most frequent first.
    ///
    /// - Throws: ``LedgerError/storage(_:)``.
    public func eventTypeCounts() async throws(LedgerError) -> [EventTypeCount] {
        try await reading { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT t.name, count(*) FROM event e JOIN eventType t ON t.id = e.type
                    GROUP BY e.type ORDER BY 2 DESC, 1
                    """
            ).map { EventTypeCount(type: $0[0], count: $0[1]) }
        }
    }

    /// How many events were recorded on each day, the oldest day first.
    ///
    /// - Parameter start: Only what was recorded since then.
    /// - Returns: The days that have any, by their first moment in UTC.
    /// - Throws: ``LedgerError/storage(_:)``.
    public func eventsPerDay(
        since start: Instant
    ) async throws(LedgerError) -> [(day: Instant, count: Int)] {
        try await reading { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT recorded / 86400000 * 86400000 AS day, count(*) FROM event
                    WHERE recorded >= ? GROUP BY day ORDER BY day
                    """,
                arguments: [start.milliseconds]
            ).map { (day: Instant(milliseconds: $0[0]), count: $0[1]) }
        }
    }

    /// When the oldest change that waits for a run was recorded; nil when none waits.
    ///
    /// - Throws: ``LedgerError/storage(_:)``.
    public func oldestWaiting() async throws(LedgerError) -> Instant? {
        try await reading { db in
            try Int64.fetchOne(
                db,
                sql: """
                    SELECT recorded FROM event
                    WHERE position = (SELECT min(position) FROM dirty WHERE position > 0)
                    """
            ).map(Instant.init(milliseconds:))
        }
    }
}

extension RunLine {
    fileprivate init(_ row: Row) throws {
        self.init(
            id: row[0],
            started: Instant(milliseconds: row[1]),
            finished: (row[2] as Int64?).map(Instant.init(milliseconds:)),
            state: row[3],
            summary: try JSON(parsing: row[4] as String)
        )
    }
}
