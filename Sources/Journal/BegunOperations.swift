public import Domain
import GRDB
public import Ledger

/// An operation that was about to be carried out when its run was interrupted.
public struct BegunOperation: Hashable, Sendable {
    /// When it was planned.
    public var planned: Instant
    /// What the plan that is kept with the run says of it, without personal data.
    public var form: JSON
}

extension Journal {
    /// The operations without an outcome, as they were planned.
    ///
    /// - Returns: The operations whose run kept a plan that writes them.
    /// - Throws: ``LedgerError``.
    public func begunOperations() async throws(LedgerError) -> [OperationID: BegunOperation] {
        try await reading { db in
            var runs: [String: Set<String>] = [:]
            for row in try Row.fetchAll(db, sql: "SELECT run, operation FROM intent") {
                runs[row[0], default: []].insert(row[1])
            }
            var begun: [OperationID: BegunOperation] = [:]
            for (run, operations) in runs {
                let plans = try String.fetchCursor(
                    db,
                    sql: "SELECT plan FROM runPlan WHERE run = ? ORDER BY part",
                    arguments: [run]
                )
                while let plan = try plans.next() {
                    begun.merge(try Self.written(operations, in: plan)) { _, later in later }
                }
            }
            return begun
        }
    }

    private static func written(
        _ operations: Set<String>,
        in plan: String
    ) throws -> [OperationID: BegunOperation] {
        let plan = try JSON(parsing: plan)
        guard let planned = plan["created"]?.string.flatMap({ Instant(rfc3339: $0) }) else {
            return [:]
        }
        var begun: [OperationID: BegunOperation] = [:]
        for form in plan["operations"]?.array ?? [] {
            guard let name = form["operation"]?.string, operations.contains(name),
                ["create", "update", "delete"].contains(form["kind"]?.string)
            else { continue }
            begun[OperationID(name)] = BegunOperation(planned: planned, form: form)
        }
        return begun
    }
}
