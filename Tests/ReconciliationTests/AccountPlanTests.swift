import Domain
import Reconciliation
import Testing

@Suite("Plan for accounts")
struct AccountPlanTests {
    private static let field: FieldName = "Title"

    private static func wish(
        _ person: String,
        _ text: String,
        minute: Int,
        owner: DesiredOwner? = nil,
        onAmbiguous: SyncSettings.Ambiguity = .oldest
    ) -> DesiredAccountRecord {
        DesiredAccountRecord(
            key: .contact(person),
            lookUp: AccountLookUp(
                .sample("\(person)@acme.example"),
                onAmbiguous: onAmbiguous
            ),
            fields: [.text(field, text, minute: minute)],
            owner: owner,
            held: [],
            cause: .minute(minute)
        )
    }

    private static func input(_ fields: [FieldName: FieldValue] = [:]) -> PlanningInput {
        var input = PlanningInput.sample()
        let account = ObservedRecord.sample(.account(1), fields)
        input.directory.records[.account(1)] = account
        input.directory.accountsByHost["acme.example"] = [account]
        let contact = input.schema.objects[.contact]?.fields ?? [:]
        input.schema.objects[.account] = ObjectDescription(
            name: .account,
            isCreateable: true,
            isUpdateable: true,
            isDeletable: true,
            fields: contact
        )
        return input
    }

    @Test("lets the newest booking write for all people of an account, and the others share")
    func newest() throws {
        var input = Self.input()
        input.accounts = [
            Self.wish("ada", "old", minute: 5), Self.wish("ben", "new", minute: 9),
            Self.wish("cid", "older", minute: 1),
        ]
        let plan = input.plan()
        let writes = plan.filter(\.isWrite)
        #expect(writes.map(\.subject) == [.account(PersonID("ben"))])
        #expect(writes.first?.record == .account(1))
        #expect(writes.first?.written.map(\.desired) == [.value(.text("new"))])
        #expect(plan.count == 3)
        #expect(
            plan.filter { !$0.isWrite }.allSatisfy { $0.record == .account(1) && $0.fields == [] }
        )
        input.accounts.reverse()
        #expect(input.plan() == plan)
    }

    @Test("writes to none of several accounts where a person has to say which is meant")
    func undecided() {
        var input = Self.input()
        let twin = ObservedRecord.sample(.account(2))
        input.directory.records[.account(2)] = twin
        input.directory.accountsByHost["acme.example"]?.append(twin)
        input.accounts = [Self.wish("ada", "new", minute: 9, onAmbiguous: .review)]
        let plan = input.plan()
        #expect(plan.map(\.kind) == [.hold])
        #expect(plan.map(\.reason) == [.accountAmbiguous])
        #expect(plan.map(\.candidates) == [[.account(1), .account(2)]])
    }

    @Test(
        "does not let an older booking speak after a newer one of somebody else",
        arguments: [5, 9]
    )
    func considered(minute: Int) throws {
        var input = Self.input([Self.field: .text("new")])
        input.claims[.account(1)] = [
            Self.field: Claim(
                sent: PlanningInput.digest("new"),
                seen: PlanningInput.digest("new"),
                seenIsEmpty: false,
                seenAt: .minute(7),
                considered: .minute(7),
                outcome: .firstClaim
            )
        ]
        input.accounts = [Self.wish("ada", "mine", minute: minute)]
        let operation = try #require(input.plan().first)
        #expect(operation.isWrite == (minute > 7))
    }

    @Test("plans the owner once, by the guarded change, although a rule names it too")
    func ownerOnce() throws {
        var input = Self.input(["OwnerId": .reference(.user(7))])
        input.directory.records[.account(1)]?.related["Owner.Name"] = "Queue"
        var wish = Self.wish(
            "ada",
            "x",
            minute: 5,
            owner: .sample(ifOwnedBy: ["Somebody"], minute: 5)
        )
        wish.fields = [.sample("OwnerId", [.sample(.user(.host), minute: 5)])]
        input.accounts = [wish]
        let account = try #require(input.plan().first)
        #expect(account.fields.map(\.reason) == [.ownerGuardFailed])

        input = Self.input()
        input.directory.show(.contact(1, ["OwnerId": .reference(.user(7))]))
        input.link(.person(.contact(1)))
        input.people = [
            .sample(
                fields: [.sample("OwnerId", [.sample(.user(.host), minute: 10)])],
                owner: .sample(ifOwnedBy: ["Somebody"])
            )
        ]
        let person = try #require(input.plan().first)
        #expect(person.fields.map(\.field) == ["OwnerId"])
        #expect(person.fields.map(\.reason) == [.ownerGuardFailed])
    }
}
