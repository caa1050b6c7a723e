public import Domain
public import Journal
import Ledger
import Reconciliation
import Salesforce

/// What people or other tools changed in fields that Daybook wrote.
public struct DriftReport: Sendable {
    /// One field that is adrift.
    public struct Item: Sendable {
        /// Where, by whom and since when.
        public var entry: DriftEntry
        /// The name of the user who changed the record last, if the org told.
        public var userName: String?
        /// What stands there now.
        public var live: FieldValue
    }

    /// The fields, by object, record and name.
    public var items: [Item] = []
    /// How many records were read.
    public var recordsRead = 0
    /// How many API calls that took.
    public var apiCalls = 0
}

extension Synchronizer {
    /// The objects on which Daybook owns fields.
    private static let driftObjects: [ObjectName] = [.contact, .lead, .eventRecord]

    /// How many records are read at a time in the first sweep.
    private static let driftWindow = 5_000

    /// How far the org's clock may be from ours: milliseconds.
    private static let clockAllowance: Int64 = 5_000

    /// Looks for fields that somebody else changed after Daybook's last write.
    ///
    /// Compares what stands there with what was seen right after the write, so that normalised
    /// values and what automation made of them are no drift; nor are changes under Daybook's own
    /// user, values that were never Daybook's, and fields that the configuration ignores. The first
    /// sweep reads every linked record once; later ones read what changed since, and what is adrift.
    ///
    /// - Parameter object: Only this object; nil for all.
    /// - Returns: What is adrift now.
    /// - Throws: ``SalesforceError``, ``LedgerError`` or ``RunRefusal/otherOrg(expected:found:)``.
    public func drift(of object: ObjectName? = nil) async throws -> DriftReport {
        let before = await gateway.usage.calls
        let org = OrgView(journal: journal, gateway: gateway, keyField: options.keyField, now: now)
        let schema = try await org.schema().schema
        let last = try await journal.lastDriftSweep()
        var sweep = last ?? DriftSweep()
        var report = DriftReport()
        for swept in object.map({ [$0] }) ?? Self.driftObjects {
            guard let description = schema.objects[swept] else { continue }
            var look = DriftLook(object: swept, description: description, sweep: sweep)
            // Stamps have whole seconds: one that is not over yet is looked at again.
            look.horizon = now().advanced(byMilliseconds: -Self.clockAllowance)
            look.fields = try await journal.claimedFields(of: swept)
                .filter { description.fields[$0] != nil && !options.ignores(swept, $0) }
            guard !look.fields.isEmpty else { continue }
            try await read(&look, org)
            report.items += look.items
            report.recordsRead += look.recordsRead
            sweep.user = look.sweep.user
            sweep.until[swept] = look.sweep.until[swept]
            sweep.open = sweep.open.filter { $0.object != swept } + look.items.map(\.entry)
        }
        sweep.open.sort { ($0.object, $0.record, $0.field) < ($1.object, $1.record, $1.field) }
        try await journal.keep(sweep)
        report.apiCalls = await gateway.usage.calls - before
        return report
    }

    private func read(_ look: inout DriftLook, _ org: OrgView) async throws {
        if look.sweep.until[look.object] != nil {
            let open = look.sweep.open.filter { $0.object == look.object }.map(\.record)
            return try await read(look.changed + look.records(Set(open).sorted()), &look, org)
        }
        var last: SalesforceID?
        while true {
            let ids = try await journal.linkedRecords(
                of: look.object,
                after: last,
                limit: Self.driftWindow
            )
            guard !ids.isEmpty else { return }
            options.progress("Reading \(look.object.rawValue) records: \(look.recordsRead) so far")
            try await read(look.records(ids), &look, org)
            last = ids.last
        }
    }

    private func read(
        _ questions: [ReadRequest],
        _ look: inout DriftLook,
        _ org: OrgView
    ) async throws {
        guard !questions.isEmpty else { return }
        let answers = try await gateway.read(questions + [Organization.question])
        if let last = answers.last { try await org.bind(Organization(last)) }
        let rows = answers.dropLast().flatMap(\.rows)
        var records: [SalesforceID: ObservedRecord] = [:]
        for row in rows {
            let record = ObservedRecord(
                row: row,
                object: look.object,
                description: look.description
            )
            if let record { records[record.id] = record }
        }
        look.take(records, try await journal.claims(on: records.keys), digest)
    }
}

/// One object in a sweep.
private struct DriftLook {
    let object: ObjectName
    let description: ObjectDescription
    var fields: [FieldName] = []
    var sweep: DriftSweep
    var items: [DriftReport.Item] = []
    var recordsRead = 0
    /// Up to when all changes are sure to have been seen.
    var horizon = Instant(milliseconds: 0)

    init(object: ObjectName, description: ObjectDescription, sweep: DriftSweep) {
        (self.object, self.description, self.sweep) = (object, description, sweep)
    }

    private var paths: [String] {
        let wanted = Set(fields).union(ObservedRecord.systemFields)
        let known = wanted.filter { description.fields[$0] != nil }.map(\.rawValue)
        return ["Id", "LastModifiedBy.Name"] + Set(known).subtracting(["Id"]).sorted()
    }

    private func question(_ condition: Query.Condition) -> ReadRequest {
        .query(Query(paths, from: object, where: condition, orderBy: ["Id"]))
    }

    /// What changed since the last sweep.
    var changed: [ReadRequest] {
        guard let until = sweep.until[object] else { return [] }
        return [question(.after("SystemModstamp", until))]
    }

    func records(_ ids: [SalesforceID]) -> [ReadRequest] {
        ids.isEmpty ? [] : [question(.isIn("Id", ids.map(\.rawValue)))]
    }

    mutating func take(
        _ records: [SalesforceID: ObservedRecord],
        _ claims: [SalesforceID: [FieldName: Claim]],
        _ digest: (String) -> ValueDigest
    ) {
        recordsRead += records.count
        learnUser(records, claims)
        for record in records.values.sorted(by: { $0.id < $1.id }) {
            if let stamp = record.stamp {
                let seen = min(stamp, horizon)
                sweep.until[object] = max(sweep.until[object] ?? seen, seen)
            }
            if record.lastModifiedBy != nil, record.lastModifiedBy == sweep.user { continue }
            for field in fields {
                guard let claim = claims[record.id]?[field], claim.sent != nil else { continue }
                let live = record.value(field)
                let text = CanonicalForm.text(of: live, description.fields[field])
                guard claim.seen != digest(text) else { continue }
                items.append(item(record, field, claim, live))
            }
        }
    }

    /// A record that nobody touched since our write was changed last by ourselves.
    private mutating func learnUser(
        _ records: [SalesforceID: ObservedRecord],
        _ claims: [SalesforceID: [FieldName: Claim]]
    ) {
        guard sweep.user == nil else { return }
        sweep.user =
            records.values.sorted { $0.id < $1.id }.first { record in
                guard let modified = record.lastModified else { return false }
                return claims[record.id]?.values.contains { $0.seenAt == modified } ?? false
            }?.lastModifiedBy
    }

    private func item(
        _ record: ObservedRecord,
        _ field: FieldName,
        _ claim: Claim,
        _ live: FieldValue
    ) -> DriftReport.Item {
        DriftReport.Item(
            entry: DriftEntry(
                record: record.id,
                object: object,
                field: field,
                by: record.lastModifiedBy,
                after: claim.seenAt,
                until: record.lastModified
            ),
            userName: record.related["LastModifiedBy.Name"],
            live: live
        )
    }
}
