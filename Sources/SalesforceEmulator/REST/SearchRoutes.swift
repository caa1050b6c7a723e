import GRDB

/// The search resources.
///
/// Words are looked for in names, e-mail addresses and phone numbers. There is no index of
/// words: what was written is found at once, unlike in a real org.
struct SearchRoutes {
    let session: Session

    func answer(_ request: APIRequest) throws -> APIResponse {
        let search =
            request.segments.last == "search"
            ? try Search(sosl: request.parameter("q") ?? "") : try parameterized(request)
        var records: [JSON] = []
        for target in try targets(of: search) {
            records += try find(search, target)
        }
        let limited = Array(records.prefix(search.limit ?? 2000))
        guard session.options.version >= 37 else { return .json(.array(limited)) }
        return .json(["searchRecords": .array(limited)])
    }

    private func parameterized(_ request: APIRequest) throws -> Search {
        if request.method == "POST" { return try Search(parameters: try request.record()) }
        let names = request.parameters.filter { $0.name == "sobject" }.map(\.value)
        let sobjects = names.map { name -> JSON in
            let fields = request.parameter("\(name).fields") ?? request.parameter("fields") ?? "Id"
            let list = fields.split(separator: ",").map { JSON.string(String($0).trimmed) }
            var sobject: JSONObject = ["name": .string(name), "fields": .array(list)]
            for key in ["where", "orderBy"] {
                if let text = request.parameter("\(name).\(key)") { sobject[key] = .string(text) }
            }
            sobject["limit"] = number(request.parameter("\(name).limit"))
            return .object(sobject)
        }
        var parameters: JSONObject = [
            "q": JSON(request.parameter("q")), "sobjects": .array(sobjects),
        ]
        parameters["in"] = request.parameter("in").map { .string($0) }
        parameters["overallLimit"] = number(request.parameter("overallLimit"))
        parameters["defaultLimit"] = number(request.parameter("defaultLimit"))
        return try Search(parameters: parameters)
    }

    private func number(_ text: String?) -> JSON? {
        text.flatMap { Int($0) }.map { .integer($0) }
    }

    private func targets(of search: Search) throws -> [Query] {
        if !search.targets.isEmpty { return search.targets }
        return ["Account", "Contact", "Lead", "Opportunity", "User"].map { name in
            Query(
                select: [.operand(.field(.init(text: "Id", offset: 0)), alias: nil)],
                object: .init(text: name, offset: 0)
            )
        }
    }

    private func find(_ search: Search, _ target: Query) throws -> [JSON] {
        let object = try session.object(target.object.text)
        let fields = searchedFields(object, search.scope)
        guard !fields.isEmpty, let term = search.term else { return [] }
        var query = target
        query.condition = .all([term.condition(in: fields)] + [target.condition].compactMap { $0 })
        query.limit = min(target.limit ?? 250, 2000)
        let context = session.queryContext(search.text, includesDeleted: false)
        let translation = try Translator.translate(query, context)
        return try Row.fetchAll(
            session.db,
            sql: translation.sql(),
            arguments: translation.arguments
        )
        .map { try session.record($0, translation.shape) }
    }

    private func searchedFields(_ object: ObjectType, _ scope: String) -> [String] {
        object.fields.filter { field in
            guard field.isFilterable else { return false }
            return switch scope {
            case "EMAIL": field.type == .email
            case "PHONE": field.type == .phone
            case "NAME": field.name == object.nameField?.name
            default:
                field.type == .email || field.type == .phone
                    || field.name == object.nameField?.name || field.name == "Company"
            }
        }
        .map(\.name)
    }
}
