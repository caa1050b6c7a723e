import GRDB

/// What references may point at.
enum ReferenceRules {
    /// Fails at the first given reference that points at the wrong type or at nothing.
    ///
    /// References to types that the emulator does not have are taken as they are.
    static func check(_ change: RecordChange, in session: Session) throws {
        for field in change.object.fields where field.type == .reference {
            guard change.changes(field.name), let id = change.text(field.name) else { continue }
            try check(id, field, in: session)
        }
    }

    /// Fails if an id is not that of a living record which the field may point at.
    static func check(_ id: String, _ field: Field, in session: Session) throws {
        guard let target = session.schema.object(ofID: id) else {
            let isKnown = field.referenceTo.allSatisfy { session.schema.object($0) != nil }
            guard isKnown else { return }
            throw FieldValue.malformedID(id, field)
        }
        guard field.referenceTo.contains(target.name) || field.referenceTo.isEmpty else {
            throw FieldValue.malformedID(id, field)
        }
        guard let row = try session.row(target, id: id) else {
            throw APIError(
                400,
                "INVALID_CROSS_REFERENCE_KEY",
                "invalid cross reference id",
                fields: [field.name]
            )
        }
        guard !row.flag("IsDeleted") else {
            throw APIError(400, "ENTITY_IS_DELETED", "entity is deleted", fields: [])
        }
    }
}
