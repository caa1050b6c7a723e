import Synchronization

/// The part of the Tooling API by which clients add custom fields.
struct ToolingRoutes {
    let session: Session

    func answer(_ request: APIRequest, _ path: [String]) throws -> APIResponse {
        guard session.settings.access.mayChangeSetup else { throw APIError.noSetupAccess }
        if path == ["query"] { return .json(try query(request.parameter("q") ?? "")) }
        guard path.first == "sobjects", path.dropFirst().first == "CustomField", path.count == 2
        else { throw APIError.notFound }
        guard request.method == "POST" else {
            throw APIError.methodNotAllowed(request.method, allowed: "GET,HEAD,POST")
        }
        let body = try request.record()
        let fullName = body["FullName"]?.text ?? ""
        let names = fullName.split(separator: ".").map(String.init)
        guard names.count == 2, let metadata = body["Metadata"]?.object else {
            throw APIError(
                400,
                "FIELD_INTEGRITY_EXCEPTION",
                "A field needs a FullName such as Contact.Foo__c, and Metadata",
                fields: ["FullName"]
            )
        }
        let seed = Self.seed(object: names[0], name: names[1], metadata)
        let number = try session.org.addField(seed, in: session)
        try secure(seed)
        let id = RecordID.make(prefix: "00N", number: number, seed: session.org.options.seed)
        return .json(
            ["id": .string(id), "success": true, "errors": [], "warnings": [], "infos": []],
            status: 201
        )
    }

    /// A new field is seen by nobody until a profile or permission set opens it.
    private func secure(_ seed: JSON) throws {
        guard session.settings.access.hasFieldLevelSecurity,
            let object = seed["object"]?.text, let name = seed["name"]?.text
        else { return }
        let objects = object == "Activity" ? ["Event", "Task"] : [object]
        let secured = session.settings.access.securedFields + objects.map { "\($0).\(name)" }
        try session.org.changeSettings(
            ["securedFields": .array(secured.map { .string($0) })],
            session.db
        )
    }

    /// Answers `SELECT … FROM CustomField WHERE DeveloperName = 'X' AND TableEnumOrId = 'Y'`, the
    /// one question that is known here.
    private func query(_ soql: String) throws -> JSON {
        let parts = soql.split(separator: "'", omittingEmptySubsequences: false).map(String.init)
        guard soql.contains("FROM CustomField"), parts.count == 5,
            parts[0].hasSuffix("DeveloperName = "), parts[2].hasSuffix("TableEnumOrId = ")
        else { throw APIError(400, "MALFORMED_QUERY", "only CustomField by name is known here") }
        let object = parts[3] == "Activity" ? "Event" : parts[3]
        let state = session.org.state.withLock { ($0.completeSchema, $0.settings.omitDaybookKey) }
        let name = "\(parts[1])__c"
        let isThere =
            state.0.object(object)?.field(name) != nil && !(name == "Daybook_Key__c" && state.1)
        let id = RecordID.make(prefix: "00N", number: 1, seed: session.org.options.seed)
        let row: JSON = ["attributes": ["type": "CustomField"], "Id": .string(id)]
        return [
            "size": isThere ? 1 : 0, "totalSize": isThere ? 1 : 0, "done": true,
            "records": .array(isThere ? [row] : []),
        ]
    }

    /// The metadata in the form that seeds use.
    static func seed(object: String, name: String, _ metadata: JSONObject) -> JSON {
        var seed: JSONObject = ["object": .string(object), "name": .string(name)]
        for key in [
            "type", "label", "length", "precision", "scale", "required", "unique", "externalId",
            "caseSensitive", "referenceTo",
        ] {
            if let value = metadata[key], value != .null { seed[key] = value }
        }
        if let relation = metadata["relationshipName"]?.text {
            seed["relationshipName"] = .string("\(relation)__r")
        }
        let set = metadata["valueSet"]?.object
        let values = set?["valueSetDefinition"]?["value"]?.array ?? []
        if !values.isEmpty {
            seed["values"] = .array(
                values.compactMap { value in
                    (value["fullName"] ?? value["valueName"] ?? value["label"])
                }
            )
            seed["restricted"] = set?["restricted"] ?? false
        }
        return .object(seed)
    }
}
