import GRDB

/// The stored values of one record, by field name.
typealias StoredRow = [String: DatabaseValue]

extension Session {
    /// Whether nothing was ever written to the org.
    var isNew: Bool {
        get throws {
            try Int.fetchOne(db, sql: "SELECT count(*) FROM \"Organization\"") == 0
        }
    }

    /// Takes over the time zone of the user who asks.
    func useLocalCalendar() throws {
        let user = try schema.object("User").flatMap { try row($0, id: userID) }
        calendar = LocalCalendar(zone: user?.text("TimeZoneSidKey"))
    }

    /// The stored values of a record, deleted or not; nil if there is none.
    func row(_ object: ObjectType, id: String) throws -> StoredRow? {
        let statement = try db.cachedStatement(
            sql: "SELECT * FROM \(Storage.quoted(object.name)) WHERE \"Id\" = ?"
        )
        return try Row.fetchOne(statement, arguments: [id]).map(values)
    }

    private func values(of row: Row) -> StoredRow {
        var values: StoredRow = [:]
        for (name, value) in row { values[name] = value }
        return values
    }

    /// The ids of the records with a value in a field, without deleted ones, oldest first.
    func ids(_ object: ObjectType, where field: Field, is value: DatabaseValue) throws -> [String] {
        let statement = try db.cachedStatement(
            sql: """
                SELECT "Id" FROM \(Storage.quoted(object.name))
                WHERE \(Storage.quoted(field.name)) = ? AND NOT "IsDeleted" ORDER BY rowid
                """
        )
        return try String.fetchAll(statement, arguments: [value])
    }

    /// Adds a row as it is.
    func insert(_ values: StoredRow, into object: ObjectType) throws {
        let names = values.keys.sorted()
        let columns = names.map(Storage.quoted).joined(separator: ", ")
        let marks = names.map { _ in "?" }.joined(separator: ", ")
        let statement = try db.cachedStatement(
            sql: "INSERT INTO \(Storage.quoted(object.name)) (\(columns)) VALUES (\(marks))"
        )
        try statement.execute(arguments: StatementArguments(names.map { values[$0] ?? .null }))
    }

    /// Sets columns of a row as they are.
    func set(_ values: StoredRow, in object: ObjectType, id: String) throws {
        let names = values.keys.sorted()
        guard !names.isEmpty else { return }
        let assignments = names.map { "\(Storage.quoted($0)) = ?" }.joined(separator: ", ")
        let statement = try db.cachedStatement(
            sql: "UPDATE \(Storage.quoted(object.name)) SET \(assignments) WHERE \"Id\" = ?"
        )
        let arguments = names.map { values[$0] ?? .null } + [id.databaseValue]
        try statement.execute(arguments: StatementArguments(arguments))
    }

    /// The id that the next record of a type gets.
    ///
    /// Rows are never removed, so that numbers are not used twice.
    func nextID(_ object: ObjectType) throws -> String {
        let last = try Int.fetchOne(
            db.cachedStatement(sql: "SELECT max(rowid) FROM \(Storage.quoted(object.name))")
        )
        return RecordID.make(
            prefix: object.keyPrefix,
            number: (last ?? 0) + 1,
            seed: org.options.seed
        )
    }
}

extension StoredRow {
    /// The text under a name, nil if it is null or missing.
    func text(_ name: String) -> String? {
        self[name].flatMap { String.fromDatabaseValue($0) }
    }

    /// The whole number under a name, nil if it is null or missing.
    func integer(_ name: String) -> Int? {
        self[name].flatMap { Int.fromDatabaseValue($0) }
    }

    /// Whether the flag under a name is set.
    func flag(_ name: String) -> Bool {
        integer(name).map { $0 != 0 } ?? false
    }
}
