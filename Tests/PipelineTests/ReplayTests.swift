import Domain
import Foundation
import Journal
import Pipeline
import Salesforce
import Synchronization
import TestSupport
import Testing

@Suite("A replay")
struct ReplayTests {
    private static let status = rule("Last_Booking_Status__c", "Booked")

    private static func rule(_ field: String, _ value: String) -> String {
        #"{"onBooking":{"attendee":{"\#(field)":"\#(value)"}}}"#
    }

    private static func rule(_ field: String, _ value: String, when policy: String) -> String {
        #"{"onBooking":{"attendee":{"\#(field)":{"value":"\#(value)","when":"\#(policy)"}}}}"#
    }

    private static let both = """
        {"onBooking":{"attendee":{"Last_Booking_Status__c":"Booked",\
        "Last_Demo__c":{"value":"booking_start_date","type":"date"}}}}
        """

    private func document(_ settings: String) throws -> ReplayRequest.Settings {
        let json = try JSON(parsing: settings)
        return .document([
            ScopedSettings(.everyEventType, try SettingsDocument.decodeSettings(json))
        ])
    }

    private func replay(_ request: ReplayRequest, _ world: World) async throws -> SyncPlan {
        try await world.synchronizer().replay(request)
    }

    @Test("is written down while it is made, to the same plan that memory would have held")
    func planFile() async throws {
        try await withPipeline { world in
            try await world.accept("{}")
            for number in 0..<7 {
                let meeting = Meeting("b\(number)").with { meeting in
                    meeting.booker.email = "g\(number)@globex.example"
                }
                try await world.sync(meeting.created)
            }
            world.options.replayWindow = 3
            let request = ReplayRequest(settings: try document(Self.both))
            let synchronizer = try world.synchronizer()
            for isRevealed in [false, true] {
                let file = try synchronizer.planFile(isRevealed: isRevealed)
                let plan = try await synchronizer.replay(request) { try file.add($0) }
                #expect(plan.operations.count == 7)
                var written = Data()
                try file.write(plan) { written.append($0) }
                let held = synchronizer.document(of: plan, isRevealed: isRevealed)
                #expect(try JSON(parsing: Array(written)) == held)
            }
        }
    }

    @Test("answers 'what if' without any change of the settings, the ledger or the org")
    func counterfactual() async throws {
        try await withPipeline { world in
            try await world.accept("{}")
            try await world.sync(Meeting().created)
            try await world.org.resetCounters()
            let head = try await world.journal.head()
            let plan = try await replay(.init(settings: document(Self.status)), world)
            let written = plan.operations.flatMap(\.written)
            #expect(written.map(\.field) == ["Last_Booking_Status__c"])
            #expect(written.map(\.desired) == [.value(.text("Booked"))])
            #expect(written.map(\.isReplay) == [true])
            #expect(plan.summary.update == 1)
            #expect(plan.summary.unchanged == 1, "the event record would stay as it is")
            #expect(try await world.org.writes == 0)
            #expect(try await world.journal.head() == head)
            #expect(try await world.journal.settingsRevisions().count == 1)
            #expect(try await world.plan(.everything).summary.hasWrites == false)
        }
    }

    @Test("reads by the other settings only what happened since the moment it is given")
    func since() async throws {
        try await withPipeline { world in
            try await world.accept("{}")
            try await world.sync(Meeting("early").created)
            let middle = world.now
            try await world.sync(Meeting("late").with { $0.booker = .lee }.created)
            let plan = try await replay(
                .init(settings: document(Self.status), since: middle),
                world
            )
            let lee = try await world.contact(of: Meeting.Person.lee.email).text("Id")
            #expect(plan.operations.compactMap(\.record?.rawValue) == [lee])
        }
    }

    @Test("looks at one event type only")
    func eventType() async throws {
        try await withPipeline { world in
            try await world.accept("{}")
            try await world.sync(
                Meeting("demo").created,
                Meeting("talk").with { ($0.booker, $0.eventType) = (.lee, 99) }.created
            )
            let plan = try await replay(
                .init(settings: document(Self.status), eventType: EventTypeID(99)),
                world
            )
            let lee = try await world.contact(of: Meeting.Person.lee.email).text("Id")
            #expect(plan.operations.compactMap(\.record?.rawValue) == [lee])
        }
    }

    @Test("reads, plans and writes no other field than those it is given")
    func fields() async throws {
        try await withPipeline { world in
            try await world.accept("{}")
            try await world.sync(Meeting().created)
            try await world.accept(Self.both, validity: .allHistory)
            let reads = Mutex<[ReadRequest]>([])
            world.interpose = { org in ListeningGateway(org) { ask in reads.withLock { $0 += ask } }
            }
            let plan = try await replay(.init(fields: ["last_demo__c"]), world)
            #expect(plan.operations.flatMap(\.fields).map(\.field) == ["Last_Demo__c"])
            let asked = reads.withLock { $0 }.map { "\($0)" }.joined()
            #expect(asked.contains("Last_Demo__c"))
            for other in ["Last_Booking_Status__c", "OwnerId", "Subject", "Description", "WhoId"] {
                #expect(!asked.contains("\"\(other)\""), "\(other) was read")
            }
            #expect(try await world.apply(plan).summary.update == 1)
            let contact = try await world.contact("Last_Demo__c, Last_Booking_Status__c")
            #expect(contact.text("Last_Demo__c") == "2026-11-10")
            #expect(contact["Last_Booking_Status__c"] == .null)
            // What was left alone is still to be done.
            #expect(try await world.plan().summary.update == 1)
        }
    }

    /// With a field of the account, a change of owner, and a task for a missed owner.
    private static func accounts(_ site: String) -> String {
        """
        {"onBooking":{"account":{"Site":"\(site)","Description":"From Cal.com"},\
        "attendee":{"Last_Booking_Status__c":"Booked"}},\
        "ownerChange":{"to":"organizer","onlyIfOwnedBy":["\(site)"]}}
        """
    }

    @Test("of a field of the account writes that, and otherwise does not ask for accounts")
    func accountFields() async throws {
        try await withPipeline { world in
            let globex = try await world.org.create(
                "Account",
                ["Name": "Globex", "Website": "https://www.globex.example"]
            )
            try await world.accept("{}")
            try await world.sync(Meeting().created)
            try await world.accept(Self.accounts("Berlin"), validity: .allHistory)
            let plan = try await replay(.init(fields: ["site"]), world)
            #expect(plan.operations.flatMap(\.fields).map(\.field) == ["Site"])
            #expect(try await world.apply(plan).summary.update == 1)
            let query = "SELECT Site, Description FROM Account WHERE Id = '\(globex)'"
            let after = try await world.org.one(query)
            #expect(after.text("Site") == "Berlin" && after["Description"] == .null)

            let reads = Mutex<[ReadRequest]>([])
            world.interpose = { org in ListeningGateway(org) { ask in reads.withLock { $0 += ask } }
            }
            let other = try await replay(.init(fields: ["Last_Booking_Status__c"]), world)
            #expect(other.summary.update == 1)
            let asked = reads.withLock { $0 }.map { "\($0)" }.joined()
            #expect(asked.contains("Last_Booking_Status__c") && !asked.contains("Account"))
        }
    }

    @Test("tells in what two versions differ for accounts and changes of owner, too")
    func comparedAccounts() async throws {
        try await withPipeline { world in
            try await world.accept(Self.accounts("Berlin"))
            try await world.deliver(Meeting().created)
            try await world.accept(
                Self.accounts("Hamburg").replacing(#""organizer""#, with: #"{"user":"Ada"}"#)
            )
            let first = ReplayRequest(settings: .version(SettingsVersion(1)))
            let second = ReplayRequest(settings: .version(SettingsVersion(2)))
            let compared = try await world.synchronizer().compare(second, against: first.settings)
            #expect(compared.counts.keys.sorted() == ["OwnerId", "Site"])
            #expect(compared.counts.values.allSatisfy { $0.changes == 1 })
            #expect(compared.records == 2)
            let subjects = compared.differences.map(\.subject.name)
            #expect(subjects.contains { $0.hasPrefix("account/") })
        }
    }

    @Test("holds what was there before us, and writes over it when it is asked for")
    func preExisting() async throws {
        try await withPipeline { world in
            try await world.org.create(
                "Contact",
                [
                    "LastName": "Okafor", "Email": .string(Meeting.Person.dana.email),
                    "Last_Booking_Status__c": "Old",
                ]
            )
            world.wait(minutes: 1)
            try await world.accept("{}")
            try await world.sync(Meeting().created)
            var request = ReplayRequest(settings: try document(Self.status))
            let held = try await replay(request, world)
            #expect(held.summary.hasWrites == false)
            #expect(held.operations.flatMap(\.fields).map(\.reason) == [.replayHeld])
            #expect(held.summary.heldFields == 1)
            request.overwrites = true
            let asked = try await replay(request, world)
            #expect(asked.operations.flatMap(\.written).map(\.reason) == [.replayOverwrites])
        }
    }

    @Test("holds what people edited, and writes over it when it is asked for")
    func edited() async throws {
        try await withPipeline { world in
            try await world.accept(Self.status)
            try await world.sync(Meeting().created)
            let contact = try await world.contact().text("Id")
            try await world.org.change("Contact", contact, ["Last_Booking_Status__c": "Edited"])
            world.wait(minutes: 1)
            try await world.accept(
                Self.rule("Last_Booking_Status__c", "Confirmed"),
                validity: .allHistory
            )
            var request = ReplayRequest(settings: .version(SettingsVersion(2)))
            let held = try await replay(request, world)
            #expect(held.operations.flatMap(\.fields).map(\.reason).contains(.replayHeld))
            #expect(held.summary.hasWrites == false)
            request.overwrites = true
            let report = try await world.apply(try await replay(request, world))
            #expect(report.summary.update == 1)
            let after = try await world.contact("Last_Booking_Status__c")
            #expect(after.text("Last_Booking_Status__c") == "Confirmed")
            #expect(try await world.plan(.everything).summary.hasWrites == false)
        }
    }

    /// What stands in the field before the booking: nothing, or somebody's value.
    static let standing: [String?] = [nil, "Old"]

    @Test(
        "of the settings in force releases what a rule held, as the advice says",
        arguments: standing
    )
    func released(before: String?) async throws {
        let field = "Last_Booking_Status__c"
        try await withPipeline { world in
            var person: [String: JSON] = [
                "LastName": "Okafor", "Email": .string(Meeting.Person.dana.email),
            ]
            person[field] = before.map(JSON.string)
            try await world.org.create("Contact", person)
            world.wait(minutes: 1)
            try await world.accept(Self.rule(field, "First", when: "whenEmpty"))
            try await world.sync(Meeting().created)
            try await world.accept(Self.rule(field, "Second", when: "whenEmpty"))
            try await world.sync(Meeting("second").created)
            let held = try await world.plan(.everything)
            #expect(held.operations.flatMap(\.fields).map(\.reason).contains(.notEmpty))
            try await world.accept(Self.rule(field, "Third", when: "always"))
            #expect(try await world.plan(.everything).summary.hasWrites == false)

            try await world.accept(Self.rule(field, "Third", when: "always"), validity: .allHistory)
            let request = ReplayRequest(fields: [FieldName(field)], overwrites: true)
            #expect(try await world.apply(try await replay(request, world)).summary.update == 1)
            #expect(try await world.contact(field).text(field) == "Third")
            #expect(try await world.plan(.everything).summary.hasWrites == false)
        }
    }

    @Test("of settings that reach back is applied once, and leaves nothing to do")
    func backFill() async throws {
        try await withPipeline { world in
            try await world.accept("{}")
            try await world.sync(Meeting().created)
            try await world.accept(Self.status, validity: .allHistory)
            let plan = try await replay(.init(settings: .version(SettingsVersion(2))), world)
            #expect(try await world.apply(plan).summary.update == 1)
            #expect(
                try await replay(.init(settings: .version(SettingsVersion(2))), world)
                    .summary.hasWrites == false
            )
            #expect(try await world.plan(.everything).summary.hasWrites == false)
        }
    }

    @Test("of settings that are not in force is never applied: the next run would take it back")
    func notAccepted() async throws {
        try await withPipeline { world in
            try await world.accept("{}")
            try await world.sync(Meeting().created)
            try await world.accept(Self.status)
            try await world.org.resetCounters()
            for settings in [try document(Self.status), .version(SettingsVersion(2))] {
                let plan = try await replay(.init(settings: settings), world)
                #expect(plan.summary.update == 1)
                await #expect {
                    _ = try await world.apply(plan)
                } throws: { error in
                    "\(error)".contains("settings apply FILE --effective DATE")
                }
            }
            #expect(try await world.org.writes == 0)
        }
    }

    @Test("gives a live booking that waits for its run its full say")
    func liveBooking() async throws {
        try await withPipeline { world in
            try await world.org.create(
                "Contact",
                [
                    "LastName": "Okafor", "Email": .string(Meeting.Person.dana.email),
                    "Last_Booking_Status__c": "Old",
                ]
            )
            world.wait(minutes: 1)
            try await world.accept(Self.status, validity: .allHistory)
            try await world.deliver(Meeting().created)
            let plan = try await replay(.init(settings: .version(SettingsVersion(1))), world)
            let field = plan.operations.flatMap(\.fields)
                .first { $0.field == "Last_Booking_Status__c" }
            #expect(field?.reason == .bookingOverPreExisting)
        }
    }

    @Test("plans each record once, in windows of any size", arguments: [1, 2, 1_000])
    func windows(size: Int) async throws {
        try await withPipeline { world in
            try await world.accept("{}")
            let meetings = (0..<5).map { number in
                Meeting("b\(number)").with { $0.booker = number % 2 == 0 ? .dana : .lee }
            }
            try await world.take(meetings.map(\.created))
            world.wait(minutes: 1)
            try await world.reconcile()
            world.options.replayWindow = size
            let plan = try await replay(.init(settings: document(Self.status)), world)
            #expect(plan.summary.update == 2)
            #expect(plan.summary.unchanged == 5)
            #expect(Set(plan.operations.map(\.id)).count == plan.operations.count)
        }
    }

    /// A field of an operation: what is compared of two plans.
    private struct Outcome: Hashable {
        var operation: OperationID
        var kind: PlanOperation.Kind
        var field: FieldName?
        var outcome: PlannedField.Outcome?
        var desired: OutgoingValue?
        var cause: Cause?
    }

    private func outcomes(_ plan: SyncPlan) -> [Outcome] {
        plan.operations.flatMap { operation in
            [Outcome(operation: operation.id, kind: operation.kind)]
                + operation.fields.map { field in
                    Outcome(
                        operation: operation.id,
                        kind: operation.kind,
                        field: field.field,
                        outcome: field.outcome,
                        desired: field.desired,
                        cause: field.cause
                    )
                }
        }
    }

    /// Contacts with what they answered to forms; for one event type leads, and their guests are none
    /// of our business.
    private static func contactsAndLeads() throws -> ReplayRequest.Settings {
        let contacts = """
            {"onBooking":{"attendee":{"Last_Booking_Status__c":"Booked",\
            "Last_Demo__c":{"value":"booking_start_date","type":"date"}}},\
            "onForm":{"submitted":{"Routing_Size__c":"{company-size}"}}}
            """
        let leads = """
            {"attendeeRecord":"lead","ignoreGuests":true,\
            "onBooking":{"attendee":{"Last_Booking_Status__c":"Booked"}}}
            """
        return .document([
            ScopedSettings(
                .everyEventType,
                try SettingsDocument.decodeSettings(try JSON(parsing: contacts))
            ),
            ScopedSettings(
                .eventType(EventTypeID(7)),
                try SettingsDocument.decodeSettings(try JSON(parsing: leads))
            ),
        ])
    }

    /// Deliveries of forty meetings of a few people, who now and then bring one of a few guests, cancel,
    /// or answer a form.
    private static func sharedMeetings(_ generator: inout SeededGenerator) -> [Delivery] {
        func person(_ name: String, of count: Int) -> Meeting.Person {
            let number = Int.random(in: 0..<count, using: &generator)
            return Meeting.Person(
                name: "\(name) \(number)",
                email: "\(name)\(number)@globex.example"
            )
        }
        return (0..<40).flatMap { number in
            // Threads of forms stand between these by name.
            let letter = Bool.random(using: &generator) ? "b" : "m"
            let meeting = Meeting("\(letter)\(number)").with { meeting in
                meeting.booker = person("booker", of: 12)
                if number % 4 == 0 { meeting.guests = [person("guest", of: 3)] }
                meeting.eventType = number % 3 == 0 ? 7 : 88_231
                meeting.start = "2026-11-\(10 + number % 20)T15:00:00Z"
            }
            var deliveries = [meeting.created]
            if number % 5 == 2 { deliveries.append(meeting.cancelled()) }
            if number % 8 == 3 { deliveries.append(form(of: person("booker", of: 12))) }
            return deliveries
        }
    }

    private static func form(of person: Meeting.Person) -> Delivery {
        let answers: [(String, JSON?)] = [
            ("email", .compact([("value", .string(person.email))])),
            ("company-size", .compact([("value", .array([.string("201-1000")]))])),
        ]
        return Delivery(
            "FORM_SUBMITTED",
            [
                ("formId", .string("3f6e2d8a")), ("formName", .string("Talk to sales")),
                ("responses", .compact(answers)),
            ]
        )
    }

    /// Which part of a history is replayed.
    enum Part: CaseIterable {
        case whole
        case ofOneEventType
        case sinceTheMiddle
    }

    @Test(
        "plans the same in windows of any size, whoever shares meetings",
        arguments: Part.allCases,
        1...4
    )
    func sharedMeetings(part: Part, seed: Int) async throws {
        try await withPipeline { world in
            try await world.accept("{}")
            var generator = SeededGenerator(seed: UInt64(seed))
            var request = ReplayRequest(settings: try Self.contactsAndLeads())
            if part == .ofOneEventType { request.eventType = EventTypeID(7) }
            for (place, delivery) in Self.sharedMeetings(&generator).enumerated() {
                if part == .sinceTheMiddle, place == 25 { request.since = world.now }
                try await world.deliver(delivery)
            }
            let whole = try await replay(request, world)
            #expect(whole.operations.count > 10)
            for size in [1, 2, 5, 9] {
                world.options.replayWindow = size
                let walked = try await replay(request, world)
                #expect(Set(walked.operations.map(\.id)).count == walked.operations.count)
                let (expected, found) = (Set(outcomes(whole)), Set(outcomes(walked)))
                #expect(found.symmetricDifference(expected).isEmpty, "windows of \(size)")
            }
        }
    }

    @Test("tells an account of a person once, who is a contact here and a lead there")
    func accountOfTwoRecords() async throws {
        try await withPipeline { world in
            let account = try await world.org.create(
                "Account",
                ["Name": "Globex", "Website": "globex.example"]
            )
            let write = """
                "onBooking":{"account":{"Last_Meeting__c":\
                {"value":"booking_start_date","type":"date"}}}
                """
            try await world.accept("{}")
            let meetings = [
                Meeting("b1"), Meeting("b2").with { $0.start = "2026-11-20T15:00:00Z" },
                Meeting("b3").with { ($0.start, $0.eventType) = ("2026-11-23T15:00:00Z", 7) },
            ]
            for meeting in meetings {
                try await world.deliver(meeting.created)
                world.wait(minutes: 1)
            }
            let settings = ReplayRequest.Settings.document(
                try [
                    (SettingsScope.everyEventType, "contact"), (.eventType(EventTypeID(7)), "lead"),
                ]
                .map { scope, mode in
                    let json = #"{"attendeeRecord":"\#(mode)",\#(write)}"#
                    return ScopedSettings(
                        scope,
                        try SettingsDocument.decodeSettings(try JSON(parsing: json))
                    )
                }
            )
            for size in [1, 2, 1_000] {
                world.options.replayWindow = size
                let plan = try await replay(ReplayRequest(settings: settings), world)
                let told = plan.operations.filter { $0.object == .account }
                try #require(told.count == 1, "windows of \(size)")
                #expect(told[0].record?.rawValue == account)
                let field = try #require(told[0].fields.first { $0.field == "Last_Meeting__c" })
                let day = try #require(CalendarDate(iso8601: "2026-11-23"))
                #expect(field.desired == .value(.date(day)), "windows of \(size)")
            }
        }
    }

    @Test(
        "plans a person whom a window that is past learns of meanwhile",
        arguments: [
            Meeting("a"), Meeting("m").with { ($0.booker, $0.guests) = (.lee, [.dana]) },
        ]
    )
    func toldMeanwhile(meeting: Meeting) async throws {
        try await withPipeline { world in
            try await world.accept("{}")
            try await world.deliver(Meeting("m").with { $0.booker = .lee }.created)
            try await world.deliver(Meeting("z").created)
            let intake = Intake(journal: world.journal, now: world.time)
            let late = JSON.array([meeting.created.body(world.now)]).bytes
            world.interpose = { org in
                ListeningGateway(org) { _ in
                    // Told again, it is the same.
                    do { _ = try await intake.take(file: late) } catch { Issue.record(error) }
                }
            }
            world.options.replayWindow = 1
            let plan = try await replay(ReplayRequest(), world)
            let people = plan.operations.filter { $0.id.rawValue.hasPrefix("person/") }
            #expect(people.count == 2)
        }
    }

    @Test("of one field of an account finds the account by the person's contact")
    func accountField() async throws {
        try await withPipeline { world in
            for website in ["globex.example", "initech.example"] {
                try await world.org.create(
                    "Account",
                    ["Name": .string(website), "Website": .string(website)]
                )
            }
            let own = try await world.org.one(
                "SELECT Id FROM Account WHERE Name = 'initech.example'"
            ).text("Id")
            try await world.org.create(
                "Contact",
                [
                    "LastName": "Okafor", "Email": .string(Meeting.Person.dana.email),
                    "AccountId": .string(own),
                ]
            )
            try await world.accept("{}")
            try await world.sync(Meeting().created)
            let write = #"{"onBooking":{"account":{"Site":"{booking_uid}"}}}"#
            let request = ReplayRequest(settings: try document(write), fields: ["Site"])
            let plan = try await replay(request, world)
            let written = plan.operations.filter { $0.object == .account }
            #expect(written.map(\.record?.rawValue) == [own])
        }
    }

    @Test("asks once for what people have further on")
    func fewerQuestions() async throws {
        try await withPipeline { world in
            try await world.accept("{}")
            for number in 0..<20 {
                let meeting = Meeting("b\(10 + number)").with { meeting in
                    meeting.booker.email = "booker\(number % 4)@globex.example"
                }
                try await world.deliver(meeting.created)
            }
            let whole = try await replay(ReplayRequest(), world)
            world.options.replayWindow = 2
            let walked = try await replay(ReplayRequest(), world)
            // Of each window's two people three further meetings or four; two windows instead of ten.
            #expect(walked.summary.apiCalls == 2 * whole.summary.apiCalls)
            #expect(walked.cost.total == 2 * whole.cost.total)
        }
    }

    /// Questions that cannot be answered, and what the answer names.
    static let mistakes: [(ReplayRequest, says: String)] = [
        (.init(settings: .version(SettingsVersion(9))), "no version 9"),
        (.init(since: Instant(rfc3339: "2099-01-01T00:00:00Z")), "future"),
        (.init(fields: ["Nonsense__c"]), "Nonsense__c"),
        (.init(fields: ["Rating__c"]), "Rating__c"),
        (.init(eventType: EventTypeID(999)), "no history of event type 999"),
    ]

    @Test("refuses what cannot be replayed, and says what to give instead", arguments: mistakes)
    func mistake(request: ReplayRequest, says: String) async throws {
        try await withPipeline { world in
            // What only new records get is no matter of a replay.
            try await world.accept(#"{"creationDefaults":{"Contact":{"Rating__c":"Hot"}}}"#)
            try await world.sync(Meeting().created)
            await #expect {
                _ = try await replay(request, world)
            } throws: { error in
                error is ReplayError && "\(error)".contains(says)
            }
        }
    }

    @Test("compares no owner that nobody knows", arguments: [true, false])
    func unknownOwner(isErased: Bool) async throws {
        try await withPipeline { world in
            let rest = #""onBooking":{"attendee":{"Company_Size__c":"{size}"}}"#
            try await world.accept(
                #"{\#(rest),"ownerChange":{"to":"organizer","onlyIfOwnedBy":["005000000000001"]}}"#
            )
            try await world.deliver(Meeting().created)
            try await world.accept("{\(rest)}")
            if isErased {
                let host = try #require(EmailAddress(Meeting().organizer.email))
                try await world.journal.erase(host, actor: "operator")
            }
            let first = ReplayRequest(settings: .version(SettingsVersion(1)))
            let second = ReplayRequest(settings: .version(SettingsVersion(2)))
            let compared = try await world.synchronizer().compare(second, against: first.settings)
            #expect(compared.counts["OwnerId"]?.disappears == (isErased ? nil : 1))
        }
    }

    @Test(
        "compares all records of a person at once, in windows of any size",
        arguments: [1, 2, 1_000]
    )
    func comparedInWindows(size: Int) async throws {
        try await withPipeline { world in
            let leads = """
                {"attendeeRecord":"lead",\
                "onBooking":{"attendee":{"Last_Booking_Status__c":"Booked"}}}
                """
            try await world.accept(leads)
            try await world.deliver(Meeting("b1").created)
            try await world.deliver(Meeting("b2").with { $0.eventType = 7 }.created)
            let settings = ReplayRequest.Settings.document([
                ScopedSettings(
                    .everyEventType,
                    try SettingsDocument.decodeSettings(try JSON(parsing: Self.status))
                ),
                ScopedSettings(
                    .eventType(EventTypeID(7)),
                    try SettingsDocument.decodeSettings(try JSON(parsing: leads))
                ),
            ])
            world.options.replayWindow = size
            let compared = try await world.synchronizer().compare(
                ReplayRequest(settings: settings),
                against: .version(SettingsVersion(1))
            )
            // The lead stays, and a contact comes beside it.
            let subjects = compared.differences.map(\.subject.name)
            #expect(subjects.allSatisfy { $0.hasSuffix("/contact") })
            let count = try #require(compared.counts["Last_Booking_Status__c"])
            #expect((count.appears, count.changes, count.disappears) == (1, 0, 0))
            #expect(compared.appointments == 2)
        }
    }

    @Test("tells in what two versions differ, without asking the org")
    func compared() async throws {
        try await withPipeline { world in
            try await world.accept(Self.both)
            try await world.deliver(Meeting().created)
            try await world.accept(Self.rule("Last_Booking_Status__c", "Confirmed"))
            try await world.org.resetCounters()
            let first = ReplayRequest(settings: .version(SettingsVersion(1)))
            let second = ReplayRequest(settings: .version(SettingsVersion(2)))
            let compared = try await world.synchronizer().compare(second, against: first.settings)
            #expect(compared.appointments == 1)
            #expect(compared.records == 1)
            #expect(compared.counts["Last_Demo__c"]?.disappears == 1)
            #expect(compared.counts["Last_Booking_Status__c"]?.changes == 1)
            let changed = try #require(
                compared.differences.first { $0.field == "Last_Booking_Status__c" }
            )
            #expect(changed.before == .value(.text("Booked")))
            #expect(changed.after == .value(.text("Confirmed")))
            #expect(
                try await world.synchronizer().compare(first, against: first.settings).isEmpty
            )
            #expect(try await world.org.apiCalls == 0)
        }
    }
}

/// A gateway that is overheard.
struct ListeningGateway: SalesforceGateway {
    private let org: any SalesforceGateway
    private let hear: @Sendable ([ReadRequest]) async -> Void

    init(_ org: any SalesforceGateway, _ hear: @escaping @Sendable ([ReadRequest]) async -> Void) {
        (self.org, self.hear) = (org, hear)
    }

    func read(_ requests: [ReadRequest]) async throws(SalesforceError) -> [ReadAnswer] {
        await hear(requests.filter { if case .query = $0 { true } else { false } })
        return try await org.read(requests)
    }

    func batches(of requests: [WriteRequest]) -> [[WriteRequest]] { org.batches(of: requests) }

    func send(
        _ batch: [WriteRequest],
        known: [OperationID: SalesforceID]
    ) async throws(SalesforceError) -> [WriteOutcome] {
        try await org.send(batch, known: known)
    }

    var usage: APIUsage { get async { await org.usage } }
}
