import Domain
import Pipeline
import Reconciliation
import TestSupport

// Operators who have history read anew, by the settings in force.
extension Simulation {
    /// Somebody plans a part of history anew, and has the plan carried out.
    func replay() async throws {
        let request = replayRequest()
        let (window, isRevealed) = (chance.any([1, 2, 5, 1_000]), chance.isOneIn(2))
        var document: JSON?
        try await attempt { simulation in
            let synchronizer = simulation.synchronizer(replayWindow: window)
            let plan = try await synchronizer.replay(request)
            document = synchronizer.document(of: plan, isRevealed: isRevealed)
        }
        guard let document else { return }
        // Something may be told or edited before anybody has looked at the plan.
        if chance.isOneIn(3) { try await deliver() }
        if chance.isOneIn(4) { people.act() }
        try await run { _ = try await $0.apply(document) }
    }

    /// All of history, or what was booked of one event type, since a moment, or in one field.
    private func replayRequest() -> ReplayRequest {
        var request = ReplayRequest()
        if chance.isOneIn(3) {
            request.since = time().advanced(byMilliseconds: -chance.any([1, 4, 24]) * 3_600_000)
        }
        if chance.isOneIn(4) {
            request.eventType = EventTypeID(chance.any(SimulatedBooking.eventTypes))
        }
        if chance.isOneIn(3) {
            request.fields = [chance.any(["Size__c", "Subject", "OwnerId", "Account_Size__c"])]
        }
        return request
    }

    /// What a plan does, as far as the size of windows must not matter.
    private struct Decision: Hashable, Comparable, CustomStringConvertible {
        var operation: OperationID
        var text: String

        init(_ operation: PlanOperation) {
            self.operation = operation.id
            let fields = operation.fields.filter { $0.outcome != .unchanged }
                .map { "\($0.field.rawValue) \($0.outcome) \($0.reason)" }
            let record = operation.record?.rawValue ?? operation.object.rawValue
            text = "\(operation.kind) \(record) \(operation.reason) \(fields)"
        }

        var description: String { "\(operation.rawValue): \(text)" }

        static func < (left: Self, right: Self) -> Bool {
            (left.operation.rawValue, left.text) < (right.operation.rawValue, right.text)
        }
    }

    /// How history is cut into windows changes nothing of what is planned.
    ///
    /// But of several people who share a record or an account, in one window the others see who
    /// writes it, and in another window they do not.
    func compareWindows() async throws {
        let wasCalm = chaos.isCalm
        chaos.set(isCalm: true)
        defer { chaos.set(isCalm: wasCalm) }
        do {
            let operations = try await synchronizer().plan(.everything).operations
            let counts = Dictionary(grouping: operations, by: \.record).mapValues(\.count)
            func decisions(_ window: Int) async throws -> [Decision] {
                try await synchronizer(replayWindow: window).replay(ReplayRequest()).operations
                    .filter { operation in
                        operation.object != .account
                            && operation.record.map { counts[$0] == 1 } ?? true
                    }
                    .map(Decision.init).sorted()
            }
            let wanted = try await decisions(1_000)
            for window in 1...3 {
                let found = try await decisions(window)
                guard found != wanted else { continue }
                // A job that was under way may have gone on meanwhile.
                guard try await decisions(1_000) == wanted else { return }
                let difference = Set(found).symmetricDifference(wanted).sorted()
                violations.append("in windows of \(window) a replay plans otherwise: \(difference)")
            }
        } catch RunRefusal.limitPause {
            // The org is left alone for a while.
        } catch {
            violations.append("in calm weather a replay ended with \(error)")
        }
    }
}
