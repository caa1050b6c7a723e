import Domain
import Foundation
import Journal
import Pipeline
import Salesforce
import TestSupport
import Testing

/// Every code of the catalogue, produced by the org and dealt with as the catalogue says.
@Suite("The codes of the catalogue")
struct FailureCatalogueTests {
    /// How an org comes to answer with a code.
    enum Origin: Sendable {
        /// A rule refuses the new contact; perhaps for a field.
        case refusal(field: String? = nil, message: String = "No.")
        /// A rule refuses a contact that has an owner, as the new one is to have.
        case refusedOwner(field: String? = nil, message: @Sendable (_ owner: String) -> String)
        /// A rule refuses the changed contact.
        case refusedUpdate
        /// An answer to a request or a query, with this status.
        case answer(Int)
        /// A fault of the emulator's own.
        case fault(String)
        /// What the emulator does of itself, arranged before the run.
        case arranged(@Sendable (World) async throws -> Void)
        /// What somebody does in the org while Daybook is on the way to write.
        case meanwhile(
            settings: String,
            prepare: @Sendable (World) async throws -> Void,
            happens: @Sendable (EmulatedOrg, ManualClock) async throws -> Void
        )
    }

    struct Row: Sendable, CustomTestStringConvertible {
        var code: String
        var origin: Origin
        /// The field that is left out, where only a field is lost.
        var field: String?
        /// What follows where that is not the rule of the catalogue's entry.
        var expected: Outcome?

        init(_ code: String, _ origin: Origin, field: String? = nil, _ expected: Outcome? = nil) {
            (self.code, self.origin, self.field, self.expected) = (code, origin, field, expected)
        }

        var testDescription: String { code }

        var entry: FailureEntry { FailureCatalogue.entry(for: code) }
    }

    /// What became of it.
    enum Outcome: Hashable, Sendable {
        /// The field was left out, and the record written.
        case fieldLost
        /// The record failed, and is tried again by itself.
        case waiting
        /// The record failed, and waits for a change.
        case stopped
        /// The run stopped, with this word.
        case run(String)
        /// Everything is there in the end.
        case recovered
        /// A person is asked.
        case review
    }

    private static let status = "Last_Booking_Status__c"
    private static let note = "Booking_Note__c"

    static let rows: [Row] =
        fieldRows + recordRows + passingRows + requestRows + logInRows

    /// One bad field costs that field.
    static let fieldRows: [Row] =
        [
            "STRING_TOO_LONG", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "REQUIRED_FIELD_MISSING",
            "INVALID_TYPE_ON_FIELD_IN_RECORD", "NUMBER_OUTSIDE_VALID_RANGE",
            "FIELD_INTEGRITY_EXCEPTION", "FIELD_FILTER_VALIDATION_EXCEPTION", "MALFORMED_ID",
            "FIELD_CUSTOM_VALIDATION_EXCEPTION", "INVALID_EMAIL_ADDRESS",
            "INVALID_CROSS_REFERENCE_KEY",
        ].map { Row($0, .refusal(field: status), field: status) } + [
            Row(
                "INVALID_FIELD",
                .refusal(message: "No such column '\(status)' on sobject of type Contact"),
                field: status
            ),
            Row(
                "INVALID_FIELD_FOR_INSERT_UPDATE",
                .refusal(message: "Unable to create/update fields: \(status). Please check."),
                field: status
            ),
            Row(
                "INACTIVE_OWNER_OR_USER",
                .refusedOwner {
                    "operation performed with inactive user [\($0)] as owner of contact"
                },
                field: "OwnerId"
            ),
            Row("TRANSFER_REQUIRES_READ", .refusedOwner { _ in "No." }, field: "OwnerId"),
            Row(
                "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
                .refusedOwner {
                    "insufficient access rights on cross-reference id: \($0.prefix(15))"
                },
                field: "OwnerId"
            ),
        ]

    /// One bad record costs that record.
    static let recordRows: [Row] =
        [
            "CANNOT_EXECUTE_FLOW_TRIGGER", "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
            "INSUFFICIENT_ACCESS_OR_READONLY", "DUPLICATE_VALUE", "JSON_PARSER_ERROR",
            "MULTIPLE_CHOICES", "DELETE_FAILED", "ENTITY_IS_DELETED", "NOT_FOUND",
        ].map { Row($0, .refusal(), .stopped) } + [
            Row("DUPLICATES_DETECTED", .refusedUpdate, .stopped),
            Row(
                "CANNOT_UPDATE_CONVERTED_LEAD",
                .meanwhile(
                    settings:
                        #"{"attendeeRecord":"lead","onBooking":{"attendee":{"\#(status)":"Booked"}}}"#,
                    prepare: { world in
                        try await world.org.create(
                            "Lead",
                            [
                                "LastName": "Okafor", "Company": "Globex",
                                "Email": .string(Meeting.Person.dana.email),
                            ]
                        )
                    },
                    happens: { org, _ in
                        let lead = try await org.one("SELECT Id FROM Lead").text("Id")
                        try await org.control("convert-lead", #"{"leadId":"\#(lead)"}"#)
                    }
                ),
                .recovered
            ),
            Row(
                "AMBIGUOUS_MATCH",
                .arranged { world in
                    try await world.accept(#"{"onAmbiguous":"review"}"#)
                    for name in ["One", "Two"] {
                        try await world.org.create(
                            "Contact",
                            [
                                "LastName": .string(name),
                                "Email": .string(Meeting.Person.dana.email),
                            ]
                        )
                    }
                },
                .review
            ),
            Row(
                "AMBIGUOUS_ACCOUNT",
                .arranged { world in
                    try await world.accept(
                        """
                        {"onAmbiguous":"review","attendeeRecord":"contactUnderAccount",
                        "createContactUnderAccount":true}
                        """
                    )
                    for name in ["One", "Two"] {
                        try await world.org.create(
                            "Account",
                            ["Name": .string(name), "Website": "globex.example"]
                        )
                    }
                },
                .review
            ),
            Row("SOMETHING_QUITE_NEW", .refusal(), .stopped),
        ]

    /// What passes is tried again by itself.
    static let passingRows: [Row] =
        [
            "PROCESSING_HALTED", "ALL_OR_NONE_OPERATION_ROLLED_BACK", "BATCH_PROCESSING_HALTED",
        ].map { Row($0, .refusal(), .waiting) } + [
            Row(
                "PRECONDITION_FAILED",
                .meanwhile(
                    settings:
                        #"{"ownerChange":{"to":"organizer","onlyIfOwnedBy":["Mara Admin"]}}"#,
                    prepare: { world in
                        try await world.org.create(
                            "Contact",
                            [
                                "LastName": "Okafor",
                                "Email": .string(Meeting.Person.dana.email),
                            ]
                        )
                    },
                    happens: { org, clock in
                        clock.advance(bySeconds: 10)
                        let id = try await org.one("SELECT Id FROM Contact").text("Id")
                        try await org.change("Contact", id, ["Phone": "+12025550100"])
                        clock.advance(bySeconds: 10)
                    }
                ),
                .waiting
            ),
            Row("UNABLE_TO_LOCK_ROW", .fault("lockRow"), .waiting),
            Row("SERVER_UNAVAILABLE", .fault("serverUnavailable"), .run("unreachable")),
            Row("UNKNOWN_EXCEPTION", .fault("unknownException"), .run("unreachable")),
            Row("OUTCOME_UNKNOWN", .fault("timeoutAfterCommit"), .recovered),
            Row(
                "AWAITED_RECORD_FAILED",
                .arranged { try await $0.refuse("CANNOT_EXECUTE_FLOW_TRIGGER", "No.") },
                .stopped
            ),
        ]

    /// What the org does not understand, or does not allow, stops the run.
    static let requestRows: [Row] =
        [
            "INVALID_TYPE", "INVALID_QUERY_FILTER_OPERATOR", "MALFORMED_QUERY", "MALFORMED_SEARCH",
            "QUERY_TOO_COMPLICATED",
            "OPERATION_TOO_LARGE", "INVALID_QUERY_LOCATOR", "INVALID_REPLICATION_DATE",
            "EXCEEDED_ID_LIMIT", "QUERY_TIMEOUT", "EXCEEDED_MAX_SIZE_REQUEST",
        ].map { Row($0, .answer(400), .run("rejected")) } + [
            Row("METHOD_NOT_ALLOWED", .answer(405), .run("rejected")),
            Row("UNSUPPORTED_MEDIA_TYPE", .answer(415), .run("rejected")),
            Row("API_DISABLED_FOR_ORG", .answer(403), .run("forbidden")),
            Row("API_CURRENTLY_DISABLED", .answer(403), .run("forbidden")),
            Row(
                "REQUEST_LIMIT_EXCEEDED",
                .arranged { try await $0.org.settings(#"{"dailyLimit":1000,"used":1000}"#) },
                .run("limit-reached")
            ),
        ]

    /// The log-in.
    static let logInRows: [Row] = [
        Row("INVALID_SESSION_ID", .fault("expiredToken"), .run("unauthorised")),
        Row("INVALID_LOGIN", .answer(401), .run("unauthorised")),
        Row(
            "INVALID_OPERATION_WITH_EXPIRED_PASSWORD",
            .answer(401),
            .run("unauthorised")
        ),
        Row("PASSWORD_LOCKOUT", .answer(401), .run("unauthorised")),
    ]

    @Test("have a row each")
    func complete() {
        let tried = Set(Self.rows.map(\.code))
        #expect(Set(FailureCatalogue.all.map(\.code)).subtracting(tried).isEmpty)
        #expect(tried.subtracting(FailureCatalogue.all.map(\.code)) == ["SOMETHING_QUITE_NEW"])
    }

    @Test("are dealt with as the catalogue says", arguments: rows)
    func handled(row: Row) async throws {
        try await withPipeline { world in
            try await world.accept(
                #"{"onBooking":{"attendee":{"\#(Self.status)":"Booked"}}}"#
            )
            let report = try await Self.run(row, world)
            try await Self.expect(row, report, world)
        }
    }

    // MARK: Producing

    private static func run(
        _ row: Row,
        _ world: World
    ) async throws -> Result<
        RunReport, SalesforceError
    > {
        let booking = Meeting()
        switch row.origin {
        case .refusal(let field, let message):
            let isAboutField = row.field != nil
            try await world.refuse(
                row.code,
                message,
                field: field,
                when: isAboutField ? #""\#(status)":"Booked""# : ""
            )
        case .refusedOwner(let field, let message):
            let owner = try await world.org.user(booking.organizer.email)
            try await world.refuse(
                row.code,
                message(owner),
                field: field,
                when: #""OwnerId":"\#(owner)""#
            )
        case .refusedUpdate:
            try await world.org.create(
                "Contact",
                ["LastName": "Okafor", "Email": .string(booking.booker.email)]
            )
            world.wait(minutes: 1)
            try await world.refuse(row.code, "No.")
        case .answer(let status):
            try await world.org.fail(
                "error",
                count: 50,
                more: #","status":\#(status),"code":"\#(row.code)","message":"No.""#
            )
        case .fault(let kind):
            let (org, count) = (world.org, kind == "timeoutAfterCommit" ? 1 : 20)
            world.interpose = { gateway in
                InterruptedGateway(gateway) {
                    try await org.fail(kind, count: count, more: #","object":"Contact""#)
                }
            }
            if kind != "lockRow", count == 20 { try await org.fail(kind, count: count) }
        case .arranged(let arrange):
            try await arrange(world)
        case .meanwhile(let settings, let prepare, let happens):
            try await world.accept(settings)
            try await prepare(world)
            world.wait(minutes: 1)
            let (org, clock) = (world.org, world.clock)
            world.interpose = { InterruptedGateway($0) { try await happens(org, clock) } }
        }
        try await world.deliver(booking.created)
        do {
            return .success(try await world.reconcile())
        } catch let error as SalesforceError {
            return .failure(error)
        }
    }

    // MARK: Expecting

    private static func expect(
        _ row: Row,
        _ result: Result<RunReport, SalesforceError>,
        _ world: World
    ) async throws {
        let expected = row.expected ?? .fieldLost
        let kept = try await world.journal.keptFailures()
        switch expected {
        case .fieldLost:
            let report = try result.get()
            #expect(report.summary.failed == 0)
            #expect(report.refusedFields == 1)
            #expect(row.entry.reach == .field)
            #expect(try await world.org.count("Contact") == 1)
            #expect(kept.map(\.field?.rawValue) == [row.field])
            #expect(try await world.org.one("SELECT WhoId FROM Event")["WhoId"] != .null)
            try await expectNoMore(row, kept, world)
        case .stopped, .waiting:
            #expect(try result.get().summary.failed == 1)
            let failure = try #require(kept.first { $0.note.code == row.code })
            #expect(failure.state == (expected == .waiting ? .waiting : .stopped))
            #expect((failure.note.nextTry != nil) == (row.entry.retry == .later))
            #expect(try await world.org.count("Event") == 1, "the meeting is shown all the same")
            if expected == .stopped { try await expectNoMore(row, kept, world) }
        case .run(let word):
            #expect(row.entry.reach == .run)
            guard case .failure(let error) = result else {
                Issue.record("the run did not stop")
                return
            }
            #expect("\(error)".contains(row.code) || !["rejected", "forbidden"].contains(word))
            #expect(try await world.ledger("run.stopped").last?.text("why") == word)
            #expect(try await world.org.writes == 0)
        case .recovered:
            #expect(try result.get().summary.failed == 0)
            #expect(try await world.org.count("Contact") == 1)
            #expect(kept.isEmpty)
        case .review:
            #expect(try result.get().reviews == 1)
            #expect(kept.map(\.state) == [.review])
            #expect(kept.first?.note.candidates.count == 2)
        }
    }

    /// What waits for a change is not tried again by a sweep.
    private static func expectNoMore(
        _ row: Row,
        _ kept: [KeptFailure],
        _ world: World
    ) async throws {
        #expect([.whenChanged, .afterLooking].contains(row.entry.retry))
        try await world.org.resetCounters()
        world.wait(minutes: 10)
        try await world.reconcile(.everything)
        #expect(try await world.org.writes == 0)
        // What waits for another record is found anew by every look, and an owner is only given to
        // a record that is made.
        let lasting = kept.filter { $0.field != "OwnerId" }.map(\.note)
            .filter { $0.code != "AWAITED_RECORD_FAILED" }
        #expect(try await world.journal.keptFailures().map(\.note) == lasting)
    }
}

extension World {
    /// Lets a rule of the org refuse every contact with a code.
    func refuse(
        _ code: String,
        _ message: String,
        field: String? = nil,
        when condition: String = ""
    ) async throws {
        let place = field.map { #","field":"\#($0)""# } ?? ""
        try await org.settings(
            """
            {"automation":[{"object":"Contact","when":{\(condition)},"reject":{"errorCode":"\(code)",\
            "message":"\(message)"\(place)}}]}
            """
        )
    }
}
