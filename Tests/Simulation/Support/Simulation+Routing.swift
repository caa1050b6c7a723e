import Domain
import Pipeline
import TestSupport

// Questions who should host, from people who are about to book.
extension Simulation {
    /// A question that was asked, and the answers that were right since.
    private struct Asked {
        var email: String
        var eventType: Int
        /// How many records had been deleted when it was asked first.
        var deletions: Int
        /// Each with the moment at which it was right.
        var right: [(time: Instant, answers: Set<NaiveRouting.Answer>)] = []
    }

    /// Somebody who is about to book is looked up once or several times, while people work in the
    /// org; faults may end it.
    func askForHosts() async throws {
        let gateway = SimulatedGateway(org, chaos, clock, takesJobs: false) {}
        let lookUp = OwnerLookUp(journal: journal, gateway: gateway, now: time)
        var asked = Asked(
            email: chance.any(SimulatedPerson.attendees).email,
            eventType: chance.any(SimulatedBooking.eventTypes),
            deletions: deletions
        )
        let faults = chaos.history.count
        for _ in 0..<chance.any([1, 3, 6]) where chaos.history.count == faults {
            switch chance.any([0, 1, 2, 3]) {
            case 0: try await refresh(lookUp, for: &asked)
            case 1: people.giveAway(asked.email)
            default: try await ask(&asked, lookUp)
            }
        }
    }

    /// Looks whether anything changed; what was right before is not right any more then.
    private func refresh(_ lookUp: OwnerLookUp, for asked: inout Asked) async throws {
        var isDone = false
        try await attempt(isRun: false, pause: 2) { _ in
            try await lookUp.refresh()
            isDone = true
        }
        // A deletion leaves no stamp, and a clock that is wrong compares with the wrong ones.
        guard isDone, time() == clock.now, deletions == asked.deletions else { return }
        asked.right = [(clock.now, right(asked))]
    }

    /// The answers that are right now.
    private func right(_ asked: Asked) -> Set<NaiveRouting.Answer> {
        NaiveRouting(org.copy, routingSettings(for: asked.eventType), asked.email).answers
    }

    private var deletions: Int { org.copy.records.values.count { $0.isDeleted } }

    private func ask(_ asked: inout Asked, _ lookUp: OwnerLookUp) async throws {
        guard let email = EmailAddress(asked.email) else { return }
        let (type, begun) = (asked.eventType, clock.now)
        asked.right.append((begun, right(asked)))
        var answer: OwnerLookUp.Answer?
        try await attempt(isRun: false, pause: 2) { _ in
            answer = try await lookUp.answer(email, eventType: EventTypeID(type))
        }
        asked.right.append((clock.now, right(asked)))
        // It may have been noted, whatever became of the answer.
        note(named: asked.email)
        guard let answer else { return }
        // What is remembered may be as old as its oldest answer, and was right then.
        let oldest = answer.isRemembered ? begun.advanced(byMilliseconds: -60_000) : begun
        let right = asked.right.filter { $0.time >= oldest }.map(\.answers)
        let given = NaiveRouting.Answer(
            user: answer.route.user?.rawValue,
            reason: answer.route.reason
        )
        if !right.contains(where: { $0.contains(given) }) {
            violations.append(
                "\(given.user ?? "nobody") should host for \(given.reason), and not \(right)"
            )
        }
    }

    /// The settings by which a question of this moment is answered.
    private func routingSettings(for eventType: Int) -> SimulatedSettings? {
        for scope in [SettingsScope.eventType(EventTypeID(eventType)), .everyEventType] {
            let own = accepted.last { $0.scope == scope && $0.applies(at: time()) }
            if let settings = own?.settings { return settings }
        }
        return nil
    }
}
