import Domain

// What a run counts.

extension RunReport {
    /// Takes back that a write failed, or that its outcome was unclear.
    mutating func forget(_ operation: OperationID) {
        unclear[operation] = nil
        summary.failed -= failures.count { $0.operation == operation }
        failures.removeAll { $0.operation == operation }
    }

    /// Counts a write whose outcome was unclear, and that turns out to have taken hold.
    ///
    /// - Returns: False if there is nothing to resolve.
    mutating func resolve(_ operation: PlanOperation) -> Bool {
        guard let kind = unclear[operation.id] else { return false }
        forget(operation.id)
        summary.countWrite(kind)
        summary.countFields(operation)
        return true
    }

    mutating func fail(_ operation: PlanOperation, _ note: String) {
        summary.failed += 1
        failures.append((operation.id, operation.object, note))
    }
}

extension RunSummary {
    /// Records written so far.
    var written: Int { create + update + delete }

    mutating func countWrite(_ kind: PlanOperation.Kind) {
        switch kind {
        case .create: create += 1
        case .update: update += 1
        case .delete: delete += 1
        case .hold, .unchanged: break
        }
    }
}
