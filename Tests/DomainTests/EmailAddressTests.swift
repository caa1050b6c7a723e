import Domain
import TestSupport
import Testing

@Suite("E-mail address")
struct EmailAddressTests {
    @Test(
        "is compared without case and surrounding space",
        arguments: [
            ("ada@acme.example", "ada@acme.example"), (" Ada@ACME.Example\n", "ada@acme.example"),
            ("\tada@acme.example ", "ada@acme.example"), ("a+b@c.example", "a+b@c.example"),
            ("o'neil@c.example", "o'neil@c.example"), ("ZOË@C.example", "zoë@c.example"),
            ("a@b", "a@b"), ("+4930123@sms.cal.com", "+4930123@sms.cal.com"),
        ]
    )
    func normalised(text: String, address: String) {
        #expect(EmailAddress(text)?.rawValue == address)
    }

    @Test(
        "refuses",
        arguments: [
            "", " ", "@", "ada", "ada@", "@acme.example", "a@b@c", "a b@c.example", "a@b .example",
            "a\u{0}@b.example", "a\n@b.example", "a@\u{A0}b", "a\u{7}@b.example",
        ]
    )
    func refuses(text: String) { #expect(EmailAddress(text) == nil) }

    @Test(
        "knows the services that belong to no company",
        arguments: [
            ("a@gmail.com", true), ("a@GMAIL.com", true), ("a@googlemail.com", true),
            ("a@outlook.com", true), ("a@web.de", true), ("a@acme.example", false),
            ("a@mail.gmail.com", false), ("a@notgmail.com", false),
            ("gmail.com@acme.example", false),
        ]
    )
    func freeMail(text: String, isFree: Bool) { #expect(EmailAddress(text)?.isFreeMail == isFree) }

    @Test("has a domain, and the domain a first label")
    func domain() {
        #expect(EmailAddress.sample("Ada@Acme.co.uk").domain == "acme.co.uk")
        #expect(MailDomains.firstLabel(of: "acme.co.uk") == "acme")
        #expect(MailDomains.firstLabel(of: "localhost") == "localhost")
        #expect(MailDomains.firstLabel(of: ".acme.example") == "acme")
        #expect(MailDomains.firstLabel(of: "bücher.example") == "bücher")
    }

    @Test("lists free services in the form in which domains are compared")
    func freeList() {
        for domain in MailDomains.free {
            #expect(MailDomains.host(ofWebsite: domain) == domain)
            #expect(EmailAddress("a@\(domain)")?.isFreeMail == true)
        }
    }
}

@Suite("Website")
struct WebsiteTests {
    /// Spellings found in the website field of accounts.
    @Test(
        "has the host, in whatever spelling",
        arguments: [
            ("acme.example", "acme.example"), ("www.acme.example", "acme.example"),
            ("http://acme.example", "acme.example"), ("https://www.acme.example/", "acme.example"),
            ("HTTPS://WWW.ACME.EXAMPLE", "acme.example"), (" acme.example ", "acme.example"),
            ("https://acme.example:8443/a?b=c#d", "acme.example"),
            ("https://ada:secret@acme.example/a", "acme.example"),
            ("acme.example.", "acme.example"), ("acme.example/path", "acme.example"),
            ("acme.example?utm=1", "acme.example"), ("acme.example#top", "acme.example"),
            ("shop.acme.example", "shop.acme.example"), ("www.example", "www.example"),
            ("www.com", "www.com"), ("wwwacme.example", "wwwacme.example"),
            ("ftp://acme.example", "acme.example"), ("https://acme.example@", nil),
            ("", nil), ("https://", nil), ("   ", nil), ("/path", nil), ("...", nil),
        ] as [(String, String?)]
    )
    func host(website: String, host: String?) {
        #expect(MailDomains.host(ofWebsite: website) == host)
    }

    @Test(
        "a text without white space at its ends is the text without its white characters there",
        arguments: [
            "", " ", "a", " a", "a ", "\r\na\r\n", "\u{A0}é\u{2003}", "a\u{301} ", " \u{301}a",
            "\u{600}1", "\u{7F}a", "a b", "\u{1}a\u{1}", "\u{200D}a", "é", "🦄 ",
        ]
    )
    func trimming(text: String) {
        let characters = Array(text)
        let first = characters.firstIndex { !$0.isWhitespace } ?? characters.endIndex
        let last = characters.lastIndex { !$0.isWhitespace } ?? characters.startIndex - 1
        let expected = first <= last ? String(characters[first...last]) : ""
        #expect(Array(text.trimmingWhitespace().utf8) == Array(expected.utf8))
        #expect(text[...].trimmingWhitespace() == text.trimmingWhitespace())
    }
}
