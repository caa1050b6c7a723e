import Domain

/// The form in which descriptions are remembered: what they say of fields, and nothing of records.
extension ObjectDescription {
    /// The description as JSON.
    var form: JSON {
        .compact([
            ("name", .string(name.rawValue)),
            ("createable", .bool(isCreateable)),
            ("updateable", .bool(isUpdateable)),
            ("deletable", .bool(isDeletable)),
            ("fields", .array(fields.values.sorted { $0.name < $1.name }.map(\.form))),
        ])
    }

    /// Reads ``form`` back; nil for anything else.
    init?(form: JSON) {
        guard let name = form["name"]?.string, let fields = form["fields"]?.array else {
            return nil
        }
        let read = fields.compactMap(FieldDescription.init(form:))
        self.init(
            name: ObjectName(name),
            isCreateable: form["createable"]?.bool ?? false,
            isUpdateable: form["updateable"]?.bool ?? false,
            isDeletable: form["deletable"]?.bool ?? false,
            fields: Dictionary(read.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        )
    }
}

extension FieldDescription {
    fileprivate var form: JSON {
        .compact([
            ("name", .string(name.rawValue)),
            ("label", .string(label)),
            ("type", .string(type)),
            ("length", .integer(length)),
            ("createable", .bool(isCreateable)),
            ("updateable", .bool(isUpdateable)),
            ("nillable", .bool(isNillable)),
            ("defaulted", .bool(isDefaultedOnCreate)),
            ("externalID", .bool(isExternalID)),
            ("restricted", .bool(isRestrictedPicklist)),
            ("values", activeValues.isEmpty ? nil : .array(activeValues.map(JSON.string))),
            (
                "references",
                referenceTo.isEmpty ? nil : .array(referenceTo.map { .string($0.rawValue) })
            ),
        ])
    }

    fileprivate init?(form: JSON) {
        guard let name = form["name"]?.string, let type = form["type"]?.string else { return nil }
        self.init(
            name: FieldName(name),
            label: form["label"]?.string ?? name,
            type: type,
            length: form["length"]?.int ?? 0,
            isCreateable: form["createable"]?.bool ?? false,
            isUpdateable: form["updateable"]?.bool ?? false,
            isNillable: form["nillable"]?.bool ?? true,
            isDefaultedOnCreate: form["defaulted"]?.bool ?? false,
            isExternalID: form["externalID"]?.bool ?? false,
            isRestrictedPicklist: form["restricted"]?.bool ?? false,
            activeValues: (form["values"]?.array ?? []).compactMap(\.string),
            referenceTo: (form["references"]?.array ?? []).compactMap {
                $0.string.map { ObjectName($0) }
            }
        )
    }
}
