/// Writes one record of a bulk job, whichever way the job came.
struct BulkWriter {
    let session: Session
    let operation: BulkJob.Operation

    /// The field by which an upsert finds records; nil means the id.
    let externalID: String?

    /// Does with a record what the job is for.
    ///
    /// - Throws: ``APIError``; nothing was written then.
    func write(
        _ body: JSONObject,
        _ object: ObjectType
    ) throws -> (id: String, isNew: Bool) {
        try session.atomically { try writeOnce(body, object) }
    }

    private func writeOnce(
        _ body: JSONObject,
        _ object: ObjectType
    ) throws -> (id: String, isNew: Bool) {
        switch operation {
        case .insert: return (try session.create(object, body), true)
        case .update: return (try update(body, object), false)
        case .upsert: return try upsert(body, object)
        case .delete, .hardDelete:
            let id = try identifier(body, object)
            try session.delete(object, id: id, isFinal: operation == .hardDelete)
            return (id, false)
        case .query, .queryAll: throw APIError.unexpected
        }
    }

    private func update(_ body: JSONObject, _ object: ObjectType) throws -> String {
        let id = try identifier(body, object)
        try session.update(object, id: id, body.without("Id"))
        return id
    }

    private func upsert(
        _ body: JSONObject,
        _ object: ObjectType
    ) throws -> (id: String, isNew: Bool) {
        guard let key = object.field(externalID ?? "Id") else { throw APIError.notFound }
        if key.name == "Id" {
            guard body["Id"] == nil else { return (try update(body, object), false) }
            return (try session.create(object, body), true)
        }
        guard let value = body[key.name], value != .null else {
            throw APIError(
                400,
                "MISSING_ARGUMENT",
                "\(key.name) not specified",
                fields: [key.name]
            )
        }
        let rest = body.without(key.name)
        let result = try session.upsert(object, key: key, value: value, rest)
        return (result.id, result.isNew)
    }

    private func identifier(_ body: JSONObject, _ object: ObjectType) throws(APIError) -> String {
        guard let text = body["Id"]?.text else {
            throw APIError(400, "MISSING_ARGUMENT", "Id not specified", fields: ["Id"])
        }
        guard let id = RecordID.normalized(text), id.hasPrefix(object.keyPrefix) else {
            throw APIError(400, "MALFORMED_ID", "malformed id \(text)", fields: ["Id"])
        }
        return id
    }
}
