import GRDB

/// The indexes of a table, compared with its rows.
///
/// SQLite's own full check looks every row up in every index, at random places of the file. Here
/// each index is read once from its beginning to its end: its entries have to ascend, as those of a
/// look-up have to; those of a unique one begin with different values; and the sum over their
/// hashes is the sum over the hashes of the table's rows. An index that lacks a row, or has another
/// in its place, passes with a chance of 1 in 2^64.
struct TableIndexes {
    /// The table.
    let table: String
    /// What the indexes hold of the rows: the columns that a query over the table has to read.
    let columns: [String]
    /// Whether all can be compared like this: they are over whole columns, byte by byte, over all
    /// rows, and show everything that they hold.
    let arePlain: Bool
    private let indexes: [Index]

    private struct Index {
        var name: String
        var isUnique: Bool
        /// The columns that the index was made over, and after those what leads to the row.
        var parts: [Part]
        /// Where the parts are in ``TableIndexes/columns``.
        var places: [Int32] = []

        var keys: Int { parts.count { $0.isKey } }
    }

    private struct Part {
        var column: String
        var isKey: Bool
        var descends: Bool
    }

    /// Reads which indexes a table has.
    ///
    /// - Throws: A database error.
    init(of table: String, _ db: Database) throws {
        self.table = table
        let number = try Self.rowNumber(of: table, db)
        var (indexes, columns, arePlain): ([Index], [String], Bool) = ([], [], true)
        for row in try Self.list(of: table, db) {
            let (name, isPartial): (String, Bool) = (row[0], row[2])
            let found = try Self.parts(of: name, db)
            // What is read as that column is the row's number at the entry's end.
            let isDoubled = found.parts.contains { $0.column == number }
            arePlain = arePlain && !isPartial && found.arePlain && !isDoubled
            var index = Index(name: name, isUnique: row[1], parts: found.parts)
            for part in index.parts {
                if !columns.contains(part.column) { columns.append(part.column) }
                index.places += columns.firstIndex(of: part.column).map { [Int32($0)] } ?? []
            }
            indexes.append(index)
        }
        (self.indexes, self.columns, self.arePlain) = (indexes, columns, arePlain)
    }

    /// All indexes but the one that is the table itself, where rows have no number.
    private static func list(of table: String, _ db: Database) throws -> [Row] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT name, "unique", partial FROM pragma_index_list(?1)
                WHERE origin <> 'pk'
                    OR NOT (SELECT wr FROM pragma_table_list WHERE name = ?1 AND schema = 'main')
                ORDER BY name
                """,
            arguments: [table]
        )
    }

    /// The column that is another name of the row's number; nil without.
    private static func rowNumber(of table: String, _ db: Database) throws -> String? {
        try String.fetchOne(
            db,
            sql: """
                SELECT name FROM pragma_table_info(?)
                WHERE pk = 1 AND type = 'INTEGER' COLLATE NOCASE
                """,
            arguments: [table]
        )
    }

    private static func parts(
        of index: String,
        _ db: Database
    ) throws -> (parts: [Part], arePlain: Bool) {
        let rows = try Row.fetchAll(
            db,
            sql: "SELECT cid, name, key, desc, coll FROM pragma_index_xinfo(?) ORDER BY seqno",
            arguments: [index]
        )
        // The row's number has no name, and what is calculated has no column.
        let arePlain = rows.allSatisfy { row in
            row["coll"] == "BINARY" && (row["name"] != nil || row["cid"] == -1)
        }
        let parts = rows.map { row in
            Part(column: row["name"] ?? "rowid", isKey: row["key"], descends: row["desc"])
        }
        return (parts, arePlain)
    }

    /// Sums over nothing.
    var noSums: IndexSums { IndexSums(sums: [UInt64](repeating: 0, count: indexes.count)) }

    /// Adds a row to the sums of all indexes.
    ///
    /// - Parameters:
    ///   - rows: At a row of the table.
    ///   - first: Where the first of ``columns`` is in it; the others follow.
    ///   - sums: Those of this table.
    func add(_ rows: StoredRows, from first: Int32 = 0, to sums: inout IndexSums) {
        sums.rows += 1
        for (number, index) in indexes.enumerated() {
            var hash = RowHash()
            for place in index.places { hash.mix(rows.value(first + place)) }
            sums.sums[number] &+= hash.state
        }
    }

    /// The sums over all rows.
    ///
    /// - Throws: A database error.
    func sums(_ db: Database) throws -> IndexSums {
        var sums = noSums
        guard !indexes.isEmpty else { return sums }
        let names = columns.map(\.quotedDatabaseIdentifier).joined(separator: ", ")
        let rows = try StoredRows(
            db,
            sql: "SELECT \(names) FROM \(table.quotedDatabaseIdentifier) NOT INDEXED"
        )
        while try rows.next() { add(rows, to: &sums) }
        return sums
    }

    /// Reads every index.
    ///
    /// - Returns: What they hold, in their order.
    /// - Throws: A database error.
    func read(_ db: Database) throws -> [IndexReading] {
        try indexes.map { try read($0, db) }
    }

    private func read(_ index: Index, _ db: Database) throws -> IndexReading {
        let names = index.parts.map(\.column.quotedDatabaseIdentifier).joined(separator: ", ")
        let rows = try StoredRows(
            db,
            sql: """
                SELECT \(names) FROM \(table.quotedDatabaseIdentifier)
                INDEXED BY \(index.name.quotedDatabaseIdentifier)
                """
        )
        var scan = EntryScan(descends: index.parts.map(\.descends))
        var fault: IndexReading.Fault?
        while fault == nil, try rows.next() {
            switch scan.take(rows) {
            case .wrong: fault = .isOutOfOrder
            case .differs(let column):
                let isRepeated = index.isUnique && column >= index.keys
                if isRepeated, !scan.hasNull(inFirst: index.keys) { fault = .repeatsValue }
            }
        }
        return IndexReading(fault: fault, entries: scan.rows, sum: scan.sum)
    }

    /// What is wrong with the indexes.
    ///
    /// - Parameters:
    ///   - readings: What was read of them, in their order.
    ///   - rows: The sums over all rows of the table; nil if there are none.
    /// - Returns: A text for each index that does not fit.
    func faults(in readings: [IndexReading], beside rows: IndexSums?) -> [String] {
        let rows = rows ?? noSums
        let beside = zip(zip(indexes, readings), rows.sums)
        return beside.compactMap { read, sum in
            fault(read.1, (rows.rows, sum)).map {
                "the database file is damaged: index '\(read.0.name)' \($0)"
            }
        }
    }

    private func fault(
        _ reading: IndexReading,
        _ expected: (entries: Int64, sum: UInt64)
    ) -> String? {
        switch reading.fault {
        case .isOutOfOrder?: return "is out of order"
        case .repeatsValue?: return "repeats a value"
        case nil: break
        }
        if reading.entries != expected.entries {
            return "leads to \(reading.entries) rows of '\(table)', which has \(expected.entries)"
        }
        return reading.sum == expected.sum
            ? nil : "leads to other rows of '\(table)' than there are"
    }
}

/// What an index holds.
struct IndexReading: Sendable {
    /// What is wrong with an index alone.
    enum Fault {
        case isOutOfOrder
        case repeatsValue
    }

    /// What is wrong; nothing more was read then.
    let fault: Fault?
    /// How many entries there are.
    let entries: Int64
    /// The sum over them.
    let sum: UInt64
}

/// Sums over the rows of a table, one for each of its indexes.
struct IndexSums: Sendable {
    /// How many rows were added.
    fileprivate(set) var rows: Int64 = 0
    fileprivate(set) var sums: [UInt64]

    /// The sums over the rows of both, of one table.
    static func + (sums: Self, more: Self) -> Self {
        Self(rows: sums.rows + more.rows, sums: zip(sums.sums, more.sums).map(&+))
    }
}
