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
    /// are read: see ``areReadWithEvents(_:)``.
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
            let indexes = try TableIndexes(of: table, db)
            if !indexes.arePlain {
                let check = "PRAGMA integrity_check(\(table.quotedDatabaseIdentifier))"
                problems.add(contentsOf: try found(check, db))
            } else if !areReadWithEvents(indexes) {
                try indexes.compare(with: try indexes.sums(db), db, &problems)
            }
        }
        return problems.found
    }

    /// Whether the indexes are those of the events, whose sums come with reading them.
    static func areReadWithEvents(_ indexes: TableIndexes) -> Bool {
        indexes.table == "event" && indexes.arePlain
    }

    private static func found(_ check: String, _ db: Database) throws -> [String] {
        try String.fetchAll(db, sql: check).filter { $0 != "ok" }
            .map { "the database file is damaged: \($0)" }
    }
}
