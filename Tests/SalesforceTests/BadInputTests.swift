import AsyncHTTPClient
import Domain
import Foundation
import Testing

@testable import Salesforce

/// What comes back when something stands between us and the org.
@Suite("Answers that are none")
struct BadInputTests {
    private static let question = [ReadRequest.describe(.contact)]

    private func failure(
        of answer: String,
        count: Int = 20
    ) async throws -> (SalesforceError?, pauses: Int) {
        var failure: SalesforceError?
        var pauses = 0
        try await withEmulatedOrg { org in
            try await org.control("faults", #"{"kind":"answer","count":\#(count),\#(answer)}"#)
            do {
                _ = try await org.client().read(Self.question)
            } catch let error as SalesforceError {
                failure = error
            }
            pauses = org.pauses.all.count
        }
        return (failure, pauses)
    }

    /// What a proxy says instead of the org, and what people are told.
    static let pages: [(answer: String, told: [String])] = [
        (
            #""status":200,"text":"<html>Please log in</html>""#,
            ["200 with a web page instead of JSON", "salesforce.instanceURL", "proxy"]
        ),
        (
            #""status":414,"text":"<h1>Bad Message 414</h1>""#,
            ["414 with a web page instead of JSON", "proxy"]
        ),
        (#""status":200,"text":"ok","contentType":"text/plain""#, ["text instead of JSON"]),
        (#""status":302,"text":"""#, ["redirects"]),
        (
            #""status":403,"text":"<html>Blocked</html>""#,
            ["without a reason (403), as proxies do", "have the proxy admit it"]
        ),
        (#""status":502,"text":"<html>Bad gateway</html>""#, ["502", "try again later"]),
    ]

    @Test("name what came and what to look at", arguments: pages)
    func page(row: (answer: String, told: [String])) async throws {
        let told = try #require(try await failure(of: row.answer).0).description
        for words in row.told { #expect(told.contains(words), "\(told)") }
    }

    @Test("of a write leave its outcome open when the write may have got through")
    func pageAfterWrite() async throws {
        let org = TinyOrg()
        org.script(.success(.json(200, "<html>Please log in</html>")))
        let outcomes = try await org.client().send([Sample.contact(1)], known: [:])
        guard case .unknown(let reason) = outcomes[0] else {
            Issue.record("\(outcomes[0])")
            return
        }
        #expect(reason.contains("web page"))
    }

    @Test("that unpack to more than is read are refused, and say what to look at")
    func tooMuch() async throws {
        let configuration = HTTPClient.Configuration.salesforce(largestAnswer: 1_000)
        let http = HTTPClient(configuration: configuration)
        var told = ""
        do {
            try await withEmulatedOrg { org in
                // 2,002 characters in 37 bytes, as Python's gzip packs them.
                try await org.control(
                    "faults",
                    #"""
                    {"kind":"answer","status":200,"contentType":"application/json","base64":\#
                    "H4sIAAAAAAACA1NKHAWjYBSMglEwCkbBkAdKAMII8jHSBwAA","contentEncoding":"gzip"}
                    """#
                )
                let call = HTTPCall(method: "GET", url: "\(org.base)/services/data/v62.0/limits")
                let transport = NetworkTransport(client: http, timeout: .seconds(30))
                do throws(TransportFailure) {
                    _ = try await transport.send(call)
                } catch {
                    told = error.reason
                }
            }
        } catch {
            try await http.shutdown()
            throw error
        }
        try await http.shutdown()
        #expect(told.contains("compressed") && told.contains("look at the proxy"), "\(told)")
    }

    @Test("are asked for in gzip, and unpacked")
    func asksForGzip() async throws {
        try await withEmulatedOrg { org in
            let call = HTTPCall(
                method: "GET",
                url: "\(org.base)/services/data/v62.0/sobjects/Contact/describe",
                headers: [.init("Authorization", "Bearer test")]
            )
            let reply = try await NetworkTransport(client: org.http, timeout: .seconds(30))
                .send(call)
            #expect(reply.json?["name"]?.string == "Contact")
        }
    }

    @Test("are unpacked when they come compressed, though nobody asked for that")
    func gzip() async throws {
        try await withEmulatedOrg { org in
            try await org.control(
                "faults",
                #"""
                {"kind":"answer","status":200,"base64":"\#(Self.gzip(#"{"name":"Contact","fields":[]}"#))",\#
                "contentType":"application/json","contentEncoding":"gzip"}
                """#
            )
            let answers = try await org.client().read(Self.question)
            #expect(answers.count == 1)
            #expect(try await org.control("faults")["pending"]?.int == 0)
        }
    }

    /// A text as stored blocks of gzip: no compression, but the form.
    private static func gzip(_ text: String) -> String {
        let bytes = Array(text.utf8)
        let length = UInt16(bytes.count)
        var packed: [UInt8] = [31, 139, 8, 0, 0, 0, 0, 0, 0, 255, 1]
        packed += [length, ~length].flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
        packed += bytes
        for number in [checksum(bytes), UInt32(bytes.count)] {
            packed += (0..<4).map { UInt8(number >> ($0 * 8) & 255) }
        }
        return Data(packed).base64EncodedString()
    }

    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(UInt32.max) { sum, byte in
            (0..<8).reduce(sum ^ UInt32(byte)) { sum, _ in
                sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1
            }
        }
    }

    @Test("that break off are asked for again when nothing was changed")
    func halfRead() async throws {
        try await withEmulatedOrg { org in
            try await org.fail("halfAnswer")
            let answers = try await org.client().read(Self.question)
            #expect(answers.count == 1)
            #expect(org.pauses.all.count == 1)
        }
    }

    @Test("that break off leave the outcome of a write open")
    func halfWrite() async throws {
        try await withEmulatedOrg { org in
            try await org.fail("halfAnswer")
            let outcomes = try await org.client().send([Sample.contact(1)], known: [:])
            guard case .unknown = outcomes[0] else {
                Issue.record("\(outcomes[0])")
                return
            }
            #expect(try await org.created("Contact") == 1, "it did take hold, and must be found")
        }
    }

    @Test("that come too late leave the outcome of a write open")
    func slow() async throws {
        try await withEmulatedOrg { org in
            try await org.fail("slow", more: #","delaySeconds":2"#)
            let client = try org.client(timeout: .milliseconds(300))
            let outcomes = try await client.send([Sample.contact(1)], known: [:])
            guard case .unknown = outcomes[0] else {
                Issue.record("\(outcomes[0])")
                return
            }
        }
    }

    @Test("with 300 say that several records have the external id")
    func severalRecords() async throws {
        let org = TinyOrg()
        let event = Sample.event(1, with: [])
        org.script(
            .success(
                .json(
                    200,
                    #"""
                    {"compositeResponse":[{"referenceId":"w0","httpStatusCode":300,"body":\#
                    ["/services/data/v62.0/sobjects/Event/00U000000000001EAA"]},\#
                    {"referenceId":"b0","httpStatusCode":400,"body":\#
                    [{"errorCode":"PROCESSING_HALTED","message":"halted"}]}]}
                    """#
                )
            )
        )
        let outcomes = try await org.client().send([event], known: [:])
        guard case .refused(let errors) = outcomes[0] else {
            Issue.record("\(outcomes[0])")
            return
        }
        #expect(errors.map(\.code) == ["MULTIPLE_CHOICES"])
        #expect(errors[0].entry.remedy.contains("failures bind"))
        let reply = HTTPReply.json(300, #"["/services/data/v62.0/sobjects/Event/00U1"]"#)
        #expect(Verdict(reply, .write) == .answer)
    }

    @Test("to a question of more than 100,000 characters never come: it is split")
    func longQuestion() throws {
        let emails = (0..<5_000).map { "somebody.with.a.long.name.\($0)@globex.example" }
        let query = Query(["Id"], from: .contact, where: .isIn("Email", emails))
        let statements = try SOQL.statements(for: query)
        #expect(statements.count > 1)
        #expect(statements.allSatisfy { $0.count < 100_000 })
        for email in emails { #expect(statements.contains { $0.contains("'\(email)'") }) }
    }

    @Test("with ids of 15 characters mean the records of 18")
    func shortIDs() async throws {
        let org = TinyOrg()
        org.script(
            .success(
                .json(
                    200,
                    #"""
                    {"compositeResponse":[{"referenceId":"w0","httpStatusCode":200,"body":\#
                    [{"success":true,"id":"003Hs00002kLmNp","errors":[]}]},\#
                    {"referenceId":"b0","httpStatusCode":200,"body":\#
                    [{"attributes":{"type":"Contact"},"Id":"003Hs00002kLmNp"}]}]}
                    """#
                )
            )
        )
        let outcomes = try await org.client().send([Sample.contact(1)], known: [:])
        guard case .written(let id, _, _) = outcomes[0] else {
            Issue.record("\(outcomes[0])")
            return
        }
        #expect(id == SalesforceID("003Hs00002kLmNp"))
        #expect(id.rawValue.count == 18)
    }

    // MARK: Messages

    /// Reasons as Salesforce ends them, and with data that is not to be shown.
    static let errors: [SalesforceError] = [
        .unreachable("no answer."), .unauthorised("INVALID_LOGIN: No. "),
        .forbidden(code: "API_DISABLED_FOR_ORG", "API is disabled for this User."),
        .forbidden(code: "SOMETHING_QUITE_NEW", "no reason."),
        .forbidden(code: "403", "it gives no reason."),
        .limitReached("TotalRequests Limit exceeded."),
        .rejected(code: "MALFORMED_QUERY", "unexpected token."),
        .rejected(code: "SOMETHING_QUITE_NEW", "no reason."),
        .unexpectedAnswer("a web page."), .configuration("no number."),
    ]

    @Test("are told in sentences that end once, with a next step", arguments: errors)
    func sentences(error: SalesforceError) {
        #expect(!error.description.contains(".."))
        #expect(!error.description.contains(". ."))
        #expect(error.description.hasSuffix("."))
    }

    @Test("with a final refusal of the token are told without addresses")
    func finalRefusal() {
        let words = "Connected app is not attached to Agent"
        let reply = HTTPReply.error(401, "INVALID_SESSION_ID", "\(words) dana@globex.example")
        #expect(Verdict(reply, .read) == .fail(.unauthorised("INVALID_SESSION_ID: \(words) …")))
    }
}
