import Domain
import Journal
import Ledger
import Reconciliation
import Salesforce

extension Synchronizer {
    /// The writes that an interrupted run left without an outcome, among some subjects.
    ///
    /// What was to be written is known from the plan that was kept with the run; digests stand there
    /// for values that come from people, and comparing needs no more.
    func begunWrites(
        of subjects: Set<OperationID>
    ) async throws(LedgerError) -> [OperationID: BegunWrite] {
        guard !(try await journal.openIntents().keys.allSatisfy { !subjects.contains($0) }) else {
            return [:]
        }
        let digest = digest
        return try await journal.begunOperations()
            .filter { subjects.contains($0.key) }
            .compactMapValues { begun in
                BegunWrite(begun) { planned in planned.comparableForm(digest) }
            }
    }

    /// When the meetings begin whose event records an interrupted run was about to make.
    func begunStarts(among unsettled: Set<OperationID>) async throws(LedgerError) -> [Instant] {
        guard !unsettled.isEmpty else { return [] }
        return try await journal.begunOperations().values.compactMap { begun in
            let start = (begun.form["fields"]?.array ?? []).first {
                $0["field"] == .string("StartDateTime")
            }
            return (start?["desired"]?.string).flatMap { Instant(rfc3339: $0) }
        }
    }

    /// Under whose name we write.
    func ownUser() async throws(SalesforceError) -> SalesforceID? {
        guard case .user(let user)? = try await gateway.read([.ownUser]).first else { return nil }
        return user
    }
}

extension BegunWrite {
    fileprivate init?(
        _ begun: BegunOperation,
        form: @escaping @Sendable (PlannedField) -> BegunWrite.Field
    ) {
        guard let kind = begun.form["kind"]?.string.flatMap(PlanOperation.Kind.init) else {
            return nil
        }
        let stamp = begun.form["stamp"]?.string.flatMap { Instant(rfc3339: $0) }
        var fields: [FieldName: BegunWrite.Field] = [:]
        for planned in begun.form["fields"]?.array ?? [] {
            guard planned["outcome"]?.string == PlannedField.Outcome.write.rawValue,
                let name = planned["field"]?.string
            else { continue }
            fields[FieldName(name)] = BegunWrite.Field(
                before: (planned["live"] ?? .null).text,
                wish: (planned["desired"] ?? .null).text
            )
        }
        self.init(kind: kind, since: stamp ?? begun.planned, fields: fields, form: form)
    }
}

extension PlanOperation {
    /// The operation with the fields that an interrupted run wrote counted as written.
    func confirming(_ begun: BegunWrite?) -> PlanOperation {
        guard let begun else { return self }
        var confirmed = self
        for index in fields.indices
        where fields[index].outcome == .adopt && begun.fields[fields[index].field] != nil {
            confirmed.fields[index].outcome = .write
        }
        return confirmed
    }
}
