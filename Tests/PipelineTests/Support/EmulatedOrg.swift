import AsyncHTTPClient
public import Domain

@testable import Salesforce

/// An org seen from the outside: what a person or another program does in it.
struct EmulatedOrg: Sendable {
    /// The token under which a person works, so that changes are not Daybook's.
    static let person = "a-person"

    let base: String
    let http: HTTPClient

    // MARK: Records

    /// The rows of a query.
    func query(_ soql: String) async throws -> [JSON] {
        let escaped = PercentEncoding.encoded(soql)
        let answer = try await call("GET", "/services/data/v62.0/query?q=\(escaped)")
        guard let rows = answer["records"]?.array else { throw Unexpected(answer.text) }
        return rows
    }

    /// The only row of a query.
    func one(_ soql: String) async throws -> JSON {
        let rows = try await query(soql)
        guard rows.count == 1 else { throw Unexpected("\(rows.count) rows for \(soql)") }
        return rows[0]
    }

    /// How many records of an object there are.
    func count(_ object: String) async throws -> Int {
        let soql = PercentEncoding.encoded("SELECT COUNT() FROM \(object)")
        let answer = try await call("GET", "/services/data/v62.0/query?q=\(soql)")
        guard let count = answer["totalSize"]?.int else { throw Unexpected(answer.text) }
        return count
    }

    /// Makes a record as a person, and gives its id.
    @discardableResult
    func create(_ object: String, _ fields: [String: JSON]) async throws -> String {
        let answer = try await call(
            "POST",
            "/services/data/v62.0/sobjects/\(object)",
            JSON.object(fields.map { JSON.Member($0.key, $0.value) })
        )
        guard let id = answer["id"]?.string else { throw Unexpected(answer.text) }
        return id
    }

    /// Changes a record as a person.
    func change(_ object: String, _ id: String, _ fields: [String: JSON]) async throws {
        let answer = try await call(
            "PATCH",
            "/services/data/v62.0/sobjects/\(object)/\(id)",
            JSON.object(fields.map { JSON.Member($0.key, $0.value) })
        )
        guard answer == .null else { throw Unexpected(answer.text) }
    }

    /// Deletes a record as a person.
    func delete(_ object: String, _ id: String) async throws {
        let answer = try await call("DELETE", "/services/data/v62.0/sobjects/\(object)/\(id)")
        guard answer == .null else { throw Unexpected(answer.text) }
    }

    /// The id of the user with an address.
    func user(_ email: String) async throws -> String {
        try await one("SELECT Id FROM User WHERE Email = '\(email)'").text("Id")
    }

    /// The id of the queue of the default org.
    var queue: String {
        get async throws { try await one("SELECT Id FROM Group WHERE Type = 'Queue'").text("Id") }
    }

    // MARK: Behind the curtain

    /// Sends something to the emulator's own interface.
    @discardableResult
    func control(_ path: String, _ body: String? = nil) async throws -> JSON {
        try await call(
            body == nil ? "GET" : "POST",
            "/emulator/\(path)",
            try body.map { try JSON(parsing: $0) }
        )
    }

    /// Adds fields, records and settings to the org.
    func seed(_ json: String) async throws {
        let answer = try await control("seed", json)
        guard answer["success"] == .bool(true) else { throw Unexpected(answer.text) }
    }

    /// Switches a setting of the org.
    func settings(_ json: String) async throws { try await control("settings", json) }

    /// Orders a failure.
    func fail(_ kind: String, count: Int = 1, more: String = "") async throws {
        try await control("faults", #"{"kind":"\#(kind)","count":\#(count)\#(more)}"#)
    }

    /// How many ordered failures are still to come.
    var pendingFaults: Int {
        get async throws { try await control("faults")["pending"]?.int ?? -1 }
    }

    /// Takes back all ordered failures.
    func heal() async throws { _ = try await call("DELETE", "/emulator/faults") }

    /// How many API calls the org counted.
    var apiCalls: Int {
        get async throws { try await control("stats")["apiCalls"]?.int ?? -1 }
    }

    /// How many jobs of Bulk API 2.0 were made to write records.
    var ingestJobs: Int {
        get async throws {
            let answer = try await call("GET", "/services/data/v62.0/jobs/ingest")
            guard let jobs = answer["records"]?.array else { throw Unexpected(answer.text) }
            return jobs.count
        }
    }

    /// How many records were written, whatever was done to them.
    var writes: Int {
        get async throws {
            let writes = try await control("stats")["writes"]
            return ["create", "update", "delete"].reduce(0) { $0 + (writes?[$1]?.int ?? 0) }
        }
    }

    /// Sets the counters back to zero.
    func resetCounters() async throws { try await control("stats/reset", "{}") }

    private func call(
        _ method: String,
        _ path: String,
        _ body: JSON? = nil
    ) async throws -> JSON {
        let call = HTTPCall(
            method: method,
            url: base + path,
            headers: [
                .init("Authorization", "Bearer \(Self.person)"),
                .init("Content-Type", "application/json"),
            ],
            body: body?.bytes
        )
        let reply = try await NetworkTransport(client: http, timeout: .seconds(300)).send(call)
        return reply.body.isEmpty ? .null : try JSON(parsing: reply.body)
    }
}

/// An answer of the org's that a test did not expect.
struct Unexpected: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

extension JSON {
    /// The text of a member; empty for anything else.
    func text(_ name: String) -> String { self[name]?.string ?? "" }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral {
    /// A text.
    public init(stringLiteral text: String) { self = .string(text) }
    /// A flag.
    public init(booleanLiteral flag: Bool) { self = .bool(flag) }
}
