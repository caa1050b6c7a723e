import GRDB

/// The contacts or the lead of an event, under the setting for several contacts.
enum EventPeople {
    /// Reads the value of `EventWhoIds`; null means nobody but `WhoId`.
    static func ids(in value: JSON, _ field: Field) throws(APIError) -> [String] {
        if value == .null { return [] }
        guard let elements = value.array else {
            throw APIError(
                400,
                "JSON_PARSER_ERROR",
                "Cannot deserialize instance of junctionIdList from \(value.serialized)"
            )
        }
        var ids: [String] = []
        for element in elements {
            guard let text = element.text, let id = RecordID.normalized(text) else {
                throw FieldValue.malformedID(element.text ?? element.serialized, field)
            }
            if !ids.contains(id) { ids.append(id) }
        }
        return ids
    }

    /// Checks the people given, and makes the first the main one unless another was given.
    static func apply(to change: inout RecordChange, in session: Session) throws {
        guard var ids = change.whoIDs, let field = change.object.field("EventWhoIds") else {
            return
        }
        for id in ids { try ReferenceRules.check(id, field, in: session) }
        let givenWho = change.given["WhoId"].flatMap { String.fromDatabaseValue($0) }
        let main = givenWho ?? (ids.isEmpty ? change.text("WhoId") : ids.first)
        if let main {
            ids.removeAll { $0 == main }
            ids.insert(main, at: 0)
        }
        let leads = ids.count { $0.hasPrefix("00Q") }
        guard ids.count <= SharedActivities.mostContacts, leads == 0 || ids.count == 1 else {
            throw APIError(
                400,
                "FIELD_INTEGRITY_EXCEPTION",
                "An event can have up to 50 contacts or one lead: EventWhoIds",
                fields: ["EventWhoIds"]
            )
        }
        change.whoIDs = ids
        change.given["WhoId"] = main?.databaseValue ?? .null
    }

    /// Brings the relations of a written event up to date.
    ///
    /// A new main person takes the place of the old one; the others stay.
    static func update(_ change: RecordChange, in session: Session) throws {
        guard session.settings.sharedActivities,
            let relation = session.schema.object("EventRelation"),
            change.whoIDs != nil || change.changes("WhoId")
        else { return }
        let present = try people(of: change.id, in: session)
        let wanted = wantedPeople(change, present: present.map(\.person))
        for (id, person) in present where !wanted.contains(person) {
            var values = session.modificationStamps()
            values["IsDeleted"] = true.databaseValue
            try session.set(values, in: relation, id: id)
        }
        let known = Set(present.map(\.person))
        for person in wanted where !known.contains(person) {
            try add(person, to: change.id, relation, in: session)
        }
    }

    private static func wantedPeople(_ change: RecordChange, present: [String]) -> [String] {
        if let whoIDs = change.whoIDs { return whoIDs }
        let old = change.old?.text("WhoId")
        guard let who = change.text("WhoId") else { return [] }
        if who.hasPrefix("00Q") { return [who] }
        return [who] + present.filter { $0 != old && $0 != who && !$0.hasPrefix("00Q") }
    }

    /// The contacts or the lead of an event with the ids of their relations, in order.
    static func people(
        of event: String,
        in session: Session
    ) throws -> [(id: String, person: String)] {
        let statement = try session.db.cachedStatement(
            sql: """
                SELECT "Id", "RelationId" FROM "EventRelation"
                WHERE "EventId" = ? AND "IsParent" AND NOT "IsWhat" AND NOT "IsDeleted"
                ORDER BY rowid
                """
        )
        return try Row.fetchAll(statement, arguments: [event]).map { ($0[0], $0[1]) }
    }

    private static func add(
        _ person: String,
        to event: String,
        _ relation: ObjectType,
        in session: Session
    ) throws {
        let target = session.schema.object(ofID: person)
        let row = try target.flatMap { try session.row($0, id: person) }
        var values = session.modificationStamps()
        values["Id"] = try session.nextID(relation).databaseValue
        values["EventId"] = event.databaseValue
        values["RelationId"] = person.databaseValue
        values["IsParent"] = true.databaseValue
        values["Status"] = "New".databaseValue
        values["AccountId"] = row?["AccountId"] ?? .null
        values["CreatedDate"] = values["SystemModstamp"]
        values["CreatedById"] = session.userID.databaseValue
        try session.insert(values, into: relation)
    }
}
