import Audit
import Domain
import Journal
import TestSupport
import Testing

@Suite("Trace")
struct TraceTests {
    let ledger: AuditedLedger

    init() throws { ledger = try AuditedLedger() }

    // MARK: What happened

    /// A fact and how it reads in a trace.
    struct Telling: CustomTestStringConvertible {
        var testDescription: String
        var fact: BookingFact
        var text: String
    }

    static let tellings = [
        Telling(
            testDescription: "a booking with who, what, when and with whom",
            fact: .confirmed(.sample()),
            text: """
                Ada Park <ada@acme.example> booked 'Demo' for 2026-11-04 14:00–14:30 UTC with \
                Hannah Ito <hannah@daybook.example>
                """
        ),
        Telling(
            testDescription: "a reschedule with both times and who moved it",
            fact: .rescheduled(
                .sample(day: 2),
                from: Predecessor(
                    uid: .sample("bk-0"),
                    slot: .sample(minute: 24 * 60),
                    movedBy: .sample()
                )
            ),
            text: """
                rescheduled from 2026-11-04 14:00–14:30 UTC (booking bk-0) to \
                2026-11-05 14:00–14:30 UTC by ada@acme.example
                """
        ),
        Telling(
            testDescription: "a cancellation with who and why",
            fact: .cancelled(
                .sample(),
                Cancellation(kind: .booking, reason: "on holiday", cancelledBy: .sample())
            ),
            text: "cancelled by ada@acme.example, reason: on holiday"
        ),
        Telling(
            testDescription: "a request that the host has to confirm",
            fact: .requested(.sample(), replacing: nil),
            text: """
                Ada Park <ada@acme.example> asked for 'Demo' for 2026-11-04 14:00–14:30 UTC with \
                Hannah Ito <hannah@daybook.example>; a host has to confirm it
                """
        ),
        Telling(
            testDescription: "a no-show with who and how it was marked",
            fact: .attendance(.sample()),
            text: "ada@acme.example marked as no-show, by hand"
        ),
        Telling(
            testDescription: "a payment with its price",
            fact: .paid(
                .sample(),
                Payment(isComplete: true, amount: 15_005, currency: "usd", number: 1)
            ),
            text: "a payment of 150.05 USD was made"
        ),
    ]

    @Test("tells every fact in one plain line", arguments: tellings)
    func tells(telling: Telling) async throws {
        try await ledger.record(telling.fact)
        let report = try await ledger.audit.trace(booking: .sample())
        #expect(report.entries.map(\.text) == [telling.text])
    }

    @Test("shows the whole chain of reschedules, whichever uid is asked for", arguments: 1...3)
    func chain(number: Int) async throws {
        try await ledger.record(.confirmed(.sample("bk-1")))
        for next in 2...3 {
            let from = Predecessor(uid: .sample("bk-\(next - 1)"))
            try await ledger.record(.rescheduled(.sample("bk-\(next)"), from: from), minute: next)
        }
        let report = try await ledger.audit.trace(booking: .sample("bk-\(number)"))
        #expect(report.uids.map(\.rawValue) == ["bk-1", "bk-2", "bk-3"])
        #expect(report.entries.map(\.position.rawValue) == [1, 2, 3])
        #expect(report.entries.map { $0.uid?.rawValue } == ["bk-1", "bk-2", "bk-3"])
    }

    @Test("orders settings, facts, writes, links and runs as they were recorded")
    func order() async throws {
        try await ledger.acceptSettings()
        let fact = try await ledger.record(.confirmed(.sample()))
        try await ledger.journal.note(run: "run-1", "started", summary: .object([]))
        let field = PlannedField.sample(cause: fact)
        try await ledger.write(
            .sample(.create, try await ledger.contact(), fields: [field], cause: fact)
        )
        try await ledger.journal.note(run: "run-1", "finished", summary: .object([]))

        let report = try await ledger.audit.trace(booking: .sample())
        #expect(
            report.entries.map(\.type) == [
                "settings.changed", "booking.confirmed", "run.started", "write.intended",
                "write.confirmed", "record.created", "run.finished",
            ]
        )
        #expect(
            report.entries.first?.text
                == "settings version 1 for all event types accepted; interprets event 2"
        )
        #expect(report.entries.first?.actor == "operator")
        #expect(report.entries[4].text == "created contact 003000000000001AAA with LeadSource")
        #expect(report.records.map(\.record) == [.sample()])
    }

    @Test("leaves out what other bookings did to a record that both share")
    func others() async throws {
        let first = try await ledger.record(.confirmed(.sample("bk-1")))
        let second = try await ledger.record(.confirmed(.sample("bk-2", day: 3)), minute: 5)
        let contact = try await ledger.contact()
        try await ledger.write(
            .sample(.create, contact, fields: [.sample(cause: first)], cause: first)
        )
        try await ledger.write(
            .sample(
                .update,
                contact,
                fields: [.sample(cause: second)],
                cause: second,
                appointment: "bk-2"
            ),
            run: "run-2"
        )
        let report = try await ledger.audit.trace(booking: .sample("bk-2"))
        #expect(
            report.entries.map(\.type) == [
                "booking.confirmed", "record.created", "write.intended", "write.confirmed",
            ]
        )
    }

    @Test("marks what holds personal data, and keeps it out of the details and notes")
    func personal() async throws {
        let fact = try await ledger.record(.confirmed(.sample()))
        let contact = try await ledger.contact()
        try await ledger.write(
            .sample(.create, contact, fields: [.sample(cause: fact)], cause: fact)
        )
        let report = try await ledger.audit.trace(booking: .sample())
        #expect(report.entries.map(\.isPersonal) == [true, false, false, false])
        for entry in report.entries {
            #expect(!entry.details.text.contains("ada"))
            #expect(entry.isPersonal || !entry.text.contains("ada"))
        }
        #expect(!report.notes.joined().contains("ada"))
    }

    // MARK: What stands out

    /// A history and what its trace says about the event record.
    struct Standing: CustomTestStringConvertible {
        var testDescription: String
        var facts: [BookingFact]
        var hasSettings = true
        var note: String
    }

    static let standings = [
        Standing(
            testDescription: "no settings",
            facts: [.confirmed(.sample())],
            hasSettings: false,
            note: """
                Event type 88231 has no settings and there are no default ones: nothing is \
                written; run 'daybook settings import FILE --event-type 88231 --effective all'.
                """
        ),
        Standing(
            testDescription: "a request that waits for the host",
            facts: [.requested(.sample(), replacing: nil)],
            note: """
                There is no event record. The booking waits for its host, and nothing is shown \
                before. Confirm it at Cal.com.
                """
        ),
        Standing(
            testDescription: "a request that was declined",
            facts: [.requested(.sample(), replacing: nil), .rejected(.sample(), reason: nil)],
            note: "There is no event record. The host declined the booking."
        ),
        Standing(
            testDescription: "a booking that no run has looked at",
            facts: [.confirmed(.sample())],
            note: """
                There is no event record yet: no run has dealt with the newest event. Run \
                'daybook plan' to see what is to be done, then 'daybook reconcile'.
                """
        ),
        Standing(
            testDescription: "a booking cancelled before any run",
            facts: [.confirmed(.sample()), .cancelled(.sample(), Cancellation(kind: .booking))],
            note: """
                There is no event record. The booking was cancelled before one was made, and a \
                cancelled booking gets none; 'onCancellation.eventRecord', which says what becomes \
                of one that is there, is 'delete' in settings version 1.
                """
        ),
        Standing(
            testDescription: "an attendance report without its booking",
            facts: [.attendance(.sample())],
            note: """
                There is no event record. What the booking is about is not known: its first \
                delivery is missing. Ingest that delivery with 'daybook ingest FILE'.
                """
        ),
    ]

    @Test("says why there is no event record", arguments: standings)
    func standing(example: Standing) async throws {
        if example.hasSettings { try await ledger.acceptSettings() }
        for (minute, fact) in example.facts.enumerated() {
            try await ledger.record(fact, minute: minute)
        }
        let report = try await ledger.audit.trace(booking: .sample())
        #expect(report.notes == [example.note])
    }

    @Test("says that settings came too late for a booking, and how to let them reach back")
    func lateSettings() async throws {
        try await ledger.record(.confirmed(.sample()))
        try await ledger.acceptSettings()
        let report = try await ledger.audit.trace(booking: .sample())
        #expect(report.notes.count == 1)
        #expect(report.notes[0].contains("--effective all"))
    }

    @Test("says of an event record that is there only what a run has still to do")
    func present() async throws {
        try await ledger.acceptSettings()
        let fact = try await ledger.record(.confirmed(.sample()))
        let record = SalesforceID.sample(1, prefix: "00U")
        try await ledger.write(.sample(.create, .event(.sample()), cause: fact), to: record)
        let waiting = try await ledger.audit.trace(booking: .sample())
        #expect(waiting.notes.count == 1)
        #expect(waiting.notes[0].hasPrefix("No run has dealt with the newest event yet."))

        let appointment = AppointmentID(root: .sample())
        try await ledger.journal.settle([appointment], readAt: fact)
        let report = try await ledger.audit.trace(booking: .sample())
        #expect(report.notes.isEmpty)
        #expect(report.text.contains("event record \(record.rawValue): made by Daybook\n"))
    }

    @Test("says that somebody else deleted the event record, and that it stays so")
    func deleted() async throws {
        try await ledger.acceptSettings()
        let fact = try await ledger.record(.confirmed(.sample()))
        let record = SalesforceID.sample(1, prefix: "00U")
        try await ledger.write(.sample(.create, .event(.sample()), cause: fact), to: record)
        try await ledger.settle(
            .sample(.hold, .event(.sample()), record: record, reason: .deletedByOther, cause: fact)
        )
        let report = try await ledger.audit.trace(booking: .sample())
        #expect(report.entries.contains { $0.type == "record.deleted-by-other" })
        let words = Reason.deletedByOther.words.text
        let noticed = "as was noticed at 2026-11-03T14:00:00Z, run run-2"
        #expect(report.notes == ["The event record is gone, \(noticed). \(words)"])
    }

    @Test(
        "tells of the record that was found deleted last, where an appointment had several",
        arguments: [["bk-1", "bk-2"], ["bk-2", "bk-1"]]
    )
    func severalDeleted(order: [String]) async throws {
        try await ledger.acceptSettings()
        let first = try await ledger.record(.confirmed(.sample("bk-1")))
        let second = try await ledger.record(
            .rescheduled(.sample("bk-2", day: 1), from: Predecessor(uid: .sample("bk-1"))),
            minute: 1
        )
        let records = [
            "bk-1": (SalesforceID.sample(1, prefix: "00U"), first),
            "bk-2": (SalesforceID.sample(2, prefix: "00U"), second),
        ]
        for (uid, (record, cause)) in records {
            let subject = RecordSubject.event(.sample(uid))
            try await ledger.write(.sample(.create, subject, cause: cause), to: record)
        }
        for (number, uid) in order.enumerated() {
            let (record, cause) = try #require(records[uid])
            try await ledger.settle(
                .sample(
                    .hold,
                    .event(.sample(uid)),
                    record: record,
                    reason: .deletedByOther,
                    cause: cause
                ),
                run: "run-\(number + 2)"
            )
        }
        let report = try await ledger.audit.trace(booking: .sample("bk-2"))
        #expect(report.notes.count == 1)
        #expect(report.notes.first?.contains(", run run-3. ") == true)
    }

    @Test("does not blame somebody else for what a run deleted because another was undone")
    func undone() async throws {
        try await ledger.acceptSettings()
        let fact = try await ledger.record(.confirmed(.sample()))
        let (event, record) = (
            RecordSubject.event(.sample()), SalesforceID.sample(1, prefix: "00U")
        )
        try await ledger.write(.sample(.create, event, cause: fact), to: record)
        try await ledger.write(
            .sample(.delete, event, record: record, reason: .undone, cause: fact),
            to: record,
            run: "run-2"
        )
        let report = try await ledger.audit.trace(booking: .sample())
        #expect(
            report.notes == [
                """
                The event record is gone: Daybook deleted it at 2026-11-03T14:00:00Z, run run-2. \
                \(Reason.undone.words.text)
                """
            ]
        )
    }

    @Test("says why, when and in which run Daybook deleted the event record itself")
    func deletedByDaybook() async throws {
        try await ledger.acceptSettings()
        try await ledger.record(.confirmed(.sample()))
        let cancelled = BookingFact.cancelled(.sample(), Cancellation(kind: .booking))
        let fact = try await ledger.record(cancelled, minute: 5)
        let (event, record) = (
            RecordSubject.event(.sample()), SalesforceID.sample(1, prefix: "00U")
        )
        try await ledger.write(.sample(.create, event, cause: fact), to: record)
        ledger.kept.clock.advance(bySeconds: 600)
        try await ledger.write(
            .sample(.delete, event, record: record, reason: .bookingCancelled, cause: fact),
            to: record,
            run: "run-2"
        )
        // What is accepted later says nothing of what was done before.
        _ = try await ledger.journal.accept(
            SyncSettings(),
            for: .eventType(EventTypeID(88_231)),
            validity: .allHistory,
            actor: "operator",
            isChecked: false
        )
        let told = try await ledger.audit.standing(ofBooking: .sample())
        #expect(
            told.notes == [
                """
                The event record is gone: Daybook deleted it at 2026-11-03T14:10:00Z, run run-2. \
                The booking was cancelled, and 'onCancellation.eventRecord' is 'delete' in settings \
                version 1.
                """
            ]
        )
    }

    @Test("says since when an attendee has no record, as far as plans tell")
    func withoutRecord() async throws {
        try await ledger.acceptSettings()
        try await ledger.record(.confirmed(.sample()))
        let contact = try await ledger.contact()
        for (number, reason) in [Reason.creationOff, .ambiguous, .ambiguous].enumerated() {
            let plan = try JSON(
                parsing: """
                    {"operations":[{"operation":"\(contact.name)","kind":"hold",\
                    "reason":"\(reason.rawValue)"}]}
                    """
            )
            let run = "run-\(number)"
            try await ledger.journal.note(run: run, "planned", summary: .object([]), plan: plan)
            ledger.kept.clock.advance(bySeconds: 60)
        }
        let told = try await ledger.audit.standing(ofBooking: .sample())
        let note = """
            \(contact.name) has no record since 2026-11-03T14:01:00Z, run run-1. \
            \(Reason.ambiguous.words.text)
            """
        #expect(told.notes.contains(note), "\(told.notes)")
    }

    @Test("tells what Salesforce refused and when it is tried again")
    func failure() async throws {
        try await ledger.acceptSettings()
        let fact = try await ledger.record(.confirmed(.sample()))
        try await ledger.refuse(
            .sample(.create, .event(.sample()), cause: fact),
            code: "UNABLE_TO_LOCK_ROW",
            nextTry: .minute(3)
        )
        let report = try await ledger.audit.trace(booking: .sample())
        let entry = try #require(report.entries.last)
        #expect(
            entry.text == """
                could not create a new event record: UNABLE_TO_LOCK_ROW at LeadSource (Another \
                transaction held the record, or the account above it), attempt 2; \
                next try 2026-11-03T14:03:00Z
                """
        )
        #expect(report.notes.count == 1)
        #expect(report.notes[0].contains("UNABLE_TO_LOCK_ROW at LeadSource, tried 2 times."))
    }

    // MARK: Records and people

    @Test("shows of a record the writes to it and the facts behind them")
    func record() async throws {
        let fact = try await ledger.record(.confirmed(.sample()))
        try await ledger.record(.confirmed(.sample("bk-9", attendees: ["bob@other.example"])))
        let contact = try await ledger.contact()
        try await ledger.write(
            .sample(.create, contact, fields: [.sample(cause: fact)], cause: fact)
        )
        let report = try await ledger.audit.trace(record: .sample())
        #expect(
            report.entries.map(\.type) == [
                "booking.confirmed", "write.intended", "write.confirmed", "record.created",
            ]
        )
        #expect(report.appointments.map(\.root) == [.sample()])
    }

    @Test("still tells of a record that was replaced by another one, and keeps both apart")
    func replaced() async throws {
        let fact = try await ledger.record(.confirmed(.sample()))
        let contact = try await ledger.contact()
        let (old, new) = (SalesforceID.sample(1), SalesforceID.sample(2))
        for record in [old, new] {
            try await ledger.write(
                .sample(
                    .update,
                    contact,
                    record: record,
                    fields: [.sample(cause: fact)],
                    cause: fact
                ),
                to: record
            )
        }
        for record in [old, new] {
            let report = try await ledger.audit.trace(record: record)
            let named = Set(report.entries.compactMap { $0.details["record"]?.string })
            #expect(named == [record.rawValue])
        }
    }

    @Test("knows a record of which only a failed write is known")
    func failedOnly() async throws {
        let fact = try await ledger.record(.confirmed(.sample()))
        let operation = PlanOperation.sample(.update, try await ledger.contact(), cause: fact)
        try await ledger.refuse(operation, code: "FIELD_CUSTOM_VALIDATION_EXCEPTION", nextTry: nil)
        let report = try await ledger.audit.trace(record: .sample())
        #expect(report.entries.map(\.type).contains("write.failed"))
    }

    @Test("shows of a person all appointments and records")
    func person() async throws {
        let fact = try await ledger.record(.confirmed(.sample("bk-1")))
        try await ledger.record(.confirmed(.sample("bk-2", day: 3)), minute: 5)
        try await ledger.record(.confirmed(.sample("bk-9", attendees: ["bob@other.example"])))
        try await ledger.write(.sample(.create, try await ledger.contact(), cause: fact))
        let report = try await ledger.audit.trace(person: .sample())
        #expect(report.appointments.map(\.root.rawValue) == ["bk-1", "bk-2"])
        #expect(report.records.map(\.record) == [.sample()])
        #expect(report.entries.count == 5)
        #expect(!report.json.text.contains("bob@other.example"))
    }

    @Test("says what to do about something that the ledger does not know")
    func unknown() async throws {
        await #expect(throws: AuditError.unknownBooking(.sample("bk-404"))) {
            try await ledger.audit.trace(booking: .sample("bk-404"))
        }
        await #expect(throws: AuditError.unknownRecord(.sample(404))) {
            try await ledger.audit.trace(record: .sample(404))
        }
        await #expect(throws: AuditError.unknownPerson) {
            try await ledger.audit.trace(person: .sample("nobody@acme.example"))
        }
        let errors: [AuditError] = [
            .unknownBooking(.sample()), .unknownRecord(.sample()), .unknownPerson,
        ]
        for error in errors { #expect("\(error)".contains("'daybook ")) }
    }
}
