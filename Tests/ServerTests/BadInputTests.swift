import CalCom
import Domain
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Journal
import NIOCore
import TestSupport
import Testing

@testable import Server

@Suite("Bad input")
struct BadInputTests {
    let ledger: TemporaryJournal

    init() throws { ledger = try TemporaryJournal() }

    /// Limits that are reached at once.
    private static var tight: ServerLimits {
        var limits = ServerLimits()
        (limits.largestBody, limits.largestHead) = (64 * 1_024, 2_048)
        return limits
    }

    /// Something to say, and the status it gets.
    struct Row: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var request: String
        var status: Int
    }

    private static let host = "Host: daybook.example\r\n"

    private static func post(_ head: String, _ body: String) -> String {
        "POST /webhooks/cal HTTP/1.1\r\n\(host)\(head)\r\n\(body)"
    }

    static let rows = [
        Row(testDescription: "no HTTP at all", request: "hello\r\n\r\n", status: 400),
        Row(
            testDescription: "a header with a zero byte",
            request: "GET /livez HTTP/1.1\r\n\(host)X-A: a\u{0}b\r\n\r\n",
            status: 400
        ),
        Row(
            testDescription: "a header that was split",
            request: "GET /livez HTTP/1.1\r\n\(host)X-A: a\rInjected: b\r\n\r\n",
            status: 400
        ),
        Row(
            testDescription: "a body of two lengths",
            request: post("Content-Length: 3\r\nContent-Length: 5\r\n", "abc"),
            status: 400
        ),
        Row(
            testDescription: "a method that nobody knows",
            request: "BREW /webhooks/cal HTTP/1.1\r\n\(host)\r\n",
            status: 400
        ),
        Row(
            testDescription: "a head beyond the limit",
            request:
                "GET /livez HTTP/1.1\r\n\(host)X-A: \(String(repeating: "a", count: 3_000))\r\n\r\n",
            status: 431
        ),
        Row(
            testDescription: "a head far beyond the limit",
            request:
                "GET /livez HTTP/1.1\r\n\(host)X-A: \(String(repeating: "a", count: 30_000))\r\n\r\n",
            status: 431
        ),
        Row(
            testDescription: "a body that is announced as too large",
            request: post("Content-Length: 70000\r\n", ""),
            status: 413
        ),
        Row(
            testDescription: "chunks that are too large together",
            request: post(
                "Transfer-Encoding: chunked\r\n",
                String(
                    repeating: "4000\r\n\(String(repeating: "x", count: 0x4000))\r\n",
                    count: 5
                )
            ),
            status: 413
        ),
        Row(
            testDescription: "a body that never ends",
            request: post("Content-Length: 100\r\n", "{"),
            status: 408
        ),
    ]

    @Test("is refused with a problem, and the next delivery is taken", arguments: rows)
    func refused(row: Row) async throws {
        var limits = Self.tight
        if row.status == 408 { limits.bodySeconds = 1 }
        try await ledger.whileServing(limits: limits) { port in
            let answer = try await RawConnection.exchange(port: port, row.request)
            #expect(answer.hasPrefix("HTTP/1.1 \(row.status) "), "\(answer.prefix(200))")
            #expect(answer.lowercased().contains("content-type: application/problem+json"))
            #expect(answer.contains(#""status":\#(row.status)"#))
            try await expectUnharmed(port)
        }
    }

    @Test("that never becomes a request is hung up on")
    func slowHead() async throws {
        var limits = Self.tight
        (limits.bodySeconds, limits.idleSeconds) = (1, 1)
        try await ledger.whileServing(limits: limits) { port in
            let answer = try await RawConnection.exchange(port: port, "POST /webhooks/cal HTT")
            #expect(answer.isEmpty)
            try await expectUnharmed(port)
        }
    }

    @Test("is not a delivery in chunks")
    func chunked() async throws {
        let sample = Sample.recorded("signed_booking_created.raw")
        let body = String(decoding: sample.body, as: UTF8.self)
        let half = body.index(body.startIndex, offsetBy: body.count / 2)
        let chunks = [body[..<half], body[half...]].map {
            "\(String($0.utf8.count, radix: 16))\r\n\($0)\r\n"
        }.joined()
        let request = """
            POST /webhooks/cal HTTP/1.1\r\n\(Self.host)Connection: close\r\n\
            Transfer-Encoding: chunked\r\n\
            X-Cal-Signature-256: \(sample.signature ?? "")\r\n\r\n\(chunks)0\r\n\r\n
            """
        try await ledger.whileServing { port in
            let answer = try await RawConnection.exchange(port: port, request)
            #expect(answer.hasPrefix("HTTP/1.1 200 "), "\(answer.prefix(200))")
        }
        #expect(try await ledger.journal.deliveryCounts() == [.appended: 1])
    }

    @Test(
        "in a path leads nowhere",
        arguments: [
            "/webhooks/cal/../../etc/passwd", "/webhooks/cal/..%2f..%2fetc", "/..", "/%00",
            "/webhooks/cal%0d%0aInjected:1", "/metrics/", "/assets/../../daybook.sqlite",
            "//evil.example/", "/v1/../livez/..", "/webhooks%2fcal",
        ]
    )
    func path(path: String) async throws {
        try await ledger.server().application.test(.router) { client in
            let answer = try await client.execute(uri: path, method: .post)
            #expect((400..<500).contains(answer.status.code), "\(answer.status)")
            #expect(answer.headers[.contentType] == "application/problem+json")
            #expect(!String(buffer: answer.body).contains("passwd"))
            let read = try await client.execute(uri: path, method: .get)
            #expect(!String(buffer: read.body).contains("root:"))
            #expect(read.status.code < 500)
        }
        #expect(try await ledger.journal.deliveryCounts() == [:])
    }

    @Test("of thousands of bad signatures is cut off, and an authentic delivery passes")
    func forged() async throws {
        var limits = ServerLimits()
        limits.perSecond = 100_000
        try await ledger.server(limits: limits).application.test(.router) { client in
            var statuses: [Int: Int] = [:]
            for number in 0..<3_000 {
                let forged = Sample(#"{"n":\#(number)}"#, signature: .other("0"))
                let answer = try await client.send(forged)
                statuses[answer.status.code, default: 0] += 1
                if answer.status == .tooManyRequests {
                    #expect(answer.headers[.retryAfter] != nil)
                }
            }
            // The clock stands still: what is kept is the allowance of a quiet source.
            #expect(statuses == [401: 10, 429: 2_990])
            let genuine = try await client.send(.recorded("signed_booking_created.raw"))
            #expect(genuine.status == .ok)
        }
        #expect(try await ledger.journal.deliveryCounts() == [.forged: 10, .appended: 1])
    }

    @Test("of a content type that is none changes nothing about a delivery")
    func contentType() async throws {
        try await ledger.server().application.test(.router) { client in
            for type in ["", "text/html", "application/x-www-form-urlencoded", "a/b; c=\"d"] {
                let answer = try await client.send(
                    Sample(#"{"triggerEvent":"PING","n":"\#(type.count)"}"#, contentType: type)
                )
                #expect(answer.status == .ok)
            }
        }
    }

    /// The server still does what it is for.
    private func expectUnharmed(_ port: Int) async throws {
        try await TestClient.withClient(host: "127.0.0.1", port: port) { client in
            let sample = Sample.recorded("signed_booking_created.raw")
            let answer = try await client.post(
                "/webhooks/cal",
                headers: sample.headers,
                body: ByteBuffer(bytes: sample.body)
            )
            #expect(answer.status == .ok)
        }
    }
}
