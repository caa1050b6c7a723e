import GRDB

/// What users of the API may see and change, as profiles and permission sets would say.
///
/// JSON members of the org's settings:
///
/// | member               | meaning                                                              |
/// |----------------------|----------------------------------------------------------------------|
/// | `hiddenObjects`      | types that no describe and no query knows                             |
/// | `readOnlyObjects`    | types of which records can be read only                               |
/// | `hiddenFields`       | `Type.Field` that nobody sees                                         |
/// | `setupAccess`        | whether fields and permission sets may be made; true                  |
/// | `fieldLevelSecurity` | whether new custom fields stay hidden until a permission set opens them, as in a real org; false |
/// | `securedFields`      | the fields that are hidden so; kept by the org itself                 |
struct AccessSettings: Hashable, Sendable {
    var hiddenObjects: [String] = []
    var readOnlyObjects: [String] = []
    var hiddenFields: [String] = []
    var mayChangeSetup = true
    var hasFieldLevelSecurity = false
    var securedFields: [String] = []

    /// Takes over the members that are present.
    mutating func merge(_ json: JSONObject) {
        let names = { (name: String) in json[name]?.array?.compactMap(\.text) }
        hiddenObjects = names("hiddenObjects") ?? hiddenObjects
        readOnlyObjects = names("readOnlyObjects") ?? readOnlyObjects
        hiddenFields = names("hiddenFields") ?? hiddenFields
        securedFields = names("securedFields") ?? securedFields
        mayChangeSetup = json["setupAccess"]?.bool ?? mayChangeSetup
        hasFieldLevelSecurity = json["fieldLevelSecurity"]?.bool ?? hasFieldLevelSecurity
    }

    /// The settings in the form in which they are read.
    var json: JSONObject {
        let list = { (names: [String]) in JSON.array(names.map { .string($0) }) }
        return [
            "hiddenObjects": list(hiddenObjects), "readOnlyObjects": list(readOnlyObjects),
            "hiddenFields": list(hiddenFields), "setupAccess": .bool(mayChangeSetup),
            "fieldLevelSecurity": .bool(hasFieldLevelSecurity),
            "securedFields": list(securedFields),
        ]
    }

    /// Takes away what nobody may see or change.
    func restrict(_ schema: inout Schema) {
        for name in hiddenObjects { schema.remove(name) }
        for name in readOnlyObjects { schema.change(name) { $0.access = .readOnly } }
        for name in hiddenFields {
            Self.split(name).map { object, field in schema.change(object) { $0.remove(field) } }
        }
        guard !mayChangeSetup else { return }
        for name in ["PermissionSet", "PermissionSetAssignment", "FieldPermissions"] {
            schema.change(name) { $0.access = .readOnly }
        }
    }

    /// The types as one user sees them: without the fields that no permission set opens to them.
    func schema(_ schema: Schema, for user: String, _ db: Database) -> Schema {
        guard !securedFields.isEmpty else { return schema }
        var result = schema
        for name in securedFields {
            guard let (object, field) = Self.split(name) else { continue }
            let grant = Self.grant(of: name, to: user, db)
            result.change(object) { type in
                guard grant.canRead else { return type.remove(field) }
                guard !grant.canEdit, var closed = type.field(field) else { return }
                (closed.isCreateable, closed.isUpdateable) = (false, false)
                type.add(closed)
            }
        }
        return result
    }

    private static func split(_ name: String) -> (object: String, field: String)? {
        let parts = name.split(separator: ".").map(String.init)
        return parts.count == 2 ? (parts[0], parts[1]) : nil
    }

    /// What the permission sets of a user say of a field; nothing if they cannot be read.
    private static func grant(
        of field: String,
        to user: String,
        _ db: Database
    ) -> (canRead: Bool, canEdit: Bool) {
        let row: Row?
        do {
            row = try Row.fetchOne(
                db,
                sql: """
                    SELECT max("PermissionsRead"), max("PermissionsEdit") FROM "FieldPermissions"
                    WHERE "Field" = ? AND NOT "IsDeleted" AND "ParentId" IN (
                        SELECT "PermissionSetId" FROM "PermissionSetAssignment"
                        WHERE "AssigneeId" = ? AND NOT "IsDeleted")
                    """,
                arguments: [field, user]
            )
        } catch {
            return (false, false)
        }
        return (row?[0] as Int? == 1, row?[1] as Int? == 1)
    }
}

extension APIError {
    /// The user may not customise the application.
    static let noSetupAccess = APIError(
        403,
        "INSUFFICIENT_ACCESS",
        "insufficient access rights on cross-reference id"
    )
}
