import GRDB
import Synchronization

/// The rules of permission sets, and of what they open to whom.
enum PermissionRules {
    /// Fails if a permission set's name is taken, an assignment is there already, or a field that
    /// is to be opened does not exist.
    static func check(_ change: RecordChange, in session: Session) throws {
        guard change.isCreate else { return }
        switch change.object.name {
        case "PermissionSet": try checkUnique(change, ["Name"], in: session)
        case "PermissionSetAssignment":
            try checkUnique(change, ["PermissionSetId", "AssigneeId"], in: session)
        default:
            try checkField(change, in: session)
            try checkUnique(change, ["ParentId", "Field"], in: session)
        }
    }

    private static func checkUnique(
        _ change: RecordChange,
        _ fields: [String],
        in session: Session
    ) throws {
        let conditions = fields.map { "\(Storage.quoted($0)) = ?" }.joined(separator: " AND ")
        let holder = try String.fetchOne(
            session.db,
            sql: """
                SELECT "Id" FROM \(Storage.quoted(change.object.name))
                WHERE \(conditions) AND NOT "IsDeleted"
                """,
            arguments: StatementArguments(fields.map { change.given[$0] ?? .null })
        )
        guard let holder else { return }
        throw APIError(
            400,
            "DUPLICATE_VALUE",
            "duplicate value found: \(fields[0]) duplicates value on record with id: \(holder)",
            fields: []
        )
    }

    private static func checkField(_ change: RecordChange, in session: Session) throws {
        let name = change.given.text("Field") ?? ""
        let parts = name.split(separator: ".").map(String.init)
        let schema = session.org.state.withLock { $0.completeSchema }
        guard parts.count == 2, parts[0] == change.given.text("SobjectType"),
            schema.object(parts[0])?.field(parts[1]) != nil
        else {
            throw APIError(
                400,
                "INVALID_CROSS_REFERENCE_KEY",
                "Field Name: bad value for restricted picklist field: \(name)",
                fields: ["Field"]
            )
        }
    }
}
