/// The resource `composite/tree`: new records with new children, all or none.
struct TreeRoutes {
    let session: Session

    private static let mostRecords = 200
    private static let mostLevels = 5
    private static let mostTypes = 5

    private struct TreeFailed: Error {}

    func answer(_ request: APIRequest, _ typeName: String) throws -> APIResponse {
        guard request.method == "POST" else {
            throw APIError.methodNotAllowed(request.method, allowed: "POST")
        }
        let object = try session.object(typeName)
        let records = (try request.record()["records"]?.array ?? []).compactMap(\.object)
        guard (1...Self.mostRecords).contains(count(records)) else {
            throw APIError(
                400,
                "INVALID_INPUT",
                "A tree has 1 to \(Self.mostRecords) records"
            )
        }
        guard try types(records, object).count <= Self.mostTypes else {
            throw APIError(400, "INVALID_INPUT", "A tree has at most \(Self.mostTypes) types")
        }
        var created: [JSON] = []
        var failed: [JSON] = []
        do {
            try session.atomically {
                for record in records {
                    try create(record, object, parent: nil, level: 1, &created, &failed)
                }
                if !failed.isEmpty { throw TreeFailed() }
            }
        } catch is TreeFailed {
            return .json(["hasErrors": true, "results": .array(failed)], status: 400)
        }
        return .json(["hasErrors": false, "results": .array(created)], status: 201)
    }

    private func count(_ records: [JSONObject]) -> Int {
        records.reduce(0) { total, record in
            let nested = record.members.flatMap { children(of: $0) ?? [] }
            return total + 1 + count(nested)
        }
    }

    /// The names of the types of records and of all that hangs on them.
    private func types(_ records: [JSONObject], _ object: ObjectType) throws -> Set<String> {
        var names: Set<String> = [object.name]
        let relations = session.schema.childRelations(of: object)
        for record in records {
            for member in record.members {
                guard let nested = children(of: member),
                    let relation = relations.first(where: {
                        $0.name.lowercased() == member.key.lowercased()
                    }),
                    let child = session.schema.object(relation.object)
                else { continue }
                names.formUnion(try types(nested, child))
            }
        }
        return names
    }

    /// The records under a member, if it is a child relation.
    private func children(of member: JSONObject.Member) -> [JSONObject]? {
        guard member.key != "attributes" else { return nil }
        return member.value["records"]?.array?.compactMap(\.object)
    }

    private func create(
        _ record: JSONObject,
        _ object: ObjectType,
        parent: (field: String, id: String)?,
        level: Int,
        _ created: inout [JSON],
        _ failed: inout [JSON]
    ) throws {
        let reference = JSON(record["attributes"]?["referenceId"]?.text)
        var body = JSONObject(record.members.filter { children(of: $0) == nil })
        if let parent { body[parent.field] = .string(parent.id) }
        do {
            let id = try session.create(object, body)
            created.append(["referenceId": reference, "id": .string(id)])
            try createChildren(of: record, object, id, level, &created, &failed)
        } catch let error as APIError {
            failed.append(["referenceId": reference, "errors": error.rowErrors])
        }
    }

    private func createChildren(
        of record: JSONObject,
        _ object: ObjectType,
        _ id: String,
        _ level: Int,
        _ created: inout [JSON],
        _ failed: inout [JSON]
    ) throws {
        let relations = session.schema.childRelations(of: object)
        for member in record.members {
            guard let nested = children(of: member) else { continue }
            guard level < Self.mostLevels,
                let relation = relations.first(where: {
                    $0.name.lowercased() == member.key.lowercased()
                }),
                let type = session.schema.object(relation.object)
            else { throw APIError.noSuchColumn(member.key, on: object.name) }
            for child in nested {
                let parent = (relation.field, id)
                try create(child, type, parent: parent, level: level + 1, &created, &failed)
            }
        }
    }
}
