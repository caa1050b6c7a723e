import GRDB

/// The tables of an org: one per type, a column per stored field.
///
/// Text columns compare without regard to case, as queries do, except ids and
/// case-sensitive keys; the folding covers ASCII letters. Times are integers in
/// milliseconds since 1970, days are `2026-03-01`.
enum Storage {
    /// Creates what is missing, so that a file of an older schema can be opened.
    static func prepare(_ db: Database, schema: Schema) throws {
        try db.execute(
            sql: """
                CREATE TABLE IF NOT EXISTS emulator_value (
                    name  TEXT PRIMARY KEY,  -- 'fields', 'settings'
                    value TEXT NOT NULL      -- JSON
                )
                """
        )
        for object in schema.objects where object.name != "EventWhoRelation" {
            try prepare(db, object: object)
        }
        try createWhoRelationView(db)
        try prepareBulkJobs(db)
        try EventInvitees.prepare(db)
    }

    /// Creates the table of a type, or the columns that it lacks.
    static func prepare(_ db: Database, object: ObjectType) throws {
        let stored = object.fields.filter { !$0.isComputed }
        if try db.tableExists(object.name) {
            let present = Set(try db.columns(in: object.name).map(\.name))
            for field in stored where !present.contains(field.name) {
                try db.execute(
                    sql: "ALTER TABLE \(quoted(object.name)) ADD COLUMN \(column(field))"
                )
            }
        } else {
            let columns = stored.map(column).joined(separator: ", ")
            try db.execute(sql: "CREATE TABLE \(quoted(object.name)) (\(columns))")
        }
        for field in stored where needsIndex(field) {
            try db.execute(sql: index(on: field, of: object))
        }
    }

    private static func column(_ field: Field) -> String {
        if field.name == "Id" { return "\"Id\" TEXT NOT NULL PRIMARY KEY" }
        let name = quoted(field.name)
        return switch field.type {
        case .boolean:
            "\(name) INTEGER NOT NULL DEFAULT \(field.defaultValue == true ? 1 : 0)"
        case .int, .datetime: "\(name) INTEGER"
        case .double, .currency, .percent: "\(name) REAL"
        default: "\(name) TEXT COLLATE \(field.comparesExactly ? "BINARY" : "NOCASE")"
        }
    }

    /// Short texts, references and the times that clients poll by.
    private static func needsIndex(_ field: Field) -> Bool {
        switch field.type {
        case .reference: !["CreatedById", "LastModifiedById"].contains(field.name)
        case .email: true
        case .string, .url:
            field.isCustom || field.isIdLookup || ["Name", "Website"].contains(field.name)
        case .datetime: ["SystemModstamp", "CreatedDate", "StartDateTime"].contains(field.name)
        case .date: field.name == "ActivityDate"
        default: field.isExternalID
        }
    }

    private static func index(on field: Field, of object: ObjectType) -> String {
        let name = quoted("\(object.name)_\(field.name)")
        // Clients poll by the last change, with the id to order what changed at once.
        let columns = field.name == "SystemModstamp" ? ["SystemModstamp", "Id"] : [field.name]
        let list = columns.map(quoted).joined(separator: ", ")
        // Most optional fields are null in most records; those take no room in the index.
        let condition = field.isNillable ? "WHERE \(quoted(field.name)) IS NOT NULL" : ""
        return "CREATE INDEX IF NOT EXISTS \(name) ON \(quoted(object.name)) (\(list)) \(condition)"
    }

    private static func createWhoRelationView(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE VIEW IF NOT EXISTS "EventWhoRelation" AS
                SELECT *, rowid AS rowid,
                       CASE substr("RelationId", 1, 3)
                       WHEN '00Q' THEN 'Lead' ELSE 'Contact' END AS "Type"
                FROM "EventRelation"
                WHERE "IsParent" AND NOT "IsWhat"
                """
        )
    }

    /// A name as SQL quotes it.
    static func quoted(_ name: String) -> String {
        "\"\(name)\""
    }

    /// A stored JSON value, for example the custom fields.
    static func value(_ db: Database, _ name: String) throws -> JSON? {
        let text = try String.fetchOne(
            db,
            sql: "SELECT value FROM emulator_value WHERE name = ?",
            arguments: [name]
        )
        return try text.map { try JSONParser.parse(Array($0.utf8)) }
    }

    /// Stores a JSON value under a name.
    static func setValue(_ db: Database, _ name: String, _ value: JSON) throws {
        try db.execute(
            sql: "INSERT OR REPLACE INTO emulator_value (name, value) VALUES (?, ?)",
            arguments: [name, value.serialized]
        )
    }
}
