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
        try await attempt(isRun: false) { simulation in
            let synchronizer = simulation.synchronizer(replayWindow: window)
            do {
                let plan = try await synchronizer.replay(request)
                document = synchronizer.document(of: plan, isRevealed: isRevealed)
            } catch let error as ReplayError where simulation.mayRefuse(request, error) {
                // There is nothing to plan.
            }
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

    /// Whether nothing was told of what a replay is about, or no settings need to name its field.
    private func mayRefuse(_ request: ReplayRequest, _ error: ReplayError) -> Bool {
        switch error {
        case .noHistory:
            guard let eventType = request.eventType else { return false }
            return !told.contains { told in
                !told.fact.kind.isForm && !told.fact.kind.isAttendance
                    && told.fact.booking.eventType == eventType.rawValue
                    && request.since.map { told.occurred >= $0 } ?? true
            }
        case .unknownField(let field): return field == "Account_Size__c"
        default: return false
        }
    }

    // MARK: Windows

    /// How history is cut into windows changes nothing of what is planned, by the settings in force or
    /// by others, nor of what two settings differ in.
    ///
    /// - Throws: ``RunRefusal/limitPause(until:)`` where the org is left alone for a while.
    func compareWindows() async throws {
        let wasCalm = chaos.isCalm
        chaos.set(isCalm: true)
        defer { chaos.set(isCalm: wasCalm) }
        let requests = [
            chance.isOneIn(2) ? ReplayRequest() : replayRequest(),
            ReplayRequest(settings: try otherSettings()),
        ]
        for request in requests {
            let window = chance.any([1, 2, 3, 7])
            do {
                try await comparePlans(of: request, window)
                if request.settings != .inForce { try await compareOutcomes(of: request, window) }
            } catch let error as ReplayError where mayRefuse(request, error) {
                // There is nothing to plan.
            } catch RunRefusal.limitPause(let until) {
                throw RunRefusal.limitPause(until: until)
            } catch {
                violations.append("in calm weather a replay ended with \(error)")
            }
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

    private func comparePlans(of request: ReplayRequest, _ window: Int) async throws {
        let known = try await synchronizer().plan(.everything).operations
        let whole = try await synchronizer().replay(request).operations
        let parts = try await synchronizer(replayWindow: window).replay(request).operations
        // No run tells who belongs to an account by settings that are not in force.
        let isKnown = request.settings == .inForce
        func compared(_ operations: [PlanOperation]) -> [PlanOperation] {
            operations.filter { isKnown || $0.object != .account }
        }
        let differing = WindowComparison(
            whole: compared(whole),
            parts: compared(parts),
            known: known,
            areLookUpsKnown: isKnown
        ).differences
        // A job that was under way may have gone on meanwhile.
        if !differing.isEmpty, try await synchronizer().replay(request).operations == whole {
            violations.append("in windows of \(window) a replay plans otherwise: \(differing)")
        }
    }

    private func compareOutcomes(of request: ReplayRequest, _ window: Int) async throws {
        func comparison(_ window: Int) async throws -> ReplayComparison {
            try await synchronizer(replayWindow: window)
                .compare(request, against: .version(SettingsVersion(1)))
        }
        let (whole, parts) = (try await comparison(1_000), try await comparison(window))
        let differing = Set(parts.differences).symmetricDifference(whole.differences)
            .map { "\($0.subject.name).\($0.field.rawValue)" }.sorted()
        if !differing.isEmpty || parts.counts != whole.counts || parts.records != whole.records
            || parts.appointments != whole.appointments
        {
            violations.append("in windows of \(window) settings differ otherwise: \(differing)")
        }
    }
}

/// What the plan of a replay in windows does otherwise than the plan of the whole.
///
/// Two differences are allowed:
/// - Of records that several people share, each window plans only for its own people.
/// - Fields may name other records of people who are planned in another window, if these are still to
///   be made, or if nobody looked the people up by these settings before.
private struct WindowComparison {
    private let whole: [OperationID: [PlanOperation]]
    private let parts: [OperationID: [PlanOperation]]
    private let areLookUpsKnown: Bool

    /// Compares plans.
    ///
    /// - Parameters:
    ///   - whole: The operations of the plan in one window.
    ///   - parts: Those of the plan in several windows.
    ///   - known: Those of a run, which tell also of records that are as they should be.
    ///   - areLookUpsKnown: Whether people were looked up in the same way before.
    init(
        whole: [PlanOperation],
        parts: [PlanOperation],
        known: [PlanOperation],
        areLookUpsKnown: Bool
    ) {
        self.areLookUpsKnown = areLookUpsKnown
        let shared = Self.shared(known).union(Self.shared(whole + parts))
        func own(_ operations: [PlanOperation]) -> [OperationID: [PlanOperation]] {
            Dictionary(
                grouping: operations.filter { $0.record.map { !shared.contains($0) } ?? true },
                by: \.id
            )
        }
        (self.whole, self.parts) = (own(whole), own(parts))
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

    /// The operations that are not the same, each with what both plans do.
    var differences: [String] {
        let names = Set(whole.keys).union(parts.keys)
            .sorted { $0.rawValue < $1.rawValue }
        return names.compactMap { name in
            let (wanted, found) = (whole[name] ?? [], parts[name] ?? [])
            guard wanted.map(Self.text) != found.map(Self.text), !differOnlyInRelated(wanted, found)
            else {
                return nil
            }
            return "\(name.rawValue): \(found.map(Self.text)) instead of \(wanted.map(Self.text))"
        }
    }

    /// Whether nothing but related records tells two operations apart.
    private func differOnlyInRelated(_ wanted: [PlanOperation], _ found: [PlanOperation]) -> Bool {
        let both = wanted + found
        let related = Set(both.flatMap(\.fields).filter(mayDiffer).map(\.field))
        let areMade = both.contains { $0.kind == .create }
        guard !related.isEmpty, !areMade || wanted.map(\.kind) == found.map(\.kind) else {
            return false
        }
        // What is taken over shows only in an operation that does something else besides.
        func others(_ operations: [PlanOperation]) -> [String] {
            operations.flatMap(\.fields)
                .filter { !related.contains($0.field) && $0.outcome != .adopt }
                .compactMap(Self.text)
        }
        return others(wanted) == others(found)
    }

    private func mayDiffer(_ planned: PlannedField) -> Bool {
        let namesPeople = ["WhoId", OrgSchema.attendeesField].contains(planned.field)
        return planned.awaitsRecord || !areLookUpsKnown && namesPeople
    }

    private static func text(_ operation: PlanOperation) -> String {
        let record = operation.record?.rawValue ?? operation.object.rawValue
        let waiting = operation.appointments.map(\.root.rawValue)
        return """
            \(operation.kind) \(record) \(operation.reason) \
            \(operation.fields.compactMap(text)) for \(waiting)
            """
    }

    /// What becomes of a field; nil where nothing does.
    private static func text(_ planned: PlannedField) -> String? {
        guard planned.outcome != .unchanged else { return nil }
        let desired = planned.desired.map { "\($0)" } ?? "nothing"
        return "\(planned.field.rawValue) \(planned.outcome) \(planned.reason) \(desired)"
    }
}

extension PlannedField {
    /// Whether it names a record that another operation makes.
    fileprivate var awaitsRecord: Bool { desired.map { !$0.awaited.isEmpty } ?? false }
}
