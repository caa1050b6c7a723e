/// The object types of an org, and how they refer to each other.
struct Schema: Sendable {
    private var types: [String: ObjectType] = [:]

    /// The names of the types, in the order of the global describe.
    private(set) var names: [String] = []

    private var namesByPrefix: [String: String] = [:]

    init(_ objects: [ObjectType]) {
        for object in objects { add(object) }
    }

    /// The type of a name, whatever its case.
    func object(_ name: some StringProtocol) -> ObjectType? {
        types[name.lowercased()]
    }

    /// The type whose records have ids that begin as the given one does.
    func object(ofID id: some StringProtocol) -> ObjectType? {
        namesByPrefix[String(id.prefix(3))].flatMap { object($0) }
    }

    /// All types in the order of the global describe.
    var objects: [ObjectType] {
        names.compactMap { object($0) }
    }

    /// Adds a type, or replaces the one of the same name.
    mutating func add(_ object: ObjectType) {
        let key = object.name.lowercased()
        if types[key] == nil { names.append(object.name) }
        types[key] = object
        // Views of other tables, such as EventWhoRelation, share a prefix: the first owns it.
        if namesByPrefix[object.keyPrefix] == nil {
            namesByPrefix[object.keyPrefix] = object.name
        }
    }

    /// Adds a field to a type; to both activities when the type is `Activity`.
    ///
    /// - Returns: The names of the types that have the field now; empty if there is no such type.
    mutating func add(_ field: Field, to objectName: String) -> [String] {
        let targets = objectName.lowercased() == "activity" ? ["Event", "Task"] : [objectName]
        return targets.compactMap { target in
            guard var object = object(target) else { return nil }
            object.add(field)
            types[target.lowercased()] = object
            return object.name
        }
    }

    /// Takes a type away, if there is one of that name.
    mutating func remove(_ name: String) {
        types[name.lowercased()] = nil
        names.removeAll { $0 == name }
    }

    /// Changes a type in place, if there is one of that name.
    mutating func change(_ name: String, by change: (inout ObjectType) -> Void) {
        guard var object = object(name) else { return }
        change(&object)
        types[name.lowercased()] = object
    }

    /// A relation from a parent type to the records that point at it.
    struct ChildRelation: Sendable {
        let name: String
        let object: String
        let field: String
    }

    /// The relations of a parent type to its children, by order of the children's types.
    func childRelations(of parent: ObjectType) -> [ChildRelation] {
        objects.flatMap { child in
            child.fields
                .filter { $0.type == .reference && $0.referenceTo.contains(parent.name) }
                .compactMap { field in
                    ChildRelations.name(child: child, field: field, parent: parent)
                        .map { .init(name: $0, object: child.name, field: field.name) }
                }
        }
    }
}
