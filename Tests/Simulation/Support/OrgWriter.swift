import Domain
import Salesforce

/// Carries out the writes of one call.
struct OrgWriter {
    var known: [OperationID: SalesforceID]
    let now: Instant
    /// When the run began that decided on the writes.
    let begun: Instant
    /// Whether the first record is locked by somebody else.
    var locked: Bool

    mutating func write(_ request: WriteRequest, in org: inout SimulatedOrg) -> WriteOutcome {
        guard request.awaited.allSatisfy({ known[$0] != nil }) else { return .notAttempted }
        if locked {
            locked = false
            return refused("UNABLE_TO_LOCK_ROW")
        }
        do {
            let first = org.changes.count
            let (id, wasCreated) = try carryOut(request, in: &org)
            for place in first..<org.changes.count { org.changes[place].begun = begun }
            org.records[id]?.begun = begun
            known[request.operation] = id
            return .written(id, wasCreated: wasCreated, seen: Self.seen(id, request, org))
        } catch {
            return refused(error.code)
        }
    }

    private func carryOut(
        _ request: WriteRequest,
        in org: inout SimulatedOrg
    ) throws(SimulatedOrg.Refusal) -> (SalesforceID, wasCreated: Bool) {
        let fields = Dictionary(
            uniqueKeysWithValues: request.fields.map { ($0.key.rawValue, json($0.value)) }
        )
        switch request.kind {
        case .create:
            return (org.create(request.object, fields, by: .daybook, at: now), true)
        case .upsert(let key, let value):
            let same = org.all(request.object).first { $0.text(key.rawValue) == value }
            if let same {
                try org.change(same.id, fields, by: .daybook, at: now)
                return (same.id, false)
            }
            let complete = fields.merging([key.rawValue: .string(value)]) { $1 }
            return (org.create(request.object, complete, by: .daybook, at: now), true)
        case .update(let id):
            if let since = request.unmodifiedSince, let record = org.records[id],
                record.modified > since
            {
                throw SimulatedOrg.Refusal(code: "PRECONDITION_FAILED")
            }
            try org.change(id, fields, by: .daybook, at: now)
            return (id, false)
        case .delete(let id):
            try org.delete(id, by: .daybook, at: now)
            return (id, false)
        }
    }

    private func refused(_ code: String) -> WriteOutcome {
        .refused([RecordError(code: code, message: "refused")])
    }

    /// The record as a write reads it back.
    static func seen(
        _ id: SalesforceID,
        _ request: WriteRequest,
        _ org: SimulatedOrg
    ) -> ObservedRecord? {
        guard let record = org.records[id], !record.isDeleted else { return nil }
        let paths = (request.fields.keys + request.readBack).map(\.rawValue)
        return ObservedRecord(
            row: org.row(record, paths + SimulatedOrg.system),
            object: request.object,
            description: OrgFields.describe(request.object, org)
        )
    }

    private func json(_ value: OutgoingValue) -> JSON {
        func id(_ reference: RecordReference) -> JSON {
            switch reference {
            case .record(let id): .string(id.rawValue)
            case .created(let operation): .text(known[operation]?.rawValue)
            }
        }
        switch value {
        case .value(let value): return value.json
        case .record(let reference): return id(reference)
        case .records(let references): return .array(references.map(id))
        }
    }
}
