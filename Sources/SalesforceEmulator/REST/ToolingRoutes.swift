/// The part of the Tooling API by which clients add custom fields.
struct ToolingRoutes {
    let session: Session

    func answer(_ request: APIRequest, _ path: [String]) throws -> APIResponse {
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
        let id = RecordID.make(prefix: "00N", number: number, seed: session.org.options.seed)
        return .json(
            ["id": .string(id), "success": true, "errors": [], "warnings": [], "infos": []],
            status: 201
        )
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
