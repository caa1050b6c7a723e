import AsyncHTTPClient
import Domain
import NIOCore
import NIOHTTP1
import Server

/// Sends alerts to an address that an operator chose, and nowhere else.
///
/// An address is refused if it leads into a private network: whoever can change the configuration of
/// a service is not thereby to reach what the service can reach. The host is resolved once, checked,
/// and connected to under the address that was checked; redirects are not followed.
struct AlertSender: Sendable {
    /// In which form an alert goes out.
    enum Form: Sendable {
        /// All that is known, as members.
        case json
        /// One text, as Slack and those who copy it take it.
        case slack
    }

    let form: Form
    let address: AlertAddress

    func send(_ alert: Alert) async throws {
        try await Self.send(body(of: alert), to: address)
    }

    private func body(of alert: Alert) -> JSON {
        switch form {
        case .slack: .compact([("text", .string(alert.text))])
        case .json:
            .compact([
                ("condition", .string(alert.condition.rawValue)),
                ("state", .string(alert.isFiring ? "firing" : "resolved")),
                ("summary", .string(alert.summary)), ("since", .string(alert.since.rfc3339)),
                ("text", .string(alert.text)),
            ])
        }
    }

    private static func send(_ body: JSON, to address: AlertAddress) async throws {
        let checked = try await address.resolved()
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.dnsOverride = [address.host: checked]
        let client = HTTPClient(configuration: configuration)
        var failure: AlertAddressError?
        do {
            var request = HTTPClientRequest(url: address.text)
            request.method = .POST
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(body.bytes)
            let status = try await client.execute(request, timeout: .seconds(10)).status.code
            if !(200..<300).contains(status) { failure = .refused(Int(status)) }
        } catch {
            failure = .unreachable("\(type(of: error))")
        }
        try await client.shutdown()
        if let failure { throw failure }
    }
}
