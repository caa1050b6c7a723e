import CalCom
import Foundation
import Testing

/// Many webhooks at once, and what is left of them when the process ends.
@Suite("The webhook receiver under load", .timeLimit(.minutes(15)))
struct ServiceLoadTests {
    private static let connections = 16
    private static let enough = 200

    /// What the server answered with 200: where each delivery is.
    private actor Acknowledged {
        private(set) var positions: [String: Int] = [:]
        private(set) var hasEnded = false

        func add(_ uid: String, _ position: Int) { positions[uid] = position }

        func end() { hasEnded = true }
    }

    private static func body(_ uid: String) -> String {
        """
        {"triggerEvent":"BOOKING_CREATED","createdAt":"2026-11-03T14:02:11.482Z","payload":{\
        "uid":"\(uid)","title":"Demo","startTime":"2026-11-10T15:00:00Z","length":30,\
        "attendees":[{"email":"\(uid)@acme.example","name":"Somebody"}]}}
        """
    }

    /// Sends until the server answers no more, or is told to end.
    private static func send(_ sender: Int, to address: String, _ acknowledged: Acknowledged) async
    {
        var number = 0
        while await !acknowledged.hasEnded {
            number += 1
            let uid = "load-\(sender)-\(number)"
            let body = body(uid)
            let signature = WebhookSignature.signature(
                of: Array(body.utf8),
                secret: "whsec-example-1"
            )
            do {
                let answer = try await Web.send(
                    "POST",
                    "\(address)/webhooks/cal",
                    headers: ["X-Cal-Signature-256": signature],
                    body: body
                )
                guard answer.status == 200,
                    let position = try Document(answer.text)["position"]?.int
                else { continue }
                await acknowledged.add(uid, position)
            } catch {
                // There is nobody to answer any more.
                return
            }
        }
    }

    @Test(
        "has every delivery that it acknowledged, however it ends",
        arguments: [SIGKILL, SIGTERM]
    )
    func survives(signal: Int32) async throws {
        try await withoutOrg { trial in
            let server = try await trial.start("serve", "--port", "0")
            let address = try await server.line(beginning: "Listening on ")
            let acknowledged = Acknowledged()
            let ended = try await withThrowingTaskGroup(of: Void.self) { group in
                for sender in 0..<Self.connections {
                    group.addTask { await Self.send(sender, to: address, acknowledged) }
                }
                while await acknowledged.positions.count < Self.enough {
                    try Task.checkCancellation()
                    await Task.yield()
                }
                server.signal(signal)
                let ended = try await server.finished()
                await acknowledged.end()
                try await group.waitForAll()
                return ended
            }
            if signal == SIGTERM { #expect(ended.status == 0 && !ended.isKilled) }
            try await check(trial, await acknowledged.positions)
        }
    }

    private func check(_ trial: Trial, _ positions: [String: Int]) async throws {
        #expect(positions.count >= Self.enough)
        #expect(Set(positions.values).count == positions.count, "each has a place of its own")
        let status = try await trial.json("status")
        let events = try #require(status["events"]?.int)
        #expect(try #require(positions.values.max()) <= events)
        #expect(try #require(status["deliveries"]?["appended"]?.int) >= positions.count)
        try await trial.expect("ledger", "verify")
        let last = try #require(positions.max { $0.value < $1.value })
        try await trial.expect("trace", "booking", last.key)
    }
}
