import GRDB
import Synchronization

extension Session {
    /// Creates a record from a body.
    ///
    /// - Returns: The new id.
    /// - Throws: ``APIError``; nothing was written then.
    func create(_ object: ObjectType, _ body: JSONObject) throws -> String {
        guard object.access != .readOnly else {
            throw APIError(
                400,
                "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
                "entity type cannot be inserted: \(object.label)",
                fields: []
            )
        }
        return try atomically {
            var change = RecordChange(object: object, id: try nextID(object), old: nil)
            try read(body, into: &change)
            addDefaults(to: &change)
            try checkRequired(change)
            try finish(&change)
            return change.id
        }
    }

    /// Changes a record as a body says; fields that it leaves out stay.
    ///
    /// - Throws: ``APIError``; nothing was written then.
    func update(_ object: ObjectType, id: String, _ body: JSONObject) throws {
        let old = try existingRow(object, id: id)
        guard object.access != .readOnly else {
            throw APIError(
                400,
                "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
                "entity type cannot be updated: \(object.label)",
                fields: []
            )
        }
        try atomically {
            var change = RecordChange(object: object, id: id, old: old)
            try read(body, into: &change)
            try checkNotEmptied(change)
            try LeadRules.checkNotConverted(change)
            try finish(&change)
        }
    }

    /// Moves a record to the recycle bin, or past it.
    ///
    /// - Parameters:
    ///   - object: The type of the record.
    ///   - id: Its id.
    ///   - isFinal: Whether nobody can find or restore the record any more.
    /// - Throws: ``APIError``; nothing was written then.
    func delete(_ object: ObjectType, id: String, isFinal: Bool = false) throws {
        _ = try existingRow(object, id: id)
        guard object.isDeletable else {
            throw APIError(
                400,
                "INSUFFICIENT_ACCESS_OR_READONLY",
                "insufficient access rights on object id",
                fields: []
            )
        }
        try checkFaults(.row, object.name)
        try atomically {
            try markDeleted(object, id: id)
            try deleteDependents(of: object, id: id)
            try EventInvitees.remove(dependingOn: object, id: id, in: self)
            // The row stays, because the numbers of new ids follow from it.
            if isFinal { try set(["IsDeleted": 2.databaseValue], in: object, id: id) }
        }
    }

    /// Sets the mark that hides a record from queries.
    func markDeleted(_ object: ObjectType, id: String, master: String? = nil) throws {
        var values = modificationStamps()
        values["IsDeleted"] = true.databaseValue
        if let master { values["MasterRecordId"] = master.databaseValue }
        try set(values, in: object, id: id)
        count(\.delete, object)
    }

    /// The people of an event go with it.
    private func deleteDependents(of object: ObjectType, id: String) throws {
        let field = object.name == "Event" ? "EventId" : "RelationId"
        guard ["Event", "Contact", "Lead"].contains(object.name) else { return }
        try db.execute(
            sql: """
                UPDATE "EventRelation" SET "IsDeleted" = 1, "SystemModstamp" = ?
                WHERE \(Storage.quoted(field)) = ? AND NOT "IsDeleted"
                """,
            arguments: [stamp(), id]
        )
    }

    /// The row of a record that a write addresses.
    func existingRow(_ object: ObjectType, id: String) throws -> StoredRow {
        guard !hidden.contains(id), let row = try row(object, id: id) else {
            throw APIError.unknownID
        }
        guard !row.flag("IsDeleted") else { throw APIError.isDeleted }
        return row
    }

    /// Fails if a failure was ordered for rows, or queries, of the type.
    func checkFaults(_ scope: ErrorCatalogue.Scope, _ object: String) throws(APIError) {
        let fault = org.state.withLock {
            $0.takeFault(scope, object: object, path: path, method: method)
        }
        if let error = fault?.error { throw error.error }
    }

    /// Applies the rules that look at the whole record, then writes it.
    private func finish(_ change: inout RecordChange) throws {
        try checkFaults(.row, change.object.name)
        try ReferenceRules.check(change, in: self)
        try OwnerRules.check(change, in: self)
        try EventInvitees.check(change, in: self)
        try applyObjectRules(to: &change)
        try AutomationRules.reject(change, in: self)
        try UniqueRules.check(change, in: self)
        try DuplicateRules.check(change, in: self)
        AutomationRules.adjust(&change, in: self)
        try store(change)
        if change.object.name == "Event" { try EventPeople.update(change, in: self) }
        try EventInvitees.update(change, in: self)
    }

    private func applyObjectRules(to change: inout RecordChange) throws {
        switch change.object.name {
        case "Event":
            try EventTimeRules(sendsDuration: options.version < 39).apply(to: &change)
            try EventPeople.apply(to: &change, in: self)
            try ActivityRules.apply(to: &change, in: self)
        case "Task":
            ActivityRules.closeTask(&change)
            try ActivityRules.apply(to: &change, in: self)
        case "Contact", "Lead", "User": PersonRules.setName(&change)
        case "PermissionSet", "PermissionSetAssignment", "FieldPermissions":
            try PermissionRules.check(change, in: self)
        case "Routing_Miss__c" where change.isCreate: change.setDefaultName()
        default: break
        }
    }

    private func store(_ change: RecordChange) throws {
        let stamps = modificationStamps()
        try FieldHistory.note(change, at: stamps["SystemModstamp"] ?? .null, in: self)
        var values = change.given.merging(stamps) { _, stamp in stamp }
        guard change.isCreate else {
            try set(values, in: change.object, id: change.id)
            return count(\.update, change.object)
        }
        values["Id"] = change.id.databaseValue
        values["CreatedDate"] = stamps["SystemModstamp"]
        values["CreatedById"] = userID.databaseValue
        try insert(values, into: change.object)
        count(\.create, change.object)
    }

    /// Who changed a record, and when.
    func modificationStamps() -> StoredRow {
        let stamp = stamp().databaseValue
        return [
            "LastModifiedDate": stamp, "SystemModstamp": stamp,
            "LastModifiedById": userID.databaseValue,
        ]
    }
}
