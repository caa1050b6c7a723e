import Domain
import Journal
import Pipeline
import Salesforce
import Testing

/// The program dies around making a fallback record in an org that has no field for Daybook's key:
/// only the texts in it, who made it and when tell such a record from others.
@Suite("A fallback record without a key whose making was never noted")
struct InterruptedFallbackTests {
    private static func settings(_ text: String) -> String {
        """
        {"onFallback":{"create":[{"name":"miss","object":"Routing_Miss__c",\
        "fields":{"Booking__c":"\(text)"}}]}}
        """
    }

    private let first = Meeting("first").with { $0.scheduling = "ROUND_ROBIN" }
    private let second = Meeting("second").with {
        ($0.scheduling, $0.booker) = ("ROUND_ROBIN", .lee)
        $0.start = "2026-11-11T15:00:00Z"
    }

    /// Expects that so many records are there, and that each one of ours stands for one booking.
    private func expect(
        _ count: Int,
        besides theirs: String? = nil,
        in world: World
    ) async throws {
        let rows = try await world.org.query("SELECT Id FROM Routing_Miss__c")
        let ids = rows.map { $0.text("Id") }
        #expect(ids.filter { $0 != theirs }.count == count)
        for id in ids {
            let links = try await world.journal.links(to: try #require(SalesforceID(id)))
            #expect(links.map(\.isOurs) == (id == theirs ? [] : [true]))
        }
        try await world.expectSettled()
    }

    /// Runs, dies at each batch in turn, and then comes to an end.
    private func runDying(_ world: World, _ moment: DyingGateway.Moment) async throws {
        for batch in 1...3 {
            world.interpose = { DyingGateway($0, moment, batch: batch) }
            do {
                try await world.reconcile()
            } catch {
                try world.restart()
            }
            world.wait(minutes: 2)
        }
        world.interpose = { $0 }
        try await world.reconcile()
    }

    @Test("is found again although our clock was ahead", arguments: [60, 720])
    func clockAhead(minutes: Int64) async throws {
        try await withPipeline { world in
            try await world.accept(Self.settings("{booking_uid}"))
            world.wait(minutes: minutes)
            try await world.deliver(first.created)
            world.wait(minutes: -minutes)
            try await runDying(world, .afterSending)
            try await expect(1, in: world)
        }
    }

    @Test(
        "is found when its booking joins an earlier one",
        arguments: DyingGateway.Moment.allCases
    )
    func joins(moment: DyingGateway.Moment) async throws {
        try await withPipeline { world in
            try await world.accept(Self.settings("{booking_uid}"))
            try await world.deliver(second.created)
            try await world.die(moment)
            let earlier = first.with { $0.booker = .lee }
            try await world.deliver(second.rescheduled(from: earlier))
            try await world.reconcile()
            try await expect(1, in: world)
        }
    }

    @Test("is not taken for another booking's record with the same texts")
    func sameTexts() async throws {
        try await withPipeline { world in
            try await world.accept(Self.settings("nobody's"))
            try await world.sync(first.created)
            try await world.deliver(second.created)
            try await runDying(world, .beforeSending)
            try await expect(2, in: world)
        }
    }

    @Test("stands for one booking, where two with the same texts were lost")
    func twoLost() async throws {
        try await withPipeline { world in
            try await world.accept(Self.settings("nobody's"))
            try await world.deliver(first.created, second.created)
            try await runDying(world, .afterSending)
            try await expect(2, in: world)
        }
    }

    @Test("is not taken for one with the same texts that a person made meanwhile")
    func madeByPerson() async throws {
        try await withPipeline { world in
            try await world.accept(Self.settings("nobody's"))
            try await world.deliver(first.created)
            try await world.die(.beforeSending)
            let theirs = try await world.org.create(
                "Routing_Miss__c",
                ["Booking__c": "nobody's"]
            )
            try await runDying(world, .beforeSending)
            try await expect(1, besides: theirs, in: world)
        }
    }

    @Test("is looked up when the settings call for it no more", arguments: [true, false])
    func noMoreWanted(tookHold: Bool) async throws {
        try await withPipeline { world in
            try await world.accept(Self.settings("nobody's"))
            try await world.sync(first.created)
            try await world.deliver(second.created)
            try await world.die(tookHold ? .afterSending : .beforeSending)
            let begun = try await world.journal.openIntents().keys.filter {
                $0.rawValue.hasPrefix("fallback/")
            }
            #expect(begun.count == 1)
            let theirs = try await world.org.create(
                "Routing_Miss__c",
                ["Booking__c": "nobody's"]
            )
            try await world.accept("{}", validity: .allHistory)
            // What is remembered of the org is too old then, and no settings name the object.
            world.wait(minutes: 61)
            try await world.reconcile()
            try await expect(tookHold ? 2 : 1, besides: theirs, in: world)
        }
    }

    @Test("is known by what it holds when the settings call for none of several any more")
    func severalNoMoreWanted() async throws {
        try await withPipeline { world in
            try await world.accept(Self.settings("{booking_uid}"))
            try await world.deliver(first.created, second.created)
            try await world.die()
            try await world.accept("{}", validity: .allHistory)
            try await world.reconcile()
            try await expect(2, in: world)
            let rows = try await world.org.query("SELECT Id, Booking__c FROM Routing_Miss__c")
            for row in rows {
                let record = try #require(SalesforceID(row.text("Id")))
                let links = try await world.journal.links(to: record)
                #expect(links.map(\.subject.name) == ["fallback/miss/\(row.text("Booking__c"))"])
            }
        }
    }
}
