import Domain
import Journal
import TestSupport
import Testing

/// The right to be the only run.
@Suite("The lease of a run")
struct LeaseTests {
    let temporary: TemporaryJournal

    init() throws { temporary = try TemporaryJournal() }

    private func take(_ holder: String) async throws -> Bool {
        try await temporary.journal.takeLease(holder, now: temporary.clock.now) != nil
    }

    @Test("keeps others out until it ends, and no longer than 90 seconds")
    func ends() async throws {
        #expect(try await take("one"))
        #expect(try await !take("two"))
        temporary.clock.advance(bySeconds: 59)
        #expect(try await !take("two"))
        temporary.clock.advance(bySeconds: 1)
        #expect(try await take("two"))
    }

    @Test(
        "does not hold others up when the clock was set back",
        arguments: [-3_600, -86_400 * 365]
    )
    func clockSetBack(seconds: Int64) async throws {
        #expect(try await take("one"))
        temporary.clock.advance(bySeconds: -20)
        #expect(try await !take("two"), "a small step says nothing: the run may be at work")
        temporary.clock.advance(bySeconds: seconds)
        #expect(try await take("two"))
    }
}
