/// One type of record: what describe says of it, and which calls it allows.
struct ObjectType: Hashable, Sendable {
    let name: String
    let label: String
    let labelPlural: String

    /// The first three characters of its record ids.
    let keyPrefix: String

    /// Which calls are allowed, for describe and for the rules alike.
    var access: Access = .full

    /// Whether a client defined it; then its name ends in `__c`.
    var isCustom = false

    /// The fields in the order of describe.
    private(set) var fields: [Field]

    private var positions: [String: Int]

    /// What may be done with records of a type.
    enum Access: Sendable {
        /// Everything.
        case full
        /// Create and update, but no delete, as for users.
        case permanent
        /// Queries and reads only.
        case readOnly
    }

    init(
        name: String,
        label: String? = nil,
        plural: String? = nil,
        keyPrefix: String,
        fields: [Field]
    ) {
        self.name = name
        self.label = label ?? name
        self.labelPlural = plural ?? "\(label ?? name)s"
        self.keyPrefix = keyPrefix
        self.fields = fields
        positions = [:]
        for (index, field) in fields.enumerated() {
            positions[field.name.lowercased()] = index
        }
    }

    /// The field of a name, whatever its case.
    func field(_ name: some StringProtocol) -> Field? {
        positions[name.lowercased()].map { fields[$0] }
    }

    /// The reference field that a query follows under a relationship name.
    func reference(named relationship: some StringProtocol) -> Field? {
        let wanted = relationship.lowercased()
        return fields.first { $0.relationshipName?.lowercased() == wanted }
    }

    /// Adds a field, or replaces the one of the same name.
    mutating func add(_ field: Field) {
        if let position = positions[field.name.lowercased()] {
            fields[position] = field
        } else {
            positions[field.name.lowercased()] = fields.count
            fields.append(field)
        }
    }

    /// Takes a field away, if there is one of that name.
    mutating func remove(_ name: String) {
        guard let position = positions[name.lowercased()] else { return }
        fields.remove(at: position)
        positions = [:]
        for (index, field) in fields.enumerated() { positions[field.name.lowercased()] = index }
    }

    /// The field that names a record, for searches and recent items.
    var nameField: Field? {
        field("Name") ?? field("Subject") ?? field("MasterLabel")
    }

    /// Whether records are kept in the recycle bin when they are deleted.
    var isDeletable: Bool { access == .full }
}
