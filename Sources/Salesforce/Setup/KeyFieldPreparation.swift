public import Domain

/// What an org lacks so that an event record is never made twice, whatever happens: the field for
/// Daybook's key, and the right to use it.
///
/// Custom fields of event records are defined on Activity, and each new field is invisible until a
/// permission set or a profile opens it.
///
/// Source: `facts/salesforce-api.md` 7.1.6.
public struct KeyFieldPreparation: Hashable, Sendable {
    /// One thing to do.
    public enum Step: Hashable, Sendable, CaseIterable {
        /// Add the field to Activity.
        case createField
        /// Add a permission set that opens it.
        case createPermissionSet
        /// Open the field to whoever has the permission set.
        case openField
        /// Give the permission set to our user.
        case assignPermissionSet
    }

    /// What became of a step.
    public enum Outcome: Hashable, Sendable {
        /// It is done, or turned out to be done already.
        case done
        /// The org refused it.
        case refused(code: String, reason: String)
        /// It was not tried, because one before it was refused.
        case skipped
    }

    /// The API name of the permission set.
    public static let permissionSet = "Daybook_Integration"

    /// The name of the field, for example `Daybook_Key__c`.
    public let field: FieldName
    /// What is to be done, in this order; empty if the field can be used.
    public internal(set) var steps: [Step]
    /// Why the field that is there can never be used, if so: a person has to change it.
    public internal(set) var obstacle: String?

    var user: SalesforceID?
    var permissionSetID: SalesforceID?
    var fieldPermission: SalesforceID?

    /// Whether nothing has to be done.
    public var isDone: Bool { steps.isEmpty && obstacle == nil }

    /// The field's name without its ending, as the Tooling API wants it.
    var developerName: String { String(field.rawValue.dropLast(3)) }

    /// What is sent to do a step; nil if something that it needs is not known.
    func request(for step: Step, root: String) -> Subrequest? {
        switch step {
        case .createField:
            return post("\(root)/tooling/sobjects/CustomField", fieldDefinition)
        case .createPermissionSet:
            return post("\(root)/sobjects/PermissionSet", permissionSetDefinition)
        case .openField:
            guard let set = permissionSetID else { return nil }
            let access: [(String, JSON?)] = [
                ("PermissionsRead", .bool(true)), ("PermissionsEdit", .bool(true)),
            ]
            if let id = fieldPermission {
                return Subrequest(
                    method: "PATCH",
                    url: "\(root)/sobjects/FieldPermissions/\(id.rawValue)",
                    reference: "s",
                    body: .compact(access)
                )
            }
            let place: [(String, JSON?)] = [
                ("ParentId", .string(set.rawValue)), ("SobjectType", .string("Event")),
                ("Field", .string("Event.\(field.rawValue)")),
            ]
            return post("\(root)/sobjects/FieldPermissions", .compact(place + access))
        case .assignPermissionSet:
            guard let set = permissionSetID, let user else { return nil }
            return post(
                "\(root)/sobjects/PermissionSetAssignment",
                .compact([
                    ("PermissionSetId", .string(set.rawValue)),
                    ("AssigneeId", .string(user.rawValue)),
                ])
            )
        }
    }

    private func post(_ url: String, _ body: JSON) -> Subrequest {
        Subrequest(method: "POST", url: url, reference: "s", body: body)
    }

    /// Text, unique, and told apart by case, because Daybook's keys are.
    private var fieldDefinition: JSON {
        let label = developerName.split(separator: "_").joined(separator: " ")
        return .compact([
            ("FullName", .string("Activity.\(field.rawValue)")),
            (
                "Metadata",
                .compact([
                    ("type", .string("Text")), ("label", .string(label)), ("length", .integer(255)),
                    ("externalId", .bool(true)), ("unique", .bool(true)),
                    ("caseSensitive", .bool(true)), ("required", .bool(false)),
                    (
                        "description",
                        .string("Written by Daybook, so that no event record is made twice.")
                    ),
                ])
            ),
        ])
    }

    private var permissionSetDefinition: JSON {
        .compact([
            ("Name", .string(Self.permissionSet)), ("Label", .string("Daybook Integration")),
            (
                "Description",
                .string("Opens the field for Daybook's key to the integration user.")
            ),
        ])
    }
}
