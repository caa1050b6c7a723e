import GRDB

extension Session {
    /// Reads the members of a body into a change, checking each by itself.
    ///
    /// | member                               | answer                               |
    /// |--------------------------------------|--------------------------------------|
    /// | `attributes`                         | ignored                              |
    /// | `Id`                                 | `INVALID_FIELD`                      |
    /// | a relation with an external id       | the record it leads to               |
    /// | no field of the type                 | `INVALID_FIELD`                      |
    /// | a field that cannot be written       | `INVALID_FIELD_FOR_INSERT_UPDATE`    |
    func read(_ body: JSONObject, into change: inout RecordChange) throws {
        var refused: [String] = []
        for member in body.members where member.key != "attributes" {
            guard let field = change.object.field(member.key) else {
                try readRelation(member, into: &change)
                continue
            }
            if field.name == "Id" { throw APIError.notInBody("Id") }
            guard change.isCreate ? field.isCreateable : field.isUpdateable else {
                refused.append(field.name)
                continue
            }
            try read(member.value, field, into: &change)
        }
        guard refused.isEmpty else { throw unwritable(refused) }
    }

    private func read(_ value: JSON, _ field: Field, into change: inout RecordChange) throws {
        if field.type == .junctionIdList {
            change.whoIDs = try EventPeople.ids(in: value, field)
        } else {
            change.given[field.name] = try FieldValue.stored(value, for: field)
        }
    }

    private func unwritable(_ names: [String]) -> APIError {
        APIError(
            400,
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            """
            Unable to create/update fields: \(names.joined(separator: ", ")). Please check the \
            security settings of this field and verify that it is read/write for your profile or \
            permission set.
            """,
            fields: names
        )
    }

    /// Reads `{"Account":{"Crm_Key__c":"A-17"}}` as a reference to that account.
    private func readRelation(
        _ member: JSONObject.Member,
        into change: inout RecordChange
    ) throws {
        guard let field = change.object.reference(named: member.key),
            let target = target(of: field, named: member.value["attributes"]?["type"]?.text),
            let key = member.value.object?.members.first(where: { $0.key != "attributes" }),
            let keyField = target.field(key.key)
        else { throw APIError.noSuchColumn(member.key, on: change.object.name) }
        let value = try FieldValue.stored(key.value, for: keyField)
        let ids = try ids(target, where: keyField, is: value)
        guard ids.count == 1, let id = ids.first else {
            throw APIError(
                400,
                "INVALID_FIELD",
                """
                Foreign key external ID: \(key.value.text ?? "") not found for field \
                \(keyField.name) in entity \(target.name)
                """,
                fields: []
            )
        }
        change.given[field.name] = id.databaseValue
    }

    /// The type that a relation leads to: the one named, where there are several.
    private func target(of field: Field, named name: String?) -> ObjectType? {
        guard let name else { return field.referenceTo.first.flatMap { schema.object($0) } }
        let target = schema.object(name)
        return target.flatMap { field.referenceTo.contains($0.name) ? $0 : nil }
    }

    /// Gives a new record what it gets without being asked.
    func addDefaults(to change: inout RecordChange) {
        for field in change.object.fields where !field.isComputed && field.name != "Id" {
            guard change.given[field.name] ?? .null == .null else { continue }
            if field.name == "OwnerId" {
                change.given["OwnerId"] = userID.databaseValue
            } else if field.type == .boolean {
                change.given[field.name] = (field.defaultValue == true).databaseValue
            } else if let text = field.defaultValue?.text {
                change.given[field.name] = text.databaseValue
            }
        }
    }

    /// Fails if a required field of a new record is missing, naming all of them.
    func checkRequired(_ change: RecordChange) throws(APIError) {
        let missing = change.object.fields.filter { field in
            field.isRequired && change.value(field.name) == .null
        }
        try refuse(missing: missing.map(\.name))
    }

    /// Fails if an update takes the value of a required field away.
    func checkNotEmptied(_ change: RecordChange) throws(APIError) {
        let emptied = change.object.fields.filter { field in
            !field.isNillable && field.isUpdateable && change.given[field.name] == .null
        }
        try refuse(missing: emptied.map(\.name))
    }

    private func refuse(missing names: [String]) throws(APIError) {
        guard !names.isEmpty else { return }
        throw APIError(
            400,
            "REQUIRED_FIELD_MISSING",
            "Required fields are missing: [\(names.joined(separator: ", "))]",
            fields: names
        )
    }
}
