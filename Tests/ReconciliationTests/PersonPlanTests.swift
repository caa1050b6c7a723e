import Domain
import Reconciliation
import Testing

@Suite("Plan for people's records")
struct PersonPlanTests {
    /// Ada's contact as the org shows it, linked to her.
    private static func input(
        _ fields: [FieldName: FieldValue],
        isOurs: Bool = true
    ) -> PlanningInput {
        var input = PlanningInput.sample()
        input.directory.show(.contact(1, fields))
        input.link(.person(.contact(1), isOurs: isOurs))
        return input
    }

    private static func written(_ operation: PlanOperation) -> [FieldName: OutgoingValue] {
        operation.written.reduce(into: [:]) { $0[$1.field] = $1.desired }
    }

    @Test("creates a contact with name, address, phone and owner")
    func create() throws {
        var input = PlanningInput.sample()
        input.people = [.sample(fields: [.text("Title", "Countess")])]
        let operation = try #require(input.plan().first)
        #expect(operation.kind == .create)
        #expect(operation.object == .contact)
        #expect(operation.isOurs)
        #expect(
            Self.written(operation) == [
                "FirstName": .value(.text("Ada")), "LastName": .value(.text("Byron")),
                "Email": .value(.text("ada@acme.example")),
                "Phone": .value(.text("+44 20 7946 0000")),
                "OwnerId": .value(.reference(.user(1))), "Title": .value(.text("Countess")),
            ]
        )
    }

    @Test("creates a lead with a company, from a rule where there is one")
    func lead() throws {
        var input = PlanningInput.sample()
        input.people = [.sample(settings: { $0.attendeeRecord = .lead })]
        #expect(Self.written(try #require(input.plan().first))["Company"] == .value(.text("acme")))
        input.people = [
            .sample(
                settings: { $0.attendeeRecord = .lead },
                fields: [.text("Company", "Acme Ltd")]
            )
        ]
        #expect(
            Self.written(try #require(input.plan().first))["Company"] == .value(.text("Acme Ltd"))
        )
    }

    @Test("creates a contact under its account, without an owner who is no user")
    func underAccount() throws {
        var input = PlanningInput.sample()
        input.directory.users = [:]
        input.directory.accountsByHost["acme.example"] = [.sample(.account(1))]
        input.people = [
            .sample(settings: {
                $0.attendeeRecord = .contactUnderAccount
                $0.createContactUnderAccount = true
            })
        ]
        let written = Self.written(try #require(input.plan().first))
        #expect(written["AccountId"] == .value(.reference(.account(1))))
        #expect(written["OwnerId"] == nil)
    }

    @Test("gives defaults to a created record only, and where nothing else sets the field")
    func defaults() throws {
        let settings: (inout SyncSettings) -> Void = {
            $0.creationDefaults = [.contact: ["Note__c": .text("default"), "Title": .text("none")]]
        }
        var input = PlanningInput.sample()
        input.people = [.sample(settings: settings, fields: [.text("Title", "Countess")])]
        let created = Self.written(try #require(input.plan().first))
        #expect(created["Note__c"] == .value(.text("default")))
        #expect(created["Title"] == .value(.text("Countess")))

        var known = Self.input([:])
        known.people = [.sample(settings: settings)]
        #expect(try #require(known.plan().first).fields == [])
    }

    @Test("updates only the fields that differ")
    func update() throws {
        var input = Self.input(["Title": .text("Countess"), "Note__c": .empty])
        input.people = [.sample(fields: [.text("Title", "Countess"), .text("Note__c", "new")])]
        let operation = try #require(input.plan().first)
        #expect(operation.kind == .update)
        #expect(operation.record == .contact(1))
        #expect(operation.reason == .firstClaim)
        #expect(Self.written(operation) == ["Note__c": .value(.text("new"))])
        #expect(operation.stamp == .minute(0))
    }

    @Test("leaves a record alone that is as it should be")
    func unchanged() throws {
        var input = Self.input(["Title": .text("Countess")])
        input.people = [.sample(fields: [.text("Title", " Countess ")])]
        let operation = try #require(input.plan().first)
        #expect(operation.kind == .unchanged)
        #expect(!operation.isWrite)
    }

    @Test("does not make a record for somebody whose booking is over, and does update it")
    func ifThere() throws {
        var input = PlanningInput.sample()
        let person = DesiredPersonRecord.sample(
            existence: .ifThere,
            fields: [.text("Note__c", "cancelled")]
        )
        input.people = [person]
        #expect(try #require(input.plan().first).kind == .unchanged)
        #expect(try #require(input.plan().first).reason == .alreadyGone)
        input = Self.input([:])
        input.people = [person]
        #expect(try #require(input.plan().first).kind == .update)
    }

    @Test("does not make a record again that somebody deleted")
    func deletedByOther() throws {
        var input = PlanningInput.sample()
        input.link(.person(.contact(1)))
        (input.directory.asked, input.directory.deleted) = ([.contact(1)], [.contact(1)])
        input.people = [.sample()]
        let operation = try #require(input.plan().first)
        #expect(operation.kind == .hold)
        #expect(operation.reason == .deletedByOther)
        #expect(operation.candidates == [.contact(1)])
    }

    @Test("calls a deleted lead a lead, although a contact would be made")
    func deletedLead() throws {
        var input = PlanningInput.sample()
        input.link(.person(.lead(1)))
        (input.directory.asked, input.directory.deleted) = ([.lead(1)], [.lead(1)])
        input.people = [.sample()]
        let operation = try #require(input.plan().first)
        #expect(operation.reason == .deletedByOther)
        #expect(operation.object == .lead)
    }

    struct BadField: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var field: DesiredField
        var reason: Reason
    }

    static let badFields = [
        BadField(
            testDescription: "an inactive value of a picklist",
            field: .text("LeadSource", "Fax"),
            reason: .inactivePicklistValue
        ),
        BadField(
            testDescription: "text for a checkbox",
            field: .text("Vip__c", "perhaps"),
            reason: .notABoolean
        ),
        BadField(
            testDescription: "text for a number",
            field: .text("Score__c", "ten"),
            reason: .typeMismatch
        ),
        BadField(
            testDescription: "a field that does not exist",
            field: .text("Missing__c", "x"),
            reason: .fieldMissing
        ),
        BadField(
            testDescription: "a field that may not be written",
            field: .text("Locked__c", "x"),
            reason: .fieldReadOnly
        ),
        BadField(
            testDescription: "a user who does not exist",
            field: .sample("OwnerId", [.sample(.user(.sample("no@one.example")), minute: 10)]),
            reason: .noActiveUser
        ),
        BadField(
            testDescription: "an account that does not exist",
            field: .sample("AccountId", [.sample(.account(AccountLookUp(.ada)), minute: 10)]),
            reason: .noAccount
        ),
    ]

    @Test("holds one bad field and writes the others", arguments: badFields)
    func badField(row: BadField) throws {
        var input = Self.input([:])
        input.people = [.sample(fields: [row.field, .text("Title", "Countess")])]
        let operation = try #require(input.plan().first)
        #expect(operation.kind == .update)
        #expect(Self.written(operation) == ["Title": .value(.text("Countess"))])
        let held = try #require(operation.fields.first { $0.field == row.field.field })
        #expect(held.outcome == .hold)
        #expect(held.reason == row.reason)
    }

    @Test("does not guess which of several accounts a field is to name")
    func undecidedAccount() throws {
        var input = Self.input([:])
        input.directory.accountsByHost["acme.example"] = [
            .sample(.account(1)), .sample(.account(2)),
        ]
        let lookUp = AccountLookUp(.ada, onAmbiguous: .review)
        input.people = [
            .sample(fields: [.sample("AccountId", [.sample(.account(lookUp), minute: 10)])])
        ]
        let held = try #require(input.plan().first?.fields.first { $0.field == "AccountId" })
        #expect(held.outcome == .hold)
        #expect(held.reason == .accountAmbiguous)
    }

    @Test("says why a field has no value, unless another booking gave it one")
    func held() throws {
        var input = Self.input([:])
        input.people = [
            .sample(
                fields: [.text("Title", "Countess")],
                held: [.sample("Note__c", .unanswered), .sample("Title", .unanswered)]
            )
        ]
        let operation = try #require(input.plan().first)
        #expect(operation.fields.map(\.field) == ["Note__c", "Title"])
        #expect(operation.fields.map(\.outcome) == [.hold, .write])
    }

    @Test("fills an empty field with the first value that fits")
    func firstThatFits() throws {
        var input = Self.input([:])
        let wishes = [(10, "Fax"), (20, "Web"), (30, "Phone")].map { minute, source in
            Assertion.sample(.value(.text(source)), minute: minute, policy: .whenEmpty)
        }
        input.people = [.sample(fields: [.sample("LeadSource", wishes)])]
        let operation = try #require(input.plan().first)
        #expect(Self.written(operation) == ["LeadSource": .value(.text("Web"))])
        #expect(operation.fields.first?.considered == .minute(30), "all three have had their turn")
    }

    @Test("ends with the newest of several values that may follow each other")
    func newestOfOurs() throws {
        var input = Self.input([:])
        let wishes = [(10, "first"), (20, "second")].map { minute, note in
            Assertion.sample(.value(.text(note)), minute: minute, policy: .whenEmptyOrOurs)
        }
        input.people = [.sample(fields: [.sample("Note__c", wishes)])]
        #expect(
            Self.written(try #require(input.plan().first)) == ["Note__c": .value(.text("second"))]
        )
    }

    @Test("gives a contact without account the one that was found, and keeps one that is there")
    func account() throws {
        let settings: (inout SyncSettings) -> Void = {
            $0.attendeeRecord = .contactUnderAccount
            $0.createContactUnderAccount = true
        }
        var input = PlanningInput.sample()
        input.directory.accountsByHost["acme.example"] = [.sample(.account(1))]
        input.people = [.sample(settings: settings)]
        input.directory.contacts[.ada] = [.contact(1)]
        #expect(
            Self.written(try #require(input.plan().first))
                == ["AccountId": .value(.reference(.account(1)))]
        )
        input.directory.contacts[.ada] = [.contact(1, account: 7)]
        #expect(try #require(input.plan().first).kind == .unchanged)
    }

    @Test("writes one record once, however many people lead to it")
    func shared() {
        var input = PlanningInput.sample()
        input.directory.show(.contact(1))
        input.link(.person(.contact(1)))
        input.link(.person(.contact(1), key: .contact("ben")))
        input.people = [
            .sample("ben", email: .ben, fields: [.text("Note__c", "ben")]),
            .sample("ada", fields: [.text("Note__c", "ada")]),
        ]
        input.events = [.sample(people: [.contact("ben"), .contact("ada")])]
        let plan = input.plan()
        #expect(plan.map(\.kind) == [.update, .unchanged, .create])
        #expect(plan[2].written.last?.field == "Subject")
        let related = plan[2].fields.first { $0.field == OrgSchema.attendeesField }
        #expect(related?.desired == .value(.references([.contact(1)])))
    }

    @Test("makes one record for a person who is wanted in two ways")
    func wantedTwice() {
        var input = PlanningInput.sample()
        input.directory.accountsByHost["acme.example"] = [.sample(.account(1))]
        let under = DesiredPersonRecord.sample(settings: {
            $0.attendeeRecord = .contactUnderAccount
            $0.createContactUnderAccount = true
        })
        input.people = [.sample(), under]
        input.events = [.sample(people: [under.key])]
        let plan = input.plan()
        #expect(plan.count { $0.kind == .create && $0.object == .contact } == 1)
        let related = plan.last?.fields.first { $0.field == OrgSchema.attendeesField }
        #expect(related?.desired == .records([.created(by: plan[0].id)]))
    }

    @Test("keeps a replay from what was there before, and tells what it would do")
    func replay() throws {
        var input = Self.input(["Note__c": .text("old")])
        input.people = [.sample(fields: [.text("Note__c", "new", isLive: false)])]
        let held = try #require(input.plan().first?.fields.first)
        #expect(held.reason == .replayHeld)
        #expect(held.desired == .value(.text("new")))
        #expect(held.isReplay)
        input.replayOverwrites = true
        #expect(try #require(input.plan().first).kind == .update)
    }

    @Test("takes an unticked checkbox for an empty field")
    func checkbox() throws {
        var input = Self.input(["Vip__c": .flag(false)])
        let tick = Assertion.sample(.value(.flag(true)), minute: 10, policy: .whenEmpty)
        input.people = [.sample(fields: [.sample("Vip__c", [tick])])]
        #expect(Self.written(try #require(input.plan().first)) == ["Vip__c": .value(.flag(true))])
    }

    @Test("ticks an unticked checkbox for the first booking that asks for a tick")
    func firstTick() throws {
        var input = Self.input(["Vip__c": .flag(false)])
        let ticks = [(10, false), (20, true)].map { minute, isTicked in
            Assertion.sample(.value(.flag(isTicked)), minute: minute, policy: .whenEmpty)
        }
        input.people = [.sample(fields: [.sample("Vip__c", ticks)])]
        #expect(Self.written(try #require(input.plan().first)) == ["Vip__c": .value(.flag(true))])
    }

    @Test("gives no account to a contact whose settings are not about accounts")
    func accountSwitchInContactMode() throws {
        var input = PlanningInput.sample()
        input.directory.accountsByHost["acme.example"] = [.sample(.account(1))]
        input.directory.contacts[.ada] = [.contact(1)]
        input.people = [.sample(settings: { $0.createContactUnderAccount = true })]
        #expect(try #require(input.plan().first).kind == .unchanged)
    }

    @Test("knows a value that the org rewrote for its own")
    func rewritten() throws {
        var input = Self.input(["Note__c": .text("NEW")])
        input.claims[.contact(1)] = ["Note__c": .sample(sent: "new", seen: "NEW", minute: 10)]
        input.people = [.sample(fields: [.text("Note__c", "new", policy: .enforce)])]
        #expect(try #require(input.plan().first).kind == .unchanged)
    }

    @Test(
        "knows a rewritten value for its own that could not be read back, if nobody came after",
        arguments: [(editor: 1, outcome: PlannedField.Outcome.write), (2, .hold)]
    )
    func notReadBack(editor: Int, outcome: PlannedField.Outcome) throws {
        var input = Self.input(["Note__c": .text("OLD")])
        var record = try #require(input.directory.records[.contact(1)])
        record.lastModified = .minute(11)
        record.lastModifiedBy = .user(editor)
        input.directory.show(record)
        input.claims[.contact(1)] = ["Note__c": .sample(sent: "old", minute: 12)]
        input.people = [.sample(fields: [.text("Note__c", "new", minute: 13, isLive: false)])]
        #expect(Planner(input, digest: PlanningInput.digest).hasUnseen)
        input.ownUser = .user(1)
        let operation = try #require(input.plan().first)
        #expect(operation.fields.first?.outcome == outcome)
        let late = operation.inherited["Note__c"]
        #expect(late?.seen == (editor == 1 ? PlanningInput.digest("OLD") : nil))
        #expect(late?.seenAt == (editor == 1 ? Instant.minute(11) : nil))
    }

    @Test("knows such a value beside what an interrupted write left on the record")
    func notReadBackBesideBegun() throws {
        var input = Self.input(["Note__c": .text("OLD"), "Title": .text("Countess")])
        var record = try #require(input.directory.records[.contact(1)])
        (record.lastModified, record.stamp) = (.minute(11), .minute(11))
        record.lastModifiedBy = .user(1)
        input.directory.show(record)
        input.claims[.contact(1)] = ["Note__c": .sample(sent: "old", minute: 12)]
        input.begun[OperationID(RecordSubject.person(.contact("ada")).name)] = BegunWrite(
            kind: .update,
            object: .contact,
            record: .contact(1),
            appointments: [.sample()],
            cause: .minute(10),
            planned: .minute(10),
            since: .minute(10),
            fields: ["Title": BegunWrite.Field(before: "", wish: "Countess", isPersonal: false)]
        ) { planned in
            let live = planned.live.readableText
            return BegunWrite.Field(before: live, wish: live, isPersonal: false)
        }
        input.ownUser = .user(1)
        input.people = [
            .sample(fields: [
                .text("Note__c", "new", minute: 13, isLive: false), .text("Title", "Countess"),
            ])
        ]
        let fields = try #require(input.plan().first).fields
        #expect(fields.first { $0.field == "Title" }?.outcome == .adopt)
        #expect(fields.first { $0.field == "Note__c" }?.outcome == .write)
    }

    @Test(
        "knows of an interrupted write that took hold that it wrote also what it left as it was",
        arguments: [false, true]
    )
    func rewrittenAsItWas(isAwaited: Bool) throws {
        var input = Self.input(["Note__c": .text("OLD"), "Title": .text("Countess")])
        var record = try #require(input.directory.records[.contact(1)])
        (record.lastModified, record.stamp) = (.minute(11), .minute(11))
        record.lastModifiedBy = .user(1)
        input.directory.show(record)
        // The form that the org gave the value, of which nobody learned.
        input.claims[.contact(1)] = ["Note__c": .sample(sent: "old", minute: 5)]
        var begun = BegunWrite(
            kind: .update,
            object: .contact,
            record: .contact(1),
            appointments: [.sample()],
            cause: .minute(10),
            planned: .minute(10),
            since: .minute(10),
            fields: [
                "Note__c": BegunWrite.Field(before: "OLD", wish: "old", isPersonal: false),
                "Title": BegunWrite.Field(before: "", wish: "Countess", isPersonal: false),
            ]
        ) { planned in
            let wish = planned.desired.map { "\($0)" } ?? ""
            return BegunWrite.Field(
                before: planned.live.readableText,
                wish: wish.contains("old") ? "old" : planned.live.readableText,
                isPersonal: false
            )
        }
        begun.considered = ["Note__c": .minute(9)]
        // What waited for another record may have been left out.
        if isAwaited { begun.awaited = ["Note__c": [.created(by: OperationID("event/bk-2"))]] }
        input.begun[OperationID(RecordSubject.person(.contact("ada")).name)] = begun
        input.ownUser = .user(1)
        input.people = [
            .sample(fields: [.text("Note__c", "old", minute: 9), .text("Title", "Countess")])
        ]
        let operation = try #require(input.plan().first)
        #expect(operation.isWrite == isAwaited)
        let note = operation.fields.first { $0.field == "Note__c" }
        #expect((note?.reason == .confirmedLate) == !isAwaited)
        #expect(operation.inherited["Note__c"]?.considered == (isAwaited ? nil : .minute(9)))
    }

    @Test("takes an edit for no form of ours where a later write was seen")
    func editedBetween() throws {
        var input = Self.input(["Note__c": .text("theirs"), "Vip__c": .flag(true)])
        var record = try #require(input.directory.records[.contact(1)])
        record.lastModified = .minute(11)
        record.lastModifiedBy = .user(1)
        input.directory.show(record)
        input.claims[.contact(1)] = [
            // Our clock was ahead.
            "Note__c": .sample(sent: "old", minute: 12),
            "Vip__c": .sample(sent: "true", minute: 11),
        ]
        input.people = [.sample(fields: [.text("Note__c", "new", minute: 13, isLive: false)])]
        input.ownUser = .user(1)
        #expect(try #require(input.plan().first).fields.first?.reason == .replayHeld)
    }
}
