import Domain
import Foundation
import Ledger
import Testing

@testable import Journal

@Suite("What names a person")
struct PersonMentionsTests {
    /// What may stand behind a text, or before it, so that its last or first letter is part of another
    /// character: marks, joiners, a keycap, a skin tone.
    static let marks = ["\u{301}", "\u{FE0F}", "\u{20E3}", "\u{200C}", "\u{200D}", "\u{1F3FB}"]

    private let key: LedgerKey

    init() throws { key = try #require(LedgerKey(bytes: Array(0..<32))) }

    /// Of somebody whose address, telephone number and name are known, or only the address's digest.
    private func mentions(isKnown: Bool) throws -> PersonMentions {
        var mentions = PersonMentions(
            email: isKnown ? EmailAddress("quill@secret.example") : nil,
            blind: key.blind("quill@secret.example"),
            key: key
        )
        if isKnown {
            let own = #"{"name":"Zoë Quill","phone":"+49000471100"}"#
            try mentions.learn(
                PersonalPart(
                    name: "party-1",
                    subject: "person/1",
                    content: Array(own.utf8)
                )
            )
        }
        return mentions
    }

    private func holds(_ text: String?, _ word: String) -> Bool {
        text.map { $0.lowercased().utf8.contains(word.utf8) } ?? true
    }

    @Test("is found whatever mark stands beside it", arguments: marks + ["\u{600}"])
    func marked(mark: String) throws {
        for (text, word) in [
            ("ask Quill@Secret.example\(mark) or", "quill@secret.example"),
            ("ask \(mark)quill@secret.example or", "quill@secret.example"),
            ("call +49000471100\(mark) or", "+49000471100"),
            ("with Zoë Quill\(mark) or", "zoë quill"),
        ] {
            let rest = try mentions(isKnown: true).redacted(text)
            #expect(!holds(rest, word), "\(word)")
            #expect(rest.map(Tombstone.isIn) == true)
            #expect(rest?.hasSuffix("or") == true)
        }
        let text = "ask quill@secret.example\(mark) or"
        #expect(!holds(try mentions(isKnown: false).redacted(text), "quill"), "by its digest alone")
    }

    @Test("is found by the digest between letters of another writing")
    func writings() throws {
        let rest = try mentions(isKnown: false).redacted("へquill@secret.exampleへ")
        #expect(rest == "へ[erased]へ")
    }

    @Test(
        "is found by the digest of an address with marks",
        arguments: ["jose\u{301}@x.example", "हिन्दी@उदाहरण.भारत"]
    )
    func marksWithin(address: String) throws {
        let mentions = PersonMentions(email: nil, blind: key.blind(address), key: key)
        #expect(mentions.redacted("ask \(address) or") == "ask [erased] or")
    }

    @Test("is found in a delivery as it is read, and in one that is no document")
    func deliveries() throws {
        let mentions = try mentions(isKnown: true)
        let unknown = try self.mentions(isKnown: false)
        #expect(unknown.isIn(Array(#"{"notes":"to\nquill@secret.example"}"#.utf8)))
        #expect(mentions.isIn(Array(#"{"notes":"Zo\u00eb Quill"}"#.utf8)))
        #expect(mentions.isIn(Array("noise of quill@secret.example".utf8)))
        #expect(!mentions.isIn(Array(#"{"notes":"Zo\u00eb Quillon"}"#.utf8)))
    }

    @Test("is no part of a longer word, nor of another address")
    func others() throws {
        let known = try mentions(isKnown: true)
        #expect(known.redacted("Zoë Quillon and Anzoë Quill") == nil)
        #expect(known.redacted("Zoë Quill\u{301}on and E\u{301}zoë Quill") == nil)
        #expect(try mentions(isKnown: false).redacted("ask ada@acme.example") == nil)
    }
}
