import Foundation

/// The address below which the API lives.
///
/// https only, except on this machine: the key goes along with every request.
struct APIBase: Hashable, Sendable {
    /// The address without a slash at the end, `https://api.cal.com/v2`.
    let text: String

    /// Reads an address as people write it; `/v2` is added where there is no path.
    init(_ written: String) throws(CalComError) {
        let trimmed = written.hasSuffix("/") ? String(written.dropLast()) : written
        guard let url = URLComponents(string: trimmed), let scheme = url.scheme?.lowercased(),
            let host = url.host, !host.isEmpty
        else { throw .configuration("it is no address") }
        guard url.user == nil, url.password == nil, url.query == nil, url.fragment == nil else {
            throw .configuration("it has more than a scheme, a host, a port and a path")
        }
        let isLocal = ["127.0.0.1", "localhost", "[::1]", "::1"].contains(host.lowercased())
        guard scheme == "https" || (scheme == "http" && isLocal) else {
            throw .configuration("it does not begin with https://")
        }
        text = url.path.isEmpty ? trimmed + "/v2" : trimmed
    }

    /// The address of a resource.
    ///
    /// - Parameters:
    ///   - path: The path below the base, each part encoded.
    ///   - query: Names and values, in the order in which they are sent.
    /// - Returns: The whole address.
    func url(_ path: [String], _ query: [(String, String)] = []) -> String {
        let place = ([text] + path.map(Self.encoded)).joined(separator: "/")
        guard !query.isEmpty else { return place }
        return place + "?"
            + query.map { "\($0)=\(Self.encoded($1))" }.joined(separator: "&")
    }

    /// Everything but the unreserved characters of RFC 3986, section 2.3, as percent and two digits.
    private static func encoded(_ text: String) -> String {
        text.utf8.reduce(into: "") { result, byte in
            let isPlain =
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                || (0x61...0x7A).contains(byte) || [0x2D, 0x2E, 0x5F, 0x7E].contains(byte)
            if isPlain {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                result += "%" + (byte < 16 ? "0" : "") + digits
            }
        }
    }
}
