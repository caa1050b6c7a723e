import Domain
import Projection
import Testing

@Suite("Projection, for any history")
struct ProjectionLawTests {
    static let seeds: Range<UInt64> = 0..<1_000

    private static func project(
        _ histories: [AppointmentHistory],
        _ settings: SettingsTimeline
    ) -> [ProjectedAppointment] {
        histories.map { AppointmentProjector.project($0, settings: settings) }
    }

    @Test("does not depend on the order in which facts arrive", arguments: seeds)
    func arrival(seed: UInt64) {
        var generator = HistoryGenerator(seed: seed)
        let settings = generator.timeline()
        let history = generator.histories()[0]
        var shuffled = history
        var positions = history.facts.map(\.position).shuffled(using: &generator.generator)
        for place in shuffled.facts.indices {
            shuffled.facts[place].position = positions.removeLast()
        }
        let first = AppointmentProjector.project(history, settings: settings)
        let second = AppointmentProjector.project(shuffled, settings: settings)
        #expect(first.unplaced == second.unplaced)
    }

    @Test("does not depend on the order in which facts are read", arguments: seeds)
    func reading(seed: UInt64) {
        var generator = HistoryGenerator(seed: seed)
        let settings = generator.timeline()
        let histories = generator.histories()
        let shuffled = histories.map { history in
            var history = history
            history.facts.shuffle(using: &generator.generator)
            history.forms.shuffle(using: &generator.generator)
            history.seriesCancellations.shuffle(using: &generator.generator)
            return history
        }
        let first = Self.project(histories, settings)
        let second = Self.project(shuffled, settings)
        #expect(first == second)
        let people = PersonProjector.fold(first.flatMap(\.contributions))
        let again = PersonProjector.fold(
            second.flatMap(\.contributions).shuffled(using: &generator.generator)
        )
        #expect(people == again)
    }

    @Test("gives the same twice", arguments: seeds)
    func twice(seed: UInt64) {
        var generator = HistoryGenerator(seed: seed)
        let settings = generator.timeline()
        let histories = generator.histories()
        let first = Self.project(histories, settings)
        let second = Self.project(histories, settings)
        #expect(first == second)
        let people = PersonProjector.fold(first.flatMap(\.contributions))
        #expect(people == PersonProjector.fold(second.flatMap(\.contributions)))
    }

    @Test("is described with the same words twice", arguments: seeds.prefix(20))
    func description(seed: UInt64) {
        var generator = HistoryGenerator(seed: seed)
        let settings = generator.timeline()
        let histories = generator.histories()
        let texts = (0..<2).map { _ in
            Self.project(histories, settings).map { String(describing: $0.eventRecord) }
        }
        #expect(texts[0] == texts[1])
    }

    @Test("is the same fact by fact and all at once", arguments: seeds)
    func incremental(seed: UInt64) {
        var generator = HistoryGenerator(seed: seed)
        let settings = generator.timeline()
        let histories = generator.histories()
        // As the ledger fills, only the appointment that a fact is about is projected anew, and
        // only the people in it are folded anew.
        var known = histories.map { history in
            var history = history
            history.facts = []
            return history
        }
        var projected = Self.project(known, settings)
        var people: [PersonRecordKey: DesiredPersonRecord] = [:]
        let arrivals = histories.enumerated().flatMap { place, history in
            history.facts.map { (place, $0) }
        }
        for (place, fact) in arrivals.sorted(by: { $0.1.position < $1.1.position }) {
            let former = projected[place].contributions.map(\.key)
            known[place].facts.append(fact)
            projected[place] = AppointmentProjector.project(known[place], settings: settings)
            let touched = Set(former + projected[place].contributions.map(\.key))
            let contributions = projected.flatMap(\.contributions)
                .filter { touched.contains($0.key) }
            for key in touched { people[key] = nil }
            for person in PersonProjector.fold(contributions) { people[person.key] = person }
        }
        let full = Self.project(histories, settings)
        #expect(projected == full)
        let folded = PersonProjector.fold(full.flatMap(\.contributions))
        #expect(people.values.sorted { $0.key < $1.key } == folded)
    }

    @Test("keeps appointments of different people apart", arguments: seeds)
    func apart(seed: UInt64) {
        var generator = HistoryGenerator(seed: seed)
        let settings = generator.timeline()
        let projected = Self.project(generator.histories(sharingPeople: false), settings)
        let together = PersonProjector.fold(projected.flatMap(\.contributions))
        let alone = projected.flatMap { PersonProjector.fold($0.contributions) }
        #expect(together == alone.sorted { $0.key < $1.key })
    }

    @Test("relates only people who have a record to look up, and no host", arguments: seeds)
    func related(seed: UInt64) {
        var generator = HistoryGenerator(seed: seed)
        let settings = generator.timeline()
        let histories = generator.histories()
        for (history, projected) in zip(histories, Self.project(histories, settings)) {
            guard let event = projected.eventRecord else { continue }
            if event.existence == .required {
                let keys = Set(projected.contributions.map(\.key))
                #expect(Set(event.attendeeKeys).isSubset(of: keys))
                #expect(Set(event.attendeeKeys).count == event.attendeeKeys.count)
            }
            let hosts = history.facts.compactMap(\.fact.booking)
                .filter { history.uids.contains($0.uid) }.compactMap(\.organizer?.person)
            #expect(event.attendeeKeys.allSatisfy { !hosts.contains($0.person) })
            #expect(event.fields.map(\.field) == event.fields.map(\.field).sorted())
            #expect(Set(event.fields.map(\.field)).count == event.fields.count)
        }
    }

    @Test("comes to every end over all seeds")
    func variety() {
        var ends: Set<Reason> = []
        var existences: Set<Existence> = []
        for seed in Self.seeds {
            var generator = HistoryGenerator(seed: seed)
            let settings = generator.timeline()
            for projected in Self.project(generator.histories(), settings) {
                ends.insert(projected.status)
                if let event = projected.eventRecord { existences.insert(event.existence) }
            }
        }
        #expect(existences == [.required, .ifThere, .removed])
        let all: Set<Reason> = [
            .booked, .bookingCancelled, .rejected, .awaitingConfirmation, .awaitingNewTime,
            .incompleteHistory,
        ]
        #expect(all.subtracting(ends) == [])
    }
}
