public import Domain

/// What one appointment calls for in Salesforce.
public struct ProjectedAppointment: Hashable, Sendable {
    /// The event record; nil when nothing is to be shown, and never was.
    public var eventRecord: DesiredEventRecord?
    /// What it contributes to the records of its attendees.
    public var contributions: [PersonContribution]
    /// Where the appointment stands, as a reason code.
    public var status: Reason
    /// The records that tell of a booking nobody was routed to.
    public var fallbacks: [DesiredFallbackRecord] = []
}

/// What one appointment contributes to the account of one person.
public struct AccountContribution: Hashable, Sendable {
    /// What the appointment's events assert.
    public var assertions: [FieldName: [Assertion]]
    /// Fields for which no value could be formed.
    public var held: [HeldField]
    /// The wish that the account changes hands.
    public var owner: DesiredOwner?
}

/// What one appointment contributes to the record of one person.
public struct PersonContribution: Hashable, Sendable {
    /// The person and the policy.
    public var key: PersonRecordKey
    /// The address; nil once the person was erased.
    public var email: EmailAddress?
    /// Whether the appointment needs the record.
    public var existence: Existence
    /// How the record is looked up.
    public var lookUp: PersonLookUp
    /// What it is created with.
    public var details: PersonDetails
    /// Values for a created record, per object.
    public var creationDefaults: [ObjectName: [FieldName: FieldValue]]
    /// What the appointment's events assert.
    public var assertions: [FieldName: [Assertion]]
    /// Fields for which no value could be formed.
    public var held: [HeldField]
    /// The wish that the record changes hands.
    public var owner: DesiredOwner?
    /// The newest event that has a say.
    public var cause: Cause
    /// What it contributes to the person's account; nil for nothing.
    public var account: AccountContribution?
    /// Whether it comes from a routing form, which says nothing of how the record is made.
    public var isFromForm = false
}

/// Derives what an appointment calls for from its history and the settings.
///
/// Pure: the same history and settings give the same result, whatever the clock, the machine or the
/// order of arrival.
public enum AppointmentProjector {
    /// Projects one appointment.
    ///
    /// - Parameters:
    ///   - history: Everything the ledger knows of it, in any order.
    ///   - settings: All versions of the settings.
    /// - Returns: What the appointment calls for.
    public static func project(
        _ history: AppointmentHistory,
        settings: SettingsTimeline
    ) -> ProjectedAppointment {
        var fold = AppointmentFold(history: history, settings: settings)
        for fact in order(history) { fold.take(fact) }
        return fold.result()
    }

    /// The facts in the order in which they count: along the chain, then as they happened.
    ///
    /// A cancellation of a whole series counts for this occurrence, too, if the occurrence was made
    /// together with the one named, did not begin earlier by then, and was not given up already.
    static func order(_ history: AppointmentHistory) -> [RecordedFact] {
        let last = history.uids.count - 1
        let places = Places(history.uids)
        func place(_ fact: RecordedFact) -> Int {
            let own = fact.fact.bookingUID.flatMap { places[$0] }
            let left = fact.fact.isSeatMove ? movedFrom(fact.fact).flatMap { places[$0] } : nil
            return own ?? left ?? last
        }
        var ordered: [Placed] = history.facts.map { (place($0), $0) }.sorted(by: comesBefore)
        let series = history.seriesCancellations
            .sorted { RecordedFact.happenedEarlier($0.fact, $1.fact) }
        // One after the other: an earlier one may have ended the occurrence.
        for cancellation in series where applies(cancellation, to: history, ordered) {
            ordered.append((last, cancellation.fact))
            ordered.sort(by: comesBefore)
        }
        return ordered.reduce(into: []) { facts, placed in
            if case .observed = placed.fact.fact {
                facts += placed.fact.meanings
            } else {
                facts.append(placed.fact)
            }
        }
    }

    /// A fact with the place in the chain of the booking that it is about.
    private typealias Placed = (place: Int, fact: RecordedFact)

    /// Where each booking stands in its chain.
    ///
    /// Most chains are so short that looking through them takes less time than hashing a uid.
    private struct Places {
        private let uids: [BookingUID]
        private let known: [BookingUID: Int]?

        init(_ uids: [BookingUID]) {
            self.uids = uids
            known =
                uids.count <= 4
                ? nil
                : Dictionary(uids.enumerated().map { ($1, $0) }) { first, _ in first }
        }

        subscript(uid: BookingUID) -> Int? {
            if let known { known[uid] } else { uids.firstIndex(of: uid) }
        }
    }

    private static func comesBefore(_ left: Placed, _ right: Placed) -> Bool {
        left.place != right.place
            ? left.place < right.place : RecordedFact.happenedEarlier(left.fact, right.fact)
    }

    /// When the appointment was to begin as a cancellation found it, however often it had moved; nil
    /// if it was given up by then.
    ///
    /// If no beginning was told before, the first one told afterwards stands for it.
    private static func startIfStillOn(
        _ known: [Placed],
        at cancellation: RecordedFact,
        in history: AppointmentHistory
    ) -> Instant? {
        let cancelled: Placed = (history.uids.count - 1, cancellation)
        let uids = Set(history.uids)
        var state = AppointmentState()
        var isOver = false
        for placed in known {
            let isBefore = comesBefore(placed, cancelled)
            if state.booking?.slot?.start != nil, !isBefore { break }
            state.take(placed.fact, uids: uids)
            if isBefore { isOver = state.status == .cancelled || state.status == .rejected }
        }
        return isOver ? nil : state.booking?.slot?.start
    }

    private static func movedFrom(_ fact: BookingFact) -> BookingUID? {
        if case .rescheduled(_, let predecessor) = fact { predecessor.uid } else { nil }
    }

    /// How far apart the bookings of one series are made, at most: milliseconds.
    private static let togetherness: Int64 = 120_000

    private static func applies(
        _ cancellation: SeriesCancellation,
        to history: AppointmentHistory,
        _ known: [Placed]
    ) -> Bool {
        guard let named = cancellation.fact.fact.booking,
            !history.uids.contains(named.uid),
            let occurrence = startIfStillOn(known, at: cancellation.fact, in: history)
        else { return false }
        if let start = named.slot?.start, occurrence < start { return false }
        guard let together = cancellation.namedBookingCreated,
            let created = history.uids.first.flatMap({ history.created[$0] })
        else {
            // Without both times the pattern alone has to do; a series booked anew after the
            // cancellation is another one.
            let made = history.uids.compactMap { history.created[$0] }.min()
            return made.map { $0 < cancellation.fact.occurred } ?? true
        }
        return abs(together.milliseconds - created.milliseconds) <= togetherness
    }
}
