import Domain
import Reconciliation

extension Instant {
    /// Some minutes into the test's time, which begins on 2 November 2026 at 08:00 UTC.
    static func minute(_ minute: Int) -> Self {
        Self(milliseconds: 1_793_606_400_000 + Int64(minute) * 60_000)
    }
}

extension SalesforceID {
    /// The id of a made-up record; the prefix tells the object.
    static func sample(_ number: Int, _ prefix: String = "003") -> Self {
        let digits = String(number)
        let padding = String(repeating: "0", count: 12 - digits.count)
        guard let id = Self(prefix + padding + digits) else {
            preconditionFailure("fifteen letters and digits are an id")
        }
        return id
    }

    static func contact(_ number: Int) -> Self { sample(number, "003") }
    static func lead(_ number: Int) -> Self { sample(number, "00Q") }
    static func event(_ number: Int) -> Self { sample(number, "00U") }
    static func user(_ number: Int) -> Self { sample(number, "005") }
    static func account(_ number: Int) -> Self { sample(number, "001") }
}

extension EmailAddress {
    static func sample(_ text: String) -> Self {
        guard let email = Self(text) else { preconditionFailure("\(text) is no address") }
        return email
    }

    static let ada = sample("ada@acme.example")
    static let ben = sample("ben@acme.example")
    static let host = sample("olga@daybook.example")
}

extension BookingUID {
    static func sample(_ text: String) -> Self {
        guard let uid = Self(text) else { preconditionFailure("a uid is not empty") }
        return uid
    }
}

extension AppointmentID {
    static func sample(_ text: String = "bk1") -> Self { Self(root: .sample(text)) }
}

extension Cause {
    /// An event that happened in a minute and was recorded at once, at the position of that number.
    static func minute(_ minute: Int) -> Self {
        Self(
            position: LedgerPosition(Int64(minute) + 1),
            occurred: .minute(minute),
            recorded: .minute(minute)
        )
    }
}

extension Assertion {
    static func sample(
        _ value: WishedValue,
        minute: Int,
        policy: WritePolicy = .always,
        isLive: Bool = true
    ) -> Self {
        Self(
            value: value,
            cause: .minute(minute),
            version: SettingsVersion(1),
            rule: "default/rule",
            policy: policy,
            isLive: isLive,
            isPersonal: false
        )
    }
}

extension DesiredField {
    static func sample(_ field: FieldName, _ assertions: [Assertion]) -> Self {
        guard let field = Self(field: field, assertions: assertions) else {
            preconditionFailure("a field has an assertion")
        }
        return field
    }

    /// A field with one text, asserted in a minute.
    static func text(
        _ field: FieldName,
        _ text: String,
        minute: Int = 10,
        policy: WritePolicy = .always,
        isLive: Bool = true
    ) -> Self {
        sample(
            field,
            [.sample(.value(.text(text)), minute: minute, policy: policy, isLive: isLive)]
        )
    }
}

extension HeldField {
    static func sample(_ field: FieldName, _ reason: Reason) -> Self {
        Self(field: field, reason: reason, cause: .minute(10), rule: "default/rule", detail: "q")
    }
}

extension PersonRecordKey {
    static func contact(_ person: String) -> Self {
        Self(person: PersonID(person), policy: .contact)
    }
}

extension DesiredPersonRecord {
    /// A person who booked in minute 10.
    static func sample(
        _ person: String = "ada",
        email: EmailAddress = .ada,
        settings: (inout SyncSettings) -> Void = { _ in },
        existence: Existence = .required,
        fields: [DesiredField] = [],
        owner: DesiredOwner? = nil,
        held: [HeldField] = [],
        cause: Cause = .minute(10)
    ) -> Self {
        var given = SyncSettings()
        settings(&given)
        return Self(
            key: PersonRecordKey(person: PersonID(person), policy: given.attendeeRecord),
            email: email,
            existence: existence,
            lookUp: PersonLookUp(given),
            details: PersonDetails(
                firstName: "Ada",
                lastName: "Byron",
                phone: "+44 20 7946 0000",
                company: "acme",
                owner: .host
            ),
            creationDefaults: given.creationDefaults,
            fields: fields,
            owner: owner,
            held: held,
            cause: cause
        )
    }
}

extension DesiredOwner {
    /// The wish of a booking in minute 10 that its organizer takes the record over.
    static func sample(
        ifOwnedBy names: [String],
        namedUser: String? = nil,
        minute: Int = 10,
        isLive: Bool = true
    ) -> Self {
        Self(
            namedUser: namedUser,
            organizer: .host,
            onlyIfOwnedBy: names,
            cause: .minute(minute),
            version: SettingsVersion(1),
            rule: "default/ownerChange",
            isLive: isLive
        )
    }
}

extension DesiredEventRecord {
    /// The event record of an appointment that was booked in minute 10.
    static func sample(
        _ root: String = "bk1",
        uids: [String]? = nil,
        existence: Existence = .required,
        reason: Reason = .booked,
        fields: [DesiredField] = [.text("Subject", "Demo")],
        people: [PersonRecordKey] = [.contact("ada")],
        held: [HeldField] = [],
        defaults: [FieldName: FieldValue] = [:]
    ) -> Self {
        Self(
            appointment: .sample(root),
            uids: (uids ?? [root]).map(BookingUID.sample),
            eventType: nil,
            existence: existence,
            reason: reason,
            cause: .minute(10),
            fields: fields,
            attendees: .sample(
                "attendees",
                [.sample(.records(people.map(\.person)), minute: 10)]
            ),
            attendeeKeys: people,
            held: held,
            creationDefaults: defaults
        )
    }
}

extension ObservedRecord {
    /// A record that was made and last changed in minute 0.
    static func sample(
        _ id: SalesforceID,
        _ fields: [FieldName: FieldValue] = [:],
        created: Int = 0,
        lastModified: Int = 0
    ) -> Self {
        let objects: [String: ObjectName] = [
            "003": .contact, "00Q": .lead, "00U": .eventRecord, "005": .user, "001": .account,
        ]
        return Self(
            id: id,
            object: objects[id.keyPrefix] ?? .contact,
            fields: fields,
            created: .minute(created),
            lastModified: .minute(lastModified),
            stamp: .minute(lastModified)
        )
    }

    static func contact(
        _ number: Int,
        account: Int? = nil,
        created: Int = 0,
        _ fields: [FieldName: FieldValue] = [:]
    ) -> Self {
        var fields = fields
        if let account { fields["AccountId"] = .reference(.account(account)) }
        return sample(.contact(number), fields, created: created)
    }

    static func lead(_ number: Int, becameContact contact: Int? = nil, created: Int = 0) -> Self {
        var fields: [FieldName: FieldValue] = ["IsConverted": .flag(contact != nil)]
        if let contact { fields["ConvertedContactId"] = .reference(.contact(contact)) }
        return sample(.lead(number), fields, created: created)
    }

    static func user(_ number: Int, isActive: Bool = true, type: String = "Standard") -> Self {
        sample(.user(number), ["IsActive": .flag(isActive), "UserType": .text(type)])
    }
}

extension RecordLink {
    static func person(
        _ record: SalesforceID,
        key: PersonRecordKey = .contact("ada"),
        isOurs: Bool = true,
        state: State = .live
    ) -> Self {
        Self(
            subject: .person(key),
            object: record.keyPrefix == "00Q" ? .lead : .contact,
            record: record,
            isOurs: isOurs,
            state: state
        )
    }

    static func event(
        _ record: SalesforceID,
        uid: String = "bk1",
        isOurs: Bool = true,
        state: State = .live
    ) -> Self {
        Self(
            subject: .event(.sample(uid)),
            object: .eventRecord,
            record: record,
            isOurs: isOurs,
            state: state
        )
    }
}

extension Directory {
    /// Shows records that were asked for by id.
    mutating func show(_ records: ObservedRecord...) {
        for record in records {
            self.records[record.id] = record
            asked.insert(record.id)
        }
    }
}

extension PlanningInput {
    /// Nothing but a schema and an organizer who is a user.
    static func sample(isShared: Bool = true) -> Self {
        var input = Self()
        input.schema = .sample(isShared: isShared)
        input.directory.users[.host] = [.user(1)]
        return input
    }

    mutating func link(_ links: RecordLink...) {
        for link in links { self.links[link.subject] = link }
    }

    func plan() -> [PlanOperation] {
        Planner(self, digest: Self.digest).plan()
    }

    /// Legible, so that a failing comparison can be read.
    static let digest: @Sendable (String) -> ValueDigest = { ValueDigest(Array($0.utf8)) }
}

extension Claim {
    /// What is remembered of a field that we wrote in a minute.
    static func sample(sent: String, seen: String? = nil, minute: Int) -> Self {
        let seen = seen ?? sent
        return Self(
            sent: PlanningInput.digest(sent),
            seen: PlanningInput.digest(seen),
            seenIsEmpty: seen.isEmpty,
            seenAt: .minute(minute),
            considered: .minute(minute),
            outcome: .firstClaim
        )
    }
}

extension FieldDescription {
    static func sample(
        _ name: FieldName,
        _ type: String,
        length: Int = 0,
        isUpdateable: Bool = true,
        isRestricted: Bool = false,
        values: [String] = []
    ) -> Self {
        Self(
            name: name,
            label: name.rawValue,
            type: type,
            length: length,
            isUpdateable: isUpdateable,
            isRestrictedPicklist: isRestricted,
            activeValues: values
        )
    }
}

extension FieldDescription {
    /// A field of a type, whatever its name.
    static func of(
        _ type: String,
        length: Int = 0,
        isRestricted: Bool = false,
        values: [String] = []
    ) -> Self {
        sample("Field__c", type, length: length, isRestricted: isRestricted, values: values)
    }
}

extension OrgSchema {
    /// The fields that the tests write.
    static func sample(isShared: Bool = true) -> Self {
        let person: [FieldDescription] = [
            .sample("FirstName", "string", length: 40), .sample("LastName", "string", length: 80),
            .sample("Email", "email", length: 80), .sample("Phone", "phone", length: 40),
            .sample("OwnerId", "reference"), .sample("Title", "string", length: 128),
            .sample("Note__c", "string", length: 20), .sample("Score__c", "double"),
            .sample("Vip__c", "boolean"), .sample("First_Meeting__c", "date"),
            .sample("LeadSource", "picklist", length: 40, values: ["Phone", "Web"]),
            .sample("Topics__c", "multipicklist", values: ["Audit", "Replay", "Sync"]),
            .sample("Locked__c", "string", length: 20, isUpdateable: false),
        ]
        var event: [FieldDescription] = [
            .sample("Subject", "combobox", length: 255), .sample("StartDateTime", "datetime"),
            .sample("EndDateTime", "datetime"), .sample("Location", "string", length: 255),
            .sample("Description", "textarea", length: 32_000), .sample("OwnerId", "reference"),
            .sample("WhoId", "reference"), .sample("No_Show__c", "boolean"),
            .sample("Note__c", "string", length: 20),
            .sample("Type", "picklist", length: 40, values: ["Call", "Meeting"]),
        ]
        if isShared { event.append(.sample(OrgSchema.attendeesField, "reference")) }
        return Self(objects: [
            .contact: .sample(.contact, person + [.sample("AccountId", "reference")]),
            .lead: .sample(.lead, person + [.sample("Company", "string", length: 255)]),
            .eventRecord: .sample(.eventRecord, event),
        ])
    }
}

extension ObjectDescription {
    fileprivate static func sample(_ name: ObjectName, _ fields: [FieldDescription]) -> Self {
        Self(
            name: name,
            isCreateable: true,
            isUpdateable: true,
            isDeletable: true,
            fields: Dictionary(
                fields.map { ($0.name, $0) },
                uniquingKeysWith: { first, _ in first }
            )
        )
    }
}
