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
    private static let driftObjects: [ObjectName] = [.contact, .lead, .account, .eventRecord]

    /// How many records are read at a time in the first sweep.
    private static let driftWindow = 5_000

    /// How far the org's clock may be from ours: milliseconds.
    private static let clockAllowance: Int64 = 5_000

    /// Looks for fields that somebody else changed after Daybook's last write.
    ///
    /// Compares what stands there with what was seen right after the write, so that normalised
    /// values and what automation made of them are no drift; nor are changes under Daybook's own
    /// user, values that were never Daybook's, and fields that the configuration ignores. Where the
    /// org tracks the history of a field, that says who changed it and when; else the record's last
    /// modifier is named, which is an inference. The first sweep reads every linked record once, and so
    /// does the first that looks at a field which was ignored or hidden before; others read what
    /// changed since, and what is adrift.
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
            let claimed = try await journal.claimedFields(of: swept)
            look.fields = claimed.filter {
                description.fields[$0] != nil && !options.ignores(swept, $0)
            }
            // What changed in a field while nobody looked at it is found by reading all records.
            if !(sweep.passedOver[swept] ?? []).isDisjoint(with: look.fields) {
                look.sweep.until[swept] = nil
            }
            sweep.passedOver[swept] = Set(claimed).subtracting(look.fields)
            if !look.fields.isEmpty { try await read(&look, org) }
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
        // Whether the org has a history of the object is asked in the same call, and once.
        let history = look.hasHistory == nil ? FieldHistoryLook.object(of: look.object) : nil
        let further =
            [Organization.question] + [history].compactMap { $0.map(ReadRequest.describe) }
        let answers = try await gateway.read(questions + further)
        if answers.count > questions.count {
            try await org.bind(Organization(answers[questions.count]))
        }
        if history != nil { look.hasHistory = answers.last?.isDescribed ?? false }
        let rows = answers.prefix(questions.count).flatMap(\.rows)
        var records: [SalesforceID: ObservedRecord] = [:]
        for row in rows {
            let record = ObservedRecord(
                row: row,
                object: look.object,
                description: look.description
            )
            if let record { records[record.id] = record }
        }
        let found = look.take(records, try await journal.claims(on: records.keys), digest)
        look.settle(found, try await changes(of: found, look))
    }

    /// What the org's field history knows of the fields that differ.
    private func changes(
        of found: [DriftReport.Item],
        _ look: DriftLook
    ) async throws -> FieldHistoryLook {
        var changes = FieldHistoryLook()
        guard look.hasHistory == true, !found.isEmpty else { return changes }
        let records = Set(found.map(\.entry.record)).sorted()
        let moments = found.map(\.entry.after)
        let first = moments.contains(nil) ? nil : moments.compactMap { $0 }.min()
        let question = FieldHistoryLook.question(
            records,
            of: look.object,
            // Stamps and history have whole seconds.
            after: first?.advanced(byMilliseconds: -Self.clockAllowance)
        )
        guard let question else { return changes }
        for answer in try await gateway.read([question]) {
            changes.take(answer.rows, of: look.object)
        }
        return changes
    }
}

extension ReadAnswer {
    /// Whether it describes an object that is there.
    fileprivate var isDescribed: Bool {
        if case .description(.some) = self { true } else { false }
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
    /// Whether the org keeps a history of the object's fields; nil before it was asked.
    var hasHistory: Bool?
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

    /// Takes records in.
    ///
    /// - Returns: The fields that are not as Daybook left them, whoever changed them.
    mutating func take(
        _ records: [SalesforceID: ObservedRecord],
        _ claims: [SalesforceID: [FieldName: Claim]],
        _ digest: (String) -> ValueDigest
    ) -> [DriftReport.Item] {
        var found: [DriftReport.Item] = []
        recordsRead += records.count
        learnUser(records, claims)
        for record in records.values.sorted(by: { $0.id < $1.id }) {
            if let stamp = record.stamp {
                let seen = min(stamp, horizon)
                sweep.until[object] = max(sweep.until[object] ?? seen, seen)
            }
            for field in fields {
                guard let claim = claims[record.id]?[field], claim.sent != nil else { continue }
                let live = record.value(field)
                let text = CanonicalForm.text(of: live, description.fields[field])
                guard claim.seen != digest(text) else { continue }
                found.append(item(record, field, claim, live))
            }
        }
        return found
    }

    /// Decides which differences are drift.
    ///
    /// | the field's history                | the record's last modifier | drift                      |
    /// |------------------------------------|----------------------------|----------------------------|
    /// | last changed by somebody else      | anyone                     | yes: by them, exactly then |
    /// | last changed by Daybook            | anyone                     | no                         |
    /// | says nothing, or there is none     | somebody else              | yes: by them, up to then   |
    /// | says nothing, or there is none     | Daybook                    | no                         |
    mutating func settle(_ found: [DriftReport.Item], _ changes: FieldHistoryLook) {
        for var item in found {
            if let change = changes.change(of: item.entry.field, on: item.entry.record) {
                (item.entry.by, item.userName) = (change.by, change.name)
                (item.entry.after, item.entry.until) = (change.at, change.at)
                item.entry.isExact = true
            }
            if item.entry.by != nil, item.entry.by == sweep.user { continue }
            items.append(item)
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
