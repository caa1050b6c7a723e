import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOSSL
import Testing

@testable import SalesforceEmulator

@Suite("TLS")
struct TLSTests {
    @Test("serves whoever trusts the certificate made at start, and nobody else")
    func trust() async throws {
        let options = EmulatorOptions(isSecure: true)
        let emulator = try SalesforceEmulator(options: options)
        let pem = try #require(emulator.certificate)
        let (addresses, ready) = AsyncStream.makeStream(of: String.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { ready.finish() }
                try await emulator.run { ready.yield($0) }
            }
            defer { group.cancelAll() }
            for await address in addresses {
                #expect(address.hasPrefix("https://"))
                let port = try #require(URL(string: address)?.port)
                for host in ["localhost", "127.0.0.1"] {
                    let answer = try await Self.versions("https://\(host):\(port)", trusting: pem)
                    #expect(answer == 200)
                }
                await #expect(throws: (any Error).self) {
                    try await Self.versions("https://localhost:\(port)", trusting: nil)
                }
                break
            }
        }
    }

    @Test("uses a new certificate at every start")
    func renewal() throws {
        let options = EmulatorOptions(isSecure: true)
        let first = try SalesforceEmulator(options: options).certificate
        #expect(first?.hasPrefix("-----BEGIN CERTIFICATE-----") == true)
        #expect(try SalesforceEmulator(options: options).certificate != first)
        #expect(try SalesforceEmulator(options: EmulatorOptions()).certificate == nil)
    }

    private static func versions(_ base: String, trusting pem: String?) async throws -> UInt {
        var tls = TLSConfiguration.makeClientConfiguration()
        if let pem {
            tls.trustRoots = .certificates(
                try NIOSSLCertificate.fromPEMBytes(Array(pem.utf8))
            )
        }
        let client = HTTPClient(
            eventLoopGroupProvider: .singleton,
            configuration: HTTPClient.Configuration(tlsConfiguration: tls)
        )
        let result: Result<UInt, any Error>
        do {
            let request = HTTPClientRequest(url: "\(base)/services/data")
            result = .success(try await client.execute(request, timeout: .seconds(300)).status.code)
        } catch {
            result = .failure(error)
        }
        try await client.shutdown()
        return try result.get()
    }
}
