import Domain
import Journal
import Ledger
import Reconciliation
import Salesforce

extension Synchronizer {
    /// The writes that an interrupted run left without an outcome, as far as a plan is about them:
    /// those of its subjects, and those for which its appointments wait, although nothing calls for
    /// them any more.
    ///
    /// What was to be written is known from the plan that was kept with the run; digests stand there
    /// for values that come from people, and comparing needs no more.
    func begunWrites(
        of desired: DesiredState
    ) async throws(LedgerError) -> [OperationID: BegunWrite] {
        guard try await !journal.openIntents().isEmpty else { return [:] }
        let digest = digest
        let planned = desired.operations
        var writes: [OperationID: BegunWrite] = [:]
        let begun = try await journal.begunOperations(
            named: planned,
            or: desired.isReplay ? [] : Set(desired.appointments)
        )
        for (name, begun) in begun {
            var write = BegunWrite(begun) { $0.comparableForm(digest) }
            if write?.kind == .create, !planned.contains(name),
                case .person(let key)? = RecordSubject(name: name.rawValue)
            {
                write?.email = try await journal.address(of: key.person)
            }
            writes[name] = write
        }
        return writes
    }

    /// What operations were decided with.
    enum Decided {
        /// What is known of begun writes.
        case knowingBegun
        /// Nothing of that.
        case unaware
    }

    /// Leaves out records to which an interrupted run may have written something that a plan of a part
    /// does not see.
    ///
    /// Carrying the operation out would settle the open intent, and what became of the rest would never
    /// be found out.
    ///
    /// | the interrupted write              | the operation was decided | stays if it                    |
    /// |------------------------------------|---------------------------|--------------------------------|
    /// | none                               | either way                | always                         |
    /// | makes or deletes, or is unreadable | either way                | never                          |
    /// | updates                            | knowing of it             | looks at all of those fields   |
    /// | updates                            | unaware of it             | writes the same values to them |
    ///
    /// - Parameters:
    ///   - operations: The operations.
    ///   - decided: What they were decided with.
    /// - Returns: Those that stay, and the names of the others.
    /// - Throws: ``LedgerError``.
    func leavingOutInterrupted(
        _ operations: [PlanOperation],
        decided: Decided
    ) async throws(LedgerError) -> (staying: [PlanOperation], leftOut: [OperationID]) {
        let open = Set(try await journal.openIntents().keys)
        guard operations.contains(where: { open.contains($0.id) }) else { return (operations, []) }
        let begun = try await journal.begunOperations(named: Set(operations.map(\.id)), or: [])
        func stays(_ operation: PlanOperation) -> Bool {
            guard open.contains(operation.id) else { return true }
            let write = begun[operation.id].flatMap { BegunWrite($0) { $0.comparableForm(digest) } }
            guard let write, write.kind == .update else { return false }
            switch decided {
            case .knowingBegun:
                return Set(write.fields.keys).isSubset(of: operation.fields.map(\.field))
            case .unaware: return write.isRepeated(by: operation)
            }
        }
        let staying = operations.filter(stays)
        let names = Set(staying.map(\.id))
        return (staying, operations.map(\.id).filter { !names.contains($0) })
    }

    /// Under whose name we write.
    func ownUser() async throws(SalesforceError) -> SalesforceID? {
        guard case .user(let user)? = try await gateway.read([.ownUser]).first else { return nil }
        return user
    }
}

extension BegunWrite {
    /// Whether an operation writes every field of this write, each with the same value.
    fileprivate func isRepeated(by operation: PlanOperation) -> Bool {
        fields.allSatisfy { name, intended in
            operation.written.contains { $0.field == name && form($0).wish == intended.wish }
        }
    }

    fileprivate init?(
        _ begun: BegunOperation,
        form: @escaping @Sendable (PlannedField) -> BegunWrite.Field
    ) {
        guard let kind = begun.form["kind"]?.string.flatMap(PlanOperation.Kind.init),
            let object = begun.form["object"]?.string
        else { return nil }
        var fields: [FieldName: BegunWrite.Field] = [:]
        var considered: [FieldName: Cause] = [:]
        var awaited: [FieldName: [RecordReference]] = [:]
        for planned in begun.form["fields"]?.array ?? [] {
            guard planned["outcome"]?.string == PlannedField.Outcome.write.rawValue,
                let name = planned["field"]?.string
            else { continue }
            fields[FieldName(name)] = BegunWrite.Field(
                before: (planned["live"] ?? .null).text,
                wish: (planned["desired"] ?? .null).text,
                isPersonal: [planned["live"], planned["desired"]].contains { $0?["digest"] != nil }
            )
            considered[FieldName(name)] = begun.namedCause(
                planned["considered"] ?? planned["cause"]
            )
            awaited[FieldName(name)] = OutgoingValue.awaited(
                inText: planned["desired"]?.string ?? ""
            )
        }
        let stamp = begun.form["stamp"]?.string.flatMap { Instant(rfc3339: $0) }
        self.init(
            kind: kind,
            object: ObjectName(object),
            record: begun.form["record"]?.string.flatMap { SalesforceID($0) },
            appointments: begun.appointment.map { [$0] } ?? [],
            cause: begun.cause,
            planned: begun.planned,
            since: stamp ?? begun.planned,
            fields: fields,
            form: form
        )
        (self.considered, self.awaited) = (considered, awaited)
        (learnedLater, isLinkedSince) = (begun.learnedLater, begun.isLinkedSince)
        reason = begun.form["reason"]?.string.flatMap { Reason(rawValue: $0) }
        guard kind == .create, self.object == .eventRecord else { return }
        let beginning = (begun.form["fields"]?.array ?? []).first {
            $0["field"] == .string("StartDateTime")
        }
        start = (beginning?["desired"]?.string).flatMap { Instant(rfc3339: $0) }
    }
}

extension BegunOperation {
    /// The event behind it; the ledger had learned of that when the operation was planned.
    fileprivate var cause: Cause { namedCause(form["cause"]) }

    /// An event that the plan names.
    fileprivate func namedCause(_ form: JSON?) -> Cause {
        let position = form?["position"]?.int ?? 0
        let occurred = form?["occurred"]?.string.flatMap { Instant(rfc3339: $0) }
        return Cause(
            position: LedgerPosition(Int64(position)),
            occurred: occurred ?? planned,
            recorded: planned
        )
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
