import GRDB

/// What lies under a record: its parents, its children, the rest of its series.
extension RecordRoutes {
    /// Answers for `Type/id/Relation`, and for the password of a user.
    func answerRelated(
        _ request: APIRequest,
        _ object: ObjectType,
        _ text: String,
        _ relation: String
    ) throws -> APIResponse {
        guard let id = RecordID.normalized(text) else { throw noKey(text) }
        if relation == "password", object.name == "User", request.method == "POST" {
            return .noContent
        }
        try allow("GET,HEAD", request)
        guard let row = try session.row(object, id: id), !row.flag("IsDeleted") else {
            throw APIError.notFound
        }
        if let children = session.schema.childRelations(of: object)
            .first(where: { $0.name.lowercased() == relation.lowercased() })
        {
            return .json(try session.query(query(children, of: id, fields(of: request))))
        }
        guard let reference = object.reference(named: relation),
            let target = row.text(reference.name),
            let type = session.schema.object(ofID: target)
        else { throw APIError.notFound }
        return .json(try session.readRecord(type, id: target, fields: fields(of: request)))
    }

    private func query(
        _ relation: Schema.ChildRelation,
        of id: String,
        _ fields: [String]?
    ) -> String {
        let all = session.schema.object(relation.object)?.fields ?? []
        let names = fields ?? all.filter { $0.type != .junctionIdList }.map(\.name)
        return """
            SELECT \(names.joined(separator: ",")) FROM \(relation.object) \
            WHERE \(relation.field) = '\(id)'
            """
    }

    /// Deletes an event and those of its series that come after it.
    func deleteSeries(
        _ request: APIRequest,
        _ object: ObjectType,
        _ text: String
    ) throws -> APIResponse {
        try allow("DELETE", request)
        guard let id = RecordID.normalized(text) else { throw noKey(text) }
        let row = try session.existingRow(object, id: id)
        let following = try String.fetchAll(
            session.db,
            sql: """
                SELECT "Id" FROM "Event" WHERE "RecurrenceActivityId" = ? AND "StartDateTime" > ?
                AND NOT "IsDeleted"
                """,
            arguments: [row["RecurrenceActivityId"], row["StartDateTime"]]
        )
        try session.atomically {
            for each in [id] + following { try session.delete(object, id: each) }
        }
        return .noContent
    }
}
