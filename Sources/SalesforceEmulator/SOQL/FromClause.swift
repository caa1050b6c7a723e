/// The FROM clause of a translated query, which grows as fields of related records are used.
struct FromClause {
    let context: QueryContext
    let root: ObjectType

    /// The alias of the queried type's table.
    let rootAlias = "t0"

    /// Names that stand for the queried type, lowercased.
    private var rootNames: Set<String>

    /// The path that an alias in FROM stands for, by lowercased alias.
    private var relationAliases: [String: [String]] = [:]
    private var joins: [String] = []
    private var joined: [String: String] = [:]

    init(context: QueryContext, root: ObjectType, query: Query) {
        self.context = context
        self.root = root
        rootNames = [root.name.lowercased()]
        if let alias = query.alias { rootNames.insert(alias.lowercased()) }
        for alias in query.relationAliases {
            relationAliases[alias.alias.lowercased()] = withoutRoot(alias.path.parts)
        }
    }

    /// The clause as SQL; `source` stands in place of the queried type's table.
    func sql(source: String? = nil) -> String {
        let table = source ?? "\(Storage.quoted(root.name)) AS \(rootAlias)"
        return ([table] + joins).joined(separator: " ")
    }

    private func withoutRoot(_ parts: [String]) -> [String] {
        guard parts.count > 1, let first = parts.first?.lowercased() else { return parts }
        if let path = relationAliases[first] { return path + parts.dropFirst() }
        // `Contact.Name` of contacts; but the relation wins if there is one of that name.
        let isRelation = root.reference(named: first) != nil
        return rootNames.contains(first) && !isRelation ? Array(parts.dropFirst()) : parts
    }

    /// Finds the column of a field path, joining the tables on its way.
    mutating func column(_ name: Query.Name) throws(APIError) -> Column {
        let parts = withoutRoot(name.parts)
        guard let last = parts.last, parts.count <= 6 else { throw tooDeep(name) }
        var object = root
        var alias = rootAlias
        var steps: [RelationStep] = []
        for (index, part) in parts.dropLast().enumerated() {
            guard let reference = object.reference(named: part) else {
                throw context.diagnostics.noSuchRelation(part, on: object.name, at: name.offset)
            }
            if reference.isPolymorphic {
                guard index == parts.count - 2 else { throw tooDeep(name) }
                return try nameColumn(last, reference, alias, steps, name)
            }
            guard let target = reference.referenceTo.first.flatMap({ context.schema.object($0) })
            else {
                throw context.diagnostics.noSuchRelation(part, on: object.name, at: name.offset)
            }
            alias = join(target, to: alias, by: reference)
            object = target
            steps.append(step(reference, type: target.name, idSQL: "\(alias).\"Id\""))
        }
        guard let field = object.field(last) else {
            throw context.diagnostics.noSuchColumn(last, on: object.name, at: name.offset)
        }
        return Column(sql: sql(of: field, in: object, alias: alias), field: field, steps: steps)
    }

    private func step(_ reference: Field, type: String, idSQL: String) -> RelationStep {
        RelationStep(key: reference.relationshipName ?? reference.name, type: type, idSQL: idSQL)
    }

    private func tooDeep(_ name: Query.Name) -> APIError {
        context.diagnostics.error(
            "INVALID_FIELD",
            "The field path '\(name.text)' has too many relationships",
            at: name.offset
        )
    }

    /// The alias of a related type's table, joined once per path.
    mutating func join(_ target: ObjectType, to alias: String, by reference: Field) -> String {
        let key = "\(alias).\(reference.name)>\(target.name)"
        if let known = joined[key] { return known }
        let new = "t\(joined.count + 1)"
        joined[key] = new
        joins.append(
            """
            LEFT JOIN \(Storage.quoted(target.name)) AS \(new) \
            ON \(new)."Id" = \(alias).\(Storage.quoted(reference.name))
            """
        )
        return new
    }

    /// The SQL of a field, also of those that are worked out on reading.
    func sql(of field: Field, in object: ObjectType, alias: String) -> String {
        switch field.name {
        case "IsArchived":
            """
            (\(alias)."IsArchived" \
            OR ifnull(\(alias)."ActivityDate" <= '\(context.lastArchivedDay.text)', 0))
            """
        case "WhoCount":
            """
            (SELECT count(*) FROM "EventRelation" AS r WHERE r."EventId" = \(alias)."Id" \
            AND r."IsParent" AND NOT r."IsWhat" AND NOT r."IsDeleted")
            """
        case "WhatCount": "(\(alias).\"WhatId\" IS NOT NULL)"
        case "EventWhoIds":
            """
            (SELECT group_concat(r."RelationId", ';') FROM "EventRelation" AS r \
            WHERE r."EventId" = \(alias)."Id" AND r."IsParent" AND NOT r."IsWhat" \
            AND NOT r."IsDeleted")
            """
        default:
            field.type == .address ? "NULL" : "\(alias).\(Storage.quoted(field.name))"
        }
    }
}
