import Domain
import Foundation
import TestSupport
import Testing

@testable import Journal
@testable import Ledger

@Suite("Stored form of a booking fact")
struct StoredFactTests {
    @Test("never changes", arguments: GoldenFact.all)
    func neverChanges(golden: GoldenFact) throws {
        let stored = try StoredFact(golden: golden.fact)
        #expect(stored.type == golden.type)
        #expect(stored.data.text == golden.data)
        #expect(stored.partTexts == golden.parts)
        #expect(StoredFact.version == 1)
    }

    @Test("gives the fact back", arguments: GoldenFact.all)
    func readsBack(golden: GoldenFact) throws {
        let read = try StoredFact.read(try StoredFact(golden: golden.fact).event)
        #expect(read.withoutSurrogates == golden.fact.asFarAsKept)
    }

    @Test("names every person by a surrogate when it is read")
    func surrogates() throws {
        let read = try StoredFact.read(try StoredFact(golden: .confirmed(.full)).event)
        let booking = try #require(read.booking)
        #expect(booking.organizer?.person == PersonID("p-hannah"))
        #expect(booking.team.map(\.person) == [PersonID("p-tom")])
        #expect(booking.attendees.map(\.person) == [PersonID("p-ada"), PersonID("p-bo")])
    }

    @Test("of a person without key or parts is the surrogate alone", arguments: GoldenFact.all)
    func erased(golden: GoldenFact) throws {
        var event = try StoredFact(golden: golden.fact).event
        event.parts.removeAll { $0.subject == "p-ada" }
        let read = try StoredFact.read(event)
        #expect(FactType(read).rawValue == golden.type)
        for attendee in read.booking?.attendees ?? [] where attendee.person == PersonID("p-ada") {
            #expect(attendee.email == nil && attendee.name == nil && attendee.phone == nil)
        }
        event.parts = []
        #expect(try StoredFact.read(event).booking?.title == nil)
    }

    @Test("exists for every fact there can be")
    func complete() {
        let types = Set(GoldenFact.all.map(\.type))
        #expect(types == Set(FactType.allCases.map(\.rawValue)))
        #expect(GoldenFact.all.allSatisfy { FactType($0.fact).rawValue == $0.type })
    }

    /// Data that no version of Daybook wrote, and what is said about it.
    static let unreadable: [(data: String, type: String, version: Int, says: String)] = [
        (#"{"uid":"a"}"#, "booking.teleported", 1, "no event type 'booking.teleported'"),
        (#"{"uid":"a"}"#, "booking.confirmed", 2, "no form 2 of 'booking.confirmed'"),
        (#"{"uid":""}"#, "booking.confirmed", 1, "names no booking"),
        (#"{}"#, "booking.confirmed", 1, "names no booking"),
        (#"{}"#, "attendance.recorded", 1, "names no booking"),
        (#"[]"#, "booking.confirmed", 1, "names no booking"),
        (#"{"uid":"a""#, "booking.confirmed", 1, "ends too early"),
        (#"{"uid":"a"}"#, "booking.rescheduled", 1, "names no predecessor"),
        (#"{"uid":"a"}"#, "booking.cancelled", 1, "names no kind"),
        (#"{"uid":"a","kind":"melted"}"#, "booking.cancelled", 1, "names no kind"),
    ]

    @Test("that this version does not know is unreadable, with the reason", arguments: unreadable)
    func refuses(data: String, type: String, version: Int, says: String) throws {
        var event = try StoredFact(golden: .confirmed(.bare)).event
        (event.data, event.type, event.schemaVersion) = (Array(data.utf8), type, version)
        #expect {
            try RecordedFact(event)
        } throws: { error in
            guard case LedgerError.unreadable(position: 1, let reason) = error else { return false }
            return reason.contains(says)
        }
    }

    @Test("passes over members that a later version may add")
    func unknownMembers() throws {
        var event = try StoredFact(golden: .confirmed(.bare)).event
        event.data = Array(#"{"uid":"bk-1","mood":{"good":[1]},"delivery":"d1"}"#.utf8)
        #expect(try StoredFact.read(event) == .confirmed(.bare))
    }
}

@Suite("Stored form of an event that is no booking fact")
struct StoredEventTests {
    let temporary: TemporaryJournal

    init() throws { temporary = try TemporaryJournal() }

    @Test("never changes", arguments: GoldenEvent.all)
    func neverChanges(golden: GoldenEvent) async throws {
        try await golden.happen(in: temporary.journal)
        let events = try await temporary.journal.ledger.events(after: 0, limit: 100)
        let event = try #require(events.last { $0.type == golden.type })
        #expect(String(decoding: event.data, as: UTF8.self) == golden.data)
        #expect(event.schemaVersion == 1)
    }

    @Test("keeps the values of a write in a sealed part")
    func values() async throws {
        let golden = try #require(GoldenEvent.all.first { $0.type == "write.confirmed" })
        try await golden.happen(in: temporary.journal)
        let events = try await temporary.journal.ledger.events(after: 0, limit: 100)
        let event = try #require(events.first { $0.type == "write.confirmed" })
        #expect(event.parts.map(\.name) == ["values"])
        #expect(event.parts.map(\.subject) == ["p1"])
        #expect(
            event.parts.map { String(decoding: $0.content, as: UTF8.self) }
                == [#"{"Subject":{"before":null,"sent":"Demo","seen":"Demo"}}"#]
        )
    }
}
