import AsyncHTTPClient
import Domain
import SalesforceEmulator

@testable import Salesforce

/// An emulated org, and ways to look behind its curtain.
struct EmulatedOrg {
    let base: String
    let http: HTTPClient
    let pauses = Pauses()

    /// A client that never sleeps.
    func client(
        token: String = "test",
        timeout: Duration = .seconds(300)
    ) throws -> SalesforceClient {
        let access = AccessToken(value: token, instanceURL: try InstanceURL(base))
        return try client(FixedAccessToken(access), timeout: timeout)
    }

    /// A client that never sleeps.
    func client(
        _ tokens: any AccessTokenSource,
        timeout: Duration = .seconds(300)
    ) throws -> SalesforceClient {
        let pacing = Pacing(random: { 0.5 }, sleep: { pauses.note($0) })
        return try SalesforceClient(
            tokens: tokens,
            http: http,
            settings: .init(requestTimeout: timeout, pacing: pacing)
        )
    }

    /// Sends something to the emulator's own interface.
    @discardableResult
    func control(_ path: String, _ body: String? = nil) async throws -> Domain.JSON {
        let call = HTTPCall(
            method: body == nil ? "GET" : "POST",
            url: "\(base)/emulator/\(path)",
            body: body.map { Array($0.utf8) }
        )
        let reply = try await NetworkTransport(client: http, timeout: .seconds(300)).send(call)
        return try Domain.JSON(parsing: reply.body)
    }

    /// Orders a failure.
    func fail(_ kind: String, count: Int = 1, more: String = "") async throws {
        try await control("faults", #"{"kind":"\#(kind)","count":\#(count)\#(more)}"#)
    }

    /// How many API calls the org counted.
    var apiCalls: Int {
        get async throws { try await control("stats")["apiCalls"]?.int ?? -1 }
    }

    /// How many records of an object were created.
    func created(_ object: String) async throws -> Int {
        try await control("stats")["perObject"]?[object]?["create"]?.int ?? 0
    }
}

/// Runs an org for as long as a closure takes.
func withEmulatedOrg(_ body: (EmulatedOrg) async throws -> Void) async throws {
    let http = HTTPClient(configuration: .salesforce)
    do {
        try await withSalesforceEmulator { base in
            try await body(EmulatedOrg(base: base, http: http))
        }
    } catch {
        try await http.shutdown()
        throw error
    }
    try await http.shutdown()
}
