import Domain

/// What was told to the ledger, in the order in which it was acknowledged.
struct Told {
    var fact: SimulatedFact
    /// When Cal.com said that it happened, in the delivery that came first.
    var occurred: Instant
    /// 0, 1, 2, … as acknowledged.
    var number: Int
    /// When it was acknowledged.
    var acknowledged: Instant
}

/// A version of the settings as the model knows it.
struct Accepted {
    var settings: SimulatedSettings
    /// How many facts had been acknowledged before.
    var after: Int
    /// Whether it applies to all history, instead of to what is acknowledged later.
    var isForAll: Bool
}

/// What the org must show, worked out from the documentation alone: plain loops over all that was
/// told, written apart from the product's projectors, which it must agree with.
struct NaiveModel {
    /// A value the org must show.
    struct Wish {
        var value: JSON
        /// When the fact behind it happened.
        var since: Instant
        /// Whether the settings behind it were there before the fact.
        var isLive: Bool
    }

    /// What an appointment calls for.
    struct Meeting {
        var uids: [String]
        var status = Status.unknown
        /// Whether its settings delete a cancelled meeting's event record.
        var isDeletedWhenOver = true
        var wasBooked = false
        var booking: SimulatedBooking?
        var fields: [String: Wish] = [:]
        /// The attendees to relate, the booker first.
        var related: [String] = []
        var marks: [String: (Bool, Instant)] = [:]

        var root: String { uids[0] }
    }

    enum Status {
        case unknown
        case waiting
        case booked
        case over
    }

    private let told: [Told]
    private let settings: [Accepted]

    init(_ told: [Told], _ settings: [Accepted]) {
        (self.told, self.settings) = (told, settings)
    }

    /// The settings that interpret a fact, and whether they were there before it.
    private func interpretation(of told: Told) -> (SimulatedSettings, isLive: Bool)? {
        settings.last { $0.isForAll || $0.after <= told.number }
            .map { ($0.settings, $0.after <= told.number) }
    }

    // MARK: Appointments

    /// The bookings that are one appointment, each in order.
    private var chains: [[String]] {
        var predecessor: [String: String] = [:]
        var uids: [String] = []
        for told in told {
            let uid = told.fact.booking.uid
            if case .rescheduled(let old) = told.fact.kind {
                predecessor[uid] = old
                uids.append(old)
            }
            uids.append(uid)
        }
        let successors = Dictionary(uniqueKeysWithValues: predecessor.map { ($1, $0) })
        return Set(uids).filter { predecessor[$0] == nil }.sorted().map { root in
            var chain = [root]
            while let next = successors[chain[chain.count - 1]] { chain.append(next) }
            return chain
        }
    }

    var meetings: [Meeting] {
        chains.map { chain in
            let own = told.filter { chain.contains($0.fact.booking.uid) }.sorted { left, right in
                let (first, second) = (place(left, chain), place(right, chain))
                return (first, left.occurred, left.number) < (second, right.occurred, right.number)
            }
            var meeting = Meeting(uids: chain)
            for told in own { take(told, into: &meeting) }
            return meeting
        }
    }

    private func place(_ told: Told, _ chain: [String]) -> Int {
        chain.firstIndex(of: told.fact.booking.uid) ?? 0
    }

    private func take(_ told: Told, into meeting: inout Meeting) {
        let (fact, booking) = (told.fact, told.fact.booking)
        switch fact.kind {
        case .requested:
            meeting.booking = booking
            if meeting.status != .booked { meeting.status = .waiting }
        case .created, .rescheduled:
            meeting.booking = booking
            meeting.status = .booked
        case .reassigned, .relocated:
            meeting.booking = booking
            if meeting.status == .unknown { meeting.status = .booked }
        case .noShow(let mark): meeting.marks[booking.booker.email] = (mark, told.occurred)
        case .rescheduleRequested:
            meeting.booking = meeting.booking ?? booking
            meeting.status = .waiting
        case .cancelled, .rejected:
            meeting.booking = meeting.booking ?? booking
            meeting.status = .over
        }
        if meeting.status == .booked { meeting.wasBooked = true }
        guard let (settings, isLive) = interpretation(of: told) else { return }
        meeting.isDeletedWhenOver = !settings.keepsCancelled
        if fact.kind.isBooking {
            let uid = JSON.string(booking.uid)
            meeting.fields["Booking_Uid__c"] = Wish(
                value: uid,
                since: told.occurred,
                isLive: isLive
            )
        }
        if case .cancelled = fact.kind, settings.keepsCancelled {
            meeting.fields["Status__c"] = Wish(
                value: "Cancelled",
                since: told.occurred,
                isLive: isLive
            )
        }
        if meeting.status == .booked { show(told, settings, isLive, &meeting) }
    }

    /// The standard fields, each since the fact with which its value changed.
    private func show(
        _ told: Told,
        _ settings: SimulatedSettings,
        _ isLive: Bool,
        _ meeting: inout Meeting
    ) {
        guard let booking = meeting.booking else { return }
        func wish(_ field: String, _ value: JSON, since: Instant? = nil) {
            guard meeting.fields[field]?.value != value else { return }
            meeting.fields[field] = Wish(
                value: value,
                since: since ?? told.occurred,
                isLive: isLive
            )
        }
        wish("Subject", .string(booking.title))
        wish("StartDateTime", .string(booking.start.rfc3339))
        wish("EndDateTime", .string(booking.end.rfc3339))
        wish("Location", .string(booking.room ?? booking.videoURL))
        wish("OwnerId", .string(booking.host.email))
        if settings.marksNoShow, let (mark, since) = meeting.marks[booking.booker.email] {
            wish("No_Show__c", .bool(mark), since: since)
        }
        let guests = settings.ignoresGuests ? [] : booking.guests
        meeting.related = ([booking.booker] + guests).map(\.email)
    }

    // MARK: People

    /// What every booking of a person says of a field, oldest first.
    func wishes(of email: String, _ field: String) -> [Wish] {
        told.filter { $0.fact.booking.booker.email == email }
            .sorted { ($0.occurred, $0.number) < ($1.occurred, $1.number) }
            .compactMap { told in
                guard let (_, isLive) = interpretation(of: told) else { return nil }
                return value(of: field, told).map {
                    Wish(
                        value: $0,
                        since: told.occurred,
                        isLive: isLive
                    )
                }
            }
    }

    private func value(of field: String, _ told: Told) -> JSON? {
        func day(_ instant: Instant) -> JSON { .string(String(instant.rfc3339.prefix(10))) }
        switch (field, told.fact.kind) {
        case ("Last_Cancel__c", .cancelled): return day(told.occurred)
        case ("Last_Cancel__c", _): return nil
        case (_, let kind) where !kind.isBooking: return nil
        case ("Last_Demo__c", _): return day(told.fact.booking.start)
        default: return .string(told.fact.booking.size)
        }
    }

    /// Everyone whose record some meeting that takes place needs.
    var requiredPeople: Set<String> {
        Set(meetings.filter { $0.status == .booked }.flatMap(\.related))
    }

    /// The moments of everything that was told of a booking's chain.
    func moments(of uids: Set<String>) -> [Instant] {
        told.filter { uids.contains($0.fact.booking.uid) }.map(\.occurred)
    }

    /// Whether something was told of a person after a moment, whenever it happened.
    func wasTold(of email: String, after moment: Instant) -> Bool {
        told.contains { $0.fact.booking.booker.email == email && $0.acknowledged > moment }
    }

    /// The moments of everything that was told of a person.
    func moments(of email: String) -> [Instant] {
        told.filter { $0.fact.booking.booker.email == email }.map(\.occurred)
    }
}
