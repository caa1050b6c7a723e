public import Domain

extension ObservedRecord {
    /// The fields that describe a record itself; always asked for, never among ``fields``.
    public static let systemFields: [FieldName] = [
        "CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById", "SystemModstamp",
        "IsDeleted",
    ]

    /// Reads a record from a row of an answer; nil if the row has no id.
    ///
    /// | In the row | Becomes |
    /// | --- | --- |
    /// | `Id`, `attributes` | the id, nothing |
    /// | ``systemFields`` | the properties of those names |
    /// | a nested record `Owner: {Name: …}` | `related["Owner.Name"]` |
    /// | anything else | a field, typed by the description or, without one, by its shape |
    ///
    /// - Parameters:
    ///   - row: The row, with the org's field names.
    ///   - object: The object of the record.
    ///   - description: What the org says about the object, if that is known.
    public init?(row: JSON, object: ObjectName, description: ObjectDescription?) {
        guard let members = row.members, let id = row["Id"]?.string.flatMap({ SalesforceID($0) })
        else { return nil }
        self.init(id: id, object: object, fields: [:])
        let system = Set(Self.systemFields.map(\.rawValue))
        for member in members where member.name != "Id" && member.name != "attributes" {
            if system.contains(member.name) { continue }
            let field = FieldName(member.name)
            if case .object = member.value {
                related.merge(Self.texts(in: member.value, path: member.name)) { $1 }
            } else {
                let type = description?.fields[field]?.type
                fields[field] = FieldValue(member.value, field: field, type: type)
            }
        }
        readSystemFields(of: row)
    }

    private mutating func readSystemFields(of row: JSON) {
        func moment(_ name: String) -> Instant? {
            row[name]?.string.flatMap { Instant(rfc3339: $0) }
        }
        (created, lastModified) = (moment("CreatedDate"), moment("LastModifiedDate"))
        func user(_ name: String) -> SalesforceID? {
            row[name]?.string.flatMap { SalesforceID($0) }
        }
        (createdBy, lastModifiedBy) = (user("CreatedById"), user("LastModifiedById"))
        stamp = moment("SystemModstamp") ?? lastModified
        isDeleted = row["IsDeleted"]?.bool ?? false
    }

    private static func texts(in nested: JSON, path: String) -> [String: String] {
        var texts: [String: String] = [:]
        for member in nested.members ?? [] where member.name != "attributes" {
            let place = "\(path).\(member.name)"
            switch member.value {
            case .string(let text), .number(let text): texts[place] = text
            case .bool(let flag): texts[place] = flag ? "true" : "false"
            case .object: texts.merge(Self.texts(in: member.value, path: place)) { $1 }
            case .null, .array: break
            }
        }
        return texts
    }
}

extension FieldValue {
    /// Reads the value of a field.
    ///
    /// - Parameters:
    ///   - json: The value as it stands in an answer.
    ///   - field: The field; its name tells a reference when the type is unknown.
    ///   - type: The type as describe spells it, or nil if it is unknown.
    public init(_ json: JSON, field: FieldName, type: String?) {
        switch json {
        case .null, .object: self = .empty
        case .bool(let flag): self = .flag(flag)
        case .number(let digits): self = .number(digits)
        case .string(let text):
            let read = type.map { Self.read(text, type: $0) } ?? Self.read(text, of: field)
            self = read ?? (text.isEmpty ? .empty : .text(text))
        case .array(let elements):
            let ids = elements.compactMap { $0.string.flatMap { SalesforceID($0) } }
            self = .references(ids)
        }
    }

    /// The value by its type; nil if it is plain text, or not what the type says.
    private static func read(_ text: String, type: String) -> Self? {
        switch type {
        case "date": CalendarDate(iso8601: text).map(Self.date)
        case "datetime": Instant(rfc3339: text).map(Self.instant)
        case "reference", "id": SalesforceID(text).map(Self.reference)
        case "multipicklist": .choices(text.split(separator: ";").map(String.init))
        default: nil
        }
    }

    /// The value by its shape; nil if it is plain text.
    private static func read(_ text: String, of field: FieldName) -> Self? {
        if field.rawValue.hasSuffix("Id"), let id = SalesforceID(text) { return .reference(id) }
        if text.utf8.count >= 20, let instant = Instant(rfc3339: text) { return .instant(instant) }
        return CalendarDate(iso8601: text).map(Self.date)
    }
}
