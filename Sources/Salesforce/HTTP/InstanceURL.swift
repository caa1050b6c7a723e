import Foundation

/// The address of an org or of a log-in server, without path.
///
/// Encrypted, unless the server is on this machine: an access token never crosses a network in
/// the clear.
public struct InstanceURL: Hashable, Sendable {
    /// For example `https://example.my.salesforce.com`, without a slash at the end.
    public let text: String

    /// Checks an address.
    ///
    /// - Parameter text: An address with scheme and host, perhaps a port. A path is dropped.
    /// - Throws: ``SalesforceError/configuration(_:)`` if it is no such address, or plain http to
    ///   another machine.
    public init(_ text: String) throws(SalesforceError) {
        guard let parts = URLComponents(string: text.trimmingCharacters(in: .whitespaces)),
            let scheme = parts.scheme?.lowercased(), let host = parts.host, !host.isEmpty,
            parts.user == nil, parts.password == nil
        else {
            throw .configuration(
                """
                an address of Salesforce is not of the form https://host. Set \
                'salesforce.instanceURL' to one such as https://acme.my.salesforce.com, and \
                'salesforce.auth.loginURL' to production, sandbox or such an address
                """
            )
        }
        guard scheme == "https" || scheme == "http" && Self.isLoopback(host) else {
            throw .configuration(
                """
                plain http is for 127.0.0.1 and localhost only. Begin 'salesforce.instanceURL' and \
                'salesforce.auth.loginURL' with https://
                """
            )
        }
        let bracketed = host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host
        self.text = "\(scheme)://\(bracketed)" + (parts.port.map { ":\($0)" } ?? "")
    }

    /// Wraps an address that is known to be good.
    init(known text: String) { self.text = text }

    private static func isLoopback(_ host: String) -> Bool {
        let octets = host.split(separator: ".", omittingEmptySubsequences: false)
        let isIPv4 =
            octets.count == 4 && octets.first == "127"
            && octets.allSatisfy { UInt8($0) != nil }
        return isIPv4 || ["localhost", "::1", "[::1]"].contains(host.lowercased())
    }
}
