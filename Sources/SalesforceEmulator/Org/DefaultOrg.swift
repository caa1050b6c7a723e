/// The records that an org has before anyone wrote to it.
enum DefaultOrg {
    /// The user whom requests act as unless told otherwise.
    static let integrationUser = RecordID.make(prefix: "005", number: 1, seed: 0)

    /// The user whom people's doings are put down to unless told otherwise.
    static let admin = RecordID.make(prefix: "005", number: 4, seed: 0)

    /// The id of the organization that the usual seed makes.
    static let organization = organization(seed: 1)

    /// The id of the organization that a seed makes; orgs of different seeds are different orgs.
    static func organization(seed: UInt64) -> String {
        RecordID.make(prefix: "00D", number: 1, seed: seed == 1 ? 0 : seed)
    }

    private static let standardProfile = RecordID.make(prefix: "00e", number: 1, seed: 0)
    private static let adminProfile = RecordID.make(prefix: "00e", number: 2, seed: 0)
    private static let queue = RecordID.make(prefix: "00G", number: 1, seed: 0)

    /// Writes the organization, its users, profiles, queue and lead statuses.
    static func fill(_ session: Session) throws {
        let organization = organization(seed: session.org.options.seed)
        try session.seed("Organization", organizationRecord(organization))
        for profile in profiles { try session.seed("Profile", profile) }
        for (index, user) in users.enumerated() {
            try session.seed("User", userRecord(number: index + 1, user))
        }
        try session.seed("Group", queueRecord)
        try session.seed("QueueSobject", ["QueueId": .string(queue), "SobjectType": "Lead"])
        for status in leadStatuses { try session.seed("LeadStatus", status) }
    }

    private static func organizationRecord(_ id: String) -> JSONObject {
        [
            "Id": .string(id), "Name": "Daybook Example", "IsSandbox": false,
            "OrganizationType": "Developer Edition", "InstanceName": "EMU1",
            "TimeZoneSidKey": "GMT", "LanguageLocaleKey": "en_US",
        ]
    }

    private static let profiles: [JSONObject] = [
        ["Id": .string(standardProfile), "Name": "Standard User", "UserType": "Standard"],
        ["Id": .string(adminProfile), "Name": "System Administrator", "UserType": "Standard"],
    ]

    private static let queueRecord: JSONObject = [
        "Id": .string(queue), "Name": "Inbound Queue", "DeveloperName": "Inbound_Queue",
        "Type": "Queue",
    ]

    /// The people of the default org.
    private struct Person {
        let first: String
        let last: String
        let email: String
        var isActive = true
        var isAdmin = false
    }

    private static let users = [
        Person(
            first: "Integration",
            last: "User",
            email: "integration@daybook.example",
            isAdmin: true
        ),
        Person(first: "Priya", last: "Raman", email: "priya.raman@example.com"),
        Person(first: "Tomas", last: "Lindqvist", email: "tomas.lindqvist@example.com"),
        Person(first: "Mara", last: "Admin", email: "admin@example.com", isAdmin: true),
        Person(first: "Ivo", last: "Gone", email: "ivo.gone@example.com", isActive: false),
    ]

    private static func userRecord(number: Int, _ person: Person) -> JSONObject {
        [
            "Id": .string(RecordID.make(prefix: "005", number: number, seed: 0)),
            "Username": .string(person.email), "FirstName": .string(person.first),
            "LastName": .string(person.last), "Email": .string(person.email),
            "Alias": .string(String(person.last.lowercased().prefix(8))),
            "CommunityNickname": .string("\(person.first)\(person.last)".lowercased()),
            "IsActive": .bool(person.isActive),
            "ProfileId": .string(person.isAdmin ? adminProfile : standardProfile),
            "UserType": "Standard", "TimeZoneSidKey": "GMT", "LocaleSidKey": "en_US",
            "EmailEncodingKey": "UTF-8", "LanguageLocaleKey": "en_US",
        ]
    }

    private static let leadStatuses: [JSONObject] = [
        leadStatus("Open - Not Contacted", order: 1, isDefault: true),
        leadStatus("Working - Contacted", order: 2),
        leadStatus("Closed - Converted", order: 3, isConverted: true),
        leadStatus("Closed - Not Converted", order: 4),
    ]

    private static func leadStatus(
        _ name: String,
        order: Int,
        isDefault: Bool = false,
        isConverted: Bool = false
    ) -> JSONObject {
        [
            "MasterLabel": .string(name), "ApiName": .string(name), "SortOrder": .integer(order),
            "IsDefault": .bool(isDefault), "IsConverted": .bool(isConverted),
        ]
    }
}
