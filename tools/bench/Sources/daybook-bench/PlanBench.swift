import ArgumentParser
import Domain
import Reconciliation

struct PlanBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: """
            Compares records of ten fields with what is live, window by window; one of a hundred differs.
            """
    )

    /// What a run plans at a time.
    static let window = 2_000

    @Option var count = 10_000

    func run() async throws {
        let clock = ContinuousClock()
        var (took, updates) = (Duration.zero, 0)
        for first in stride(from: 0, to: count, by: Self.window) {
            let input = try PlanWindow(first..<min(first + Self.window, count)).input
            let planner = Planner(input, digest: PlanWindow.digest)
            var operations: [PlanOperation] = []
            took += clock.measure { operations = planner.plan() }
            updates += operations.count { $0.kind == .update }
        }
        guard updates == (count + 99) / 100 else { throw MadeWrongly() }
        Measurement(name: "plan", events: count, took: took).show()
    }
}

/// What comparing the values of ``PlanBench`` takes by itself: equal ids, equal values, and nothing that
/// says why.
struct MergeBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge",
        abstract: "Merges the values of the records that 'plan' compares, and counts what differs."
    )

    private struct Row {
        var id: String
        var values: [String]
    }

    @Option var count = 10_000

    func run() async throws {
        let clock = ContinuousClock()
        var (took, updates) = (Duration.zero, 0)
        for first in stride(from: 0, to: count, by: PlanBench.window) {
            let numbers = first..<min(first + PlanBench.window, count)
            let input = try PlanWindow(numbers).input
            let desired = input.people.map { person in
                Row(
                    id: input.links[.person(person.key)]?.record.rawValue ?? "",
                    values: person.fields.map { Self.text($0.assertions[0].value) }
                )
            }
            let live = desired.map { row in
                let fields = SalesforceID(row.id).flatMap { input.directory.records[$0] }?.fields
                return Row(
                    id: row.id,
                    values: PlanWindow.names.map { Self.text(.value(fields?[$0] ?? .empty)) }
                )
            }
            took += clock.measure { updates += Self.differing(desired, live) }
        }
        guard updates == (count + 99) / 100 else { throw MadeWrongly() }
        Measurement(name: "merge", events: count, took: took).show()
    }

    /// The text in memory of its own: two that share theirs are equal at a glance.
    private static func text(_ wish: WishedValue) -> String {
        if case .value(.text(let text)) = wish {
            String(decoding: Array(text.utf8), as: UTF8.self)
        } else {
            ""
        }
    }

    /// How many rows that are on both sides differ.
    private static func differing(_ left: [Row], _ right: [Row]) -> Int {
        var (place, other, count) = (0, 0, 0)
        while place < left.count, other < right.count {
            if left[place].id == right[other].id {
                if left[place].values != right[other].values { count += 1 }
                (place, other) = (place + 1, other + 1)
            } else if left[place].id < right[other].id {
                place += 1
            } else {
                other += 1
            }
        }
        return count
    }
}

/// Some contacts of ten fields as they are called for, and as they are.
private struct PlanWindow {
    static let names = (0..<10).map { FieldName("Field_\($0)__c") }
    private static let moment = Instant(milliseconds: 1_700_000_000_000)

    private(set) var input = PlanningInput()

    /// Stands for the keyed digest, which is measured with the ledger and not here.
    @Sendable static func digest(_ text: String) -> ValueDigest { ValueDigest(Array(text.utf8)) }

    init(_ numbers: Range<Int>) throws {
        var contact = ObjectDescription(
            name: .contact,
            isCreateable: true,
            isUpdateable: true,
            isDeletable: true,
            fields: [:]
        )
        for name in Self.names + ["Email"] {
            contact.fields[name] = FieldDescription(
                name: name,
                label: name.rawValue,
                type: "string",
                length: 255
            )
        }
        input.schema = OrgSchema(objects: [.contact: contact])
        for number in numbers { try add(number) }
    }

    private mutating func add(_ number: Int) throws {
        let email = try unwrap(EmailAddress("person\(number)@company.example"))
        let digits = String(number)
        let text = "003" + String(repeating: "0", count: 12 - digits.count) + digits
        let id = try unwrap(SalesforceID(text))
        let key = PersonRecordKey(person: PersonID("person\(number)"), policy: .contact)
        let cause = Cause(
            position: LedgerPosition(Int64(number) + 1),
            occurred: Self.moment,
            recorded: Self.moment
        )
        var live: [FieldName: FieldValue] = ["Email": .text(email.rawValue)]
        var fields: [DesiredField] = []
        for (place, name) in Self.names.enumerated() {
            let wish = "value \(place) of \(number)"
            // One of a hundred is empty in Salesforce, in one field.
            let isMissing = number.isMultiple(of: 100) && place == 0
            if !isMissing { live[name] = .text(wish) }
            let assertion = Assertion(
                value: .value(.text(wish)),
                cause: cause,
                version: SettingsVersion(1),
                rule: "default/onBooking/attendee/\(name.rawValue)",
                policy: .always,
                isLive: true,
                isPersonal: false
            )
            fields.append(try unwrap(DesiredField(field: name, assertions: [assertion])))
        }
        let record = ObservedRecord(
            id: id,
            object: .contact,
            fields: live,
            created: Self.moment,
            lastModified: Self.moment,
            stamp: Self.moment
        )
        input.people.append(
            DesiredPersonRecord(
                key: key,
                email: email,
                existence: .required,
                lookUp: PersonLookUp(SyncSettings()),
                details: PersonDetails(
                    firstName: nil,
                    lastName: "Person",
                    phone: nil,
                    company: "Company",
                    owner: nil
                ),
                creationDefaults: [:],
                fields: fields,
                owner: nil,
                held: [],
                cause: cause
            )
        )
        input.directory.records[id] = record
        input.directory.contacts[email] = [record]
        input.links[.person(key)] = RecordLink(
            subject: .person(key),
            object: .contact,
            record: id,
            isOurs: true
        )
    }
}
