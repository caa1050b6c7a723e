import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Testing

@testable import SalesforceEmulator

/// `facts/salesforce-api.md` 2.1; the packed bodies come from Python's `gzip` and `zlib`.
@Suite("Compressed bodies")
struct CompressionTests {
    private static let gzip = "H4sIAAAAAAACA6tW8kksLvFLzE1VslIKSEzOTk1RqgUANXghbhUAAAA="
    private static let deflate = "eJyrVvJJLC7xS8xNVbJSCkhMzk5NUaoFAE5PBxg="

    private func send(
        _ org: OrgClient,
        _ method: String,
        _ path: String,
        packed: [UInt8]? = nil,
        headers: [String: String] = [:]
    ) async throws -> (status: Int, headers: HTTPHeaders, body: [UInt8]) {
        var request = HTTPClientRequest(url: "\(org.base)/services/data/v62.0/\(path)")
        request.method = .init(rawValue: method)
        request.headers.add(name: "Authorization", value: "Bearer token")
        request.headers.add(name: "Content-Type", value: "application/json")
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let packed { request.body = .bytes(ByteBuffer(bytes: packed)) }
        // Nothing is unpacked on the way: the shared client's settings would hide the form.
        let client = HTTPClient(configuration: .init())
        do {
            let answer = try await client.execute(request, timeout: .seconds(60))
            let body = try await answer.body.collect(upTo: 1 << 24)
            try await client.shutdown()
            return (Int(answer.status.code), answer.headers, Array(body.readableBytesView))
        } catch {
            try await client.shutdown()
            throw error
        }
    }

    @Test("are taken in gzip and deflate", arguments: [("gzip", gzip), ("deflate", deflate)])
    func request(coding: String, body: String) async throws {
        try await withOrg { org in
            let packed = Array(try #require(Data(base64Encoded: body)))
            let answer = try await send(
                org,
                "POST",
                "sobjects/Contact",
                packed: packed,
                headers: ["Content-Encoding": coding]
            )
            #expect(answer.status == 201)
            #expect(try await org.query("SELECT Id FROM Contact").records.count == 1)
        }
    }

    @Test("that are broken or of another kind are refused, and change nothing")
    func broken() async throws {
        try await withOrg { org in
            let packed = Array(try #require(Data(base64Encoded: Self.gzip)))
            let cases: [(String, [UInt8], Int)] = [
                ("gzip", Array(packed.dropLast(12)), 400), ("gzip", [1, 2, 3], 400),
                ("br", packed, 415),
            ]
            for (coding, body, status) in cases {
                let answer = try await send(
                    org,
                    "POST",
                    "sobjects/Contact",
                    packed: body,
                    headers: ["Content-Encoding": coding]
                )
                #expect(answer.status == status)
            }
            #expect(try await org.query("SELECT Id FROM Contact").records.isEmpty)
        }
    }

    @Test("unpack to as much as is taken, and no further")
    func bomb() throws {
        let large = [UInt8](repeating: 97, count: 1_000_000)
        let packed = try #require(Compression.packed(large))
        #expect(packed.count < 10_000)
        #expect(try Compression.unpacked(packed, most: 1_000_000) == large)
        #expect(throws: Compression.Failure.tooLarge) {
            try Compression.unpacked(packed, most: 999_999)
        }
    }

    @Test("are answered to clients that take gzip, and only to them")
    func answer() async throws {
        try await withOrg { org in
            let path = "sobjects/Contact/describe"
            let plain = try await send(org, "GET", path)
            #expect(plain.headers.first(name: "Content-Encoding") == nil)
            for accepted in ["gzip, deflate", "deflate;q=0.5, gzip;q=1.0"] {
                let packed = try await send(
                    org,
                    "GET",
                    path,
                    headers: ["Accept-Encoding": accepted]
                )
                #expect(packed.headers.first(name: "Content-Encoding") == "gzip")
                #expect(packed.body.count < plain.body.count / 2)
                #expect(try Compression.unpacked(packed.body, most: 1 << 24) == plain.body)
            }
            for refused in ["identity", "gzip;q=0", "br"] {
                let same = try await send(org, "GET", path, headers: ["Accept-Encoding": refused])
                #expect(same.headers.first(name: "Content-Encoding") == nil)
            }
        }
    }
}
