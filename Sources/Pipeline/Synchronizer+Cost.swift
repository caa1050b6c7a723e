import Domain
import Salesforce

// What a run is going to cost, before it is made.
extension Synchronizer {
    /// What a run takes that does what a plan says.
    ///
    /// A run of many appointments goes window by window: each asks and writes on its own, and all of
    /// them are looked at twice, once for the guard and once to write.
    ///
    /// - Parameters:
    ///   - plan: The plan.
    ///   - windows: Its appointments as the run takes them.
    ///   - looks: The calls that looking at all of them at once takes, by round of questions.
    /// - Returns: The API calls, if nothing goes wrong and every job is done when it is first asked.
    func estimate(
        _ plan: SyncPlan,
        in windows: [[AppointmentID]],
        looks: [Int]
    ) async -> PlanCost {
        let isSurveyed = windows.count > 1 && !options.allowsLargeChange
        let count = max(1, windows.count)
        let perWindow = looks.reduce(0) { $0 + ($1 + count - 1) / count }
        var cost = PlanCost(reads: perWindow * count * (isSurveyed ? 2 : 1))
        for operations in plan.operations(in: windows) {
            let named = Dictionary(operations.map { ($0.id, $0) }) { first, _ in first }
            for stage in await stages(of: requests(for: operations, of: plan)) {
                cost.writes += self.cost(of: stage, named)
                cost.jobs += stage.path == .bulk ? 1 : 0
            }
        }
        return cost
    }

    /// The calls that a stage takes, if nothing goes wrong.
    func cost(of stage: WriteStage, _ operations: [OperationID: PlanOperation]) -> Int {
        switch stage.path {
        case .small:
            gateway.cost(of: stage.requests)
                + (isReadAgain(stage.requests, operations) ? 1 : 0)
        case .bulk:
            WritePaths.bulkCalls(for: stage.requests.count)
                + WritePaths.guardCalls(
                    for: stage.requests.count { request in
                        operations[request.operation]?.replacesSomething ?? false
                    }
                )
        }
    }
}

extension SyncPlan {
    /// The operations as the windows of a run come to them: each with the first that it concerns.
    fileprivate func operations(in windows: [[AppointmentID]]) -> [[PlanOperation]] {
        guard windows.count > 1 else { return [operations] }
        var places: [AppointmentID: Int] = [:]
        for (place, window) in windows.enumerated() {
            for appointment in window { places[appointment] = place }
        }
        return Dictionary(grouping: operations) { operation in
            operation.appointments.compactMap { places[$0] }.min() ?? 0
        }
        .sorted { $0.key < $1.key }.map(\.value)
    }
}
