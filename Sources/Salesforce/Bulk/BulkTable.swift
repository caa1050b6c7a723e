import Domain

/// Writes of one kind and object as the rows of one job.
///
/// | In the write | In the row |
/// | --- | --- |
/// | a field that is not sent | empty: leaves the field alone |
/// | an empty value | `#N/A`: empties the field |
/// | a list of one attendee of a new event record | `WhoId` |
/// | a list of several records, the text `#N/A`, more than 131,072 characters | cannot be said |
///
/// Source: `facts/salesforce-api.md` 4.2 and 4.4.
struct BulkTable {
    /// The most characters of a value.
    static let longestValue = 131_072
    /// The most characters of a row.
    static let longestRow = 400_000
    /// What empties a field.
    static let null = "#N/A"

    let object: ObjectName
    let operation: BulkOperation
    /// The columns, the identifying one first, then by name.
    let columns: [String]
    /// For each write, its row.
    let rows: [[String]]

    /// Forms the table.
    ///
    /// - Parameters:
    ///   - requests: Writes of one kind and object, each of which ``canCarry(_:)``; not empty.
    ///   - known: The ids of records that were made before.
    init(_ requests: [WriteRequest], known: [OperationID: SalesforceID]) {
        object = requests[0].object
        operation = BulkOperation(requests[0].kind)
        var names: Set<String> = []
        let cells = requests.map { Self.cells(of: $0, known) }
        for cells in cells { names.formUnion(cells.keys) }
        let first = operation.identity
        if let first { names.remove(first) }
        let columns = (first.map { [$0] } ?? []) + names.sorted()
        self.columns = columns
        rows = cells.map { cells in columns.map { cells[$0] ?? "" } }
    }

    /// The table as CSV.
    var csv: [UInt8] {
        var bytes: [UInt8] = []
        CSV.append(columns, to: &bytes)
        for row in rows { CSV.append(row, to: &bytes) }
        return bytes
    }

    /// What each row is known by in the results, whatever their order.
    var identities: [String] {
        rows.map {
            Self.identity(of: Dictionary(uniqueKeysWithValues: zip(columns, $0)), operation)
        }
    }

    /// What a row is known by: its key, its id, or all it says.
    ///
    /// Rows that say exactly the same are the same: it does not matter which write made which record.
    static func identity(of cells: [String: String], _ operation: BulkOperation) -> String {
        if let column = operation.identity { return cells[column] ?? "" }
        return cells.filter { !$0.value.isEmpty }.sorted { $0.key < $1.key }
            .map { "\($0.key)=\($0.value)" }.joined(separator: "\u{1}")
    }

    /// Whether a write can be said as a row, once the records it refers to exist.
    static func canCarry(_ request: WriteRequest) -> Bool {
        var length = 0
        for (field, value) in request.fields {
            guard let size = size(of: value, field, request.kind), size <= longestValue else {
                return false
            }
            length += size
        }
        if case .upsert(_, let key) = request.kind, key.isEmpty || key == null { return false }
        // A job has no way past a duplicate rule that only warns.
        if request.savesDuplicates { return false }
        return length <= longestRow && request.unsendablePart == nil
    }

    /// Room for the row that names the columns, in bytes.
    static let longestHeader = 32_000

    /// The most bytes that the row of a write takes: every character quoted, and room for columns
    /// that only other rows fill.
    static func mostBytes(of request: WriteRequest) -> Int {
        let values = request.fields.reduce(0) { sum, field in
            guard case .value(let value) = field.value else { return sum + 22 }
            return sum + 2 * text(of: value).utf8.count + 3
        }
        return values + 100
    }

    /// The length of a value in characters; nil if it cannot be said.
    private static func size(
        of value: OutgoingValue,
        _ field: FieldName,
        _ kind: WriteRequest.Kind
    ) -> Int? {
        switch value {
        case .record: return 18
        case .records(let references):
            return references.count == 1 && isAttendees(field, kind) ? 18 : nil
        case .value(.references(let ids)):
            return ids.count == 1 && isAttendees(field, kind) ? 18 : nil
        case .value(let value):
            let text = text(of: value)
            return text == null && !value.isEmpty ? nil : text.unicodeScalars.count
        }
    }

    /// Whether a list stands for the people of a record that is only being made, whose first one
    /// `WhoId` names as well.
    private static func isAttendees(_ field: FieldName, _ kind: WriteRequest.Kind) -> Bool {
        switch kind {
        case .create, .upsert: field == OrgSchema.attendeesField
        case .update, .delete: false
        }
    }

    /// The cells of a write; the reference to a record that was not made is left out.
    private static func cells(
        of request: WriteRequest,
        _ known: [OperationID: SalesforceID]
    ) -> [String: String] {
        var cells: [String: String] = [:]
        switch request.kind {
        case .create: break
        case .upsert(let key, let value): cells[key.rawValue] = value
        case .update(let id): cells["Id"] = id.rawValue
        case .delete(let id): return ["Id": id.rawValue]
        }
        for (field, value) in request.fields {
            let name = field == OrgSchema.attendeesField ? "WhoId" : field.rawValue
            switch value {
            case .value(.references(let ids)): cells[name] = ids.first?.rawValue
            case .value(let value): cells[name] = text(of: value)
            case .record(let reference): cells[name] = reference.id(known)?.rawValue
            case .records(let references): cells[name] = references.first?.id(known)?.rawValue
            }
        }
        return cells
    }

    private static func text(of value: FieldValue) -> String {
        switch value.json {
        case .string(let text), .number(let text): text
        case .bool(let flag): flag ? "true" : "false"
        case .null, .array, .object: null
        }
    }
}

extension RecordReference {
    fileprivate func id(_ known: [OperationID: SalesforceID]) -> SalesforceID? {
        switch self {
        case .record(let id): id
        case .created(let operation): known[operation]
        }
    }
}
