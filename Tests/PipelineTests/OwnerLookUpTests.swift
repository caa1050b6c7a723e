import Domain
import Journal
import Pipeline
import Salesforce
import Synchronization
import TestSupport
import Testing

@Suite("The look-up of owners")
struct OwnerLookUpTests {
    private let dana = Meeting.Person.dana.email
    private let tomas = "tomas.lindqvist@example.com"
    private let priya = "priya.raman@example.com"

    /// A look-up whose org was looked at once, and Dana's contact, which belongs to Tomas.
    private struct Desk {
        let world: World
        let org: SwitchedGateway
        let owners: OwnerLookUp
        let contact: String
        let email: EmailAddress

        func ask(_ eventType: Int = 88_231) async throws -> OwnerLookUp.Answer {
            try await owners.answer(email, eventType: EventTypeID(eventType))
        }

        func wait(seconds: Int64) { world.clock.advance(bySeconds: seconds) }
    }

    private func withDesk(_ body: (Desk) async throws -> Void) async throws {
        try await withPipeline { world in
            try await world.accept(#"{"ownerRouting":{"lookUp":"contact"}}"#)
            let contact = try await world.org.create(
                "Contact",
                [
                    "LastName": "Okafor", "Email": .string(dana),
                    "OwnerId": .string(try await world.org.user(tomas)),
                ]
            )
            world.wait(minutes: 1)
            let org = SwitchedGateway(try world.gateway())
            let desk = Desk(
                world: world,
                org: org,
                owners: OwnerLookUp(journal: world.journal, gateway: org, now: world.time),
                contact: contact,
                email: try #require(EmailAddress(dana))
            )
            try await body(desk)
        }
    }

    /// Asks once, looks at the org, and asks again, so that the answer is remembered.
    private func warm(_ desk: Desk) async throws {
        _ = try await desk.ask()
        try await desk.owners.refresh()
        let answer = try await desk.ask()
        #expect(!answer.isRemembered, "what was asked before the first look is not believed")
        #expect(answer.route.email == tomas)
        desk.wait(seconds: 20)
        try await desk.owners.refresh()
    }

    @Test("answers from memory while the org stands still, asks it nothing, and says which")
    func remembered() async throws {
        try await withDesk { desk in
            try await warm(desk)
            let reads = desk.org.reads
            let answer = try await desk.ask()
            #expect(answer.isRemembered)
            #expect(answer.route.email == tomas)
            #expect(answer.json["source"] == "look-up")
            #expect(answer.json["asOf"]?.string == desk.world.now.rfc3339)
            #expect(desk.org.reads == reads)
        }
    }

    @Test("asks anew once the SystemModstamp of a record moved, and says which")
    func changed() async throws {
        try await withDesk { desk in
            try await warm(desk)
            desk.wait(seconds: 10)
            try await desk.world.org.change(
                "Contact",
                desk.contact,
                ["OwnerId": .string(try await desk.world.org.user(priya))]
            )
            #expect(try await desk.ask().isRemembered, "nobody looked since")
            desk.wait(seconds: 10)
            try await desk.owners.refresh()
            let answer = try await desk.ask()
            #expect(!answer.isRemembered)
            #expect(answer.json["source"] == "live")
            #expect(answer.route.email == priya)
            desk.wait(seconds: 20)
            try await desk.owners.refresh()
            #expect(try await desk.ask().isRemembered, "the change was seen once")
        }
    }

    /// How long nothing is looked at, in seconds, and whether the last look is still believed.
    @Test("believes a look at the org for 30 seconds", arguments: [(30, true), (31, false)])
    func patience(seconds: Int64, isRemembered: Bool) async throws {
        try await withDesk { desk in
            try await warm(desk)
            desk.wait(seconds: seconds)
            #expect(try await desk.ask().isRemembered == isRemembered)
        }
    }

    @Test("keeps no answer for more than a minute, because deletions leave no stamp")
    func oldest() async throws {
        try await withDesk { desk in
            try await warm(desk)
            try await desk.world.org.delete("Contact", desk.contact)
            for _ in 1...2 {
                desk.wait(seconds: 20)
                try await desk.owners.refresh()
                #expect(try await desk.ask().isRemembered)
            }
            desk.wait(seconds: 1)
            let answer = try await desk.ask()
            #expect(!answer.isRemembered)
            #expect(answer.route.reason == "no-record")
        }
    }

    @Test("asks anew under other settings, and for another event type")
    func settings() async throws {
        try await withDesk { desk in
            try await warm(desk)
            #expect(try await desk.ask(7).isRemembered == false)
            #expect(try await desk.ask().isRemembered)
            _ = try await desk.world.journal.accept(
                nil,
                for: .everyEventType,
                validity: .fromNow,
                actor: "test",
                isChecked: false
            )
            let answer = try await desk.ask()
            #expect(!answer.isRemembered)
            #expect(answer.route.reason == "no-settings")
        }
    }

    @Test("fails, and never says that nobody owns a record, once the org cannot be asked")
    func unreachable() async throws {
        try await withDesk { desk in
            try await warm(desk)
            desk.org.isAway = true
            await #expect(throws: SalesforceError.self) { try await desk.owners.refresh() }
            #expect(try await desk.ask().isRemembered, "the last look is still believed")
            desk.wait(seconds: 31)
            await #expect(throws: SalesforceError.self) { _ = try await desk.ask() }
            desk.org.isAway = false
            #expect(try await desk.ask().json["source"] == "live")
        }
    }

    @Test("does not look at the org while nobody asks")
    func quiet() async throws {
        try await withDesk { desk in
            try await desk.owners.refresh()
            #expect(desk.org.reads == 0)
            _ = try await desk.ask()
            desk.wait(seconds: 600)
            try await desk.owners.refresh()
            let reads = desk.org.reads
            desk.wait(seconds: 1)
            try await desk.owners.refresh()
            #expect(desk.org.reads == reads)
        }
    }
}

/// A gateway that counts what is read, and that can be cut off.
private final class SwitchedGateway: SalesforceGateway {
    private let org: any SalesforceGateway
    private let state = Mutex((reads: 0, isAway: false))

    init(_ org: any SalesforceGateway) { self.org = org }

    /// How often the org was read.
    var reads: Int { state.withLock { $0.reads } }

    /// Whether the org cannot be reached.
    var isAway: Bool {
        get { state.withLock { $0.isAway } }
        set { state.withLock { $0.isAway = newValue } }
    }

    func read(_ requests: [ReadRequest]) async throws(SalesforceError) -> [ReadAnswer] {
        let isAway = state.withLock { state in
            state.reads += 1
            return state.isAway
        }
        if isAway { throw .unreachable("nothing answered") }
        return try await org.read(requests)
    }

    func batches(of requests: [WriteRequest]) -> [[WriteRequest]] { org.batches(of: requests) }

    func send(
        _ batch: [WriteRequest],
        known: [OperationID: SalesforceID]
    ) async throws(SalesforceError) -> [WriteOutcome] {
        try await org.send(batch, known: known)
    }

    var usage: APIUsage { get async { await org.usage } }
}
