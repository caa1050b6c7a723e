/// How the columns of a row become the nested record of an answer.
struct RecordShape: Sendable {
    /// The type shown in `attributes`; nil for groups, which have no records of their own.
    let type: String?

    /// The column with the record's id; a null there makes the whole record null.
    let idColumn: Int?
    private(set) var members: [(key: String, member: Member)] = []

    /// One key of a record.
    indirect enum Member: Sendable {
        case value(column: Int, FieldType)
        case parent(RecordShape)
        case address(columns: [(key: String, column: Int)])
        case children(ChildQuery)
        case typeOf(idColumn: Int, [String: RecordShape], otherwise: RecordShape)
    }

    init(type: String?, idColumn: Int?) {
        self.type = type
        self.idColumn = idColumn
    }

    /// Whether there is a key already.
    func contains(_ key: String) -> Bool {
        members.contains { $0.key == key }
    }

    /// Adds a key, or replaces what it shows.
    mutating func set(_ key: String, _ member: Member) {
        if let index = members.firstIndex(where: { $0.key == key }) {
            members[index].member = member
        } else {
            members.append((key, member))
        }
    }

    /// The related record under a key, if one is shown.
    func parent(_ key: String) -> RecordShape? {
        guard case .parent(let shape) = members.first(where: { $0.key == key })?.member else {
            return nil
        }
        return shape
    }
}

/// A query for the children of each record of an answer.
struct ChildQuery: Sendable {
    let translation: Translation
}
