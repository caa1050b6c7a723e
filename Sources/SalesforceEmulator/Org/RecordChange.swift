import GRDB

/// The values of a record before and after a write that is being checked.
struct RecordChange {
    let object: ObjectType

    /// The id; new for a create.
    let id: String

    /// The stored values before; nil for a create.
    let old: StoredRow?

    /// The values that the client gave, or that rules derived from them.
    var given: StoredRow = [:]

    /// The people that `EventWhoIds` names; nil if it was not given.
    var whoIDs: [String]?

    var isCreate: Bool { old == nil }

    /// The value that a field has after the write.
    func value(_ name: String) -> DatabaseValue {
        given[name] ?? old?[name] ?? .null
    }

    /// The text that a field has after the write.
    func text(_ name: String) -> String? { String.fromDatabaseValue(value(name)) }

    /// The whole number that a field has after the write.
    func integer(_ name: String) -> Int? { Int.fromDatabaseValue(value(name)) }

    /// Whether a flag is set after the write.
    func flag(_ name: String) -> Bool { (integer(name) ?? 0) != 0 }

    /// Whether a field was given, and differs from what was there.
    func changes(_ name: String) -> Bool {
        guard let value = given[name] else { return false }
        return value != (old?[name] ?? .null)
    }
}
