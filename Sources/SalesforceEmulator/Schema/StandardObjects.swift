/// The object types that every org of the emulator has.
enum StandardObjects {
    /// The types in the order of the global describe.
    static var all: [ObjectType] {
        [
            object("Account", "001", accountFields + recordType),
            object("Contact", "003", contactFields),
            object("Lead", "00Q", leadFields),
            object("Opportunity", "006", opportunityFields, plural: "Opportunities"),
            object("Event", "00U", eventFields),
            object("Task", "00T", taskFields),
            object("EventRelation", "0RE", eventRelationFields, label: "Event Relation"),
            readOnly(object("EventWhoRelation", "0RE", eventWhoRelationFields)),
            permanent(object("User", "005", userFields)),
            permanent(object("Group", "00G", groupFields)),
            object("QueueSobject", "03g", queueFields, label: "Queue Sobject"),
            readOnly(object("Profile", "00e", profileFields)),
            object("PermissionSet", "0PS", permissionSetFields, label: "Permission Set"),
            object("PermissionSetAssignment", "0Pa", assignmentFields),
            object("FieldPermissions", "01k", fieldPermissionFields, plural: "Field Permissions"),
            readOnly(object("RecordType", "012", recordTypeFields, label: "Record Type")),
            readOnly(object("Organization", "00D", organizationFields)),
            readOnly(object("LeadStatus", "01J", leadStatusFields, label: "Lead Status Value")),
        ]
    }

    private static func object(
        _ name: String,
        _ prefix: String,
        _ table: String,
        label: String? = nil,
        plural: String? = nil
    ) -> ObjectType {
        let fields = FieldTable.fields(table) + FieldTable.fields(systemFields)
        var seen: Set<String> = []
        return ObjectType(
            name: name,
            label: label,
            plural: plural,
            keyPrefix: prefix,
            fields: fields.filter { seen.insert($0.name).inserted }
        )
    }

    private static func permanent(_ object: ObjectType) -> ObjectType {
        var object = object
        object.access = .permanent
        return object
    }

    private static func readOnly(_ object: ObjectType) -> ObjectType {
        var object = object
        object.access = .readOnly
        return object
    }

    /// What every record has, whoever wrote it.
    static let systemFields = """
        Id                id        FSGDi
        IsDeleted         boolean   FSGD
        CreatedDate       datetime  FSD
        CreatedById       reference FSGD  User→CreatedBy
        LastModifiedDate  datetime  FSD
        LastModifiedById  reference FSGD  User→LastModifiedBy
        SystemModstamp    datetime  FSD
        """

    private static let recordType = """

        RecordTypeId      reference CUFSGN  RecordType→RecordType
        """
}
