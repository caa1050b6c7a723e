import Domain
import Foundation

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// Does in the demonstration's org what a person would do there.
struct DemoOrg {
    let address: String

    /// Writes one field of an event record as one of the org's users.
    func edit(
        _ record: SalesforceID,
        _ field: String,
        to value: String,
        as user: String
    ) async throws {
        let token = "token of \(user)"
        let grant = JSON.compact([("token", .string(token)), ("email", .string(user))])
        try await send("POST", "/emulator/tokens", grant, token: nil)
        let change = JSON.object([JSON.Member(field, .string(value))])
        let path = "/services/data/v62.0/sobjects/Event/\(record.rawValue)"
        try await send("PATCH", path, change, token: token)
    }

    /// Lets the org refuse every new or changed record of some objects, or of none.
    func refuse(_ objects: [String]) async throws {
        let rules = objects.map { object -> JSON in
            .compact([
                ("object", .string(object)),
                (
                    "reject",
                    .compact([
                        ("errorCode", .string("FIELD_CUSTOM_VALIDATION_EXCEPTION")),
                        ("message", .string("A rule of the org refuses this record.")),
                    ])
                ),
            ])
        }
        try await send(
            "POST",
            "/emulator/settings",
            .compact([("automation", .array(rules))]),
            token: nil
        )
    }

    private func send(_ method: String, _ path: String, _ body: JSON, token: String?) async throws {
        guard let url = URL(string: address + path) else {
            throw CommandFailure(.failed, "The local org's address is unusable.")
        }
        var request = URLRequest(url: url)
        request.httpMethod = method
        request.httpBody = Data(body.bytes)
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        if let token { request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization") }
        let (_, response) = try await URLSession.shared.data(for: request)
        let status = (response as? HTTPURLResponse)?.statusCode ?? 0
        guard (200..<300).contains(status) else {
            throw CommandFailure(.failed, "The local org answered \(status) to \(method) \(path).")
        }
    }
}
