import Domain
import Testing

@testable import Projection

@Suite("Person projector")
struct PersonProjectorTests {
    private static let note: FieldName = "Note__c"

    private static func cause(_ minute: Int) -> Cause {
        Cause(
            position: LedgerPosition(Int64(minute)),
            occurred: .minute(minute),
            recorded: .minute(minute)
        )
    }

    private static func assertion(_ text: String, _ minute: Int, _ policy: WritePolicy) -> Assertion
    {
        Assertion(
            value: .value(.text(text)),
            cause: cause(minute),
            version: SettingsVersion(1),
            rule: "r",
            policy: policy,
            isLive: true,
            isPersonal: true
        )
    }

    /// What an appointment says in a minute.
    private static func contribution(
        _ minute: Int,
        person: PersonID = "ada",
        existence: Existence = .required,
        _ note: String? = nil,
        policy: WritePolicy = .always,
        held: Bool = false,
        _ change: (inout PersonContribution) -> Void = { _ in }
    ) -> PersonContribution {
        var contribution = PersonContribution(
            key: PersonRecordKey(person: person, policy: .contact),
            email: EmailAddress("\(person.rawValue)@acme.example"),
            existence: existence,
            lookUp: PersonLookUp(SyncSettings()),
            details: PersonDetails(
                firstName: "Ada",
                lastName: "Byron",
                phone: nil,
                company: "acme",
                owner: nil
            ),
            creationDefaults: [:],
            assertions: note.map { [Self.note: [assertion($0, minute, policy)]] } ?? [:],
            held: held
                ? [
                    HeldField(
                        field: Self.note,
                        reason: .unanswered,
                        cause: cause(minute),
                        rule: "r",
                        detail: "q"
                    )
                ]
                : [],
            owner: nil,
            cause: cause(minute)
        )
        change(&contribution)
        return contribution
    }

    private static func fold(_ contributions: PersonContribution...) throws -> DesiredPersonRecord {
        let record = try #require(PersonProjector.fold(contributions).first)
        #expect(PersonProjector.fold(contributions.reversed()) == [record])
        return record
    }

    @Test("lets the newest booking decide, whichever way it comes in")
    func newest() throws {
        let record = try Self.fold(Self.contribution(10, "old"), Self.contribution(20, "new"))
        let field = try #require(record.fields.first)
        #expect(field.assertions.map(\.cause) == [Self.cause(10), Self.cause(20)])
        #expect(field.newest.value == .value(.text("new")))
        #expect(record.cause == Self.cause(20))
    }

    @Test("keeps what every booking says, for the planner to choose among")
    func everything() throws {
        let record = try Self.fold(
            Self.contribution(30, "third", policy: .whenEmpty),
            Self.contribution(10, "first", policy: .whenEmpty),
            Self.contribution(20, "second", policy: .whenEmpty)
        )
        let values = record.fields.first?.assertions.map(\.value)
        #expect(values == ["first", "second", "third"].map { .value(.text($0)) })
    }

    @Test("holds a field only while the newest booking could not give it a value")
    func held() throws {
        let open = try Self.fold(Self.contribution(10, "old"), Self.contribution(20, held: true))
        #expect(open.held.map(\.cause) == [Self.cause(20)])
        let given = try Self.fold(Self.contribution(10, held: true), Self.contribution(20, "new"))
        #expect(given.held == [])
        let twice = try Self.fold(
            Self.contribution(10, held: true),
            Self.contribution(20, held: true)
        )
        #expect(twice.held.map(\.cause) == [Self.cause(20)])
    }

    @Test("keeps a phone number and a name that only an older booking gave")
    func details() throws {
        let record = try Self.fold(
            Self.contribution(10) { $0.details.phone = "+44 1" },
            Self.contribution(20) {
                ($0.details.firstName, $0.details.lastName) = (nil, "-")
                $0.details.company = "other"
            }
        )
        #expect(record.details.phone == "+44 1")
        #expect(record.details.firstName == "Ada")
        #expect(record.details.lastName == "Byron")
        #expect(record.details.company == "other")
        let newer = try Self.fold(
            Self.contribution(10) { $0.details.phone = "+44 1" },
            Self.contribution(20) { $0.details.phone = "+44 2" }
        )
        #expect(newer.details.phone == "+44 2")
    }

    @Test("takes the newest wish for an owner")
    func owner() throws {
        func owner(_ minute: Int) -> DesiredOwner {
            DesiredOwner(
                namedUser: "user \(minute)",
                organizer: nil,
                onlyIfOwnedBy: [],
                cause: Self.cause(minute),
                version: SettingsVersion(1),
                rule: "r",
                isLive: true
            )
        }
        let record = try Self.fold(
            Self.contribution(10) { $0.owner = owner(10) },
            Self.contribution(20) { $0.owner = owner(20) },
            Self.contribution(30)
        )
        #expect(record.owner?.namedUser == "user 20")
    }

    @Test("needs the record while one appointment does")
    func existence() throws {
        let one = try Self.fold(Self.contribution(10), Self.contribution(20, existence: .ifThere))
        #expect(one.existence == .required)
        let none = try Self.fold(
            Self.contribution(10, existence: .ifThere),
            Self.contribution(20, existence: .ifThere)
        )
        #expect(none.existence == .ifThere)
    }

    @Test("has the newest booking's way of looking the person up")
    func lookUp() throws {
        let record = try Self.fold(
            Self.contribution(20) { $0.lookUp.onAmbiguous = .review },
            Self.contribution(10) { $0.lookUp.onAmbiguous = .newest }
        )
        #expect(record.lookUp.onAmbiguous == .review)
    }

    @Test("calls for nothing for somebody who was erased")
    func erased() {
        #expect(PersonProjector.fold([Self.contribution(10) { $0.email = nil }]) == [])
    }

    @Test("keeps people, and ways to look them up, apart")
    func apart() {
        var lead = Self.contribution(30, "lead")
        lead.key.policy = .lead
        let records = PersonProjector.fold([
            lead, Self.contribution(10, person: "ben", "ben"), Self.contribution(20, "ada"),
        ])
        #expect(records.map(\.key.person) == ["ada", "ada", "ben"])
        #expect(records.map(\.key.policy) == [.contact, .lead, .contact])
        #expect(records.allSatisfy { $0.fields.first?.assertions.count == 1 })
    }
}
