import Domain
import Ledger
import Reconciliation
import Salesforce

extension PlanOperation {
    /// The write that carries the operation out.
    ///
    /// - Parameters:
    ///   - keyField: The field for Daybook's key; nil in an org without it.
    ///   - refused: Fields that Salesforce refused before.
    ///   - isGuarded: Whether a record that was changed since it was fetched is left alone.
    /// - Returns: The write; nil where there is nothing to send.
    func request(
        keyField: FieldName?,
        leavingOut refused: Set<FieldName> = [],
        isGuarded: Bool
    ) -> WriteRequest? {
        var fields: [FieldName: OutgoingValue] = [:]
        for planned in written where !refused.contains(planned.field) {
            fields[planned.field] = planned.desired
        }
        guard let writeKind = writeKind(keyField) else { return nil }
        if kind != .delete, fields.isEmpty { return nil }
        return WriteRequest(
            operation: id,
            kind: writeKind,
            object: object,
            fields: fields,
            unmodifiedSince: isGuarded && replacesSomething ? stamp?.nextWholeSecond : nil
        )
    }

    private func writeKind(_ keyField: FieldName?) -> WriteRequest.Kind? {
        switch (kind, record) {
        case (.create, _):
            guard let keyField, let key else { return .create }
            return .upsert(key: keyField, value: key)
        case (.update, let record?): return .update(record)
        case (.delete, let record?): return .delete(record)
        default: return nil
        }
    }

    /// Daybook's key of the record, for those that are made once.
    private var key: String? {
        switch subject {
        case .event(let uid) where object == .eventRecord:
            EventKey.value(for: AppointmentID(root: uid))
        case .fallback(let uid, let name):
            EventKey.value(for: AppointmentID(root: uid), fallback: name)
        case .event, .person, .account: nil
        }
    }

    /// Whether a value of somebody's, or an owner, is replaced.
    var replacesSomething: Bool {
        kind == .update && written.contains { !$0.live.isEmpty && $0.live != .flag(false) }
    }

    /// What stands for the decisions of the operation: equal if the same would be done.
    ///
    /// - Parameter digest: Gives the keyed digest of a text.
    /// - Returns: The digest in hexadecimal.
    func decision(_ digest: (String) -> ValueDigest) -> String {
        let fields = fields.map { planned in
            "\(planned.field.rawValue)=\(planned.outcome.rawValue):\(planned.reason.rawValue):"
                + (planned.desired?.comparableText ?? "") + replaced(by: planned)
        }
        let text = ([kind.rawValue, object.rawValue, record?.rawValue ?? ""] + fields)
            .joined(separator: "\u{1}")
        return digest(text).hexadecimal
    }
}

extension PlanOperation {
    /// What stands where drift is put back or taken over: somebody read just that, and decided.
    private func replaced(by planned: PlannedField) -> String {
        [.driftReverted, .driftAdopted].contains(planned.reason)
            ? ":\(planned.live.json.text)" : ""
    }
}

extension OutgoingValue {
    /// A text that is equal for equal values.
    var comparableText: String {
        switch self {
        case .value(let value): value.json.text
        case .record(let reference): reference.text
        case .records(let references): references.map(\.text).joined(separator: ",")
        }
    }

    /// The records which such a text names, if one of them was to be made first.
    static func awaited(inText text: String) -> [RecordReference]? {
        let names = text.split(separator: ",")
        guard names.contains(where: { $0.hasPrefix(RecordReference.prefix) }) else { return nil }
        return names.compactMap { RecordReference(text: String($0)) }
    }

    /// The value with the ids of records that were made meanwhile.
    func resolved(_ known: [OperationID: SalesforceID]) -> FieldValue {
        switch self {
        case .value(let value): value
        case .record(let reference): reference.id(known).map(FieldValue.reference) ?? .empty
        case .records(let references): .references(references.compactMap { $0.id(known) })
        }
    }
}

extension RecordReference {
    /// What stands before the name of an operation.
    fileprivate static let prefix = "new:"

    fileprivate init?(text: String) {
        if text.hasPrefix(Self.prefix) {
            self = .created(by: OperationID(String(text.dropFirst(Self.prefix.count))))
        } else if let id = SalesforceID(text) {
            self = .record(id)
        } else {
            return nil
        }
    }

    fileprivate var text: String {
        switch self {
        case .record(let id): id.rawValue
        case .created(let operation): "\(Self.prefix)\(operation.rawValue)"
        }
    }

    fileprivate func id(_ known: [OperationID: SalesforceID]) -> SalesforceID? {
        switch self {
        case .record(let id): id
        case .created(let operation): known[operation]
        }
    }
}

extension ValueDigest {
    /// Lower-case hexadecimal.
    var hexadecimal: String { bytes.hexadecimal }
}

extension Instant {
    /// The first whole second that is not earlier: HTTP dates have no fractions.
    var nextWholeSecond: Instant {
        wholeSeconds == self ? self : wholeSeconds.advanced(byMilliseconds: 1_000)
    }
}
