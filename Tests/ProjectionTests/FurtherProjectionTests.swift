import Domain
import Projection
import Testing

@Suite("Projection of accounts, missed owners and forms")
struct FurtherProjectionTests {
    private static func project(
        _ facts: [Happening],
        uids: [BookingUID] = ["bk1"],
        _ change: (inout SyncSettings) -> Void
    ) -> ProjectedAppointment {
        var settings = SyncSettings()
        change(&settings)
        return AppointmentProjector.project(
            .sample(facts, uids: uids),
            settings: SettingsTimeline([.sample(settings)])
        )
    }

    private static func roundRobin(
        _ reason: String? = nil,
        _ uid: BookingUID = "bk1"
    ) -> Booking {
        .sample(uid) {
            $0.schedulingType = "ROUND_ROBIN"
            $0.assignmentReason = reason
        }
    }

    private static let miss = FallbackRecord(
        name: "miss",
        object: "Routing_Miss__c",
        fields: [.text("Booking__c", "{booking_uid}")]
    )

    @Test("asks for fields of the account by every booking, and for none without a rule")
    func account() throws {
        let facts: [Happening] = [(1, .confirmed(.sample()))]
        let with = Self.project(facts) { $0.accountOnBooking = [.text("Note__c", "{booking_uid}")] }
        let accounts = PersonProjector.accounts(with.contributions)
        let record = try #require(accounts.first)
        #expect(accounts.count == 1)
        #expect(record.lookUp.email == "ada@acme.example")
        #expect(record.fields.map(\.newest.value) == [.value(.text("bk1"))])
        #expect(record.fields.first?.newest.rule == "default/onBooking/account/Note__c")
        let without = Self.project(facts) { $0.attendeeOnBooking = [.text("Note__c", "x")] }
        #expect(PersonProjector.accounts(without.contributions) == [])
    }

    struct Row: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var facts: [Happening]
        var uids: [BookingUID] = ["bk1"]
        var count: Int
        var existence = Existence.required
    }

    static let misses = [
        Row(testDescription: "no reason", facts: [(1, .confirmed(roundRobin()))], count: 1),
        Row(
            testDescription: "another reason",
            facts: [(1, .confirmed(roundRobin("Routed by attributes")))],
            count: 1
        ),
        Row(
            testDescription: "an owner's",
            facts: [(1, .confirmed(roundRobin("Salesforce lead owner: x@y.example")))],
            count: 0
        ),
        Row(
            testDescription: "no round robin",
            facts: [(1, .confirmed(.sample()))],
            count: 0
        ),
        Row(
            testDescription: "an owner's at first, none after it was confirmed again",
            facts: [
                (1, .confirmed(roundRobin("Salesforce lead owner: x@y.example"))),
                (2, .rescheduled(roundRobin(nil, "bk2"), from: "bk1")),
                (3, .confirmed(roundRobin(nil, "bk2"))),
            ],
            uids: ["bk1", "bk2"],
            count: 0
        ),
        Row(
            testDescription: "none, cancelled before anybody looked",
            facts: [(1, .confirmed(roundRobin())), (2, .cancelled(roundRobin()))],
            count: 1,
            existence: .ifThere
        ),
        Row(
            testDescription: "only asked for so far",
            facts: [(1, .requested(roundRobin()))],
            count: 0
        ),
        Row(
            testDescription: "none, told after Cal.com's list had shown the booking",
            facts: [
                (1, .observed(.sample(), Observation(status: .accepted, gaps: [.booking]))),
                (1, .confirmed(roundRobin())),
            ],
            count: 1
        ),
        Row(
            testDescription: "seen in Cal.com's list, which tells nothing of it",
            facts: [(1, .observed(.sample(), Observation(status: .accepted, gaps: [.booking])))],
            count: 0
        ),
    ]

    @Test("tells a missed owner by the first confirmation", arguments: misses)
    func fallback(row: Row) {
        let projected = Self.project(row.facts, uids: row.uids) {
            $0.fallback.create = [Self.miss]
            $0.fallback.attendee = [.text("Note__c", "missed")]
        }
        #expect(projected.fallbacks.count == row.count)
        #expect(projected.fallbacks.allSatisfy { $0.existence == row.existence })
        let isTold = projected.contributions.contains { $0.assertions["Note__c"] != nil }
        #expect(isTold == (row.count > 0))
    }

    private static func form(_ kind: (FormSubmission) -> BookingFact, _ size: String) -> BookingFact
    {
        kind(
            FormSubmission(
                form: "f",
                name: nil,
                response: 1,
                answers: ["size": .text(size)],
                submitter: .ada
            )
        )
    }

    @Test("writes what a form tells, never makes a record, and leaves that to the bookings")
    func forms() throws {
        let facts: [Happening] = [
            (1, Self.form(BookingFact.formSubmitted, "10")),
            (2, Self.form(BookingFact.formAbandoned, "10")),
        ]
        let change: (inout SyncSettings) -> Void = {
            $0.forms.submitted = [.text("Size__c", "{size}")]
            $0.forms.abandoned = [.text("Note__c", "{booking_uid}")]
        }
        let projected = Self.project(facts, uids: ["form/ada"], change)
        #expect(projected.eventRecord == nil)
        let told = try #require(projected.contributions.first)
        #expect(told.existence == .ifThere)
        #expect(told.lookUp.takesAnyRecord)
        #expect(told.key == PersonRecordKey(formsOf: told.key.person))
        #expect(told.assertions["Size__c"]?.map(\.value) == [.value(.text("10"))])
        #expect(told.held.map(\.field) == ["Note__c"], "a form has no booking")

        let booked = Self.project([(3, .confirmed(.sample()))]) { $0.attendeeRecord = .lead }
        let all = PersonProjector.keyed(projected.contributions + booked.contributions)
        let record = try #require(PersonProjector.fold(all).first)
        #expect(PersonProjector.fold(all).count == 1)
        #expect(record.key.policy == .lead)
        #expect(record.existence == .required)
        #expect(!record.lookUp.takesAnyRecord)
        #expect(record.fields.map(\.field) == ["Size__c"])
    }

    @Test("finds the booker's place among the answers of the booking and of the form before it")
    func place() throws {
        let booking = Booking.sample {
            $0.answers = ["land": .text(" Germany "), "zip": .text("")]
        }
        let projected = Self.project([(1, .confirmed(booking))]) {
            $0.accounts.bookerPlace.country = "land"
            $0.accounts.bookerPlace.zip = "zip"
            $0.accounts.bookerPlace.state = "state"
        }
        let place = try #require(projected.contributions.first?.details.place)
        #expect(place.country == "Germany")
        #expect(place.zip == nil)
        #expect(place.state == nil)
    }
}
