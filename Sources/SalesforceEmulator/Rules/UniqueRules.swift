import GRDB

/// Values that only one record of a type may have.
enum UniqueRules {
    /// Fails if a unique field gets a value that another living record has.
    static func check(_ change: RecordChange, in session: Session) throws {
        for field in change.object.fields where field.isUnique {
            guard let value = change.given[field.name], value != .null else { continue }
            let holders = try session.ids(change.object, where: field, is: value)
            guard let holder = holders.first(where: { $0 != change.id }) else { continue }
            throw APIError(
                400,
                "DUPLICATE_VALUE",
                """
                duplicate value found: \(field.name) duplicates value on record with id: \(holder)
                """,
                fields: []
            )
        }
    }
}
