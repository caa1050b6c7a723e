/// The resources under `sobjects`: descriptions, and records by id or external id.
struct RecordRoutes {
    let session: Session

    func answer(_ request: APIRequest, _ path: [String]) throws -> APIResponse {
        guard let name = path.first else {
            try allow("GET,HEAD", request)
            return unchanged(request) ?? .json(describe.global())
        }
        let object = try session.object(name)
        switch (path.count, path.dropFirst().first) {
        case (1, _): return try answerType(request, object)
        case (2, "describe"?):
            try allow("GET,HEAD", request)
            return unchanged(request) ?? .json(describe.full(object))
        case (2, "updated"?), (2, "deleted"?):
            try allow("GET,HEAD", request)
            return .json(try Replication(session: session).answer(request, object, path[1]))
        case (_, "describe"?): return .json(["layouts": [], "recordTypeMappings": []])
        case (2, "quickActions"?), (2, "listviews"?): return .json([])
        case (2, let id?): return try answerRecord(request, object, id)
        case (3, let id?) where path[2] == "fromThisEventOnwards" && object.name == "Event":
            return try deleteSeries(request, object, id)
        case (3, let key?): return try answerKey(request, object, key, path[2])
        default: throw APIError.notFound
        }
    }

    private var describe: Describe {
        Describe(schema: session.schema, versionPath: session.options.versionPath)
    }

    func allow(_ methods: String, _ request: APIRequest) throws(APIError) {
        guard methods.split(separator: ",").contains(request.method[...]) else {
            throw .methodNotAllowed(request.method, allowed: methods)
        }
    }

    private func answerType(_ request: APIRequest, _ object: ObjectType) throws -> APIResponse {
        switch request.method {
        case "POST": return try create(object, try request.record())
        case "GET", "HEAD":
            return .json([
                "objectDescribe": .object(describe.summary(of: object)),
                "recentItems": try RecentRoutes(session: session).list(object),
            ])
        default: throw APIError.methodNotAllowed(request.method, allowed: "GET,HEAD,POST")
        }
    }

    private func create(_ object: ObjectType, _ body: JSONObject) throws -> APIResponse {
        let id = try session.create(object, body)
        RecentRoutes(session: session).note(id)
        return created(object, id)
    }

    private func created(
        _ object: ObjectType,
        _ id: String,
        isUpsert: Bool = false
    ) -> APIResponse {
        var body: JSONObject = ["id": .string(id), "success": true, "errors": []]
        if isUpsert { body["created"] = true }
        let location = "\(session.options.versionPath)/sobjects/\(object.name)/\(id)"
        return APIResponse(
            status: 201,
            headers: [("Location", location)],
            body: .json(.object(body))
        )
    }

    private func answerRecord(
        _ request: APIRequest,
        _ object: ObjectType,
        _ text: String
    ) throws -> APIResponse {
        guard let id = RecordID.normalized(text), id.hasPrefix(object.keyPrefix) else {
            if object.field(text)?.name == "Id", request.method == "POST" {
                return try create(object, try request.record())
            }
            throw noKey(text)
        }
        switch request.method {
        case "GET", "HEAD":
            let record = try session.readRecord(object, id: id, fields: fields(of: request))
            RecentRoutes(session: session).note(id)
            var response = try conditional(request, object, id) ?? .json(record)
            if let tag = try tag(of: object, id) { response.headers.append(("ETag", tag)) }
            return response
        case "PATCH":
            try checkUnmodified(request, object, id)
            try session.update(object, id: id, try request.record())
            RecentRoutes(session: session).note(id)
            return .noContent
        case "DELETE":
            try checkUnmodified(request, object, id)
            try session.delete(object, id: id)
            return .noContent
        default:
            throw APIError.methodNotAllowed(request.method, allowed: "DELETE,GET,HEAD,PATCH")
        }
    }

    func noKey(_ text: String) -> APIError {
        APIError(
            404,
            "NOT_FOUND",
            "Provided external ID field does not exist or is not accessible: \(text)"
        )
    }

    func fields(of request: APIRequest) -> [String]? {
        request.parameter("fields").map { list in
            list.split(separator: ",").map { String($0).trimmed }
        }
    }

    /// Answers for a record that is named by a key field, or for what belongs to a record.
    private func answerKey(
        _ request: APIRequest,
        _ object: ObjectType,
        _ key: String,
        _ value: String
    ) throws -> APIResponse {
        guard let field = object.field(key) else {
            return try answerRelated(request, object, key, value)
        }
        if field.name == "Id" { return try answerRecord(request, object, value) }
        guard field.isIdLookup || field.isExternalID else { throw noKey(key) }
        if request.method == "PATCH" || request.method == "POST" {
            return try upsert(request, object, field, value)
        }
        let matches = try session.matches(object, field, value)
        guard let id = matches.first else { throw APIError.notFound }
        try session.refuseSeveral(matches, object, field)
        return try answerRecord(request, object, id)
    }

    private func upsert(
        _ request: APIRequest,
        _ object: ObjectType,
        _ field: Field,
        _ value: String
    ) throws -> APIResponse {
        let body = try request.record()
        guard body.value(ignoringCase: field.name) == nil else {
            throw APIError.notInBody(field.name)
        }
        let isUpdateOnly = request.parameter("updateOnly")?.lowercased() == "true"
        let result = try session.upsert(
            object,
            key: field,
            value: .string(value),
            body,
            isUpdateOnly: isUpdateOnly
        )
        if result.isNew { return created(object, result.id, isUpsert: true) }
        guard session.options.version >= 46 else { return .noContent }
        return .json([
            "id": .string(result.id), "success": true, "errors": [], "created": false,
        ])
    }
}
