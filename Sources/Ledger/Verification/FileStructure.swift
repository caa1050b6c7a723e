import GRDB

/// The structure of a ledger's file: what SQLite itself relies on.
enum FileStructure {
    /// What is wrong with pages, rows and values; SQLite finds this out.
    ///
    /// - Throws: A database error.
    static func faults(of db: Database) throws -> [String] {
        // The full check is this one and a look-up of every row in every index: see 'TableIndexes'.
        try found("PRAGMA quick_check(5)", db)
    }

    /// What is wrong with the indexes of all tables, but with those that are compared when the events
    /// are read: see ``eventIndexes(_:)``.
    ///
    /// - Throws: A database error.
    static func indexFaults(of db: Database) throws -> [String] {
        let tables = try String.fetchAll(
            db,
            sql: """
                SELECT name FROM sqlite_schema
                WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name
                """
        )
        var problems = Problems(most: 5)
        for table in tables where !problems.isFull {
            do {
                problems.add(contentsOf: try indexFaults(of: table, db))
            } catch let error as DatabaseError
                where error.resultCode.primaryResultCode == .SQLITE_CORRUPT
            {
                problems.add("the database file is damaged: '\(table)' cannot be read to its end")
            }
        }
        return problems.found
    }

    private static func indexFaults(of table: String, _ db: Database) throws -> [String] {
        let indexes = try TableIndexes(of: table, db)
        if !indexes.arePlain {
            return try found("PRAGMA integrity_check(\(table.quotedDatabaseIdentifier))", db)
        }
        if areReadWithEvents(indexes) { return [] }
        let sums = try indexes.sums(db)
        return indexes.faults(in: try indexes.read(db), beside: sums)
    }

    /// What the indexes of the events hold, at the time of a snapshot.
    struct EventIndexes: Sendable {
        /// The last position of the snapshot.
        let last: Int64
        /// What they hold; nil if SQLite has to compare them.
        let readings: [IndexReading]?
    }

    /// Reads the indexes of the events, whose sums come with reading the events.
    ///
    /// - Throws: A database error.
    static func eventIndexes(_ db: Database) throws -> EventIndexes {
        let indexes = try TableIndexes(of: "event", db)
        return EventIndexes(
            last: try LedgerTables.lastPosition(db),
            readings: areReadWithEvents(indexes) ? try indexes.read(db) : nil
        )
    }

    /// What is wrong with the indexes of the events.
    ///
    /// - Parameters:
    ///   - db: A connection.
    ///   - known: What was read of them before; it counts if no event came after that.
    ///   - rows: The sums over all events; nil if there are none.
    /// - Returns: A text for each index that does not fit.
    /// - Throws: A database error.
    static func eventIndexFaults(
        of db: Database,
        _ known: EventIndexes?,
        beside rows: IndexSums?
    ) throws -> [String] {
        var found = known
        if try found?.last != LedgerTables.lastPosition(db) { found = try eventIndexes(db) }
        guard let readings = found?.readings else { return [] }
        return try TableIndexes(of: "event", db).faults(in: readings, beside: rows)
    }

    private static func areReadWithEvents(_ indexes: TableIndexes) -> Bool {
        indexes.table == "event" && indexes.arePlain
    }

    private static func found(_ check: String, _ db: Database) throws -> [String] {
        // A row may hold several lines, below one that names the database.
        try String.fetchAll(db, sql: check).flatMap { $0.split(separator: "\n") }
            .filter { $0 != "ok" && !$0.hasPrefix("***") }
            .map { "the database file is damaged: \($0)" }
    }
}
