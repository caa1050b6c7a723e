public import Domain

/// What the value of a rule was formed from.
public struct FormedInputs: Hashable, Sendable {
    /// One answer that went into the value.
    public struct Input: Hashable, Sendable {
        /// The token in braces, or the date or look-up that the rule names.
        public var name: String
        /// What it stood for; nil when nothing was given.
        public var answer: String?
    }

    /// The rule's template, or the name of what it takes its value from.
    public var source: String
    /// The kind of field that the rule fills.
    public var type: FieldType
    /// When the rule writes.
    public var when: WritePolicy
    /// The answers, in the order of the template.
    public var inputs: [Input]

    init(_ prepared: PreparedRule, _ context: FormingContext) {
        let rule = prepared.rule
        (type, when) = (rule.type, rule.when)
        switch rule.value {
        case .template(let template):
            source = template
            inputs = prepared.pieces.compactMap { piece in
                guard case .token(let name) = piece else { return nil }
                return Input(name: name, answer: Tokens.answer(name, context)?.text)
            }
        case .flag(let flag): (source, inputs) = (flag ? "true" : "false", [])
        case .bookingStartDate:
            let start = context.booking.slot?.start.rfc3339Seconds
            (source, inputs) = Self.single("booking_start_date", start)
        case .bookingCreatedDate:
            (source, inputs) = Self.single("booking_created_date", context.created?.rfc3339Seconds)
        case .bookingCancelDate:
            (source, inputs) = Self.single("booking_cancel_date", context.cancelled?.rfc3339Seconds)
        case .bookingOrganizer:
            let organizer = context.booking.organizer?.email?.rawValue
            (source, inputs) = Self.single("booking_organizer", organizer)
        case .matchedAccount:
            let domain = context.attendee?.email?.domain
            (source, inputs) = Self.single("matched_account", domain)
        }
    }

    private static func single(_ name: String, _ answer: String?) -> (String, [Input]) {
        (name, [Input(name: name, answer: answer)])
    }
}

/// Listens for one rule at one fact while an appointment is folded.
struct FormingTrace {
    let rule: String
    let position: LedgerPosition
    private(set) var found: [FormedInputs] = []

    init(rule: String, position: LedgerPosition) {
        (self.rule, self.position) = (rule, position)
    }

    mutating func note(_ rule: PreparedRule, _ context: FormingContext, _ fact: RecordedFact) {
        guard rule.path == self.rule, fact.position == position else { return }
        found.append(FormedInputs(rule, context))
    }
}

extension AppointmentProjector {
    /// What the value of a rule was formed from at one fact.
    ///
    /// - Parameters:
    ///   - rule: The path of the rule inside the settings.
    ///   - cause: Where the ledger has the fact.
    ///   - history: The appointment.
    ///   - settings: The versions of the settings that were known then.
    /// - Returns: The template and its answers: once for each attendee for whom the fact spoke.
    public static func inputs(
        of rule: String,
        at cause: LedgerPosition,
        _ history: AppointmentHistory,
        settings: SettingsTimeline
    ) -> [FormedInputs] {
        var fold = AppointmentFold(history: history, settings: settings)
        fold.trace = FormingTrace(rule: rule, position: cause)
        for fact in order(history) { fold.take(fact) }
        return fold.trace?.found ?? []
    }
}
