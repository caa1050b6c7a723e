import Domain

/// Folds the facts of one appointment into what it calls for.
struct AppointmentFold {
    let history: AppointmentHistory
    private let settings: SettingsTimeline
    private let uids: Set<BookingUID>
    private(set) var state = AppointmentState()
    /// The last interpretation; nil while no settings applied to any fact.
    private var current: (Interpretation, RecordedFact)?
    private var standard: [FieldName: Assertion] = [:]
    private var attendees: Assertion?
    private var eventRules = RuleFold()
    /// The records that tell of a booking nobody was routed to; nil until the first confirmation.
    var fallbacks: [FallbackFold]?
    var people: [PersonID: PersonFold] = [:]
    private var order: [PersonID] = []
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

    // MARK: Event record, standard fields

    /// Asserts each standard field at the fact with which its value changed, and no later, so that
    /// a value edited by a person survives facts that do not change it.
    private mutating func assertStandardFields(
        _ interpretation: Interpretation,
        _ fact: RecordedFact
    ) {
        guard state.status == .booked, let booking = state.booking else { return }
        let booker = state.attendees.first?.party
        // What went with a person leaves what is in Salesforce alone; only a new record is named.
        let policy = booking.isMeetingErased ? WritePolicy.whenEmpty : .always
        let title = booking.title ?? "Meeting"
        assertChange("Subject", .text(title), true, policy, interpretation, fact)
        if let slot = booking.slot {
            assertChange(
                "StartDateTime",
                .instant(slot.start),
                false,
                .always,
                interpretation,
                fact
            )
            assertChange("EndDateTime", .instant(slot.end), false, .always, interpretation, fact)
        }
        let place = Wording.location(of: booking).map(FieldValue.text) ?? .empty
        assertChange("Location", place, true, policy, interpretation, fact)
        let description = Wording.description(of: booking, attendee: booker)
        assertChange("Description", .text(description), true, policy, interpretation, fact)
        if let organizer = booking.organizer?.email {
            assertChange("OwnerId", wish: .user(organizer), false, .always, interpretation, fact)
        }
        if let mark = noShow(interpretation, fact) { standard[mark.0] = mark.1 }
        assertAttendees(interpretation, fact)
    }

    private mutating func assertChange(
        _ field: FieldName,
        _ value: FieldValue,
        _ isPersonal: Bool,
        _ policy: WritePolicy,
        _ interpretation: Interpretation,
        _ fact: RecordedFact
    ) {
        assertChange(field, wish: .value(value), isPersonal, policy, interpretation, fact)
    }

    private mutating func assertChange(
        _ field: FieldName,
        wish: WishedValue,
        _ isPersonal: Bool,
        _ policy: WritePolicy,
        _ interpretation: Interpretation,
        _ fact: RecordedFact
    ) {
        guard standard[field]?.value != wish else { return }
        standard[field] = assertion(
            wish,
            fact,
            interpretation,
            rule: interpretation.path("eventRecord/standard/\(field.rawValue)"),
            policy: policy,
            isPersonal: isPersonal
        )
    }

    /// The no-show checkbox, asserted when a mark changes it.
    private func noShow(
        _ interpretation: Interpretation,
        _ fact: RecordedFact
    ) -> (FieldName, Assertion)? {
        guard let field = interpretation.settings.noShowField, let isNoShow = state.isNoShow,
            standard[field]?.value != .value(.flag(isNoShow))
        else { return nil }
        let assertion = assertion(
            .value(.flag(isNoShow)),
            state.marksCause ?? fact,
            interpretation,
            rule: interpretation.path("noShow"),
            policy: .always,
            isPersonal: false
        )
        return (field, assertion)
    }

    private mutating func assertAttendees(
        _ interpretation: Interpretation,
        _ fact: RecordedFact
    ) {
        let people = relatedPeople(interpretation.settings)
        guard attendees?.value != .records(people) else { return }
        attendees = assertion(
            .records(people),
            fact,
            interpretation,
            rule: interpretation.path("eventRecord/standard/attendees"),
            policy: state.attendees.contains(where: \.party.isErased) ? .whenEmpty : .always,
            isPersonal: false
        )
    }

    /// The people whose records the event record is related to, bookers first.
    private func relatedPeople(_ settings: SyncSettings) -> [PersonID] {
        let entries = state.attendees
        let guests = settings.ignoreGuests ? [] : entries.filter { !$0.isBooker }
        return (entries.filter(\.isBooker) + guests).compactMap(\.party.person)
    }

    private func assertion(
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

    // MARK: Rules

    private mutating func assertRules(_ interpretation: Interpretation, _ fact: RecordedFact) {
        let settings = interpretation.settings
        switch fact.fact {
        case .confirmed(let booking), .rescheduled(let booking, _), .reassigned(let booking):
            if fact.fact.isSeatMove, !uids.contains(booking.uid) {
                assertOnLastSeatMoved(booking, settings, interpretation, fact)
                return
            }
            assertOnBooking(booking, settings, interpretation, fact)
        case .cancelled(let booking, let cancellation):
            guard cancellation.kind != .rescheduleRequested else { return }
            assertOnCancellation(booking, cancellation, settings, interpretation, fact)
        case .formSubmitted(let form):
            assertOnForm(form, settings.forms.submitted, "onForm/submitted", interpretation, fact)
        case .formAbandoned(let form):
            assertOnForm(form, settings.forms.abandoned, "onForm/abandoned", interpretation, fact)
        default:
            return
        }
    }

    private mutating func assertOnBooking(
        _ booking: Booking,
        _ settings: SyncSettings,
        _ interpretation: Interpretation,
        _ fact: RecordedFact
    ) {
        let bookers = bookers(of: booking)
        let own = context(booking, bookers.first, settings, fact)
        assert(
            settings.eventRecordOnBooking,
            "onBooking/eventRecord",
            own,
            interpretation,
            fact
        )
        let isMiss = takeFallback(own, bookers.first, interpretation, fact)
        for booker in bookers {
            guard let person = booker.person else { continue }
            note(booker, fact)
            let context = context(booking, booker, settings, fact)
            assert(
                settings.attendeeOnBooking,
                "onBooking/attendee",
                context,
                interpretation,
                fact,
                to: .person(person)
            )
            if isMiss {
                let rules = settings.fallback.attendee
                let target = RuleTarget.person(person)
                assert(rules, "onFallback/attendee", context, interpretation, fact, to: target)
            }
            people[person]?.place = context.bookerPlace
            let change = settings.ownerChange
            if let owner = owner(change, "ownerChange", booking, interpretation, fact) {
                people[person]?.owner = owner
            }
            assertOnAccount(person, booking, context, interpretation, fact)
        }
    }

    func owner(
        _ change: OwnerChange?,
        _ rule: String,
        _ booking: Booking,
        _ interpretation: Interpretation,
        _ fact: RecordedFact
    ) -> DesiredOwner? {
        guard let change else { return nil }
        let namedUser: String? =
            if case .user(let name) = change.target { name } else { nil }
        return DesiredOwner(
            namedUser: namedUser,
            organizer: booking.organizer?.email ?? state.booking?.organizer?.email,
            onlyIfOwnedBy: change.onlyIfOwnedBy,
            cause: Cause(fact),
            version: interpretation.version,
            rule: interpretation.path(rule),
            isLive: interpretation.isLive
        )
    }

    private mutating func assertOnCancellation(
        _ booking: Booking,
        _ cancellation: Cancellation,
        _ settings: SyncSettings,
        _ interpretation: Interpretation,
        _ fact: RecordedFact
    ) {
        // A series cancellation names another booking: ours is what it is for here.
        let isOwn = uids.contains(booking.uid)
        let own = isOwn ? booking : state.booking ?? booking
        let leavers = cancellation.kind == .seat ? booking.attendees : bookers(of: own)
        var context = context(own, leavers.first, settings, fact)
        (context.cancelled, context.cancellation) = (fact.occurred, cancellation)
        if case .keep(let rules) = settings.onCancellation, state.status == .cancelled {
            assert(rules, "onCancellation/eventRecord", context, interpretation, fact)
        }
        for leaver in leavers {
            guard let person = leaver.person else { continue }
            note(leaver, fact)
            context.attendee = leaver
            assert(
                settings.attendeeOnCancellation,
                "onCancellation/attendee",
                context,
                interpretation,
                fact,
                to: .person(person)
            )
        }
    }

    /// A meeting whose last seat was moved to another one is over, as if it had been cancelled.
    private mutating func assertOnLastSeatMoved(
        _ booking: Booking,
        _ settings: SyncSettings,
        _ interpretation: Interpretation,
        _ fact: RecordedFact
    ) {
        guard case .keep(let rules) = settings.onCancellation, state.status == .cancelled,
            state.statusCause?.position == fact.position
        else { return }
        var context = context(state.booking ?? booking, nil, settings, fact)
        context.cancelled = fact.occurred
        assert(rules, "onCancellation/eventRecord", context, interpretation, fact)
    }

    /// Those of a fact's attendees who booked; the roster's where the fact names nobody.
    private func bookers(of booking: Booking) -> [Party] {
        if let erased = booking.erasedBooker {
            // Nobody else takes an erased person's place.
            return booking.attendees.filter { $0.person == erased }
        }
        let email = booking.bookerEmail ?? booking.attendees.first?.email
        let named = booking.attendees.filter { $0.email != nil && $0.email == email }
        let found = named.isEmpty ? Array(booking.attendees.prefix(1)) : named
        let bookers = found.isEmpty ? state.attendees.filter(\.isBooker).map(\.party) : found
        return bookers.filter { party in party.email.map { !state.hosts.contains($0) } ?? true }
    }

    private func context(
        _ booking: Booking,
        _ attendee: Party?,
        _ settings: SyncSettings,
        _ fact: RecordedFact
    ) -> FormingContext {
        var complete = booking
        if let known = state.booking {
            complete.organizer = booking.organizer ?? known.organizer
            complete.slot = booking.slot ?? known.slot
            // What another seat's booker answered is another person's.
            if !known.isSeated {
                complete.answers = known.answers.merging(booking.answers) { _, own in own }
                complete.metadata = known.metadata.merging(booking.metadata) { _, own in own }
            }
            complete.eventTypeSlug = booking.eventTypeSlug ?? known.eventTypeSlug
            complete.assignmentReason = booking.assignmentReason ?? known.assignmentReason
        }
        return FormingContext(
            booking: complete,
            created: booking.created ?? history.created[booking.uid],
            attendee: attendee,
            formAnswers: formAnswers(of: attendee, before: fact.occurred),
            settings: settings
        )
    }

    /// How long before a booking its routing form may have been answered: milliseconds.
    private static let formValidity: Int64 = 24 * 3_600_000

    private func formAnswers(of attendee: Party?, before occurred: Instant) -> [String: Answer] {
        guard let person = attendee?.person else { return [:] }
        let earliest = occurred.advanced(byMilliseconds: -Self.formValidity)
        let latest = occurred.advanced(byMilliseconds: 60_000)
        let submissions = history.forms.filter { (earliest...latest).contains($0.occurred) }
            .sorted(by: RecordedFact.happenedEarlier)
        for recorded in submissions.reversed() {
            switch recorded.fact {
            case .formSubmitted(let form), .formAbandoned(let form):
                if form.submitter?.person == person { return form.answers }
            default: continue
            }
        }
        return [:]
    }

    mutating func assert(
        _ rules: [FieldRule],
        _ place: String,
        _ context: FormingContext,
        _ interpretation: Interpretation,
        _ fact: RecordedFact,
        to target: RuleTarget = .eventRecord
    ) {
        for rule in rules {
            let path = interpretation.path("\(place)/\(rule.field.rawValue)")
            trace?.note(path, rule, context, fact)
            switch ValueForming.form(rule, context) {
            case .value(let value, let isPersonal):
                let assertion = assertion(
                    value,
                    fact,
                    interpretation,
                    rule: path,
                    policy: rule.when,
                    isPersonal: isPersonal
                )
                gather(for: target) { $0.add(assertion, to: rule.field) }
            case .held(let reason, let detail):
                let held = HeldField(
                    field: rule.field,
                    reason: reason,
                    cause: Cause(fact),
                    rule: path,
                    detail: detail
                )
                gather(for: target) { $0.hold(held) }
            }
        }
    }

    private mutating func gather(for target: RuleTarget, _ change: (inout RuleFold) -> Void) {
        switch target {
        case .eventRecord: change(&eventRules)
        case .person(let person): people[person]?.rules.gather(change)
        case .account(let person): people[person]?.accountRules.gather(change)
        case .fallback(let name):
            guard let place = fallbacks?.firstIndex(where: { $0.record.name == name }) else {
                return
            }
            fallbacks?[place].rules.gather(change)
        }
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

    // MARK: Result

    func result() -> ProjectedAppointment {
        guard let (interpretation, fact) = current else {
            return ProjectedAppointment(
                eventRecord: nil,
                contributions: [],
                status: state.booking == nil ? .incompleteHistory : .noSettings
            )
        }
        let (existence, reason) = existence(interpretation.settings)
        return ProjectedAppointment(
            eventRecord: state.wasBooked
                ? eventRecord(interpretation, existence, reason, fact) : nil,
            contributions: order.compactMap { contribution($0, interpretation) },
            status: reason,
            fallbacks: fallbackRecords(interpretation)
        )
    }

    private func existence(_ settings: SyncSettings) -> (Existence, Reason) {
        switch state.status {
        case .booked: return (.required, .booked)
        case .awaitingConfirmation: return (.ifThere, .awaitingConfirmation)
        case .awaitingNewTime: return (.ifThere, .awaitingNewTime)
        case .cancelled, .rejected:
            let reason: Reason = state.status == .rejected ? .rejected : .bookingCancelled
            if case .keep = settings.onCancellation { return (.ifThere, reason) }
            return (.removed, reason)
        case .unknown: return (.ifThere, .incompleteHistory)
        }
    }

    private func eventRecord(
        _ interpretation: Interpretation,
        _ existence: Existence,
        _ reason: Reason,
        _ fact: RecordedFact
    ) -> DesiredEventRecord {
        let settings = interpretation.settings
        let rules = eventRules.fields
        // A rule for a standard field wins over our own idea of it.
        let own = standard.filter { eventRules.assertions[$0.key] == nil }
            .compactMap { DesiredField(field: $0, assertions: [$1]) }
        let related = relatedPeople(settings)
        return DesiredEventRecord(
            appointment: history.appointment,
            uids: history.uids,
            eventType: state.eventType,
            existence: existence,
            reason: reason,
            cause: Cause(state.statusCause ?? fact),
            fields: (rules + own).sorted { $0.field < $1.field },
            attendees: attendees.flatMap { DesiredField(field: "attendees", assertions: [$0]) },
            attendeeKeys: related.map {
                PersonRecordKey(person: $0, policy: settings.attendeeRecord)
            },
            held: eventRules.heldFields,
            creationDefaults: settings.creationDefaults[.eventRecord] ?? [:]
        )
    }

    private func contribution(
        _ person: PersonID,
        _ interpretation: Interpretation
    ) -> PersonContribution? {
        guard let own = people[person] else { return nil }
        let settings = interpretation.settings
        let isRelated = state.status == .booked && relatedPeople(settings).contains(person)
        guard isRelated || !own.rules.isEmpty || own.owner != nil || own.account != nil else {
            return nil
        }
        let names = Wording.names(of: own.party)
        var contribution = PersonContribution(
            key: PersonRecordKey(person: person, policy: settings.attendeeRecord),
            email: own.party.email,
            existence: isRelated ? .required : .ifThere,
            lookUp: PersonLookUp(settings),
            details: PersonDetails(
                firstName: names.first,
                lastName: names.last,
                phone: own.party.phone,
                company: own.party.email.map { Wording.company(of: $0, party: own.party) } ?? "-",
                owner: state.booking?.organizer?.email
            ),
            creationDefaults: settings.creationDefaults,
            assertions: own.rules.assertions,
            held: own.rules.heldFields,
            owner: own.owner,
            cause: Cause(own.cause)
        )
        contribution.details.place = own.place
        contribution.account = own.account
        if history.appointment.isForms {
            contribution.isFromForm = true
            contribution.lookUp.takesAnyRecord = true
        }
        return contribution
    }
}
