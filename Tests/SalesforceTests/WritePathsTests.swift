import Domain
import Testing

@testable import Salesforce

@Suite("The way of writes")
struct WritePathsTests {
    static let rows: [(count: Int, threshold: Int?, left: Int?, path: WriteStage.Path)] = [
        (1, 2_000, nil, .small), (1_999, 2_000, nil, .small), (2_000, 2_000, nil, .bulk),
        (100_000, nil, nil, .small), (2_000, 2_000, 9_000, .bulk), (10, 10, 9_000, .bulk),
        // Few calls are left: what costs less. 2,000 writes are 3 calls, or 7 with a job.
        (2_000, 2_000, 6, .small), (2_000, 2_000, 7, .bulk),
        // 20,000 writes are 25 calls, or 8 with a job.
        (20_000, 2_000, 20, .bulk), (20_000, 2_000, 3, .bulk),
    ]

    @Test("depends on their number, the threshold and the calls left", arguments: rows)
    func path(count: Int, threshold: Int?, left: Int?, path: WriteStage.Path) {
        #expect(WritePaths(threshold: threshold).path(for: count, callsLeft: left) == path)
    }

    @Test("is a job for people, then one for their event records, with the rest in between")
    func order() {
        let people = (0..<6).map(Sample.contact)
        let lead = Sample.lead(1)
        var events = people.map {
            Sample.event(Int($0.operation.rawValue.dropFirst(7).prefix(1)) ?? 0, with: [$0])
        }
        // Two attendees cannot be said in a row.
        events[5] = Sample.event(5, with: [people[4], people[5]])
        let stages = WritePaths(threshold: 5).stages(
            of: events + people + [lead],
            callsLeft: nil
        )
        #expect(stages.map(\.path) == [.bulk, .small, .bulk, .small])
        #expect(Set(stages[0].requests) == Set(people))
        #expect(stages[1].requests == [lead])
        #expect(Set(stages[2].requests) == Set(events[0..<5]))
        #expect(stages[3].requests == [events[5]])
    }

    @Test("keeps every write once, behind what it waits for", arguments: [1, 3, 50, 1_000_000])
    func law(threshold: Int) {
        let requests = Sample.bookings(40) + (40..<60).map(Sample.lead)
        let stages = WritePaths(threshold: threshold).stages(of: requests, callsLeft: nil)
        #expect(stages.reduce(0) { $0 + $1.requests.count } == requests.count)
        #expect(Set(stages.flatMap(\.requests)) == Set(requests))
        var done: Set<OperationID> = []
        for stage in stages {
            let here = Set(stage.requests.map(\.operation))
            let reachable = stage.path == .small ? done.union(here) : done
            for request in stage.requests { #expect(request.awaited.isSubset(of: reachable)) }
            done.formUnion(here)
        }
    }

    @Test("splits a job whose rows are too large for one upload")
    func uploads() {
        let requests = (0..<100).map { number in
            WriteRequest(
                operation: OperationID("person/\(number)/contact"),
                kind: .create,
                object: .contact,
                fields: ["Description": .value(.text(String(repeating: "x", count: 1_000)))]
            )
        }
        let stages = WritePaths(threshold: 10, mostBytes: 60_000).stages(
            of: requests,
            callsLeft: nil
        )
        #expect(stages.count > 3)
        #expect(stages.allSatisfy { $0.path == .bulk })
        #expect(stages.allSatisfy { BulkTable($0.requests, known: [:]).csv.count <= 60_000 })
        #expect(stages.reduce(0) { $0 + $1.requests.count } == 100)
    }
}
