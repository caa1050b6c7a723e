import Domain
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Journal
import Logging
import NIOCore
import TestSupport
import Testing

@testable import Server

@Suite("Daybook server")
struct DaybookServerTests {
    let ledger: TemporaryJournal

    init() throws { ledger = try TemporaryJournal() }

    @Test("does not start without a secret", arguments: [[], [""], ["", ""]])
    func noSecret(secrets: [String]) {
        #expect(throws: ServerError.noSecret) { try ledger.server(secrets: secrets) }
        #expect("\(ServerError.noSecret)".contains("DAYBOOK_CALCOM_WEBHOOK_SECRET"))
    }

    @Test("does not start on a port that is none", arguments: [-1, 65_536])
    func invalidPort(port: Int) {
        #expect(throws: ServerError.invalidPort(port)) { try ledger.server(port: port) }
    }

    @Test(
        "takes unsigned deliveries if told to and there is no secret",
        arguments: [Sample.Signature.missing, .other("no-secret-provided"), .other("0123")]
    )
    func unsigned(signature: Sample.Signature) async throws {
        let server = try ledger.server(secrets: [], allowUnsigned: true)
        let answer = try await server.application.test(.router) { client in
            try await client.send(.recorded("ping.json", signature: signature))
        }
        #expect(answer.status == .ok)
    }

    @Test("takes no unsigned deliveries once there is a secret, whatever it was told")
    func secretWins() async throws {
        let answer = try await ledger.server(allowUnsigned: true).application
            .test(.router) { client in
                try await client.send(.recorded("ping.json", signature: .missing))
            }
        #expect(answer.status == .unauthorized)
    }

    @Test("listens, tells its port, answers, and stops")
    func live() async throws {
        try await ledger.whileServing { port in
            let sample = Sample.recorded("signed_booking_created.raw")
            try await TestClient.withClient(host: "127.0.0.1", port: port) { client in
                let answer = try await client.post(
                    "/webhooks/cal",
                    headers: sample.headers,
                    body: ByteBuffer(bytes: sample.body)
                )
                #expect(answer.status == .ok)
                #expect(try await client.get("/readyz").status == .ok)
            }
        }
        #expect(try await ledger.journal.deliveryCounts() == [.appended: 1])
    }

    @Test("answers a body that is too large, and goes on")
    func largeBody() async throws {
        try await ledger.whileServing { port in
            try await TestClient.withClient(host: "127.0.0.1", port: port) { client in
                let answer = try await client.post(
                    "/webhooks/cal",
                    body: ByteBuffer(repeating: 0x20, count: 4 * 1_048_576)
                )
                #expect(answer.status == .contentTooLarge)
            }
            try await TestClient.withClient(host: "127.0.0.1", port: port) { client in
                let live = try await client.get("/livez")
                #expect(live.status == .ok)
            }
        }
        #expect(try await ledger.journal.deliveryCounts() == [:])
    }

    @Test("says which address cannot be listened on")
    func portInUse() async throws {
        try await ledger.whileServing { port in
            let second = try ledger.server(port: port)
            let error = await #expect(throws: ServerError.self) { try await second.run() }
            let words = "\(try #require(error))"
            #expect(words.hasPrefix("Cannot listen on 127.0.0.1, port \(port): Address already"))
            #expect(words.contains("'--port'") && !words.contains("errno"))
        }
    }
}
