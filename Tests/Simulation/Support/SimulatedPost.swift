import Domain
import Journal
import Pipeline
import Synchronization
import TestSupport

/// A delivery on its way.
struct SimulatedDelivery {
    var fact: SimulatedFact
    var delay: Int64
    var due: Instant
}

/// What Cal.com delivers while a run is under way.
final class SimulatedPost: Sendable {
    /// A delivery that arrived, and what was said of it.
    struct Arrival {
        var delivery: SimulatedDelivery
        var receipt: DeliveryReceipt
        var time: Instant
    }

    private struct State {
        var waiting: [SimulatedDelivery] = []
        var arrived: [Arrival] = []
    }

    private let state = Mutex(State())

    /// Takes over what is on its way.
    func fill(_ waiting: [SimulatedDelivery]) { state.withLock { $0.waiting = waiting } }

    /// Delivers the next one, which goes back to the others if it was not acknowledged.
    func deliver(to journal: Journal, _ chaos: Chaos, _ clock: ManualClock, now: Instant) async {
        let next = state.withLock { $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() }
        guard let next else { return }
        do {
            let intake = Intake(journal: journal, now: { now })
            let receipt = try await intake.take(
                webhook: next.fact.delivery(delay: next.delay),
                headers: [:]
            )
            guard !chaos.isDead else { throw Crash() }
            state.withLock { state in
                state.arrived.append(
                    Arrival(delivery: next, receipt: receipt, time: clock.now)
                )
            }
        } catch {
            // It may be in the ledger all the same: it is sent again before anything else happens.
            var again = next
            again.due = clock.now
            state.withLock { $0.waiting.append(again) }
        }
    }

    /// What is still on its way, and what arrived.
    func empty() -> (waiting: [SimulatedDelivery], arrived: [Arrival]) {
        state.withLock { state in
            defer { state = State() }
            return (state.waiting, state.arrived)
        }
    }
}
