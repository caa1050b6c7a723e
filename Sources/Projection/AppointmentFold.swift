import Domain

/// Folds the facts of one appointment into what it calls for.
struct AppointmentFold {
    let history: AppointmentHistory
    private let settings: SettingsTimeline
    let uids: Set<BookingUID>
    var state = AppointmentState()
    /// The last interpretation; nil while no settings applied to any fact.
    var current: (Interpretation, RecordedFact)?
    var standard = AssertedFields()
    /// Which picture of the booking the standard fields were asserted from; nil for none.
    var asserted: Int?
    /// The people of which picture were noted; nil for none.
    private var noted: Int?
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
        var first: RecordedFact?
        for fact in history.facts where fact.fact.eventType != nil {
            if first.map({ RecordedFact.happenedEarlier(fact, $0) }) ?? true { first = fact }
        }
        state.eventType = first?.fact.eventType
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
        // Nobody is forgotten, so the same picture shows nobody new.
        guard state.picture != noted else { return }
        noted = state.picture
        for entry in state.attendees { note(entry.party, fact, onlyNew: true) }
    }

    mutating func note(_ party: Party, _ fact: RecordedFact, onlyNew: Bool = false) {
        guard let person = party.person else { return }
        guard let place = people.index(forKey: person) else {
            people[person] = PersonFold(party: party, cause: fact)
            order.append(person)
            return
        }
        guard !onlyNew else { return }
        people.values[place].party.learn(party)
        people.values[place].cause = fact
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

extension Party {
    /// Takes over what is told of the person; what is left out of that stays as it was known.
    fileprivate mutating func learn(_ told: Party) {
        let known = self
        self = told
        phone = told.phone ?? known.phone
        name = told.name ?? known.name
        firstName = told.firstName ?? known.firstName
        lastName = told.lastName ?? known.lastName
        timeZone = told.timeZone ?? known.timeZone
    }
}
