import Domain
import Reconciliation
import TestSupport

/// Bookings as they come in, and an org whose people work in it meanwhile.
struct World {
    var org = MemoryOrg()
    var generator: SeededGenerator
    private var people: [DesiredPersonRecord] = []
    private var events: [DesiredEventRecord] = []
    private var position: Int64 = 0

    init(seed: UInt64) {
        generator = SeededGenerator(seed: seed)
        for name in ["ada", "ben", "cyd"] {
            var settings = SyncSettings()
            settings.attendeeRecord = generator.any(SyncSettings.AttendeeRecord.allCases)
            settings.skipContactCreation = generator.oneIn(6)
            settings.checkForExistingContact = generator.oneIn(2)
            settings.createContactUnderAccount = generator.oneIn(2)
            settings.createLeadIfNoAccount = generator.oneIn(2)
            settings.onAmbiguous = generator.any(SyncSettings.Ambiguity.allCases)
            people.append(
                .sample(
                    name,
                    email: .sample("\(name)@\(generator.any(["acme.example", "gmail.com"]))"),
                    settings: { $0 = settings },
                    cause: cause()
                )
            )
            if generator.oneIn(3) { addRecords(of: people[people.count - 1]) }
        }
        for root in ["bk1", "bk2"] {
            let keys = people.map(\.key).shuffled(using: &generator)
            var event = DesiredEventRecord.sample(
                root,
                fields: [],
                people: Array(keys.prefix(generator.number(0...3)))
            )
            event.cause = cause()
            events.append(event)
        }
    }

    /// Some records with a person's address that were there before.
    private mutating func addRecords(of person: DesiredPersonRecord) {
        for _ in 0..<generator.number(1...2) {
            position += 1
            let prefix = generator.any(["003", "00Q"])
            org.add(
                .sample(
                    .sample(Int(position), prefix),
                    [
                        "Email": .text(person.email.rawValue), "Title": .text("Before us"),
                        "OwnerId": .reference(.user(2)),
                    ],
                    created: generator.number(-60...0)
                )
            )
        }
    }

    /// An event that happened about now; some are told late, and out of order.
    private mutating func cause() -> Cause {
        position += 1
        let late = generator.oneIn(3) ? Int64(generator.number(1...600)) * 1_000 : 0
        return Cause(
            position: LedgerPosition(position),
            occurred: org.now.advanced(byMilliseconds: position - late),
            recorded: org.now
        )
    }

    // MARK: Steps

    /// Some bookings assert values.
    mutating func book() {
        for place in people.indices where !generator.oneIn(3) {
            let cause = cause()
            people[place].fields = extended(people[place].fields, Self.personFields, cause)
            people[place].cause = max(people[place].cause, cause)
            if generator.oneIn(3) {
                people[place].owner = DesiredOwner(
                    namedUser: nil,
                    organizer: generator.any([.host, .ben]),
                    onlyIfOwnedBy: [generator.any([SalesforceID.user(2), .user(9)]).rawValue],
                    cause: cause,
                    version: SettingsVersion(1),
                    rule: "default/ownerChange",
                    isLive: !generator.oneIn(4)
                )
            }
        }
        for place in events.indices where !generator.oneIn(3) {
            let cause = cause()
            events[place].fields = extended(events[place].fields, Self.eventFields, cause)
            events[place].cause = cause
            events[place].existence = generator.any([
                .required, .required, .required, .ifThere, .removed,
            ])
            if generator.oneIn(2) {
                let keys = people.map(\.key).shuffled(using: &generator)
                events[place].attendeeKeys = Array(keys.prefix(generator.number(1...3)))
                let related = events[place].attendeeKeys.map(\.person)
                events[place].attendees = DesiredField(
                    field: "attendees",
                    assertions: [assertion(.records(related), cause, .always)]
                )
            }
        }
    }

    /// People edit, empty and delete records.
    mutating func work() {
        for id in org.records.keys.sorted() {
            org.wait(minutes: generator.number(0...1))
            if generator.oneIn(15) {
                org.delete(id)
                continue
            }
            let isEvent = id.keyPrefix == "00U"
            for (field, values) in isEvent ? Self.eventFields : Self.personFields
            where generator.oneIn(5) {
                org.edit(id, field, generator.oneIn(3) ? .empty : generator.any(values))
            }
            if !isEvent, generator.oneIn(6) {
                org.edit(id, "OwnerId", .reference(.user(generator.any([1, 2, 9]))))
            }
        }
        org.wait(minutes: generator.number(0...3))
    }

    private static let emptyInput = PlanningInput.sample()

    /// What a run of the pipeline would plan.
    func input() -> PlanningInput {
        var input = Self.emptyInput
        (input.people, input.events) = (people, events)
        (input.directory, input.links, input.claims) = (org.directory, org.links, org.claims)
        return input
    }

    // MARK: Values

    private static let personFields: [(FieldName, [FieldValue])] = [
        ("Title", [.text("Countess"), .text("Engineer "), .text("CTO")]),
        ("Note__c", [.text("hello"), .text("a note that is too long to fit"), .text("Bye")]),
        ("LeadSource", [.text("Web"), .text("Phone"), .text("Fax")]),
        ("Vip__c", [.flag(true), .flag(false), .text("perhaps")]),
        ("Score__c", [.number("1.50"), .text("007"), .text("ten")]),
        ("Phone", [.text("+44 20 7946-0000"), .text("+49 30 1")]),
        ("Topics__c", [.choices(["Sync", "Audit"]), .choices(["Replay"]), .choices(["None"])]),
    ]

    private static let eventFields: [(FieldName, [FieldValue])] = [
        ("Subject", [.text("Demo"), .text("Call"), .text("Chat")]),
        ("Location", [.text("Room 1"), .text("https://meet.example/1"), .empty]),
        ("StartDateTime", [.instant(.minute(90)), .instant(.minute(600))]),
        ("Note__c", [.text("kept"), .text("cancelled")]),
        ("No_Show__c", [.flag(true), .flag(false)]),
    ]

    private mutating func extended(
        _ fields: [DesiredField],
        _ known: [(FieldName, [FieldValue])],
        _ cause: Cause
    ) -> [DesiredField] {
        var fields = fields
        for (field, values) in known where !generator.oneIn(3) {
            let old = fields.first { $0.field == field }
            let policy = old?.assertions[0].policy ?? generator.any(WritePolicy.allCases)
            let new = assertion(.value(generator.any(values)), cause, policy)
            fields.removeAll { $0.field == field }
            fields.append(.sample(field, (old?.assertions ?? []) + [new]))
        }
        return fields.sorted { $0.field < $1.field }
    }

    private mutating func assertion(
        _ value: WishedValue,
        _ cause: Cause,
        _ policy: WritePolicy
    ) -> Assertion {
        var assertion = Assertion.sample(
            value,
            minute: 0,
            policy: policy,
            isLive: !generator.oneIn(4)
        )
        assertion.cause = cause
        return assertion
    }
}
