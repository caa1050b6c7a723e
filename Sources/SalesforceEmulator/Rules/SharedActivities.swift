/// What the setting "relate multiple contacts to tasks and events" adds.
enum SharedActivities {
    /// The fields that an event has only with the setting.
    static var fields: [Field] {
        var whoIDs = Field(name: "EventWhoIds", label: "Event Who IDs", type: .junctionIdList)
        whoIDs.isCreateable = true
        whoIDs.isUpdateable = true
        whoIDs.isNillable = true
        whoIDs.referenceTo = ["Contact", "Lead"]
        return [whoIDs, count("WhoCount", "Relation Count"), count("WhatCount", "What Count")]
    }

    private static func count(_ name: String, _ label: String) -> Field {
        var field = Field(name: name, label: label, type: .int)
        field.precision = 8
        field.isFilterable = true
        field.isSortable = true
        field.isNillable = true
        return field
    }

    /// The most contacts that one event can have.
    static let mostContacts = 50
}
