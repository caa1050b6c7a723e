import GRDB

/// The copies of an event that users get who are invited to it.
///
/// Inviting is creating an `EventRelation` to a user. The copy belongs to the user, follows the
/// event it was made of, and goes with it; on the copy itself only the reminder may be changed.
/// Source: `facts/salesforce-api.md` 7.1.2 and 7.1.4.
enum EventInvitees {
    /// What a copy has from its event; fields with unique values stay empty.
    private static let shared: Set<String> = [
        "WhoId", "WhatId", "Subject", "Location", "IsAllDayEvent", "ActivityDateTime",
        "ActivityDate", "DurationInMinutes", "StartDateTime", "EndDateTime", "EndDate",
        "Description", "AccountId", "IsPrivate",
    ]

    /// Creates the table that says which copy was made of what.
    static func prepare(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE IF NOT EXISTS emulator_invitation (
                    relation TEXT PRIMARY KEY,  -- the EventRelation
                    parent   TEXT NOT NULL,     -- the event
                    child    TEXT NOT NULL      -- the copy
                );
                CREATE INDEX IF NOT EXISTS emulator_invitation_parent
                ON emulator_invitation (parent);
                """
        )
    }

    /// Fails if a write touches more of a copy than its reminder, or invites somebody to a copy.
    static func check(_ change: RecordChange, in session: Session) throws {
        if change.object.name == "Event", change.old?.flag("IsChild") == true {
            let own: Set<String> = ["IsReminderSet", "ReminderDateTime"]
            let others = change.given.keys.filter { change.changes($0) && !own.contains($0) }
            guard others.isEmpty else {
                throw APIError(
                    400,
                    "FIELD_INTEGRITY_EXCEPTION",
                    "Only the reminder of an invitee's event can be changed",
                    fields: others.sorted()
                )
            }
        }
        if change.object.name == "EventRelation", change.isCreate,
            try event(change.text("EventId"), in: session)?.flag("IsChild") == true
        {
            throw APIError(
                400,
                "FIELD_INTEGRITY_EXCEPTION",
                "Nobody can be invited to an invitee's event",
                fields: ["EventId"]
            )
        }
    }

    private static func event(_ id: String?, in session: Session) throws -> StoredRow? {
        guard let id, let events = session.schema.object("Event") else { return nil }
        return try session.row(events, id: id)
    }

    /// Makes and changes copies after an event or an invitation was written.
    static func update(_ change: RecordChange, in session: Session) throws {
        switch change.object.name {
        case "EventRelation" where change.isCreate: try invite(change, in: session)
        case "Event" where !change.isCreate: try follow(change, in: session)
        default: break
        }
    }

    private static func invite(_ change: RecordChange, in session: Session) throws {
        guard let user = change.text("RelationId"), user.hasPrefix("005"), !change.flag("IsParent"),
            let parent = change.text("EventId"), let events = session.schema.object("Event"),
            let row = try event(parent, in: session), row.text("OwnerId") != user
        else { return }
        let child = try session.nextID(events)
        var copy = row.filter { shared.contains($0.key) }
        copy.merge(session.modificationStamps()) { _, stamp in stamp }
        copy["Id"] = child.databaseValue
        copy["OwnerId"] = user.databaseValue
        copy["CreatedDate"] = copy["SystemModstamp"]
        copy["CreatedById"] = session.userID.databaseValue
        copy["ShowAs"] = row["ShowAs"]
        copy["IsChild"] = true.databaseValue
        try session.insert(group(copy), into: events)
        try session.set(group(session.modificationStamps()), in: events, id: parent)
        try session.db.execute(
            sql: "INSERT INTO emulator_invitation (relation, parent, child) VALUES (?, ?, ?)",
            arguments: [change.id, parent, child]
        )
    }

    private static func group(_ values: StoredRow) -> StoredRow {
        values.merging([
            "IsGroupEvent": true.databaseValue, "GroupEventType": "1".databaseValue,
        ]) { _, new in new }
    }

    private static func follow(_ change: RecordChange, in session: Session) throws {
        let changed = change.given.filter { shared.contains($0.key) }
        guard !changed.isEmpty else { return }
        for child in try children(where: "parent", change.id, in: session) {
            let values = changed.merging(session.modificationStamps()) { _, stamp in stamp }
            try session.set(values, in: change.object, id: child)
        }
    }

    /// Takes the copies away that hang on a deleted event or invitation.
    static func remove(dependingOn object: ObjectType, id: String, in session: Session) throws {
        guard let events = session.schema.object("Event"),
            object.name == "Event" || object.name == "EventRelation"
        else { return }
        let column = object.name == "Event" ? "parent" : "relation"
        for child in try children(where: column, id, in: session) {
            var values = session.modificationStamps()
            values["IsDeleted"] = true.databaseValue
            try session.set(values, in: events, id: child)
        }
    }

    private static func children(
        where column: String,
        _ id: String,
        in session: Session
    ) throws -> [String] {
        try String.fetchAll(
            session.db.cachedStatement(
                sql: "SELECT child FROM emulator_invitation WHERE \(column) = ?"
            ),
            arguments: [id]
        )
    }
}
