import Domain

// What a reading of the list told, as deliveries would have.
extension SimulatedOffice {
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
