import Domain
import Salesforce

/// The fields of the simulated org.
enum OrgFields {
    struct Field {
        var name: String
        var type = "string"
        var isReadOnly = false
        var isKey = false
    }

    /// Fields of people's records that settings write, one for each policy, and dates.
    static let custom: [Field] = [
        Field(name: "Size__c"), Field(name: "First_Size__c"), Field(name: "Ours_Size__c"),
        Field(name: "Careful_Size__c"), Field(name: "Sticky_Size__c"),
        Field(name: "Forced_Size__c"),
        Field(name: "Watched_Size__c"), Field(name: "Last_Demo__c", type: "date"),
        Field(name: "Last_Cancel__c", type: "date"), Field(name: "Missed_Size__c"),
        Field(name: "Form_Size__c"), Field(name: "Gone_Size__c"), Field(name: "Mixed_Size__c"),
        Field(name: "Demo_Begin__c", type: "datetime"),
        Field(name: "Demo_Made__c", type: "datetime"),
        Field(name: "Demo_Host__c", type: "reference"),
        Field(name: "Has_Demo__c", type: "boolean"), Field(name: "Origin__c"),
    ]

    private static let person: [Field] =
        [
            Field(name: "FirstName"), Field(name: "LastName"), Field(name: "Email", type: "email"),
            Field(name: "Phone", type: "phone"), Field(name: "OwnerId", type: "reference"),
            Field(name: "MasterRecordId", type: "reference", isReadOnly: true),
        ] + custom

    static func all(of object: ObjectName, _ org: SimulatedOrg) -> [Field] {
        switch object {
        case .contact: person + [Field(name: "AccountId", type: "reference")]
        case .lead:
            person + [
                Field(name: "Company"),
                Field(name: "IsConverted", type: "boolean", isReadOnly: true),
                Field(name: "ConvertedContactId", type: "reference", isReadOnly: true),
            ]
        case .account:
            [
                Field(name: "Name"), Field(name: "Website", type: "url"),
                Field(name: "OwnerId", type: "reference"), Field(name: "Account_Size__c"),
                Field(name: SimulatedRouting.accountField, type: "reference"),
                Field(name: "LastActivityDate", type: "date", isReadOnly: true),
                Field(name: "RecordTypeId", type: "reference", isReadOnly: true),
                Field(name: "ParentId", type: "reference", isReadOnly: true),
            ]
        case SimulatedSettings.miss:
            [
                Field(name: "Booking__c"), Field(name: "OwnerId", type: "reference"),
                Field(name: "Origin__c"),
            ]
                + (org.hasKey ? [Field(name: "Daybook_Key__c", isKey: true)] : [])
        case .eventRecord: event(org)
        default: []
        }
    }

    private static func event(_ org: SimulatedOrg) -> [Field] {
        var fields = [
            Field(name: "Subject"), Field(name: "StartDateTime", type: "datetime"),
            Field(name: "EndDateTime", type: "datetime"), Field(name: "Location"),
            Field(name: "Description", type: "textarea"),
            Field(name: "OwnerId", type: "reference"), Field(name: "WhoId", type: "reference"),
            Field(name: "No_Show__c", type: "boolean"), Field(name: "Status__c"),
            Field(name: "Booking_Uid__c"), Field(name: "First_Uid__c"),
            Field(name: "Sticky_Uid__c"), Field(name: "Origin__c"),
        ]
        if org.isShared { fields.append(Field(name: "EventWhoIds", type: "JunctionIdList")) }
        if org.hasKey { fields.append(Field(name: "Daybook_Key__c", isKey: true)) }
        return fields
    }

    private static let system: [Field] =
        ["CreatedDate", "LastModifiedDate", "SystemModstamp"].map {
            Field(name: $0, type: "datetime", isReadOnly: true)
        } + [
            Field(name: "Id", type: "id", isReadOnly: true),
            Field(name: "CreatedById", type: "reference", isReadOnly: true),
            Field(name: "LastModifiedById", type: "reference", isReadOnly: true),
            Field(name: "IsDeleted", type: "boolean", isReadOnly: true),
        ]

    static func describe(_ object: ObjectName, _ org: SimulatedOrg) -> ObjectDescription? {
        let fields = all(of: object, org)
        guard !fields.isEmpty else { return nil }
        let described = (fields + system).map { field in
            FieldDescription(
                name: FieldName(field.name),
                label: field.name,
                type: field.type,
                length: field.type == "textarea" ? 32_000 : 255,
                isCreateable: !field.isReadOnly,
                isUpdateable: !field.isReadOnly,
                isExternalID: field.isKey
            )
        }
        return ObjectDescription(
            name: object,
            isCreateable: true,
            isUpdateable: true,
            isDeletable: true,
            fields: Dictionary(uniqueKeysWithValues: described.map { ($0.name, $0) })
        )
    }
}
