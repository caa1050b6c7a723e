import GRDB

extension Session {
    /// What an upsert did.
    struct UpsertResult {
        let id: String
        let isNew: Bool
    }

    /// The records that a key value matches, oldest first.
    func matches(_ object: ObjectType, _ key: Field, _ value: String) throws -> [String] {
        let stored = try FieldValue.stored(.string(value), for: key)
        guard stored != .null else { return [] }
        return try ids(object, where: key, is: stored)
    }

    /// Fails with status 300 and the paths of the records if there are several.
    func refuseSeveral(_ ids: [String], _ object: ObjectType, _ key: Field) throws(APIError) {
        guard ids.count > 1 else { return }
        var error = APIError(
            300,
            "DUPLICATE_EXTERNAL_ID",
            "More than one record found for external id field: [\(ids.joined(separator: ", "))]",
            fields: [key.name]
        )
        error.choices = ids.map { "\(options.versionPath)/sobjects/\(object.name)/\($0)" }
        throw error
    }

    /// Updates the record with a key value, or creates it.
    ///
    /// - Throws: ``APIError``: 300 for several matches, 404 if an update was all that was
    ///   asked for and there is nothing to update. Nothing was written then.
    func upsert(
        _ object: ObjectType,
        key: Field,
        value: JSON,
        _ body: JSONObject,
        isUpdateOnly: Bool = false
    ) throws -> UpsertResult {
        let text = value.text ?? value.serialized
        let ids = try matches(object, key, text)
        try refuseSeveral(ids, object, key)
        if let id = ids.first {
            try update(object, id: id, body)
            return UpsertResult(id: id, isNew: false)
        }
        guard !isUpdateOnly else { throw APIError.notFound }
        var complete = body
        complete[key.name] = value
        return UpsertResult(id: try create(object, complete), isNew: true)
    }
}
