import Domain
import Journal
import Ledger
import TestSupport
import Testing

@Suite("Who was found to host a person's booking")
struct RoutedOwnerTests {
    let temporary: TemporaryJournal
    var journal: Journal { temporary.journal }

    init() throws { temporary = try TemporaryJournal() }

    private func routed(
        _ user: Int? = 1,
        of email: String = "ada@acme.example",
        for eventType: Int? = 88_231
    ) -> RoutedOwner {
        RoutedOwner(
            email: .sample(email),
            eventType: eventType.map(EventTypeID.init),
            user: user.map { .sample($0, prefix: "005") },
            reason: user == nil ? "no-record" : "contact_owner",
            version: SettingsVersion(1)
        )
    }

    private var events: [StoredEvent] {
        get async throws {
            try await journal.ledger.events(after: 0, limit: 100).filter {
                $0.type == "owner.routed"
            }
        }
    }

    @Test("is recorded once an hour, however often somebody asks")
    func repetition() async throws {
        #expect(try await journal.note(routed(), actor: "operator"))
        temporary.clock.advance(bySeconds: 3_599)
        #expect(try await journal.note(routed(), actor: "operator") == false)
        #expect(try await events.count == 1)
        temporary.clock.advance(bySeconds: 1)
        #expect(try await journal.note(routed(), actor: "operator"))
        #expect(try await events.count == 2)
    }

    @Test("is recorded at once when it is another answer, event type or person")
    func difference() async throws {
        let all = [
            routed(), routed(2), routed(nil), routed(for: 7), routed(for: nil),
            routed(of: "bo@acme.example"),
        ]
        for answer in all { #expect(try await journal.note(answer, actor: "operator")) }
        // What counts is the last answer for the same event type, whatever was asked since.
        #expect(try await journal.note(routed(nil), actor: "operator") == false)
        #expect(try await journal.note(routed(for: 7), actor: "operator") == false)
        #expect(try await journal.note(routed(), actor: "operator"))
    }

    @Test("holds no personal data, and says who asked")
    func content() async throws {
        try await journal.note(routed(), actor: "operator")
        let event = try #require(try await events.first)
        #expect(event.parts.isEmpty && event.actor == "operator")
        #expect(!String(decoding: event.data, as: UTF8.self).contains("ada"))
    }

    @Test("is found with the person, and is nobody's once the person was erased")
    func erasure() async throws {
        try await journal.note(routed(), actor: "operator")
        let person = try #require(try await journal.person(.sample("ada@acme.example")))
        #expect(try await journal.routings(of: person).count == 1)
        _ = try await journal.erase(.sample("ada@acme.example"), actor: "operator")
        #expect(try await journal.person(.sample("ada@acme.example")) == nil)
        // A new question begins anew, under another surrogate.
        #expect(try await journal.note(routed(), actor: "operator"))
        let later = try #require(try await journal.person(.sample("ada@acme.example")))
        #expect(later != person)
    }
}
