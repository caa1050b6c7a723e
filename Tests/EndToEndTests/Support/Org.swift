import Foundation

/// An emulated org, seen as somebody else's client sees it.
struct Org: Sendable {
    /// Its address.
    let url: String

    /// A token that is not used for anything but looking.
    private static let looking = "a token for looking"

    /// Sends something to the emulator's own interface.
    @discardableResult
    func control(_ path: String, _ body: String? = nil) async throws -> Document {
        try await send(body == nil ? "GET" : "POST", "/emulator/\(path)", body)
    }

    /// Orders a failure.
    func fail(_ kind: String, count: Int = 1, match: String = "", delay: Int = 0) async throws {
        let match = match.isEmpty ? "" : #","match":"\#(match)""#
        try await control(
            "faults",
            #"{"kind":"\#(kind)","count":\#(count),"delaySeconds":\#(delay)\#(match)}"#
        )
    }

    /// Whether every failure that was ordered has happened.
    var isFaultFree: Bool {
        get async throws { try await control("faults")["pending"]?.int == 0 }
    }

    /// How many records were created, by object.
    var created: [String: Int] {
        get async throws {
            guard case .object(let objects)? = try await control("stats")["perObject"] else {
                return [:]
            }
            return objects.compactMapValues { $0["create"]?.int }.filter { $0.value > 0 }
        }
    }

    /// How many records were changed or deleted.
    var changed: Int {
        get async throws {
            let writes = try await control("stats")["writes"]
            return (writes?["update"]?.int ?? 0) + (writes?["delete"]?.int ?? 0)
        }
    }

    /// The rows that a query finds.
    func query(_ soql: String) async throws -> [Document] {
        let allowed = CharacterSet.alphanumerics
        let text = soql.addingPercentEncoding(withAllowedCharacters: allowed) ?? ""
        return try await send("GET", "/services/data/v62.0/query?q=\(text)", nil)["records"]?.list
            ?? []
    }

    /// Changes a record as a person does.
    func edit(_ object: String, _ id: String, _ body: String) async throws {
        _ = try await send("PATCH", "/services/data/v62.0/sobjects/\(object)/\(id)", body)
    }

    private func send(_ method: String, _ path: String, _ body: String?) async throws -> Document {
        let answer = try await Web.send(
            method,
            url + path,
            headers: [
                "Authorization": "Bearer \(Self.looking)", "Content-Type": "application/json",
            ],
            body: body
        )
        guard (200..<300).contains(answer.status) else {
            throw UnexpectedAnswer(text: "\(answer.status): \(answer.text)")
        }
        return answer.text.isEmpty ? .null : try Document(answer.text)
    }
}

/// The org said something else than a test could use.
struct UnexpectedAnswer: Error {
    let text: String
}
