/// The custom fields of the default org, which sample settings name.
enum DefaultCustomFields {
    /// Each line: type, field, kind, and values or length.
    private static let table = """
        Activity Daybook_Key__c text key
        Activity Booking_Uid__c text
        Activity Demo_Type__c picklist restricted 1-10;11-50;51-200
        Activity Is_Demo__c checkbox
        Activity Booked_On__c datetime
        Activity Legacy_Source__c text
        Activity Legacy_Flag__c checkbox
        Activity Booking_Status__c picklist open Booked;Cancelled;Rescheduled;No-Show
        Activity Cancelled_At__c datetime
        Activity No_Show__c checkbox
        Activity Source__c text
        Activity Company_Size__c text
        Activity Cancel_Reason__c textarea 255
        Activity Products__c multipicklist open Routing;Analytics;Insights
        Activity Interests__c multipicklist open Routing;Analytics;Insights
        Person UTM_Campaign__c text
        Person Routing_Size__c text
        Person Assignment_Reason__c textarea 32000
        Person Last_Demo__c date
        Person Demo_Owner__c lookup User
        Person Last_Booking_Status__c text
        Person Last_Cancel_Date__c date
        Person First_Booked__c datetime
        Person Marketing_Consent__c checkbox
        Person Team_Size__c picklist restricted 1-10;11-50;51-200
        Person Products__c multipicklist open Routing;Analytics;Insights
        Person Company_Size__c text
        Person Matched_Account__c lookup Account
        Person Short__c text 10
        Contact Company__c text
        Account Last_Meeting__c date
        Account Region__c text
        Routing_Miss__c Account__c lookup Account
        Routing_Miss__c Booking__c text
        Routing_Miss__c Rep__c lookup User
        """

    /// The custom object that counts bookings nobody was routed to.
    static var routingMiss: ObjectType {
        var object = ObjectType(
            name: "Routing_Miss__c",
            label: "Routing Miss",
            plural: "Routing Misses",
            keyPrefix: "a00",
            fields: FieldTable.fields(
                """
                OwnerId    reference    CUFSGD  Group,User→Owner
                Name       string(80)   CUFSGNi
                """ + "\n" + StandardObjects.systemFields
            )
        )
        object.isCustom = true
        return object
    }

    /// The fields in the form that seeds use; `Person` stands for contacts and leads.
    static var seed: [JSON] {
        table.split(separator: "\n").flatMap { line -> [JSON] in
            let columns = line.split(separator: " ", maxSplits: 3).map(String.init)
            let objects = columns[0] == "Person" ? ["Contact", "Lead"] : [columns[0]]
            return objects.map { field(object: $0, columns: columns) }
        }
    }

    private static func field(object: String, columns: [String]) -> JSON {
        var field: JSONObject = [
            "object": .string(object), "name": .string(columns[1]), "type": .string(columns[2]),
        ]
        switch (columns[2], columns.count > 3 ? columns[3] : nil) {
        case ("lookup", let target?): field["referenceTo"] = .string(target)
        case (_, "key"?):
            field["externalId"] = true
            field["unique"] = true
            field["caseSensitive"] = true
        case (_, let extra?): addExtra(extra, to: &field)
        case (_, nil): break
        }
        return .object(field)
    }

    private static func addExtra(_ extra: String, to field: inout JSONObject) {
        if let length = Int(extra) {
            field["length"] = .integer(length)
            return
        }
        let parts = extra.split(separator: " ", maxSplits: 1)
        field["restricted"] = .bool(parts.first == "restricted")
        let values = parts.last?.split(separator: ";") ?? []
        field["values"] = .array(values.map { .string(String($0)) })
    }
}
