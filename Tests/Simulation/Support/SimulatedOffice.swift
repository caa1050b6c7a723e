import CalCom
import Domain
import TestSupport

/// How the bookings of a world stand in Cal.com, whatever of that was delivered.
struct SimulatedOffice {
    /// A booking of the list.
    struct Row {
        var booking: SimulatedBooking
        var status: Status
        /// Whether it was given up so that the booker chooses another time.
        var isWish = false
        var created: Instant
        var updated: Instant?
        var predecessor: String?
        var successor: String?
        /// Who was marked as absent, and who was not.
        var marks: [String: Bool] = [:]
        /// Who has a seat; empty where one person books all of it.
        var sitters: [Sitter] = []

        /// Those who attend, as the list shows them.
        var people: [Sitter] {
            booking.isSeated
                ? sitters
                : ([booking.booker] + booking.guests).map { Sitter(person: $0, seat: nil) }
        }
    }

    /// Somebody who attends, and the seat.
    struct Sitter {
        var person: SimulatedPerson
        var seat: String?
    }

    /// How a booking stands, in the words of the list.
    enum Status: String {
        case accepted
        case pending
        case cancelled
        case rejected
    }

    /// The bookings, by uid.
    private(set) var rows: [String: Row] = [:]

    // MARK: What happens

    /// Takes over what happened.
    mutating func happen(_ fact: SimulatedFact) {
        let (booking, moment) = (fact.booking, fact.occurred)
        switch fact.kind {
        case .created where booking.isSeated: sit(booking, moment)
        case .seatCancelled: leave(booking.uid, booking.booker.email, moment)
        case .seatMoved(let old):
            leave(old, booking.booker.email, moment)
            sit(booking, moment)
        case .movedInPlace: change(booking.uid, moment) { $0.booking.start = booking.start }
        case .requested: put(booking, .pending, moment)
        case .requestedAnew(let old): put(booking, .pending, moment, replacing: old)
        case .created: put(booking, .accepted, moment)
        case .rescheduled(let old): put(booking, .accepted, moment, replacing: old)
        case .rejected: put(booking, .rejected, moment)
        case .cancelled: change(booking.uid, moment) { $0.status = .cancelled }
        case .rescheduleRequested:
            change(booking.uid, moment) { ($0.status, $0.isWish) = (.cancelled, true) }
        case .seriesCancelled:
            for (uid, row) in rows
            where row.status == .accepted && row.booking.series == booking.series
                && row.booking.start >= booking.start
            {
                change(uid, moment) { $0.status = .cancelled }
            }
        case .reassigned: change(booking.uid, moment) { $0.booking.host = booking.host }
        case .relocated: change(booking.uid, moment) { $0.booking.room = booking.room }
        case .noShow(let mark): rows[booking.uid]?.marks[booking.booker.email] = mark
        case .guestsAbsent:
            for email in booking.emails { rows[booking.uid]?.marks[email] = true }
        default: return
        }
    }

    private mutating func put(
        _ booking: SimulatedBooking,
        _ status: Status,
        _ moment: Instant,
        replacing old: String? = nil
    ) {
        let known = rows[booking.uid]
        rows[booking.uid] = Row(
            booking: booking,
            status: status,
            created: known?.created ?? moment,
            updated: known.map { _ in moment },
            predecessor: known?.predecessor ?? old
        )
        guard let old else { return }
        change(old, moment) { ($0.status, $0.successor) = (.cancelled, booking.uid) }
    }

    private mutating func sit(_ booking: SimulatedBooking, _ moment: Instant) {
        let sitter = Sitter(person: booking.booker, seat: booking.heldSeat)
        if rows[booking.uid] == nil { put(booking, .accepted, moment) }
        change(booking.uid, moment) { $0.sitters.append(sitter) }
    }

    private mutating func leave(_ uid: String, _ email: String, _ moment: Instant) {
        change(uid, moment) { row in
            row.sitters.removeAll { $0.person.email == email }
            if row.sitters.isEmpty { row.status = .cancelled }
        }
    }

    private mutating func change(_ uid: String, _ moment: Instant, _ body: (inout Row) -> Void) {
        guard var row = rows[uid] else { return }
        body(&row)
        row.updated = moment
        rows[uid] = row
    }

    // MARK: What is shown

    /// An answer to a question for a list.
    ///
    /// - Parameters:
    ///   - query: The question.
    ///   - most: How many bookings a page has at most.
    /// - Returns: The page.
    func page(_ query: BookingQuery, most: Int) -> JSON {
        let listed = rows.compactMap { uid, row in
            key(row, query.order).map { (key: $0, uid: uid) }
        }
        let rest = listed.sorted { ($0.key, $0.uid) < ($1.key, $1.uid) }.dropFirst(query.skip)
        let shown = rest.prefix(min(most, query.take))
        return .compact([
            ("status", "success"), ("data", .array(shown.map { json($0.uid) })),
            ("pagination", .compact([("hasNextPage", .bool(shown.count < rest.count))])),
        ])
    }

    /// An answer to a question for one booking.
    func one(_ uid: String) -> JSON {
        let found = rows[uid] == nil ? [] : [json(uid)]
        return .compact([("status", "success"), ("data", .array(found))])
    }

    /// What a list goes by; nil for a booking that does not belong to it.
    private func key(_ row: Row, _ order: BookingQuery.Order) -> Instant? {
        switch order {
        case .updated(let since): row.updated.flatMap { $0 >= since ? $0 : nil }
        case .created(let since, let until):
            since <= row.created && row.created <= until ? row.created : nil
        case .starting(let since): row.booking.start >= since ? row.booking.start : nil
        }
    }

    private func json(_ uid: String) -> JSON {
        guard let row = rows[uid] else { return .null }
        let booking = row.booking
        let people = row.people.map { sitter in
            JSON.compact([
                ("name", .string(sitter.person.name)), ("email", .string(sitter.person.spelled)),
                ("timeZone", "Europe/Stockholm"), ("seatUid", sitter.seat.map(JSON.string)),
                ("absent", .bool(row.marks[sitter.person.email] ?? false)),
            ])
        }
        let host = JSON.compact([
            ("name", .string(booking.host.name)), ("email", .string(booking.host.email)),
            ("timeZone", "Europe/London"),
        ])
        return .compact([
            ("uid", .string(uid)), ("title", .string(booking.title)), ("hosts", .array([host])),
            ("status", .string(row.status.rawValue)), ("cancellationReason", reason(row)),
            ("rescheduledFromUid", row.predecessor.map(JSON.string)),
            ("rescheduledToUid", row.successor.map(JSON.string)),
            ("start", .string(booking.start.rfc3339Seconds)),
            ("end", .string(booking.end.rfc3339Seconds)), ("duration", .integer(30)),
            ("eventType", .compact([("id", .integer(Int64(booking.eventType)))])),
            ("location", .string(booking.room ?? booking.videoURL)),
            ("createdAt", .string(row.created.rfc3339)),
            ("updatedAt", row.updated.map { .string($0.rfc3339) } ?? .null),
            ("attendees", .array(people)),
            ("bookingFieldsResponses", booking.isSeated ? nil : answers(booking)),
        ])
    }

    private func answers(_ booking: SimulatedBooking) -> JSON {
        .compact([("email", .string(booking.booker.spelled)), ("size", .string(booking.answer))])
    }

    private func reason(_ row: Row) -> JSON? {
        guard row.status == .cancelled, row.successor == nil else { return nil }
        return row.isWish ? "Please reschedule. Please choose again." : "Budget moved."
    }

    // MARK: What a reading told

    /// What an observation told, as deliveries would have.
    ///
    /// - Parameters:
    ///   - recorded: What the ledger has of it.
    ///   - model: What was known before.
    /// - Returns: The facts, without numbers; none for a booking that is not in the list.
    func facts(told recorded: RecordedFact, _ model: NaiveModel) -> [SimulatedFact] {
        guard case .observed(let booking, let observation) = recorded.fact,
            let row = rows[booking.uid.rawValue]
        else { return [] }
        let teller = Teller(row: row, observation: observation, occurred: recorded.occurred)
        let marks = observation.marks.compactMap { mark in
            sitter(mark.party).map { teller.fact(.noShow(mark.isNoShow), of: $0) }
        }
        guard row.booking.isSeated else {
            return [teller.fact(life(row, observation))] + marks
        }
        let meeting = model.meetings.first { $0.uids.contains(booking.uid.rawValue) }
        let known = (meeting?.sitters ?? []).map { sitter in
            Sitter(person: Self.person(sitter.email) ?? .nobody, seat: sitter.seat)
        }
        let newcomers = booking.attendees.compactMap(sitter)
        return seats(row, observation, teller, known, newcomers) + marks
    }

    private static func person(_ email: String?) -> SimulatedPerson? {
        SimulatedPerson.attendees.first { $0.email == email }
    }

    private func sitter(_ party: Party) -> Sitter? {
        Self.person(party.email?.rawValue).map { Sitter(person: $0, seat: party.seat) }
    }

    /// Where people have seats, one fact for each of those whom it is about.
    private func seats(
        _ row: Row,
        _ observation: Observation,
        _ teller: Teller,
        _ known: [Sitter],
        _ newcomers: [Sitter]
    ) -> [SimulatedFact] {
        let gaps = observation.gaps
        let isWhole = gaps.contains(.booking)
        guard row.status == .accepted else {
            guard isWhole || gaps.contains(.cancellation) else { return [] }
            return [teller.fact(.cancelled, of: Sitter(person: .nobody, seat: nil))]
        }
        var facts: [SimulatedFact] = []
        let kind = life(row, observation)
        switch kind {
        case .movedInPlace, .reassigned, .relocated:
            let told = newcomers.isEmpty ? known : Array(newcomers.prefix(1))
            if kind.isBooking || gaps.contains(.place) {
                facts = told.map { teller.fact(kind, of: $0) }
            }
        default: break
        }
        guard isWhole || gaps.contains(.guests) else { return facts }
        facts += newcomers.map { teller.fact(.created, of: $0) }
        return facts
            + observation.leavers.compactMap(sitter).map { teller.fact(.seatCancelled, of: $0) }
    }

    /// Makes facts of what a reading told of a booking.
    private struct Teller {
        let row: Row
        let observation: Observation
        let occurred: Instant

        /// A fact about all of a booking, or as it concerns one of those who attend.
        func fact(_ kind: SimulatedFact.Kind, of sitter: Sitter? = nil) -> SimulatedFact {
            var shown = row.booking
            // The list does not say how the host was chosen.
            shown.routing = .none
            let isWhole = observation.gaps.contains { [.booking, .confirmation].contains($0) }
            shown.made = isWhole ? row.created : nil
            if let sitter {
                (shown.booker, shown.seat, shown.guests) = (sitter.person, sitter.seat, [])
                shown.isAnswered = false
            }
            return SimulatedFact(
                number: -1,
                kind: kind,
                booking: shown,
                occurred: occurred,
                read: SimulatedFact.Links(
                    predecessor: observation.predecessor?.rawValue,
                    successor: observation.successor?.rawValue
                )
            )
        }
    }

    private func life(_ row: Row, _ observation: Observation) -> SimulatedFact.Kind {
        let gaps = observation.gaps
        if gaps.contains(.booking) { return whole(row) }
        if gaps.contains(.cancellation) { return row.isWish ? .rescheduleRequested : .cancelled }
        if gaps.contains(.rejection) { return .rejected }
        if gaps.contains(.confirmation) { return .created }
        if gaps.contains(.time) { return .movedInPlace }
        if gaps.contains(.host) { return .reassigned }
        return gaps.contains(.guests) || gaps.contains(.place) ? .relocated : .linked
    }

    private func whole(_ row: Row) -> SimulatedFact.Kind {
        switch row.status {
        case .pending: row.predecessor.map { .requestedAnew(from: $0) } ?? .requested
        case .rejected: .rejected
        case .cancelled where row.successor == nil:
            row.isWish ? .rescheduleRequested : .cancelled
        case .accepted, .cancelled: row.predecessor.map { .rescheduled(from: $0) } ?? .created
        }
    }
}

/// The way to Cal.com's list, with everything that can go wrong.
struct SimulatedSource: BookingSource {
    let office: SimulatedOffice
    let chaos: Chaos
    let clock: ManualClock
    /// How many bookings a page has at most.
    let most: Int
    /// What Cal.com delivers while the list is read.
    let deliver: @Sendable () async -> Void

    func page(_ query: BookingQuery) async throws(CalComError) -> BookingPage {
        try await begin()
        return try BookingPage(office.page(query, most: most), of: query)
    }

    func booking(_ uid: BookingUID) async throws(CalComError) -> [SeenBooking] {
        try await begin()
        let question = BookingQuery(.starting(since: Instant(milliseconds: 0)))
        return try BookingPage(office.one(uid.rawValue), of: question).bookings
    }

    private func begin() async throws(CalComError) {
        clock.advance(bySeconds: 1)
        await deliver()
        guard !chaos.isDead else { throw .unreachable("the program is dead") }
        switch chaos.strike(.read) {
        case .crashBefore, .crashAfter:
            chaos.die()
            throw .unreachable("the program died")
        case .failure: throw .unreachable("503")
        case .limit: throw .limited(until: clock.now)
        case .expired: throw .unauthorised
        case .half: throw .unexpected("the answer ends too early")
        default: return
        }
    }
}
