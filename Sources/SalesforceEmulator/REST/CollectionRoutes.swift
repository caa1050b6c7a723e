/// The resource `composite/sobjects`: up to 200 records in one call.
struct CollectionRoutes {
    let session: Session

    /// The most records of one write.
    private static let mostWrites = 200

    /// The most records of one read.
    private static let mostReads = 2000

    /// The most runs of records of one type.
    private static let mostChunks = 10

    func answer(_ request: APIRequest, _ path: [String]) throws -> APIResponse {
        switch (request.method, path.count) {
        case ("POST", 0): return try write(request, create)
        case ("PATCH", 0): return try write(request, update)
        case ("PATCH", 2): return try upsert(request, path[0], path[1])
        case ("DELETE", 0): return try delete(request)
        case ("GET", 1), ("POST", 1): return try read(request, path[0])
        case (_, 0):
            throw APIError.methodNotAllowed(request.method, allowed: "DELETE,PATCH,POST")
        case (_, 1): throw APIError.methodNotAllowed(request.method, allowed: "GET,HEAD,POST")
        default: throw APIError.notFound
        }
    }

    private func write(
        _ request: APIRequest,
        _ change: @escaping (JSONObject) throws -> JSONObject
    ) throws -> APIResponse {
        let body = try request.record()
        let records = try records(of: body)
        let results = try RowResults(session: session, isAtomic: body["allOrNone"] == true)
            .collect(records.map { record in (record["id"]?.text, { try change(record) }) })
        return .json(results)
    }

    private func records(of body: JSONObject) throws(APIError) -> [JSONObject] {
        let records = (body["records"]?.array ?? []).compactMap(\.object)
        guard !records.isEmpty else {
            throw APIError(400, "INVALID_INPUT", "The records list must not be empty")
        }
        guard records.count <= Self.mostWrites else { throw tooMany(Self.mostWrites) }
        var chunks = 0
        var previous: String?
        for record in records {
            let type = record["attributes"]?["type"]?.text
            if type != previous || chunks == 0 { chunks += 1 }
            previous = type
        }
        guard chunks <= Self.mostChunks else {
            throw APIError(
                400,
                "LIMIT_EXCEEDED",
                """
                Cannot have more than \(Self.mostChunks) chunks in a single operation. Please \
                rearrange the data to reduce chunking.
                """
            )
        }
        return records
    }

    private func tooMany(_ most: Int) -> APIError {
        APIError(
            400,
            "EXCEEDED_ID_LIMIT",
            "record limit reached. cannot submit more than \(most) records into this call"
        )
    }

    private func type(of record: JSONObject) throws(APIError) -> ObjectType {
        let name = record["attributes"]?["type"]?.text ?? record["type"]?.text
        guard let name, let object = session.schema.object(name) else {
            throw APIError(
                400,
                "INVALID_TYPE",
                "sObject type '\(name ?? "")' is not supported.",
                fields: []
            )
        }
        return object
    }

    private func create(_ record: JSONObject) throws -> JSONObject {
        let id = try session.create(try type(of: record), record)
        return ["id": .string(id), "success": true, "errors": []]
    }

    private func update(_ record: JSONObject) throws -> JSONObject {
        let object = try type(of: record)
        guard let text = record.value(ignoringCase: "id")?.text else {
            throw APIError(
                400,
                "MISSING_ARGUMENT",
                "Id not specified in an update call",
                fields: ["Id"]
            )
        }
        let id = try identifier(text, of: object)
        try session.update(object, id: id, record.without("id"))
        return ["id": .string(id), "success": true, "errors": []]
    }

    private func identifier(_ text: String, of object: ObjectType? = nil) throws(APIError) -> String
    {
        guard let id = RecordID.normalized(text), object.map({ id.hasPrefix($0.keyPrefix) }) ?? true
        else { throw APIError(400, "MALFORMED_ID", "malformed id \(text)", fields: []) }
        return id
    }

    private func upsert(
        _ request: APIRequest,
        _ typeName: String,
        _ keyName: String
    ) throws -> APIResponse {
        let object = try session.object(typeName)
        guard let key = object.field(keyName), key.isIdLookup || key.isExternalID else {
            throw APIError(
                404,
                "NOT_FOUND",
                "Provided external ID field does not exist or is not accessible: \(keyName)"
            )
        }
        return try write(request) { record in
            try upsert(record, object, key)
        }
    }

    private func upsert(
        _ record: JSONObject,
        _ object: ObjectType,
        _ key: Field
    ) throws -> JSONObject {
        guard let value = record.value(ignoringCase: key.name), value != .null else {
            throw APIError(
                400,
                "MISSING_ARGUMENT",
                "\(key.name) not specified",
                fields: [key.name]
            )
        }
        let body = record.without(key.name)
        if key.name == "Id" {
            return try update(record)
        }
        let result = try session.upsert(object, key: key, value: value, body)
        return [
            "id": .string(result.id), "success": true, "errors": [],
            "created": .bool(result.isNew),
        ]
    }

    private func delete(_ request: APIRequest) throws -> APIResponse {
        let ids = (request.parameter("ids") ?? "").split(separator: ",").map { String($0).trimmed }
        guard !ids.isEmpty else {
            throw APIError(400, "INVALID_INPUT", "The ids parameter must not be empty")
        }
        guard ids.count <= Self.mostWrites else { throw tooMany(Self.mostWrites) }
        let isAtomic = request.parameter("allOrNone")?.lowercased() == "true"
        let results = try RowResults(session: session, isAtomic: isAtomic).collect(
            ids.map { text in (text, { try delete(text) }) }
        )
        return .json(results)
    }

    private func delete(_ text: String) throws -> JSONObject {
        let id = try identifier(text)
        guard let object = session.schema.object(ofID: id) else {
            throw APIError(400, "MALFORMED_ID", "malformed id \(text)", fields: [])
        }
        try session.delete(object, id: id)
        return ["id": .string(id), "success": true, "errors": []]
    }

    private func read(_ request: APIRequest, _ typeName: String) throws -> APIResponse {
        let object = try session.object(typeName)
        let ids: [String]
        let fields: [String]
        if request.method == "GET" {
            ids = list(request.parameter("ids"))
            fields = list(request.parameter("fields"))
        } else {
            let body = try request.record()
            ids = (body["ids"]?.array ?? []).compactMap(\.text)
            fields = (body["fields"]?.array ?? []).compactMap(\.text)
        }
        guard ids.count <= Self.mostReads else { throw tooMany(Self.mostReads) }
        guard !fields.isEmpty else {
            throw APIError(400, "INVALID_INPUT", "The fields parameter must not be empty")
        }
        let wanted = ids.map { RecordID.normalized($0) }
        let found = try session.readRecords(object, ids: wanted.compactMap { $0 }, fields: fields)
        return .json(.array(wanted.map { $0.flatMap { found[$0] } ?? .null }))
    }

    private func list(_ text: String?) -> [String] {
        (text ?? "").split(separator: ",").map { String($0).trimmed }
    }
}

extension JSONObject {
    /// The members but one, whatever its case.
    func without(_ key: String) -> JSONObject {
        JSONObject(members.filter { $0.key.lowercased() != key.lowercased() })
    }
}
