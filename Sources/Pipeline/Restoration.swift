import Domain
import Journal
import Ledger
import Reconciliation
import Salesforce

/// What is to be put back, or taken over, on one record.
struct Restoration {
    /// What became of the record in the run that is undone.
    enum Kind: Hashable {
        /// Fields were written.
        case fields
        /// It was made; this was its stamp then.
        case created(Instant?)
        /// It was deleted.
        case deleted
    }

    /// One field.
    struct Field {
        /// What it may be put back to, as the API writes it: the first that ``sent`` is of.
        var values: [JSON]
        /// The digest of the value that is meant; nil for the first of ``values``.
        var sent: ValueDigest?
        /// What has to stand there now, so that it may be replaced; nil for anything.
        var standing: JSON?
        var cause: Cause
        var rule: String
        var version: SettingsVersion?
    }

    var record: SalesforceID
    var object: ObjectName
    var subject: RecordSubject
    var kind = Kind.fields
    var fields: [FieldName: Field] = [:]
    /// The person under whose key the values are sealed.
    var person: PersonID?
}

extension Synchronizer {
    /// Plans to take drift over, or to put back what Daybook sent last.
    ///
    /// - Parameters:
    ///   - action: What is done.
    ///   - places: The fields.
    /// - Returns: The plan; it is applied like any other.
    /// - Throws: ``ReplayError/unclaimed(_:_:)``, ``SalesforceError`` or ``LedgerError``.
    public func plan(_ action: DriftAction, _ places: [FieldPlace]) async throws -> SyncPlan {
        var found: [SalesforceID: Restoration] = [:]
        let claims = try await journal.claims(on: Set(places.map(\.record)))
        for place in places.sorted() {
            guard let link = try await journal.links(to: place.record).first,
                let (field, claim) = claims[place.record]?
                    .first(where: { $0.key.isSame(as: place.field) }), claim.sent != nil
            else { throw ReplayError.unclaimed(place.record, place.field) }
            var restoration =
                found[place.record]
                ?? Restoration(record: link.record, object: link.object, subject: link.subject)
            let receipts = try await receipts(of: field, link)
            restoration.person = receipts.first?.person ?? restoration.person
            restoration.fields[field] = Restoration.Field(
                values: receipts.compactMap(\.sent),
                sent: claim.sent,
                standing: nil,
                cause: claim.considered,
                rule: receipts.first?.rule ?? "",
                version: receipts.first?.version
            )
            found[place.record] = restoration
        }
        var plan = try await restore(
            Array(found.values),
            action == .adopt ? .driftAdopted : .driftReverted
        )
        plan.basis = .drift(action, places.sorted())
        return try await signed(plan)
    }

    /// Plans to put back what stood there before a run, where the run's values still stand.
    ///
    /// - Parameter run: The run.
    /// - Returns: The plan; it is applied like any other.
    /// - Throws: ``ReplayError/unknownRun(_:)``, ``SalesforceError`` or ``LedgerError``.
    public func plan(undoing run: String) async throws -> SyncPlan {
        let steps = try await journal.events(ofRuns: [run])
        guard let first = steps.first, let last = steps.last else {
            throw ReplayError.unknownRun(run)
        }
        // Of a run that was killed the last step is not its end.
        let isOver = ["run.finished", "run.refused", "run.stopped"].contains(last.type)
        let end = isOver ? last.position : .max
        var found: [SalesforceID: Restoration] = [:]
        var position = LedgerPosition(first.position)
        while true {
            let page = try await journal.sealedEvents(
                after: position,
                limit: 500,
                type: "write.confirmed"
            )
            let own = try page.filter { event in
                let data = try JSON(parsing: event.data)
                return event.position < end && data["run"]?.string == run
            }
            let positions = own.map { LedgerPosition($0.position) }
            for opened in try await journal.openedEvents(at: positions) {
                try take(Receipt(opened.event), into: &found)
            }
            guard let reached = page.last?.position, reached < end else { break }
            position = LedgerPosition(reached)
        }
        var plan = try await restore(Array(found.values), .undone)
        plan.basis = .undo(run: run)
        return try await signed(plan)
    }

    /// Of several writes of one run the first tells what stood there before, the last what it left.
    private func take(_ receipt: Receipt, into found: inout [SalesforceID: Restoration]) throws {
        guard let record = receipt.record, let subject = receipt.subject else { return }
        var restoration =
            found[record]
            ?? Restoration(record: record, object: receipt.object, subject: subject)
        switch receipt.kind {
        case .create where receipt.wasCreated: restoration.kind = .created(receipt.stamp)
        case .delete: restoration.kind = .deleted
        default: break
        }
        restoration.person = receipt.person ?? restoration.person
        for field in receipt.fields {
            let values = receipt.values?[field.name.rawValue]
            let known = restoration.fields[field.name]
            restoration.fields[field.name] = Restoration.Field(
                values: known?.values ?? [values?["before"]].compactMap { $0 },
                standing: values?["seen"] ?? values?["sent"],
                cause: field.cause,
                rule: field.rule,
                version: field.version
            )
        }
        found[record] = restoration
    }

    /// What was ever sent to a field, the newest first.
    private func receipts(
        of field: FieldName,
        _ link: RecordLink
    ) async throws -> [(sent: JSON?, rule: String, version: SettingsVersion?, person: PersonID?)] {
        let events = try await journal.events(about: [link.subject])[link.subject] ?? []
        return try events.reversed().filter { $0.type == "write.confirmed" }.compactMap { event in
            let receipt = try Receipt(event)
            guard receipt.record == link.record,
                let own = receipt.fields.last(where: { $0.name == field })
            else { return nil }
            let sent = receipt.values?[field.rawValue]?["sent"]
            return (sent, own.rule, own.version, receipt.person)
        }
    }

    // MARK: The plan

    private func restore(_ wanted: [Restoration], _ reason: Reason) async throws -> SyncPlan {
        var plan = try await emptyPlan()
        guard !wanted.isEmpty else { return plan }
        let org = OrgView(journal: journal, gateway: gateway, keyField: options.keyField, now: now)
        let (id, schema, isUnchecked) = try await org.schema()
        let objects = Dictionary(grouping: wanted, by: \.object).sorted { $0.key < $1.key }
        let questions = objects.map { object, restorations in
            let fields = Set(restorations.flatMap(\.fields.keys)).union(ObservedRecord.systemFields)
            let known = fields.filter { schema.objects[object]?.fields[$0] != nil }
            return ReadRequest.query(
                Query(
                    ["Id"] + known.map(\.rawValue).sorted(),
                    from: object,
                    where: .isIn("Id", restorations.map(\.record.rawValue).sorted()),
                    includesDeleted: true
                )
            )
        }
        let check = isUnchecked ? [Organization.question] : []
        let answers = try await gateway.read(questions + check)
        if isUnchecked, let last = answers.last { try await org.bind(Organization(last)) }
        var records: [SalesforceID: ObservedRecord] = [:]
        for ((object, _), answer) in zip(objects, answers) {
            for row in answer.rows {
                let description = schema.objects[object]
                let record = ObservedRecord(row: row, object: object, description: description)
                if let record { records[record.id] = record }
            }
        }
        (plan.org, plan.schema) = (id, schema)
        for restoration in wanted.sorted(by: { $0.subject < $1.subject }) {
            let operation = RestorationPlanner(schema: schema, digest: digest, reason: reason)
                .plan(restoration, records[restoration.record])
            plan.operations.append(operation)
            for appointment in operation.appointments {
                plan.bookers[appointment] = restoration.person
            }
        }
        (plan.operations, plan.leftOut) = try await leavingOutInterrupted(
            plan.operations,
            decided: .unaware
        )
        plan.usage = await gateway.usage
        return plan
    }
}

/// Decides what is put back; pure.
private struct RestorationPlanner {
    let schema: OrgSchema
    let digest: (String) -> ValueDigest
    let reason: Reason

    func plan(_ wanted: Restoration, _ record: ObservedRecord?) -> PlanOperation {
        var operation = blank(wanted, record)
        switch wanted.kind {
        case .deleted:
            (operation.kind, operation.reason) = (.hold, .valueUnknown)
            operation.detail = "the run deleted it; restore it from the recycle bin by hand"
            return operation
        case .created(let stamp):
            guard let record else { return notVisible(operation) }
            guard !record.isDeleted else {
                operation.reason = .alreadyGone
                return operation
            }
            let isUntouched = stamp.map { (record.lastModified ?? $0) <= $0 } ?? false
            (operation.kind, operation.reason) =
                isUntouched ? (.delete, reason) : (.hold, .changedSince)
            return operation
        case .fields:
            guard let record else { return notVisible(operation) }
            guard !record.isDeleted else {
                (operation.kind, operation.reason) = (.hold, .deletedByOther)
                return operation
            }
            operation.fields = wanted.fields.sorted { $0.key < $1.key }
                .map { field($0.key, $0.value, record) }
            return operation.settled()
        }
    }

    /// An id that is not even in the recycle bin may be hidden: that it is gone is not known.
    private func notVisible(_ operation: PlanOperation) -> PlanOperation {
        var held = operation
        (held.kind, held.reason) = (.hold, .notVisible)
        return held
    }

    private func blank(_ wanted: Restoration, _ record: ObservedRecord?) -> PlanOperation {
        let cause = wanted.fields.values.map(\.cause).max()
        var appointments: [AppointmentID] = []
        if case .event(let uid) = wanted.subject { appointments = [AppointmentID(root: uid)] }
        var operation = PlanOperation(
            subject: wanted.subject,
            appointments: appointments,
            kind: .unchanged,
            reason: .inSync,
            object: wanted.object,
            record: wanted.record,
            isOurs: wanted.kind != .fields,
            fields: [],
            stamp: record?.stamp,
            candidates: [wanted.record],
            cause: cause ?? .never
        )
        operation.isRestoration = true
        return operation
    }

    private func field(
        _ name: FieldName,
        _ wanted: Restoration.Field,
        _ record: ObservedRecord
    ) -> PlannedField {
        var planned = PlannedField(
            field: name,
            outcome: .hold,
            reason: .valueUnknown,
            live: record.value(name),
            desired: nil,
            cause: wanted.cause,
            version: wanted.version,
            rule: wanted.rule,
            isPersonal: true
        )
        planned.isReplay = true
        let description = schema.objects[record.object]?.fields[name]
        if let standing = wanted.standing,
            text(standing, name, description) != text(planned.live, description)
        {
            planned.reason = .changedSince
            return planned
        }
        let known = wanted.values.map { FieldValue($0, field: name, type: description?.type) }
        let meant = known.first { value in
            wanted.sent.map { $0 == digest(text(value, description)) } ?? true
        }
        guard let back = meant else {
            // To take an edit over, what was there before need not be known.
            if reason == .driftAdopted { (planned.outcome, planned.reason) = (.adopt, reason) }
            return planned
        }
        planned.desired = .value(back)
        if text(back, description) == text(planned.live, description) {
            (planned.outcome, planned.reason) = (.unchanged, .inSync)
        } else if reason == .driftAdopted {
            (planned.outcome, planned.reason) = (.adopt, reason)
        } else if description?.isUpdateable == true {
            (planned.outcome, planned.reason) = (.write, reason)
        } else {
            planned.reason = .fieldReadOnly
        }
        return planned
    }

    private func text(
        _ value: JSON,
        _ name: FieldName,
        _ description: FieldDescription?
    ) -> String {
        text(FieldValue(value, field: name, type: description?.type), description)
    }

    private func text(_ value: FieldValue, _ description: FieldDescription?) -> String {
        CanonicalForm.text(of: value, description)
    }
}

/// A receipt of the ledger, read back.
private struct Receipt {
    struct Field {
        var name: FieldName
        var rule: String
        var version: SettingsVersion?
        var cause: Cause
    }

    var record: SalesforceID?
    var object: ObjectName
    var subject: RecordSubject?
    var kind: PlanOperation.Kind?
    var wasCreated: Bool
    var stamp: Instant?
    var fields: [Field]
    /// By field what stood there before, was sent and was seen; nil when it cannot be read.
    var values: JSON?
    var person: PersonID?

    init(_ event: StoredEvent) throws {
        let data = try JSON(parsing: event.data)
        record = data["record"]?.string.flatMap { SalesforceID($0) }
        object = ObjectName(data["object"]?.string ?? "")
        subject = data["operation"]?.string.flatMap(RecordSubject.init(name:))
        kind = data["kind"]?.string.flatMap(PlanOperation.Kind.init(rawValue:))
        wasCreated = data["created"]?.bool ?? false
        stamp = data["stamp"]?.int.map { Instant(milliseconds: Int64($0)) }
        let moment = Instant(milliseconds: event.occurred)
        fields = (data["fields"]?.array ?? []).compactMap { field in
            guard let name = field["field"]?.string else { return nil }
            return Field(
                name: FieldName(name),
                rule: field["rule"]?.string ?? "",
                version: field["version"]?.int.map(SettingsVersion.init),
                cause: Cause(
                    position: LedgerPosition(Int64(field["cause"]?.int ?? 0)),
                    occurred: moment,
                    recorded: moment
                )
            )
        }
        values = try event.parts.first { $0.name == "values" }.map { try JSON(parsing: $0.content) }
        person = event.commitments.first { $0.name == "values" }.map { PersonID($0.subject) }
    }
}

extension FieldName {
    /// Whether both name one field: Salesforce does not tell the cases of letters apart.
    func isSame(as other: FieldName) -> Bool {
        rawValue.lowercased() == other.rawValue.lowercased()
    }
}
