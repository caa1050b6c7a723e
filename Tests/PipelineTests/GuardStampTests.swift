import Domain
import Pipeline
import Salesforce
import Synchronization
import TestSupport
import Testing

/// What happens to records that people edit while a run is at work.
@Suite("Guard stamps")
struct GuardStampTests {
    private let settings = """
        {"onBooking":{"attendee":{"Company_Size__c":{"value":"{size}","when":"protect"}}}}
        """

    private func booking(_ number: Int, size: String) -> Meeting {
        Meeting("b\(number)-\(size)").with {
            $0.booker.email = "g\(number)@globex.example"
            $0.answers["size"] = .string(size)
        }
    }

    private func size(_ world: World, of number: Int) async throws -> String {
        try await world.contact("Company_Size__c", of: "g\(number)@globex.example")
            .text("Company_Size__c")
    }

    /// Lets a person edit a contact after the run has looked at it.
    private func edit(_ number: Int, in world: World) async throws {
        let id = try await world.contact(of: "g\(number)@globex.example").text("Id")
        let (org, clock) = (world.org, world.clock)
        world.interpose = { gateway in
            EditingGateway(gateway) {
                clock.advance(bySeconds: 10)
                try await org.change("Contact", id, ["Company_Size__c": "mine"])
                clock.advance(bySeconds: 10)
            }
        }
    }

    /// Runs of different sizes go different ways.
    @Test("keep an edit that comes between looking and writing", arguments: [1, 230])
    func edited(bookings: Int) async throws {
        try await withPipeline { world in
            try await world.accept(settings)
            try await world.take((0..<bookings).map { booking($0, size: "10").created })
            world.wait(minutes: 1)
            try await world.reconcile()
            try await world.take((0..<bookings).map { booking($0, size: "20").created })
            try await edit(0, in: world)
            let report = try await world.reconcile()
            world.interpose = { $0 }
            #expect(try await size(world, of: 0) == "mine")
            if bookings > 1 { #expect(try await size(world, of: 1) == "20") }
            let kept = report.operations.flatMap(\.fields).filter {
                $0.field == "Company_Size__c" && $0.live == .text("mine")
            }
            #expect(kept.map(\.outcome) == [.hold])
            let codes = try await world.ledger("write.failed").map { $0.text("code") }
            #expect(codes == ["PRECONDITION_FAILED"])
            world.wait(minutes: 120)
            #expect(try await world.reconcile(.everything).summary.hasWrites == false)
        }
    }
}

/// A gateway that lets something happen once the run has looked at the org.
private final class EditingGateway: SalesforceGateway {
    private let org: any SalesforceGateway
    private let happening: Mutex<(@Sendable () async throws -> Void)?>

    init(_ org: any SalesforceGateway, _ happening: @escaping @Sendable () async throws -> Void) {
        self.org = org
        self.happening = Mutex(happening)
    }

    /// Once, before the stamps are read again or the write is sent, whichever comes first.
    private func happen() async throws(SalesforceError) {
        let now = happening.withLock { value in
            defer { value = nil }
            return value
        }
        do { try await now?() } catch { throw .unexpectedAnswer("\(error)") }
    }

    func read(_ requests: [ReadRequest]) async throws(SalesforceError) -> [ReadAnswer] {
        let isSecondLook = requests.contains { if case .records = $0 { true } else { false } }
        if isSecondLook { try await happen() }
        return try await org.read(requests)
    }

    func batches(of requests: [WriteRequest]) -> [[WriteRequest]] { org.batches(of: requests) }

    func send(
        _ batch: [WriteRequest],
        known: [OperationID: SalesforceID]
    ) async throws(SalesforceError) -> [WriteOutcome] {
        try await happen()
        return try await org.send(batch, known: known)
    }

    var usage: APIUsage { get async { await org.usage } }
}
