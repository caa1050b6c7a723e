/// The header of a bulk file, and how its rows become record bodies.
///
/// | column                    | value                                             |
/// |---------------------------|---------------------------------------------------|
/// | `Field`                   | the value                                         |
/// | `Relation.Key`            | the record with that external id                  |
/// | `Type:Relation.Key`       | the same, where the relation has several types    |
///
/// An empty value says nothing about its field; `#N/A` empties it.
/// Source: `facts/salesforce-api.md` 4.2.
struct IngestColumns {
    /// What a row gives to one member of the body.
    private enum Target {
        case field(Field)
        case relation(name: String, type: String?, key: String)
    }

    private let targets: [Target]
    let names: [String]

    private static let longestHeader = 32_000
    private static let mostColumns = 5_000
    private static let longestValue = 131_072
    private static let longestRecord = 400_000

    /// Reads a header.
    ///
    /// - Throws: ``CSVError`` for a column that the type does not have, that stands twice, or
    ///   that the operation has no use for, and for one that it needs and is not there.
    init(_ names: [String], for job: BulkJob, _ object: ObjectType) throws(CSVError) {
        guard names.reduce(0, { $0 + $1.count + 1 }) <= Self.longestHeader,
            names.count <= Self.mostColumns
        else { throw CSVError(message: "InvalidBatch : The header row is too long.") }
        self.names = names
        var seen: Set<String> = []
        for name in names where !seen.insert(name.lowercased()).inserted {
            throw CSVError(message: "InvalidBatch : Duplicate column heading : \(name)")
        }
        targets = try names.map { name throws(CSVError) in try Self.target(name, object) }
        let isDelete = job.operation == .delete || job.operation == .hardDelete
        if isDelete, let other = names.first(where: { $0.lowercased() != "id" }) {
            throw CSVError(message: "InvalidBatch : Only the column Id is allowed, not \(other)")
        }
        let key = isDelete || job.operation == .update ? "Id" : job.externalID
        if let key, key != "Id" || job.operation != .upsert, !seen.contains(key.lowercased()) {
            throw CSVError(message: "InvalidBatch : Field name not found : \(key)")
        }
    }

    private static func target(_ name: String, _ object: ObjectType) throws(CSVError) -> Target {
        if let field = object.field(name) { return .field(field) }
        let sides = name.split(separator: ":").map(String.init)
        let path = (sides.last ?? "").split(separator: ".").map(String.init)
        guard path.count == 2, sides.count <= 2, object.reference(named: path[0]) != nil else {
            throw CSVError(message: "InvalidBatch : Field name not found : \(name)")
        }
        return .relation(name: path[0], type: sides.count == 2 ? sides[0] : nil, key: path[1])
    }

    /// The body that a row stands for.
    ///
    /// - Throws: ``APIError`` for a value that its field cannot take; the row fails with it.
    func body(of row: [String]) throws(APIError) -> JSONObject {
        guard row.count == targets.count else {
            throw APIError(
                400,
                "INVALID_INPUT",
                "The row has \(row.count) columns where the header has \(targets.count)"
            )
        }
        try checkSize(row)
        var body = JSONObject()
        for (target, text) in zip(targets, row) where !text.isEmpty {
            switch target {
            case .field(let field):
                body.append(field.name, text == "#N/A" ? .null : try Self.value(text, field))
            case .relation(let name, let type, let key):
                var reference = JSONObject()
                if let type { reference["attributes"] = ["type": .string(type)] }
                reference[key] = .string(text)
                body.append(name, .object(reference))
            }
        }
        return body
    }

    private func checkSize(_ row: [String]) throws(APIError) {
        let sizes = row.map(\.count)
        guard sizes.allSatisfy({ $0 <= Self.longestValue }),
            sizes.reduce(0, +) <= Self.longestRecord
        else {
            throw APIError(
                400,
                "EXCEEDED_MAX_SIZE_REQUEST",
                """
                A field has at most \(Self.longestValue) characters, a record at most \
                \(Self.longestRecord)
                """
            )
        }
    }

    private static func value(_ text: String, _ field: Field) throws(APIError) -> JSON {
        switch field.type {
        case .boolean:
            switch text.lowercased() {
            case "true", "1", "yes", "y", "t": return true
            case "false", "0", "no", "n", "f": return false
            default: return .string(text)
            }
        case .datetime:
            if CalendarDay(text) != nil { return .string("\(text)T00:00:00Z") }
            guard Instant(text) != nil else { throw wrongType(text, field) }
            return .string(text)
        case .date:
            guard CalendarDay(text) != nil || Instant(text) != nil else {
                throw wrongType(text, field)
            }
            return .string(text)
        case .junctionIdList:
            return .array(text.split(separator: ";").map { .string(String($0)) })
        default: return .string(text)
        }
    }

    private static func wrongType(_ text: String, _ field: Field) -> APIError {
        APIError(
            400,
            "INVALID_TYPE_ON_FIELD_IN_RECORD",
            "\(field.label): value not of required type: \(text)",
            fields: [field.name]
        )
    }
}
