import Foundation

extension InstanceURL {
    /// The log-in server of production orgs and Developer Editions.
    public static let production = InstanceURL(known: "https://login.salesforce.com")
    /// The log-in server of sandboxes and scratch orgs.
    public static let sandbox = InstanceURL(known: "https://test.salesforce.com")

    /// Reads the address of an org or of a log-in server, as people write it.
    ///
    /// | Written | Means |
    /// | --- | --- |
    /// | `production` | `https://login.salesforce.com` |
    /// | `sandbox` | `https://test.salesforce.com` |
    /// | `acme` | the My Domain `https://acme.my.salesforce.com` |
    /// | `acme--uat` | the sandbox `https://acme--uat.sandbox.my.salesforce.com` |
    /// | `acme.my.salesforce.com` | the same with `https://` |
    /// | `https://acme.lightning.force.com/…` | `https://acme.my.salesforce.com`, where the API is |
    /// | any other address | itself |
    ///
    /// Source: `facts/salesforce-api.md` 1.1.
    ///
    /// - Parameter text: One of these.
    /// - Throws: ``SalesforceError/configuration(_:)`` if it is none.
    public init(written text: String) throws(SalesforceError) {
        let text = text.trimmingCharacters(in: .whitespaces)
        switch text.lowercased() {
        case "production": self = .production
        case "sandbox": self = .sandbox
        case let name where Self.isDomainName(name):
            let kind = name.contains("--") ? "sandbox.my" : "my"
            try self.init("https://\(name).\(kind).salesforce.com")
        case let host where host.hasSuffix(".salesforce.com") && !host.contains("/"):
            try self.init("https://\(host)")
        default:
            try self.init(Self.withoutLightning(text))
        }
    }

    private static func isDomainName(_ text: String) -> Bool {
        text.count > 1 && text != "localhost"
            && text.utf8.allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || $0 == UInt8(ascii: "-")
            }
    }

    /// The address bar of a browser shows a host that has no API.
    private static func withoutLightning(_ text: String) -> String {
        text.replacingOccurrences(of: ".lightning.force.com", with: ".my.salesforce.com")
    }

    /// Whether this log-in server belongs to no org in particular.
    var isSharedByOrgs: Bool { self == .production || self == .sandbox }

    /// Whom an assertion for this log-in server is for.
    var audience: String {
        let isSandbox = self == .sandbox || text.contains(".sandbox.my.salesforce.com")
        return (isSandbox ? Self.sandbox : .production).text
    }
}
