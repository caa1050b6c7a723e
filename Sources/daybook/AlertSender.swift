import AsyncHTTPClient
import Domain
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Server

/// Sends alerts to addresses that an operator chose, and nowhere else.
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

    let targets: [(form: Form, address: AlertAddress)]

    func send(_ alert: Alert) async throws {
        for target in targets {
            try await Self.send(Self.body(alert, target.form), to: target.address)
        }
    }

    static func body(_ alert: Alert, _ form: Form) -> JSON {
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

/// A reason why an alert cannot go to an address; never names the address, which is a secret.
enum AlertAddressError: Error, Hashable, CustomStringConvertible {
    case malformed
    case insecure
    case inside
    case unresolved
    case refused(Int)
    case unreachable(String)

    var description: String {
        switch self {
        case .malformed: "The alert address is no https:// address with a host. Correct it."
        case .insecure:
            """
            The alert address is not https. Plain http is for this machine only, with \
            'allowLoopback: true' under 'alerts'.
            """
        case .inside:
            """
            The alert address leads into a private or local network. Only public hosts are taken, \
            or this machine with 'allowLoopback: true' under 'alerts'.
            """
        case .unresolved: "The host of the alert address is not known. Correct it."
        case .refused(let status): "The receiver of alerts answered \(status)."
        case .unreachable(let kind): "The receiver of alerts cannot be reached (\(kind))."
        }
    }
}

/// An address for alerts whose form was checked.
struct AlertAddress: Hashable, Sendable {
    let text: String
    let host: String
    let port: Int
    private let allowsLoopback: Bool

    init(_ text: String, allowsLoopback: Bool) throws(AlertAddressError) {
        guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
            let host = parts.host, !host.isEmpty, parts.user == nil, parts.password == nil,
            parts.fragment == nil, scheme == "https" || scheme == "http"
        else { throw .malformed }
        let bare = host.trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
        if let literal = Network.bytes(bare) {
            guard Network.isPublic(literal) || (allowsLoopback && Network.isLoopback(literal))
            else { throw .inside }
        }
        let isLocal = bare.lowercased() == "localhost" || Network.bytes(bare).map(Network.isLoopback) ?? false
        guard scheme == "https" || (isLocal && allowsLoopback) else { throw .insecure }
        guard !isLocal || allowsLoopback else { throw .inside }
        (self.text, self.host, self.allowsLoopback) = (text, bare, allowsLoopback)
        port = parts.port ?? (scheme == "https" ? 443 : 80)
    }

    /// The address that the host has now, if it may be reached.
    func resolved() async throws -> String {
        let (host, port) = (host, port)
        let found = try await NIOThreadPool.singleton.runIfActive {
            do {
                return try SocketAddress.makeAddressResolvingHost(host, port: port).ipAddress
            } catch {
                throw AlertAddressError.unresolved
            }
        }
        guard let found, let bytes = Network.bytes(found) else { throw AlertAddressError.unresolved }
        guard Network.isPublic(bytes) || (allowsLoopback && Network.isLoopback(bytes)) else {
            throw AlertAddressError.inside
        }
        return found
    }
}

/// Which addresses are out in the open.
///
/// Source: IANA's special-purpose registries,
/// <https://www.iana.org/assignments/iana-ipv4-special-registry/> and the one for IPv6.
enum Network {
    /// The bytes of an address, 4 or 16; nil for a name.
    static func bytes(_ text: String) -> [UInt8]? {
        do {
            switch try SocketAddress(ipAddress: text, port: 0) {
            case .v4(let address):
                return withUnsafeBytes(of: address.address.sin_addr) { Array($0) }
            case .v6(let address):
                return withUnsafeBytes(of: address.address.sin6_addr) { Array($0) }
            case .unixDomainSocket: return nil
            }
        } catch {
            // It is a name; what it stands for is looked up later.
            return nil
        }
    }

    static func isLoopback(_ bytes: [UInt8]) -> Bool {
        if let inner = mapped(bytes) { return isLoopback(inner) }
        return bytes.count == 4
            ? bytes[0] == 127 : bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
    }

    static func isPublic(_ bytes: [UInt8]) -> Bool {
        if bytes.count == 4 { return isPublic4(bytes) }
        if let inner = mapped(bytes) { return isPublic4(inner) }
        // Global unicast, without documentation, benchmarking, tunnels and translations.
        guard bytes[0] & 0xE0 == 0x20 else { return false }
        let head = UInt16(bytes[0]) << 8 | UInt16(bytes[1])
        if head == 0x2002 { return false }
        return !(head == 0x2001 && (bytes[2] < 0x02 || (bytes[2] == 0x0D && bytes[3] == 0xB8)))
    }

    private static func isPublic4(_ bytes: [UInt8]) -> Bool {
        switch (bytes[0], bytes[1]) {
        case (0, _), (10, _), (127, _), (169, 254), (192, 168), (224..., _): false
        case (100, 64...127), (172, 16...31), (198, 18...19): false
        case (192, 0) where bytes[2] == 0 || bytes[2] == 2: false
        case (198, 51) where bytes[2] == 100: false
        case (203, 0) where bytes[2] == 113: false
        default: true
        }
    }

    /// The IPv4 address inside an IPv6 one that only wraps it.
    private static func mapped(_ bytes: [UInt8]) -> [UInt8]? {
        guard bytes.count == 16 else { return nil }
        let isMapped = bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
        return isMapped ? Array(bytes[12...]) : nil
    }
}
