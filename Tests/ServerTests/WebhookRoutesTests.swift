import CalCom
import Domain
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Journal
import Ledger
import Logging
import NIOCore
import Pipeline
import Synchronization
import TestSupport
import Testing

@testable import Server

@Suite("Webhook route")
struct WebhookRoutesTests {
    /// A request, the answer to it, and what the ledger holds afterwards.
    struct Row: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var method = HTTPRequest.Method.post
        var path = "/webhooks/cal"
        var delivery: Sample
        var status: HTTPResponse.Status
        var answer: String?
        var kept: [DeliveryVerdict: Int]
    }

    private static let otherSignature =
        WebhookSignature.signature(of: Array("{}".utf8), secret: Sample.secret)

    static let rows = [
        Row(
            testDescription: "something new",
            delivery: .recorded("signed_booking_created.raw"),
            status: .ok,
            answer: #"{"verdict":"appended","position":1}"#,
            kept: [.appended: 1]
        ),
        Row(
            testDescription: "something new, with a slash at the end",
            path: "/webhooks/cal/",
            delivery: .recorded("signed_booking_created.raw"),
            status: .ok,
            answer: #"{"verdict":"appended","position":1}"#,
            kept: [.appended: 1]
        ),
        Row(
            testDescription: "a test",
            delivery: .recorded("ping.json"),
            status: .ok,
            answer: #"{"verdict":"noted","position":1}"#,
            kept: [.noted: 1]
        ),
        Row(
            testDescription: "a trigger nobody taught us",
            delivery: Sample(#"{"triggerEvent":"MOON_RISEN","payload":{}}"#),
            status: .ok,
            answer: #"{"verdict":"unrecognised","position":1}"#,
            kept: [.unrecognised: 1]
        ),
        Row(
            testDescription: "authentic and not understood",
            delivery: Sample(#"{"triggerEvent":"BOOKING_CREATED","payl"#),
            status: .ok,
            answer: #"{"verdict":"rejected"}"#,
            kept: [.rejected: 1]
        ),
        Row(
            testDescription: "authentic and empty",
            delivery: Sample(""),
            status: .ok,
            answer: #"{"verdict":"rejected"}"#,
            kept: [.rejected: 1]
        ),
        Row(
            testDescription: "authentic and a form",
            delivery: Sample("title=Demo", contentType: "application/x-www-form-urlencoded"),
            status: .ok,
            answer: #"{"verdict":"rejected"}"#,
            kept: [.rejected: 1]
        ),
        Row(
            testDescription: "as large as is read",
            delivery: Sample(String(repeating: "x", count: 1_048_576)),
            status: .ok,
            answer: #"{"verdict":"rejected"}"#,
            kept: [.rejected: 1]
        ),
        Row(
            testDescription: "signature missing",
            delivery: .recorded("ping.json", signature: .missing),
            status: .unauthorized,
            kept: [.forged: 1]
        ),
        Row(
            testDescription: "signature of a webhook without a secret",
            delivery: .recorded("ping.json", signature: .other("no-secret-provided")),
            status: .unauthorized,
            kept: [.forged: 1]
        ),
        Row(
            testDescription: "signature of another body",
            delivery: .recorded("ping.json", signature: .other(otherSignature)),
            status: .unauthorized,
            kept: [.forged: 1]
        ),
        Row(
            testDescription: "forged and not JSON",
            delivery: Sample("<html>", signature: .other("0")),
            status: .unauthorized,
            kept: [.forged: 1]
        ),
        Row(
            testDescription: "more than 1 MiB",
            delivery: Sample(String(repeating: "x", count: 1_048_577)),
            status: .contentTooLarge,
            kept: [:]
        ),
        Row(
            testDescription: "GET",
            method: .get,
            delivery: .recorded("ping.json"),
            status: .methodNotAllowed,
            kept: [:]
        ),
        Row(
            testDescription: "PUT, with a slash at the end",
            method: .put,
            path: "/webhooks/cal/",
            delivery: .recorded("ping.json"),
            status: .methodNotAllowed,
            kept: [:]
        ),
        Row(
            testDescription: "a path that is none",
            path: "/webhooks/other",
            delivery: .recorded("ping.json"),
            status: .notFound,
            kept: [:]
        ),
    ]

    let ledger: TemporaryJournal

    init() throws { ledger = try TemporaryJournal() }

    @Test("answers", arguments: rows)
    func answers(row: Row) async throws {
        let answer = try await ledger.server().application.test(.router) { client in
            try await client.send(row.delivery, method: row.method, to: row.path)
        }
        #expect(answer.status == row.status)
        #expect(try await ledger.journal.deliveryCounts() == row.kept)
        if let text = row.answer {
            #expect(String(buffer: answer.body) == text)
            #expect(answer.headers[.contentType] == "application/json")
        } else {
            try expectProblem(answer)
        }
    }

    @Test("answers a repetition with the position of the first")
    func repetition() async throws {
        let answers = try await ledger.server().application.test(.router) { client in
            var answers: [String] = []
            for _ in 1...3 {
                let answer = try await client.send(.recorded("signed_booking_created.raw"))
                answers.append(String(buffer: answer.body))
            }
            return answers
        }
        let again = #"{"verdict":"duplicate","position":1}"#
        #expect(answers == [#"{"verdict":"appended","position":1}"#, again, again])
        #expect(try await ledger.journal.deliveryCounts() == [.appended: 1, .duplicate: 2])
        #expect(try await ledger.journal.head().position == 1)
    }

    @Test("takes the signature that Cal.com made, and that of a former secret")
    func recordedSignature() async throws {
        let recorded = "6d0b1e7c3fdf6f1a44a54d0ed25b2cee12011ab54e07bfcc028ae07cf0673906"
        let server = try ledger.server(secrets: ["a-newer-one", Sample.secret])
        let answer = try await server.application.test(.router) { client in
            try await client.send(
                .recorded("signed_booking_created.raw", signature: .other(recorded))
            )
        }
        #expect(answer.status == .ok)
    }

    @Test("loses nothing of what arrives at once")
    func concurrency() async throws {
        let count = 40
        let server = try ledger.server()
        let positions = try await server.application.test(.router) { client in
            try await withThrowingTaskGroup(of: Int?.self) { group in
                for number in 1...count {
                    group.addTask {
                        let body = #"{"triggerEvent":"NEW_\#(number)","payload":{}}"#
                        let answer = try await client.send(Sample(body))
                        return try JSON(parsing: answer.body.readableBytesView)["position"]?.int
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
        }
        #expect(Set(positions) == Set(1...count))
        #expect(try await ledger.journal.deliveryCounts() == [.unrecognised: count])
        #expect(try await ledger.journal.verifyDeliveries().isEmpty)
    }

    @Test("hands on the exact bytes, and of the headers those worth keeping")
    func handsOn() async throws {
        let seen = Mutex<[String: String]>([:])
        let body = Mutex<[UInt8]>([])
        let sample = Sample("{ \"a\" : \"\u{e9}\"}\r\n")
        let intake = ledger.intake
        let routes = WebhookRoutes.sample(take: { bytes, headers throws(LedgerError) in
            body.withLock { $0 = bytes }
            seen.withLock { $0 = headers }
            return try await intake.take(webhook: bytes, headers: headers)
        })
        let headers: HTTPFields = [
            .userAgent: "node", .cookie: "session=1", .authorization: "Basic eDp5",
        ]
        _ = try await routes.application.test(.router) { client in
            try await client.send(sample, headers: headers)
        }
        #expect(body.withLock { $0 } == sample.body)
        #expect(
            seen.withLock { $0 } == [
                "content-type": "application/json", "user-agent": "node",
                "x-cal-signature-256": sample.signature ?? "",
                "x-cal-webhook-version": "2021-10-20",
            ]
        )
    }

    @Test("stops reading a body that was not announced as too large, and is")
    func endlessBody() async throws {
        let read = Mutex(0)
        let chunk = ByteBuffer(repeating: 0x20, count: 65_536)
        let endless = AsyncStream<ByteBuffer> {
            read.withLock { $0 += 1 }
            return chunk
        }
        let request = Request(
            head: HTTPRequest(method: .post, scheme: nil, authority: nil, path: "/webhooks/cal"),
            body: RequestBody(asyncSequence: endless)
        )
        await #expect(throws: NIOTooManyBytesError.self) {
            try await WebhookRoutes.sample().receive(request)
        }
        #expect(read.withLock { $0 } == 17, "16 pieces are 1 MiB, one more is too much")
    }

    @Test(
        "answers 503 when the ledger cannot write, and says why in the log only",
        arguments: [
            LedgerError.unwritable(reason: "the disk is full"),
            .storage(CancellationError()),
            .key(reason: "it is missing"),
        ]
    )
    func ledgerFailure(error: LedgerError) async throws {
        let log = RecordedLog()
        let routes = WebhookRoutes.sample(
            take: { _, _ throws(LedgerError) in throw error },
            logger: log.logger
        )
        let answer = try await routes.application.test(.router) { client in
            try await client.send(.recorded("signed_booking_created.raw"))
        }
        #expect(answer.status == .serviceUnavailable)
        #expect(answer.headers[.retryAfter] == "30")
        try expectProblem(answer)
        #expect(!String(buffer: answer.body).contains("\(error)"))
        #expect(log.lines == ["error: A webhook was not recorded error=\(error)"])
    }

    @Test("answers 503 when the file is gone from under it, and nothing was kept")
    func closedLedger() async throws {
        let server = try ledger.server()
        try ledger.journal.ledger.close()
        let answer = try await server.application.test(.router) { client in
            try await client.send(.recorded("signed_booking_created.raw"))
        }
        #expect(answer.status == .serviceUnavailable)
        #expect(try await ledger.reopened().journal.deliveryCounts() == [:])
    }

    @Test("answers 401 to what is forged, even when that cannot be written down")
    func forgedAndUnwritable() async throws {
        let log = RecordedLog()
        let routes = WebhookRoutes.sample(
            refuse: { _, _ throws(LedgerError) in throw .unwritable(reason: "the disk is full") },
            logger: log.logger
        )
        let answer = try await routes.application.test(.router) { client in
            try await client.send(.recorded("ping.json", signature: .missing))
        }
        #expect(answer.status == .unauthorized)
        #expect(log.lines.count == 1)
    }

    @Test("names the methods it takes")
    func allow() async throws {
        let answer = try await ledger.server().application.test(.router) { client in
            try await client.execute(uri: "/webhooks/cal?x=1", method: .delete)
        }
        #expect(answer.headers[.allow] == "POST")
    }

    /// Checks that an answer is a problem document that tells nothing of the inside or of people.
    private func expectProblem(_ answer: TestResponse) throws {
        #expect(answer.headers[.contentType] == "application/problem+json")
        let problem = try JSON(parsing: answer.body.readableBytesView)
        #expect(problem["status"]?.int == answer.status.code)
        #expect(problem["title"]?.string == answer.status.reasonPhrase)
        let names = Set((problem.members ?? []).map(\.name))
        #expect(names.isSubset(of: ["type", "title", "status", "detail"]))
        let text = String(buffer: answer.body)
        for secret in ["@", "sqlite", "Error", Sample.secret, ledger.path] {
            #expect(!text.contains(secret))
        }
    }
}
