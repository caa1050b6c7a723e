import Audit
import Domain
import Journal
import Ledger
import TestSupport
import Testing

@Suite("State, as of some time")
struct StateTests {
    let ledger: AuditedLedger
    /// After everything that the tests record.
    private let later = Instant.minute(10_000)

    init() throws { ledger = try AuditedLedger() }

    private func state(_ view: AsOf, of uid: String = "bk-1") async throws -> StateReport {
        try await ledger.audit.state(ofBooking: .sample(uid), view, now: later)
    }

    @Test("shows what the ledger called for at a position, and nothing newer")
    func position() async throws {
        try await ledger.acceptSettings()
        let booked = try await ledger.record(.confirmed(.sample()))
        try await ledger.record(.cancelled(.sample(), Cancellation(kind: .booking)), minute: 30)
        let then = try await state(AsOf(position: booked))
        #expect(then.facts.map(\.position) == [booked])
        #expect(then.standing.values.map(\.self) == [.booked])
        #expect(then.people.flatMap(\.fields).map(\.field) == ["LeadSource"])
        let now = try await state(AsOf())
        #expect(now.facts.count == 2)
        #expect(now.standing.values.map(\.self) == [.bookingCancelled])
        #expect(now.people.flatMap(\.fields).map(\.field) == ["Cancelled__c", "LeadSource"])
    }

    @Test("tells apart when something happened and when it was known")
    func twoAxes() async throws {
        try await ledger.acceptSettings()
        try await ledger.record(.confirmed(.sample()))
        // It happened ten minutes later, and was told an hour after that.
        ledger.kept.clock.advance(bySeconds: 70 * 60)
        try await ledger.record(
            .cancelled(.sample(), Cancellation(kind: .booking)),
            minute: 10
        )
        let happened = Instant.minute(10)
        func standing(_ view: AsOf) async throws -> [Reason] {
            Array(try await state(view).standing.values)
        }
        #expect(try await standing(AsOf(occurred: .minute(9))) == [.booked])
        #expect(try await standing(AsOf(occurred: happened)) == [.bookingCancelled])
        let known = Instant.minute(69)
        #expect(try await standing(AsOf(occurred: happened, known: known)) == [.booked])
        #expect(try await standing(AsOf(known: known)) == [.booked])
        #expect(try await standing(AsOf(known: .minute(70))) == [.bookingCancelled])
    }

    @Test("reads by the settings that were known then")
    func settings() async throws {
        let booked = try await ledger.record(.confirmed(.sample()))
        try await ledger.acceptSettings(validity: .allHistory)
        let then = try await state(AsOf(position: booked))
        #expect(then.settings == nil)
        #expect(then.standing.values.map(\.self) == [.noSettings])
        #expect(try await state(AsOf()).settings == SettingsVersion(1))
    }

    @Test("knows the bookings of a chain as appointments of their own before the link was told")
    func chain() async throws {
        try await ledger.acceptSettings()
        let first = try await ledger.record(.confirmed(.sample("bk-1")))
        try await ledger.record(
            .rescheduled(.sample("bk-2", day: 1), from: Predecessor(uid: .sample("bk-1"))),
            minute: 20
        )
        let then = try await state(AsOf(position: first))
        #expect(then.eventRecords.map(\.uids) == [[.sample("bk-1")]])
        await #expect(throws: AuditError.notKnownThen("at position \(first.rawValue)")) {
            _ = try await state(AsOf(position: first), of: "bk-2")
        }
        let now = try await state(AsOf(), of: "bk-2")
        #expect(now.eventRecords.map(\.uids) == [[.sample("bk-1"), .sample("bk-2")]])
    }

    @Test("shows what had been written by then, and what a person's bookings called for")
    func written() async throws {
        try await ledger.acceptSettings()
        let fact = try await ledger.record(.confirmed(.sample()))
        try await ledger.write(
            .sample(
                .create,
                try await ledger.contact(),
                fields: [.sample(cause: fact)],
                cause: fact
            ),
            sealUnder: try await ledger.person()
        )
        let person = EmailAddress.sample()
        let now = try await ledger.audit.state(ofPerson: person, AsOf(), now: later)
        #expect(now.written.map(\.fields) == [["LeadSource": .string("Web")]])
        #expect(now.people.map(\.email) == [person])
        let before = try await ledger.audit.state(
            ofPerson: person,
            AsOf(position: fact),
            now: later
        )
        #expect(before.written.isEmpty)
        let record = try await ledger.audit.state(ofRecord: .sample(), AsOf(), now: later)
        #expect(record == now)
    }

    @Test("shows what was wanted of accounts and of records for a missed owner")
    func further() async throws {
        var settings = SyncSettings()
        settings.accountOnBooking = [
            FieldRule(field: "Site", type: .text, value: .template("Berlin"), when: .always)
        ]
        settings.fallback.create = [
            FallbackRecord(
                name: "call",
                object: "Task",
                fields: [
                    FieldRule(
                        field: "Subject",
                        type: .text,
                        value: .template("Call"),
                        when: .always
                    )
                ]
            )
        ]
        _ = try await ledger.journal.accept(
            settings,
            for: .everyEventType,
            validity: .fromNow,
            actor: "operator",
            isChecked: false
        )
        let fact = try await ledger.record(
            .confirmed(.sample { $0.schedulingType = "ROUND_ROBIN" })
        )
        let account = PlanOperation.sample(
            .update,
            .account(try await ledger.person()),
            fields: [.sample(cause: fact)],
            cause: fact
        )
        try await ledger.write(account, sealUnder: try await ledger.person())
        let booking = try await state(AsOf())
        #expect(booking.accounts.flatMap(\.fields).map(\.field) == ["Site"])
        #expect(booking.fallbacks.map(\.name) == ["call"])
        let record = try await ledger.audit.state(ofRecord: .sample(), AsOf(), now: later)
        #expect(record.accounts == booking.accounts)
        #expect(record.written.map(\.subject) == [account.subject])
        for word in ["account of ada@acme.example", "Site", "Task 'call' for a missed owner"] {
            #expect(booking.text.contains(word), "'\(word)' is missing")
        }
        #expect(booking.json["accounts"]?.array?.count == 1)
        #expect(booking.json["fallbacks"]?.array?.count == 1)
    }

    @Test("shows what was written for a missed owner under another uid of the appointment")
    func fallbackOfLaterUID() async throws {
        var settings = SyncSettings()
        settings.fallback.create = [FallbackRecord(name: "call", object: "Task", fields: [])]
        _ = try await ledger.journal.accept(
            settings,
            for: .everyEventType,
            validity: .fromNow,
            actor: "operator",
            isChecked: false
        )
        let fact = try await ledger.record(
            .rescheduled(.sample("bk-2", day: 1), from: Predecessor(uid: .sample("bk-1")))
        )
        let made = PlanOperation.sample(
            .create,
            .fallback(.sample("bk-2"), name: "call"),
            fields: [.sample(cause: fact)],
            cause: fact
        )
        try await ledger.write(made, sealUnder: try await ledger.person())
        #expect(try await state(AsOf()).written.map(\.subject) == [made.subject])
    }

    @Test("tells a value that was erased from an empty one that was sent")
    func erased() async throws {
        try await ledger.acceptSettings()
        let fact = try await ledger.record(.confirmed(.sample()))
        try await ledger.write(
            .sample(.create, .event(.sample()), fields: [.sample(cause: fact)], cause: fact),
            to: .sample(1, prefix: "00U"),
            sent: .empty,
            sealUnder: try await ledger.person()
        )
        let line = "    LeadSource" + String(repeating: " ", count: 15)
        let before = try await state(AsOf())
        #expect(before.text.hasSuffix("\(line)(empty)"))
        #expect(before.written.map(\.erased) == [[]])

        try await ledger.journal.erase(.sample(), actor: "operator")
        let after = try await state(AsOf())
        #expect(after.text.hasSuffix("\(line)(erased)"))
        let written = try #require(after.json["written"]?.array?.first)
        #expect(written["fields"]?["LeadSource"] == .null)
        #expect(written["erased"] == .array([.string("LeadSource")]))
    }

    @Test("refuses a position past the end and a time to come, and says what there is")
    func mistakes() async throws {
        try await ledger.acceptSettings()
        let booked = try await ledger.record(.confirmed(.sample()))
        let end = LedgerPosition(try await ledger.journal.head().position)
        #expect(booked <= end)
        let beyond = LedgerPosition(end.rawValue + 1)
        await #expect(throws: AuditError.beyondEnd(beyond, end: end)) {
            _ = try await state(AsOf(position: beyond))
        }
        let future = later.advanced(byMilliseconds: 1)
        for view in [AsOf(occurred: future), AsOf(known: future)] {
            await #expect(throws: AuditError.inFuture(future)) {
                _ = try await state(view)
            }
        }
        #expect("\(AuditError.beyondEnd(beyond, end: end))".contains("1 to \(end.rawValue)"))
    }
}

@Suite("Bisect")
struct BisectionTests {
    let ledger: AuditedLedger

    init() throws { ledger = try AuditedLedger() }

    private func accept(_ value: String, _ validity: SettingsValidity) async throws {
        var settings = SyncSettings()
        settings.attendeeOnBooking = [
            FieldRule(field: "LeadSource", type: .text, value: .template(value), when: .always)
        ]
        _ = try await ledger.journal.accept(
            settings,
            for: .everyEventType,
            validity: validity,
            actor: "operator",
            isChecked: false
        )
    }

    private func write(_ fact: LedgerPosition) async throws {
        try await ledger.write(
            .sample(
                .create,
                try await ledger.contact(),
                fields: [.sample(cause: fact)],
                cause: fact
            ),
            sealUnder: try await ledger.person()
        )
    }

    @Test("names the settings version that first gave the value that is wanted now")
    func version() async throws {
        try await accept("Web", .fromNow)
        let booked = try await ledger.record(.confirmed(.sample()))
        try await write(booked)
        try await accept("Phone", .allHistory)
        try await accept("Phone", .allHistory)
        let found = try await ledger.audit.bisect(record: .sample(), field: "leadsource")
        #expect(found.steps.map(\.version) == [nil, SettingsVersion(2)])
        #expect(found.origin?.version == SettingsVersion(2))
        #expect(found.origin?.after == .value(.text("Phone")))
        #expect(found.origin?.before == .value(.text("Web")))
        #expect(found.text.contains("settings version 2"))
    }

    @Test("names the event that first gave the value, where that was no settings version")
    func event() async throws {
        try await accept("{booking_uid}", .fromNow)
        try await write(try await ledger.record(.confirmed(.sample("bk-1"))))
        let second = try await ledger.record(.confirmed(.sample("bk-2")), minute: 60)
        let found = try await ledger.audit.bisect(record: .sample(), field: "LeadSource")
        #expect(found.origin?.position == second)
        #expect(found.origin?.type == "booking.confirmed")
        #expect(found.origin?.after == .value(.text("bk-2")))
        #expect(found.steps.count == 2)
    }

    @Test("says so when nothing ever asked for the field, or does no more")
    func nothing() async throws {
        try await accept("Web", .fromNow)
        try await write(try await ledger.record(.confirmed(.sample())))
        let never = try await ledger.audit.bisect(record: .sample(), field: "Nonsense__c")
        #expect(never.steps.isEmpty)
        #expect(never.origin == nil)
        _ = try await ledger.journal.accept(
            SyncSettings(),
            for: .everyEventType,
            validity: .allHistory,
            actor: "operator",
            isChecked: false
        )
        let gone = try await ledger.audit.bisect(record: .sample(), field: "LeadSource")
        #expect(gone.origin == nil)
        #expect(gone.steps.count == 2)
    }
}
