import Audit
import Domain
import Journal
import Projection
import TestSupport
import Testing

@Suite("Explain")
struct ExplainTests {
    let ledger: AuditedLedger

    init() throws { ledger = try AuditedLedger() }

    /// Accepts settings, takes a booking in and writes `LeadSource` of its booker's contact.
    private func writeLeadSource(seen: FieldValue = .text("Web")) async throws -> LedgerPosition {
        try await ledger.acceptSettings()
        let fact = try await ledger.record(.confirmed(.sample()))
        try await ledger.write(
            .sample(
                .create,
                try await ledger.contact(),
                fields: [.sample(cause: fact)],
                cause: fact
            ),
            seen: seen,
            sealUnder: try await ledger.person()
        )
        return fact
    }

    @Test("names value, booking, rule, settings and run of a value that was written")
    func written() async throws {
        let fact = try await writeLeadSource()
        let told = try await ledger.audit.explain(
            record: .sample(),
            field: "LeadSource",
            live: .string("Web")
        )
        let expected = try JSON(
            parsing: """
                {"record":"003000000000001AAA","object":"Contact","field":"LeadSource",\
                "outcome":"written","value":"Web","live":"Web","isLiveKnown":true,\
                "reason":"first-claim","words":"\(Reason.firstClaim.words.text)",\
                "rule":"default/onBooking/attendee/LeadSource","settingsVersion":1,\
                "cause":{"position":\(fact.rawValue),"type":"booking.confirmed",\
                "occurred":"2026-11-03T14:00:00.000Z","booking":"bk-1"},"run":"run-1",\
                "written":"2026-11-03T14:00:00.000Z","receipt":4,"seen":"Web","before":"Phone",\
                "owned":true,"held":null,"formed":{"source":"Web","type":"text",\
                "when":"always","inputs":[]},"plan":null,"intent":3,\
                "request":"call-1"}
                """
        )
        #expect(told.json == expected)
        #expect(
            told.text == """
                Contact 003000000000001AAA, LeadSource

                  value        Web
                  now          Web (as Daybook left it)
                  before       Phone
                  written      2026-11-03T14:00:00Z, run run-1
                  why          first-claim: \(Reason.firstClaim.words.meaning)
                  rule         default/onBooking/attendee/LeadSource, settings version 1
                  cause        event 2, booking.confirmed, 2026-11-03T14:00:00Z, booking bk-1
                  formed from  Web (text, always)
                  request      call-1

                """
        )
    }

    /// What Salesforce says now, and how that compares with what Daybook left.
    static let lives: [(seen: FieldValue, live: JSON, words: String)] = [
        (.text("Web"), .string("Web"), "Web (as Daybook left it)"),
        (.text("Web"), .string("Partner"), "Partner (changed since)"),
        (.text("Web"), .null, "(empty) (changed since)"),
        (.text("WEB"), .string("WEB"), "WEB (as Daybook left it)"),
        (
            .instant(.minute(0)), .string("2026-11-03T14:00:00.000+0000"),
            "2026-11-03T14:00:00.000+0000 (as Daybook left it)"
        ),
    ]

    @Test("compares what Salesforce says now with what was seen", arguments: lives)
    func compares(example: (seen: FieldValue, live: JSON, words: String)) async throws {
        _ = try await writeLeadSource(seen: example.seen)
        let told = try await ledger.audit.explain(
            record: .sample(),
            field: "LeadSource",
            live: example.live
        )
        #expect(told.text.contains("now          \(example.words)\n"))
    }

    @Test("takes ids of 15 characters and names in any letter case")
    func spelling() async throws {
        _ = try await writeLeadSource()
        let short = try #require(SalesforceID("003000000000001"))
        let told = try await ledger.audit.explain(record: short, field: "leadsource", live: nil)
        #expect(told.record == .sample())
        #expect(told.field == "LeadSource")
        #expect(told.value == .string("Web"))
        #expect(told.json["isLiveKnown"] == .bool(false))
    }

    @Test("says why a value that was written is not written again")
    func heldAfterwards() async throws {
        let fact = try await writeLeadSource()
        ledger.kept.clock.advance(bySeconds: 600)
        let field = PlannedField.sample(.hold, .editedByOther, cause: fact)
        try await ledger.settle(
            .sample(.hold, try await ledger.contact(), fields: [field], cause: fact)
        )
        let told = try await ledger.audit.explain(record: .sample(), field: "LeadSource", live: nil)
        #expect(told.outcome == .written)
        #expect(told.reason == .editedByOther)
        #expect(told.value == .string("Web"))
        #expect(told.hold?.since == .minute(10))
        #expect(told.text.contains("Not written since 2026-11-03T14:10:00Z:\n"))
    }

    /// What one run a minute decided for the first or the second booking, and since when the last
    /// decision stands.
    static let decisions: [(steps: [(reason: Reason, booking: Int)], since: Int)] = [
        ([(.notEmpty, 0)], 1),
        ([(.notEmpty, 0), (.notEmpty, 1)], 1),
        ([(.preExisting, 0), (.notEmpty, 0), (.notEmpty, 1)], 2),
        ([(.notEmpty, 0), (.emptiedByOther, 1), (.notEmpty, 1)], 3),
        ([(.notEmpty, 0), (.agreed, 0), (.notEmpty, 0)], 3),
    ]

    @Test("says since when the reason stands, and which booking asked last", arguments: decisions)
    func since(example: (steps: [(reason: Reason, booking: Int)], since: Int)) async throws {
        try await ledger.acceptSettings()
        let facts = [
            try await ledger.record(.confirmed(.sample())),
            try await ledger.record(.confirmed(.sample("bk-2", day: 3))),
        ]
        let contact = try await ledger.contact()
        for (reason, booking) in example.steps {
            ledger.kept.clock.advance(bySeconds: 60)
            let isHeld = reason != .agreed
            let cause = facts[booking]
            let field = PlannedField.sample(isHeld ? .hold : .adopt, reason, cause: cause)
            let kind: PlanOperation.Kind = isHeld ? .hold : .unchanged
            try await ledger.settle(.sample(kind, contact, fields: [field], cause: cause))
        }
        let told = try await ledger.audit.explain(record: .sample(), field: "LeadSource", live: nil)
        let hold = try #require(told.hold)
        #expect(hold.since == .minute(example.since))
        #expect(hold.cause?.position == facts[example.steps[example.steps.count - 1].booking])
    }

    @Test("says since when a value that was written is held, not since when one was before")
    func heldAgain() async throws {
        try await ledger.acceptSettings()
        let fact = try await ledger.record(.confirmed(.sample()))
        let next = try await ledger.record(.confirmed(.sample("bk-2", day: 3)))
        let contact = try await ledger.contact()
        let first = PlannedField.sample(.hold, .conflict, cause: fact)
        try await ledger.settle(.sample(.hold, contact, fields: [first], cause: fact))
        try await ledger.write(
            .sample(.update, contact, fields: [.sample(cause: fact)], cause: fact)
        )
        ledger.kept.clock.advance(bySeconds: 60)
        let second = PlannedField.sample(.hold, .conflict, cause: next)
        try await ledger.settle(.sample(.hold, contact, fields: [second], cause: next))
        let told = try await ledger.audit.explain(record: .sample(), field: "LeadSource", live: nil)
        #expect(told.hold?.since == .minute(1))
    }

    @Test("forgets a hold once the field was written")
    func released() async throws {
        try await ledger.acceptSettings()
        let fact = try await ledger.record(.confirmed(.sample()))
        let contact = try await ledger.contact()
        let held = PlannedField.sample(.hold, .notEmpty, cause: fact)
        try await ledger.settle(.sample(.hold, contact, fields: [held], cause: fact))
        try await ledger.write(
            .sample(.update, contact, fields: [.sample(cause: fact)], cause: fact)
        )
        let told = try await ledger.audit.explain(record: .sample(), field: "LeadSource", live: nil)
        #expect(told.hold == nil)
        #expect(told.reason == .firstClaim)
    }

    @Test("says of a field that was never written what stands against it and what to change")
    func held() async throws {
        try await ledger.acceptSettings()
        let fact = try await ledger.record(.confirmed(.sample()))
        let field = PlannedField.sample(
            .hold,
            .inactivePicklistValue,
            cause: fact,
            detail: "'Web' is not active"
        )
        try await ledger.settle(
            .sample(.hold, try await ledger.contact(), fields: [field], cause: fact)
        )
        let told = try await ledger.audit.explain(record: .sample(), field: "LeadSource", live: nil)
        #expect(told.outcome == .held)
        #expect(!told.isOwned)
        #expect(told.value == nil)
        #expect(told.rule == "default/onBooking/attendee/LeadSource")
        #expect(told.cause?.booking == .sample())
        #expect(told.run == "run-2")
        let hold = try #require(told.json["held"])
        #expect(hold["reason"] == .string("inactive-picklist-value"))
        #expect(hold["nextStep"] == .text(Reason.inactivePicklistValue.words.nextStep))
        #expect(hold["detail"] == .string("'Web' is not active"))
    }

    @Test("says of a value that stood there already that it was taken over")
    func adopted() async throws {
        try await ledger.acceptSettings()
        let fact = try await ledger.record(.confirmed(.sample()))
        let field = PlannedField.sample(.adopt, .agreed, cause: fact)
        try await ledger.settle(
            .sample(.unchanged, try await ledger.contact(), fields: [field], cause: fact)
        )
        let told = try await ledger.audit.explain(record: .sample(), field: "LeadSource", live: nil)
        #expect(told.outcome == .adopted)
        #expect(told.reason == .agreed)
        #expect(told.isOwned)
        #expect(told.cause?.position == fact)
    }

    /// A field that Daybook has not touched, and what is said of it.
    static let untouched: [(field: FieldName, words: String)] = [
        ("Title", "Daybook does not own this field: no rule names it"),
        ("Cancelled__c", "default/onCancellation/attendee/Cancelled__c names it"),
    ]

    @Test(
        "tells a field that no rule names from one that no event called for",
        arguments: untouched
    )
    func never(example: (field: FieldName, words: String)) async throws {
        _ = try await writeLeadSource()
        let told = try await ledger.audit.explain(
            record: .sample(),
            field: example.field,
            live: nil
        )
        #expect(told.outcome == .never)
        #expect(told.reason == .noOpinion)
        #expect(told.words.contains(example.words))
    }

    /// A record to which a field was never written, the rules that name it, and what is said.
    struct Silent: CustomTestStringConvertible {
        var testDescription: String
        /// Whose record it is; nil for the event record.
        var email: String? = "ada@acme.example"
        var scope = SettingsScope.everyEventType
        var isAcceptedFirst = true
        var isMade = true
        /// Settings that were accepted before the booking, and replaced since.
        var earlier: (@Sendable (inout SyncSettings) -> Void)?
        var settings: @Sendable (inout SyncSettings) -> Void
        var rule: String?
        var words: String
    }

    private static let rules = [
        FieldRule(field: "Demo_Type__c", type: .text, value: .template("Web"), when: .always)
    ]

    static let silences = [
        Silent(
            testDescription: "a guest's contact, and a rule for bookers",
            email: "bo@acme.example",
            settings: { $0.attendeeOnBooking = rules },
            rule: "default/onBooking/attendee/Demo_Type__c",
            words: "write only to the booker's record, and this person came as a guest"
        ),
        Silent(
            testDescription: "a contact, and a rule for event records",
            settings: { $0.eventRecordOnBooking = rules },
            rule: nil,
            words: """
                Daybook never writes this field on this record: the rule that writes it, \
                default/onBooking/eventRecord/Demo_Type__c, is for event records.
                """
        ),
        Silent(
            testDescription: "a guest's contact, and rules for accounts and fallback records",
            email: "bo@acme.example",
            settings: { settings in
                settings.accountOnBooking = rules
                settings.fallback.create = [
                    FallbackRecord(name: "missed", object: "Task", fields: rules)
                ]
            },
            rule: nil,
            words: "are for accounts and records of bookings that nobody was routed to."
        ),
        Silent(
            testDescription: "an event record, and a rule for attendees",
            email: nil,
            settings: { $0.attendeeOnBooking = rules },
            rule: nil,
            words: "default/onBooking/attendee/Demo_Type__c, is for attendees' records."
        ),
        Silent(
            testDescription: "a rule for another event type",
            scope: .eventType(EventTypeID(5)),
            settings: { $0.attendeeOnBooking = rules },
            rule: "eventTypes/5/onBooking/attendee/Demo_Type__c",
            words: "names it, and other settings, the default ones, read the bookings"
        ),
        Silent(
            testDescription: "a value for records that Daybook makes, and one that it found",
            isMade: false,
            settings: { $0.creationDefaults = [.contact: ["Demo_Type__c": .text("Web")]] },
            rule: "default/creationDefaults",
            words: "gives it to records that Daybook makes, and this one was there before"
        ),
        Silent(
            testDescription: "a rule that was accepted after the booking",
            isAcceptedFirst: false,
            settings: { $0.attendeeOnBooking = rules },
            rule: "default/onBooking/attendee/Demo_Type__c",
            words: "accept the settings again with '--effective all'"
        ),
        Silent(
            testDescription: "a rule that was accepted after the booking, which a default names",
            isAcceptedFirst: false,
            isMade: false,
            earlier: { $0.creationDefaults = [.contact: ["Demo_Type__c": .text("Web")]] },
            settings: { $0.attendeeOnBooking = rules },
            rule: "default/onBooking/attendee/Demo_Type__c",
            words: "accept the settings again with '--effective all'"
        ),
        Silent(
            testDescription: "a value for new leads, and a contact",
            settings: { $0.creationDefaults = [.lead: ["Demo_Type__c": .text("Web")]] },
            rule: nil,
            words: "default/creationDefaults, is for new records of Lead."
        ),
        Silent(
            testDescription: "a rule for a form that the guest has not answered",
            email: "bo@acme.example",
            settings: { $0.forms.submitted = rules },
            rule: "default/onForm/submitted/Demo_Type__c",
            words: "and no booking event of this record called for it yet"
        ),
    ]

    @Test("says why a field was never written to a record of this kind", arguments: silences)
    func silent(example: Silent) async throws {
        try await ledger.acceptSettings()
        if let earlier = example.earlier { try await accept(earlier, for: example.scope) }
        if example.isAcceptedFirst { try await accept(example.settings, for: example.scope) }
        let attendees = ["ada@acme.example", "bo@acme.example"]
        let fact = try await ledger.record(.confirmed(.sample(attendees: attendees)))
        if !example.isAcceptedFirst { try await accept(example.settings, for: example.scope) }
        var subject = RecordSubject.event(.sample())
        if let email = example.email { subject = try await ledger.contact(email) }
        let kind: PlanOperation.Kind = example.isMade ? .create : .update
        try await ledger.write(.sample(kind, subject, cause: fact))
        let told = try await ledger.audit.explain(
            record: .sample(),
            field: "demo_type__C",
            live: nil
        )
        #expect(told.outcome == .never)
        #expect(told.rule == example.rule)
        #expect(told.words.contains(example.words), "\(told.words)")
    }

    private func accept(
        _ change: (inout SyncSettings) -> Void,
        for scope: SettingsScope
    ) async throws {
        var settings = SyncSettings()
        change(&settings)
        _ = try await ledger.journal.accept(
            settings,
            for: scope,
            validity: .fromNow,
            actor: "operator",
            isChecked: false
        )
    }

    @Test("takes the rule of a field from the stored plan where no event tells it")
    func planned() async throws {
        try await ledger.acceptSettings()
        let fact = try await ledger.record(.confirmed(.sample()))
        let contact = try await ledger.contact()
        let field = PlannedField.sample(.adopt, .agreed, cause: fact)
        let plan = try JSON(
            parsing: """
                {"operations":[{"operation":"\(contact.name)","fields":[\
                {"field":"LeadSource","rule":"default/onBooking/attendee/LeadSource",\
                "version":1}]}]}
                """
        )
        try await ledger.journal.note(run: "run-2", "planned", summary: .object([]), plan: plan)
        try await ledger.settle(.sample(.unchanged, contact, fields: [field], cause: fact))
        let told = try await ledger.audit.explain(record: .sample(), field: "LeadSource", live: nil)
        #expect(told.rule == "default/onBooking/attendee/LeadSource")
        #expect(told.settingsVersion == SettingsVersion(1))
        #expect(told.run == "run-2")
    }

    @Test("names the template and the answers that a value was formed from")
    func formed() async throws {
        var settings = SyncSettings()
        settings.attendeeOnBooking = [
            FieldRule(
                field: "LeadSource",
                type: .text,
                value: .template("{budget} of {attendee_name}, {nothing}"),
                when: .whenEmpty
            )
        ]
        _ = try await ledger.journal.accept(
            settings,
            for: .everyEventType,
            validity: .fromNow,
            actor: "operator",
            isChecked: false
        )
        let booking = Booking.sample { $0.answers = ["budget": .text("2k")] }
        let fact = try await ledger.record(.confirmed(booking))
        try await ledger.write(
            .sample(
                .create,
                try await ledger.contact(),
                fields: [.sample(cause: fact)],
                cause: fact
            ),
            sealUnder: try await ledger.person()
        )
        let told = try await ledger.audit.explain(record: .sample(), field: "LeadSource", live: nil)
        let formed = try #require(told.formed)
        #expect(formed.source == "{budget} of {attendee_name}, {nothing}")
        #expect(formed.when == .whenEmpty)
        #expect(formed.inputs.map(\.name) == ["budget", "attendee_name", "nothing"])
        #expect(formed.inputs.map(\.answer) == ["2k", "Ada Park", nil])
    }

    @Test("names every writer of a record, and whether its last change was Daybook's own")
    func writers() async throws {
        let fact = try await writeLeadSource()
        for (run, version) in [("run-2", 1), ("run-3", 2), ("run-4", 2)] {
            ledger.kept.clock.advance(bySeconds: 600)
            var field = PlannedField.sample(cause: fact)
            field.version = SettingsVersion(version)
            try await ledger.write(
                .sample(.update, try await ledger.contact(), fields: [field], cause: fact),
                run: run
            )
        }
        var told = try await ledger.audit.writers(of: .sample())
        #expect(told.fields.map(\.field) == ["LeadSource"])
        #expect(told.fields.map(\.writes) == [4])
        let writers = told.fields.flatMap(\.writers)
        #expect(writers.map(\.run) == ["run-4", "run-2"])
        #expect(writers.map(\.writes) == [2, 2])
        #expect(writers.map { $0.version?.rawValue } == [2, 1])
        #expect(told.text.contains("before: 2 times"))
        #expect(told.isOurs)
        told.take(lastChangeBy: "Mara Admin", at: .minute(1))
        #expect(told.lastChange?.isOurs == true)
        told.take(lastChangeBy: "Mara Admin", at: .minute(2))
        #expect(told.lastChange?.isOurs == false)
        #expect(told.text.contains("Mara Admin"))
        await #expect(throws: AuditError.unknownRecord(.sample(404))) {
            _ = try await ledger.audit.writers(of: .sample(404))
        }
    }

    @Test("says of a booking without an event record why there is none")
    func whyNot() async throws {
        try await ledger.record(.confirmed(.sample()))
        let told = try await ledger.audit.standing(ofBooking: .sample())
        #expect(told.eventRecords.isEmpty)
        #expect(told.text.contains("no settings"))
        await #expect(throws: AuditError.unknownBooking(.sample("other"))) {
            _ = try await ledger.audit.standing(ofBooking: .sample("other"))
        }
    }

    @Test("says what to do about a record that it does not know")
    func unknown() async throws {
        await #expect(throws: AuditError.unknownRecord(.sample(404))) {
            try await ledger.audit.explain(record: .sample(404), field: "LeadSource", live: nil)
        }
    }
}
