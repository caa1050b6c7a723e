import Domain
import Testing

@testable import Reconciliation

@Suite("Owner decision")
struct OwnerDecisionTests {
    /// A contact of user 2, Ann Lee.
    private static func record(owner: Int = 2) -> ObservedRecord {
        var record = ObservedRecord.contact(1, ["OwnerId": .reference(.user(owner))])
        record.related = ["Owner.Name": "Ann Lee", "Owner.Email": "ann@daybook.example"]
        return record
    }

    private static func decide(
        _ wish: DesiredOwner,
        on record: ObservedRecord = record(),
        claim: Claim? = nil,
        _ arrange: (inout PlanningInput) -> Void = { _ in }
    ) -> PlannedField {
        var input = PlanningInput.sample()
        input.claims[record.id] = claim.map { ["OwnerId": $0] }
        arrange(&input)
        return OwnerDecision(planner: Planner(input, digest: PlanningInput.digest))
            .decide(wish, on: record)
    }

    struct GuardRow: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var names: [String]
        var passes: Bool
    }

    static let guards = [
        GuardRow(testDescription: "the name", names: ["Ann Lee"], passes: true),
        GuardRow(
            testDescription: "one of several names",
            names: ["Queue", "Ann Lee"],
            passes: true
        ),
        GuardRow(
            testDescription: "a name that contains it",
            names: ["Joann Leeds, Ann Leeson"],
            passes: false
        ),
        GuardRow(testDescription: "a part of the name", names: ["Ann"], passes: false),
        GuardRow(testDescription: "another letter case", names: ["ann lee"], passes: false),
        GuardRow(testDescription: "blanks around it", names: [" Ann Lee "], passes: false),
        GuardRow(testDescription: "the id", names: [SalesforceID.user(2).rawValue], passes: true),
        GuardRow(
            testDescription: "another id",
            names: [SalesforceID.user(3).rawValue],
            passes: false
        ),
        GuardRow(testDescription: "the address", names: ["ann@daybook.example"], passes: true),
        GuardRow(
            testDescription: "another address",
            names: ["joann@daybook.example"],
            passes: false
        ),
        GuardRow(testDescription: "nobody", names: [], passes: false),
    ]

    @Test("compares the owner exactly", arguments: guards)
    func exactly(row: GuardRow) {
        let planned = Self.decide(.sample(ifOwnedBy: row.names))
        #expect(planned.outcome == (row.passes ? .write : .hold))
        #expect(planned.reason == (row.passes ? .ownerGuardPassed : .ownerGuardFailed))
        #expect(planned.desired == .value(.reference(.user(1))))
    }

    @Test("knows a queue by its name")
    func queue() {
        var record = ObservedRecord.contact(1, ["OwnerId": .reference(.sample(4, "00G"))])
        record.related = ["Owner.Name": "Inbound"]
        #expect(Self.decide(.sample(ifOwnedBy: ["Inbound"]), on: record).outcome == .write)
    }

    @Test("leaves a record with the organizer who has it")
    func alreadyOwner() {
        let planned = Self.decide(.sample(ifOwnedBy: ["Ann Lee"]), on: Self.record(owner: 1))
        #expect(planned.reason == .agreed)
        #expect(planned.outcome == .adopt, "remembered, so that the booking does not ask again")
    }

    @Test("asks once per booking")
    func once() {
        let asked = Claim.sample(sent: SalesforceID.user(1).rawValue, minute: 10)
        let again = Self.decide(.sample(ifOwnedBy: ["Ann Lee"], minute: 10), claim: asked)
        #expect(again.outcome == .unchanged, "somebody took the record back")
        let later = Self.decide(.sample(ifOwnedBy: ["Ann Lee"], minute: 11), claim: asked)
        #expect(later.outcome == .write)
    }

    @Test("waits for an active user", arguments: [[], [ObservedRecord.user(1, isActive: false)]])
    func noUser(users: [ObservedRecord]) {
        let planned = Self.decide(.sample(ifOwnedBy: ["Ann Lee"])) {
            $0.directory.users[.host] = users
        }
        #expect(planned.outcome == .hold)
        #expect(planned.reason == .noActiveUser)
    }

    @Test("gives the record to a named user, where there is one")
    func named() {
        let wish = DesiredOwner.sample(ifOwnedBy: ["Ann Lee"], namedUser: "Queue Boss")
        let planned = Self.decide(wish) { $0.directory.namedUsers["Queue Boss"] = .user(8) }
        #expect(planned.desired == .value(.reference(.user(8))))
        #expect(planned.outcome == .write)
        #expect(Self.decide(wish).reason == .noActiveUser, "not the organizer instead")
    }

    @Test("holds a replay's wish, unless the plan is told to")
    func replay() {
        let wish = DesiredOwner.sample(ifOwnedBy: ["Ann Lee"], isLive: false)
        #expect(Self.decide(wish).reason == .replayHeld)
        #expect(Self.decide(wish) { $0.replayOverwrites = true }.outcome == .write)
    }

    @Test("asks again for what a replay was not allowed to change, once the plan is told to")
    func heldReplay() {
        let wish = DesiredOwner.sample(ifOwnedBy: ["Ann Lee"], isLive: false)
        var held = Claim.sample(sent: SalesforceID.user(1).rawValue, minute: 10)
        (held.sent, held.seen, held.outcome) = (nil, nil, .replayHeld)
        #expect(Self.decide(wish, claim: held).outcome == .unchanged)
        #expect(Self.decide(wish, claim: held) { $0.replayOverwrites = true }.outcome == .write)
        held.outcome = .ownerGuardPassed
        let again = Self.decide(wish, claim: held) { $0.replayOverwrites = true }
        #expect(again.outcome == .unchanged, "somebody took the record back")
    }

    @Test("takes a standard user before a portal user, and of several the first")
    func severalUsers() {
        let planned = Self.decide(.sample(ifOwnedBy: ["Ann Lee"])) {
            $0.directory.users[.host] = [
                .user(3, type: "PowerPartner"), .user(6), .user(5), .user(4, isActive: false),
            ]
        }
        #expect(planned.desired == .value(.reference(.user(5))))
    }
}
