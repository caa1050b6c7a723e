import Domain

/// Folds the facts of one appointment into what it calls for.
struct AppointmentFold {
    let history: AppointmentHistory
    private let settings: SettingsTimeline
    let uids: Set<BookingUID>
    var state = AppointmentState()
    /// The last interpretation; nil while no settings applied to any fact.
    var current: (Interpretation, RecordedFact)?
    var standard: [FieldName: Assertion] = [:]
    var attendees: Assertion?
    var eventRules = RuleFold()
    /// The records that tell of a booking nobody was routed to; nil until the first confirmation.
    var fallbacks: [FallbackFold]?
    var people: [PersonID: PersonFold] = [:]
    var order: [PersonID] = []
    /// Listens for what one value is formed from; nil for nobody.
    var trace: FormingTrace?

    /// What was gathered for one person.
    struct PersonFold {
        var party: Party
        var place = BookerPlace()
        var rules = RuleFold()
        var owner: DesiredOwner?
        var accountRules = RuleFold()
        var accountOwner: DesiredOwner?

        /// What is called for in the person's account; nil for nothing.
        var account: AccountContribution? {
            guard !accountRules.isEmpty || accountOwner != nil else { return nil }
            return AccountContribution(
                assertions: accountRules.assertions,
                held: accountRules.heldFields,
                owner: accountOwner
            )
        }

        var cause: RecordedFact
    }

    init(history: AppointmentHistory, settings: SettingsTimeline) {
        (self.history, self.settings) = (history, settings)
        uids = Set(history.uids)
        state.eventType =
            history.facts.sorted(by: RecordedFact.happenedEarlier)
            .compactMap { $0.fact.booking?.eventType }.first
    }

    mutating func take(_ fact: RecordedFact) {
        state.take(fact, uids: uids)
        guard
            let interpretation = settings.interpretation(
                of: state.eventType,
                occurred: fact.occurred,
                position: fact.position
            )
        else { return }
        current = (interpretation, fact)
        assertStandardFields(interpretation, fact)
        assertRules(interpretation, fact)
        notePeople(fact)
    }

    // MARK: People

    private mutating func notePeople(_ fact: RecordedFact) {
        for entry in state.attendees { note(entry.party, fact, onlyNew: true) }
    }

    mutating func note(_ party: Party, _ fact: RecordedFact, onlyNew: Bool = false) {
        guard let person = party.person else { return }
        if people[person] == nil {
            people[person] = PersonFold(party: party, cause: fact)
            order.append(person)
        } else if !onlyNew {
            let known = people[person]?.party
            var merged = party
            merged.phone = party.phone ?? known?.phone
            merged.name = party.name ?? known?.name
            merged.firstName = party.firstName ?? known?.firstName
            merged.lastName = party.lastName ?? known?.lastName
            merged.timeZone = party.timeZone ?? known?.timeZone
            people[person]?.party = merged
            people[person]?.cause = fact
        }
    }

    func assertion(
        _ value: WishedValue,
        _ fact: RecordedFact,
        _ interpretation: Interpretation,
        rule: String,
        policy: WritePolicy,
        isPersonal: Bool
    ) -> Assertion {
        Assertion(
            value: value,
            cause: Cause(fact),
            version: interpretation.version,
            rule: rule,
            policy: policy,
            isLive: interpretation.isLive,
            isPersonal: isPersonal
        )
    }

}
