/// How the records that point at another one are called from there.
enum ChildRelations {
    /// The name of a child relation, or nil if it cannot be queried.
    ///
    /// Records refer to users in so many ways that those relations have no names here,
    /// as most of them have none in a real org.
    static func name(child: ObjectType, field: Field, parent: ObjectType) -> String? {
        if field.isCustom { return customName(child: child, field: field) }
        if parent.name == "User" { return nil }
        if let special = special["\(child.name).\(field.name)"] { return special }
        let isMain =
            field.name == "\(parent.name)Id" || field.name == "WhoId" || field.name == "WhatId"
        return isMain ? child.labelPlural.replacing(" ", with: "") : nil
    }

    private static let special = [
        "Account.ParentId": "ChildAccounts",
        "AccountHistory.AccountId": "Histories",
        "ContactHistory.ContactId": "Histories",
        "EventRelation.EventId": "EventRelations",
        "EventRelation.RelationId": "EventRelations",
        "EventWhoRelation.EventId": "EventWhoRelations",
        "EventWhoRelation.RelationId": "EventWhoRelations",
        "LeadHistory.LeadId": "Histories",
        "RecordType.SobjectType": "RecordTypes",
    ]

    private static func customName(child: ObjectType, field: Field) -> String {
        let plural = child.labelPlural.filter { $0.isLetter || $0.isNumber || $0 == "_" }
        return "\(plural)__r"
    }
}
