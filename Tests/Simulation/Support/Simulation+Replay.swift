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

    /// How history is cut into windows changes nothing of what is planned, by the settings in force or
    /// by others.
    ///
    /// But of several people who share a record or an account, in one window the others see who
    /// writes it, and in another window they do not; nor does a kept event record of a meeting that
    /// is over know of a record that another window makes.
    func compareWindows() async throws {
        let wasCalm = chaos.isCalm
        chaos.set(isCalm: true)
        defer { chaos.set(isCalm: wasCalm) }
        do {
            try await compareWindows(of: ReplayRequest())
            try await compareWindows(of: ReplayRequest(settings: try otherSettings()))
        } catch RunRefusal.limitPause {
            // The org is left alone for a while.
        } catch {
            violations.append("in calm weather a replay ended with \(error)")
        }
    }

    /// Settings that nobody accepted, which may look people up in another way for each event type.
    private func otherSettings() throws -> ReplayRequest.Settings {
        let scopes = Self.scopes.filter { $0 == .everyEventType || chance.isOneIn(2) }
        return .document(
            try scopes.map { scope in
                let settings = chance.using { SimulatedSettings(using: &$0) }
                return ScopedSettings(scope, try SettingsDocument.decodeSettings(settings.document))
            }
        )
    }

    private func compareWindows(of request: ReplayRequest) async throws {
        func operations(_ window: Int) async throws -> [PlanOperation] {
            try await synchronizer(replayWindow: window).replay(request).operations
        }
        let known = try await synchronizer().plan(.everything).operations
        let whole = try await operations(1_000)
        let window = chance.any([1, 2, 3, 7])
        let parts = try await operations(window)
        let shared = Self.shared(known).union(Self.shared(whole + parts))
        let waiting = Set((whole + parts).filter(\.waitsForAnother).map(\.id))
        func decisions(_ operations: [PlanOperation]) -> [Decision] {
            operations.filter { operation in
                operation.object != .account && !waiting.contains(operation.id)
                    && operation.record.map { !shared.contains($0) } ?? true
            }.map(Decision.init).sorted()
        }
        let (wanted, found) = (decisions(whole), decisions(parts))
        // A job that was under way may have gone on meanwhile.
        if found != wanted, try await decisions(operations(1_000)) == wanted {
            let difference = Set(found).symmetricDifference(wanted).sorted()
            violations.append("in windows of \(window) a replay plans otherwise: \(difference)")
        }
        try await compareWindows(of: request, window)
    }

    /// Nor does it change in what two settings would have had different outcomes.
    private func compareWindows(of request: ReplayRequest, _ window: Int) async throws {
        func comparison(_ window: Int) async throws -> ReplayComparison {
            try await synchronizer(replayWindow: window)
                .compare(request, against: .version(SettingsVersion(1)))
        }
        let (whole, parts) = (try await comparison(1_000), try await comparison(window))
        let fields = Set(parts.counts.keys).union(whole.counts.keys)
            .filter { parts.counts[$0] != whole.counts[$0] }.map(\.rawValue).sorted()
        guard !fields.isEmpty || parts.records != whole.records else { return }
        let difference = Set(parts.differences).symmetricDifference(whole.differences)
            .map { "\($0.subject.name).\($0.field.rawValue)" }.sorted()
        violations.append(
            "in windows of \(window) settings differ otherwise in \(fields): \(difference)"
        )
    }

    /// The records that several subjects have.
    private static func shared(_ operations: [PlanOperation]) -> Set<SalesforceID> {
        var subjects: [SalesforceID: Set<RecordSubject>] = [:]
        for operation in operations {
            guard let record = operation.record else { continue }
            subjects[record, default: []].insert(operation.subject)
        }
        return Set(subjects.filter { $1.count > 1 }.keys)
    }
}

extension PlanOperation {
    /// Whether it names a record that another operation makes.
    fileprivate var waitsForAnother: Bool {
        fields.contains { planned in planned.desired.map { !$0.awaited.isEmpty } ?? false }
    }
}
