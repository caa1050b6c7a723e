import Domain

extension ObjectDescription {
    /// Reads the answer of `sobjects/X/describe`; nil if it is something else.
    ///
    /// Source: `facts/salesforce-api.md` 2.4.
    init?(describe json: JSON) {
        guard let name = json["name"]?.string, let list = json["fields"]?.array else { return nil }
        let fields = list.compactMap { FieldDescription(describe: $0) }
        self.init(
            name: ObjectName(name),
            isCreateable: json["createable"]?.bool ?? false,
            isUpdateable: json["updateable"]?.bool ?? false,
            isDeletable: json["deletable"]?.bool ?? false,
            fields: Dictionary(fields.map { ($0.name, $0) }) { first, _ in first }
        )
    }
}

extension FieldDescription {
    fileprivate init?(describe json: JSON) {
        guard let name = json["name"]?.string, let type = json["type"]?.string else { return nil }
        let values = (json["picklistValues"]?.array ?? [])
            .filter { $0["active"]?.bool ?? true }
            .compactMap { $0["value"]?.string }
        self.init(
            name: FieldName(name),
            label: json["label"]?.string ?? name,
            type: type,
            length: json["length"]?.int ?? 0,
            isCreateable: json["createable"]?.bool ?? false,
            isUpdateable: json["updateable"]?.bool ?? false,
            isNillable: json["nillable"]?.bool ?? true,
            isDefaultedOnCreate: json["defaultedOnCreate"]?.bool ?? false,
            isExternalID: json["externalId"]?.bool ?? false,
            isRestrictedPicklist: json["restrictedPicklist"]?.bool ?? false,
            activeValues: values,
            referenceTo: (json["referenceTo"]?.array ?? []).compactMap(\.string)
                .map { ObjectName($0) }
        )
    }
}
