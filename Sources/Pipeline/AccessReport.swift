public import Domain

/// What our user may do in an org, object by object, and what is missing.
///
/// Pure. Fields that settings name are not the matter here: `SettingsCheck` tells of them.
public struct AccessReport: Hashable, Sendable {
    /// Something that can be done with records of an object.
    public enum Right: String, Hashable, Sendable, CaseIterable {
        case read, create, edit, delete
    }

    /// What there is to say of one object.
    public struct Line: Hashable, Sendable {
        /// The object.
        public var object: ObjectName
        /// What our user may do with its records.
        public var granted: [Right]
        /// What is needed and not granted.
        public var missing: [Right]
        /// Fields that Daybook writes by itself and our user does not see.
        public var hiddenFields: [FieldName]
        /// Fields that Daybook writes by itself and our user may only read.
        public var lockedFields: [FieldName]
        /// Whether a run needs the object under the present settings.
        public var isNeeded: Bool

        /// Whether everything that is needed is there.
        public var isComplete: Bool {
            missing.isEmpty && hiddenFields.isEmpty && lockedFields.isEmpty
        }

        /// Whether runs will fail, or leave something out, because of this object.
        public var isBad: Bool { isNeeded && !isComplete }

        /// The line in words: what is there, or what is missing and who can mend it.
        public var text: String {
            guard !isComplete else {
                return "\(object.rawValue): \(granted.map(\.rawValue).joined(separator: ", "))"
            }
            let parts = [
                missing.isEmpty
                    ? nil : "\(missing.map(\.rawValue).joined(separator: ", ")) missing",
                Self.list("fields not visible", hiddenFields),
                Self.list("fields not editable", lockedFields),
            ].compactMap { $0 }
            let need =
                isNeeded
                ? "grant it to the integration user, in a permission set for example"
                : "not needed under the present settings"
            return "\(object.rawValue): \(parts.joined(separator: "; ")) (\(need))"
        }

        private static func list(_ name: String, _ fields: [FieldName]) -> String? {
            fields.isEmpty ? nil : "\(name): \(fields.map(\.rawValue).joined(separator: ", "))"
        }

        /// The line as JSON.
        public var json: JSON {
            let names = { (fields: [FieldName]) in JSON.array(fields.map { .string($0.rawValue) }) }
            let rights = { (rights: [Right]) in JSON.array(rights.map { .string($0.rawValue) }) }
            return .compact([
                ("object", .string(object.rawValue)), ("needed", .bool(isNeeded)),
                ("ok", .bool(!isBad)), ("granted", rights(granted)), ("missing", rights(missing)),
                ("hiddenFields", names(hiddenFields)), ("lockedFields", names(lockedFields)),
            ])
        }
    }

    /// One line for each object, in the order in which a booking meets them.
    public let lines: [Line]

    /// Compares what an org grants with what settings need.
    ///
    /// - Parameters:
    ///   - schema: What the org says of its objects.
    ///   - settings: The settings that apply now, of all event types.
    public init(_ schema: OrgSchema, settings: [SyncSettings]) {
        let changed = Set(settings.flatMap(\.attendeeObjects))
        let created = Set(settings.flatMap(\.createdObjects))
        let readsAccounts = settings.contains {
            $0.attendeeRecord == .contactUnderAccount || $0.createContactUnderAccount
        }
        lines = Self.objects.map { object in
            let isPerson = object == .contact || object == .lead
            let needed: Set<Right> =
                switch object {
                case .eventRecord: Set(Right.allCases)
                case .account: [.read]
                default:
                    created.contains(object) || !changed.contains(object)
                        ? [.read, .create, .edit] : [.read, .edit]
                }
            return Self.line(
                object,
                schema,
                needed: needed,
                isNeeded: isPerson
                    ? changed.contains(object) : object == .eventRecord || readsAccounts
            )
        }
    }

    private static let objects: [ObjectName] = [.eventRecord, .contact, .lead, .account]

    private static func line(
        _ object: ObjectName,
        _ schema: OrgSchema,
        needed: Set<Right>,
        isNeeded: Bool
    ) -> Line {
        guard let found = schema.objects[object] else {
            return Line(
                object: object,
                granted: [],
                missing: Right.allCases.filter(needed.contains),
                hiddenFields: [],
                lockedFields: [],
                isNeeded: isNeeded
            )
        }
        let granted = Right.allCases.filter { found.grants($0) }
        let fields = writtenFields(of: object, schema)
        return Line(
            object: object,
            granted: granted,
            missing: Right.allCases.filter { needed.contains($0) && !granted.contains($0) },
            hiddenFields: fields.filter { found.fields[$0] == nil },
            // Where nothing may be written at all, that has been said.
            lockedFields: found.isCreateable || found.isUpdateable
                ? fields.filter { found.fields[$0]?.isWritable == false } : [],
            isNeeded: isNeeded
        )
    }

    /// The fields that Daybook writes whatever the settings say.
    private static func writtenFields(of object: ObjectName, _ schema: OrgSchema) -> [FieldName] {
        switch object {
        case .eventRecord:
            [
                "Subject", "StartDateTime", "EndDateTime", "Location", "Description", "OwnerId",
                schema.hasSharedActivities ? OrgSchema.attendeesField : "WhoId",
            ]
        case .contact: ["FirstName", "LastName", "Email", "Phone", "OwnerId"]
        case .lead: ["FirstName", "LastName", "Email", "Phone", "Company", "OwnerId"]
        default: []
        }
    }
}

extension ObjectDescription {
    fileprivate func grants(_ right: AccessReport.Right) -> Bool {
        switch right {
        case .read: true
        case .create: isCreateable
        case .edit: isUpdateable
        case .delete: isDeletable
        }
    }
}

extension FieldDescription {
    fileprivate var isWritable: Bool { isCreateable || isUpdateable }
}
