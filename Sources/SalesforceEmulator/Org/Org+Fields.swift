import GRDB
import Synchronization

extension Org {
    /// The calls made and allowed in a day.
    var usage: (used: Int, limit: Int) {
        state.withLock { ($0.settings.used + $0.counters.apiCalls, $0.settings.dailyLimit) }
    }

    /// Adds a custom field for good.
    ///
    /// - Parameters:
    ///   - json: The field in the form that seeds use.
    ///   - session: The request that adds it.
    /// - Returns: How many fields were added to the org so far.
    /// - Throws: ``APIError`` if the field exists or cannot be made.
    func addField(_ json: JSON, in session: Session) throws -> Int {
        let custom: CustomField
        do {
            custom = try CustomField(seed: json)
        } catch {
            throw APIError(400, "FIELD_INTEGRITY_EXCEPTION", error.description, fields: [])
        }
        let name = custom.object == "Activity" ? "Event" : custom.object
        guard let object = session.schema.object(name) else { throw APIError.notFound }
        guard object.field(custom.field.name) == nil else {
            throw APIError(
                400,
                "DUPLICATE_DEVELOPER_NAME",
                """
                There is already a field named \(custom.field.name) on \(custom.object).
                """,
                fields: []
            )
        }
        return try install(json, custom, session.db)
    }

    /// Adds a field to the schema and the tables, or replaces the one of its name.
    @discardableResult
    func install(_ json: JSON, _ custom: CustomField, _ db: Database) throws -> Int {
        var schema = state.withLock { $0.completeSchema }
        let changed = schema.add(custom.field, to: custom.object)
        guard !changed.isEmpty else {
            throw EmulatorError.invalidSeed("There is no object \(custom.object).")
        }
        for object in changed.compactMap({ schema.object($0) }) {
            try Storage.prepare(db, object: object)
        }
        let fields = (try Storage.value(db, "fields")?.array ?? []) + [json]
        try Storage.setValue(db, "fields", .array(fields))
        let complete = schema
        let now = now().milliseconds
        state.withLock { state in
            state.schemaChanged = now
            state.completeSchema = complete
            // A field that is added for good is wanted, whatever the org was seeded with.
            if custom.field.name == "Daybook_Key__c" { state.settings.omitDaybookKey = false }
        }
        return fields.count
    }

    /// Changes settings and keeps them with the org's data.
    func changeSettings(_ json: JSONObject, _ db: Database) throws {
        let now = now().milliseconds
        let settings = try state.withLock { state -> OrgSettings in
            try state.settings.merge(json)
            state.schemaChanged = now
            return state.settings
        }
        try Storage.setValue(db, "settings", settings.json)
    }
}
