/// Relations with several target types, which queries see as the pseudo-type `Name`.
extension FromClause {
    /// Fields that `Name` fills for users and groups only.
    private static let userFields: Set<String> = [
        "alias", "email", "isactive", "phone", "username",
    ]

    /// The column of a field of `Name`, from whichever target has it.
    mutating func nameColumn(
        _ fieldName: String,
        _ reference: Field,
        _ alias: String,
        _ steps: [RelationStep],
        _ name: Query.Name
    ) throws(APIError) -> Column {
        let id = "\(alias).\(Storage.quoted(reference.name))"
        let path =
            steps + [
                RelationStep(
                    key: reference.relationshipName ?? reference.name,
                    type: "Name",
                    idSQL: id
                )
            ]
        let targets = reference.referenceTo.compactMap { context.schema.object($0) }
        if fieldName.lowercased() == "type" { return typeColumn(id, targets, path) }
        if fieldName.lowercased() == "id", let field = root.field("Id") {
            return Column(sql: id, field: field, steps: path)
        }
        var found: Field?
        var branches = ""
        for target in targets {
            guard let field = target.field(fieldName), fills(fieldName, of: target) else {
                continue
            }
            let joined = join(target, to: alias, by: reference)
            found = found ?? field
            branches += " WHEN '\(target.keyPrefix)' THEN \(joined).\(Storage.quoted(field.name))"
        }
        guard let found else {
            throw context.diagnostics.noSuchColumn(fieldName, on: "Name", at: name.offset)
        }
        let collation = found.type.isText && !found.comparesExactly ? " COLLATE NOCASE" : ""
        let sql = "(CASE substr(\(id), 1, 3)\(branches) END)\(collation)"
        return Column(sql: sql, field: found, steps: path)
    }

    private func fills(_ fieldName: String, of target: ObjectType) -> Bool {
        guard Self.userFields.contains(fieldName.lowercased()) else { return true }
        return target.name == "User" || target.name == "Group"
    }

    private func typeColumn(
        _ id: String,
        _ targets: [ObjectType],
        _ path: [RelationStep]
    ) -> Column {
        let branches = targets.map { "WHEN '\($0.keyPrefix)' THEN '\($0.name)'" }
        var field = Field(name: "Type", label: "Type", type: .string)
        field.length = 40
        field.isFilterable = true
        field.isSortable = true
        field.isGroupable = true
        let sql =
            "(CASE substr(\(id), 1, 3) \(branches.joined(separator: " ")) END) COLLATE NOCASE"
        return Column(sql: sql, field: field, steps: path)
    }
}
