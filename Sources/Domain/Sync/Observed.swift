/// A record as Salesforce showed it.
public struct ObservedRecord: Hashable, Sendable {
    /// Its id.
    public var id: SalesforceID
    /// Its object.
    public var object: ObjectName
    /// The values of the fields that were asked for.
    public var fields: [FieldName: FieldValue]
    /// Further texts that were asked for, by path, for example `Owner.Name`.
    public var related: [String: String]
    /// When it was created.
    public var created: Instant?
    /// Who created it.
    public var createdBy: SalesforceID?
    /// When it was last changed, by anyone.
    public var lastModified: Instant?
    /// Who changed it last.
    public var lastModifiedBy: SalesforceID?
    /// When anything about it changed last: what guards compare.
    public var stamp: Instant?
    /// Whether it is in the recycle bin.
    public var isDeleted: Bool

    /// Creates a record.
    public init(
        id: SalesforceID,
        object: ObjectName,
        fields: [FieldName: FieldValue],
        related: [String: String] = [:],
        created: Instant? = nil,
        createdBy: SalesforceID? = nil,
        lastModified: Instant? = nil,
        lastModifiedBy: SalesforceID? = nil,
        stamp: Instant? = nil,
        isDeleted: Bool = false
    ) {
        (self.id, self.object, self.fields, self.related) = (id, object, fields, related)
        (self.created, self.createdBy) = (created, createdBy)
        self.lastModified = lastModified
        (self.lastModifiedBy, self.stamp, self.isDeleted) = (lastModifiedBy, stamp, isDeleted)
    }

    /// The value of a field; empty when it was not asked for or holds nothing.
    public func value(_ field: FieldName) -> FieldValue { fields[field] ?? .empty }

    /// The text of a field, or nil when it is empty or no text.
    public func text(_ field: FieldName) -> String? {
        switch value(field) {
        case .text(let text): text.isEmpty ? nil : text
        case .reference(let id): id.rawValue
        default: nil
        }
    }

    /// The reference in a field, or nil.
    public func reference(_ field: FieldName) -> SalesforceID? {
        if case .reference(let id) = value(field) { id } else { nil }
    }
}

/// What the org says about an object.
public struct ObjectDescription: Hashable, Sendable {
    /// The object.
    public var name: ObjectName
    /// Whether our user may create records.
    public var isCreateable: Bool
    /// Whether our user may change records.
    public var isUpdateable: Bool
    /// Whether our user may delete records.
    public var isDeletable: Bool
    /// The fields our user can see, by name.
    public var fields: [FieldName: FieldDescription]

    /// Creates a description.
    public init(
        name: ObjectName,
        isCreateable: Bool,
        isUpdateable: Bool,
        isDeletable: Bool,
        fields: [FieldName: FieldDescription]
    ) {
        (self.name, self.isCreateable, self.isUpdateable) = (name, isCreateable, isUpdateable)
        (self.isDeletable, self.fields) = (isDeletable, fields)
    }
}

/// What the org says about a field.
public struct FieldDescription: Hashable, Sendable {
    /// The field.
    public var name: FieldName
    /// The label people see.
    public var label: String
    /// The type as describe spells it, for example `picklist`.
    public var type: String
    /// The longest text, in characters; 0 for other types.
    public var length: Int
    /// Whether our user may set it on creation.
    public var isCreateable: Bool
    /// Whether our user may change it.
    public var isUpdateable: Bool
    /// Whether it may be empty.
    public var isNillable: Bool
    /// Whether Salesforce fills it when it is left out on creation.
    public var isDefaultedOnCreate: Bool
    /// Whether records can be upserted by it.
    public var isExternalID: Bool
    /// Whether other values than the listed ones are refused.
    public var isRestrictedPicklist: Bool
    /// The active values of a picklist, by API name.
    public var activeValues: [String]
    /// The objects to which a reference points.
    public var referenceTo: [ObjectName]

    /// Creates a description.
    public init(
        name: FieldName,
        label: String,
        type: String,
        length: Int = 0,
        isCreateable: Bool = true,
        isUpdateable: Bool = true,
        isNillable: Bool = true,
        isDefaultedOnCreate: Bool = false,
        isExternalID: Bool = false,
        isRestrictedPicklist: Bool = false,
        activeValues: [String] = [],
        referenceTo: [ObjectName] = []
    ) {
        (self.name, self.label, self.type, self.length) = (name, label, type, length)
        (self.isCreateable, self.isUpdateable) = (isCreateable, isUpdateable)
        (self.isNillable, self.isDefaultedOnCreate) = (isNillable, isDefaultedOnCreate)
        (self.isExternalID, self.isRestrictedPicklist) = (isExternalID, isRestrictedPicklist)
        (self.activeValues, self.referenceTo) = (activeValues, referenceTo)
    }
}

/// What the org says about the objects that the sync touches.
public struct OrgSchema: Hashable, Sendable {
    /// The descriptions, by object.
    public var objects: [ObjectName: ObjectDescription]

    /// Creates a schema.
    public init(objects: [ObjectName: ObjectDescription] = [:]) { self.objects = objects }

    /// The field that makes creating an event record idempotent.
    public static let keyField: FieldName = "Daybook_Key__c"

    /// The field that relates several people to an event record, with Shared Activities.
    public static let attendeesField: FieldName = "EventWhoIds"

    /// Whether several people can be related to an event record.
    public var hasSharedActivities: Bool {
        objects[.eventRecord]?.fields[Self.attendeesField] != nil
    }

    /// Whether records of an object can be upserted by Daybook's key.
    public func hasKeyField(
        _ field: FieldName = OrgSchema.keyField,
        on object: ObjectName = .eventRecord
    ) -> Bool {
        guard let key = objects[object]?.fields[field] else { return false }
        return key.isExternalID && key.isCreateable
    }
}
