import GRDB

extension Session {
    /// One record with the fields named, or with all.
    ///
    /// - Throws: 404 if there is no such record or it was deleted, 400 for a field that
    ///   the type does not have.
    func readRecord(_ object: ObjectType, id: String, fields: [String]?) throws -> JSON {
        let found = try readRecords(object, ids: [id], fields: fields)
        guard let record = found[id] else { throw APIError.notFound }
        return record
    }

    /// Records by id; those that do not exist or were deleted are missing.
    func readRecords(
        _ object: ObjectType,
        ids: [String],
        fields: [String]?
    ) throws -> [String: JSON] {
        let all = object.fields.filter { $0.type != .junctionIdList }.map(\.name)
        let translation = try Translator.translate(
            selection(object, ids, fields ?? all),
            QueryContext(
                schema: schema,
                diagnostics: SOQLDiagnostics(text: ""),
                today: now.day,
                userID: userID,
                // Archived activities can be read by id.
                includesDeleted: true,
                hidden: hidden
            )
        )
        var records: [String: JSON] = [:]
        let rows = try Row.fetchCursor(
            db,
            sql: translation.sql(),
            arguments: translation.arguments
        )
        while let row = try rows.next() {
            records[row[0]] = try record(row, translation.shape)
        }
        return records
    }

    /// The query for the living records of some ids.
    private func selection(
        _ object: ObjectType,
        _ ids: [String],
        _ fields: [String]
    ) throws(APIError) -> Query {
        var seen: Set<String> = []
        var query = Query(select: [], object: .init(text: object.name, offset: 0))
        for field in fields where seen.insert(field.lowercased()).inserted {
            guard field.contains(".") || object.field(field) != nil else {
                throw .noSuchColumn(field, on: object.name)
            }
            query.select.append(.operand(.field(.init(text: field, offset: 0)), alias: nil))
        }
        let values = ids.map { id in
            Query.Value(kind: .string(StringLiteral(value: id, pattern: id)), offset: 0)
        }
        let isAlive = Query.Condition.comparison(
            .field(.init(text: "IsDeleted", offset: 0)),
            .equal,
            .init(kind: .bool(false), offset: 0)
        )
        let isWanted = Query.Condition.isIn(
            .field(.init(text: "Id", offset: 0)),
            isNegated: false,
            values
        )
        query.condition = .all([isWanted, isAlive])
        return query
    }
}
