import Foundation
import NIOCore
import NIOPosix

/// A reason why an alert cannot go to an address; never names the address, which is a secret.
public enum AlertAddressError: Error, Hashable, CustomStringConvertible {
    /// It is no address.
    case malformed
    /// It is not encrypted.
    case insecure
    /// It leads into a network that is not public.
    case inside
    /// Nobody knows the host.
    case unresolved
    /// The receiver answered with a status that is no success.
    case refused(Int)
    /// There was no answer.
    case unreachable(String)

    /// What is wrong and what to do about it.
    public var description: String {
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
public struct AlertAddress: Hashable, Sendable {
    /// The whole address; a secret.
    public let text: String
    /// The host, without brackets.
    public let host: String
    private let port: Int
    private let allowsLoopback: Bool

    /// Checks an address; a name is looked up only when it is used.
    ///
    /// - Parameters:
    ///   - text: The address.
    ///   - allowsLoopback: Whether it may lead to this machine, and be plain http then.
    /// - Throws: ``AlertAddressError``.
    public init(_ text: String, allowsLoopback: Bool) throws(AlertAddressError) {
        guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
            let host = parts.host, !host.isEmpty, parts.user == nil, parts.password == nil,
            parts.fragment == nil, scheme == "https" || scheme == "http"
        else { throw .malformed }
        let bare = host.trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
        if let literal = Network.bytes(bare) {
            guard Network.isPublic(literal) || (allowsLoopback && Network.isLoopback(literal))
            else { throw .inside }
        }
        let isLocal =
            bare.lowercased() == "localhost"
            || Network.bytes(bare).map(Network.isLoopback) ?? false
        guard scheme == "https" || (isLocal && allowsLoopback) else { throw .insecure }
        guard !isLocal || allowsLoopback else { throw .inside }
        (self.text, self.host, self.allowsLoopback) = (text, bare, allowsLoopback)
        port = parts.port ?? (scheme == "https" ? 443 : 80)
    }

    /// The address that the host has now, if it may be reached.
    ///
    /// - Returns: An IP address; connect to this one, because the name may soon stand for another.
    /// - Throws: ``AlertAddressError``.
    public func resolved() async throws -> String {
        let (host, port) = (host, port)
        let found = try await NIOThreadPool.singleton.runIfActive {
            do {
                return try SocketAddress.makeAddressResolvingHost(host, port: port).ipAddress
            } catch {
                throw AlertAddressError.unresolved
            }
        }
        guard let found, let bytes = Network.bytes(found) else {
            throw AlertAddressError.unresolved
        }
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
