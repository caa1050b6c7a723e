import Domain
import Foundation
import Testing

@testable import Projection

@Suite("Value forming")
struct ValueFormingTests {
    /// A booking for 2 November 2026, 23:30 UTC, of which everything is known.
    private static func context(
        _ change: (inout FormingContext) -> Void = { _ in }
    ) -> FormingContext {
        var booking = Booking.sample(at: 930) {
            $0.eventTypeSlug = "demo"
            $0.organizer?.userID = 77
            $0.answers = [
                "budget": .text("20k"), "zero": .text("0"), "blank": .text("  "),
                "agreed": .flag(true), "declined": .flag(false),
                "topics": .list(["Sync", "Audit"]), "none": .list([]),
                "who": .parts(["firstName": "Ada", "lastName": "Byron"]),
                "day": .text("2026-12-24"), "moment": .text("2026-12-24T10:00:00+01:00"),
                "long": .text("a;b; c"),
            ]
            $0.metadata = ["utm_source": "letter", "utm_campaign": ""]
            $0.assignmentReason = "Salesforce contact owner: x@y"
            $0.location = "https://meet.example/1"
        }
        booking.attendees[0].phone = "+44 1"
        var context = FormingContext(
            booking: booking,
            created: .minute(5),
            cancelled: nil,
            cancellation: nil,
            attendee: booking.attendees[0],
            formAnswers: ["size": .text("51-200"), "tools": .list(["a", "b"])],
            reading: SettingsReading(.sample(SyncSettings()))
        )
        change(&context)
        return context
    }

    struct Template: CustomTestStringConvertible, Sendable {
        var template: String
        /// Nil where the field is held.
        var text: String?
        var isPersonal: Bool
        var missing: String?
        var testDescription: String { template.isEmpty ? "(nothing)" : template }

        init(_ template: String, _ text: String, isPersonal: Bool = true) {
            (self.template, self.text, self.isPersonal) = (template, text, isPersonal)
        }

        init(_ template: String, missing: String) {
            (self.template, self.missing, isPersonal) = (template, missing, true)
        }
    }

    static let templates = [
        Template("Web", "Web", isPersonal: false),
        Template("{budget}", "20k"),
        Template("{ budget }", "20k"),
        Template("{zero}", "0"),
        Template("{agreed}", "true"),
        Template("{declined}", "false"),
        Template("{topics}", "Sync, Audit"),
        Template("{who}", "Ada Byron"),
        Template("Budget: {budget}.", "Budget: 20k."),
        Template("{budget} for {topics}", "20k for Sync, Audit"),
        Template("{budget}{zero}", "20k0"),
        Template("{form:size}", "51-200"),
        Template("{form:tools}", "a, b"),
        Template("{utm:source}", "letter"),
        Template("{assignmentReason}", "Salesforce contact owner: x@y"),
        Template("{booking_uid}", "bk1"),
        Template("{booking_title}", "Demo"),
        Template("{booking_start_date}", "2026-11-02T23:30:00Z"),
        Template("{booking_created_date}", "2026-11-02T08:05:00Z"),
        Template("{event_type}", "demo"),
        Template("{organizer_email}", "olga@daybook.example"),
        Template("{organizer_name}", "Olga"),
        Template("{organizer_user_id}", "77"),
        Template("{attendee_email}", "ada@acme.example"),
        Template("{attendee_name}", "Ada Byron"),
        Template("{attendee_phone}", "+44 1"),
        Template("{attendee_time_zone}", "Europe/London"),
        Template("{meeting_location}", "https://meet.example/1"),
        Template("{}", "{}", isPersonal: false),
        Template("a {} b", "a {} b", isPersonal: false),
        Template("{budget", "{budget", isPersonal: false),
        Template("budget}", "budget}", isPersonal: false),
        Template("}{", "}{", isPersonal: false),
        Template("{{budget}}", "{20k}"),
        Template("{a {budget}", "{a 20k"),
        Template("", missing: "the value is empty"),
        Template("{unknown}", missing: "unknown"),
        Template("{blank}", missing: "blank"),
        Template("{none}", missing: "none"),
        Template("{form:budget}", missing: "form:budget"),
        Template("{utm:campaign}", missing: "utm:campaign"),
        Template("{utm:medium}", missing: "utm:medium"),
        Template("{booking_cancel_date}", missing: "booking_cancel_date"),
        Template("{cancellation_reason}", missing: "cancellation_reason"),
        Template("{budget} and {unknown}", missing: "unknown"),
    ]

    @Test("fills in tokens anywhere in a text", arguments: templates)
    func template(row: Template) {
        let formed = ValueForming.form(.text("Note__c", row.template), Self.context())
        if let text = row.text {
            #expect(formed == .value(.value(.text(text)), isPersonal: row.isPersonal))
        } else if let missing = row.missing {
            #expect(formed == .held(.unanswered, detail: missing))
        }
    }

    @Test(
        "knows a cancellation's reason, time and author",
        arguments: [
            ("{cancellation_reason}", "Ill"), ("{cancelled_by}", "ada@acme.example"),
            ("{booking_cancel_date}", "2026-11-02T10:00:00Z"),
        ]
    )
    func cancellationTokens(template: String, text: String) {
        let context = Self.context {
            $0.cancelled = .minute(120)
            $0.cancellation = Cancellation(
                kind: .booking,
                reason: "Ill",
                cancelledBy: Party.ada.email
            )
        }
        let formed = ValueForming.form(.text("Note__c", template), context)
        #expect(formed == .value(.value(.text(text)), isPersonal: true))
    }

    // MARK: Types

    struct Typed: CustomTestStringConvertible, Sendable {
        var type: FieldType
        var template: String
        var value: FieldValue?
        var reason: Reason?
        var testDescription: String { "\(type.rawValue): \(template)" }

        init(_ type: FieldType, _ template: String, _ value: FieldValue) {
            (self.type, self.template, self.value) = (type, template, value)
        }

        init(_ type: FieldType, _ template: String, _ reason: Reason) {
            (self.type, self.template, self.reason) = (type, template, reason)
        }
    }

    private static let christmasEve = CalendarDate(.minute(74_880), in: .gmt)

    static let typed = [
        Typed(.checkbox, "true", .flag(true)), Typed(.checkbox, "Yes", .flag(true)),
        Typed(.checkbox, "1", .flag(true)), Typed(.checkbox, "False", .flag(false)),
        Typed(.checkbox, " no ", .flag(false)), Typed(.checkbox, "{agreed}", .flag(true)),
        Typed(.checkbox, "{declined}", .flag(false)), Typed(.checkbox, "{zero}", .flag(false)),
        Typed(.checkbox, "perhaps", .notABoolean), Typed(.checkbox, "{budget}", .notABoolean),
        Typed(.checkbox, "{unknown}", .unanswered),
        Typed(.multipicklist, "{topics}", .choices(["Sync", "Audit"])),
        Typed(.multipicklist, "{long}", .choices(["a", "b", "c"])),
        Typed(.multipicklist, "Sync;Audit", .choices(["Sync", "Audit"])),
        Typed(.multipicklist, "{budget}", .choices(["20k"])),
        Typed(.multipicklist, "{none}", .unanswered), Typed(.multipicklist, ";", .unanswered),
        Typed(.date, "2026-12-24", .date(christmasEve)), Typed(.date, "{day}", .date(christmasEve)),
        Typed(.date, "{moment}", .date(christmasEve)), Typed(.date, "{budget}", .typeMismatch),
        Typed(.date, "24.12.2026", .typeMismatch),
        Typed(.datetime, "{moment}", .instant(.minute(74_940))),
        Typed(.datetime, "{day}", .typeMismatch),
        Typed(.phone, "{attendee_phone}", .text("+44 1")),
        Typed(.picklist, "{budget}", .text("20k")),
        Typed(.textarea, "{topics}", .text("Sync, Audit")),
        Typed(.custom, "{agreed}", .text("true")),
        Typed(.userLookup, "{organizer_email}", .typeMismatch),
        Typed(.accountLookup, "Acme", .typeMismatch),
    ]

    @Test("gives a value the type of its field, or holds it", arguments: typed)
    func type(row: Typed) {
        let rule = FieldRule(
            field: "Field__c",
            type: row.type,
            value: .template(row.template),
            when: .always
        )
        switch ValueForming.form(rule, Self.context()) {
        case .value(let value, _): #expect(value == row.value.map(WishedValue.value))
        case .held(let reason, _): #expect(reason == row.reason)
        }
    }

    // MARK: Dates

    struct DateRow: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var type: FieldType
        var organizerZone: String?
        var settingsZone: String?
        var value: FieldValue?
    }

    private static let second = CalendarDate(.minute(0), in: .gmt)
    private static let third = CalendarDate(.minute(1_440), in: .gmt)

    static let dates = [
        DateRow(testDescription: "in UTC without a zone", type: .date, value: .date(second)),
        DateRow(
            testDescription: "in the organizer's zone, where it is the next day",
            type: .date,
            organizerZone: "Europe/Berlin",
            value: .date(third)
        ),
        DateRow(
            testDescription: "in the organizer's zone, where it is the same day",
            type: .date,
            organizerZone: "America/New_York",
            value: .date(second)
        ),
        DateRow(
            testDescription: "in the settings' zone before the organizer's",
            type: .date,
            organizerZone: "America/New_York",
            settingsZone: "Asia/Tokyo",
            value: .date(third)
        ),
        DateRow(
            testDescription: "in the organizer's zone where the settings' is none",
            type: .date,
            organizerZone: "Europe/Berlin",
            settingsZone: "Nowhere/Land",
            value: .date(third)
        ),
        DateRow(
            testDescription: "as a moment, whatever the zone",
            type: .datetime,
            organizerZone: "Europe/Berlin",
            value: .instant(.minute(930))
        ),
        DateRow(testDescription: "as text", type: .text, value: .text("2026-11-02T23:30:00Z")),
        DateRow(testDescription: "not as a checkbox", type: .checkbox, value: nil),
    ]

    @Test("takes the day of an evening meeting in a stated zone", arguments: dates)
    func date(row: DateRow) {
        let context = Self.context {
            $0.booking.organizer?.timeZone = row.organizerZone
            var settings = SyncSettings()
            settings.dateTimeZone = row.settingsZone
            $0.reading = SettingsReading(.sample(settings))
        }
        let rule = FieldRule(field: "D__c", type: row.type, value: .bookingStartDate, when: .always)
        switch ValueForming.form(rule, context) {
        case .value(let value, let isPersonal):
            #expect(value == row.value.map(WishedValue.value))
            #expect(!isPersonal)
        case .held(let reason, _):
            #expect(row.value == nil)
            #expect(reason == .typeMismatch)
        }
    }

    @Test("takes dates from the event, and holds those that are not known")
    func eventDates() {
        func formed(_ source: ValueSource, _ context: FormingContext) -> FormedValue {
            ValueForming.form(
                FieldRule(field: "D__c", type: .datetime, value: source, when: .always),
                context
            )
        }
        let cancelled = Self.context { $0.cancelled = .minute(120) }
        #expect(
            formed(.bookingCreatedDate, cancelled)
                == .value(.value(.instant(.minute(5))), isPersonal: false)
        )
        #expect(
            formed(.bookingCancelDate, cancelled)
                == .value(.value(.instant(.minute(120))), isPersonal: false)
        )
        #expect(
            formed(.bookingCancelDate, Self.context())
                == .held(.noDate, detail: "booking_cancel_date")
        )
        let uncreated = Self.context { $0.created = nil }
        #expect(
            formed(.bookingCreatedDate, uncreated) == .held(.noDate, detail: "booking_created_date")
        )
        let slotless = Self.context { $0.booking.slot = nil }
        #expect(formed(.bookingStartDate, slotless) == .held(.noDate, detail: "booking_start_date"))
    }

    @Test("looks up the organizer and the account later, by address")
    func lookUps() {
        func formed(_ source: ValueSource, _ context: FormingContext) -> FormedValue {
            ValueForming.form(
                FieldRule(field: "L__c", type: .userLookup, value: source, when: .always),
                context
            )
        }
        let context = Self.context()
        #expect(
            formed(.bookingOrganizer, context)
                == .value(.user("olga@daybook.example"), isPersonal: false)
        )
        #expect(
            formed(.matchedAccount, context)
                == .value(.account(AccountLookUp("ada@acme.example")), isPersonal: false)
        )
        #expect(formed(.flag(true), context) == .value(.value(.flag(true)), isPersonal: false))
        let nobody = Self.context {
            $0.booking.organizer = nil
            $0.attendee = nil
        }
        guard case .held(.noActiveUser, _) = formed(.bookingOrganizer, nobody),
            case .held(.noAccount, _) = formed(.matchedAccount, nobody)
        else {
            Issue.record("nobody is looked up")
            return
        }
    }
}

@Suite("Values from an appointment's facts")
struct FormedFromFactsTests {
    private static func values(
        _ facts: [Happening],
        _ rules: [FieldRule],
        onCancellation: [FieldRule] = [],
        created: [BookingUID: Instant] = [:],
        forms: [RecordedFact] = []
    ) -> [FieldName: WishedValue] {
        let projected = AppointmentProjector.project(
            .sample(facts, created: created, forms: forms),
            settings: .sample {
                $0.attendeeOnBooking = rules
                $0.attendeeOnCancellation = onCancellation
            }
        )
        return projected.contribution("ada")?.assertions.compactMapValues(\.last?.value) ?? [:]
    }

    @Test("take a cancellation's date from when it happened")
    func cancelDate() {
        let rule = FieldRule(
            field: "Off__c",
            type: .datetime,
            value: .bookingCancelDate,
            when: .always
        )
        let values = Self.values(
            [(1, .confirmed(.sample())), (90, .cancelled(.sample()))],
            [],
            onCancellation: [rule, .text("Why__c", "{cancellation_reason}")]
        )
        #expect(values["Off__c"] == .value(.instant(.minute(90))))
        #expect(values["Why__c"] == .value(.text("Ill")))
    }

    @Test("take a booking's date from the delivery, else from what is known of the booking")
    func createdDate() {
        let rule = FieldRule(
            field: "Made__c",
            type: .datetime,
            value: .bookingCreatedDate,
            when: .always
        )
        let told = Self.values(
            [(1, .confirmed(.sample { $0.created = .minute(-5) }))],
            [rule],
            created: ["bk1": .minute(-9)]
        )
        #expect(told["Made__c"] == .value(.instant(.minute(-5))))
        let known = Self.values([(1, .confirmed(.sample()))], [rule], created: ["bk1": .minute(-9)])
        #expect(known["Made__c"] == .value(.instant(.minute(-9))))
    }

    @Test("keep answers that a later delivery leaves out")
    func laterDelivery() {
        let values = Self.values(
            [
                (1, .confirmed(.sample { $0.answers = ["budget": .text("20k")] })),
                (2, .cancelled(.bare())),
            ],
            [],
            onCancellation: [.text("Note__c", "{budget} {attendee_name}")]
        )
        #expect(values["Note__c"] == .value(.text("20k Ada Byron")))
    }

    private static func form(_ name: String, minute: Int, _ size: String) -> RecordedFact {
        .at(
            minute,
            position: 5,
            .formSubmitted(
                FormSubmission(
                    form: "f",
                    name: nil,
                    response: nil,
                    answers: ["size": .text(size)],
                    submitter: .sample(name)
                )
            )
        )
    }

    struct FormRow: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var forms: [RecordedFact]
        var size: String?
    }

    /// The booking is made in minute 2000.
    static let forms = [
        FormRow(
            testDescription: "the form before the booking",
            forms: [form("ada", minute: 1_990, "small")],
            size: "small"
        ),
        FormRow(
            testDescription: "the newest of several",
            forms: [form("ada", minute: 1_990, "small"), form("ada", minute: 1_995, "large")],
            size: "large"
        ),
        FormRow(testDescription: "somebody else's", forms: [form("ben", minute: 1_990, "small")]),
        FormRow(
            testDescription: "of the day before",
            forms: [form("ada", minute: 2_000 - 1_441, "small")]
        ),
        FormRow(
            testDescription: "one answered later",
            forms: [form("ada", minute: 2_010, "small")]
        ),
        FormRow(testDescription: "none", forms: []),
    ]

    @Test("find the routing form that led to the booking", arguments: forms)
    func routingForm(row: FormRow) {
        let values = Self.values(
            [(2_000, .confirmed(.sample(at: 3_000)))],
            [.text("Size__c", "{form:size}")],
            forms: row.forms
        )
        #expect(values["Size__c"] == row.size.map { .value(.text($0)) })
    }
}

@Suite("Wording")
struct WordingTests {
    struct Name: CustomTestStringConvertible, Sendable {
        var full: String?
        var first: String?
        var last: String?
        var expectedFirst: String?
        var expectedLast: String
        var testDescription: String { "\(full ?? "-") / \(first ?? "-") / \(last ?? "-")" }

        init(
            _ full: String?,
            split: (String?, String?) = (nil, nil),
            _ first: String?,
            _ last: String
        ) {
            self.full = full
            (self.first, self.last) = split
            (expectedFirst, expectedLast) = (first, last)
        }
    }

    static let names = [
        Name("Maria da Silva Santos Lima", "Maria", "da Silva Santos Lima"),
        Name("Ada Byron", "Ada", "Byron"),
        Name("  Ada   Byron ", "Ada", "Byron"),
        Name("Ada\tByron", "Ada", "Byron"),
        Name("Ada\r\nByron", "Ada", "Byron"),
        Name("Zoë Byron", "Zoë", "Byron"),
        Name("Zoë\u{A0}Byron", "Zoë", "Byron"),
        Name("Cher", nil, "Cher"),
        Name("", nil, "-"),
        Name("   ", nil, "-"),
        Name(nil, nil, "-"),
        Name("Ada Byron", split: ("Augusta Ada", "King"), "Augusta Ada", "King"),
        Name(nil, split: (nil, "King"), nil, "King"),
        Name(nil, split: ("Ada", nil), nil, "Ada"),
        Name("Ada Byron", split: ("Ada", ""), "Ada", "Byron"),
        Name("Ada Byron", split: (" ", " King "), nil, "King"),
    ]

    @Test("loses no word of a name", arguments: names)
    func name(row: Name) {
        var party = Party(email: "ada@acme.example")
        (party.name, party.firstName, party.lastName) = (row.full, row.first, row.last)
        let names = Wording.names(of: party)
        #expect(names.first == row.expectedFirst)
        #expect(names.last == row.expectedLast)
    }

    @Test(
        "names a company after the mail domain, or after the person",
        arguments: [
            ("ada@acme.example", "Ada Byron", "acme"), ("ada@acme.co.uk", "Ada Byron", "acme"),
            ("ada@gmail.com", "Ada Byron", "Ada Byron"), ("ada@gmail.com", "Cher", "Cher"),
            ("ada@gmail.com", nil, "ada@gmail.com"),
        ]
    )
    func company(email: String, name: String?, company: String) throws {
        let address = try #require(EmailAddress(email))
        var party = Party(email: address)
        party.name = name
        #expect(Wording.company(of: address, party: party) == company)
    }

    struct Place: CustomTestStringConvertible, Sendable {
        var location: String?
        var videoCall: String?
        var given: String?
        var text: String?
        var testDescription: String { location ?? "nothing" }

        init(_ location: String?, video: String? = nil, given: String? = nil, _ text: String?) {
            (self.location, videoCall, self.given, self.text) = (location, video, given, text)
        }
    }

    static let places = [
        Place(nil, nil),
        Place("", nil),
        Place(nil, video: "https://v.example", "https://v.example"),
        Place("https://meet.example/1", "https://meet.example/1"),
        Place("Main Street 1", "Main Street 1"),
        Place("+44 1", "+44 1"),
        Place("integrations:daily", video: "https://v.example", "https://v.example"),
        Place("integrations:daily", "Cal Video"),
        Place("integrations:google:meet", "Google Meet"),
        Place("integrations:zoom", "Zoom"),
        Place("integrations:office365_video", "Microsoft Teams"),
        Place("integrations:jitsi_video", "jitsi video"),
        Place("inPerson", "In person"),
        Place("attendeeInPerson", given: "Main Street 1", "Main Street 1"),
        Place("phone", "Phone"),
        Place("phone", given: "+44 1", "+44 1"),
        Place("link", video: "https://v.example", "https://v.example"),
        Place("conferencing", nil),
    ]

    @Test("resolves a location to something a person can use", arguments: places)
    func place(row: Place) {
        let booking = Booking.sample {
            ($0.location, $0.videoCallURL) = (row.location, row.videoCall)
            $0.answers["location"] = row.given.map { .parts(["optionValue": $0]) }
        }
        #expect(Wording.location(of: booking) == row.text)
    }

    @Test("describes zone, reason, notes, answers and the booking's uid")
    func description() {
        let booking = Booking.sample {
            $0.notes = " Bring tea. "
            $0.answers = [
                "email": .text("ada@acme.example"), "name": .text("Ada"), "budget": .text("20k"),
                "rescheduleReason": .text("Train"), "agreed": .flag(true),
            ]
        }
        let text = Wording.description(of: booking, attendee: .ada)
        #expect(
            text == """
                Attendee's time zone: Europe/London
                Rescheduled because: Train

                Notes:
                Bring tea.

                Answers:
                agreed: true
                budget: 20k

                Cal.com booking bk1
                """
        )
        let bare = Wording.description(of: .bare(), attendee: nil)
        #expect(bare == "Cal.com booking bk1")
    }
}

extension ValueForming {
    /// Forms the value of a rule that was not prepared before.
    fileprivate static func form(_ rule: FieldRule, _ context: FormingContext) -> FormedValue {
        form(PreparedRule(rule, path: "rule"), context)
    }
}
