import Domain
import Projection
import TestSupport

/// Any histories and any settings, from a seed; the same seed gives the same ones.
struct HistoryGenerator {
    var generator: SeededGenerator
    private var position: Int64 = 10
    private var minute = 0

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    // MARK: Histories

    /// A few appointments whose facts are interleaved in time and in the ledger.
    mutating func histories(sharingPeople: Bool = true) -> [AppointmentHistory] {
        let count = generator.number(1...3)
        var histories = (0..<count).map { number in
            history(
                root: "r\(number)",
                people: sharingPeople
                    ? ["ada", "ben", "cyd"] : ["ada\(number)", "ben\(number)", "cyd\(number)"]
            )
        }
        deal(into: &histories)
        return histories
    }

    /// Positions say nothing of what happened first: facts arrive in any order.
    private mutating func deal(into histories: inout [AppointmentHistory]) {
        let total = histories.reduce(0) { $0 + $1.facts.count + $1.forms.count }
        var positions = (0..<total).map { LedgerPosition(Int64(11 + $0)) }
            .shuffled(using: &generator)
        for place in histories.indices {
            for index in histories[place].facts.indices {
                histories[place].facts[index].position = positions.removeLast()
            }
            for index in histories[place].forms.indices {
                histories[place].forms[index].position = positions.removeLast()
            }
        }
    }

    private mutating func history(root: String, people: [String]) -> AppointmentHistory {
        let uids = (0..<generator.number(1...6)).compactMap { BookingUID("\(root)-\($0)") }
        let isSeated = generator.oneIn(3)
        var facts: [RecordedFact] = []
        for (place, uid) in uids.enumerated() {
            let former = place > 0 ? uids[place - 1] : nil
            for _ in 0..<generator.number(1...4) {
                let booking = booking(uid, people, isSeated: isSeated)
                facts.append(recorded(fact(booking, former: former, people)))
            }
        }
        let created = Dictionary(
            uids.map { ($0, Instant.minute(generator.number(-9...0))) },
            uniquingKeysWith: { first, _ in first }
        )
        return AppointmentHistory(
            appointment: AppointmentID(root: uids[0]),
            uids: uids,
            created: generator.oneIn(2) ? created : [:],
            facts: facts,
            seriesCancellations: generator.oneIn(5) ? [seriesCancellation(people)] : [],
            forms: generator.oneIn(3) ? [recorded(form(people))] : []
        )
    }

    /// No two facts happen at the same time.
    private mutating func recorded(_ fact: BookingFact) -> RecordedFact {
        minute += generator.number(1...90)
        position += 1
        return RecordedFact(
            position: LedgerPosition(position),
            fact: fact,
            occurred: .minute(minute),
            recorded: .minute(5_000)
        )
    }

    private mutating func booking(
        _ uid: BookingUID,
        _ people: [String],
        isSeated: Bool
    ) -> Booking {
        if generator.oneIn(12) { return .bare(uid) }
        let attendees = people.shuffled(using: &generator).prefix(
            isSeated ? 1 : generator.number(1...3)
        )
        return Booking.sample(
            uid,
            at: generator.number(10...20) * 60,
            people: attendees.map { .sample($0, seat: isSeated ? "seat-\($0)" : nil) },
            host: generator.any(["olga", "otto"])
        ) {
            $0.seatsPerSlot = isSeated ? 3 : nil
            $0.location = generator.any(["Room 1", "integrations:zoom", nil])
            if generator.oneIn(2) { $0.answers = ["budget": .text(generator.any(["1k", "2k"]))] }
            if generator.oneIn(6) { $0.organizer = .sample(generator.any(people)) }
            if generator.oneIn(2) { $0.schedulingType = "ROUND_ROBIN" }
        }
    }

    private mutating func fact(
        _ booking: Booking,
        former: BookingUID?,
        _ people: [String]
    ) -> BookingFact {
        let kind = generator.any(Cancellation.Kind.allCases)
        let mark = AttendanceReport.Mark(
            party: .sample(generator.any(people)),
            isHost: generator.oneIn(4),
            isNoShow: generator.oneIn(2)
        )
        switch generator.number(0...12) {
        case 0: return .requested(booking, replacing: former)
        case 1, 2, 3: return .confirmed(booking)
        case 4, 5: return .rescheduled(booking, from: former ?? booking.uid)
        case 6: return .rescheduled(booking, from: "elsewhere")
        case 7: return .reassigned(booking)
        case 8: return .relocated(booking, previously: nil)
        case 9: return .cancelled(booking, kind)
        case 10: return .rejected(booking, reason: nil)
        case 11:
            return .attendance(
                AttendanceReport(
                    booking: booking.uid,
                    eventType: nil,
                    source: .manual,
                    marks: [mark]
                )
            )
        default: return .meetingEnded(booking, from: former)
        }
    }

    private mutating func form(_ people: [String]) -> BookingFact {
        .formSubmitted(
            FormSubmission(
                form: "f",
                name: nil,
                response: nil,
                answers: ["size": .text("small")],
                submitter: .sample(generator.any(people))
            )
        )
    }

    private mutating func seriesCancellation(_ people: [String]) -> SeriesCancellation {
        let named = booking("named", people, isSeated: false)
        return SeriesCancellation(
            fact: recorded(.cancelled(named, .series)),
            namedBookingCreated: generator.oneIn(2) ? .minute(0) : nil
        )
    }

    // MARK: Settings

    /// Settings for all event types, and perhaps others for event type 1, in force from the start
    /// or from some moment on.
    mutating func timeline() -> SettingsTimeline {
        var revisions = [SettingsRevision.sample(settings())]
        if generator.oneIn(2) {
            revisions.append(
                .sample(
                    generator.oneIn(5) ? nil : settings(),
                    version: 2,
                    position: 2,
                    scope: .eventType(EventTypeID(1)),
                    validity: generator.any([
                        .fromNow, .allHistory, .from(.minute(generator.number(0...600))),
                    ])
                )
            )
        }
        return SettingsTimeline(revisions)
    }

    private mutating func settings() -> SyncSettings {
        var settings = SyncSettings()
        settings.attendeeRecord = generator.any(SyncSettings.AttendeeRecord.allCases)
        settings.ignoreGuests = generator.oneIn(3)
        settings.eventRecordOnBooking = rules()
        settings.attendeeOnBooking = rules()
        settings.attendeeOnCancellation = rules()
        settings.onCancellation = generator.oneIn(2) ? .keep(rules()) : .delete
        settings.noShowField = generator.oneIn(2) ? "No_Show__c" : nil
        if generator.oneIn(2) {
            settings.ownerChange = OwnerChange(target: .organizer, onlyIfOwnedBy: ["Queue"])
        }
        if generator.oneIn(2) { settings.accountOnBooking = rules() }
        if generator.oneIn(3) {
            settings.fallback.create = [
                FallbackRecord(name: "call", object: "Task", fields: rules())
            ]
        }
        return settings
    }

    private mutating func rules() -> [FieldRule] {
        let templates: [FieldName: String] = [
            "Note__c": "{budget}", "Type": "Call", "Size__c": "{form:size}",
            "Subject": "{event_type}",
            "Who__c": "{attendee_name} with {organizer_name}",
        ]
        return templates.keys.sorted().compactMap { field in
            guard generator.oneIn(2), let template = templates[field] else { return nil }
            return .text(field, template, generator.any(WritePolicy.allCases))
        }
    }
}

extension Cause {
    /// The cause without its place in the ledger.
    fileprivate var unplaced: Self {
        Self(position: .start, occurred: occurred, recorded: recorded)
    }
}

extension Assertion {
    fileprivate var unplaced: Self {
        var assertion = self
        assertion.cause = cause.unplaced
        return assertion
    }
}

extension DesiredField {
    fileprivate var unplaced: Self {
        var field = self
        field.assertions = assertions.map(\.unplaced)
        return field
    }
}

extension HeldField {
    fileprivate var unplaced: Self {
        var held = self
        held.cause = cause.unplaced
        return held
    }
}

extension DesiredOwner {
    fileprivate var unplaced: Self {
        var owner = self
        owner.cause = cause.unplaced
        return owner
    }
}

extension DesiredEventRecord {
    fileprivate var unplaced: Self {
        var event = self
        (event.cause, event.fields) = (cause.unplaced, fields.map(\.unplaced))
        (event.attendees, event.held) = (attendees?.unplaced, held.map(\.unplaced))
        return event
    }
}

extension DesiredFallbackRecord {
    fileprivate var unplaced: Self {
        var record = self
        (record.cause, record.fields) = (cause.unplaced, fields.map(\.unplaced))
        record.held = held.map(\.unplaced)
        return record
    }
}

extension AccountContribution {
    fileprivate var unplaced: Self {
        var account = self
        account.assertions = assertions.mapValues { $0.map(\.unplaced) }
        (account.held, account.owner) = (held.map(\.unplaced), owner?.unplaced)
        return account
    }
}

extension PersonContribution {
    fileprivate var unplaced: Self {
        var contribution = self
        contribution.cause = cause.unplaced
        contribution.assertions = assertions.mapValues { $0.map(\.unplaced) }
        (contribution.held, contribution.owner) = (held.map(\.unplaced), owner?.unplaced)
        contribution.account = account?.unplaced
        return contribution
    }
}

extension ProjectedAppointment {
    /// What is called for, without the places in the ledger of the facts behind it.
    var unplaced: Self {
        var copy = self
        copy.eventRecord = eventRecord?.unplaced
        copy.contributions = contributions.map(\.unplaced)
        copy.fallbacks = fallbacks.map(\.unplaced)
        return copy
    }
}
