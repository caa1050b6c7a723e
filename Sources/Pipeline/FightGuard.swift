import Domain
import Journal
import Ledger

/// Ends a fight: a value that is put back again and again, because a flow or a person changes it each
/// time.
///
/// Source: `facts/ledger-and-reconciliation.md` 5.8, case 2.
enum FightGuard {
    /// How often a field is corrected before a person is asked.
    static let mostCorrections = 3
    /// Over which time corrections are counted: milliseconds.
    static let period: Int64 = 7 * 24 * 3_600_000

    /// How often each field was corrected, according to the receipts of a record.
    static func corrections(in events: [StoredEvent], since: Instant) throws -> [FieldName: Int] {
        var counts: [FieldName: Int] = [:]
        for event in events
        where event.type == "write.confirmed" && event.recorded >= since.milliseconds {
            for field in try JSON(parsing: event.data)["fields"]?.array ?? []
            where field["reason"]?.string == Reason.driftCorrected.rawValue {
                if let name = field["field"]?.string { counts[FieldName(name), default: 0] += 1 }
            }
        }
        return counts
    }

    /// The operation without the corrections that would go on a fight.
    static func calmed(
        _ operation: PlanOperation,
        _ corrections: [FieldName: Int]
    ) -> PlanOperation {
        var calmed = operation
        for index in calmed.fields.indices {
            let planned = calmed.fields[index]
            guard planned.outcome == .write, planned.reason == .driftCorrected,
                corrections[planned.field] ?? 0 >= mostCorrections
            else { continue }
            (calmed.fields[index].outcome, calmed.fields[index].reason) = (
                .hold, .correctedTooOften
            )
        }
        guard calmed.written.isEmpty else { return calmed }
        (calmed.kind, calmed.reason) = (.hold, .correctedTooOften)
        return calmed
    }
}

extension Synchronizer {
    /// The operations without corrections that were made too often.
    func withoutFights(_ operations: [PlanOperation]) async throws -> [PlanOperation] {
        let correcting = operations.filter { operation in
            operation.kind == .update
                && operation.written.contains { $0.reason == .driftCorrected }
        }
        guard !correcting.isEmpty else { return operations }
        let events = try await journal.events(about: correcting.map(\.subject))
        let since = now().advanced(byMilliseconds: -FightGuard.period)
        return try operations.map { operation in
            guard operation.kind == .update, let past = events[operation.subject] else {
                return operation
            }
            return FightGuard.calmed(
                operation,
                try FightGuard.corrections(in: past, since: since)
            )
        }
    }
}
