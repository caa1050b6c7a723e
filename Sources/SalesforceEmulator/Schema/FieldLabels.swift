/// The labels under which people see fields; messages about lengths use them.
enum FieldLabels {
    /// The label of a standard field, or one made from the words of its name.
    static func label(of name: String) -> String {
        special[name] ?? words(of: name)
    }

    private static let special: [String: String] = [
        "WhoId": "Name ID",
        "WhatId": "Related To ID",
        "DurationInMinutes": "Duration",
        "ActivityDate": "Due Date Only",
        "ActivityDateTime": "Due Date Time",
        "StartDateTime": "Start Date Time",
        "EndDateTime": "End Date Time",
        "IsAllDayEvent": "All-Day Event",
        "IsPrivate": "Private",
        "IsDeleted": "Deleted",
        "IsArchived": "Archived",
        "IsActive": "Active",
        "IsConverted": "Converted",
        "SystemModstamp": "System Modstamp",
        "Fax": "Fax",
        "MobilePhone": "Mobile Phone",
        "AnnualRevenue": "Annual Revenue",
        "NumberOfEmployees": "Employees",
    ]

    /// `LastModifiedById` as `Last Modified By ID`.
    private static func words(of name: String) -> String {
        var label = ""
        var previousWasLower = false
        for character in name where character != "_" {
            if previousWasLower, character.isUppercase || character.isNumber { label += " " }
            label.append(character)
            previousWasLower = character.isLowercase
        }
        return label.hasSuffix(" Id") ? label.dropLast(2) + "ID" : label
    }
}
