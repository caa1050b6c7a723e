import Audit
import Domain
import Reconciliation
import Testing

/// What `explain` advises for a value that is held, played to the end.
@Suite("The one change that releases what is held")
struct ReleaseTests {
    /// A value that is held, the advice for it, and what the advice makes of the world.
    struct Row: CustomTestStringConvertible, Sendable {
        var reason: Reason
        /// How it came to be held, where one reason has several ways.
        var way = ""
        /// Words of the advice that name the change.
        var advice: String
        var field: FieldName = "Title"
        var hold: @Sendable (inout PlanningInput) -> Void
        var release: @Sendable (inout PlanningInput) -> Void
        /// Whether the value stands there after the change, so that nothing is left to write.
        var stands = false

        var testDescription: String { "\(reason.rawValue) \(way)" }
    }

    // MARK: Situations

    private static let record = SalesforceID.contact(1)
    private static let settings = "daybook settings apply FILE --effective all"
    private static let overwrite = "daybook replay --fields FIELD --overwrite-edits"
    private static let look = "then run 'daybook reconcile --all'"

    /// Ada's contact with some fields, and what her booking of minute 10 wants.
    private static func contact(
        _ input: inout PlanningInput,
        _ fields: [FieldName: FieldValue] = [:],
        lastModified: Int = 0,
        _ wishes: DesiredField...
    ) {
        input.directory.show(.sample(record, fields, lastModified: lastModified))
        input.link(.person(record))
        input.people = [.sample(fields: wishes)]
    }

    /// What is remembered of a title that Daybook wrote, as "Old" unless told otherwise.
    private static func wrote(
        _ input: inout PlanningInput,
        _ text: String = "Old",
        minute: Int = 5,
        seenAt: Int? = nil
    ) {
        var claim = Claim.sample(sent: text, minute: minute)
        claim.seenAt = .minute(seenAt ?? minute)
        input.claims[record, default: [:]]["Title"] = claim
    }

    /// What the settings call for once the rule has another `when` or value, for all of history.
    private static func replay(_ input: inout PlanningInput, _ field: DesiredField) {
        input.people[0].fields = [field]
        input.people[0].held = []
    }

    /// The rule writes always, and a plan is told to overwrite.
    @Sendable
    private static func always(_ input: inout PlanningInput) {
        replay(&input, .text("Title", "Countess", isLive: false))
        input.replayOverwrites = true
    }

    /// A field of the contact as the org describes it.
    private static func describe(_ input: inout PlanningInput, _ field: FieldDescription) {
        input.schema.objects[.contact]?.fields[field.name] = field
    }

    // MARK: Fields that somebody's value or edit keeps

    static let others: [Row] = [
        Row(
            reason: .observeOnly,
            advice: settings,
            hold: { contact(&$0, [:], .text("Title", "Countess", policy: .observe)) },
            release: always
        ),
        Row(
            reason: .notEmpty,
            way: "by Daybook's own value",
            advice: settings,
            hold: {
                contact(
                    &$0,
                    ["Title": .text("Old")],
                    .text("Title", "Countess", policy: .whenEmpty)
                )
                wrote(&$0)
            },
            release: always
        ),
        Row(
            reason: .notEmpty,
            way: "by somebody's value",
            advice: overwrite,
            hold: {
                contact(
                    &$0,
                    ["Title": .text("Engineer")],
                    .text("Title", "Countess", policy: .whenEmpty)
                )
            },
            release: always
        ),
        Row(
            reason: .preExisting,
            advice: "Empty the field in Salesforce, \(look)",
            hold: {
                contact(
                    &$0,
                    ["Title": .text("Engineer")],
                    .text("Title", "Countess", policy: .protect)
                )
            },
            release: { $0.directory.show(.sample(record)) }
        ),
        Row(
            reason: .emptiedByOther,
            way: "after Daybook wrote it",
            advice: overwrite,
            hold: {
                contact(&$0, [:], .text("Title", "Countess"))
                wrote(&$0, "Countess", minute: 10)
            },
            release: always
        ),
        Row(
            reason: .emptiedByOther,
            way: "after the booking found a value",
            advice: overwrite,
            hold: {
                contact(&$0, [:], .text("Title", "Countess", policy: .whenEmpty))
                wrote(&$0, minute: 10)
                $0.claims[record]?["Title"]?.sent = nil
            },
            release: always
        ),
        Row(
            reason: .clearHeld,
            advice: "Empty the field in Salesforce",
            hold: {
                contact(
                    &$0,
                    ["Title": .text("Edited")],
                    .sample("Title", [.sample(.value(.empty), minute: 10, policy: .protect)])
                )
                wrote(&$0)
            },
            release: { $0.directory.show(.sample(record)) },
            stands: true
        ),
        Row(
            reason: .conflict,
            way: "because the edit is newer",
            advice: overwrite,
            hold: {
                contact(
                    &$0,
                    ["Title": .text("Edited")],
                    lastModified: 15,
                    .text("Title", "Countess")
                )
                wrote(&$0, seenAt: 12)
            },
            release: always
        ),
        Row(
            reason: .conflict,
            way: "because the rule is sticky",
            advice: settings,
            hold: {
                contact(
                    &$0,
                    ["Title": .text("Edited")],
                    .text("Title", "Countess", policy: .sticky)
                )
                wrote(&$0)
            },
            release: always
        ),
        Row(
            reason: .orderUnknown,
            advice: overwrite,
            hold: {
                contact(
                    &$0,
                    ["Title": .text("Edited")],
                    lastModified: 15,
                    .text("Title", "Countess", policy: .protect)
                )
                wrote(&$0)
            },
            release: always
        ),
        Row(
            reason: .replayHeld,
            advice: overwrite,
            hold: {
                contact(
                    &$0,
                    ["Title": .text("Engineer")],
                    .text("Title", "Countess", isLive: false)
                )
            },
            release: { $0.replayOverwrites = true }
        ),
    ]

    // MARK: Fields for which there is no value that fits

    static let unformed: [Row] = [Reason.unanswered, .notABoolean, .noDate].map { reason in
        Row(
            reason: reason,
            advice: settings,
            hold: { input in
                contact(&input)
                input.people[0].held = [.sample("Title", reason)]
            },
            release: { replay(&$0, .text("Title", "Countess", isLive: false)) }
        )
    }

    static let values: [Row] = [
        Row(
            reason: .typeMismatch,
            advice: settings,
            field: "Score__c",
            hold: { contact(&$0, [:], .text("Score__c", "ten")) },
            release: { replay(&$0, .text("Score__c", "10", isLive: false)) }
        ),
        Row(
            reason: .inactivePicklistValue,
            advice: "Activate the value in Salesforce, then run 'daybook doctor'",
            field: "LeadSource",
            hold: { contact(&$0, [:], .text("LeadSource", "Fax")) },
            release: {
                describe(&$0, .sample("LeadSource", "picklist", length: 40, values: ["Fax"]))
            }
        ),
        Row(
            reason: .fieldMissing,
            advice: "see the field, then run 'daybook doctor'",
            field: "Later__c",
            hold: { contact(&$0, [:], .text("Later__c", "Countess")) },
            release: { describe(&$0, .sample("Later__c", "string", length: 20)) }
        ),
        Row(
            reason: .fieldReadOnly,
            advice: "edit the field, then run 'daybook doctor'",
            field: "Locked__c",
            hold: { contact(&$0, [:], .text("Locked__c", "Countess")) },
            release: { describe(&$0, .sample("Locked__c", "string", length: 20)) }
        ),
        Row(
            reason: .noActiveUser,
            advice: "activate the user in Salesforce, \(look)",
            field: "OwnerId",
            hold: {
                contact(&$0, [:], .sample("OwnerId", [.sample(.user(.host), minute: 10)]))
                $0.directory.users = [.host: [.user(1, isActive: false)]]
            },
            release: { $0.directory.users = [.host: [.user(1)]] }
        ),
        Row(
            reason: .noAccount,
            advice: "into the website of the right account, \(look)",
            field: "AccountId",
            hold: {
                let account = WishedValue.account(AccountLookUp(.ada))
                contact(&$0, [:], .sample("AccountId", [.sample(account, minute: 10)]))
            },
            release: {
                $0.directory.accountsByHost["acme.example"] = [.sample(.account(1))]
            }
        ),
    ]

    // MARK: Records

    /// What Ada's booking wants of whatever record she has.
    private static func person(_ input: inout PlanningInput, _ person: DesiredPersonRecord) {
        input.people = [person]
        input.people[0].fields = [.text("Title", "Countess")]
    }

    static let records: [Row] = [
        Row(
            reason: .ambiguous,
            advice: "daybook failures bind SUBJECT RECORD",
            hold: {
                person(&$0, .sample(settings: { $0.onAmbiguous = .review }))
                $0.directory.contacts[.ada] = [.contact(1), .contact(2)]
            },
            release: {
                $0.directory.show(.contact(1))
                $0.link(.person(record, isOurs: false))
            }
        ),
        Row(
            reason: .creationOff,
            advice: "Create the record in Salesforce, \(look)",
            hold: { person(&$0, .sample(settings: { $0.skipContactCreation = true })) },
            release: { $0.directory.contacts[.ada] = [.contact(1)] }
        ),
        Row(
            reason: .personAccount,
            advice: "Make a contact with the address in Salesforce, \(look)",
            hold: {
                person(&$0, .sample())
                $0.directory.contacts[.ada] = [.contact(2, ["IsPersonAccount": .flag(true)])]
            },
            release: { $0.directory.contacts[.ada, default: []].append(.contact(1)) }
        ),
        Row(
            reason: .deletedByOther,
            advice: "Restore it from the recycle bin if it is wanted, \(look)",
            hold: {
                person(&$0, .sample())
                $0.link(.person(record))
                ($0.directory.asked, $0.directory.deleted) = ([record], [record])
            },
            release: {
                $0.directory.deleted = []
                $0.directory.show(.contact(1))
            }
        ),
        Row(
            reason: .notVisible,
            advice: "Share the record with the integration user, \(look)",
            hold: {
                person(&$0, .sample())
                $0.link(.person(record))
                $0.directory.asked = [record]
            },
            release: { $0.directory.show(.contact(1)) }
        ),
    ]

    // MARK: Tests

    static let rows = others + unformed + values + records

    @Test("is what the advice says, and nothing less", arguments: rows)
    func releases(row: Row) throws {
        let step = try #require(row.reason.words.nextStep)
        #expect(step.contains(row.advice), "\(step)")
        var input = PlanningInput.sample()
        row.hold(&input)
        let held = try #require(input.plan().first)
        #expect(!held.isWrite)
        #expect(held.reason == row.reason)
        #expect(held.fields.allSatisfy { $0.outcome == .hold && $0.reason == row.reason })

        remember(held, in: &input)
        let again = try #require(input.plan().first)
        #expect(!again.isWrite, "looking again is not enough")

        row.release(&input)
        let after = try #require(input.plan().first)
        let planned = try #require(after.fields.first { $0.field == row.field })
        #expect(planned.outcome == (row.stands ? .adopt : .write), "\(planned.reason.rawValue)")
        #expect(after.record == Self.record)
    }

    /// What a run keeps of an operation that wrote nothing; see `ClaimMemory`.
    private func remember(_ operation: PlanOperation, in input: inout PlanningInput) {
        let nothing = Instant(milliseconds: 0)
        let never = Cause(position: .start, occurred: nothing, recorded: nothing)
        for planned in operation.fields {
            let old = input.claims[Self.record]?[planned.field]
            input.claims[Self.record, default: [:]][planned.field] = Claim(
                sent: old?.sent,
                seen: old?.seen,
                seenIsEmpty: old?.seenIsEmpty ?? true,
                seenAt: old?.seenAt,
                considered: planned.reason.mayStillCome
                    ? old?.considered ?? never : planned.considered,
                outcome: planned.reason
            )
        }
    }
}
