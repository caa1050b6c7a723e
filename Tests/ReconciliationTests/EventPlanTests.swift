import Domain
import Reconciliation
import Testing

@Suite("Plan for event records")
struct EventPlanTests {
    private static func input(
        _ fields: [FieldName: FieldValue] = [:],
        isOurs: Bool = true
    ) -> PlanningInput {
        var input = PlanningInput.sample()
        input.directory.show(.sample(.event(1), fields))
        input.link(.event(.event(1), isOurs: isOurs))
        return input
    }

    private static func event(_ plan: [PlanOperation]) throws -> PlanOperation {
        try #require(plan.last)
    }

    private static func related(_ operation: PlanOperation, _ field: FieldName) -> PlannedField? {
        operation.fields.first { $0.field == field }
    }

    @Test("creates a record with its fields and defaults, and without empty ones")
    func create() throws {
        var input = PlanningInput.sample()
        input.events = [
            .sample(
                fields: [
                    .text("Subject", "Demo"),
                    .sample("Location", [.sample(.value(.empty), minute: 1)]),
                ],
                people: [],
                defaults: ["Type": .text("Call"), "Subject": .text("none")]
            )
        ]
        let operation = try Self.event(input.plan())
        #expect(operation.kind == .create)
        #expect(operation.record == nil)
        #expect(operation.written.map(\.field) == ["Subject", "Type"])
        #expect(operation.written.map(\.desired) == [.value(.text("Demo")), .value(.text("Call"))])
    }

    @Test("updates only the fields that differ")
    func update() throws {
        var input = Self.input(["Subject": .text("Demo")])
        input.events = [
            .sample(fields: [.text("Subject", "Demo"), .text("Location", "Room 1")], people: [])
        ]
        let operation = try Self.event(input.plan())
        #expect(operation.kind == .update)
        #expect(operation.written.map(\.field) == ["Location"])
    }

    @Test("leaves a record alone that is as it should be")
    func unchanged() throws {
        var input = Self.input(["Subject": .text("Demo")])
        input.events = [.sample(people: [])]
        let operation = try Self.event(input.plan())
        #expect(!operation.isWrite)
        #expect(operation.fields.first { $0.field == "Subject" }?.outcome == .adopt)
    }

    @Test(
        "leaves a value alone that Salesforce gives back in another form, and that reads the same"
    )
    func sameReading() throws {
        var input = Self.input(["Subject": .text("Cafe\u{301}")])
        input.events = [.sample(fields: [.text("Subject", "Caf\u{E9}")], people: [])]
        let record = try #require(try Self.event(input.plan()).record)
        let long = Instant(milliseconds: 0)
        input.claims[record] = [
            "Subject": Claim(
                sent: PlanningInput.digest("Caf\u{E9}"),
                seen: PlanningInput.digest("Cafe\u{301}"),
                seenIsEmpty: false,
                seenAt: long,
                considered: Cause(position: .start, occurred: long, recorded: long),
                outcome: .agreed
            )
        ]
        let planned = try Self.event(input.plan()).fields.first { $0.field == "Subject" }
        #expect(planned?.outcome == .unchanged, "\(planned?.reason.rawValue ?? "")")
    }

    // MARK: Cancellation

    struct Removal: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var existence: Existence
        var isOurs: Bool
        var isThere: Bool
        var kind: PlanOperation.Kind
        var reason: Reason
    }

    static let removals = [
        Removal(
            testDescription: "ours is deleted",
            existence: .removed,
            isOurs: true,
            isThere: true,
            kind: .delete,
            reason: .bookingCancelled
        ),
        Removal(
            testDescription: "what is not ours stays",
            existence: .removed,
            isOurs: false,
            isThere: true,
            kind: .hold,
            reason: .notOurs
        ),
        Removal(
            testDescription: "to be deleted, and deleted by somebody",
            existence: .removed,
            isOurs: true,
            isThere: false,
            kind: .unchanged,
            reason: .deletedByOther
        ),
        Removal(
            testDescription: "kept, with the fields written",
            existence: .ifThere,
            isOurs: true,
            isThere: true,
            kind: .update,
            reason: .firstClaim
        ),
        Removal(
            testDescription: "to be kept, and deleted by somebody",
            existence: .ifThere,
            isOurs: true,
            isThere: false,
            kind: .unchanged,
            reason: .deletedByOther
        ),
        Removal(
            testDescription: "still on, and deleted by somebody",
            existence: .required,
            isOurs: true,
            isThere: false,
            kind: .hold,
            reason: .deletedByOther
        ),
    ]

    @Test("keeps, deletes or leaves the record", arguments: removals)
    func removal(row: Removal) throws {
        var input = row.isThere ? Self.input(isOurs: row.isOurs) : PlanningInput.sample()
        input.link(.event(.event(1), isOurs: row.isOurs))
        input.directory.asked.insert(.event(1))
        if !row.isThere { input.directory.deleted.insert(.event(1)) }
        input.events = [
            .sample(
                existence: row.existence,
                reason: row.existence == .required ? .booked : .bookingCancelled,
                fields: [.text("Note__c", "cancelled")],
                people: []
            )
        ]
        let operation = try Self.event(input.plan())
        #expect(operation.kind == row.kind)
        #expect(operation.reason == row.reason)
    }

    @Test("has nothing to do for a cancelled booking that never had a record")
    func neverThere() throws {
        var input = PlanningInput.sample()
        input.events = [.sample(existence: .removed, reason: .bookingCancelled, people: [])]
        #expect(try Self.event(input.plan()).kind == .unchanged)
    }

    @Test("makes a record again that we deleted, once the booking is on again")
    func revived() throws {
        var input = PlanningInput.sample()
        input.link(.event(.event(1), state: .deleted))
        input.directory.asked = [.event(1)]
        input.events = [.sample(people: [])]
        #expect(try Self.event(input.plan()).kind == .create)
    }

    private static let operation = OperationID(RecordSubject.event(.sample("bk1")).name)

    /// The deletion of a record, without an answer, as the org shows it afterwards.
    private static func deleting(_ reason: Reason) -> PlanningInput {
        var input = PlanningInput.sample()
        input.link(.event(.event(1)))
        input.directory.asked = [.event(1)]
        input.directory.deleted = [.event(1)]
        input.begun[operation] = begun(.delete, .event(1), reason)
        return input
    }

    private static func begun(
        _ kind: PlanOperation.Kind,
        _ record: SalesforceID?,
        _ reason: Reason
    ) -> BegunWrite {
        var begun = BegunWrite(
            kind: kind,
            object: .eventRecord,
            record: record,
            appointments: [.sample()],
            cause: .minute(1),
            planned: .minute(2),
            since: .minute(2),
            fields: [:]
        ) { _ in BegunWrite.Field(before: "", wish: "", isPersonal: false) }
        begun.reason = reason
        return begun
    }

    @Test("makes a record again that we deleted without learning of it")
    func begunDeletion() throws {
        var input = Self.deleting(.bookingCancelled)
        input.events = [.sample(people: [])]
        let operation = try Self.event(input.plan())
        #expect(operation.kind == .create)
        #expect(operation.evidence == .deleted(.event(1)))
    }

    @Test(
        "notes that a record is gone which we deleted without learning of it",
        arguments: [Existence.removed, .ifThere]
    )
    func begunDeletionWasRight(existence: Existence) throws {
        var input = Self.deleting(.bookingCancelled)
        input.events = [.sample(existence: existence, reason: .bookingCancelled, people: [])]
        let operation = try Self.event(input.plan())
        #expect(operation.kind == .unchanged)
        #expect(operation.reason == .alreadyGone)
        #expect(operation.record == .event(1))
    }

    @Test(
        "remembers what an interrupted run wrote to a record that is deleted now",
        arguments: [true, false]
    )
    func begunBeforeDeletion(isMade: Bool) throws {
        var record = ObservedRecord.sample(
            .event(1),
            ["Location": .text("Room 1")],
            created: 3,
            lastModified: 20
        )
        (record.createdBy, record.lastModifiedBy) = (.user(1), .user(1))
        var begun = Self.begun(isMade ? .create : .update, isMade ? nil : .event(1), .booked)
        begun.fields["Location"] = BegunWrite.Field(
            before: "null",
            wish: "Room 1",
            isPersonal: false
        )
        begun.isLinkedSince = isMade
        var input = PlanningInput.sample()
        input.directory.show(record)
        input.link(.event(.event(1)))
        input.ownUser = .user(1)
        input.begun[Self.operation] = begun
        input.events = [.sample(existence: .removed, reason: .bookingCancelled, people: [])]
        let operation = try Self.event(input.plan())
        let evidence: WriteEvidence = isMade ? .made(.event(1)) : .changed
        #expect(operation.kind == .delete)
        #expect(operation.evidence == evidence)
        #expect(operation.inherited["Location"]?.sent == PlanningInput.digest("Room 1"))
        #expect(operation.fields.isEmpty)
    }

    @Test("does not make a record again whose making a person had undone")
    func begunUndoing() throws {
        var input = Self.deleting(.undone)
        input.events = [.sample(people: [])]
        let operation = try Self.event(input.plan())
        #expect(operation.kind == .hold)
        #expect(operation.reason == .deletedByOther)
    }

    @Test("does not take what we deleted for the record whose making was begun after that")
    func deletedBefore() throws {
        var input = PlanningInput.sample()
        input.link(.event(.event(1), state: .deleted))
        input.begun[Self.operation] = Self.begun(.create, nil, .recordCreated)
        var deleted = ObservedRecord.sample(.event(1))
        deleted.isDeleted = true
        input.directory.deleted = [.event(1)]
        input.directory.eventsByKey[EventKey.value(for: .sample())] = deleted
        input.events = [.sample(people: [])]
        let operation = try Self.event(input.plan())
        #expect(operation.kind == .create)
        #expect(operation.evidence == nil)
    }

    // MARK: Chains and lost answers

    @Test("ends the wait for a second record that was found and that somebody deleted since")
    func secondOneDeleted() {
        var input = Self.input()
        input.link(.event(.event(2), uid: "bk2"))
        input.directory.asked.insert(.event(2))
        input.directory.deleted = [.event(2)]
        let subject = RecordSubject.event(.sample("bk2"))
        input.begun[OperationID(subject.name)] = Self.begun(.create, nil, .recordCreated)
        input.events = [.sample(uids: ["bk1", "bk2"], people: [])]
        let plan = input.plan()
        #expect(plan.map(\.kind) == [.update, .unchanged])
        #expect(plan.map(\.subject) == [.event(.sample("bk1")), subject])
        #expect(plan[1].reason == .deletedByOther)
        #expect(plan[1].candidates == [.event(2)])
    }

    @Test("deletes records that further uids of the chain got, where they are ours")
    func superseded() {
        var input = Self.input()
        input.directory.show(.sample(.event(2)), .sample(.event(3)))
        input.link(
            .event(.event(2), uid: "bk2"),
            .event(.event(3), uid: "bk3", isOurs: false)
        )
        input.events = [.sample(uids: ["bk1", "bk2", "bk3"], people: [])]
        let plan = input.plan()
        #expect(plan.map(\.kind) == [.update, .delete])
        #expect(plan.map(\.record) == [.event(1), .event(2)])
        #expect(plan[1].reason == .superseded)
        #expect(Set(plan.map(\.id)).count == 2)
    }

    @Test(
        "keeps a second record that somebody worked on since it was seen, for a person to choose",
        arguments: [(changed: 9, isKept: false), (10, false), (11, true)]
    )
    func workedOn(changed: Int, isKept: Bool) {
        var input = Self.input()
        var second = ObservedRecord.sample(.event(2))
        second.lastModified = .minute(changed)
        input.directory.show(second)
        input.link(.event(.event(2), uid: "bk2"))
        input.claims[.event(2)] = ["Subject": .sample(sent: "Demo", minute: 10)]
        input.events = [.sample(uids: ["bk1", "bk2"], people: [])]
        let plan = input.plan()
        #expect(plan.map(\.kind) == [.update, isKept ? .hold : .delete])
        #expect(plan[1].reason == (isKept ? .editedByOther : .superseded))
    }

    @Test(
        "deletes a second record that we changed last, although our clock was behind at that time",
        arguments: [(editor: 1, isKept: false), (2, true)]
    )
    func clockBehind(editor: Int, isKept: Bool) {
        var input = Self.input()
        var second = ObservedRecord.sample(.event(2))
        second.createdBy = .user(1)
        second.lastModified = .minute(11)
        second.lastModifiedBy = .user(editor)
        input.directory.show(second)
        input.link(.event(.event(2), uid: "bk2"))
        // The write was not read back: it was seen by our clock.
        input.claims[.event(2)] = ["Subject": .sample(sent: "Demo", minute: 8)]
        input.events = [.sample(uids: ["bk1", "bk2"], people: [])]
        let plan = input.plan()
        #expect(plan.map(\.kind) == [.update, isKept ? .hold : .delete])
        #expect(plan[1].reason == (isKept ? .editedByOther : .superseded))
    }

    @Test(
        "keeps a second record that was never seen when somebody else changed it last",
        arguments: [(editor: 1, isKept: false), (2, true)]
    )
    func neverSeen(editor: Int, isKept: Bool) {
        var input = Self.input()
        var second = ObservedRecord.sample(.event(2))
        second.lastModified = .minute(11)
        second.lastModifiedBy = .user(editor)
        input.directory.show(second)
        input.link(.event(.event(2), uid: "bk2"))
        input.ownUser = .user(1)
        input.events = [.sample(uids: ["bk1", "bk2"], people: [])]
        #expect(input.plan().map(\.kind) == [.update, isKept ? .hold : .delete])
    }

    @Test("takes over the record of a later uid when the first has none")
    func laterUID() throws {
        var input = PlanningInput.sample()
        input.directory.show(.sample(.event(2)))
        input.link(.event(.event(2), uid: "bk2"))
        input.events = [.sample(uids: ["bk1", "bk2"], people: [])]
        let plan = input.plan()
        #expect(plan.map(\.kind) == [.update])
        #expect(plan.first?.record == .event(2))
        #expect(plan.first?.subject == .event(.sample("bk2")), "its link is found again")
    }

    @Test("finds its key on a record whose creation was not answered")
    func lostAnswer() throws {
        var input = PlanningInput.sample()
        let key = EventKey.value(for: .sample())
        input.directory.eventsByKey[key] = .sample(.event(9), ["Subject": .text("Demo")])
        input.events = [.sample(people: [])]
        let operation = try Self.event(input.plan())
        #expect(operation.kind != .create)
        #expect(operation.record == .event(9))
        #expect(operation.isOurs)
    }

    @Test("gives every appointment a key of its own, fit for a URL")
    func keys() {
        let uids = ["abc", "ABC", "a.b", "a/b", "a_2e_b", "ä", "a b"]
        let keys = uids.map { EventKey.value(for: .sample($0)) }
        #expect(Set(keys).count == uids.count)
        #expect(keys[0] == "calcom-abc")
        #expect(
            keys.allSatisfy { key in
                key.unicodeScalars.allSatisfy {
                    $0.isASCII && !"./ ?#%".unicodeScalars.contains($0)
                }
            }
        )
    }

    // MARK: Attendees

    private static let ada = RecordLink.person(.contact(1))
    private static let ben = RecordLink.person(.contact(2), key: .contact("ben"))

    private static func withPeople(
        isShared: Bool = true,
        _ input: PlanningInput? = nil
    ) -> PlanningInput {
        var input = input ?? .sample(isShared: isShared)
        input.directory.show(.contact(1), .contact(2))
        input.link(ada, ben)
        input.people = [.sample("ben", email: .ben), .sample()]
        input.events = [.sample(people: [.contact("ada"), .contact("ben")])]
        return input
    }

    @Test("relates all attendees with Shared Activities, the booker first")
    func shared() throws {
        let operation = try Self.event(Self.withPeople().plan())
        let field = Self.related(operation, OrgSchema.attendeesField)
        #expect(field?.desired == .value(.references([.contact(1), .contact(2)])))
        #expect(Self.related(operation, "WhoId") == nil)
    }

    @Test("relates the booker without Shared Activities")
    func notShared() throws {
        let operation = try Self.event(Self.withPeople(isShared: false).plan())
        #expect(Self.related(operation, "WhoId")?.desired == .value(.reference(.contact(1))))
        #expect(Self.related(operation, OrgSchema.attendeesField) == nil)
    }

    @Test("refers to a person who is made in the same plan, before the event record")
    func sameplan() throws {
        var input = PlanningInput.sample()
        input.people = [.sample()]
        input.events = [.sample()]
        let plan = input.plan()
        #expect(plan.map(\.kind) == [.create, .create])
        #expect(plan.map(\.object) == [.contact, .eventRecord])
        let field = try #require(Self.related(plan[1], OrgSchema.attendeesField))
        #expect(field.desired == .records([.created(by: plan[0].id)]))
        #expect(field.outcome == .write)
    }

    @Test("relates one lead, or contacts, never both")
    func leads() throws {
        func plan(_ people: [PersonRecordKey]) throws -> OutgoingValue? {
            var input = PlanningInput.sample()
            input.directory.show(.contact(1), .contact(2), .lead(1), .lead(2))
            input.link(
                Self.ada,
                Self.ben,
                .person(.lead(1), key: .contact("lea")),
                .person(.lead(2), key: .contact("leo"))
            )
            input.people = people.map { .sample($0.person.rawValue) }
            input.events = [.sample(people: people)]
            return Self.related(try Self.event(input.plan()), OrgSchema.attendeesField)?.desired
        }
        let (ada, ben) = (PersonRecordKey.contact("ada"), PersonRecordKey.contact("ben"))
        let (lea, leo) = (PersonRecordKey.contact("lea"), PersonRecordKey.contact("leo"))
        #expect(try plan([lea, leo]) == .value(.references([.lead(1)])))
        #expect(try plan([lea, ada]) == .value(.references([.lead(1)])))
        #expect(
            try plan([ada, lea, ben]) == .value(.references([.contact(1), .contact(2)]))
        )
    }

    @Test("relates one lead that is only being made")
    func newLead() throws {
        var input = PlanningInput.sample()
        let lead = DesiredPersonRecord.sample("lea", settings: { $0.attendeeRecord = .lead })
        let other = DesiredPersonRecord.sample(
            "leo",
            email: .ben,
            settings: { $0.attendeeRecord = .lead }
        )
        input.people = [lead, other]
        input.events = [.sample(people: [lead.key, other.key])]
        let plan = input.plan()
        let field = Self.related(try Self.event(plan), OrgSchema.attendeesField)
        #expect(field?.desired == .records([.created(by: plan[0].id)]))
    }

    @Test("relates fifty contacts and no more")
    func fifty() throws {
        var input = PlanningInput.sample()
        let keys = (1...60).map { PersonRecordKey.contact("p\($0)") }
        for (number, key) in keys.enumerated() {
            input.directory.show(.contact(number + 1))
            input.link(.person(.contact(number + 1), key: key))
            input.people.append(
                .sample(key.person.rawValue, email: .sample("p\(number)@acme.example"))
            )
        }
        input.events = [.sample(people: keys)]
        let field = Self.related(try Self.event(input.plan()), OrgSchema.attendeesField)
        let expected = (1...50).map(SalesforceID.contact)
        #expect(field?.desired == .value(.references(expected)))
    }

    @Test(
        "relates who was being made, where the event record may have been sent without",
        arguments: [PersonNews.none, .later, .inTime]
    )
    func sentWithout(news: PersonNews) throws {
        let person = OperationID(RecordSubject.person(.contact("ada")).name)
        var record = ObservedRecord.sample(.event(1), created: 3, lastModified: 20)
        // Somebody changed another field since.
        (record.createdBy, record.lastModifiedBy) = (.user(1), .user(2))
        var begun = Self.begun(.create, nil, .recordCreated)
        begun.form = { _ in BegunWrite.Field(before: "null", wish: "", isPersonal: false) }
        begun.fields["WhoId"] = BegunWrite.Field(before: "null", wish: "ada", isPersonal: false)
        begun.considered["WhoId"] = .minute(10)
        begun.awaited["WhoId"] = [.created(by: person)]
        var input = Self.withPeople(isShared: false)
        input.directory.show(record)
        input.link(.event(.event(1)))
        input.ownUser = .user(1)
        input.begun[Self.operation] = begun
        if news == .none { input.begun[person] = Self.begun(.create, nil, .recordCreated) }
        if news == .later { input.begun[Self.operation]?.learnedLater = [person] }
        let related = Self.related(try Self.event(input.plan()), "WhoId")
        #expect((related?.outcome == .write) == (news != .inTime))
    }

    /// When the ledger learned of the record of somebody who attends.
    enum PersonNews {
        /// It has not.
        case none
        /// Another run found it, after the event record was sent.
        case later
        /// Before the event record was sent.
        case inTime
    }

    @Test("knows whom it was made with, although their record was only being made then")
    func madeWith() throws {
        let ben = OperationID(RecordSubject.person(.contact("ben")).name)
        var record = ObservedRecord.sample(
            .event(1),
            ["WhoId": .reference(.contact(2))],
            created: 3,
            lastModified: 20
        )
        // Somebody changed another field since.
        (record.createdBy, record.lastModifiedBy) = (.user(1), .user(2))
        var begun = Self.begun(.create, nil, .recordCreated)
        begun.form = { _ in BegunWrite.Field(before: "ben", wish: "", isPersonal: false) }
        begun.fields["WhoId"] = BegunWrite.Field(before: "null", wish: "new", isPersonal: false)
        begun.considered["WhoId"] = .minute(10)
        begun.awaited["WhoId"] = [.created(by: ben)]
        var input = Self.withPeople(isShared: false)
        input.directory.show(record)
        input.link(.event(.event(1)))
        input.ownUser = .user(1)
        input.begun[Self.operation] = begun
        let related = Self.related(try Self.event(input.plan()), "WhoId")
        #expect(related?.outcome == .write)
        #expect(related?.reason == .sourceChanged)
    }

    @Test("waits for a record where none of the attendees has one, and makes the event anyway")
    func noRecords() throws {
        var input = PlanningInput.sample()
        input.people = [.sample(settings: { $0.skipContactCreation = true })]
        input.events = [.sample()]
        let operation = try Self.event(input.plan())
        #expect(operation.kind == .create)
        let field = Self.related(operation, OrgSchema.attendeesField)
        #expect(field?.outcome == .hold)
        #expect(field?.reason == .noAttendeeRecord)
    }

    @Test("relates those who have a record when somebody has none")
    func someRecords() throws {
        var input = Self.withPeople()
        input.people = [
            .sample("ben", email: .ben),
            .sample(
                "cyd",
                email: .sample("cyd@acme.example"),
                settings: { $0.skipContactCreation = true }
            ),
        ]
        input.events = [.sample(people: [.contact("cyd"), .contact("ben")])]
        let field = Self.related(try Self.event(input.plan()), OrgSchema.attendeesField)
        #expect(field?.desired == .value(.references([.contact(2)])))
    }

    @Test("leaves attendees whom somebody added, until a booking changes them")
    func addedByOther() throws {
        var record = ObservedRecord.sample(
            .event(1),
            [OrgSchema.attendeesField: .references([.contact(1), .contact(2), .contact(3)])]
        )
        record.lastModified = .minute(30)
        var input = Self.withPeople(Self.input())
        input.directory.show(record)
        let both = [SalesforceID.contact(1), .contact(2)].map(\.rawValue).joined(separator: ";")
        input.claims[.event(1)] = [OrgSchema.attendeesField: .sample(sent: both, minute: 10)]
        let field = Self.related(try Self.event(input.plan()), OrgSchema.attendeesField)
        #expect(field?.reason == .editedByOther)
    }

    /// Ada's record, as Salesforce shows it after a move.
    enum Moved: CaseIterable {
        case merged
        case converted
    }

    @Test(
        "takes a record that stayed for the one it was made of, whoever attends by now",
        arguments: Moved.allCases,
        [true, false]
    )
    func movedMeanwhile(move: Moved, isShared: Bool) throws {
        let old: SalesforceID = move == .merged ? .contact(1) : .lead(1)
        let field: FieldName = isShared ? OrgSchema.attendeesField : "WhoId"
        func live(_ id: SalesforceID) -> FieldValue {
            isShared ? .references([id]) : .reference(id)
        }
        func plan(showing id: SalesforceID) throws -> PlannedField? {
            var input = PlanningInput.sample(isShared: isShared)
            var record = ObservedRecord.sample(.event(1), [field: live(id)])
            record.lastModified = .minute(30)
            input.directory.show(record, .contact(2), .contact(3))
            switch move {
            case .merged: input.directory.merged[old] = .contact(3)
            case .converted: input.directory.show(.lead(1, becameContact: 3))
            }
            input.link(.event(.event(1)), .person(old), Self.ben)
            input.people = [.sample("ben", email: .ben), .sample()]
            // Told late, and before what was considered.
            input.events = [.sample(people: [.contact("ben"), .contact("ada")])]
            input.claims[.event(1)] = [field: .sample(sent: old.rawValue, minute: 20)]
            return Self.related(try Self.event(input.plan()), field)
        }
        let moved = try plan(showing: .contact(3))
        #expect(moved?.outcome == .write)
        #expect(moved?.reason == .sourceChanged)
        #expect(try plan(showing: .contact(4))?.reason == .editedByOther)
    }

    // MARK: Sameness

    @Test("is the same whatever the order of what goes in, down to its description")
    func sameness() {
        var input = Self.withPeople(Self.input(["Subject": .text("Old")]))
        input.events += [.sample("bk0", people: [.contact("ben")])]
        let plan = input.plan()
        var reversed = input
        reversed.people.reverse()
        reversed.events.reverse()
        #expect(reversed.plan() == plan)
        #expect(String(describing: reversed.plan()) == String(describing: plan))
        #expect(plan.map(\.subject) == plan.map(\.subject).sorted())
    }
}
