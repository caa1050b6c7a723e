public import Domain
public import Projection

/// The story of one field of one record.
public struct Explanation: Hashable, Sendable {
    /// What became of the field so far.
    public enum Outcome: String, Hashable, Sendable {
        /// Daybook wrote the value.
        case written
        /// The value stood there already, and Daybook took it over as its own.
        case adopted
        /// Daybook wanted to write the field and never did.
        case held
        /// Daybook has nothing to do with the field.
        case never
    }

    /// The booking fact behind a value or a wish.
    public struct Cause: Hashable, Sendable {
        /// Where the ledger has it.
        public var position: LedgerPosition
        /// What kind of fact it is.
        public var type: String
        /// When it happened.
        public var occurred: Instant
        /// The booking it is about.
        public var booking: BookingUID?

        var json: JSON {
            .compact([
                ("position", .integer(position.rawValue)),
                ("type", .string(type)),
                ("occurred", .string(occurred.rfc3339)),
                ("booking", .text(booking?.rawValue)),
            ])
        }
    }

    /// Why the field is not written now.
    public struct Hold: Hashable, Sendable {
        /// Where the ledger has the newest decision.
        public var position: LedgerPosition
        /// Since when the reason stands, however many bookings asked for the value meanwhile.
        public var since: Instant
        /// Why.
        public var reason: Reason
        /// What exactly stands against it.
        public var detail: String
        /// The run that decided last.
        public var run: String?
        /// The booking fact that asked for the value last.
        public var cause: Cause?

        var json: JSON {
            .compact([
                ("position", .integer(position.rawValue)),
                ("since", .string(since.rfc3339)),
                ("reason", .string(reason.rawValue)),
                ("words", .string(reason.words.meaning)),
                ("nextStep", .text(reason.words.nextStep)),
                ("detail", .string(detail)),
                ("run", .text(run)),
                ("cause", cause?.json ?? .null),
            ])
        }
    }

    /// The record.
    public var record: SalesforceID
    /// Its object.
    public var object: ObjectName
    /// The field, in the letter case of the org where that is known.
    public var field: FieldName
    /// What became of the field so far.
    public var outcome: Outcome
    /// What Daybook sent last; nil when it sent nothing or the value cannot be read any more.
    public var value: JSON?
    /// What was seen right after; Salesforce may have made something else of the value.
    public var seen: JSON?
    /// What stood there before.
    public var before: JSON?
    /// What Salesforce says now; nil when it was not asked.
    public var live: JSON?
    /// Why: of the hold where there is one, else of the last write.
    public var reason: Reason
    /// The rule that gives the value, for example `eventTypes/88231/onBooking/attendee/LeadSource`.
    public var rule: String?
    /// The version of the settings in which the rule stands.
    public var settingsVersion: SettingsVersion?
    /// The booking fact behind the value.
    public var cause: Cause?
    /// The run that wrote or decided.
    public var run: String?
    /// When the value was written.
    public var written: Instant?
    /// The receipt of the write.
    public var receipt: LedgerPosition?
    /// Whether Daybook regards the value as its own.
    public var isOwned: Bool
    /// Why the field is not written now, if something stands against it.
    public var hold: Hold?
    /// What the value was formed from: the rule's template and the answers.
    public var formed: FormedInputs?
    /// The plan by which the run wrote.
    public var plan: String?
    /// Where the ledger has the intent that stood before the call.
    public var intent: LedgerPosition?
    /// The API call that wrote: the id under which Salesforce or we sent it; of a job its id.
    public var request: String?
    /// What else there is to say, a sentence each.
    public var notes: [String]

    init(record: SalesforceID, object: ObjectName, field: FieldName) {
        (self.record, self.object, self.field) = (record, object, field)
        (outcome, reason, isOwned, notes) = (.never, .noOpinion, false, [])
    }
}

extension Explanation {
    /// The explanation in plain words.
    public var words: String {
        ([outcome == .never ? nil : reason.words.text].compactMap { $0 } + notes)
            .joined(separator: " ")
    }

    /// The explanation as one object; every member is always there.
    ///
    /// | member                    | holds                                                      |
    /// |---------------------------|------------------------------------------------------------|
    /// | `record`                  | the 18-character id                                        |
    /// | `object`, `field`         | API names                                                  |
    /// | `outcome`                 | `written`, `adopted`, `held` or `never`                    |
    /// | `value`, `before`, `seen` | what was sent, what stood there, what was seen right after |
    /// | `live`, `isLiveKnown`     | what Salesforce says now, and whether it was asked         |
    /// | `reason`, `words`         | the reason code, and the same in plain words               |
    /// | `rule`, `settingsVersion` | what makes the value                                       |
    /// | `cause`                   | `{position, type, occurred, booking}` of the booking fact  |
    /// | `run`, `written`          | which run wrote, and when                                  |
    /// | `receipt`                 | the position of the receipt                                |
    /// | `owned`                   | whether Daybook regards the value as its own               |
    /// | `held`                    | why it is not written now                                  |
    /// | `formed`                  | the rule's template, and the answers in it                 |
    /// | `plan`, `intent`          | the plan's id, and the position of the intent              |
    /// | `request`                 | the id of the API call or bulk job that wrote              |
    ///
    /// What is not known is `null`. Values may be personal data.
    public var json: JSON {
        .compact([
            ("record", .string(record.rawValue)),
            ("object", .string(object.rawValue)),
            ("field", .string(field.rawValue)),
            ("outcome", .string(outcome.rawValue)),
            ("value", value ?? .null),
            ("live", live ?? .null),
            ("isLiveKnown", .bool(live != nil)),
            ("reason", .string(reason.rawValue)),
            ("words", .string(words)),
            ("rule", .text(rule)),
            ("settingsVersion", settingsVersion.map { .integer($0.rawValue) } ?? .null),
            ("cause", cause?.json ?? .null),
            ("run", .text(run)),
            ("written", .text(written?.rfc3339)),
            ("receipt", receipt.map { .integer($0.rawValue) } ?? .null),
            ("seen", seen ?? .null),
            ("before", before ?? .null),
            ("owned", .bool(isOwned)),
            ("held", hold?.json ?? .null),
            ("formed", formed?.json ?? .null),
            ("plan", .text(plan)),
            ("intent", intent.map { .integer($0.rawValue) } ?? .null),
            ("request", .text(request)),
        ])
    }

    /// The explanation for a terminal.
    public var text: String {
        let settings = settingsVersion.map { ", settings version \($0.rawValue)" } ?? ""
        let head = "\(object.rawValue) \(record.rawValue), \(field.rawValue)\n\n"
        let story = Columns.pairs(
            [
                ("value", value?.valueInWords),
                ("now", live.map(comparison)),
                ("seen", seen == value ? nil : seen?.valueInWords),
                ("before", before?.valueInWords),
                ("written", written.map { "\($0.rfc3339Seconds), run \(run ?? "unknown")" }),
                ("why", outcome == .never ? nil : "\(reason.rawValue): \(reason.words.meaning)"),
                ("rule", rule.map { $0 + settings }),
                ("cause", cause?.text),
                ("formed from", formed?.text),
                ("plan", plan),
                ("request", request),
            ],
            indent: 2
        )
        let ending = notes.map { "\n\($0)\n" }.joined()
        return head + story + (hold.map(text) ?? "") + ending
    }

    private func comparison(_ live: JSON) -> String {
        guard let known = seen ?? value else { return live.valueInWords }
        let isSame = known.means(live)
        return "\(live.valueInWords) (\(isSame ? "as Daybook left it" : "changed since"))"
    }

    private func text(_ hold: Hold) -> String {
        let detail = hold.detail.isEmpty ? nil : hold.detail
        return "\nNot written since \(hold.since.rfc3339Seconds):\n"
            + Columns.pairs(
                [
                    ("why", "\(hold.reason.rawValue): \(hold.reason.words.meaning)"),
                    ("detail", detail),
                    ("asked by", hold.cause?.text),
                    ("to change it", hold.reason.words.nextStep),
                ],
                indent: 2
            )
    }
}

extension FormedInputs {
    fileprivate var text: String {
        let answers = inputs.map { "\($0.name) = \($0.answer ?? "not answered")" }
        let given = answers.isEmpty ? "" : ": \(answers.joined(separator: ", "))"
        return "\(source)\(given) (\(type.rawValue), \(when.rawValue))"
    }

    fileprivate var json: JSON {
        .compact([
            ("source", .string(source)), ("type", .string(type.rawValue)),
            ("when", .string(when.rawValue)),
            (
                "inputs",
                .array(
                    inputs.map {
                        .compact([("name", .string($0.name)), ("answer", .text($0.answer))])
                    }
                )
            ),
        ])
    }
}

extension Explanation.Cause {
    fileprivate var text: String {
        let booking = booking.map { ", booking \($0.rawValue)" } ?? ""
        return "event \(position.rawValue), \(type), \(occurred.rfc3339Seconds)\(booking)"
    }
}
