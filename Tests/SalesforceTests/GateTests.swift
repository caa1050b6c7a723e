import Domain
import Synchronization
import Testing

@testable import Salesforce

@Suite("A gate")
struct GateTests {
    /// Counts how many are inside at once.
    private final class Room: Sendable {
        private let state = Mutex((inside: 0, most: 0, order: [Int]()))

        var most: Int { state.withLock { $0.most } }
        var order: [Int] { state.withLock { $0.order } }

        func enter(_ number: Int = 0) {
            state.withLock { state in
                state.inside += 1
                state.most = max(state.most, state.inside)
                state.order.append(number)
            }
        }

        func leave() { state.withLock { $0.inside -= 1 } }
    }

    @Test("lets no more pass at once than it is wide", arguments: [1, 2, 4])
    func width(width: Int) async throws {
        let (gate, room) = (Gate(width: width), Room())
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    try await gate.pass {
                        room.enter()
                        for _ in 0..<5 { await Task.yield() }
                        room.leave()
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(room.order.count == 50)
        #expect(room.most <= width)
    }

    @Test("is free again after somebody failed inside")
    func failure() async throws {
        let gate = Gate(width: 1)
        await #expect(throws: SalesforceError.self) {
            try await gate.pass { throw SalesforceError.unreachable("no") }
        }
        #expect(try await gate.pass { 7 } == 7)
    }

    @Test("lets go of somebody who is cancelled while waiting, and keeps the place of others")
    func cancellation() async throws {
        let gate = Gate(width: 1)
        let (entered, inside) = AsyncStream.makeStream(of: Void.self)
        let (door, open) = AsyncStream.makeStream(of: Void.self)
        try await withThrowingTaskGroup(of: Int.self) { group in
            group.addTask {
                try await gate.pass {
                    inside.finish()
                    for await _ in door {}
                    return 1
                }
            }
            for await _ in entered {}
            let waiting = Task { try await gate.pass { 2 } }
            waiting.cancel()
            await #expect(throws: CancellationError.self) { _ = try await waiting.value }
            open.finish()
            let first = try await group.next()
            #expect(first == 1)
        }
        #expect(try await gate.pass { 3 } == 3)
    }

    @Test("of a client bounds its requests, and lets its writes pass one by one")
    func client() async throws {
        let (room, writes) = (Room(), Room())
        let transport: Transport = { call throws(TransportFailure) in
            let isWrite = call.method == "POST"
            room.enter()
            if isWrite { writes.enter() }
            for _ in 0..<20 { await Task.yield() }
            if isWrite { writes.leave() }
            room.leave()
            return isWrite
                ? .json(200, #"{"compositeResponse":[]}"#)
                : .json(200, #"{"name":"Contact","fields":[]}"#)
        }
        let token = AccessToken(value: "t", instanceURL: try InstanceURL("http://127.0.0.1:1"))
        let client = try SalesforceClient(
            tokens: FixedAccessToken(token),
            transport: transport,
            settings: .init(mostParallel: 3)
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<30 {
                group.addTask {
                    if number.isMultiple(of: 2) {
                        _ = try await client.read([.describe(.contact)])
                    } else {
                        _ = try await client.send([Sample.contact(number)], known: [:])
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(room.order.count == 30)
        #expect(room.most <= 3)
        #expect(writes.most == 1, "records of one account are never written at once")
    }
}
