/// An e-mail address in the form in which addresses are compared: trimmed, lower case.
public struct EmailAddress: Hashable, Comparable, Sendable {
    /// The normalised address.
    public let rawValue: String

    /// Normalises an address, or returns nil if it cannot be one.
    ///
    /// Only what breaks look-ups is refused: no `@`, an empty part, white space or control
    /// characters inside. Whether Salesforce accepts it is Salesforce's answer.
    public init?(_ text: String) {
        if let plain = Self.plain(text) {
            rawValue = plain
            return
        }
        let trimmed = text.trimmingWhitespace().lowercased()
        let parts = trimmed.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }),
            !trimmed.unicodeScalars.contains(where: { $0.properties.isWhitespace || $0.value < 32 })
        else { return nil }
        rawValue = trimmed
    }

    /// The normalised form of an address of visible ASCII characters; nil for any other text.
    ///
    /// Nearly every address is one, and a replay reads several for each event.
    private static func plain(_ text: String) -> String? {
        var (ats, capitals) = (0, 0)
        for byte in text.utf8 {
            guard byte > 0x20, byte < 0x7F else { return nil }
            if byte == UInt8(ascii: "@") { ats += 1 }
            if byte >= UInt8(ascii: "A"), byte <= UInt8(ascii: "Z") { capitals += 1 }
        }
        guard ats == 1, text.utf8.first != UInt8(ascii: "@"), text.utf8.last != UInt8(ascii: "@")
        else { return nil }
        return capitals == 0 ? text : text.lowercased()
    }

    /// What stands behind the `@`.
    public var domain: String {
        // An ASCII character behind the sign shows that nothing combines with it.
        if let at = rawValue.utf8.lastIndex(of: UInt8(ascii: "@")) {
            let rest = rawValue[rawValue.utf8.index(after: at)...]
            if let next = rest.utf8.first, next < 0x80 { return String(rest) }
        }
        return rawValue.split(separator: "@").last.map(String.init) ?? ""
    }

    /// Whether anybody can have an address of this domain, so that it says nothing of a company.
    public var isFreeMail: Bool { MailDomains.free.contains(domain) }

    /// Orders addresses by their text.
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// Mail domains that belong to no company.
public enum MailDomains {
    /// Domains of public mail services, lower case.
    ///
    /// Used to keep their users from being taken for colleagues: `facts/calcom.md` 5.8.6 tells
    /// what happens otherwise.
    public static let free: Set<String> = [
        "126.com", "163.com", "aol.com", "bk.ru", "btinternet.com", "comcast.net", "duck.com",
        "fastmail.com", "free.fr", "freenet.de", "gmail.com", "gmx.at", "gmx.ch", "gmx.com",
        "gmx.de", "gmx.net", "googlemail.com", "hey.com", "hotmail.co.uk", "hotmail.com",
        "hotmail.de", "hotmail.es", "hotmail.fr", "hotmail.it", "icloud.com", "inbox.ru",
        "laposte.net", "libero.it", "list.ru", "live.co.uk", "live.com", "live.fr", "live.nl",
        "mac.com", "mail.com", "mail.ru", "me.com", "msn.com", "naver.com", "orange.fr",
        "outlook.com", "outlook.de", "outlook.es", "outlook.fr", "pm.me", "proton.me",
        "protonmail.ch", "protonmail.com", "qq.com", "rediffmail.com", "rocketmail.com",
        "sbcglobal.net", "seznam.cz", "sfr.fr", "sina.com", "t-online.de", "tiscali.it",
        "tutanota.com", "tuta.io", "uol.com.br", "verizon.net", "wanadoo.fr", "web.de", "wp.pl",
        "yahoo.ca", "yahoo.co.in", "yahoo.co.jp", "yahoo.co.uk", "yahoo.com", "yahoo.com.br",
        "yahoo.de", "yahoo.es", "yahoo.fr", "yahoo.it", "yandex.com", "yandex.ru", "ymail.com",
        "zoho.com",
    ]

    /// The first label of a domain, as a stand-in for a company name: `acme` of `acme.co.uk`.
    public static func firstLabel(of domain: String) -> String {
        guard domain.utf8.allSatisfy({ $0 < 0x80 }) else {
            return domain.split(separator: ".").first.map(String.init) ?? domain
        }
        // Nearly every domain is ASCII, which need not be taken apart into characters.
        let labels = domain.utf8.split(separator: UInt8(ascii: "."), maxSplits: 1)
        return labels.first.map { String(Substring($0)) } ?? domain
    }

    /// The host of a website in any spelling, comparable with a mail domain; nil if there is none.
    ///
    /// Scheme, user, port, path, query, a leading `www.` and a trailing dot go; case goes.
    public static func host(ofWebsite website: String) -> String? {
        var rest = Substring(website.trimmingWhitespace().lowercased())
        if let scheme = rest.range(of: "://") { rest = rest[scheme.upperBound...] }
        rest = rest.prefix { !"/?#".contains($0) }
        if let user = rest.lastIndex(of: "@") { rest = rest[rest.index(after: user)...] }
        rest = rest.prefix { $0 != ":" }
        while rest.hasSuffix(".") { rest = rest.dropLast() }
        if rest.hasPrefix("www."), rest.dropFirst(4).contains(".") { rest = rest.dropFirst(4) }
        return rest.isEmpty ? nil : String(rest)
    }
}

extension StringProtocol {
    /// The text without white space at either end.
    public func trimmingWhitespace() -> String {
        var rest = self[...]
        while let first = rest.first, first.isWhitespace { rest = rest.dropFirst() }
        while let last = rest.last, last.isWhitespace { rest = rest.dropLast() }
        return String(rest)
    }

    fileprivate func range(of text: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
            start = index(after: start)
        }
        return nil
    }
}

extension String {
    /// The text without white space at either end.
    ///
    /// Nearly every text begins and ends with a visible ASCII character, which is seen without
    /// taking it apart into characters.
    public func trimmingWhitespace() -> String {
        guard let first = utf8.first, let last = utf8.last else { return self }
        let visible: ClosedRange<UInt8> = 0x21...0x7E
        return visible.contains(first) && visible.contains(last)
            ? self : self[...].trimmingWhitespace()
    }
}
